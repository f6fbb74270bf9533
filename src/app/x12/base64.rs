//! Base 64 undone as it streams by, in memory that does not grow.

/// Undoes base 64, however the characters are cut into chunks. Line ends and blanks between them are skipped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decoder {
    /// Values gathered, six bits each.
    bits: u32,
    gathered: u8,
    padding: u8,
    /// Characters taken so far, blanks included.
    taken: u64,
}

/// A character that cannot stand where it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Misfit {
    /// How many characters stand before it.
    pub(crate) at: u64,
}

impl Decoder {
    /// Undoes `encoded` and adds the octets to `octets`.
    ///
    /// # Errors
    /// Stops at the first character that is not of the alphabet, and at anything but padding behind padding.
    pub(crate) fn feed(&mut self, encoded: &[u8], octets: &mut Vec<u8>) -> Result<(), Misfit> {
        octets.reserve(encoded.len() / 4 * 3 + 3);
        let mut rest = encoded;
        loop {
            if self.gathered == 0 && self.padding == 0 {
                rest = self.quads(rest, octets);
            }
            let Some((character, behind)) = rest.split_first() else {
                return Ok(());
            };
            self.character(*character, octets)?;
            rest = behind;
        }
    }

    /// Ends the characters; octets that lack their padding are whole all the same.
    ///
    /// # Errors
    /// A single character left over is not even one octet.
    pub(crate) fn finish(self, octets: &mut Vec<u8>) -> Result<(), Misfit> {
        match (self.gathered, self.padding) {
            (0, _) => {}
            (2, 0 | 2) => {
                let [_, _, _, only] = (self.bits >> 4).to_be_bytes();
                octets.push(only);
            }
            (3, 0 | 1) => {
                let [_, _, first, second] = (self.bits >> 2).to_be_bytes();
                octets.extend([first, second]);
            }
            _ => return Err(Misfit { at: self.taken }),
        }
        Ok(())
    }

    /// Takes characters four at a time for as long as nothing is special about them; answers those that are left.
    fn quads<'e>(&mut self, encoded: &'e [u8], octets: &mut Vec<u8>) -> &'e [u8] {
        let (quads, _) = encoded.as_chunks::<4>();
        let mut plain = 0;
        for quad in quads {
            let [a, b, c, d] = quad.map(value);
            // A value has six bits, the mark of what has none sets more.
            if (a | b | c | d) > MASK {
                break;
            }
            let bits = u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d);
            let [_, first, second, third] = bits.to_be_bytes();
            octets.extend([first, second, third]);
            plain += 4;
        }
        self.taken += plain as u64;
        encoded.get(plain..).unwrap_or_default()
    }

    fn character(&mut self, character: u8, octets: &mut Vec<u8>) -> Result<(), Misfit> {
        let misfit = Misfit { at: self.taken };
        match character {
            b'\r' | b'\n' | b' ' | b'\t' => {}
            b'=' if self.gathered + self.padding < 4 && self.gathered > 1 => self.padding += 1,
            _ if self.padding > 0 => return Err(misfit),
            _ => {
                let value = value(character);
                if value > MASK {
                    return Err(misfit);
                }
                self.bits = self.bits << 6 | u32::from(value);
                self.gathered += 1;
                if self.gathered == 4 {
                    let [_, first, second, third] = self.bits.to_be_bytes();
                    octets.extend([first, second, third]);
                    (self.bits, self.gathered) = (0, 0);
                }
            }
        }
        self.taken += 1;
        Ok(())
    }
}

/// The greatest value of a character.
const MASK: u8 = 0x3f;
/// Stands for the value of a character that has none.
const NONE: u8 = 0xff;

const VALUES: [u8; 256] = values();

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[expect(clippy::indexing_slicing, reason = "evaluated when it is compiled")]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value: u8 = 0;
    while value <= MASK {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
}

fn value(character: u8) -> u8 {
    VALUES.get(usize::from(character)).copied().unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoded: &[u8], size: usize) -> Result<Vec<u8>, Misfit> {
        let (mut decoder, mut octets) = (Decoder::default(), Vec::new());
        for chunk in encoded.chunks(size) {
            decoder.feed(chunk, &mut octets)?;
        }
        decoder.finish(&mut octets)?;
        Ok(octets)
    }

    #[track_caller]
    fn check(encoded: &str, expected: Result<&str, u64>) {
        let expected = expected
            .map(|text| text.as_bytes().to_vec())
            .map_err(|at| Misfit { at });
        for size in [1, 2, 3, 4, 5, 7, 64] {
            assert_eq!(decode(encoded.as_bytes(), size), expected, "chunks of {size}");
        }
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        // RFC 4648, section 10.
        check("", Ok(""));
        check("Zg==", Ok("f"));
        check("Zm8=", Ok("fo"));
        check("Zm9v", Ok("foo"));
        check("Zm9vYg==", Ok("foob"));
        check("Zm9vYmE=", Ok("fooba"));
        check("Zm9vYmFy", Ok("foobar"));
    }

    #[test]
    fn line_ends_are_skipped_and_padding_may_be_missing() {
        check("Zm9v\r\nYmFy\r\n", Ok("foobar"));
        check("Zm\r\n9vY\n g=\n=\r\n", Ok("foob"));
        check("Zm8", Ok("fo"));
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_place() {
        check("Zm9v*mFy", Err(4));
        check("Zg==Zg==", Err(4));
        check("=", Err(0));
        check("Z===", Err(1));
        check("Zg===", Err(4));
        check("Zm9vY", Err(5));
        check("Zg=", Err(3));
    }

    #[test]
    fn every_octet_comes_back() {
        let octets: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let mut encoded = Vec::new();
        for chunk in octets.chunks(3) {
            let mut word = [0; 4];
            word[1..=chunk.len()].copy_from_slice(chunk);
            let bits = u32::from_be_bytes(word);
            for place in 0..4 {
                let value = (bits >> (18 - 6 * place)) as usize & 63;
                encoded.push(if place <= chunk.len() {
                    ALPHABET[value]
                } else {
                    b'='
                });
            }
        }
        for size in [1, 3, 61, 4096] {
            assert_eq!(decode(&encoded, size).as_ref(), Ok(&octets));
        }
    }
}
