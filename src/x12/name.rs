//! Names of loops.

use std::fmt;

/// The name that a guide gives a loop, such as `2000A`; the transaction itself is the loop without a name.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LoopName([u8; 8]);

impl LoopName {
    /// The transaction itself.
    pub const ROOT: Self = Self([0; 8]);

    /// Reads a name: one to eight capital letters and digits, the first a digit.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let sound = bytes.first()?.is_ascii_digit()
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        let mut letters = [0; 8];
        letters.get_mut(..bytes.len())?.copy_from_slice(bytes);
        sound.then_some(Self(letters))
    }

    /// Whether it is the name that `text` says.
    #[inline]
    pub(super) fn is(self, text: &str) -> bool {
        let (own, rest) = self.0.split_at_checked(text.len()).unwrap_or((&[], &self.0));
        own.len() == text.len()
            && own.iter().zip(text.bytes()).all(|(own, other)| *own == other)
            && rest.first().is_none_or(|next| *next == 0)
    }

    /// The name as text; empty for the transaction itself.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        self.0
            .get(..end)
            .and_then(|letters| std::str::from_utf8(letters).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for LoopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for LoopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoopName({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_digits_and_capitals() {
        for name in ["2000A", "1000D", "2010EA", "1", "20000000"] {
            assert_eq!(LoopName::parse(name).unwrap().as_str(), name);
        }
        for text in ["", "A000", "2000a", "2000 A", "200000000", "2000Ä"] {
            assert_eq!(LoopName::parse(text), None, "{text}");
        }
        assert_eq!(LoopName::ROOT.to_string(), "");
        let name = LoopName::parse("2000A").unwrap();
        assert!(
            name.is("2000A") && LoopName::ROOT.is("") && LoopName::parse("20000000").unwrap().is("20000000")
        );
        for text in ["", "2000", "2000B", "2000AA", "2000A0000"] {
            assert!(!name.is(text), "{text}");
        }
        assert!(!LoopName::ROOT.is("2000A"));
    }
}
