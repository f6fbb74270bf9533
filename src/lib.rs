//! Cartage carries clinical attachments between X12, C-CDA and FHIR CDex.
//!
//! The modules stand in layers, low to high; `docs/ARCHITECTURE.md` has the table and `tests/layers.rs` holds it.

pub mod app;
pub mod base;
pub mod ccda;
pub mod config;
pub mod edge;
pub mod exchange;
pub mod fhir;
pub mod flow;
pub mod ledger;
pub mod mapping;
pub mod observe;
pub mod routing;
pub mod translate;
pub mod trust;
pub mod upstream;
pub mod x12;
