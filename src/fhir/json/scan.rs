//! Finds where a run of plain text ends, many bytes at a time.

/// A run of bytes inside a JSON string that need no closer look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Run {
    /// How many bytes come before the first quote, backslash or control character.
    pub(super) len: usize,
    /// Whether all of them are ASCII.
    pub(super) ascii: bool,
}

/// Wide enough for the compiler to use vector instructions, narrow enough for short names.
const BLOCK: usize = 32;

/// The plain run at the start of `bytes`.
pub(super) fn plain(bytes: &[u8]) -> Run {
    let mut high = 0_u8;
    let mut len = 0;
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        let mut special = 0_u8;
        let mut seen = 0_u8;
        for byte in block {
            special |= mark(*byte);
            seen |= byte;
        }
        if special != 0 {
            return ends_in(block, len, high);
        }
        high |= seen;
        len += BLOCK;
    }
    ends_in(tail, len, high)
}

/// The run whose first `len` bytes, with the bits of `high`, were passed and whose end is looked for in `part`.
fn ends_in(part: &[u8], len: usize, mut high: u8) -> Run {
    let mut more = 0;
    for byte in part {
        if mark(*byte) != 0 {
            break;
        }
        high |= byte;
        more += 1;
    }
    Run {
        len: len + more,
        ascii: high < 0x80,
    }
}

/// Not 0 for a byte that ends a run. Without short cuts, so that the bytes of a block are judged at once.
fn mark(byte: u8) -> u8 {
    u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20)
}

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
