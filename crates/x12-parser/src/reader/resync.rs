//! Payloads whose declared length is wrong: finding the end where that is allowed, and the next segment where it is not.
//!
//! The ladder: an end is taken over when all octets before it are of the filter's alphabet, which never holds a terminator;
//! or when the segments behind it lead to an `SE` with the right count and number. Else the payload is broken, and reading
//! goes on at the next segment that may follow one.

use super::Events;
use super::Out;
use super::Source;
use super::Span;
use super::Stage;
use super::Step;
use crate::event::FaultKind;
use crate::event::Framing;
use crate::payload;
use crate::payload::Alphabet;
use crate::payload::Follower;
use crate::scan::Needle;

/// Terminators inside one payload that are judged before its declared length is trusted after all.
const MAX_CANDIDATES: u32 = 16;

impl Events<'_, '_> {
    /// Looks at the next `length` octets of a payload that may be repaired; answers how many of them surely belong to it.
    pub(super) fn watch(&mut self, length: usize) -> usize {
        let terminator = self.reader.delimiters.segment();
        let at = self.at;
        let run = self.buffer().get(at..at + length).unwrap_or_default();
        let length = Needle::new(terminator).find(run, 0).unwrap_or(run.len());
        if length == 0 {
            self.reader.held.clear();
            self.reader.held_offset = self.offset();
            self.reader.stage = Stage::Holding;
            return 0;
        }
        let payload = self.reader.payload;
        let clean = payload.alphabet.prefix(run.get(..length).unwrap_or_default());
        self.reader.payload.clean &= clean == length;
        if !payload.beyond {
            return length;
        }
        if clean == 0 {
            // The declared length is used up and the octets are no longer of the alphabet: no end can be proven.
            self.lose_payload();
        }
        clean
    }

    /// Withholds octets from a terminator on, until it can be judged whether the payload ends there.
    pub(super) fn holding(&mut self) -> Step {
        let payload = self.reader.payload;
        let window = self.reader.settings.repair_window.max(1);
        let goal =
            usize::try_from(payload.remaining().saturating_add(1)).map_or(window, |left| left.min(window));
        loop {
            if self.reader.held.len() >= goal || self.is_settled() {
                return self.judge();
            }
            let Some(byte) = self.buffer().get(self.at).copied() else {
                return Step::Empty;
            };
            self.reader.held.push(byte);
            self.at += 1;
        }
    }

    /// Whether what follows the terminator already shows that this is no end, or that waiting proves nothing more.
    fn is_settled(&self) -> bool {
        let held = &self.reader.held;
        let payload = &self.reader.payload;
        if !(2..=16).contains(&held.len()) {
            return false;
        }
        let follower = payload::follower(held.get(1..).unwrap_or_default(), self.reader.delimiters);
        let provable = payload.clean && payload.alphabet != Alphabet::Any;
        match follower {
            Follower::Other => !provable,
            Follower::Segment => payload.beyond && provable,
            Follower::Unknown => false,
        }
    }

    /// Decides about the withheld octets.
    pub(super) fn judge(&mut self) -> Step {
        let held = std::mem::take(&mut self.reader.held);
        let payload = self.reader.payload;
        let delimiters = self.reader.delimiters;
        let reached = held.len() as u64 == payload.remaining().saturating_add(1);
        let offset = self.reader.held_offset;
        if reached && held.len() > 1 && held.last() == Some(&delimiters.segment()) {
            return self.confirm(held, offset);
        }
        let follower = payload::follower(held.get(1..).unwrap_or_default(), delimiters);
        let by_alphabet = payload.clean && payload.alphabet != Alphabet::Any && follower != Follower::Other;
        let by_trailer = follower == Follower::Segment
            && payload::leads_to_trailer(&held, delimiters, payload.place.position, &self.reader.control);
        if by_alphabet || by_trailer {
            return self.repair(&held, offset);
        }
        if reached {
            self.lose_payload();
            self.replay(&held, offset);
            return Step::Again;
        }
        self.reader.payload.candidates += 1;
        self.reader.payload.repairing = self.reader.payload.candidates < MAX_CANDIDATES;
        self.release(held, offset)
    }

