//! What was found wrong, where, and how heavily it weighs.

use crate::Code;
use crate::Place;
use crate::SegmentId;
use std::fmt;
use std::sync::Arc;

/// How heavily a finding weighs. Which finding weighs how much is the caller's choice; see [`Policy`](crate::Policy).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth a word to the operator; the sender is told nothing.
    Note,
    /// Accepted, and the sender is told.
    Warning,
    /// Refused.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Which element of a segment a finding concerns. Numbers start at one; zero means the whole of the level above.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ElementPlace {
    /// Number of the element in its segment.
    pub element: u8,
    /// Number of the component in its composite.
    pub component: u8,
    /// Number of the repetition.
    pub repetition: u8,
    /// The data element number of the standard's dictionary (IK402), where a guide tells it.
    pub dictionary: Option<u16>,
}

/// What a finding adds to its code. Holds no value out of the input but numbers that count something.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// The code says it all.
    #[default]
    None,
    /// A count that the sender declared and what was counted.
    Counts {
        /// What the trailer or length says.
        declared: u64,
        /// What there is.
        counted: u64,
    },
    /// A length and its permitted bounds.
    Length {
        /// What there is.
        found: usize,
        /// Fewest permitted characters.
        min: usize,
        /// Most permitted characters.
        max: usize,
    },
    /// What a guide expects, in the guide file's words.
    Expected(Arc<str>),
    /// A clause of our own.
    Clause(&'static str),
}

/// One thing that was found. It never holds a value of the input, so it can be logged and sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What is wrong, as the code it becomes in an answer.
    pub code: Code,
    /// How heavily it weighs.
    pub severity: Severity,
    /// The segment it concerns (for something missing: where it was missed).
    pub place: Place,
    /// The id of that segment, or of the missing one.
    pub segment: SegmentId,
    /// The loop of the guide it belongs to.
    pub loop_id: Option<Arc<str>>,
    /// The element it concerns.
    pub element: Option<ElementPlace>,
    /// Byte offset of the exact spot.
    pub offset: u64,
    /// Bytes that the spot covers, for underlining.
    pub length: u64,
    /// What the code leaves open.
    pub detail: Detail,
    /// Whether only a rule of weak evidence stands behind it, so that it can never refuse anything.
    pub weak: bool,
}

impl Finding {
    /// A finding about a whole segment, with the severity that a caller without a policy would want.
    #[must_use]
    pub fn at(code: Code, place: Place, segment: SegmentId) -> Self {
        Self {
            severity: if matches!(code, Code::Note(_)) {
                Severity::Note
            } else {
                Severity::Error
            },
            code,
            place,
            segment,
            loop_id: None,
            element: None,
            offset: place.offset,
            length: 0,
            detail: Detail::None,
            weak: false,
        }
    }

    /// Says more exactly where.
    #[must_use]
    pub fn spanning(mut self, offset: u64, length: u64) -> Self {
        self.offset = offset;
        self.length = length;
        self
    }

    /// Says which element.
    #[must_use]
    pub fn on_element(mut self, element: ElementPlace) -> Self {
        self.element = Some(element);
        self
    }

    /// Says more.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Says that the rule behind it is of weak evidence: it is told to the operator and to nobody else.
    #[must_use]
    pub fn weakly_founded(mut self) -> Self {
        self.weak = true;
        self.severity = Severity::Note;
        self
    }

    /// Weighs the finding anew.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// One clause for a person.
    #[must_use]
    pub fn message(&self) -> String {
        let meaning = self.code.meaning();
        let on_element = matches!(self.code, Code::Element(_));
        match &self.detail {
            // What an element's code says in general is less than what is known here.
            Detail::Clause(clause) if on_element => (*clause).to_owned(),
            Detail::Counts { declared, counted } if on_element => {
                format!("the length of the payload is wrong: {declared} declared, {counted} found")
            }
            Detail::None => meaning.to_owned(),
            Detail::Counts { declared, counted } => {
                format!("{meaning}: {declared} declared, {counted} found")
            }
            Detail::Length { found, min, max } => {
                format!("{meaning}: {found} characters, {min} to {max} permitted")
            }
            Detail::Expected(what) => format!("{meaning}: expected {what}"),
            Detail::Clause(clause) => format!("{meaning}: {clause}"),
        }
    }
}
