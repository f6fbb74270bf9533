//! Syntax notes: which elements of a segment depend on each other.

use crate::ElementError;
use crate::guide::fields::bit;

/// The kinds of syntax notes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoteKind {
    /// `P`: if any stands, all do.
    Paired,
    /// `R`: at least one stands.
    Required,
    /// `E`: at most one stands.
    Exclusive,
    /// `C`: if the first stands, all do.
    Conditional,
    /// `L`: if the first stands, so does at least one of the others.
    List,
}

/// A syntax note over elements of a segment or components of a composite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyntaxNote {
    kind: NoteKind,
    first: u64,
    others: u64,
}

impl SyntaxNote {
    pub(crate) fn new(kind: NoteKind, elements: &[u8]) -> Self {
        let mut bits = elements.iter().map(|number| bit(usize::from(*number)));
        let first = bits.next().unwrap_or_default();
        Self {
            kind,
            first,
            others: bits.fold(0, |mask, bit| mask | bit),
        }
    }

    /// The elements that break the note, a bit each, and the code they get; no bits where it is kept.
    #[inline]
    pub(crate) fn broken(self, present: u64) -> (ElementError, u64) {
        let all = self.first | self.others;
        let there = present & all;
        let missing = all & !present;
        let (error, bits) = match self.kind {
            NoteKind::Paired if there != 0 => (ElementError::ConditionalMissing, missing),
            NoteKind::Required if there == 0 => (ElementError::ConditionalMissing, self.first),
            // The first one that stands may stay.
            NoteKind::Exclusive => (
                ElementError::ExclusionViolated,
                there & there.wrapping_sub(u64::from(there != 0)),
            ),
            NoteKind::Conditional if present & self.first != 0 => (ElementError::ConditionalMissing, missing),
            NoteKind::List if present & self.first != 0 && present & self.others == 0 => (
                ElementError::ConditionalMissing,
                self.others & self.others.wrapping_neg(),
            ),
            NoteKind::Paired | NoteKind::Required | NoteKind::Conditional | NoteKind::List => {
                (ElementError::ConditionalMissing, 0)
            }
        };
        (error, bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: NoteKind, elements: &[u8], standing: &[u8], expected: &[u8]) {
        let mask = |numbers: &[u8]| numbers.iter().fold(0, |mask, n| mask | bit(usize::from(*n)));
        let (_, broken) = SyntaxNote::new(kind, elements).broken(mask(standing));
        assert_eq!(broken, mask(expected), "{kind:?} {elements:?} with {standing:?}");
    }

    #[test]
    fn each_kind_names_the_elements_that_break_it() {
        check(NoteKind::Paired, &[8, 9], &[], &[]);
        check(NoteKind::Paired, &[8, 9], &[8, 9], &[]);
        check(NoteKind::Paired, &[8, 9], &[9], &[8]);
        check(NoteKind::Required, &[2, 3], &[3], &[]);
        check(NoteKind::Required, &[2, 3], &[], &[2]);
        check(NoteKind::Exclusive, &[4, 5, 6], &[5], &[]);
        check(NoteKind::Exclusive, &[4, 5, 6], &[4, 6], &[6]);
        check(NoteKind::Exclusive, &[4, 5, 6], &[], &[]);
        check(NoteKind::Conditional, &[5, 4], &[4], &[]);
        check(NoteKind::Conditional, &[5, 4], &[5], &[4]);
        check(NoteKind::List, &[3, 4, 5], &[3, 5], &[]);
        check(NoteKind::List, &[3, 4, 5], &[3], &[4]);
        check(NoteKind::List, &[3, 4, 5], &[], &[]);
    }
}
