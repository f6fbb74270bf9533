//! A segment taken apart in one pass.

use super::Segment;
use crate::Delimiters;
use crate::scan::BLOCK;
use crate::scan::mask_of_any;

/// Which value of a segment: element, repetition and component, packed so that counting costs next to nothing.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position(u64);

impl Position {
    const FIRST: Self = Self(Self::NEXT_ELEMENT | Self::RESTART);
    const RESTART: u64 = Self::NEXT_REPETITION | Self::NEXT_COMPONENT;
    const NEXT_ELEMENT: u64 = 1 << 40;
    const NEXT_REPETITION: u64 = 1 << 20;
    const NEXT_COMPONENT: u64 = 1;

    /// Number of the element, from one.
    #[must_use]
    pub const fn element(self) -> usize {
        (self.0 >> 40) as usize
    }

    /// Number of the repetition, from one.
    #[must_use]
    pub const fn repetition(self) -> usize {
        ((self.0 >> 20) & 0xf_ffff) as usize
    }

    /// Number of the component, from one.
    #[must_use]
    pub const fn component(self) -> usize {
        (self.0 & 0xf_ffff) as usize
    }

    #[inline]
    const fn behind(self, separator: u8, delimiters: Delimiters) -> Self {
        if separator == delimiters.element() {
            return Self((self.0 | (Self::NEXT_ELEMENT - 1)) + 1 + Self::RESTART);
        }
        if separator == delimiters.component() {
            return Self(self.0 + Self::NEXT_COMPONENT);
        }
        Self((self.0 | (Self::NEXT_REPETITION - 1)) + 1 + Self::NEXT_COMPONENT)
    }
}

impl std::fmt::Debug for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:02}-{}, repetition {}",
            self.element(),
            self.component(),
            self.repetition()
        )
    }
}

/// One value of a segment: a component, or a whole element where it is simple.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Value<'a> {
    /// Which one it is.
    pub position: Position,
    /// Offset of the value in the segment.
    pub start: usize,
    /// The bytes; empty where nothing stands between two separators.
    pub bytes: &'a [u8],
}

/// Shows the position and length only: a value may name a person.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {} bytes", self.position, self.bytes.len())
    }
}

/// The values of a segment, in order; the first one belongs to element 1.
///
/// ```
/// use x12_parser::{Delimiters, Place, Segment};
///
/// let status = Segment::new(b"STC*R4:18842-5^R3*20261110", Delimiters::USUAL, Place::default());
/// let seen: Vec<_> = status
///     .values()
///     .map(|v| (v.position.element(), v.position.repetition(), v.position.component(), v.bytes))
///    .collect();
/// assert_eq!(
///     seen,
///     [
///         (1, 1, 1, &b"R4"[..]),
///         (1, 1, 2, b"18842-5"),
///         (1, 2, 1, b"R3"),
///         (2, 1, 1, b"20261110"),
///     ]
/// );
/// ```
#[derive(Clone)]
pub struct Values<'a> {
    length: usize,
    delimiters: Delimiters,
    /// Ends of values in the block at hand that are still to come, and where the block begins.
    mask: u64,
    block: usize,
    /// Where the next value begins, what stands from there on, and which value it is.
    start: usize,
    rest: &'a [u8],
    position: Position,
}

impl<'a> Values<'a> {
    #[inline]
    pub(super) fn of(segment: &Segment<'a>) -> Self {
        let Segment {
            around,
            length,
            delimiters,
            ..
        } = *segment;
        // The id is no value: begin behind the separator that ends it.
        let start = segment.id().len() + 1;
        let block = start - start % BLOCK;
        let mask = if start > length {
            0
        } else {
            ends(around, length, block, delimiters)
        };
        Self {
            length,
            delimiters,
            mask: mask & (u64::MAX << (start % BLOCK)),
            block: if start > length { length } else { block },
            start,
            rest: around.get(start..).unwrap_or_default(),
            position: Position::FIRST,
        }
    }
}

