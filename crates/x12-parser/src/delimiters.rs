//! The separators that an interchange announces for itself.

use std::fmt;
use std::num::NonZeroU8;

/// The separators in force between one `ISA` and its `IEA`.
///
/// Invariant: all of them differ, and none is alphanumeric or a space, so whoever holds a value never has to ask again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delimiters {
    element: u8,
    /// Never NUL, so that four bytes hold all.
    repetition: Option<NonZeroU8>,
    component: u8,
    segment: u8,
}

impl Delimiters {
    /// The separators used most: `*`, `^`, `:` and `~`.
    pub const USUAL: Self = Self {
        element: b'*',
        repetition: NonZeroU8::new(b'^'),
        component: b':',
        segment: b'~',
    };

    /// Joins four separators into one value.
    ///
    /// # Errors
    /// Refuses separators that clash with each other, or that are alphanumeric or a space.
    pub fn new(
        element: u8,
        repetition: Option<u8>,
        component: u8,
        segment: u8,
    ) -> Result<Self, AmbiguousDelimiters> {
        let found = Self {
            element,
            repetition: repetition.and_then(NonZeroU8::new),
            component,
            segment,
        };
        let others = [Some(element), repetition, Some(component), Some(segment)];
        let clash = others
            .iter()
            .enumerate()
            .any(|(i, one)| one.is_some() && others.iter().take(i).any(|other| other == one));
        let unusable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        if clash || others.into_iter().flatten().any(unusable) {
            return Err(AmbiguousDelimiters);
        }
        Ok(found)
    }

    /// Stands between the elements of a segment.
    #[must_use]
    pub const fn element(self) -> u8 {
        self.element
    }

    /// Stands between the repetitions of an element; versions before 00402 have none. NUL counts as none.
    #[must_use]
    pub const fn repetition(self) -> Option<u8> {
        match self.repetition {
            Some(byte) => Some(byte.get()),
            None => None,
        }
    }

    /// Stands between the components of a composite.
    #[must_use]
    pub const fn component(self) -> u8 {
        self.component
    }

    /// Ends each segment.
    #[must_use]
    pub const fn segment(self) -> u8 {
        self.segment
    }

    /// Whether `byte` separates something in this interchange.
    #[must_use]
    pub fn contains(self, byte: u8) -> bool {
        byte == self.segment
            || byte == self.element
            || byte == self.component
            || self.repetition() == Some(byte)
    }
}

/// Separators that cannot be told apart from each other or from text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AmbiguousDelimiters;

impl fmt::Display for AmbiguousDelimiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("separators must differ from each other and be neither letter, digit nor space")
    }
}

impl std::error::Error for AmbiguousDelimiters {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: [u8; 4], fits: bool) {
        assert_eq!(
            Delimiters::new(given[0], Some(given[1]), given[2], given[3]).is_ok(),
            fits
        );
    }

    #[test]
    fn the_usual_separators_fit() {
        check(*b"*^:~", true);
    }

    #[test]
    fn control_characters_and_newlines_fit() {
        check([0x1d, 0x1f, 0x1e, b'\n'], true);
    }

    #[test]
    fn a_separator_used_twice_is_refused() {
        check(*b"*^::", false);
        check(*b"**:~", false);
    }

    #[test]
    fn letters_digits_and_spaces_are_refused() {
        check(*b"A^:~", false);
        check(*b"*9:~", false);
        check(*b"*^ ~", false);
    }

    #[test]
    fn versions_without_a_repetition_separator_have_three() {
        let three = Delimiters::new(b'*', None, b':', b'~').expect("three that differ");
        assert_eq!(three.repetition(), None);
        assert!(three.contains(b'~') && !three.contains(b'^'));
    }
}
