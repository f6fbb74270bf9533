//! X12 of any size for the benches: invented people, plans and numbers, the same bytes at every run.
//!
//! The mix of segments follows what professional claims, requests for additional information and attachments look
//! like, so that a reader meets realistic lengths and composites; all counts and control numbers are right.
//! Provider numbers begin with 2 and have a right check digit: well formed, and unlike those in use.

#![allow(
    dead_code,
    unused_imports,
    reason = "each program that shares this folder uses its own part of it"
)]

mod attachments275;
mod claims837;
mod dice;
mod draft;
mod requests277;

pub use attachments275::attachment_frame;
pub use attachments275::interchange_275;
pub use claims837::interchange_837;
pub use requests277::interchange_277;
