//! The `ISA`, which sets the separators.

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
use crate::segment::SegmentId;

impl Events<'_, '_> {
    /// An `ISA` in the buffer.
    pub(super) fn header(&mut self) -> Step {
        let rest = self.buffer().get(self.at..).unwrap_or_default();
        let found = header::read(rest, false);
        if found == Header::Incomplete {
            return self.begin_carry();
        }
        let (start, offset) = (self.at, self.offset());
        self.open(found, Source::Buffer, start, offset)
    }

    /// Takes the separators of a header over and tells of it.
    pub(super) fn open(&mut self, found: Header, source: Source, start: usize, offset: u64) -> Step {
        let (delimiters, length, wrong_at) = match found {
            Header::Incomplete => return Step::Again,
            Header::Fixed(delimiters) => (delimiters, header::HEADER, None),
            Header::Shifted {
                delimiters,
                length,
                wrong_at,
            } => (delimiters, length, Some(wrong_at)),
            Header::Unreadable => return self.unreadable(source, offset),
        };
        self.reader.delimiters = delimiters;
        self.reader.stage = Stage::Segments;
        match source {
            Source::Buffer => self.at = start + length,
            Source::Carry | Source::Held => {
                let surplus = self.reader.carry.split_off(length.min(self.reader.carry.len()));
                if !surplus.is_empty() {
                    self.replay(&surplus, offset + length as u64);
                }
            }
        }
        self.look_for_terminator();
        let out = self.enter(
            Kind::Interchange,
            Span {
                source,
                start,
                end: start + length - 1,
            },
            offset,
        );
        let Some(wrong_at) = wrong_at else {
            return Step::Out(out);
        };
        self.reader.queued = Some(out);
        let kind = FaultKind::HeaderWidths(delimiters);
        let mut fault = self.reader.fault(kind, offset + wrong_at as u64, 1);
        fault.segment = SegmentId::of(b"ISA");
        Step::Out(Out::Fault(fault))
    }

    /// Skips an `ISA` that cannot be read, up to the next one.
    pub(super) fn unreadable(&mut self, source: Source, offset: u64) -> Step {
        self.reader.counters.count(Kind::Interchange, offset);
        let kind = FaultKind::UnreadableHeader;
        let mut fault = self.reader.fault(kind, offset, header::HEADER as u64);
        fault.segment = SegmentId::of(b"ISA");
        match source {
            Source::Buffer => self.at += 3,
            Source::Carry | Source::Held => {
                let carry = std::mem::take(&mut self.reader.carry);
                fault.length = fault.length.min(carry.len() as u64);
                self.replay(carry.get(3..).unwrap_or_default(), offset + 3);
            }
        }
        self.reader.stage = Stage::Outside;
        self.reader.stray.open_quietly();
        Step::Out(Out::Fault(fault))
    }
}
