//! What every layer shares: identifiers, private values, time, calendar and findings.
//!
//! This is the lowest layer: it names no other module, no external package and does no IO.

pub mod calendar;
pub mod clock;
pub mod finding;
pub mod ids;
pub mod media;
pub mod phi;
pub mod place;
