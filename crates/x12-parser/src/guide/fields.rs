//! A segment cut into its elements once, and what kinds of bytes it holds.

use crate::Delimiters;
use crate::Segment;
use crate::guide::dictionary::MOST_ELEMENTS;
use crate::guide::table::code_word;
use crate::scan::BLOCK;
use crate::scan::equal;
use crate::scan::mask_of;

/// Kinds of bytes, a bit each.
pub(crate) mod class {
    /// Parts components.
    pub(crate) const COMPONENT: u8 = 2;
    /// Parts repetitions.
    pub(crate) const REPETITION: u8 = 4;
    /// Anything but a digit.
    pub(crate) const NO_DIGIT: u8 = 8;
    /// A control character.
    pub(crate) const CONTROL: u8 = 16;
    /// Outside ASCII.
    pub(crate) const FOREIGN: u8 = 32;
    /// Anything but a blank.
    pub(crate) const PRINTED: u8 = 64;
}

/// The kinds of all bytes, for the separators of one interchange.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    delimiters: Delimiters,
    of_byte: [u8; 256],
}

impl Classes {
    pub(crate) fn new(delimiters: Delimiters) -> Self {
        let mut of_byte = [0; 256];
        for (byte, class) in (0u8..=255).zip(of_byte.iter_mut()) {
            *class = kind(byte, delimiters);
        }
        Self { delimiters, of_byte }
    }

    /// Makes the classes those of `delimiters`, which costs nothing where they are already.
    #[inline]
    pub(crate) fn adopt(&mut self, delimiters: Delimiters) {
        if self.delimiters != delimiters {
            *self = Self::new(delimiters);
        }
    }

    #[inline]
    pub(crate) fn of(&self, byte: u8) -> u8 {
        self.of_byte.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// All kinds among some bytes.
    pub(crate) fn among(&self, bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |found, byte| found | self.of(*byte))
    }
}

fn kind(byte: u8, delimiters: Delimiters) -> u8 {
    let mut kind = 0;
    let mut mark = |is: bool, bit: u8| kind |= if is { bit } else { 0 };
    mark(byte == delimiters.component(), class::COMPONENT);
    mark(delimiters.repetition() == Some(byte), class::REPETITION);
    mark(!byte.is_ascii_digit(), class::NO_DIGIT);
    mark(byte.is_ascii_control(), class::CONTROL);
    mark(!byte.is_ascii(), class::FOREIGN);
    mark(byte != b' ', class::PRINTED);
    kind
}

/// Where an element stands in its segment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The elements of the segment at hand.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    /// How many elements there are; only the first of them are kept.
    pub(crate) count: usize,
    /// A bit for each element that is not empty; element 1 has bit 1, and the last bit stands for all further ones.
    pub(crate) present: u64,
    /// The first element as a word.
    pub(crate) first: u64,
    /// Of separators of parts, control characters and foreign ones: those that stand anywhere in the segment.
    pub(crate) odd: u8,
    found: [Field; MOST_ELEMENTS],
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            count: 0,
            present: 0,
            first: 0,
            odd: 0,
            found: [Field::default(); MOST_ELEMENTS],
        }
    }
}

/// The bit of an element in a mask; all that are too many share the last one.
#[inline]
pub(crate) fn bit(element: usize) -> u64 {
    1 << element.min(63)
}

/// The kinds of bytes that are odd in a plain value.
pub(crate) const ODD: u8 = class::COMPONENT | class::REPETITION | class::CONTROL | class::FOREIGN;

/// Where in a block elements end, and where odd bytes stand.
#[inline]
fn marks(block: &[u8; BLOCK], delimiters: Delimiters) -> (u64, u64) {
    let (element, component) = (delimiters.element(), delimiters.component());
    // Without a repetition separator, the component separator is looked for twice.
    let repetition = delimiters.repetition().unwrap_or(component);
    let separators = mask_of(block, |byte| equal(byte, element));
    let odd = mask_of(block, |byte| {
        let unprinted = u8::from(byte.wrapping_sub(b' ') > b'~' - b' ').wrapping_neg();
        unprinted | equal(byte, component) | equal(byte, repetition)
    });
    (separators, odd)
}

/// The last bytes of a buffer, fewer than a block.
#[cold]
#[inline(never)]
fn marks_of_rest(rest: &[u8], delimiters: Delimiters) -> (u64, u64) {
    let mut padded = [b' '; BLOCK];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    marks(&padded, delimiters)
}

impl Fields {
    /// Cuts a segment whose id has `id` bytes.
    #[inline]
    pub(crate) fn cut(&mut self, segment: &Segment<'_>, id: usize, classes: &Classes) {
        let (around, raw) = (segment.around(), segment.raw());
        let (mut start, length) = (id + 1, raw.len());
        self.count = 0;
        self.present = 0;
        self.first = 0;
        self.odd = 0;
        if start > length {
            return;
        }
        let mut block = start - start % BLOCK;
        let mut skip = u64::MAX << (start % BLOCK);
        while block < length {
            let rest = around.get(block..).unwrap_or_default();
            let (separators, odd) = match rest.first_chunk::<BLOCK>() {
                Some(whole) => marks(whole, segment.delimiters()),
                None => marks_of_rest(rest, segment.delimiters()),
            };
            let left = length - block;
            if left < BLOCK {
                skip &= (1 << left) - 1;
            }
            if odd & skip != 0 {
                self.odd |= classes.among(raw.get(id + 1..).unwrap_or_default()) & ODD;
            }
            let mut separators = separators & skip;
            while separators != 0 {
                let at = block + separators.trailing_zeros() as usize;
                separators &= separators - 1;
                self.push(start, at);
                start = at + 1;
            }
            block += BLOCK;
            skip = u64::MAX;
        }
        self.push(start, length);
        if let Some(first) = self.value(segment, 1) {
            self.first = code_word(first);
        }
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize) {
        if let Some(field) = self.found.get_mut(self.count) {
            *field = Field { start, end };
        }
        self.count += 1;
        if end > start {
            self.present |= bit(self.count);
        }
    }

    /// The element of a number from one.
    #[inline]
    pub(crate) fn field(&self, number: usize) -> Option<Field> {
        if number > self.count {
            return None;
        }
        self.found.get(number.wrapping_sub(1)).copied()
    }

    /// The bytes of an element.
    #[inline]
    pub(crate) fn value<'s>(&self, segment: &Segment<'s>, number: usize) -> Option<&'s [u8]> {
        let field = self.field(number)?;
        segment.raw().get(field.start..field.end)
    }

    /// The bytes of an element, or of a component of its first repetition where `component` is not zero.
    #[inline]
    pub(crate) fn part<'s>(&self, segment: &Segment<'s>, number: u8, component: u8) -> &'s [u8] {
        let whole = self.value(segment, usize::from(number)).unwrap_or_default();
        if component == 0 {
            return whole;
        }
        let delimiters = segment.delimiters();
        let first = whole
            .split(|byte| delimiters.repetition() == Some(*byte))
            .next()
            .unwrap_or_default();
        first
            .split(|byte| *byte == delimiters.component())
            .nth(usize::from(component) - 1)
            .unwrap_or_default()
    }
}
