//! What a row can do with a value: a closed list.

use super::elements::LeafKind;

/// What is done with a value on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Function {
    /// Nothing.
    Copy,
    /// The mapping gives the value.
    Constant,
    /// The value need not travel if it is what the way back restores.
    Implied(Expected),
    /// Day of an X12 date, or first day of a range.
    Date,
    /// X12 date and time.
    DateTime {
        /// The place of the time.
        time: Option<u32>,
    },
    /// FHIR date as CCYYMMDD.
    X12Date,
    /// Time of a FHIR dateTime as HHMM or HHMMSS.
    X12Time,
    /// Another column of a code table.
    Lookup {
        /// Which of the program's tables.
        table: u16,
        /// The column to find the value in.
        by: u16,
        /// The column to take.
        give: u16,
    },
    /// Text of digits as a number.
    Integer,
    /// A number as text.
    Digits,
    /// Text in capitals.
    Upper,
    /// The shape of the source, which the shape of the target keeps.
    Structure,
    /// A number that follows from the shape of the target: `HL01`, `LX01`, `SE01`.
    Count,
    /// Something inside an attachment.
    Payload(Part),
    /// Octets, or a resource, as the attachment of a 275.
    Attach {
        /// The place of the media type.
        media: Option<u32>,
        /// The place of the file name.
        title: Option<u32>,
        /// The place of the code that the document may say itself.
        code: Option<u32>,
    },
    /// The namespace of NPIs, if the value is one.
    NpiSystem,
    /// What no other row took, segment by segment, in extensions.
    Carry,
    /// What [`Function::Carry`] put away, back where it was.
    Restore,
}

/// What `implied` compares with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
    /// One of these values: a run of the program's accepted texts.
    AnyOf(super::program::Run),
    /// What another place holds: its number.
    Place(u32),
    /// What a code table has for the code at another place.
    Lookup {
        /// The number of the place.
        place: u32,
        /// Which of the program's tables.
        table: u16,
        /// The column to find the code in.
        by: u16,
        /// The column that must agree.
        give: u16,
    },
}

/// A part of an attachment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Its octets in base 64.
    Content,
    /// The FHIR resource that it is.
    Resource,
}

impl Part {
    /// The part of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        PARTS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, part)| *part)
    }

    /// The names of all parts.
    pub(super) fn names() -> String {
        PARTS.map(|(name, _)| name).join(", ")
    }
}

const PARTS: [(&str, Part); 2] = [("content", Part::Content), ("resource", Part::Resource)];

/// The names of all functions, for the checker.
pub(super) const FUNCTIONS: [&str; 18] = [
    "copy",
    "constant",
    "implied",
    "date",
    "date-time",
    "x12-date",
    "x12-time",
    "lookup",
    "integer",
    "digits",
    "upper",
    "structure",
    "count",
    "payload",
    "attach",
    "npi-system",
    "carry",
    "restore",
];

impl Function {
    /// The name that mappings and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Constant => "constant",
            Self::Implied(_) => "implied",
            Self::Date => "date",
            Self::DateTime { .. } => "date-time",
            Self::X12Date => "x12-date",
            Self::X12Time => "x12-time",
            Self::Lookup { .. } => "lookup",
            Self::Integer => "integer",
            Self::Digits => "digits",
            Self::Upper => "upper",
            Self::Structure => "structure",
            Self::Count => "count",
            Self::Payload(_) => "payload",
            Self::Attach { .. } => "attach",
            Self::NpiSystem => "npi-system",
            Self::Carry => "carry",
            Self::Restore => "restore",
        }
    }

    /// Whether a value of this kind can be taken.
    pub(super) fn takes(self, kind: LeafKind) -> bool {
        match self {
            // An attachment is read as its media type.
            Self::Copy => kind != LeafKind::Boolean && kind != LeafKind::Integer,
            Self::Constant | Self::Count | Self::Implied(_) | Self::Structure => true,
            Self::Carry | Self::Restore => false,
            Self::Lookup { .. } => matches!(kind, LeafKind::Text | LeafKind::Resource),
            Self::Date | Self::DateTime { .. } | Self::Integer | Self::Upper | Self::NpiSystem => {
                kind == LeafKind::Text
            }
            Self::X12Date | Self::X12Time => matches!(kind, LeafKind::Date | LeafKind::DateTime),
            Self::Digits => kind == LeafKind::Integer,
            // A size of none stands for no octets.
            Self::Attach { .. } => matches!(kind, LeafKind::Text | LeafKind::Resource | LeafKind::Integer),
            Self::Payload(_) => kind == LeafKind::Resource,
        }
    }

    /// Whether the result can be written where values of this kind belong.
    pub(super) fn gives(self, kind: LeafKind) -> bool {
        match self {
            Self::Constant | Self::Count => true,
            Self::Implied(_) | Self::Structure | Self::Carry | Self::Restore => false,
            Self::Date => matches!(kind, LeafKind::Date | LeafKind::DateTime),
            Self::DateTime { .. } => kind == LeafKind::DateTime,
            Self::Integer => kind == LeafKind::Integer,
            Self::Attach { .. } | Self::Payload(Part::Resource) => kind == LeafKind::Resource,
            Self::Copy
            | Self::Lookup { .. }
            | Self::Digits
            | Self::Upper
            | Self::NpiSystem
            | Self::X12Date
            | Self::X12Time
            | Self::Payload(Part::Content) => kind == LeafKind::Text,
        }
    }
}
