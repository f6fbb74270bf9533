//! Binary payloads whose declared length holds.

use super::Events;
use super::Kind;
use super::Out;
use super::Payload;
use super::Source;
use super::Span;
use super::Stage;
use super::Step;
use crate::Delimiters;
use crate::event::BinaryEnd;
use crate::event::FaultKind;
use crate::event::Framing;
use crate::payload;
use crate::payload::Alphabet;
use crate::payload::Head;
use crate::segment::SegmentId;

impl Events<'_, '_> {
    /// The head of a `BIN` or `BDS` in the buffer.
    pub(super) fn binary(&mut self) -> Step {
        let delimiters = self.reader.delimiters;
        let found = payload::read_head(self.buffer().get(self.at..).unwrap_or_default(), delimiters);
        if found == Head::Incomplete {
            return self.begin_carry();
        }
        let (start, offset) = (self.at, self.offset());
        self.begin_payload(found, Source::Buffer, start, offset)
    }

    pub(super) fn begin_payload(&mut self, found: Head, source: Source, start: usize, offset: u64) -> Step {
        let delimiters = self.reader.delimiters;
        let (declared, length_at, end, valid) = match found {
            Head::Incomplete => return Step::Again,
            Head::Complete {
                declared,
                length_at,
                end,
            } => (declared, length_at, end, true),
            Head::Invalid { length_at, end } => (0, length_at, end, false),
        };
        let span = Span {
            source,
            start,
            end: start + end - usize::from(valid),
        };
        match source {
            Source::Buffer => self.at = start + end,
            Source::Carry | Source::Held => {
                let surplus = self.reader.carry.split_off(end.min(self.reader.carry.len()));
                if !surplus.is_empty() {
                    self.replay(&surplus, offset + end as u64);
                }
            }
        }
        self.reader.counters.count(Kind::Plain, offset);
        let head = self.reader.counters.here;
        self.reader.blanks = false;
        let (alphabet, segment) = self.look_at_head(span, delimiters);
        self.reader.payload = Payload {
            place: head,
            segment,
            declared,
            length_offset: offset + length_at as u64,
            length_width: (end - usize::from(valid)).saturating_sub(length_at) as u64,
            alphabet,
            repairing: self.reader.settings.repair,
            told: !valid,
            ..Payload::default()
        };
        if valid {
            self.reader.stage = Stage::Octets;
        } else {
            self.lose_payload();
        }
        let out = Out::BinaryStart { span, declared };
        if valid {
            return Step::Out(out);
        }
        self.reader.queued = Some(out);
        Step::Out(Out::Fault(
            self.reader.payload.fault(FaultKind::BinaryLengthInvalid),
        ))
    }

    fn look_at_head(&self, span: Span, delimiters: Delimiters) -> (Alphabet, SegmentId) {
        let mut fields = self.bytes(span).split(|byte| *byte == delimiters.element());
        let id = SegmentId::of(fields.next().unwrap_or_default());
        let filter = fields.next().unwrap_or_default();
        let alphabet = if id.as_str() == "BDS" {
            Alphabet::of_filter(filter)
        } else {
            Alphabet::Any
        };
        (alphabet, id)
    }

    pub(super) fn payload_cut(&mut self) -> Step {
        let lost = self.reader.stage == Stage::Resync;
        self.reader.stage = Stage::Closed;
        let payload = self.reader.payload;
        let end = Out::BinaryEnd(BinaryEnd {
            place: payload.place,
            length: payload.passed,
            framing: Framing::Broken,
        });
        if payload.told {
            return Step::Out(end);
        }
        self.reader.queued = Some(end);
        let declared = payload.declared;
        let kind = if lost || payload.beyond {
            FaultKind::BinaryLengthMismatch {
                declared,
                found: None,
                repaired: false,
            }
        } else {
            FaultKind::BinaryTruncated {
                declared,
                found: payload.passed,
            }
        };
        Step::Out(Out::Fault(payload.fault(kind)))
    }

    /// Passes payload octets on.
    pub(super) fn octets(&mut self) -> Step {
        let payload = self.reader.payload;
        let remaining = payload.remaining();
        if remaining == 0 {
            self.reader.stage = Stage::Closing;
            return Step::Again;
        }
        let buffer = self.buffer();
        let rest = buffer.get(self.at..).unwrap_or_default();
        let most = rest.len().min(self.reader.settings.max_chunk);
        let length = usize::try_from(remaining).map_or(most, |left| left.min(most));
        let run = rest.get(..length).unwrap_or_default();
        if run.is_empty() {
            return Step::Empty;
        }
        let length = if payload.repairing {
            self.watch(length)
        } else {
            length
        };
        if length == 0 {
            return Step::Again;
        }
        let start = self.at;
        let offset = self.offset();
        self.at += length;
        self.reader.payload.passed += length as u64;
        Step::Out(Out::Chunk {
            span: Span {
                source: Source::Buffer,
                start,
                end: start + length,
            },
            offset,
        })
    }

    /// The octet behind the payload must be the terminator.
    pub(super) fn closing(&mut self) -> Step {
        let Some(byte) = self.buffer().get(self.at).copied() else {
            return Step::Empty;
        };
        if byte == self.reader.delimiters.segment() {
            self.at += 1;
            return self.payload_done(Framing::Declared);
        }
        if self.reader.payload.repairing {
            self.reader.payload.beyond = true;
            self.reader.stage = Stage::Octets;
        } else {
            self.lose_payload();
        }
        Step::Again
    }

    /// Ends the payload; segments go on behind it.
    pub(super) fn payload_done(&mut self, framing: Framing) -> Step {
        self.reader.stage = Stage::Segments;
        let payload = self.reader.payload;
        Step::Out(Out::BinaryEnd(BinaryEnd {
            place: payload.place,
            length: payload.passed,
            framing,
        }))
    }
}
