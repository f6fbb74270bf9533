//! A value of an envelope that may be sent back.

use crate::Delimiters;
use std::fmt;
use std::ops::RangeInclusive;

/// A value out of an envelope segment, kept to be told back to its sender.
///
/// What stands in a broken header may be anything, even a name. So a value is kept only where it has the form that its
/// element must have, and is dropped as a whole where it has not: an echo is either what was sent or empty.
///
/// Invariant: at most 50 bytes, all of them ASCII letters, digits, inner spaces or one of `-._/&`.
#[derive(Clone, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Echo(Box<str>);

impl Echo {
    /// The longest value that is kept.
    pub const LONGEST: usize = 50;

    /// Keeps a code: capital letters and digits.
    #[must_use]
    pub fn code(raw: &[u8], length: RangeInclusive<usize>) -> Self {
        Self::keep(raw.trim_ascii_end(), &length, |byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit()
        })
    }

    /// Keeps a number: digits.
    #[must_use]
    pub fn number(raw: &[u8], length: RangeInclusive<usize>) -> Self {
        Self::keep(raw, &length, |byte| byte.is_ascii_digit())
    }

    /// Keeps an id that a partner chose: letters, digits, and the marks `-._/&` and space inside.
    #[must_use]
    pub fn name(raw: &[u8], length: RangeInclusive<usize>) -> Self {
        Self::keep(raw.trim_ascii(), &length, |byte| {
            byte.is_ascii_alphanumeric() || b" -._/&".contains(&byte)
        })
    }

    /// Keeps the control number of a transaction: four to nine characters. One of fewer digits is filled with zeros,
    /// because that is how it must be told back.
    #[must_use]
    pub fn control(raw: &[u8]) -> Self {
        let short = Self::number(raw, 1..=3);
        if short.is_empty() {
            return Self::name(raw, 4..=9);
        }
        Self(format!("{:0>4}", short.as_str()).into_boxed_str())
    }

    fn keep(found: &[u8], length: &RangeInclusive<usize>, fits: impl Fn(u8) -> bool) -> Self {
        let fitting = length.contains(&found.len())
            && found.len() <= Self::LONGEST
            && found.iter().all(|byte| fits(*byte));
        let text = std::str::from_utf8(found).ok().filter(|_| fitting);
        Self(text.unwrap_or_default().into())
    }

    /// The value; empty where there was none that fits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, or `other` where there was none that fits.
    #[must_use]
    pub fn or<'a>(&'a self, other: &'a str) -> &'a str {
        if self.is_empty() { other } else { &self.0 }
    }

    /// The value; empty where it cannot stand between these separators, as a partner may have chosen a mark that names hold.
    pub(crate) fn between(&self, delimiters: Delimiters) -> &str {
        let clash = self.0.bytes().any(|byte| delimiters.contains(byte));
        if clash { "" } else { &self.0 }
    }

    /// Whether there was no value that fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_kept_as_it_was_sent() {
        assert_eq!(Echo::code(b"006020X314", 1..=12).as_str(), "006020X314");
        assert_eq!(Echo::number(b"000000042", 9..=9).as_str(), "000000042");
        assert_eq!(Echo::name(b"CLINIC 1       ", 1..=15).as_str(), "CLINIC 1");
        assert_eq!(Echo::control(b"0042").as_str(), "0042");
        assert_eq!(Echo::control(b"A-1234").as_str(), "A-1234");
    }

    #[test]
    fn what_does_not_fit_leaves_nothing_behind() {
        for odd in [
            &b"JOHN*DOE"[..],
            b"a~b",
            b"",
            b"   ",
            b"\xff\xfe",
            b"0123456789abcdefg",
        ] {
            assert!(Echo::name(odd, 1..=15).is_empty());
        }
        assert!(Echo::number(b"12a", 1..=9).is_empty());
        assert!(Echo::code(b"pi", 2..=2).is_empty());
        assert!(Echo::control(b"1234567890").is_empty());
        assert!(
            Echo::name(&[b'A'; 60], 1..=60).is_empty(),
            "the bound holds whatever is asked for"
        );
    }

    #[test]
    fn a_short_control_number_is_filled() {
        assert_eq!(Echo::control(b"7").as_str(), "0007");
    }
}
