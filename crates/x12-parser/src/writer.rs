//! Segments and payloads in, bytes out: the writer itself.
//!
//! The writer never holds more than one segment. Payload octets go straight from the caller to the sink.

mod binary;
mod envelope;
mod error;
mod head;
mod segment;
mod sink;
mod stamp;

pub use binary::BinaryForm;
pub use binary::Filter;
pub use error::Level;
pub use error::Problem;
pub use error::Step;
pub use error::WriteError;
pub use head::Address;
pub use head::Credential;
pub use head::GroupHead;
pub use head::InterchangeHead;
pub use head::LineEnd;
pub use head::Usage;
pub use head::Version;
pub use segment::SegmentWriter;
pub use sink::Sink;
pub use stamp::InvalidStamp;
pub use stamp::Stamp;

use crate::Delimiters;
use crate::SegmentId;
use binary::Payload;
use std::fmt;

/// Segments that only the writer itself writes, because it has to keep their counts, numbers and lengths right.
const RESERVED: [&str; 8] = ["ISA", "IEA", "GS", "GE", "ST", "SE", "BIN", "BDS"];
/// Most segments that SE01 can tell: ten digits.
const MAX_SEGMENTS: u64 = 9_999_999_999;

/// Writes interchanges, segment by segment, and keeps their counts and control numbers right.
///
/// What it writes, a [`Reader`](crate::Reader) reads back equal. Anything that would break that is refused with a
/// [`WriteError`], which leaves the sink as it was.
///
/// ```
/// use x12_parser::{Address, Filter, GroupHead, InterchangeHead, Stamp, Version, WriteError, Writer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clinic = Address { qualifier: "ZZ", id: "CLINIC" };
/// let plan = Address { qualifier: "ZZ", id: "PLAN" };
/// let stamp = Stamp::parse("20261120", "0900")?;
/// let head = InterchangeHead { version: Version::V00602, ..InterchangeHead::new(clinic, plan, stamp, 1) };
///
/// let mut writer = Writer::new(Vec::new());
/// writer.interchange(&head)?;
/// writer.group(&GroupHead {
///     functional_id: "PI",
///     sender: "CLINIC",
///     receiver: "PLAN",
///     stamp,
///     control: 1,
///     guide: "006020X314",
/// })?;
/// writer.transaction("275", "0001", Some("006020X314"))?;
/// writer.segment("STC").element("R4").component("18842-5").component("").component("LOI").element("20261120").end()?;
/// writer.binary(Filter::None, 8)?;
/// writer.octets(b"AB~C")?;
/// writer.octets(b"D*EF")?;
/// let refused = writer.segment("REF").element("X1").element("A~B").end();
/// assert_eq!(refused.unwrap_err().to_string(), "REF02 holds a separator of the interchange");
/// writer.end_transaction()?;
/// writer.end_group()?;
/// writer.end_interchange()?;
///
/// let written = String::from_utf8(writer.finish()?)?;
/// assert!(written.ends_with(
///     "ST*275*0001*006020X314~STC*R4:18842-5::LOI*20261120~BDS*NOF*8*AB~CD*EF~SE*4*0001~GE*1*1~IEA*1*000000001~"
/// ));
/// # Ok(())
/// # }
/// ```
///
/// # Streaming
///
/// A closure as a sink sees every segment as soon as it is complete, and every run of octets as it is given. A caller that
/// must wait between writes, as asynchronous code does, uses a `Vec<u8>` and empties it after each step:
///
/// ```
/// # use x12_parser::{Address, InterchangeHead, Stamp, WriteError, Writer};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let end = Address { qualifier: "ZZ", id: "ANY" };
/// # let head = InterchangeHead::new(end, end, Stamp::parse("20261120", "0900")?, 1);
/// let mut writer = Writer::new(Vec::new());
/// writer.interchange(&head)?;
/// let ready = std::mem::take(writer.sink_mut());
/// assert_eq!(ready.len(), 106);
/// # Ok(())
/// # }
/// ```
pub struct Writer<S> {
    sink: S,
    level: Level,
    delimiters: Delimiters,
    line_end: &'static [u8],
    /// The segment being put together; empty in between.
    scratch: Vec<u8>,
    /// ISA13 and the groups so far.
    interchange: Tally,
    /// GS06 and the transactions so far.
    group: Tally,
    /// ST02.
    transaction: String,
    /// Segments of the transaction so far, `ST` included.
    segments: u64,
    /// Whether binary data goes into a `BDS`: by the version of the interchange, the group, the transaction.
    filters: bool,
    group_filters: bool,
    payload: Option<Payload>,
}

