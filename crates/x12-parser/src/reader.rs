//! Bytes in, events out: the reader itself.
//!
//! The reader never holds more than one segment. What lies whole inside the chunk at hand is borrowed from it; a segment
//! cut by the edge of a chunk is gathered in `carry`; bytes that were looked at too early are read again from `replay`.

mod advance;
mod counters;
mod octets;
mod opening;
mod outside;
mod resync;

use crate::Delimiters;
use crate::Place;
use crate::event::BinaryChunk;
use crate::event::BinaryEnd;
use crate::event::BinaryHead;
use crate::event::Event;
use crate::event::Fault;
use crate::event::FaultKind;
use crate::payload::Alphabet;
use crate::scan::Marks;
use crate::scan::Needle;
use crate::segment::Segment;
use crate::segment::SegmentId;
use counters::Counters;
use counters::Kind;
use outside::Stray;

/// How a reader treats what it meets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Whether to look for the end of a binary payload whose declared length is wrong. Each repair is reported as a
    /// [`FaultKind::BinaryLengthMismatch`]. Off by default, because a guess about a medical record is the caller's to allow.
    pub repair: bool,
    /// Longest segment that is still read, in bytes; binary payloads do not count.
    pub max_segment: usize,
    /// Longest run of payload octets passed on in one event.
    pub max_chunk: usize,
    /// How far a repair may look ahead, in bytes; this much is buffered at most.
    pub repair_window: usize,
}

impl Settings {
    /// Sets whether wrong payload lengths are repaired.
    #[must_use]
    pub const fn with_repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }

    /// Sets the longest segment, in bytes.
    #[must_use]
    pub const fn with_max_segment(mut self, bytes: usize) -> Self {
        self.max_segment = bytes;
        self
    }

    /// Sets the longest run of payload octets in one event; at least one.
    #[must_use]
    pub const fn with_max_chunk(mut self, bytes: usize) -> Self {
        self.max_chunk = if bytes == 0 { 1 } else { bytes };
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            repair: false,
            max_segment: 64 * 1024,
            max_chunk: 64 * 1024,
            repair_window: 64 * 1024,
        }
    }
}

/// Reads X12 from chunks cut anywhere.
///
/// ```
/// use x12_parser::{Event, Reader};
///
/// let input = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
/// GS*PI*CLINIC*PLAN*20261120*0900*1*X*006020X314~ST*275*0001*006020X314~BDS*NOF*8*AB~CD*EF~SE*3*0001~GE*1*1~IEA*1*000000001~";
/// let mut reader = Reader::default();
/// let mut payload = Vec::new();
/// for chunk in input.chunks(7) {
///     let mut events = reader.feed(chunk);
///     while let Some(event) = events.advance() {
///         if let Event::BinaryChunk(chunk) = event {
///             payload.extend_from_slice(chunk.bytes);
///         }
///     }
/// }
/// assert!(reader.finish().advance().is_none());
/// assert_eq!(payload, b"AB~CD*EF");
/// ```
pub struct Reader {
    settings: Settings,
    stage: Stage,
    delimiters: Delimiters,
    counters: Counters,
    /// Start of a segment whose end has not come yet.
    carry: Vec<u8>,
    carry_offset: u64,
    carry_spent: bool,
    /// Bytes to be read again before the chunk goes on.
    replay: Vec<u8>,
    replay_offset: u64,
    /// Bytes withheld while it is judged whether a payload ends in them.
    held: Vec<u8>,
    held_offset: u64,
    payload: Payload,
    stray: Stray,
    /// ST02, kept to prove a repair.
    control: Vec<u8>,
    blanks: bool,
    /// Offset in the input of the next chunk's first byte.
    consumed: u64,
    queued: Option<Out>,
    /// Where the terminators of the buffer at hand stand.
    marks: Marks,
}

