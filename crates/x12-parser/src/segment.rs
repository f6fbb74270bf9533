//! A segment as it stands in the input, taken apart only as far as the caller asks.

mod values;

pub use values::Position;
pub use values::Value;
pub use values::Values;

use crate::Delimiters;
use crate::Place;
use std::fmt;
use std::str::Utf8Error;

/// One segment: its bytes without the terminator, the separators in force, and its place.
///
/// Elements are numbered from one, as the standard does: in `NM1*PR*2`, element 1 is `PR`.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    /// The segment and whatever follows it in the buffer, so that it can be scanned by whole blocks without a copy.
    around: &'a [u8],
    length: usize,
    delimiters: Delimiters,
    place: Place,
}

impl<'a> Segment<'a> {
    /// Joins bytes, separators and place; `raw` must not hold the segment terminator outside binary data.
    #[must_use]
    pub const fn new(raw: &'a [u8], delimiters: Delimiters, place: Place) -> Self {
        Self {
            around: raw,
            length: raw.len(),
            delimiters,
            place,
        }
    }

    /// The first `length` bytes of `around`.
    #[inline]
    pub(crate) const fn within(
        around: &'a [u8],
        length: usize,
        delimiters: Delimiters,
        place: Place,
    ) -> Self {
        Self {
            around,
            length,
            delimiters,
            place,
        }
    }

    /// The bytes of the segment without its terminator.
    #[must_use]
    #[inline]
    pub const fn raw(&self) -> &'a [u8] {
        match self.around.split_at_checked(self.length) {
            Some((raw, _)) => raw,
            None => self.around,
        }
    }

    /// The segment and whatever follows it in the buffer.
    #[inline]
    pub(crate) const fn around(&self) -> &'a [u8] {
        self.around
    }

    /// The separators of the interchange that holds the segment.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Where the segment stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// What the segment calls itself, for instance `NM1`: whatever stands before the first element separator.
    #[must_use]
    #[inline]
    pub fn id(&self) -> &'a [u8] {
        let separator = self.delimiters.element();
        let raw = self.raw();
        // An id has two or three bytes.
        match *raw {
            [a, b, end, ..] if end == separator && a != end && b != end => raw.get(..2),
            [a, b, c, end, ..] if end == separator && a != end && b != end && c != end => raw.get(..3),
            _ => raw.split(|byte| *byte == separator).next(),
        }
        .unwrap_or_default()
    }

    /// Whether the id is a capital letter and one or two capital letters or digits.
    #[must_use]
    #[inline]
    pub fn has_well_formed_id(&self) -> bool {
        let end = |byte: u8| byte == self.delimiters.element();
        match *self.raw() {
            [a, b, c, ..] if end(c) => a.is_ascii_uppercase() && is_id_byte(b),
            [a, b, c, d, ..] if end(d) => a.is_ascii_uppercase() && is_id_byte(b) && is_id_byte(c),
            _ => SegmentId::of(self.id()).is_well_formed(),
        }
    }

    /// The elements in order; the first one yielded is element 1.
    #[must_use]
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let raw = self.raw();
        let skip = self.id().len() + 1;
        Elements {
            rest: raw.get(skip..),
            offset: self.place.offset + skip as u64,
            delimiters: self.delimiters,
        }
    }

    /// All values in order, taken apart down to components in one pass: the fastest way to see everything.
    #[must_use]
    #[inline]
    pub fn values(&self) -> Values<'a> {
        Values::of(self)
    }

    /// The element of a number from one; nothing where the segment ends before it.
    #[must_use]
    pub fn element(&self, number: usize) -> Option<Element<'a>> {
        self.elements().nth(number.checked_sub(1)?)
    }

    /// The bytes of an element; empty where the segment ends before it.
    #[must_use]
    pub fn value(&self, number: usize) -> &'a [u8] {
        self.element(number).map_or(&[], |element| element.raw())
    }
}

/// Compares what is in the segment, not where it is kept.
impl PartialEq for Segment<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw() && self.delimiters == other.delimiters && self.place == other.place
    }
}

impl Eq for Segment<'_> {}

/// Shows id and length only: a segment may name a person.
impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("id", &SegmentId::of(self.id()))
            .field("length", &self.length)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// The elements of a segment, in order.
#[derive(Clone)]
pub struct Elements<'a> {
    rest: Option<&'a [u8]>,
    offset: u64,
    delimiters: Delimiters,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let (raw, rest) = cut(self.rest?, self.delimiters.element());
        let element = Element {
            raw,
            offset: self.offset,
            delimiters: self.delimiters,
        };
        self.offset += raw.len() as u64 + 1;
        self.rest = rest;
        Some(element)
    }
}

/// One element: simple, composite or repeating, as its bytes say.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Element<'a> {
    raw: &'a [u8],
    offset: u64,
    delimiters: Delimiters,
}

