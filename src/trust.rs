//! How we and our partners prove to each other who we are: TLS towards partners, and bearer tokens.
//!
//! The seam for what follows is here: certificates of our doors and tokens of OAuth become further proofs.

pub mod bearer;
pub mod checksum;
pub mod door;
pub mod key;
pub mod secret;
pub mod tls;
