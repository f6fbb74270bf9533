//! The FHIR side of the gateway.

pub mod json;
pub mod leaf;
mod node;
