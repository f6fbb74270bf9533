//! Base 64 as attachments have it: in one line, or in lines of one length.

use std::fmt;

use base64_simd::STANDARD;

/// How base 64 is broken into lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lines {
    /// Characters in a line; zero for one line without an end.
    length: usize,
    /// What ends a line.
    end: LineEnd,
    /// Whether the last line is ended too.
    closed: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LineEnd {
    CrLf,
    Lf,
}

impl Lines {
    /// One line, not ended.
    pub(super) const NONE: Self = Self {
        length: 0,
        end: LineEnd::CrLf,
        closed: false,
    };

    /// As MIME has them: 76 characters, every line ended.
    pub(super) const MIME: Self = Self {
        length: 76,
        end: LineEnd::CrLf,
        closed: true,
    };

    /// How a text is broken, as its first line and its end say.
    pub(super) fn of(text: &[u8]) -> Self {
        let Some(first) = memchr::memchr2(b'\r', b'\n', text) else {
            return Self::NONE;
        };
        let end = match text.get(first) {
            Some(b'\r') => LineEnd::CrLf,
            _ => LineEnd::Lf,
        };
        let closed = matches!(text.last(), Some(b'\n'));
        let only = text.get(first..).is_some_and(|rest| rest == end.bytes());
        Self {
            length: if only { 0 } else { first },
            end,
            closed,
        }
    }

    /// Reads what `Display` wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let length = words.next()?.parse().ok()?;
        let end = match words.next()? {
            "crlf" => LineEnd::CrLf,
            "lf" => LineEnd::Lf,
            _ => return None,
        };
        let closed = words.next() == Some("end");
        Some(Self { length, end, closed })
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            LineEnd::CrLf => "crlf",
            LineEnd::Lf => "lf",
        };
        let closed = if self.closed { " end" } else { "" };
        write!(f, "{} {end}{closed}", self.length)
    }
}

impl LineEnd {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

/// Decodes base 64, line ends and blanks in it passed over; nothing if it is none.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    decode_strictly(text).or_else(|| base64_simd::forgiving_decode_to_vec(text).ok())
}

/// Decodes base 64 in which nothing else stands; nothing if something does.
pub(super) fn decode_strictly(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode_to_vec(text).ok()
}

/// Appends the base 64 of some bytes in one line.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    STANDARD.encode_append(bytes, out);
}

/// Appends the base 64 of some bytes in lines.
pub(super) fn encode_lines(bytes: &[u8], lines: Lines, out: &mut Vec<u8>) {
    if lines.length == 0 {
        encode(bytes, out);
    } else {
        let mut whole = Vec::new();
        encode(bytes, &mut whole);
        let parts = whole.chunks(lines.length);
        out.reserve(whole.len() + (parts.len() + 1) * lines.end.bytes().len());
        for (number, line) in parts.enumerate() {
            if number > 0 {
                out.extend_from_slice(lines.end.bytes());
            }
            out.extend_from_slice(line);
        }
    }
    if lines.closed {
        out.extend_from_slice(lines.end.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &str) {
        let read = Lines::parse(lines).unwrap();
        assert_eq!(read.to_string(), lines);
        for length in [0, 1, 56, 57, 58, 114, 200] {
            let bytes: Vec<u8> = (0..length).map(|byte: u8| byte.wrapping_mul(7)).collect();
            let mut text = Vec::new();
            encode_lines(&bytes, read, &mut text);
            assert_eq!(decode(&text).unwrap(), bytes);
            let mut again = Vec::new();
            encode_lines(&bytes, Lines::of(&text), &mut again);
            assert_eq!(again, text, "{lines} {length}");
        }
    }

    #[test]
    fn lines_are_seen_and_written_again() {
        for lines in ["0 crlf", "76 crlf end", "76 crlf", "64 lf end", "0 lf end"] {
            check(lines);
        }
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["A", "!!!!", "QUJD=", "QUJD*"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"QUJD\r\nREVG\r\n").unwrap(), b"ABCDEF");
    }
}
