//! Cartage carries clinical attachments between X12, C-CDA and FHIR CDex.
//!
//! The modules stand in layers, low to high; `docs/ARCHITECTURE.md` has the table and `tests/layers.rs` holds it.

pub mod app;
pub mod base;
pub mod ccda;
pub mod fhir;
pub mod mapping;
pub mod translate;
pub mod x12;
pub mod config;
pub mod flow;
pub mod routing;
