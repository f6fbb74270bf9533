//! What stands before the first `ISA`, between interchanges, and behind the last.

use super::Events;
use super::Out;
use super::Stage;
use super::Step;
use crate::event::FaultKind;
use crate::header;

const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A run of bytes that belong to no interchange.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stray {
    offset: u64,
    length: u64,
    /// Whether the run has been told of already, as part of an unreadable header.
    quiet: bool,
    /// Whether all bytes so far are a byte order mark at the start of the input.
    mark: bool,
    /// Whether the byte before was a letter or digit, so that an `ISA` here is the end of a word.
    in_word: bool,
}

impl Stray {
    /// Opens a run that needs no fault of its own.
    pub(super) fn open_quietly(&mut self) {
        *self = Self {
            quiet: true,
            ..Self::default()
        };
    }

    fn add(&mut self, byte: u8, offset: u64) {
        if self.length == 0 {
            self.offset = offset;
            self.mark = offset == 0;
        }
        let expected = usize::try_from(self.length)
            .ok()
            .and_then(|index| MARK.get(index));
        self.mark &= expected == Some(&byte);
        self.length += 1;
        self.in_word = byte.is_ascii_alphanumeric();
    }
}

impl Events<'_, '_> {
    /// Looks for the next `ISA`; white space is no fault, anything else is told once per run.
    pub(super) fn outside(&mut self) -> Step {
        loop {
            let Some(byte) = self.buffer().get(self.at).copied() else {
                return Step::Empty;
            };
            let offset = self.offset();
            self.at += 1;
            if self.reader.carry.is_empty() {
                if byte == b'I' && !self.reader.stray.in_word {
                    self.reader.carry.push(byte);
                    self.reader.carry_offset = offset;
                } else if byte.is_ascii_whitespace() || matches!(byte, 0 | 0x1a) {
                    self.reader.stray.in_word = false;
                } else {
                    self.reader.stray.add(byte, offset);
                }
                continue;
            }
            self.reader.carry.push(byte);
            match self.reader.carry.as_slice() {
                [b'I', b'S', b'A', end] if header::may_separate(*end) => {
                    self.reader.stage = Stage::Segments;
                    return self.end_stray_run();
                }
                [b'I', b'S'] | [b'I', b'S', b'A'] => {}
                _ => {
                    self.disappoint();
                    return Step::Again;
                }
            }
        }
    }

    /// The gathered bytes are no header: the first of them is stray, the others are looked at again.
    fn disappoint(&mut self) {
        let carry = std::mem::take(&mut self.reader.carry);
        let offset = self.reader.carry_offset;
        if let Some((first, rest)) = carry.split_first() {
            self.reader.stray.add(*first, offset);
            self.replay(rest, offset + 1);
        }
    }

    fn end_stray_run(&mut self) -> Step {
        let stray = std::mem::take(&mut self.reader.stray);
        if stray.length == 0 || stray.quiet {
            return Step::Again;
        }
        let kind = if stray.mark && stray.length == 3 {
            FaultKind::ByteOrderMark
        } else {
            FaultKind::OutsideInterchange
        };
        Step::Out(Out::Fault(self.reader.fault(kind, stray.offset, stray.length)))
    }

    /// The input ended outside any interchange.
    pub(super) fn end_stray(&mut self) -> Step {
        let carry = std::mem::take(&mut self.reader.carry);
        let offset = self.reader.carry_offset;
        for (byte, at) in carry.iter().zip(offset..) {
            self.reader.stray.add(*byte, at);
        }
        self.end_stray_run()
    }
}
