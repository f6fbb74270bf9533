//! The stable names of everything that can be wrong with a configuration, each explained with a bad and a good example.
//!
//! The hundreds say what it is about: 1 shape, 2 routes, 3 partners, 4 secrets and doors, 5 tests, 6 the world around,
//! 7 generations. A code never changes its meaning and is never used again.

use std::fmt;

pub mod generation;
pub mod partner;
pub mod partner_server;
pub mod route;
pub mod security;
pub mod shape;
pub mod test;
pub mod world;

/// A kind of fault.
#[derive(Debug)]
pub struct Code {
    /// The number; `204` is shown as `G0204`.
    pub number: u16,
    /// Whether it keeps a configuration from being used.
    pub weight: Weight,
    /// What it is, in one clause.
    pub title: &'static str,
    /// Why it matters and what to do.
    pub meaning: &'static str,
    /// What is complained about. A line `# file: NAME` begins another file.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
}

/// How much a complaint weighs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// The configuration is refused.
    Error,
    /// It is used; `check --strict` refuses it.
    Warning,
}

impl Weight {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Code {
    /// Whether the text itself could not be read, so that what else is said of the line is a consequence.
    pub(super) fn is_syntax(&self) -> bool {
        self.number == shape::SYNTAX.number
    }

    /// The code that is written so, with or without its letter.
    pub fn find(written: &str) -> Option<&'static Self> {
        let digits = written.trim_start_matches(['G', 'g']);
        let number: u16 = digits.parse().ok()?;
        all().find(|code| code.number == number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G{:04}", self.number)
    }
}

/// Every code, by its number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [
        shape::ALL,
        route::ALL,
        partner::ALL,
        security::ALL,
        test::ALL,
        world::ALL,
        generation::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_number_of_its_own_and_an_explanation() {
        let codes: Vec<&Code> = all().collect();
        assert!(codes.is_sorted_by(|one, next| one.number < next.number));
        for code in codes {
            assert!(!code.title.is_empty() && !code.title.ends_with('.'), "{code}");
            assert!(code.meaning.ends_with('.'), "{code}");
            assert!(!code.bad.is_empty() && !code.good.is_empty(), "{code}");
        }
    }

    #[test]
    fn a_code_is_found_with_or_without_its_letter() {
        for written in ["G0204", "g0204", "0204", "204"] {
            assert_eq!(
                Code::find(written).map(ToString::to_string).as_deref(),
                Some("G0204")
            );
        }
        assert!(Code::find("G9999").is_none() && Code::find("").is_none());
    }
}
