//! Reads off a message what routing may know of it, each value with its place.
//!
//! Only what says who sends, who is addressed and what is wanted is looked at. Nothing is taken from the loops and
//! elements that are about the patient.

pub mod fhir;
pub mod x12;

use crate::routing::facts::Facts;

/// The facts of the messages in a file: X12 transactions, or one FHIR resource as JSON; none if it is neither.
pub fn read(bytes: &[u8]) -> Vec<Facts> {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    if text.starts_with(b"{") {
        let resource = serde_json::from_slice(text).ok();
        return resource
            .and_then(|resource| fhir::read(&resource))
            .into_iter()
            .collect();
    }
    x12::read(bytes)
}
