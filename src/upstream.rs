//! The way out: how one message is handed to one partner, once.
//!
//! [`attempt::Attempt`] is all that is known afterwards; whether to try again is not decided here.
//! Nothing here follows a redirect or an address out of a message: only an [`address::Address`] of the configuration
//! is dialled (SEC-024).

pub mod address;
pub mod attempt;
pub mod carrier;
pub mod errand;
pub mod file_name;
pub mod inquiry;
pub mod limits;
pub mod parcel;
pub mod web;

mod fhir;
mod folder;
mod http;
mod outgoing;
mod pool;
mod reply;
mod x12;
