//! The courier: empties the outbox, one lane for each destination.

pub mod judgement;
