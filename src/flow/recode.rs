//! Base 64 that passes by in pieces: a long payload changes its form without being held.

/// In what form octets are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recode {
    /// Octets become base 64 in one line.
    Encode,
    /// Octets become base 64 in the lines of MIME.
    EncodeLines,
    /// Base 64 becomes the octets that it stands for.
    Decode,
    /// Base 64 in one line becomes base 64 in the lines of MIME.
    Lines,
}

/// A payload on its way from one form to another.
#[derive(Debug)]
pub(crate) struct Recoder {
    how: Recode,
    /// What did not fill a group yet.
    left: Vec<u8>,
    /// How many characters the line at hand has.
    column: usize,
}

/// The longest line of MIME.
const LINE: usize = 76;

impl Recoder {
    pub(crate) const fn new(how: Recode) -> Self {
        Self {
            how,
            left: Vec::new(),
            column: 0,
        }
    }

    /// Takes the next piece and gives what it comes to; nothing if it is no base 64.
    pub(crate) fn take(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Option<()> {
        match self.how {
            Recode::Lines => self.lines(piece, out),
            Recode::Encode | Recode::EncodeLines => {
                self.left.extend_from_slice(piece);
                let whole = self.left.len() / 3 * 3;
                let rest = self.left.split_off(whole);
                let groups = std::mem::replace(&mut self.left, rest);
                self.encode(&groups, out);
            }
            Recode::Decode => {
                self.left.extend_from_slice(piece);
                // The last group is kept until the end: only it may have padding.
                let whole = self.left.len().saturating_sub(1) / 4 * 4;
                let rest = self.left.split_off(whole);
                let groups = std::mem::replace(&mut self.left, rest);
                for group in groups.chunks_exact(4) {
                    decode(group, out)?;
                }
            }
        }
        Some(())
    }

    /// Ends the payload; nothing if it was no base 64.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Option<()> {
        let left = std::mem::take(&mut self.left);
        match self.how {
            Recode::Lines => {}
            Recode::Encode | Recode::EncodeLines => self.encode(&left, out),
            Recode::Decode if left.is_empty() => {}
            Recode::Decode => decode(left.as_slice(), out)?,
        }
        Some(())
    }

    fn encode(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let mut text = Vec::with_capacity(octets.len() / 3 * 4 + 4);
        for group in octets.chunks(3) {
            let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                let letter = if place <= group.len() {
                    letter(bits >> (18 - 6 * place) & 0x3f)
                } else {
                    b'='
                };
                text.push(letter);
            }
        }
        if self.how == Recode::EncodeLines {
            self.lines(&text, out);
        } else {
            out.extend_from_slice(&text);
        }
    }

    fn lines(&mut self, mut text: &[u8], out: &mut Vec<u8>) {
        while !text.is_empty() {
            if self.column == LINE {
                out.extend_from_slice(b"\r\n");
                self.column = 0;
            }
            let (now, rest) = text.split_at(text.len().min(LINE - self.column));
            out.extend_from_slice(now);
            self.column += now.len();
            text = rest;
        }
    }
}

fn decode(group: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let [a, b, c, d] = group else { return None };
    let padding = match (c, d) {
        (b'=', b'=') => 2,
        (_, b'=') => 1,
        _ => 0,
    };
    let mut bits = 0_u32;
    for (place, letter) in [a, b, c, d].into_iter().enumerate() {
        let value = if place >= 4 - padding { 0 } else { value(*letter)? };
        bits = bits << 6 | value;
    }
    let [_, octets @ ..] = bits.to_be_bytes();
    let (kept, spare) = octets.split_at(3 - padding);
    out.extend_from_slice(kept);
    // Bits that no octet takes must be zero (SEC-023).
    spare.iter().all(|octet| *octet == 0).then_some(())
}

const fn letter(value: u32) -> u8 {
    // Six bits: the value is less than 64.
    let value = (value & 0x3f) as u8;
    match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + value - 26,
        52..=61 => b'0' + value - 52,
        62 => b'+',
        _ => b'/',
    }
}

fn value(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Whether a text that passes by is strict base 64: its letters, its padding at the end, in whole groups.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strictness {
    length: u64,
    padding: u64,
    wrong: bool,
}

impl Strictness {
    pub(crate) fn see(&mut self, piece: &[u8]) {
        for letter in piece {
            if *letter == b'=' {
                self.padding += 1;
            } else if self.padding > 0 || value(*letter).is_none() {
                self.wrong = true;
            }
        }
        self.length += piece.len() as u64;
    }

    pub(crate) const fn holds(self) -> bool {
        !self.wrong && self.padding <= 2 && self.length.is_multiple_of(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recoded(how: Recode, input: &[u8], piece: usize) -> Option<Vec<u8>> {
        let mut recoder = Recoder::new(how);
        let mut out = Vec::new();
        for piece in input.chunks(piece) {
            recoder.take(piece, &mut out)?;
        }
        recoder.finish(&mut out)?;
        Some(out)
    }

    #[test]
    fn octets_come_back_however_they_are_cut() {
        for length in 0..40_u8 {
            let octets: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            let whole = recoded(Recode::Encode, &octets, 1_000).unwrap();
            for piece in 1..9 {
                assert_eq!(recoded(Recode::Encode, &octets, piece).unwrap(), whole);
                assert_eq!(recoded(Recode::Decode, &whole, piece).unwrap(), octets);
            }
        }
        assert_eq!(recoded(Recode::Encode, b"Man", 2).unwrap(), b"TWFu");
        assert_eq!(recoded(Recode::Encode, b"Ma", 2).unwrap(), b"TWE=");
    }

    #[test]
    fn lines_have_the_length_of_mime() {
        let octets = vec![7; 200];
        let text = String::from_utf8(recoded(Recode::EncodeLines, &octets, 11).unwrap()).unwrap();
        assert!(text.lines().rev().skip(1).all(|line| line.len() == 76));
        let plain = recoded(Recode::Encode, &octets, 200).unwrap();
        assert_eq!(recoded(Recode::Lines, &plain, 7).unwrap(), text.as_bytes());
        assert_eq!(text.replace("\r\n", "").as_bytes(), plain);
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["TWF", "TW*u", "TWF=", "T===", "TQ=A"] {
            assert_eq!(recoded(Recode::Decode, text.as_bytes(), 3), None, "{text}");
        }
        let strict = |text: &str| {
            let mut strictness = Strictness::default();
            strictness.see(text.as_bytes());
            strictness.holds()
        };
        assert!(strict("TWFu") && strict("TQ==") && strict(""));
        assert!(!strict("TWF") && !strict("TW=u") && !strict("TW u") && !strict("===="));
    }
}
