//! Bodies in base64, which stay where they are in the document.

use std::borrow::Cow;

/// Text in base64, checked and not decoded: a range of the document with white space still in it.
#[derive(Clone)]
pub struct Base64Body<'t> {
    text: Cow<'t, str>,
    letters: usize,
    padding: usize,
}

/// Why a text is no base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Base64Fault {
    /// It has a character that base64 does not have.
    Character,
    /// It ends in the middle of a group of four.
    Truncated,
}

impl<'t> Base64Body<'t> {
    /// Checks `text`; white space may stand anywhere.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(text: Cow<'t, str>) -> Result<Self, Base64Fault> {
        let mut letters = 0;
        let mut padding = 0;
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => letters += 1,
                b'=' if padding < 2 => padding += 1,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => return Err(Base64Fault::Character),
            }
        }
        if letters == 0 || (letters + padding) % 4 != 0 {
            return Err(Base64Fault::Truncated);
        }
        Ok(Self {
            text,
            letters,
            padding,
        })
    }

    /// How many octets it stands for.
    pub const fn octets(&self) -> usize {
        (self.letters + self.padding) / 4 * 3 - self.padding
    }

    /// The text without white space, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.text.split_ascii_whitespace()
    }

    /// The first octets it stands for, at most `most`; enough to tell what kind of file it is.
    pub fn head(&self, most: usize) -> Vec<u8> {
        let mut octets = Vec::with_capacity(most);
        let mut group = 0_u32;
        let mut count = 0;
        for value in self.text.bytes().filter_map(sextet) {
            group = (group << 6) | u32::from(value);
            count += 1;
            if count == 4 {
                octets.extend_from_slice(group.to_be_bytes().get(1..).unwrap_or_default());
                (group, count) = (0, 0);
            }
            if octets.len() >= most {
                octets.truncate(most);
                return octets;
            }
        }
        // What is left of the last group: two letters are one octet, three are two.
        let left = (group << (6 * (4 - count))).to_be_bytes();
        octets.extend_from_slice(left.get(1..1 + (count * 3_usize / 4)).unwrap_or_default());
        octets.truncate(most);
        octets
    }

    /// Everything it stands for.
    pub fn decode(&self) -> Vec<u8> {
        self.head(self.octets())
    }
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[u8], Base64Fault>) {
        let body = Base64Body::check(Cow::Borrowed(text));
        if let Ok(body) = &body {
            assert_eq!(body.octets(), body.decode().len());
        }
        assert_eq!(body.map(|body| body.decode()), expected.map(<[u8]>::to_vec));
    }

    #[test]
    fn bodies_are_checked_and_decoded() {
        check("QQ==", Ok(b"A"));
        check(" QU\n I= ", Ok(b"AB"));
        check("QUJD", Ok(b"ABC"));
        check("QUJDRA==", Ok(b"ABCD"));
        check("+/+/", Ok(&[0xFB, 0xFF, 0xBF]));
    }

    #[test]
    fn what_is_no_base64_is_told() {
        check("", Err(Base64Fault::Truncated));
        check("QUJ", Err(Base64Fault::Truncated));
        check("QUJD=", Err(Base64Fault::Truncated));
        check("QU=D", Err(Base64Fault::Character));
        check("Q-_A", Err(Base64Fault::Character));
    }

    #[test]
    fn the_head_is_enough_to_tell_a_file_by() {
        let body = Base64Body::check(Cow::Borrowed("JVBERi0xLjQ=")).unwrap();
        assert_eq!(body.head(5), b"%PDF-");
    }
}
