//! The FHIR side of the gateway.

pub mod attachment_request;
pub mod check;
pub mod codes;
pub mod content;
pub mod data_request;
mod detect;
pub mod draft;
pub mod element;
pub mod issue;
pub mod json;
pub mod kept;
pub mod leaf;
pub mod made;
mod node;
pub mod outcome;
mod path;
pub mod resource;
pub mod reword;
pub mod submission;
pub mod term;
pub mod version;

pub use self::detect::TaskKind;
pub use self::node::Places;
pub use self::node::leaves;
