//! JSON as strangers send it: read strictly, in chunks cut anywhere, with long texts cut out on the way.
//!
//! One reader does all of it. It refuses what RFC 8259 leaves to taste and what would be read differently by two
//! readers: duplicate names, lone surrogates, a byte order mark, bytes after the value. Numbers keep their digits.
//! Texts longer than a threshold do not become part of the value; they leave through events while they pass by, and
//! a [`CutId`] under a [`Seal`] stands in their place. [`splice`] puts them back.

mod build;
mod cut;
mod number;
mod reader;
mod refusal;
mod scan;
mod step;
mod text;
mod utf8;
mod write;

#[cfg(test)]
mod tests;

pub use self::cut::CutId;
pub use self::cut::Seal;
pub use self::reader::Event;
pub use self::reader::Events;
pub use self::reader::Reader;
pub use self::reader::Settings;
pub use self::refusal::Fault;
pub use self::refusal::Refusal;
pub use self::write::Piece;
pub use self::write::escape;
pub use self::write::pieces;
pub(crate) use self::write::quote;
pub use self::write::splice;
pub use self::write::text;
pub(crate) use self::write::write;

/// Reads a whole JSON text that the caller already holds; nothing is cut out of it.
///
/// # Errors
/// Refuses what [`Fault`] lists, with the byte at which it was found.
///
/// ```
/// use cartage::fhir::json;
///
/// let value = json::read(br#"{"value": 72.50}"#).unwrap();
/// assert_eq!(json::text(&value), r#"{"value":72.50}"#);
/// assert_eq!(json::read(br#"{"a":1,"a":2}"#).unwrap_err().offset, 7);
/// ```
pub fn read(text: &[u8]) -> Result<serde_json::Value, Refusal> {
    let mut reader = Reader::new(Settings::whole());
    let mut events = reader.feed(text);
    while events.advance()?.is_some() {}
    drop(events);
    reader.finish()
}
