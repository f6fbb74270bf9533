//! All guides that are at hand.

use crate::guide::Guide;

/// Guides, found by the transaction set and the id that a transaction names.
#[derive(Clone, Debug, Default)]
pub struct GuideSet {
    /// Guides of one set and id stand together, in the order they were added.
    guides: Vec<Guide>,
}

impl GuideSet {
    /// A set of these guides.
    #[must_use]
    pub fn new(guides: impl IntoIterator<Item = Guide>) -> Self {
        let mut guides: Vec<Guide> = guides.into_iter().collect();
        guides.sort_by(|one, other| (one.set(), one.id()).cmp(&(other.set(), other.id())));
        Self { guides }
    }

    /// The guides for a transaction set (ST01) and an id (ST03, else GS08): none, one, or several that the second
    /// segment tells apart; see [`GuideValidator::among`](crate::GuideValidator::among).
    #[must_use]
    pub fn find(&self, set: &str, id: &str) -> &[Guide] {
        let serves = |guide: &Guide| guide.set() == set && guide.serves(id);
        let Some(start) = self.guides.iter().position(serves) else {
            return &[];
        };
        let found = self.guides.get(start..).unwrap_or_default();
        let count = found.iter().take_while(|guide| serves(guide)).count();
        found.get(..count).unwrap_or_default()
    }

    /// All of them.
    #[must_use]
    pub fn guides(&self) -> &[Guide] {
        &self.guides
    }
}
