//! What stands in a value for a text that was cut out of it.

use std::fmt::Write;

/// The number of a text that was cut out, counted from 0 in the order of the message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CutId(u32);

/// What marks the stand-ins of one message, so that no sender can forge one.
///
/// The caller makes it of 16 random bytes that never leave this process. Without the seal a text such as
/// `urn:cartage:cut:…` is just a text.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Seal([u8; 16]);

const MARK: &str = "urn:cartage:cut:";

impl CutId {
    /// The text with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The one after this; the last stays the last, which no message within its limits reaches.
    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Seal {
    /// A seal of `bytes`, which must be random where messages come from strangers.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The text that stands for `id`.
    pub fn stand_in(&self, id: CutId) -> String {
        let mut text = self.mark();
        write!(text, "{}", id.0).expect("a String takes every text");
        text
    }

    /// Which text `text` stands for, if it is a stand-in under this seal.
    pub fn opens(&self, text: &str) -> Option<CutId> {
        let number = text.strip_prefix(MARK)?.strip_prefix(&self.letters())?;
        let number = number.strip_prefix(':')?;
        let sound = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if sound {
            number.parse().ok().map(CutId)
        } else {
            None
        }
    }

    /// What every stand-in under this seal starts with.
    pub(super) fn mark(&self) -> String {
        format!("{MARK}{}:", self.letters())
    }

    fn letters(&self) -> String {
        let mut letters = String::with_capacity(32);
        for byte in self.0 {
            write!(letters, "{byte:02x}").expect("a String takes every text");
        }
        letters
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_seal_opens_a_stand_in() {
        let seal = Seal::new([7; 16]);
        let text = seal.stand_in(CutId::new(12));
        assert_eq!(seal.opens(&text), Some(CutId::new(12)));
        assert_eq!(Seal::new([8; 16]).opens(&text), None);
        for other in [
            "",
            "urn:cartage:cut:",
            &seal.mark(),
            &format!("{text}x"),
            "JVBERi0=",
        ] {
            assert_eq!(seal.opens(other), None, "{other}");
        }
        assert_eq!(seal.opens(&format!("{}+1", seal.mark())), None);
    }

    #[test]
    fn a_seal_is_not_printed() {
        assert_eq!(format!("{:?}", Seal::new([7; 16])), "Seal");
    }
}
