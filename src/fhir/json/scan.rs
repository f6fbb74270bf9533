//! Finds where a run of plain text ends, many bytes at a time.

/// A run of bytes inside a JSON string that need no closer look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Run {
    /// How many bytes come before the first quote, backslash or control character.
    pub(super) len: usize,
    /// Whether all of them are ASCII.
    pub(super) ascii: bool,
}

/// Wide enough for the compiler to use vector instructions.
const BLOCK: usize = 32;

/// Names and codes end within this many bytes as a rule.
const SHORT: usize = 32;

/// The plain run at the start of `bytes`.
pub(super) fn plain(bytes: &[u8]) -> Run {
    let start = bytes.get(..SHORT).unwrap_or(bytes);
    let first = by_words(start);
    if first.len < start.len() || start.len() < SHORT {
        return first;
    }
    let rest = by_blocks(bytes.get(SHORT..).unwrap_or_default());
    Run {
        len: SHORT + rest.len,
        ascii: first.ascii && rest.ascii,
    }
}

/// Looks at a block at a time until one has something special.
fn by_blocks(bytes: &[u8]) -> Run {
    let mut high = 0_u8;
    let mut len = 0;
    for block in bytes.as_chunks::<BLOCK>().0 {
        let mut special = 0_u8;
        let mut seen = 0_u8;
        for byte in block {
            special |= mark(*byte);
            seen |= byte;
        }
        if special != 0 {
            break;
        }
        high |= seen;
        len += BLOCK;
    }
    let last = by_words(bytes.get(len..).unwrap_or_default());
    Run {
        len: len + last.len,
        ascii: high < 0x80 && last.ascii,
    }
}

/// Not 0 for a byte that ends a run. Without short cuts, so that the bytes of a block are judged at once.
fn mark(byte: u8) -> u8 {
    u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20)
}

/// Looks at eight bytes at a time, as one number: the lowest marked bit is that of the first special byte.
fn by_words(bytes: &[u8]) -> Run {
    let mut len = 0;
    let mut high = 0_u64;
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let marks = marks(word);
        if marks != 0 {
            let before = marks.trailing_zeros() / 8;
            // Bits of the bytes before the special one; none if it is the first.
            let kept = !(u64::MAX << (before * 8));
            high |= word & kept;
            return Run {
                len: len + before as usize,
                ascii: high & HIGH == 0,
            };
        }
        high |= word;
        len += 8;
    }
    let more = tail.iter().take_while(|byte| mark(**byte) == 0);
    let (count, seen) = more.fold((0, 0), |(count, seen), byte| (count + 1, seen | byte));
    Run {
        len: len + count,
        ascii: high & HIGH == 0 && seen < 0x80,
    }
}

/// A word whose high bits mark quotes, backslashes and controls; right up to the lowest mark, which is all we use.
const fn marks(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let quotes = quote.wrapping_sub(ONES) & !quote;
    let backslashes = backslash.wrapping_sub(ONES) & !backslash;
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGH
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_special_byte_wherever_it_stands() {
        for special in [b'"', b'\\', b'\n', 0, 0x1f] {
            for at in 0..200 {
                let mut bytes = vec![b'a'; 200];
                bytes[at] = special;
                assert_eq!(plain(&bytes), Run { len: at, ascii: true }, "{special} at {at}");
            }
        }
        assert_eq!(plain(&[b'a'; 77]), Run { len: 77, ascii: true });
        assert_eq!(plain(b""), Run { len: 0, ascii: true });
    }

    #[test]
    fn every_byte_is_judged_alike_in_words_and_in_blocks() {
        for byte in 0..=255 {
            for at in [0, 1, 7, 8, 31, 32, 40, 63, 64, 90] {
                let mut bytes = [b'a'; 100];
                bytes[at] = byte;
                bytes[99] = b'"';
                let len = if mark(byte) == 0 { 99 } else { at };
                let ascii = byte < 0x80 || len == at;
                assert_eq!(plain(&bytes), Run { len, ascii }, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn letters_beyond_ascii_are_noticed_but_only_before_the_end() {
        for at in 0..100 {
            let mut bytes = vec![b'a'; 100];
            bytes[at] = 0xc3;
            assert!(!plain(&bytes).ascii, "{at}");
            bytes[0] = b'"';
            assert_eq!(plain(&bytes), Run { len: 0, ascii: true });
        }
    }
}
