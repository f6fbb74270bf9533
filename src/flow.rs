//! What happens to a message, from the moment it is read.

pub mod facts;