impl<'a> Element<'a> {
    /// The bytes between two element separators.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Byte offset of the element in the input.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the element holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The element as text.
    ///
    /// # Errors
    /// X12 text is ASCII in practice and UTF-8 at most; anything else is refused here and still readable as bytes.
    pub fn text(&self) -> Result<&'a str, Utf8Error> {
        std::str::from_utf8(self.raw)
    }

    /// The repetitions of the element; one that does not repeat yields itself once.
    #[must_use]
    pub fn repetitions(&self) -> Parts<'a> {
        Parts {
            rest: Some(self.raw),
            offset: self.offset,
            separator: self.delimiters.repetition(),
            delimiters: self.delimiters,
        }
    }

    /// The components of a composite; a simple element yields itself once.
    #[must_use]
    pub fn components(&self) -> Parts<'a> {
        Parts {
            rest: Some(self.raw),
            offset: self.offset,
            separator: Some(self.delimiters.component()),
            delimiters: self.delimiters,
        }
    }

    /// The bytes of a component by its number from one; empty where the composite ends before it.
    #[must_use]
    pub fn component(&self, number: usize) -> &'a [u8] {
        number
            .checked_sub(1)
            .and_then(|index| self.components().nth(index))
            .map_or(&[], |part| part.raw)
    }
}

/// Shows place and length only: an element may name a person.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("offset", &self.offset)
            .field("length", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// The repetitions of an element, or the components of a composite.
#[derive(Clone)]
pub struct Parts<'a> {
    rest: Option<&'a [u8]>,
    offset: u64,
    separator: Option<u8>,
    delimiters: Delimiters,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let whole = self.rest?;
        let (raw, rest) = self
            .separator
            .map_or((whole, None), |separator| cut(whole, separator));
        let part = Element {
            raw,
            offset: self.offset,
            delimiters: self.delimiters,
        };
        self.offset += raw.len() as u64 + 1;
        self.rest = rest;
        Some(part)
    }
}

/// Cuts at the first separator; the second half is absent where there is none.
#[inline]
fn cut(whole: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    whole
        .iter()
        .position(|byte| *byte == separator)
        .and_then(|at| Some((whole.get(..at)?, Some(whole.get(at + 1..)?))))
        .unwrap_or((whole, None))
}

/// A segment id kept by value: up to three bytes, anything longer or unprintable shown as `?`.
///
/// What stands where an id belongs may be anything, even a name, when a sender got a separator wrong; only what looks
/// like an id is kept.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SegmentId([u8; 3]);

impl SegmentId {
    /// Keeps `found` where it looks like an id: a capital letter and one or two capital letters or digits.
    #[must_use]
    pub fn of(found: &[u8]) -> Self {
        match *found {
            [a, b] if a.is_ascii_uppercase() && is_id_byte(b) => Self([a, b, b' ']),
            [a, b, c] if a.is_ascii_uppercase() && is_id_byte(b) && is_id_byte(c) => Self([a, b, c]),
            _ => Self(*b"?  "),
        }
    }

    /// The id as text, without padding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.0.trim_ascii_end()).unwrap_or("?")
    }

    /// Whether the bytes looked like an id.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.0[0] != b'?'
    }
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(raw: &str) -> Segment<'_> {
        Segment::new(
            raw.as_bytes(),
            Delimiters::USUAL,
            Place {
                offset: 100,
                ..Place::default()
            },
        )
    }

    #[test]
    fn elements_are_numbered_from_one_and_know_their_offset() {
        let name = segment("NM1*PR*2**X");
        assert_eq!(name.id(), b"NM1");
        assert_eq!(name.value(1), b"PR");
        assert_eq!(name.value(3), b"");
        assert_eq!(name.value(4), b"X");
        assert_eq!(name.value(9), b"");
        assert_eq!(name.element(0), None);
        assert_eq!(name.element(2).map(|e| e.offset()), Some(107));
        assert_eq!(name.elements().count(), 4);
    }

    #[test]
    fn a_segment_may_be_its_id_alone_or_end_in_a_separator() {
        assert_eq!(segment("HL").elements().count(), 0);
        assert_eq!(segment("HL*").elements().count(), 1);
        assert_eq!(segment("").id(), b"");
    }

    #[test]
    fn repetitions_and_components_are_cut_on_demand() {
        let status = segment("STC*R4:18842-5::LOI^R3");
        let element = status.element(1).expect("STC01 stands");
        let repeats: Vec<_> = element.repetitions().collect();
        assert_eq!(repeats.len(), 2);
        assert_eq!(repeats[0].component(2), b"18842-5");
        assert_eq!(repeats[0].component(3), b"");
        assert_eq!(repeats[0].component(4), b"LOI");
        assert_eq!(repeats[0].component(5), b"");
        assert_eq!(repeats[1].raw(), b"R3");
        assert_eq!(repeats[1].offset(), 120);
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", segment("NM1*QC*1*CANARY"));
        assert!(shown.contains("NM1") && !shown.contains("CANARY"), "{shown}");
        assert!(!format!("{:?}", segment("CANARY*1")).contains("CANARY"));
    }

    #[test]
    fn only_what_looks_like_an_id_is_kept() {
        assert_eq!(SegmentId::of(b"N4").as_str(), "N4");
        assert_eq!(SegmentId::of(b"NM1").as_str(), "NM1");
        for odd in [&b""[..], b"N", b"Nd4", b"NM31", b"4NM", b" HL"] {
            assert!(!SegmentId::of(odd).is_well_formed());
        }
    }
}
