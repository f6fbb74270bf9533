//! Why a JSON text was not taken.

use std::error;
use std::fmt;

use crate::base::finding::Blame;
use crate::base::finding::Code;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;

/// Why a JSON text was not taken, and where. Holds nothing of the text but the names on the way to the place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub fault: Fault,
    /// Bytes from the start of the text to the byte at which it was noticed.
    pub offset: u64,
    /// The element that was being read, as a FHIRPath such as `Task.input[2]`.
    pub expression: Box<str>,
}

/// What can be wrong with a JSON text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Fault {
    /// The text starts with a byte order mark, which RFC 8259 forbids on the wire.
    ByteOrderMark,
    /// The text ends before the value does.
    EndsEarly,
    /// There is something after the value.
    Trailing,
    /// A byte that no rule of the grammar allows there.
    Unexpected,
    /// A number that is not written as JSON writes numbers.
    Number,
    /// A number of more digits than any that FHIR can mean.
    LongNumber,
    /// A control character inside a string; it has to be escaped.
    Control,
    /// An escape that JSON does not know.
    Escape,
    /// Half of a surrogate pair without the other half.
    LoneSurrogate,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A name that its object already has.
    DuplicateName,
    /// A name longer than the limit.
    LongName,
    /// More nested objects and arrays than the limit.
    TooDeep,
    /// More to be held in memory than the limit; texts that are cut out do not count.
    TooLarge,
    /// The events of a chunk were dropped before all of it was read. That is the caller's mistake, not the sender's.
    Abandoned,
}

impl Fault {
    /// Every fault, for tables and tests.
    pub const ALL: [Self; 15] = [
        Self::ByteOrderMark,
        Self::EndsEarly,
        Self::Trailing,
        Self::Unexpected,
        Self::Number,
        Self::LongNumber,
        Self::Control,
        Self::Escape,
        Self::LoneSurrogate,
        Self::NotUtf8,
        Self::DuplicateName,
        Self::LongName,
        Self::TooDeep,
        Self::TooLarge,
        Self::Abandoned,
    ];

    /// The stable name of this fault.
    pub const fn code(self) -> Code {
        Code::new(match self {
            Self::ByteOrderMark => "json.byte-order-mark",
            Self::EndsEarly => "json.ends-early",
            Self::Trailing => "json.trailing",
            Self::Unexpected => "json.unexpected",
            Self::Number => "json.number",
            Self::LongNumber => "json.long-number",
            Self::Control => "json.control",
            Self::Escape => "json.escape",
            Self::LoneSurrogate => "json.lone-surrogate",
            Self::NotUtf8 => "json.not-utf8",
            Self::DuplicateName => "json.duplicate-name",
            Self::LongName => "json.long-name",
            Self::TooDeep => "json.too-deep",
            Self::TooLarge => "json.too-large",
            Self::Abandoned => "json.abandoned",
        })
    }

    /// What to tell a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "the JSON text starts with a byte order mark",
            Self::EndsEarly => "the JSON text ends before its value does",
            Self::Trailing => "there is something after the JSON value",
            Self::Unexpected => "a byte stands where the JSON grammar does not allow it",
            Self::Number => "a number is not written as JSON writes numbers",
            Self::LongNumber => "a number has more digits than FHIR can mean",
            Self::Control => "a string holds a control character that is not escaped",
            Self::Escape => "a string holds an escape that JSON does not know",
            Self::LoneSurrogate => "a string holds half of a surrogate pair",
            Self::NotUtf8 => "the text is not UTF-8",
            Self::DuplicateName => "an object has the same name twice",
            Self::LongName => "a name is longer than the limit",
            Self::TooDeep => "objects and arrays are nested deeper than the limit",
            Self::TooLarge => "the value without its long texts is larger than the limit",
            Self::Abandoned => "the text was not read to its end",
        }
    }

    const fn blame(self) -> Blame {
        match self {
            Self::Abandoned => Blame::Us,
            Self::ByteOrderMark
            | Self::EndsEarly
            | Self::Trailing
            | Self::Unexpected
            | Self::Number
            | Self::LongNumber
            | Self::Control
            | Self::Escape
            | Self::LoneSurrogate
            | Self::NotUtf8
            | Self::DuplicateName
            | Self::LongName
            | Self::TooDeep
            | Self::TooLarge => Blame::Sender,
        }
    }
}

impl Refusal {
    /// The refusal as a finding. Its place is the element; the byte is in [`Refusal::offset`].
    pub fn finding(&self) -> Finding {
        Finding {
            code: self.fault.code(),
            severity: Severity::Error,
            blame: self.fault.blame(),
            message: self.fault.message(),
            place: Place::Fhir {
                expression: self.expression.clone(),
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.fault.message(), self.offset)
    }
}

impl error::Error for Refusal {}
