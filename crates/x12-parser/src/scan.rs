//! Finds bytes fast without unsafe code.
//!
//! A block of 64 bytes becomes a 64-bit mask, one bit for each byte that matched, so the cost of a search is paid per
//! block and not per segment. The loops are written so that the compiler turns them into vector instructions.

/// How many bytes one mask covers.
pub(crate) const BLOCK: usize = 64;

/// Marks each byte with the number of its word, so that eight words can be joined into one.
#[expect(
    clippy::indexing_slicing,
    reason = "the index is below the length, and the compiler evaluates it"
)]
const WEIGHTS: [u8; BLOCK] = {
    let mut weights = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        weights[at] = 1 << (at / 8);
        at += 1;
    }
    weights
};

/// The mask of the bytes that `matches` says `0xff` of, and zero of all others.
#[inline]
pub(crate) fn mask_of(block: &[u8; BLOCK], matches: impl Fn(u8) -> u8) -> u64 {
    let mut marked = [0; BLOCK];
    for ((mark, byte), weight) in marked.iter_mut().zip(block).zip(&WEIGHTS) {
        *mark = matches(*byte) & *weight;
    }
    let (words, _) = marked.as_chunks::<8>();
    transposed(
        words
            .iter()
            .fold(0, |joined, word| joined | u64::from_le_bytes(*word)),
    )
}

/// `0xff` where both are equal, else zero.
#[inline]
pub(crate) fn equal(one: u8, other: u8) -> u8 {
    u8::from(one == other).wrapping_neg()
}

/// Swaps rows and columns of eight times eight bits.
#[inline]
const fn transposed(bits: u64) -> u64 {
    let swap = (bits ^ (bits >> 7)) & 0x00aa_00aa_00aa_00aa;
    let bits = bits ^ swap ^ (swap << 7);
    let swap = (bits ^ (bits >> 14)) & 0x0000_cccc_0000_cccc;
    let bits = bits ^ swap ^ (swap << 14);
    let swap = (bits ^ (bits >> 28)) & 0x0000_0000_f0f0_f0f0;
    bits ^ swap ^ (swap << 28)
}

/// One byte to look for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needle(u8);

impl Needle {
    pub(crate) const fn new(byte: u8) -> Self {
        Self(byte)
    }

    /// The bytes of `block` that match, lowest bit first.
    #[inline]
    pub(crate) fn mask(self, block: &[u8; BLOCK]) -> u64 {
        mask_of(block, |byte| equal(byte, self.0))
    }

    /// The first place at or after `from` where the byte stands.
    pub(crate) fn find(self, haystack: &[u8], from: usize) -> Option<usize> {
        let rest = haystack.get(from..)?;
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        for (index, block) in blocks.iter().enumerate() {
            let mask = self.mask(block);
            if mask != 0 {
                return Some(from + index * BLOCK + mask.trailing_zeros() as usize);
            }
        }
        let byte = self.0;
        let base = haystack.len() - tail.len();
        tail.iter().position(|found| *found == byte).map(|at| base + at)
    }
}

/// The bytes of `block` that are one of three, lowest bit first.
#[inline]
pub(crate) fn mask_of_any(block: &[u8; BLOCK], bytes: [u8; 3]) -> u64 {
    let [one, two, three] = bytes;
    mask_of(block, |byte| {
        equal(byte, one) | equal(byte, two) | equal(byte, three)
    })
}

/// How many places are found ahead; a multiple of what one block can hold.
const AHEAD: usize = 512;

/// Walks the places of one byte in a slice. The places are found some blocks ahead, so that the walk itself has nothing
/// to guess.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    needle: Needle,
    /// Start of the first block not yet looked at.
    block: usize,
    /// Places found, from `next` up to `end`.
    places: Box<[usize; AHEAD]>,
    next: usize,
    end: usize,
}

impl Marks {
    pub(crate) fn new() -> Self {
        Self {
            needle: Needle::new(b'~'),
            block: 0,
            places: Box::new([0; AHEAD]),
            next: 0,
            end: 0,
        }
    }