/// Shows where the writer stands and nothing that it wrote: a segment may name a person.
impl<S> fmt::Debug for Writer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("level", &self.level)
            .field("groups", &self.interchange.count)
            .field("transactions", &self.group.count)
            .field("segments", &self.segments)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// The control number of an envelope, and how many of the next smaller ones it holds.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    control: u32,
    count: u32,
}

impl<S: Sink> Writer<S> {
    /// A writer before its first interchange.
    #[must_use]
    pub const fn new(sink: S) -> Self {
        Self {
            sink,
            level: Level::Outside,
            delimiters: Delimiters::USUAL,
            line_end: b"",
            scratch: Vec::new(),
            interchange: Tally { control: 0, count: 0 },
            group: Tally { control: 0, count: 0 },
            transaction: String::new(),
            segments: 0,
            filters: false,
            group_filters: false,
            payload: None,
        }
    }

    /// Begins a segment of a transaction, or a `TA1` between `ISA` and the first `GS`.
    pub fn segment(&mut self, id: &str) -> SegmentWriter<'_, S> {
        let segment = SegmentId::of(id.as_bytes());
        let outcome = self.admits(segment);
        SegmentWriter::begin(self, segment, outcome)
    }

    fn admits(&self, segment: SegmentId) -> Result<(), WriteError> {
        if !segment.is_well_formed() {
            return Err(WriteError::Id);
        }
        let id = segment.as_str();
        let acknowledgment = id == "TA1";
        let home = if acknowledgment {
            Level::Interchange
        } else {
            Level::Transaction
        };
        let late = acknowledgment && self.interchange.count > 0;
        let step = Step::Segment(segment);
        if late || RESERVED.contains(&id) {
            return Err(self.out_of_turn(step));
        }
        self.expect(home, step)?;
        if home == Level::Transaction && self.segments >= MAX_SEGMENTS - 1 {
            return Err(WriteError::TooMany(Level::Transaction));
        }
        Ok(())
    }

    /// Where the writer stands.
    #[must_use]
    pub fn level(&self) -> Level {
        if self.payload.is_some_and(Payload::is_open) {
            Level::Payload
        } else {
            self.level
        }
    }

    /// The separators of the interchange at hand.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// The sink, for instance to empty it.
    pub const fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Gives the sink back.
    ///
    /// # Errors
    /// Refuses while an interchange is open.
    pub fn finish(self) -> Result<S, WriteError> {
        self.expect(Level::Outside, Step::Finish)?;
        Ok(self.sink)
    }

    /// Whether the writer stands where `step` belongs.
    fn expect(&self, level: Level, step: Step) -> Result<(), WriteError> {
        if let Some(payload) = self.payload.filter(|payload| payload.is_open()) {
            return Err(WriteError::PayloadLength {
                declared: payload.declared,
                given: payload.given,
            });
        }
        if self.level == level {
            Ok(())
        } else {
            Err(self.out_of_turn(step))
        }
    }

    fn out_of_turn(&self, step: Step) -> WriteError {
        WriteError::OutOfTurn {
            step,
            inside: self.level(),
        }
    }

    /// Counts a segment of the transaction; one more must always fit, because `SE` is still to come.
    fn count_segment(&mut self) -> Result<(), WriteError> {
        if self.segments >= MAX_SEGMENTS - 1 {
            return Err(WriteError::TooMany(Level::Transaction));
        }
        self.segments += 1;
        Ok(())
    }

    /// Passes the gathered segment on.
    fn flush_segment(&mut self) {
        if self.level == Level::Transaction {
            self.segments += 1;
        }
        self.payload = None;
        self.sink.put(&self.scratch);
        self.terminate();
    }

    fn terminate(&mut self) {
        self.sink.put(&[self.delimiters.segment()]);
        if !self.line_end.is_empty() {
            self.sink.put(self.line_end);
        }
    }
}
