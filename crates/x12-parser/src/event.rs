//! What the reader tells its caller.

use crate::Delimiters;
use crate::Place;
use crate::Segment;
use crate::SegmentId;

/// One step through the input. Borrowed from the chunk at hand or from the reader; copy what must outlive the step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event<'a> {
    /// An `ISA`; the separators in it hold until the next one.
    InterchangeStart(Segment<'a>),
    /// A `GS`.
    GroupStart(Segment<'a>),
    /// An `ST`.
    TransactionStart(Segment<'a>),
    /// Any other segment, in a transaction or (as a `TA1` is) outside one.
    Segment(Segment<'a>),
    /// The head of a `BIN` or `BDS`: everything before the payload.
    BinaryStart(BinaryHead<'a>),
    /// Some octets of the payload just announced, in order; there may be none at all.
    BinaryChunk(BinaryChunk<'a>),
    /// The payload is over.
    BinaryEnd(BinaryEnd),
    /// An `SE`.
    TransactionEnd(Segment<'a>),
    /// A `GE`.
    GroupEnd(Segment<'a>),
    /// An `IEA`.
    InterchangeEnd(Segment<'a>),
    /// Something that hinders reading, told where it was met.
    Fault(Fault),
}

impl<'a> Event<'a> {
    /// The segment of the event, where it is one (a binary segment counts by its head).
    #[must_use]
    pub const fn segment(&self) -> Option<Segment<'a>> {
        match self {
            Self::InterchangeStart(segment)
            | Self::GroupStart(segment)
            | Self::TransactionStart(segment)
            | Self::Segment(segment)
            | Self::TransactionEnd(segment)
            | Self::GroupEnd(segment)
            | Self::InterchangeEnd(segment) => Some(*segment),
            Self::BinaryStart(head) => Some(head.segment),
            Self::BinaryChunk(_) | Self::BinaryEnd(_) | Self::Fault(_) => None,
        }
    }

    /// Where the event stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::BinaryChunk(chunk) => chunk.place,
            Self::BinaryEnd(end) => end.place,
            Self::Fault(fault) => fault.place,
            Self::InterchangeStart(segment)
            | Self::GroupStart(segment)
            | Self::TransactionStart(segment)
            | Self::Segment(segment)
            | Self::TransactionEnd(segment)
            | Self::GroupEnd(segment)
            | Self::InterchangeEnd(segment) => segment.place(),
            Self::BinaryStart(head) => head.segment.place(),
        }
    }
}

/// The head of a binary segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BinaryHead<'a> {
    /// `BIN*1336` or `BDS*B64*1336`: the segment up to the separator before the payload.
    pub segment: Segment<'a>,
    /// How many octets the sender says the payload has.
    pub declared: u64,
}

impl<'a> BinaryHead<'a> {
    /// The filter code of a `BDS`; a `BIN` has none.
    #[must_use]
    pub fn filter(&self) -> Option<&'a [u8]> {
        (self.segment.id() == b"BDS").then(|| self.segment.value(1))
    }
}

/// Some octets of a payload.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct BinaryChunk<'a> {
    /// The octets as they stand on the wire, before any filter is undone.
    pub bytes: &'a [u8],
    /// Byte offset of the first of them in the input.
    pub offset: u64,
    /// Where the binary segment stands.
    pub place: Place,
}

/// Shows length and offset only: a payload is a medical record.
impl std::fmt::Debug for BinaryChunk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BinaryChunk")
            .field("length", &self.bytes.len())
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// How a payload ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BinaryEnd {
    /// Where the binary segment stands.
    pub place: Place,
    /// How many octets were passed on.
    pub length: u64,
    /// Whether the payload is as declared, repaired, or not to be trusted.
    pub framing: Framing,
}

/// What is known about the bounds of a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// The segment terminator stood where the declared length said.
    Declared,
    /// The declared length was wrong and the reader found the end by the rules of [`Settings::repair`](crate::Settings).
    Repaired,
    /// The end is not known: what was passed on must not be used as an attachment.
    Broken,
}

/// Something that hinders reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The segment (or the spot between segments) it concerns.
    pub place: Place,
    /// The id of that segment, as far as there is one.
    pub segment: SegmentId,
    /// Byte offset of the exact spot.
    pub offset: u64,
    /// How many bytes the spot covers, for underlining.
    pub length: u64,
}

/// The kinds of faults that reading itself can meet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// Bytes that belong to no interchange; they are skipped up to the next `ISA`.
    OutsideInterchange,
    /// A byte order mark before the first `ISA`.
    ByteOrderMark,
    /// The `ISA` has not its fixed widths, but its separators could be told; reading goes on with these.
    HeaderWidths(Delimiters),
    /// The `ISA` cannot be read; everything up to the next one is skipped.
    UnreadableHeader,
    /// Blanks before a segment id, skipped.
    BlanksBeforeSegment,
    /// Two terminators in a row.
    EmptySegment,
    /// A segment longer than [`Settings::max_segment`](crate::Settings); it is skipped.
    SegmentTooLong,
    /// The length of a binary segment is missing or not a number of at most 15 digits.
    BinaryLengthInvalid,
    /// The octet after the declared length is not the segment terminator.
    BinaryLengthMismatch {
        /// What the sender declared.
        declared: u64,
        /// How many octets there are, where the end could be told.
        found: Option<u64>,
        /// Whether the payload was passed on with its found end.
        repaired: bool,
    },
    /// The input ends inside a payload.
    BinaryTruncated {
        /// What the sender declared.
        declared: u64,
        /// How many octets there were.
        found: u64,
    },
    /// The input ends inside a segment, or without a last terminator.
    Unterminated,
}
