//! The way out to partners.

pub mod address;
pub mod attempt;
