//! What becomes of a message, from the door to the commit, and of the outbox.

pub mod courier;
pub mod door;
pub mod facts;
