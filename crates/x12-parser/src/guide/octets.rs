//! Checks payloads octet by octet: only those of the filter's alphabet may stand in one.

use crate::BinaryChunk;
use crate::BinaryEnd;
use crate::BinaryHead;
use crate::Code;
use crate::ContentError;
use crate::Detail;
use crate::ElementPlace;
use crate::Finding;
use crate::Framing;
use crate::SegmentId;
use crate::envelope::Sink;
use crate::payload::Alphabet;
use std::sync::Arc;

/// Number of binary data in the dictionary.
const BINARY_DATA: u16 = 785;
/// How many octets are checked at once.
const BLOCK: usize = 64;

/// What is known of the payload at hand.
#[derive(Clone, Debug)]
pub(crate) struct Octets {
    alphabet: Alphabet,
    segment: SegmentId,
    element: u8,
    /// Offset of the first octet that does not belong.
    wrong: Option<u64>,
}

impl Default for Octets {
    fn default() -> Self {
        Self {
            alphabet: Alphabet::Any,
            segment: SegmentId::of(b""),
            element: 0,
            wrong: None,
        }
    }
}

impl Octets {
    /// Begins a payload that is the element of this number.
    pub(crate) fn open(&mut self, head: &BinaryHead<'_>, element: usize) {
        *self = Self {
            alphabet: Alphabet::of_filter(head.filter().unwrap_or_default()),
            segment: SegmentId::of(head.segment.id()),
            element: u8::try_from(element).unwrap_or(u8::MAX),
            wrong: None,
        };
    }

    /// Takes some octets of the payload.
    pub(crate) fn take(&mut self, chunk: &BinaryChunk<'_>) {
        if self.wrong.is_none() && self.alphabet != Alphabet::Any {
            let good = prefix(self.alphabet, chunk.bytes);
            if good < chunk.bytes.len() {
                self.wrong = Some(chunk.offset + good as u64);
            }
        }
    }

    /// Ends the payload. Where its bounds are not known, that has been told, and the octets prove nothing.
    pub(crate) fn close(&mut self, end: &BinaryEnd, loop_id: Option<&Arc<str>>, found: Sink<'_>) {
        let wrong = self.wrong.take();
        self.alphabet = Alphabet::Any;
        let Some(offset) = wrong.filter(|_| end.framing != Framing::Broken) else {
            return;
        };
        // Binary data may hold any octet, so the syntax is sound: that nothing can be made of the content is for the 824.
        let mut finding = Finding::at(Code::Content(ContentError::Incorrect), end.place, self.segment)
            .spanning(offset, 1)
            .on_element(ElementPlace {
                element: self.element,
                dictionary: Some(BINARY_DATA),
                ..ElementPlace::default()
            })
            .with_detail(Detail::Clause("the filter yields no such octet"));
        finding.loop_id = loop_id.cloned();
        found(finding);
    }
}

/// How many of the first bytes are of the alphabet.
fn prefix(alphabet: Alphabet, bytes: &[u8]) -> usize {
    if alphabet != Alphabet::Base64 {
        return alphabet.prefix(bytes);
    }
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let clean = blocks
        .iter()
        .take_while(|block| block.iter().fold(true, |good, byte| good & is_base64(*byte)))
        .count()
        * BLOCK;
    clean + alphabet.prefix(bytes.get(clean..).unwrap_or_default())
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "lazy operators are branches, and those keep the compiler from checking many bytes at once"
)]
/// Without branches, so that a block is checked in a few instructions.
const fn is_base64(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit_or_slash = byte.wrapping_sub(b'/') < 11;
    letter | digit_or_slash | (byte == b'+') | (byte == b'=') | (byte == b'\r') | (byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_check_agrees_with_the_slow_one() {
        for byte in 0..=255 {
            assert_eq!(is_base64(byte), Alphabet::Base64.prefix(&[byte]) == 1, "{byte}");
        }
    }

    #[test]
    fn the_first_wrong_octet_is_found_anywhere() {
        for length in [1, 63, 64, 65, 200] {
            for at in 0..length {
                let mut bytes = vec![b'A'; length];
                bytes[at] = b'%';
                assert_eq!(prefix(Alphabet::Base64, &bytes), at);
            }
        }
        assert_eq!(prefix(Alphabet::Base64, &[b'A'; 130]), 130);
    }
}
