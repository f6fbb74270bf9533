//! The thread of a conversation.

use std::fmt;

use super::IdError;
use super::IdKind;
use super::printable;

/// What ties an attachment to the request or claim it answers: X12 `TRN02`, CDex `TrackingId`.
///
/// 1 to 50 printable ASCII characters, because a longer one has no place in `TRN02`.
/// It is a number that a system made up for the conversation, so it may be printed;
/// a claim number or member id travels as [`Phi`](crate::base::phi::Phi), even where a partner uses the same
/// text for both.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TrackingId(Box<str>);

impl TrackingId {
    /// Reads a tracking id.
    ///
    /// # Errors
    /// Refuses an empty text, more than 50 characters, and anything but printable ASCII without blanks.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        printable(text, 1, 50).map(Self).map_err(|fault| IdError {
            id: IdKind::TrackingId,
            fault,
        })
    }

    /// The tracking id as its maker wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::IdFault;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, IdFault>) {
        let found = TrackingId::parse(text);
        assert_eq!(
            found
                .as_ref()
                .map(TrackingId::as_str)
                .map_err(|refusal| refusal.fault),
            expected
        );
    }

    #[test]
    fn a_tracking_id_is_printable_and_fits_trn02() {
        check("REQ-2026/0001", Ok("REQ-2026/0001"));
        check(&"T".repeat(50), Ok(&"T".repeat(50)));
        check(
            &"T".repeat(51),
            Err(IdFault::Length {
                found: 51,
                least: 1,
                most: 50,
            }),
        );
        check(
            "",
            Err(IdFault::Length {
                found: 0,
                least: 1,
                most: 50,
            }),
        );
    }

    #[test]
    fn nothing_that_could_forge_a_log_line_gets_in() {
        check("A\nB", Err(IdFault::Character { at: 1 }));
        check("A\u{202e}B", Err(IdFault::Character { at: 1 }));
    }
}
