//! Bounds of binary payloads: reading the head of a `BIN` or `BDS`, and finding an end that the sender got wrong.

use crate::Delimiters;

/// Longest filter code that is still taken for one.
const MAX_FILTER: usize = 16;
/// Most digits of a length (DE 784).
const MAX_DIGITS: usize = 15;
/// Segments that may follow a payload, in any guide of the 275, and the trailers and headers around them.
const FOLLOWERS: [&[u8]; 16] = [
    b"LX", b"SE", b"DTP", b"CAT", b"TRN", b"STC", b"NM1", b"REF", b"EFI", b"OOI", b"ST", b"GE", b"GS",
    b"IEA", b"ISA", b"HL",
];

/// What came of reading the head of a binary segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Head {
    /// More bytes are needed.
    Incomplete,
    /// The head ends before its payload; `end` is the offset just behind the separator.
    Complete {
        declared: u64,
        length_at: usize,
        end: usize,
    },
    /// The length is missing or no number; `end` is where its element ends.
    Invalid { length_at: usize, end: usize },
}

/// Reads `BIN*length*` or `BDS*filter*length*` at the start of `bytes`.
pub(crate) fn read_head(bytes: &[u8], delimiters: Delimiters) -> Head {
    let fields = if bytes.starts_with(b"BDS") { 2 } else { 1 };
    let mut start = 4;
    for field in 1..=fields {
        let limit = if field == fields { MAX_DIGITS } else { MAX_FILTER };
        let Some(rest) = bytes.get(start..) else {
            return Head::Incomplete;
        };
        let ends = |byte: &u8| *byte == delimiters.element() || *byte == delimiters.segment();
        let Some(length) = rest.iter().take(limit + 1).position(ends) else {
            // Too long already, however much more may come.
            let known = rest.len() > limit;
            return if known {
                Head::Invalid {
                    length_at: start,
                    end: start + limit,
                }
            } else {
                Head::Incomplete
            };
        };
        let end = start + length;
        let closed = bytes.get(end) == Some(&delimiters.segment());
        if closed {
            return Head::Invalid {
                length_at: if field == fields { start } else { end },
                end,
            };
        }
        if field == fields {
            return number(rest.get(..length).unwrap_or_default()).map_or(
                Head::Invalid {
                    length_at: start,
                    end,
                },
                |declared| Head::Complete {
                    declared,
                    length_at: start,
                    end: end + 1,
                },
            );
        }
        start = end + 1;
    }
    Head::Incomplete
}

/// Reads a whole number of one to fifteen digits.
fn number(digits: &[u8]) -> Option<u64> {
    let usable = !digits.is_empty() && digits.len() <= MAX_DIGITS && digits.iter().all(u8::is_ascii_digit);
    usable.then(|| {
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    })
}

/// The octets that a filter may produce, where that excludes most of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alphabet {
    Base64,
    Hexadecimal,
    /// Anything: the alphabet helps nothing.
    Any,
}

impl Alphabet {
    /// The alphabet behind a filter code (DE 1570).
    pub(crate) fn of_filter(filter: &[u8]) -> Self {
        match filter {
            b"B64" => Self::Base64,
            b"HDC" => Self::Hexadecimal,
            _ => Self::Any,
        }
    }

    /// How many of the first bytes may stand in a payload.
    pub(crate) fn prefix(self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .position(|byte| !self.holds(*byte))
            .unwrap_or(bytes.len())
    }

    const fn holds(self, byte: u8) -> bool {
        let line_end = matches!(byte, b'\r' | b'\n');
        match self {
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') || line_end,
            Self::Hexadecimal => byte.is_ascii_hexdigit() || line_end,
            Self::Any => true,
        }
    }
}

/// What stands behind a terminator that may end a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Follower {
    /// More bytes are needed.
    Unknown,
    /// A segment that may follow a payload.
    Segment,
    /// Nothing of the kind.
    Other,
}

/// Judges the bytes behind a terminator.
pub(crate) fn follower(bytes: &[u8], delimiters: Delimiters) -> Follower {
    let padding = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let bytes = bytes.get(padding..).unwrap_or_default();
    // A run of line ends is no padding but text; four are generous.
    if padding > 4 {
        return Follower::Other;
    }
    let Some(length) = bytes
        .iter()
        .take(4)
        .position(|byte| *byte == delimiters.element())
    else {
        return if bytes.len() < 4 {
            Follower::Unknown
        } else {
            Follower::Other
        };
    };
    let id = bytes.get(..length).unwrap_or_default();
    if FOLLOWERS.contains(&id) {
        Follower::Segment
    } else {
        Follower::Other
    }
}

/// Whether the segments in `held` (which starts with the terminator in question) lead to the right `SE`.
///
/// `before` counts the segments of the transaction up to and with the binary one; `control` is ST02.
pub(crate) fn leads_to_trailer(held: &[u8], delimiters: Delimiters, before: u32, control: &[u8]) -> bool {
    let segments = held.split(|byte| *byte == delimiters.segment()).skip(1);
    for (number, raw) in (u64::from(before) + 1..).zip(segments) {
        let raw = raw.trim_ascii_start();
        let mut elements = raw.split(|byte| *byte == delimiters.element());
        if elements.next() == Some(b"SE") {
            let counted = elements.next().and_then(number_of);
            return counted == Some(number) && elements.next() == Some(control);
        }
    }
    false
}

fn number_of(digits: &[u8]) -> Option<u64> {
    number(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, expected: Head) {
        assert_eq!(read_head(head.as_bytes(), Delimiters::USUAL), expected);
    }

    #[test]
    fn heads_are_read_by_their_separators() {
        check(
            "BIN*8*AB~CD*EF~",
            Head::Complete {
                declared: 8,
                length_at: 4,
                end: 6,
            },
        );
        check(
            "BDS*B64*0016*x",
            Head::Complete {
                declared: 16,
                length_at: 8,
                end: 13,
            },
        );
    }

    #[test]
    fn a_cut_head_waits() {
        for head in ["BIN*", "BIN*12", "BDS*B6", "BDS*B64*", "BDS*B64*4"] {
            check(head, Head::Incomplete);
        }
    }

    #[test]
    fn a_length_that_is_no_number_is_placed() {
        check("BIN*11a*x~", Head::Invalid { length_at: 4, end: 7 });
        check("BDS*B64*~", Head::Invalid { length_at: 8, end: 8 });
        check("BDS*B64~", Head::Invalid { length_at: 7, end: 7 });
        check(
            "BIN*1234567890123456*",
            Head::Invalid {
                length_at: 4,
                end: 19,
            },
        );
    }

    #[test]
    fn followers_are_known_segments() {
        let judge = |bytes: &str| follower(bytes.as_bytes(), Delimiters::USUAL);
        assert_eq!(judge("SE*15*"), Follower::Segment);
        assert_eq!(judge("\r\nLX*2"), Follower::Segment);
        assert_eq!(judge("\r\nS"), Follower::Unknown);
        assert_eq!(judge("abcd*"), Follower::Other);
        assert_eq!(judge("SEX*"), Follower::Other);
    }

    #[test]
    fn a_trailer_must_have_the_right_count_and_number() {
        let leads = |held: &str| leads_to_trailer(held.as_bytes(), Delimiters::USUAL, 14, b"0001");
        assert!(leads("~SE*15*0001~GE"));
        assert!(leads("~\r\nLX*2~\r\nSE*16*0001~"));
        assert!(!leads("~SE*14*0001~"));
        assert!(!leads("~SE*15*0002~"));
        assert!(!leads("~LX*1"));
    }
}
