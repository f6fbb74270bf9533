//! Where the body of an HTTP/1 request ends, octet by octet as it passes.

use super::head::Framing;

/// A body on its way past.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Passing {
    /// So many octets are still to come.
    Length(u64),
    /// Chunks.
    Chunks(Chunk),
}

/// Where in a chunked body one is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chunk {
    /// In the digits of a size.
    Size { size: u64, digits: u8 },
    /// In what follows the digits.
    Extension { size: u64, length: u16 },
    /// After the carriage return of a size line.
    SizeEnd { size: u64 },
    /// In the chunk itself.
    Octets { rest: u64 },
    /// After a chunk, and after the carriage return there.
    OctetsEnd { returned: bool },
    /// In the lines after the last chunk.
    Trailer { length: u16, line: u16 },
    /// After the carriage return of such a line; `line` is how long it was.
    TrailerEnd { length: u16, line: u16 },
}

/// The framing is not what it must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Damaged;

/// The most octets of one extension, and of all trailers together.
const LONGEST_EXTENSION: u16 = 256;
const LONGEST_TRAILER: u16 = 4096;

impl Passing {
    /// The body that a head announces; none if it has none.
    pub(super) const fn of(framing: Framing) -> Option<Self> {
        match framing {
            Framing::Length(0) => None,
            Framing::Length(length) => Some(Self::Length(length)),
            Framing::Chunked => Some(Self::Chunks(Chunk::Size { size: 0, digits: 0 })),
        }
    }

    /// Takes note of the next octets: how many of them are the body's, and what of the body is still to come.
    pub(super) fn advance(self, octets: &[u8]) -> Result<(usize, Option<Self>), Damaged> {
        match self {
            Self::Length(rest) => {
                let taken = usize::try_from(rest).map_or(octets.len(), |rest| rest.min(octets.len()));
                let rest = rest.saturating_sub(taken as u64);
                Ok((taken, (rest > 0).then_some(Self::Length(rest))))
            }
            Self::Chunks(chunk) => {
                let mut chunk = chunk;
                let mut taken = 0;
                while let Some(left) = octets.get(taken..).filter(|left| !left.is_empty()) {
                    let (more, next) = chunk.advance(left)?;
                    taken += more;
                    match next {
                        Some(next) => chunk = next,
                        None => return Ok((taken, None)),
                    }
                }
                Ok((taken, Some(Self::Chunks(chunk))))
            }
        }
    }
}

impl Chunk {
    /// One step: octets of a chunk all at once, anything else one by one.
    fn advance(self, octets: &[u8]) -> Result<(usize, Option<Self>), Damaged> {
        let Some(&octet) = octets.first() else {
            return Ok((0, Some(self)));
        };
        let next = match self {
            Self::Octets { rest } => {
                let taken = usize::try_from(rest).map_or(octets.len(), |rest| rest.min(octets.len()));
                let rest = rest.saturating_sub(taken as u64);
                let next = if rest == 0 {
                    Self::OctetsEnd { returned: false }
                } else {
                    Self::Octets { rest }
                };
                return Ok((taken, Some(next)));
            }
            Self::Size { size, digits } => sized(size, digits, octet)?,
            Self::Extension { size, .. } if octet == b'\r' => Self::SizeEnd { size },
            Self::Extension { size, length } if length < LONGEST_EXTENSION && is_text(octet) => {
                Self::Extension {
                    size,
                    length: length + 1,
                }
            }
            Self::SizeEnd { size: 0 } if octet == b'\n' => Self::Trailer { length: 0, line: 0 },
            Self::SizeEnd { size } if octet == b'\n' => Self::Octets { rest: size },
            Self::OctetsEnd { returned: false } if octet == b'\r' => Self::OctetsEnd { returned: true },
            Self::OctetsEnd { returned: true } if octet == b'\n' => Self::Size { size: 0, digits: 0 },
            Self::Trailer { length, line } if octet == b'\r' => Self::TrailerEnd { length, line },
            Self::Trailer { length, line } if length < LONGEST_TRAILER && is_text(octet) => Self::Trailer {
                length: length + 1,
                line: line + 1,
            },
            Self::TrailerEnd { line: 0, .. } if octet == b'\n' => return Ok((1, None)),
            Self::TrailerEnd { length, .. } if octet == b'\n' => Self::Trailer { length, line: 0 },
            Self::Extension { .. }
            | Self::SizeEnd { .. }
            | Self::OctetsEnd { .. }
            | Self::Trailer { .. }
            | Self::TrailerEnd { .. } => return Err(Damaged),
        };
        Ok((1, Some(next)))
    }
}

/// The next octet of a line that says a size.
fn sized(size: u64, digits: u8, octet: u8) -> Result<Chunk, Damaged> {
    let value = match octet {
        b'0'..=b'9' => octet - b'0',
        b'a'..=b'f' => octet - b'a' + 10,
        b'A'..=b'F' => octet - b'A' + 10,
        b'\r' if digits > 0 => return Ok(Chunk::SizeEnd { size }),
        b';' if digits > 0 => return Ok(Chunk::Extension { size, length: 0 }),
        _ => return Err(Damaged),
    };
    // Fifteen digits are more octets than anybody has, and cannot overflow.
    if digits == 15 {
        return Err(Damaged);
    }
    Ok(Chunk::Size {
        size: size * 16 + u64::from(value),
        digits: digits + 1,
    })
}

const fn is_text(octet: u8) -> bool {
    octet == b'\t' || (octet >= b' ' && octet != 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of `octets` is the body, cut everywhere; `None` if it goes on after them.
    fn pass(framing: Framing, octets: &[u8]) -> Result<Option<usize>, Damaged> {
        let whole = run(framing, octets, octets.len().max(1));
        for size in 1..octets.len() {
            assert_eq!(run(framing, octets, size), whole, "in pieces of {size}");
        }
        whole
    }

    fn run(framing: Framing, octets: &[u8], size: usize) -> Result<Option<usize>, Damaged> {
        let mut passing = Passing::of(framing);
        let mut taken = 0;
        for piece in octets.chunks(size) {
            let Some(now) = passing else { break };
            let (more, next) = now.advance(piece)?;
            taken += more;
            passing = next;
        }
        Ok(passing.is_none().then_some(taken))
    }

    #[track_caller]
    fn check(octets: &str, expected: Result<Option<usize>, Damaged>) {
        assert_eq!(pass(Framing::Chunked, octets.as_bytes()), expected, "{octets:?}");
    }

    #[test]
    fn a_length_is_counted() {
        assert_eq!(pass(Framing::Length(5), b"hello GET"), Ok(Some(5)));
        assert_eq!(pass(Framing::Length(5), b"hell"), Ok(None));
        assert_eq!(Passing::of(Framing::Length(0)), None);
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        check("5\r\nhello\r\n0\r\n\r\nGET", Ok(Some(15)));
        check("A;x=\"y\"\r\n0123456789\r\n0\r\nX: 1\r\n\r\n", Ok(Some(32)));
        check("5\r\nhello\r\n0\r\n\r", Ok(None));
    }

    #[test]
    fn damaged_chunks_are_seen() {
        for octets in [
            "5;a\nb\r\nhello\r\n0\r\n\r\n",
            "10000000000000005\r\nhello\r\n0\r\n\r\n",
            "\r\nhello",
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhelloX0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "0x5\r\nhello\r\n",
            "-1\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            "0\r\nX: 1\n\r\n",
        ] {
            check(octets, Err(Damaged));
        }
        check(&format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(300)), Err(Damaged));
        check(&format!("0\r\n{}\r\n\r\n", "x".repeat(5000)), Err(Damaged));
    }
}
