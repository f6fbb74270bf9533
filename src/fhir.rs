//! The FHIR side of the gateway.

pub mod codes;
pub mod draft;
pub mod element;
pub mod json;
pub mod kept;
pub mod leaf;
mod node;
mod path;
pub mod resource;
pub mod term;
pub mod version;

pub use self::node::Places;
pub use self::node::leaves;
