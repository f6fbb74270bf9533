//! Whether a content is the one that somebody vouched for.

use std::fmt;

use aws_lc_rs::digest::Context;
use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::digest::SHA256;

/// Compares a content that passes by with the hash that was said of it.
pub struct Checksum {
    said: Vec<u8>,
    seen: Context,
}

/// What was said is no hash that can be compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the hash is neither SHA-1 nor SHA-256")]
pub struct UnknownHash;

impl Checksum {
    /// Reads a hash by its length: FHIR says SHA-1, and some send SHA-256.
    ///
    /// # Errors
    /// Refuses any other length.
    pub fn of(said: &[u8]) -> Result<Self, UnknownHash> {
        let kind = match said.len() {
            20 => &SHA1_FOR_LEGACY_USE_ONLY,
            32 => &SHA256,
            _ => return Err(UnknownHash),
        };
        Ok(Self {
            said: said.to_vec(),
            seen: Context::new(kind),
        })
    }

    /// Takes the next octets.
    pub fn update(&mut self, octets: &[u8]) {
        self.seen.update(octets);
    }

    /// Whether all that was seen has the hash.
    pub fn holds(self) -> bool {
        self.seen.finish().as_ref() == self.said
    }
}

impl fmt::Debug for Checksum {
    /// Shows no digit: a hash finds a content again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checksum")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hexadecimal digits as octets.
    fn octets(digits: &str) -> Vec<u8> {
        let pairs = digits.as_bytes().chunks(2);
        let pairs = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        pairs.collect()
    }

    #[track_caller]
    fn check(said: &str, pieces: &[&[u8]], expected: bool) {
        let mut checksum = Checksum::of(&octets(said)).unwrap();
        for piece in pieces {
            checksum.update(piece);
        }
        assert_eq!(checksum.holds(), expected);
    }

    #[test]
    fn both_hashes_are_compared_whatever_the_pieces() {
        let old = "a9993e364706816aba3e25717850c26c9cd0d89d";
        check(old, &[b"abc"], true);
        check(old, &[b"a", b"", b"bc"], true);
        check(old, &[b"abd"], false);
        let new = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check(new, &[b"ab", b"c"], true);
        check(new, &[], false);
    }

    #[test]
    fn other_lengths_are_no_hashes() {
        for length in [0, 16, 30, 64] {
            assert_eq!(Checksum::of(&vec![0; length]).unwrap_err(), UnknownHash);
        }
    }
}