/// Shows where the reader stands and nothing of what it has read.
impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("stage", &self.stage)
            .field("place", &self.counters.here)
            .field("consumed", &self.consumed)
            .finish_non_exhaustive()
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Reader {
    /// A reader at the start of an input.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            stage: Stage::Outside,
            delimiters: Delimiters::USUAL,
            counters: Counters::default(),
            carry: Vec::new(),
            carry_offset: 0,
            carry_spent: false,
            replay: Vec::new(),
            replay_offset: 0,
            held: Vec::new(),
            held_offset: 0,
            payload: Payload::default(),
            stray: Stray::default(),
            control: Vec::new(),
            blanks: false,
            consumed: 0,
            queued: None,
            marks: Marks::new(),
        }
    }

    /// Takes the next chunk. Advance the answer until it yields nothing: what is left when it is dropped is not read.
    pub fn feed<'r, 'c>(&'r mut self, chunk: &'c [u8]) -> Events<'r, 'c> {
        Events::new(self, chunk, false)
    }

    /// Says that no more bytes will come, and yields what that means.
    pub fn finish(&mut self) -> Events<'_, 'static> {
        Events::new(self, &[], true)
    }

    /// The separators of the interchange read last.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// How many bytes were taken from finished chunks.
    #[must_use]
    pub const fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Puts bytes back in front of whatever is still to be read.
    fn read_again(&mut self, bytes: &[u8], offset: u64, rest_from: usize) {
        let mut again = Vec::with_capacity(bytes.len() + self.replay.len().saturating_sub(rest_from));
        again.extend_from_slice(bytes);
        again.extend_from_slice(self.replay.get(rest_from..).unwrap_or_default());
        self.replay = again;
        self.replay_offset = offset;
    }

    fn fault(&self, kind: FaultKind, offset: u64, length: u64) -> Fault {
        Fault {
            kind,
            place: self.counters.here,
            segment: SegmentId::of(&[]),
            offset,
            length,
        }
    }
}

/// What the reader is in the middle of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Before an `ISA`.
    Outside,
    /// At or in a segment.
    Segments,
    /// In a segment beyond the permitted length.
    Overlong,
    /// In a payload.
    Octets,
    /// Behind the last declared octet.
    Closing,
    /// Judging a terminator that may end the payload early.
    Holding,
    /// Looking for the next trustworthy segment after a payload of unknown end.
    Resync,
    /// Behind the end of the input.
    Closed,
}

/// What is known of the payload at hand.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, set at a different moment"
)]
struct Payload {
    place: Place,
    segment: SegmentId,
    declared: u64,
    /// Octets passed on so far.
    passed: u64,
    /// Octets skipped while looking for the next segment.
    skipped: u64,
    length_offset: u64,
    length_width: u64,
    alphabet: Alphabet,
    /// Whether all octets so far are of the alphabet.
    clean: bool,
    /// Whether an end other than the declared one may be looked for.
    repairing: bool,
    /// Whether the declared length is used up and the end still to come.
    beyond: bool,
    /// Terminators that were judged and were not the end.
    candidates: u32,
    /// Whether the fault has been told already.
    told: bool,
}

impl Default for Payload {
    fn default() -> Self {
        Self {
            place: Place::default(),
            segment: SegmentId::of(&[]),
            declared: 0,
            passed: 0,
            skipped: 0,
            length_offset: 0,
            length_width: 0,
            alphabet: Alphabet::Any,
            clean: true,
            repairing: false,
            beyond: false,
            candidates: 0,
            told: false,
        }
    }
}

impl Payload {
    fn remaining(&self) -> u64 {
        if self.beyond {
            u64::MAX
        } else {
            self.declared.saturating_sub(self.passed)
        }
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault {
            kind,
            place: self.place,
            segment: self.segment,
            offset: self.length_offset,
            length: self.length_width,
        }
    }
}

/// Which buffer a span lies in.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The chunk at hand, or the bytes being read again.
    Buffer,
    Carry,
    Held,
}

/// Some bytes, by position, so that the search for them need not hold a borrow.
#[derive(Clone, Copy, Debug)]
struct Span {
    source: Source,
    start: usize,
    end: usize,
}

/// An event before its bytes are borrowed.
#[derive(Clone, Copy, Debug)]
enum Out {
    Segment(Kind, Span),
    BinaryStart { span: Span, declared: u64 },
    Chunk { span: Span, offset: u64 },
    BinaryEnd(BinaryEnd),
    Fault(Fault),
}