    /// The declared length was right: what was withheld is payload but for the last octet.
    fn confirm(&mut self, held: Vec<u8>, offset: u64) -> Step {
        let end = held.len() - 1;
        self.reader.payload.passed += end as u64;
        self.reader.held = held;
        self.reader.queued = None;
        let step = self.payload_done(Framing::Declared);
        if let Step::Out(out) = step {
            self.reader.queued = Some(out);
        }
        Step::Out(Out::Chunk {
            span: Span {
                source: Source::Held,
                start: 0,
                end,
            },
            offset,
        })
    }

    /// The payload ends where the withheld octets begin.
    fn repair(&mut self, held: &[u8], offset: u64) -> Step {
        let payload = self.reader.payload;
        let kind = FaultKind::BinaryLengthMismatch {
            declared: payload.declared,
            found: Some(payload.passed),
            repaired: true,
        };
        if let Step::Out(out) = self.payload_done(Framing::Repaired) {
            self.reader.queued = Some(out);
        }
        self.replay(held.get(1..).unwrap_or_default(), offset + 1);
        Step::Out(Out::Fault(payload.fault(kind)))
    }

    /// The terminator in question is an octet like any other; what follows it is looked at again.
    fn release(&mut self, held: Vec<u8>, offset: u64) -> Step {
        self.replay(held.get(1..).unwrap_or_default(), offset + 1);
        self.reader.payload.passed += 1;
        self.reader.payload.clean = false;
        self.reader.held = held;
        self.reader.stage = Stage::Octets;
        Step::Out(Out::Chunk {
            span: Span {
                source: Source::Held,
                start: 0,
                end: 1,
            },
            offset,
        })
    }

    /// The end of the payload is not known: from here on, only the next segment counts.
    pub(super) fn lose_payload(&mut self) {
        // What was withheld last may still lie here, because an event borrowed it.
        self.reader.held.clear();
        self.reader.stage = Stage::Resync;
    }

    /// Skips to the next segment that may follow a payload.
    pub(super) fn resync(&mut self) -> Step {
        loop {
            if self.reader.held.is_empty() {
                let (buffer, at) = (
                    if self.replaying {
                        self.reader.replay.as_slice()
                    } else {
                        self.chunk
                    },
                    self.at,
                );
                let found = self.reader.marks.next(buffer, at);
                let until = found.unwrap_or(buffer.len());
                self.reader.payload.skipped += (until - at) as u64;
                self.at = until;
                if found.is_none() {
                    return Step::Empty;
                }
                self.reader.held_offset = self.offset();
                self.reader.held.push(self.reader.delimiters.segment());
                self.at += 1;
            }
            let behind = self.reader.held.get(1..).unwrap_or_default();
            match payload::follower(behind, self.reader.delimiters) {
                Follower::Segment => return self.resume(),
                Follower::Other => {
                    let held = std::mem::take(&mut self.reader.held);
                    self.reader.payload.skipped += 1;
                    self.replay(held.get(1..).unwrap_or_default(), self.reader.held_offset + 1);
                    return Step::Again;
                }
                Follower::Unknown => {}
            }
            let Some(byte) = self.buffer().get(self.at).copied() else {
                return Step::Empty;
            };
            self.reader.held.push(byte);
            self.at += 1;
        }
    }

    /// Segments go on behind a broken payload.
    fn resume(&mut self) -> Step {
        let held = std::mem::take(&mut self.reader.held);
        let payload = self.reader.payload;
        self.replay(held.get(1..).unwrap_or_default(), self.reader.held_offset + 1);
        let step = self.payload_done(Framing::Broken);
        if payload.told {
            return step;
        }
        if let Step::Out(out) = step {
            self.reader.queued = Some(out);
        }
        let found = Some(payload.passed + payload.skipped);
        let kind = FaultKind::BinaryLengthMismatch {
            declared: payload.declared,
            found,
            repaired: false,
        };
        Step::Out(Out::Fault(payload.fault(kind)))
    }
}
