//! Control numbers: kept briefly, compared, and remembered so that a second use is noticed.

use std::collections::BTreeMap;
use std::collections::HashSet;

/// Most runs or odd numbers that are remembered; beyond that, repeats may go unnoticed, but memory stays bounded.
const MEMORY: usize = 1 << 16;

/// A short value of a header. What is too long is cut and never equal to anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
    whole: bool,
}

impl<const N: usize> Text<N> {
    pub(super) fn of(value: &[u8]) -> Self {
        let value = value.trim_ascii();
        let mut bytes = [0; N];
        for (to, from) in bytes.iter_mut().zip(value) {
            *to = *from;
        }
        Self {
            bytes,
            length: value.len().min(N),
            whole: value.len() <= N,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Whether both are the same number, leading zeros aside, or the same text.
    pub(super) fn same_number(&self, other: &[u8]) -> bool {
        let own = number(self.as_bytes());
        *self == other || (self.whole && own.is_some() && own == number(other))
    }
}

impl<const N: usize> PartialEq<&[u8]> for Text<N> {
    fn eq(&self, other: &&[u8]) -> bool {
        self.whole && self.as_bytes() == other.trim_ascii()
    }
}

impl<const N: usize> PartialEq<[u8]> for Text<N> {
    fn eq(&self, other: &[u8]) -> bool {
        *self == other
    }
}

/// Reads a whole number of at most 15 digits.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let usable = !digits.is_empty() && digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit);
    usable.then(|| {
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    })
}

/// The control numbers used so far. Numbers that rise one by one cost nothing: they are kept as runs.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// First to last number of each run, by length of the text and value.
    runs: BTreeMap<(usize, u64), u64>,
    others: HashSet<Box<[u8]>>,
}

impl Seen {
    /// Remembers a number; false where it was used before.
    pub(super) fn add(&mut self, control: &[u8]) -> bool {
        match number(control) {
            Some(value) => self.add_number(control.len(), value),
            None if control.is_empty() || control.len() > 64 => true,
            None if self.others.contains(control) => false,
            None => {
                if self.others.len() < MEMORY {
                    self.others.insert(control.into());
                }
                true
            }
        }
    }

    fn add_number(&mut self, width: usize, value: u64) -> bool {
        let before = self.runs.range_mut(..=(width, value)).next_back();
        if let Some((&(run_width, _), last)) = before
            && run_width == width
        {
            if value <= *last {
                return false;
            }
            if value == *last + 1 {
                *last = value;
                return true;
            }
        }
        if self.runs.len() < MEMORY {
            self.runs.insert((width, value), value);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_use_is_noticed_in_any_order() {
        let mut seen = Seen::default();
        for control in ["0001", "0002", "0003", "0009", "0004", "A1", "1"] {
            assert!(seen.add(control.as_bytes()), "{control}");
        }
        for control in ["0002", "0009", "0004", "0001", "A1", "1"] {
            assert!(!seen.add(control.as_bytes()), "{control}");
        }
    }

    #[test]
    fn rising_numbers_cost_one_run() {
        let mut seen = Seen::default();
        for number in 1..10_000 {
            assert!(seen.add(format!("{number:05}").as_bytes()));
        }
        assert_eq!(seen.runs.len(), 1);
    }

    #[test]
    fn what_was_cut_equals_nothing() {
        let cut = Text::<4>::of(b"12345");
        assert!(cut != *b"1234".as_slice() && cut != *b"12345".as_slice());
        assert!(Text::<9>::of(b"000007").same_number(b"7"));
    }
}
