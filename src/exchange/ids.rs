//! What an exchange calls things: itself, its parts and deliveries, contents, codes and lines.
//!
//! None of these shows what identifies a person: such identifiers come in as [`Fingerprint`]s.

use std::fmt;

use crate::base::ids::Loinc;

/// The number of an exchange in the ledger.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExchangeId(u64);

/// The number of a part within its exchange, in the order in which parts were taken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartId(u32);

/// The number of a delivery within its exchange; with the exchange's own id it is the name of a line in the outbox.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeliveryId(u32);

/// The SHA-256 of what was sent or received.
///
/// It names a content without holding any of it.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ContentDigest([u8; 32]);

/// A keyed digest of an identifier of a person, a claim or a line, made by whoever holds the key.
///
/// It can be compared and stored.
/// It must be keyed (HMAC), because a bare digest of a member id is found by trying all member ids.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 32]);

/// The name of a trading partner in the configuration.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartnerName(Box<str>);

/// What kind of document was asked for or sent: a LOINC, an X12 report type, or the address of a questionnaire.
///
/// Their shapes differ, so that one cannot be taken for another.
/// `Debug` shows only LOINCs and report types, because a sender may have put anything where a code belongs.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(Box<str>);

/// What of a claim or an authorisation is meant.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Line {
    /// All of it.
    Whole,
    /// The line of this number.
    Number(u32),
    /// The line with this control number.
    Control(Fingerprint),
}

/// One thing that was asked for: a kind of document for a line (GW-14).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Item {
    /// For what.
    pub line: Line,
    /// Which kind of document.
    pub code: Code,
}

/// Why a text is not what it was taken for; the text itself is not repeated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NameFault {
    /// Too few or too many characters.
    #[error("the name has no characters or too many")]
    Length,
    /// A blank, a control or a character beyond ASCII.
    #[error("character {} of the name has no place there", at + 1)]
    Character {
        /// Position in bytes, counted from zero.
        at: usize,
    },
}

impl ExchangeId {
    /// The exchange of this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0)
    }
}

impl PartId {
    /// The part of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part {}", self.0)
    }
}

impl DeliveryId {
    /// The delivery of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delivery {}", self.0)
    }
}

impl ContentDigest {
    /// Takes a SHA-256.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest itself.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Eight digits tell the contents of one exchange apart and cannot be searched for elsewhere.
        let (first, _) = self.0.split_at(4);
        f.write_str("sha256:")?;
        first.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fingerprint {
    /// Takes a keyed digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest itself.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[fingerprint]")
    }
}

impl PartnerName {
    /// Reads the name of a partner.
    ///
    /// # Errors
    /// Refuses an empty name, more than 100 characters, and anything but printable ASCII without blanks.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        printable(text, 100).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Code {
    /// Reads a code as it stands in a message.
    ///
    /// # Errors
    /// Refuses an empty text, more than 255 characters, and anything but printable ASCII without blanks.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        printable(text, 255).map(Self)
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a LOINC or an X12 report type, and not just any text.
    fn may_be_shown(&self) -> bool {
        Loinc::parse(&self.0).is_ok() || self.0.len() == 2
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.may_be_shown() { &self.0 } else { "[code]" })
    }
}

impl Item {
    /// Asks for `code`, for `line`.
    pub const fn new(line: Line, code: Code) -> Self {
        Self { line, code }
    }

    /// Whether a document of kind `code` for `line` is what is asked for here.
    ///
    /// A document that names no line stands for the whole claim (CDEX-411), so for each line; one that names a
    /// line is also one for the whole.
    pub fn is_met_by(&self, line: Line, code: &Code) -> bool {
        self.code == *code && (self.line == line || line == Line::Whole || self.line == Line::Whole)
    }
}

/// `text` itself if it is one to `most` printable ASCII characters without blanks.
fn printable(text: &str, most: usize) -> Result<Box<str>, NameFault> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        return Err(NameFault::Character { at });
    }
    if text.is_empty() || text.len() > most {
        return Err(NameFault::Length);
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_met(asked: Line, sent: Line, same_code: bool, expected: bool) {
        let code = |text| Code::parse(text).unwrap();
        let item = Item::new(asked, code("11506-3"));
        let sent_code = if same_code { "11506-3" } else { "18842-5" };
        assert_eq!(item.is_met_by(sent, &code(sent_code)), expected);
    }

    #[test]
    fn a_document_for_the_whole_claim_is_one_for_each_line() {
        check_met(Line::Number(1), Line::Number(1), true, true);
        check_met(Line::Number(1), Line::Number(2), true, false);
        check_met(Line::Number(1), Line::Whole, true, true);
        check_met(Line::Whole, Line::Number(2), true, true);
        check_met(Line::Whole, Line::Whole, false, false);
    }

    #[test]
    fn nothing_of_a_person_is_shown() {
        let canary = Code::parse("CANARY-MEMBER").unwrap();
        let shown = format!(
            "{:?} {:?} {:?}",
            Fingerprint::new(*b"CANARYCANARYCANARYCANARYCANARYCA"),
            Item::new(Line::Control(Fingerprint::new([7; 32])), canary),
            ContentDigest::new([0xab; 32]),
        );
        assert_eq!(
            shown,
            "[fingerprint] Item { line: Control([fingerprint]), code: [code] } sha256:abababab"
        );
        assert_eq!(format!("{:?}", Code::parse("11506-3").unwrap()), "11506-3");
    }

    #[test]
    fn a_name_is_printable_and_bounded() {
        assert_eq!(PartnerName::parse(""), Err(NameFault::Length));
        assert_eq!(PartnerName::parse(&"p".repeat(101)), Err(NameFault::Length));
        assert_eq!(PartnerName::parse("a b"), Err(NameFault::Character { at: 1 }));
        assert_eq!(
            Code::parse("naïve").unwrap_err().to_string(),
            "character 3 of the name has no place there"
        );
    }
}
