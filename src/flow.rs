//! What becomes of a message, from the door to the commit, and of the outbox.

pub mod chance;
pub mod door;
mod facade;
pub mod facts;
pub mod gateway;
mod intake;
pub mod settings;
mod settling;
mod timers;
