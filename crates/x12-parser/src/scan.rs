//! Finds bytes fast without unsafe code: eight at a time, as one 64-bit word.
//!
//! A block of 64 bytes becomes a 64-bit mask, one bit for each byte that matched, so the cost of a search is paid per
//! block and not per segment.

/// How many bytes one mask covers.
pub(crate) const BLOCK: usize = 64;

const LOW: u64 = 0x0101_0101_0101_0101;
const SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Multiplying by this collects the lowest bit of each byte in the topmost byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// A bit for each byte of `word` that equals the byte repeated in `pattern`, at the byte's lowest bit.
const fn equal(word: u64, pattern: u64) -> u64 {
    let x = word ^ pattern;
    // Exact for every byte value: the carry of the addition stays inside its byte.
    !(((x & SEVEN).wrapping_add(SEVEN)) | x | SEVEN) >> 7
}

const fn gather(bits: u64) -> u64 {
    bits.wrapping_mul(GATHER) >> 56
}

/// Repeats a byte in all eight places of a word.
const fn repeat(byte: u8) -> u64 {
    byte as u64 * LOW
}

fn words(block: &[u8; BLOCK]) -> impl Iterator<Item = (u32, u64)> {
    let (words, _) = block.as_chunks::<8>();
    (0u32..)
        .step_by(8)
        .zip(words.iter().map(|word| u64::from_le_bytes(*word)))
}

/// One byte to look for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needle(u64);

impl Needle {
    pub(crate) const fn new(byte: u8) -> Self {
        Self(repeat(byte))
    }

    /// The bytes of `block` that match, lowest bit first.
    #[inline]
    pub(crate) fn mask(self, block: &[u8; BLOCK]) -> u64 {
        words(block).fold(0, |mask, (shift, word)| {
            mask | (gather(equal(word, self.0)) << shift)
        })
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
        let byte = self.0.to_le_bytes()[0];
        let base = haystack.len() - tail.len();
        tail.iter().position(|found| *found == byte).map(|at| base + at)
    }
}

/// Walks the places of one byte in a slice, block by block.
///
/// Invariant: `mask` holds the matches of the block that starts at `block`, from the last asked place on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    needle: Needle,
    block: usize,
    mask: u64,
}

impl Marks {
    /// Starts before the first byte of a slice.
    pub(crate) fn new(needle: Needle, input: &[u8]) -> Self {
        Self {
            needle,
            block: 0,
            mask: mask_at(needle, input, 0),
        }
    }

    /// The next match at or after `from`, which must not go back behind an earlier `from`.
    #[inline]
    pub(crate) fn next(&mut self, input: &[u8], from: usize) -> Option<usize> {
        if from >= self.block + BLOCK {
            // A jump over whole blocks (binary data): start anew where the jump landed.
            self.block = from - from % BLOCK;
            self.mask = mask_at(self.needle, input, self.block);
        }
        if from > self.block {
            self.mask &= u64::MAX << (from - self.block);
        }
        while self.mask == 0 {
            self.block += BLOCK;
            if self.block >= input.len() {
                self.block -= BLOCK;
                return None;
            }
            self.mask = mask_at(self.needle, input, self.block);
        }
        Some(self.block + self.mask.trailing_zeros() as usize)
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
            let mut marks = Marks::new(Needle::new(byte), &haystack);
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
        let mut marks = Marks::new(Needle::new(b'~'), &haystack);
        assert_eq!(marks.next(&haystack, 0), Some(3));
        assert_eq!(marks.next(&haystack, 150), Some(200));
        assert_eq!(marks.next(&haystack, 201), Some(399));
        assert_eq!(marks.next(&haystack, 400), None);
    }

    #[test]
    fn zero_padding_is_never_a_match() {
        let mut marks = Marks::new(Needle::new(0), b"abc");
        assert_eq!(marks.next(b"abc", 0), None);
        assert_eq!(Marks::new(Needle::new(0), b"").next(b"", 0), None);
    }
}
