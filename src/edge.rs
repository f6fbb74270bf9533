//! Doors: bytes in, a reply out, and limits for whoever stands there.
//!
//! A door knows its wire and who is calling; it stops at syntax and hands a [`Caller`] and a body to what stands
//! behind it. [`network`] opens doors for FHIR and for X12 by `POST`; [`folder`] watches a folder.
//!
//! What a stranger sends passes, in this order: the gate before HTTP, the target in its one normal form,
//! the method, what the client reads, who it is, what it sends and how much, and whether there is room. Only then is
//! the body read.
//!
//! [`Caller`]: crate::flow::door::Caller

mod arriving;
mod behind;
mod capability;
mod crowd;
mod facade;
mod framing;
mod gate;
mod head;
mod identity;
mod interchange;
mod negotiate;
mod pace;
mod refusal;
mod reply;
mod target;

pub mod folder;
pub mod network;
pub mod settings;

pub use self::behind::Behind;
pub use self::behind::Coming;
