//! The way out: how one message is handed to one partner, once.
//!
//! [`attempt::Attempt`] is all that is known afterwards; whether to try again is not decided here.
//! Nothing here follows a redirect, and only servers of the configuration are dialled: an address out of a message is a
//! [`target::Target`] once it is found to be on one of them (SEC-024).

pub mod address;
pub mod attempt;
pub mod carrier;
pub mod errand;
pub mod fetch;
pub mod file_name;
pub mod inquiry;
pub mod limits;
pub mod parcel;
pub mod target;
pub mod web;

mod fhir;
mod folder;
mod http;
mod outgoing;
mod pool;
mod reach;
mod reply;
mod x12;
