//! What a reader has to say about what it read.
//!
//! Readers return their model **and** their findings; the flow decides what becomes of the message.

use std::fmt;

use super::place::Place;

/// One observation about a message or a setting: what, how bad, whose turn it is, and where.
///
/// Holds nothing of the content itself: the code and the message are constants, the place is a position.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Finding {
    /// What was found, for programs: it never changes its meaning.
    pub code: Code,
    /// How bad it is, before any partner's policy.
    pub severity: Severity,
    /// Who has to act for it not to come again.
    pub blame: Blame,
    /// What was found, for people: one lower-case clause without a full stop.
    pub message: &'static str,
    /// Where it was found.
    pub place: Place,
}

/// The stable name of a kind of finding, such as `x12.se-count`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(&'static str);

/// How bad a finding is; a greater severity is worse.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Information,
    /// Not as it should be, and understood all the same.
    Warning,
    /// The rule is broken: by default the message is refused.
    Error,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Blame {
    /// Whoever sent the message.
    Sender,
    /// The partner whom we asked or sent to.
    Partner,
    /// Whoever runs this gateway: a setting, a certificate, a disk.
    Operator,
    /// Cartage itself.
    Us,
}

impl Code {
    /// Makes a code of `name`; to be called in constants.
    ///
    /// # Panics
    /// If `name` is empty or has anything but lower-case letters, digits, dots and hyphens; in a constant that is
    /// an error of compilation.
    pub const fn new(name: &'static str) -> Self {
        let mut rest = name.as_bytes();
        assert!(!rest.is_empty(), "a code has a name");
        while let [first, others @ ..] = rest {
            assert!(
                matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'),
                "a code is lower-case letters, digits, dots and hyphens"
            );
            rest = others;
        }
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Severity {
    /// The lower-case word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Blame {
    /// The lower-case word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Partner => "partner",
            Self::Operator => "operator",
            Self::Us => "us",
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.severity, self.message, self.code)?;
        match &self.place {
            Place::Nowhere => Ok(()),
            place => write!(f, " at {place}"),
        }
    }
}

/// The worst severity among `findings`, if there are any.
pub fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<Severity> {
    findings.into_iter().map(|finding| finding.severity).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::place::X12Place;

    fn finding(severity: Severity, place: Place) -> Finding {
        let message = "the segment count is not what was sent";
        Finding {
            code: Code::new("x12.se-count"),
            severity,
            blame: Blame::Sender,
            message,
            place,
        }
    }

    #[test]
    fn a_finding_reads_as_one_line() {
        let place = Place::from(X12Place {
            ordinal: Some(11),
            offset: 402,
            ..X12Place::default()
        });
        assert_eq!(
            finding(Severity::Error, place).to_string(),
            "error: the segment count is not what was sent (x12.se-count) at byte 402, segment 11"
        );
        assert_eq!(
            finding(Severity::Warning, Place::Nowhere).to_string(),
            "warning: the segment count is not what was sent (x12.se-count)"
        );
    }

    #[test]
    fn the_worst_finding_decides() {
        assert_eq!(worst(&[]), None);
        let found = [Severity::Warning, Severity::Error, Severity::Information]
            .map(|severity| finding(severity, Place::Nowhere));
        assert_eq!(worst(&found), Some(Severity::Error));
    }

    #[test]
    #[should_panic(expected = "lower-case")]
    fn a_code_with_a_blank_is_refused() {
        let _ = Code::new("x12 se");
    }
}
