//! Pure functions between X12 and FHIR, each with its lineage and its loss report.
//!
//! * A mapping (`mapping::Program`) is run by the `engine` over a source: an `x12::Transaction` or a resource.
//!   Both are trees whose leaves are numbered, so that accounts are kept in lists and not in maps.
//! * The target is a draft: one flat list of nodes over one text. A node knows the rule that made it and the cell that
//!   it came from; a leaf without lineage cannot be written.
//! * The books know of each cell of the source whether a rule used it. What is left at the end was lost, and is told.
//!   So they balance by construction: every cell is in the lineage or in the loss report.
//!
//! Nothing here reads a clock, a file or a random number: what the message does not say comes in a [`Context`].

mod attach;
mod base64;
mod books;
mod carry;
pub mod ccda;
mod compose;
mod context;
mod dates;
mod draft;
mod engine;
mod fhir_source;
mod fhir_tree;
mod given;
mod json;
mod mime;
mod mould;
mod recognise;
pub mod reply;
mod resource;
mod restore;
pub mod revision;
mod rows;
mod scanner;
pub mod stream;
mod translation;
mod tree;
pub mod trial;
mod unwrap;
mod values;
mod write;
mod x12_tree;
mod x12_walk;

pub use books::About;
pub use books::Cell;
pub use books::Consulted;
pub use books::Loss;
pub use context::Context;
pub use resource::NotJson;
pub use resource::Resources;
pub use translation::EntrySource;
pub use translation::Lineage;
pub use translation::LineageEntry;
pub use translation::LossEntry;
pub use translation::LossPlace;
pub use translation::Translation;
pub use translation::from_fhir;
pub use translation::from_x12;
pub use unwrap::Layer;
pub use unwrap::Unwrapped;
pub use unwrap::unwrap;
