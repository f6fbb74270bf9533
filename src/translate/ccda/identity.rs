//! Ids of resources: the same source gives the same id, today and next year.

use std::fmt;

/// An id of the kind that RFC 9562 calls version 5: a SHA-1 of a namespace and a name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Uuid(pub(super) [u8; 16]);

/// The namespace of all ids: made once by chance and never changed, or every id would change.
const CARTAGE: Uuid = Uuid([
    0x5a, 0x1c, 0x9e, 0x27, 0x40, 0xd3, 0x4b, 0x8f, 0x9b, 0x62, 0x0e, 0x7d, 0xc1, 0x58, 0x33, 0xa4,
]);

impl Uuid {
    /// The namespace of the document called `name`.
    pub(super) fn of_document(name: &[u8]) -> Self {
        CARTAGE.derive(name)
    }

    /// The id of what is called `name` in this namespace.
    pub(super) fn derive(self, name: &[u8]) -> Self {
        let mut digest = Sha1::new();
        digest.update(&self.0);
        digest.update(name);
        let hash = digest.finish();
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut id;
        *version = (*version & 0x0F) | 0x50;
        *variant = (*variant & 0x3F) | 0x80;
        Self(id)
    }

    /// The 36 characters of its usual form.
    pub(super) fn letters(self) -> Letters {
        let mut letters = [b'-'; 36];
        let places = (0..36).filter(|place| !matches!(place, 8 | 13 | 18 | 23));
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        for (place, digit) in places.zip(digits) {
            if let Some(letter) = letters.get_mut(place) {
                *letter = if digit < 10 {
                    b'0' + digit
                } else {
                    b'a' + digit - 10
                };
            }
        }
        Letters(letters)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters().as_str())
    }
}

/// A UUID spelt out.
pub(super) struct Letters([u8; 36]);

impl Letters {
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits and hyphens are ASCII")
    }
}

/// SHA-1, which version 5 ids and `Attachment.hash` are defined by; nothing here relies on it being hard to break.
pub(super) struct Sha1 {
    state: [u32; 5],
    block: [u8; 64],
    filled: usize,
    length: u64,
}

impl Sha1 {
    pub(super) const fn new() -> Self {
        Self {
            state: [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0],
            block: [0; 64],
            filled: 0,
            length: 0,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let mut rest = bytes;
        if self.filled > 0 {
            let (now, later) = rest.split_at(rest.len().min(64 - self.filled));
            self.fill(now);
            rest = later;
            if self.filled == 64 {
                let block = self.block;
                self.mix(&block);
                self.filled = 0;
            }
        }
        let (blocks, rest) = if self.filled == 0 {
            rest.as_chunks::<64>()
        } else {
            (&[][..], rest)
        };
        for block in blocks {
            self.mix(block);
        }
        self.fill(rest);
    }

    fn fill(&mut self, bytes: &[u8]) {
        for (to, from) in self.block.iter_mut().skip(self.filled).zip(bytes) {
            *to = *from;
        }
        self.filled += bytes.len();
    }

    pub(super) fn finish(mut self) -> [u8; 20] {
        let bits = self.length * 8;
        let pad = 1 + (119 - self.filled) % 64;
        let mut end = [0_u8; 72];
        end[0] = 0x80;
        for (to, from) in end.iter_mut().skip(pad).zip(bits.to_be_bytes()) {
            *to = from;
        }
        self.update(end.get(..pad + 8).unwrap_or_default());
        let mut hash = [0; 20];
        for (to, from) in hash
            .iter_mut()
            .zip(self.state.iter().flat_map(|word| word.to_be_bytes()))
        {
            *to = from;
        }
        hash
    }

    #[expect(clippy::many_single_char_names, reason = "the names that FIPS 180 gives them")]
    fn mix(&mut self, block: &[u8; 64]) {
        let mut words = [0_u32; 80];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        for at in 16..80 {
            let word = |back: usize| words.get(at - back).copied().unwrap_or_default();
            let next = (word(3) ^ word(8) ^ word(14) ^ word(16)).rotate_left(1);
            if let Some(slot) = words.get_mut(at) {
                *slot = next;
            }
        }
        let [mut a, mut b, mut c, mut d, mut e] = self.state;
        for (round, word) in words.iter().enumerate() {
            let (f, k) = match round / 20 {
                0 => ((b & c) | (!b & d), 0x5A82_7999_u32),
                1 => (b ^ c ^ d, 0x6ED9_EBA1),
                2 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(f)
                .wrapping_add(e)
                .wrapping_add(k)
                .wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (state, word) in self.state.iter_mut().zip([a, b, c, d, e]) {
            *state = state.wrapping_add(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(bytes: &[u8]) -> String {
        let mut text = String::new();
        for byte in bytes {
            let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        }
        text
    }

    fn sha1(bytes: &[u8]) -> String {
        let mut digest = Sha1::new();
        digest.update(bytes);
        hexadecimal(&digest.finish())
    }

    #[test]
    fn the_digest_is_the_one_of_fips_180() {
        assert_eq!(sha1(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(sha1(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(sha1(long), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
        let letters = vec![b'a'; 1_000_000];
        assert_eq!(sha1(&letters), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        let mut pieces = Sha1::new();
        for piece in letters.chunks(67) {
            pieces.update(piece);
        }
        let whole = hexadecimal(&pieces.finish());
        assert_eq!(whole, sha1(&letters));
    }

    #[test]
    fn ids_are_those_of_rfc_9562() {
        // The namespace for names of the domain system, and the example of the RFC.
        let dns = Uuid([
            0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
        ]);
        assert_eq!(
            dns.derive(b"www.example.com").to_string(),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        );
    }
}
