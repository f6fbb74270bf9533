//! The configuration: text in, checked settings out, and everything an operator asks about it.
//!
//! [`shape`] says once which keys there are; reading, [`show`], the JSON Schema and the documentation follow it.

pub mod check;
pub mod code;
pub mod diff;
pub mod document;
pub mod explain;
pub mod leaf;
pub mod lower;
pub mod quantity;
pub mod read;
pub mod reference;
pub mod reload;
pub mod report;
pub mod settings;
pub mod shape;
pub mod sheet;
pub mod show;
pub mod similar;
pub mod source;
pub mod tree;