    /// Begins a walk through another slice, or for another byte.
    #[inline]
    pub(crate) fn restart(&mut self, needle: Needle, from: usize) {
        self.needle = needle;
        self.block = from - from % BLOCK;
        self.next = 0;
        self.end = 0;
    }

    /// The next match at or after `from`, which must not go back behind an earlier `from`.
    #[inline]
    pub(crate) fn next(&mut self, input: &[u8], from: usize) -> Option<usize> {
        loop {
            while self.next < self.end {
                let at = self.places.get(self.next).copied()?;
                if at >= from {
                    return Some(at);
                }
                self.next += 1;
            }
            // Whole blocks may be jumped over, where a payload was passed on.
            self.block = self.block.max(from - from % BLOCK);
            if self.block >= input.len() {
                return None;
            }
            self.look_ahead(input);
        }
    }

    /// Says that the match told last is done with; this only saves looking at it once more.
    #[inline]
    pub(crate) fn pass(&mut self) {
        self.next += 1;
    }

    /// Finds the places of some more blocks.
    #[inline(never)]
    fn look_ahead(&mut self, input: &[u8]) {
        self.next = 0;
        self.end = 0;
        while self.block < input.len() && self.end + BLOCK <= AHEAD {
            let mut mask = mask_at(self.needle, input, self.block);
            let found = mask.count_ones() as usize;
            let mut free = self
                .places
                .get_mut(self.end..self.end + BLOCK)
                .unwrap_or_default();
            // Four at a time, whether there are so many or not: fewer branches to guess wrong.
            while let Some((slots, rest)) = free.split_first_chunk_mut::<4>() {
                for slot in slots {
                    *slot = self.block + mask.trailing_zeros() as usize;
                    mask &= mask.wrapping_sub(1);
                }
                free = rest;
                if mask == 0 {
                    break;
                }
            }
            self.end += found;
            self.block += BLOCK;
        }
    }
}

#[inline]
fn mask_at(needle: Needle, input: &[u8], block: usize) -> u64 {
    let rest = input.get(block..).unwrap_or_default();
    if let Some(whole) = rest.first_chunk::<BLOCK>() {
        return needle.mask(whole);
    }
    let mut padded = [0; BLOCK];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    let known = if rest.is_empty() {
        0
    } else {
        u64::MAX >> (BLOCK - rest.len())
    };
    needle.mask(&padded) & known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(haystack: &[u8], byte: u8) -> Vec<usize> {
        haystack
            .iter()
            .enumerate()
            .filter(|(_, found)| **found == byte)
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn every_byte_value_is_found_where_it_stands_and_nowhere_else() {
        let haystack: Vec<u8> = (0..1000u32)
            .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[1])
            .collect();
        for byte in 0..=255u8 {
            let mut marks = Marks::new();
            marks.restart(Needle::new(byte), 0);
            let mut found = Vec::new();
            let mut from = 0;
            while let Some(at) = marks.next(&haystack, from) {
                found.push(at);
                from = at + 1;
            }
            assert_eq!(found, slow(&haystack, byte), "byte {byte}");
            assert_eq!(
                Needle::new(byte).find(&haystack, 0),
                slow(&haystack, byte).first().copied()
            );
        }
    }

    #[test]
    fn a_jump_forward_starts_anew() {
        let mut haystack = vec![b'x'; 400];
        for at in [3, 200, 399] {
            haystack[at] = b'~';
        }
        let mut marks = Marks::new();
        marks.restart(Needle::new(b'~'), 0);
        assert_eq!(marks.next(&haystack, 0), Some(3));
        assert_eq!(marks.next(&haystack, 150), Some(200));
        assert_eq!(marks.next(&haystack, 201), Some(399));
        assert_eq!(marks.next(&haystack, 400), None);
    }

    #[test]
    fn zero_padding_is_never_a_match() {
        let mut marks = Marks::new();
        marks.restart(Needle::new(0), 0);
        assert_eq!(marks.next(b"abc", 0), None);
        assert_eq!(marks.next(b"", 0), None);
    }
}
