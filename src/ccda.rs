//! C-CDA documents: bytes in, an arena tree out.
//!
//! A [`Tree`] is built in one forward pass. It borrows from the input wherever it can: names are numbers, texts and
//! attribute values are ranges, and only text with character references in it is copied.
//! What the elements mean is the business of `translate`; this module knows XML, namespaces and templateIds.

mod base64;
mod build;
mod encoding;
mod limits;
mod names;
mod node;
mod place;
mod refusal;
mod template;
mod tokens;
mod tree;

pub use self::base64::Base64Body;
pub use self::base64::Base64Fault;
pub use self::limits::Limits;
pub use self::names::Name;
pub use self::names::n;
pub use self::node::Ancestors;
pub use self::node::Children;
pub use self::node::Descendants;
pub use self::node::Node;
pub use self::refusal::Refusal;
pub use self::template::TemplateKey;
pub use self::tree::NodeId;
pub use self::tree::Tree;
