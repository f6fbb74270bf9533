//! The name of a payer.

use std::fmt;

use super::IdError;
use super::IdKind;
use super::printable;

/// The name a payer goes by in X12 `NM109` and in routing: 2 to 80 printable ASCII characters, no blanks.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PayerId(Box<str>);

impl PayerId {
    /// Reads a payer's identifier.
    ///
    /// # Errors
    /// Refuses fewer than 2 or more than 80 characters, and anything but printable ASCII without blanks.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        printable(text, 2, 80).map(Self).map_err(|fault| IdError {
            id: IdKind::PayerId,
            fault,
        })
    }

    /// The identifier as the payer writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PayerId {
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
        let found = PayerId::parse(text);
        assert_eq!(
            found
                .as_ref()
                .map(PayerId::as_str)
                .map_err(|refusal| refusal.fault),
            expected
        );
    }

    #[test]
    fn a_payer_id_is_printable_and_fits_nm109() {
        check("PAYER-01", Ok("PAYER-01"));
        check(&"P".repeat(80), Ok(&"P".repeat(80)));
        check(
            &"P".repeat(81),
            Err(IdFault::Length {
                found: 81,
                least: 2,
                most: 80,
            }),
        );
        check(
            "P",
            Err(IdFault::Length {
                found: 1,
                least: 2,
                most: 80,
            }),
        );
        check("A B", Err(IdFault::Character { at: 1 }));
    }
}
