//! Finds a program's texts by what they say.

use super::TextId;

/// The texts of a program by what they say, so that the names of a whole message become numbers in one pass.
///
/// The hash looks at a few bytes of a text only. What a sender chooses cannot make a search long, because it goes only
/// as far as the program's own texts lie side by side.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What lies where; at most half of the slots are taken, and their number is a power of two.
    slots: Vec<Slot>,
    longest: usize,
}

/// A text as a search compares it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Slot {
    ends: Ends,
    text: Option<TextId>,
}

/// The length of a text with its first and its last bytes: of a short one, all of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Ends {
    length: usize,
    first: u64,
    last: u64,
}

impl Words {
    /// An index of some texts, of which no two are the same.
    pub fn of(texts: &[Box<str>]) -> Self {
        let size = (texts.len() * 2).next_power_of_two();
        let mut words = Self {
            slots: vec![Slot::default(); size],
            longest: texts.iter().map(|text| text.len()).max().unwrap_or(0),
        };
        for (text, number) in texts.iter().zip(0..) {
            let ends = Ends::of(text.as_bytes());
            let mut way = words.way(ends);
            let free = way.find(|slot| words.slots.get(*slot).is_some_and(|slot| slot.text.is_none()));
            if let Some(slot) = free.and_then(|slot| words.slots.get_mut(slot)) {
                *slot = Slot {
                    ends,
                    text: Some(TextId(number)),
                };
            }
        }
        words
    }

    /// The text that says this, among those that the index was made of.
    #[inline]
    pub fn find(&self, texts: &[Box<str>], text: &[u8]) -> Option<TextId> {
        if text.len() > self.longest {
            return None;
        }
        let ends = Ends::of(text);
        for slot in self.way(ends) {
            let slot = self.slots.get(slot)?;
            let id = slot.text?;
            let same =
                slot.ends == ends && (text.len() <= 16 || texts.get(id.0 as usize)?.as_bytes() == text);
            if same {
                return Some(id);
            }
        }
        None
    }

    /// The slots in which a text may lie, in the order in which they are tried.
    #[inline]
    fn way(&self, ends: Ends) -> impl Iterator<Item = usize> + use<> {
        let (start, size) = (ends.hash(), self.slots.len());
        (0..size).map(move |step| start.wrapping_add(step) & (size - 1))
    }
}

impl Ends {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let (first, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => (text.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
        };
        Self {
            length: text.len(),
            first,
            last,
        }
    }

    #[inline]
    const fn hash(self) -> usize {
        let mixed =
            (self.first ^ self.last.rotate_left(29) ^ self.length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The upper half is the well mixed one.
        (mixed >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_and_others_are_not() {
        let texts: Vec<Box<str>> = (0..500)
            .flat_map(|number| {
                [
                    format!("{number}"),
                    format!("http://example.org/{number}/a-long-address"),
                    format!("a-{number:03}-of-16-bytes"),
                ]
            })
            .chain([String::new(), "url".to_owned()])
            .map(Into::into)
            .collect();
        let words = Words::of(&texts);
        for (number, text) in (0..).zip(&texts) {
            assert_eq!(
                words.find(&texts, text.as_bytes()),
                Some(TextId(number)),
                "{text}"
            );
        }
        for text in ["500", "http://example.org/500/a-long-address", "Url"] {
            assert_eq!(words.find(&texts, text.as_bytes()), None, "{text}");
        }
        assert_eq!(Words::of(&[]).find(&[], b""), None);
    }
}
