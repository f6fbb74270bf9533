//! Texts, which come in pieces: references and CDATA sections cut them.

use super::Builder;
use super::narrow;
use crate::ccda::names::TEXT_NODE;
use crate::ccda::refusal::Refusal;
use crate::ccda::tree::Cell;
use crate::ccda::tree::REWRITTEN;
use crate::ccda::tree::Span;

/// A text that may still grow by references and CDATA sections.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    span: Span,
    offset: u32,
    /// Whether anything but white space is in it.
    speaks: bool,
}

impl Builder<'_> {
    /// Takes a piece of text that stands in the document.
    pub(super) fn text(&mut self, start: usize, length: usize) -> Result<(), Refusal> {
        let piece = self.document.get(start..start + length).unwrap_or_default();
        let speaks = piece.bytes().any(|byte| !byte.is_ascii_whitespace());
        if self.open.is_empty() {
            return if speaks {
                Err(Refusal::NotWellFormed { offset: start as u64 })
            } else {
                Ok(())
            };
        }
        if length == 0 {
            return Ok(());
        }
        let plain = memchr::memchr(b'\r', piece.as_bytes()).is_none();
        if self.pending.is_none() && (plain || !speaks) {
            self.pending = Some(Pending {
                span: Span {
                    start: narrow(start),
                    length: narrow(length),
                },
                offset: narrow(start),
                speaks,
            });
            return Ok(());
        }
        self.grow(start as u64, speaks)?;
        if plain {
            self.rewritten.push_str(piece);
        } else {
            let unix = piece.replace("\r\n", "\n").replace('\r', "\n");
            self.rewritten.push_str(&unix);
        }
        self.measure(start as u64)
    }

    /// Takes a letter that a reference stands for.
    pub(super) fn letter(&mut self, letter: char, offset: u64) -> Result<(), Refusal> {
        if self.open.is_empty() {
            return Err(Refusal::NotWellFormed { offset });
        }
        self.grow(offset, true)?;
        self.rewritten.push(letter);
        self.measure(offset)
    }

    /// Moves the pending text to the end of the rewritten ones, so that it can grow.
    fn grow(&mut self, offset: u64, speaks: bool) -> Result<(), Refusal> {
        let pending = self.pending.take();
        let start = self.rewritten.len();
        let mut next = pending.unwrap_or(Pending {
            span: self.rewritten_since(start),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            speaks,
        });
        next.speaks |= speaks;
        if next.span.length & REWRITTEN == 0 {
            self.fits(next.span.length as usize, offset)?;
            let from = next.span.start as usize;
            let piece = self.document.get(from..from + next.span.length as usize);
            self.rewritten.push_str(piece.unwrap_or_default());
            next.span.start = narrow(start);
        }
        self.pending = Some(next);
        Ok(())
    }

    /// Notes how long the pending text has become.
    fn measure(&mut self, offset: u64) -> Result<(), Refusal> {
        if let Some(pending) = &mut self.pending {
            let length = self.rewritten.len() - pending.span.start as usize;
            pending.span.length = narrow(length) | REWRITTEN;
            return self.fits(length, offset);
        }
        Ok(())
    }

    /// Makes the pending text a node, unless it is white space where that means nothing.
    pub(super) fn flush(&mut self) -> Result<(), Refusal> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        if !pending.speaks && self.narrative.is_none() {
            return Ok(());
        }
        let offset = u64::from(pending.offset);
        self.fits((pending.span.length & !REWRITTEN) as usize, offset)?;
        let next = narrow(self.cells.len() + 1);
        self.push(
            Cell {
                name: TEXT_NODE,
                attributes: 0,
                end: next,
                parent: self.open.last().map_or(u32::MAX, |open| open.cell),
                offset: pending.offset,
                first: pending.span.start,
                length: pending.span.length,
            },
            offset,
        )
    }
}
