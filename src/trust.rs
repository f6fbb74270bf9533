//! How we and our partners prove to each other who we are.
//!
//! Today that is a bearer token, held as a secret that cannot be printed.
//! The seam for what follows is here: certificates of TLS and tokens of OAuth become further proofs beside it.

pub mod bearer;
pub mod key;
pub mod secret;
