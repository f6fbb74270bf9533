//! Why something is not written.

use crate::ElementPlace;
use crate::SegmentId;
use std::fmt;

/// Why something was not written. It says where and what is wrong, never what the value was.
///
/// A refused step leaves nothing behind in the sink, and the writer stands where it stood before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WriteError {
    /// A value cannot stand where it was put.
    Value {
        /// The segment it was meant for.
        segment: SegmentId,
        /// Its place in the segment.
        place: ElementPlace,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A segment id that is none: two or three capital letters and digits, the first a letter.
    Id,
    /// A segment without any value.
    Empty(SegmentId),
    /// A segment longer than readers take.
    TooLong(SegmentId),
    /// A step that does not belong where the writer stands.
    OutOfTurn {
        /// What was asked for.
        step: Step,
        /// Where the writer stands.
        inside: Level,
    },
    /// The repetition separator does not go with the version: it exists from 00402 on.
    RepetitionSeparator,
    /// More groups, transactions or segments than the trailer can count.
    TooMany(Level),
    /// A payload of more octets than fifteen digits can declare.
    PayloadTooLong,
    /// Fewer or more octets than the payload was declared to have.
    PayloadLength {
        /// How many were declared.
        declared: u64,
        /// How many there would be.
        given: u64,
    },
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// It holds one of the separators of its interchange; X12 has no way to escape one.
    Separator,
    /// It holds a control character.
    ControlCharacter,
    /// It is longer than its element may be.
    TooLong,
    /// It is shorter than its element must be.
    TooShort,
    /// It has not the form of its element: a number that is none, or a code with other than capitals and digits.
    Form,
    /// It is a component or repetition of no element.
    NoElement,
    /// It stands behind the last element, component or repetition that can be counted.
    TooMany,
}

/// The envelopes, as the places where a writer can stand.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// Before, between and behind interchanges.
    #[default]
    Outside,
    /// Between `ISA` and `IEA`.
    Interchange,
    /// Between `GS` and `GE`.
    Group,
    /// Between `ST` and `SE`.
    Transaction,
    /// In the payload of a binary segment.
    Payload,
}

/// What a writer can be asked to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// To begin an interchange.
    Interchange,
    /// To begin a functional group.
    Group,
    /// To begin a transaction.
    Transaction,
    /// To write a segment of this id.
    Segment(SegmentId),
    /// To begin a binary segment.
    Binary,
    /// To write octets of a payload.
    Octets,
    /// To end the transaction.
    EndTransaction,
    /// To end the functional group.
    EndGroup,
    /// To end the interchange.
    EndInterchange,
    /// To take the sink back.
    Finish,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value {
                segment,
                place,
                problem,
            } => {
                write!(f, "{segment}{:02}", place.element)?;
                if place.repetition > 1 {
                    write!(f, " repetition {}", place.repetition)?;
                }
                if place.component > 1 {
                    write!(f, " component {}", place.component)?;
                }
                write!(f, " {problem}")
            }
            Self::Id => f.write_str("a segment id has two or three capital letters and digits"),
            Self::Empty(segment) => write!(f, "{segment} holds no value"),
            Self::TooLong(segment) => write!(f, "{segment} is longer than readers take"),
            Self::OutOfTurn { step, inside } => write!(f, "{step} does not belong {inside}"),
            Self::RepetitionSeparator => f.write_str("a repetition separator exists from version 00402 on"),
            Self::TooMany(level) => write!(f, "the trailer cannot count more {level}"),
            Self::PayloadTooLong => f.write_str("a payload has at most fifteen digits of octets"),
            Self::PayloadLength { declared, given } => {
                write!(
                    f,
                    "the payload was declared to have {declared} octets and not {given}"
                )
            }
        }
    }
}

impl std::error::Error for WriteError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Separator => "holds a separator of the interchange",
            Self::ControlCharacter => "holds a control character",
            Self::TooLong => "is too long",
            Self::TooShort => "is too short",
            Self::Form => "has not the form of its element",
            Self::NoElement => "belongs to no element",
            Self::TooMany => "is one too many",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Outside => "outside an interchange",
            Self::Interchange => "in an interchange",
            Self::Group => "in a functional group",
            Self::Transaction => "in a transaction",
            Self::Payload => "in a payload",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interchange => "the start of an interchange",
            Self::Group => "the start of a functional group",
            Self::Transaction => "the start of a transaction",
            Self::Segment(id) => return write!(f, "the segment {id}"),
            Self::Binary => "a binary segment",
            Self::Octets => "an octet of a payload",
            Self::EndTransaction => "the end of a transaction",
            Self::EndGroup => "the end of a functional group",
            Self::EndInterchange => "the end of an interchange",
            Self::Finish => "the end of the output",
        })
    }
}
