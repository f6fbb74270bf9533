//! Reads off a message what routing may know of it, each value with its place.
//!
//! Only what says who sends, who is addressed and what is wanted is looked at. Nothing is taken from the loops and
//! elements that are about the patient.

pub mod fhir;
pub mod x12;
