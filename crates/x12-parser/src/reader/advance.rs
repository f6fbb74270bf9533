//! The steps through segments and declared payloads.

use super::Events;
use super::Kind;
use super::Out;
use super::Source;
use super::Span;
use super::Stage;
use super::Step;
use crate::event::FaultKind;
use crate::header;
use crate::header::Header;
use crate::payload;
use crate::payload::Head;
use crate::scan::Needle;
use crate::segment::Segment;
use crate::segment::SegmentId;

/// What the first bytes of a segment make of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Undecided,
    Header,
    Binary,
    Ordinary,
}

impl Unit {
    #[inline]
    fn of(start: &[u8], element: u8) -> Self {
        match *start {
            [b'I', b'S', b'A', end, ..] if header::may_separate(end) => Self::Header,
            [b'B', b'I', b'N', end, ..] | [b'B', b'D', b'S', end, ..] if end == element => Self::Binary,
            [_, _, _, _, ..] => Self::Ordinary,
            _ if [b"ISA", b"BIN", b"BDS"].iter().any(|id| id.starts_with(start)) => Self::Undecided,
            _ => Self::Ordinary,
        }
    }
}

impl<'c> Events<'_, 'c> {
    /// The way nearly all segments go: whole in the buffer, and nothing pending. Anything special is left alone.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: a caller that looks at few fields then builds no event at all"
    )]
    pub(super) fn plain_segment(&mut self) -> Option<(Kind, Segment<'c>)> {
        let buffer = self.chunk;
        let mut start = self.at;
        let mut first = *buffer.get(start)?;
        while matches!(first, b'\r' | b'\n') {
            start += 1;
            first = *buffer.get(start)?;
        }
        if first <= b' ' || first == b'I' || first == b'B' {
            return None;
        }
        let end = self.reader.marks.next(buffer, start)?;
        let length = end - start;
        if length == 0 || length > self.reader.settings.max_segment {
            return None;
        }
        let raw = buffer.get(start..end)?;
        let kind = Kind::of(raw, self.reader.delimiters.element());
        if kind == Kind::Transaction && self.reader.settings.repair {
            // ST02 must be kept, which is done where there is time for it.
            return None;
        }
        self.at = end + 1;
        self.reader.marks.pass();
        let place = self.reader.counters.count(kind, self.base + start as u64);
        Some((
            kind,
            Segment::within(buffer.get(start..)?, length, self.reader.delimiters, place),
        ))
    }

    /// Everything that is not plain.
    pub(super) fn find(&mut self) -> Option<Out> {
        loop {
            let step = self.step();
            let reader = &self.reader;
            self.smooth = reader.stage == Stage::Segments
                && !reader.carry_spent
                && reader.carry.is_empty()
                && reader.queued.is_none()
                && !reader.blanks
                && !self.replaying
                && reader.replay.is_empty();
            match step {
                Step::Out(out) => return Some(out),
                Step::Again => {}
                Step::Empty => return None,
            }
        }
    }

    pub(super) fn step(&mut self) -> Step {
        if std::mem::take(&mut self.reader.carry_spent) {
            self.reader.carry.clear();
            if self.reader.queued.is_none() {
                return Step::Again;
            }
        }
        if let Some(out) = self.reader.queued.take() {
            return Step::Out(out);
        }
        if !self.replaying && !self.reader.replay.is_empty() {
            self.begin_replay();
        }
        let step = match self.reader.stage {
            Stage::Outside => self.outside(),
            Stage::Segments if self.reader.carry.is_empty() => self.segment(),
            Stage::Segments => self.gather(),
            Stage::Overlong => self.overlong(),
            Stage::Octets => self.octets(),
            Stage::Closing => self.closing(),
            Stage::Holding => self.holding(),
            Stage::Resync => self.resync(),
            Stage::Closed => Step::Empty,
        };
        if !matches!(step, Step::Empty) {
            return step;
        }
        if self.replaying {
            self.end_replay();
            return Step::Again;
        }
        if self.last && self.reader.stage != Stage::Closed {
            self.at_end()
        } else {
            Step::Empty
        }
    }

    fn begin_replay(&mut self) {
        self.replaying = true;
        self.chunk_at = self.at;
        self.at = 0;
        self.base = self.reader.replay_offset;
        self.look_for_terminator();
    }

    fn end_replay(&mut self) {
        self.reader.replay.clear();
        self.replaying = false;
        self.at = self.chunk_at;
        self.base = self.reader.consumed - self.chunk.len() as u64;
        self.look_for_terminator();
    }

    /// Puts bytes back in front of the buffer and goes on with them.
    pub(super) fn replay(&mut self, bytes: &[u8], offset: u64) {
        if self.at >= bytes.len() && self.offset() == offset + bytes.len() as u64 {
            // They were the last bytes of the buffer: stepping back saves a copy.
            self.at -= bytes.len();
            self.look_for_terminator();
        } else if self.replaying {
            self.reader.read_again(bytes, offset, self.at);
            self.at = 0;
            self.base = offset;
            self.look_for_terminator();
        } else {
            self.reader.read_again(bytes, offset, 0);
        }
    }

    pub(super) fn look_for_terminator(&mut self) {
        self.reader
            .marks
            .restart(Needle::new(self.reader.delimiters.segment()), self.at);
    }

    /// A segment that begins in the buffer.
    fn segment(&mut self) -> Step {
        let element = self.reader.delimiters.element();
        let buffer = if self.replaying {
            self.reader.replay.as_slice()
        } else {
            self.chunk
        };
        let mut start = self.at;
        let first = loop {
            match buffer.get(start) {
                Some(b'\r' | b'\n') => start += 1,
                Some(other) => break *other,
                None => {
                    self.at = start;
                    return Step::Empty;
                }
            }
        };
        self.at = start;
        let rest = buffer.get(start..).unwrap_or_default();
        match first {
            b' ' | b'\t' => return self.blanks(),
            b'I' | b'B' => match Unit::of(rest, element) {
                Unit::Header => return self.header(),
                Unit::Binary => return self.binary(),
                Unit::Undecided => return self.begin_carry(),
                Unit::Ordinary => {}
            },
            _ => {}
        }
        let Some(end) = self.reader.marks.next(buffer, start) else {
            return self.begin_carry();
        };
        let length = end - start;
        if length > self.reader.settings.max_segment {
            return self.too_long();
        }
        let kind = Kind::of(buffer.get(start..end).unwrap_or_default(), element);
        self.at = end + 1;
        if length == 0 {
            let offset = self.base + start as u64;
            return Step::Out(Out::Fault(self.reader.fault(FaultKind::EmptySegment, offset, 1)));
        }
        Step::Out(self.enter(
            kind,
            Span {
                source: Source::Buffer,
                start,
                end,
            },
            self.base + start as u64,
        ))
    }

    /// Counts a segment and makes it the one at hand.
    #[inline]
    pub(super) fn enter(&mut self, kind: Kind, span: Span, offset: u64) -> Out {
        self.reader.counters.count(kind, offset);
        self.reader.blanks = false;
        match kind {
            Kind::Transaction if self.reader.settings.repair => self.keep_control(span),
            Kind::InterchangeEnd => self.reader.stage = Stage::Outside,
            _ => {}
        }
        Out::Segment(kind, span)
    }

    /// Keeps ST02, so that a repair can be proven by the `SE` it leads to.
    fn keep_control(&mut self, span: Span) {
        let element = self.reader.delimiters.element();
        let control = self
            .bytes(span)
            .split(|byte| *byte == element)
            .nth(2)
            .unwrap_or_default()
            .to_vec();
        self.reader.control = control;
    }

    fn blanks(&mut self) -> Step {
        let offset = self.offset();
        self.at += 1;
        if std::mem::replace(&mut self.reader.blanks, true) {
            return Step::Again;
        }
        Step::Out(Out::Fault(self.reader.fault(
            FaultKind::BlanksBeforeSegment,
            offset,
            1,
        )))
    }

    fn too_long(&mut self) -> Step {
        let offset = if self.reader.carry.is_empty() {
            self.offset()
        } else {
            self.reader.carry_offset
        };
        self.reader.counters.count(Kind::Plain, offset);
        self.reader.carry.clear();
        self.reader.stage = Stage::Overlong;
        let limit = self.reader.settings.max_segment as u64;
        Step::Out(Out::Fault(self.reader.fault(
            FaultKind::SegmentTooLong,
            offset,
            limit,
        )))
    }

    fn overlong(&mut self) -> Step {
        let (buffer, at) = (
            if self.replaying {
                self.reader.replay.as_slice()
            } else {
                self.chunk
            },
            self.at,
        );
        let Some(end) = self.reader.marks.next(buffer, at) else {
            self.at = self.buffer().len();
            return Step::Empty;
        };
        self.at = end + 1;
        self.reader.stage = Stage::Segments;
        Step::Again
    }

    /// Begins to gather a segment that the buffer does not hold whole.
    pub(super) fn begin_carry(&mut self) -> Step {
        self.reader.carry_offset = self.offset();
        self.gather()
    }

    /// Adds to the gathered bytes until they are a segment, a header or the head of a payload.
    fn gather(&mut self) -> Step {
        let delimiters = self.reader.delimiters;
        loop {
            let buffer = if self.replaying {
                self.reader.replay.as_slice()
            } else {
                self.chunk
            };
            let Some(byte) = buffer.get(self.at).copied() else {
                return Step::Empty;
            };
            let carry = &mut self.reader.carry;
            match Unit::of(carry, delimiters.element()) {
                Unit::Undecided if byte == delimiters.segment() && carry.as_slice() != b"ISA" => {
                    return self.close_carry();
                }
                Unit::Undecided => {
                    carry.push(byte);
                    self.at += 1;
                }
                Unit::Ordinary => return self.gather_ordinary(),
                Unit::Header => {
                    carry.push(byte);
                    self.at += 1;
                    if carry.len() < header::HEADER {
                        continue;
                    }
                    let found = header::read(carry, false);
                    if found != Header::Incomplete {
                        return self.open(found, Source::Carry, 0, self.reader.carry_offset);
                    }
                }
                Unit::Binary => {
                    carry.push(byte);
                    self.at += 1;
                    let found = payload::read_head(carry, delimiters);
                    if found != Head::Incomplete {
                        return self.begin_payload(found, Source::Carry, 0, self.reader.carry_offset);
                    }
                }
            }
        }
    }

    fn gather_ordinary(&mut self) -> Step {
        let buffer = if self.replaying {
            self.reader.replay.as_slice()
        } else {
            self.chunk
        };
        let end = self.reader.marks.next(buffer, self.at);
        let more = buffer
            .get(self.at..end.unwrap_or(buffer.len()))
            .unwrap_or_default();
        if self.reader.carry.len() + more.len() > self.reader.settings.max_segment {
            return self.too_long();
        }
        self.reader.carry.extend_from_slice(more);
        self.at += more.len();
        if end.is_some() {
            self.close_carry()
        } else {
            Step::Empty
        }
    }

    /// The terminator is the next byte: the gathered segment is whole.
    fn close_carry(&mut self) -> Step {
        self.at += 1;
        let kind = Kind::of(&self.reader.carry, self.reader.delimiters.element());
        let span = Span {
            source: Source::Carry,
            start: 0,
            end: self.reader.carry.len(),
        };
        let offset = self.reader.carry_offset;
        Step::Out(self.enter(kind, span, offset))
    }

    /// The input is over: says what was cut.
    pub(super) fn at_end(&mut self) -> Step {
        let offset = self.reader.carry_offset;
        match self.reader.stage {
            Stage::Outside => {
                self.reader.stage = Stage::Closed;
                self.end_stray()
            }
            Stage::Segments if !self.reader.carry.is_empty() => {
                if Unit::of(&self.reader.carry, self.reader.delimiters.element()) == Unit::Header {
                    let found = header::read(&self.reader.carry, true);
                    return self.open(found, Source::Carry, 0, offset);
                }
                self.unterminated()
            }
            Stage::Segments | Stage::Overlong | Stage::Closed => {
                self.reader.stage = Stage::Closed;
                Step::Empty
            }
            Stage::Holding => self.judge(),
            Stage::Octets | Stage::Closing | Stage::Resync => self.payload_cut(),
        }
    }

    /// A last segment without terminator is told of, and then read as if it had one.
    fn unterminated(&mut self) -> Step {
        let length = self.reader.carry.trim_ascii_end().len();
        let offset = self.reader.carry_offset;
        let kind = Kind::of(&self.reader.carry, self.reader.delimiters.element());
        self.reader.stage = Stage::Closed;
        let out = self.enter(
            kind,
            Span {
                source: Source::Carry,
                start: 0,
                end: length,
            },
            offset,
        );
        self.reader.stage = Stage::Closed;
        self.reader.queued = Some(out);
        let mut fault = self.reader.fault(FaultKind::Unterminated, offset, length as u64);
        let element = self.reader.delimiters.element();
        fault.segment = SegmentId::of(
            self.reader
                .carry
                .split(|byte| *byte == element)
                .next()
                .unwrap_or_default(),
        );
        Step::Out(Out::Fault(fault))
    }
}
