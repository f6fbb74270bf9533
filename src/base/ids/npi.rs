//! The number of a provider.

use std::fmt;

use super::IdError;
use super::IdFault;
use super::IdKind;
use super::digits;
use super::luhn_agrees;

/// A National Provider Identifier: ten digits, the last of which checks the others.
///
/// NPIs are published in a public registry and identify providers, so they may be printed.
///
/// ```
/// use cartage::base::ids::Npi;
///
/// assert_eq!(Npi::parse("1234567893").unwrap().to_string(), "1234567893");
/// assert!(Npi::parse("1234567890").is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Npi(u64);

impl Npi {
    /// Reads ten digits and verifies the check digit.
    ///
    /// The check is Luhn's over `80840` (health, United States) and the ten digits, as 45 CFR 162.406 has it.
    ///
    /// # Errors
    /// Refuses any other length, any other character and a check digit that disagrees.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let refuse = |fault| IdError {
            id: IdKind::Npi,
            fault,
        };
        let number = digits(text, 10, 10).map_err(refuse)?;
        let card_number = "80840".bytes().chain(text.bytes());
        if luhn_agrees(card_number) {
            Ok(Self(number))
        } else {
            Err(refuse(IdFault::CheckDigit))
        }
    }
}

impl fmt::Display for Npi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, IdFault>) {
        let found = Npi::parse(text)
            .map(|npi| npi.to_string())
            .map_err(|refusal| refusal.fault);
        assert_eq!(found, expected.map(String::from));
    }

    const fn ten(found: usize) -> IdFault {
        IdFault::Length {
            found,
            least: 10,
            most: 10,
        }
    }

    #[test]
    fn an_npi_is_ten_digits_that_agree() {
        check("1234567893", Ok("1234567893"));
        check("0000000006", Ok("0000000006"));
        check("1234567890", Err(IdFault::CheckDigit));
        check("1234567983", Err(IdFault::CheckDigit));
        check("123456789", Err(ten(9)));
        check("12345678931", Err(ten(11)));
        check("", Err(ten(0)));
        check("123456789X", Err(IdFault::Character { at: 9 }));
        check(" 1234567893", Err(IdFault::Character { at: 0 }));
        check("１234567893", Err(IdFault::Character { at: 0 }));
    }

    #[test]
    fn exactly_one_check_digit_agrees_for_any_npi() {
        for body in (0..1_000_000_000_u64).step_by(7_654_321) {
            let agreeing = (0..10)
                .filter(|check| Npi::parse(&format!("{body:09}{check}")).is_ok())
                .count();
            assert_eq!(agreeing, 1, "{body:09}");
        }
    }
}
