//! What becomes of a message, from the door to the commit, and of the outbox.

pub mod chance;
pub mod courier;
pub mod door;
pub mod dossier;
mod envelope;
mod facade;
pub mod facts;
mod fingerprint;
pub mod gateway;
mod intake;
pub mod settings;
mod settling;
mod timers;