/// What one attempt to get on has brought.
enum Step {
    Out(Out),
    Again,
    /// The buffer is used up.
    Empty,
}

/// The events of one chunk. Not an `Iterator`, because each event borrows what the next one may overwrite.
pub struct Events<'r, 'c> {
    reader: &'r mut Reader,
    chunk: &'c [u8],
    /// Whether the buffer at hand is the replay and not the chunk.
    replaying: bool,
    at: usize,
    /// Offset in the input of the buffer's first byte.
    base: u64,
    chunk_at: usize,
    last: bool,
    /// Whether the next segment can be taken without looking at anything else first.
    smooth: bool,
}

/// Shows what the reader shows.
impl std::fmt::Debug for Events<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events")
            .field("reader", &self.reader)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl<'r, 'c> Events<'r, 'c> {
    fn new(reader: &'r mut Reader, chunk: &'c [u8], last: bool) -> Self {
        reader.marks.restart(Needle::new(reader.delimiters.segment()), 0);
        let base = reader.consumed;
        reader.consumed += chunk.len() as u64;
        Self {
            reader,
            chunk,
            replaying: false,
            at: 0,
            base,
            chunk_at: 0,
            last,
            smooth: false,
        }
    }

    /// The next event, or nothing when the chunk is used up.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: a caller that looks at few fields then builds no event at all"
    )]
    pub fn advance(&mut self) -> Option<Event<'_>> {
        if self.smooth {
            if let Some((kind, segment)) = self.plain_segment() {
                return Some(segment_event(kind, segment));
            }
            self.smooth = false;
        }
        self.advance_otherwise()
    }

    #[cold]
    #[inline(never)]
    fn advance_otherwise(&mut self) -> Option<Event<'_>> {
        let out = self.find()?;
        Some(self.borrow(out))
    }

    fn borrow(&mut self, out: Out) -> Event<'_> {
        if let Out::Segment(_, span) | Out::BinaryStart { span, .. } = out {
            self.reader.carry_spent = matches!(span.source, Source::Carry);
        }
        match out {
            Out::Segment(kind, span) => segment_event(kind, self.segment_at(span)),
            Out::BinaryStart { span, declared } => Event::BinaryStart(BinaryHead {
                segment: self.segment_at(span),
                declared,
            }),
            Out::Chunk { span, offset } => {
                let place = self.reader.payload.place;
                Event::BinaryChunk(BinaryChunk {
                    bytes: self.bytes(span),
                    offset,
                    place,
                })
            }
            Out::BinaryEnd(end) => Event::BinaryEnd(end),
            Out::Fault(fault) => Event::Fault(fault),
        }
    }

    #[inline]
    fn segment_at(&self, span: Span) -> Segment<'_> {
        Segment::new(
            self.bytes(span),
            self.reader.delimiters,
            self.reader.counters.here,
        )
    }

    #[inline]
    fn bytes(&self, span: Span) -> &[u8] {
        let buffer = match span.source {
            Source::Buffer => self.buffer(),
            Source::Carry => &self.reader.carry,
            Source::Held => &self.reader.held,
        };
        buffer.get(span.start..span.end).unwrap_or_default()
    }

    #[inline]
    fn buffer(&self) -> &[u8] {
        if self.replaying {
            &self.reader.replay
        } else {
            self.chunk
        }
    }

    /// Offset in the input of the next byte.
    fn offset(&self) -> u64 {
        self.base + self.at as u64
    }
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "measured: a caller that looks at few fields then builds no event at all"
)]
fn segment_event(kind: Kind, segment: Segment<'_>) -> Event<'_> {
    match kind {
        Kind::Plain => Event::Segment(segment),
        Kind::Interchange => Event::InterchangeStart(segment),
        Kind::Group => Event::GroupStart(segment),
        Kind::Transaction => Event::TransactionStart(segment),
        Kind::TransactionEnd => Event::TransactionEnd(segment),
        Kind::GroupEnd => Event::GroupEnd(segment),
        Kind::InterchangeEnd => Event::InterchangeEnd(segment),
    }
}
