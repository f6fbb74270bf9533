//! Finds a program's texts by what they say.

use super::TextId;

/// The texts of a program by what they say, so that the names of a whole message become numbers in one pass.
///
/// The hash looks at a few bytes of a text only. What a sender chooses cannot make a search long, because it goes only
/// as far as the program's own texts lie side by side.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Which text lies in a slot; at most half of them are taken, and their number is a power of two.
    slots: Vec<Option<TextId>>,
    longest: usize,
}

impl Words {
    /// An index of some texts, of which no two are the same.
    pub fn of(texts: &[Box<str>]) -> Self {
        let size = (texts.len() * 2).next_power_of_two();
        let mut words = Self {
            slots: vec![None; size],
            longest: texts.iter().map(|text| text.len()).max().unwrap_or(0),
        };
        for (text, number) in texts.iter().zip(0..) {
            let free = words
                .way(text.as_bytes())
                .find(|slot| words.slots.get(*slot) == Some(&None));
            if let Some(slot) = free.and_then(|slot| words.slots.get_mut(slot)) {
                *slot = Some(TextId(number));
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
        for slot in self.way(text) {
            let id = (*self.slots.get(slot)?)?;
            if texts.get(id.0 as usize)?.as_bytes() == text {
                return Some(id);
            }
        }
        None
    }

    /// The slots in which a text may lie, in the order in which they are tried.
    #[inline]
    fn way(&self, text: &[u8]) -> impl Iterator<Item = usize> + use<> {
        let (start, size) = (hash(text), self.slots.len());
        (0..size).map(move |step| start.wrapping_add(step) & (size - 1))
    }
}

/// Mixes the length of a text with its first and its last bytes.
#[inline]
fn hash(text: &[u8]) -> usize {
    let ends = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29),
        _ => text.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let mixed = (ends ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The upper half is the well mixed one.
    (mixed >> 32) as usize
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