/// Where values end in a block: at the separators, and at the end of the segment.
///
/// Takes plain values and not a `Values`, so that these stay in registers.
#[inline]
fn ends(around: &[u8], length: usize, block: usize, delimiters: Delimiters) -> u64 {
    let rest = around.get(block..).unwrap_or_default();
    let left = length.wrapping_sub(block);
    let separators = match rest.first_chunk::<BLOCK>() {
        Some(whole) => separators(whole, delimiters),
        None => separators_of_rest(rest, delimiters),
    };
    if left >= BLOCK {
        return separators;
    }
    let end = 1 << left;
    (separators & (end - 1)) | end
}

/// The same for all blocks but the first, kept out of the loop that most segments never leave the first turn of.
#[cold]
#[inline(never)]
fn later_ends(around: &[u8], length: usize, block: usize, delimiters: Delimiters) -> u64 {
    ends(around, length, block, delimiters)
}

#[inline]
fn separators(block: &[u8; BLOCK], delimiters: Delimiters) -> u64 {
    let element = delimiters.element();
    // Without a repetition separator, the element separator is looked for twice.
    let repetition = delimiters.repetition().unwrap_or(element);
    mask_of_any(block, [element, delimiters.component(), repetition])
}

/// The last bytes of a buffer, fewer than a block.
#[cold]
#[inline(never)]
fn separators_of_rest(rest: &[u8], delimiters: Delimiters) -> u64 {
    let mut padded = [0; BLOCK];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    separators(&padded, delimiters)
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        while self.mask == 0 {
            self.block += BLOCK;
            if self.block > self.length {
                return None;
            }
            let block = self.block.wrapping_sub(self.start);
            self.mask = later_ends(
                self.rest,
                self.length.wrapping_sub(self.start),
                block,
                self.delimiters,
            );
        }
        let start = self.start;
        let end = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        let (bytes, behind) = self.rest.split_at_checked(end - start)?;
        let value = Value {
            position: self.position,
            start,
            bytes,
        };
        // Behind the last value stands the terminator, or nothing; what is counted there is never told.
        if let Some((separator, rest)) = behind.split_first() {
            self.rest = rest;
            self.position = self.position.behind(*separator, self.delimiters);
        }
        self.start = end + 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    /// The same by splitting, the slow and obvious way.
    fn slow(raw: &[u8]) -> Vec<(usize, usize, usize, Vec<u8>)> {
        let mut seen = Vec::new();
        for (element, whole) in (0..).zip(raw.split(|byte| *byte == b'*')).skip(1) {
            for (repetition, repeat) in (1..).zip(whole.split(|byte| *byte == b'^')) {
                for (component, value) in (1..).zip(repeat.split(|byte| *byte == b':')) {
                    seen.push((element, repetition, component, value.to_vec()));
                }
            }
        }
        seen
    }

    fn told(value: Value<'_>) -> (usize, usize, usize, Vec<u8>) {
        let at = value.position;
        (
            at.element(),
            at.repetition(),
            at.component(),
            value.bytes.to_vec(),
        )
    }

    #[track_caller]
    fn check(buffer: &[u8], length: usize) {
        let segment = Segment::within(buffer, length, Delimiters::USUAL, Place::default());
        let seen: Vec<_> = segment.values().map(told).collect();
        assert_eq!(seen, slow(&buffer[..length]));
    }

    #[test]
    fn values_are_those_of_splitting_whatever_stands_behind() {
        for raw in [
            "",
            "HL",
            "HL*",
            "NM1*PR*2*A B*****PI*9",
            "HI*BK:1:2^BF:3*",
            "*:^*",
            "A",
        ] {
            check(raw.as_bytes(), raw.len());
            let behind = [raw.as_bytes(), &b"~SE*1:2^3*".repeat(20)].concat();
            check(&behind, raw.len());
        }
    }

    #[test]
    fn segments_of_every_length_are_taken_apart() {
        let long: Vec<u8> = b"AB*C:D^".iter().copied().cycle().take(400).collect();
        for length in 0..300 {
            check(&long, length);
            check(&long[..length], length);
        }
    }
}
