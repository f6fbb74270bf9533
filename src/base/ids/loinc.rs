//! The code of a kind of document or observation.

use std::fmt;

use super::IdError;
use super::IdFault;
use super::IdKind;
use super::digits;
use super::luhn_agrees;

/// A LOINC code: up to eight digits, a hyphen and a check digit.
///
/// LOINC parts (`LP…`) and answers (`LA…`) are not codes and are refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Loinc {
    number: u32,
    check: u8,
}

impl Loinc {
    /// Reads a code such as `11506-3` and verifies its check digit.
    ///
    /// # Errors
    /// Refuses a missing hyphen, a wrong length, anything but digits and a check digit that disagrees.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let refuse = |fault| IdError {
            id: IdKind::Loinc,
            fault,
        };
        let (number, check) = text.split_once('-').ok_or(refuse(IdFault::Hyphen))?;
        let value = digits(number, 1, 8).map_err(refuse)?;
        if number.starts_with('0') {
            return Err(refuse(IdFault::LeadingZero));
        }
        let &[check @ b'0'..=b'9'] = check.as_bytes() else {
            return Err(refuse(IdFault::Hyphen));
        };
        if !luhn_agrees(number.bytes().chain([check])) {
            return Err(refuse(IdFault::CheckDigit));
        }
        let number = u32::try_from(value).expect("eight digits fit 32 bits");
        Ok(Self {
            number,
            check: check - b'0',
        })
    }
}

impl fmt::Display for Loinc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, IdFault>) {
        let found = Loinc::parse(text)
            .map(|code| code.to_string())
            .map_err(|refusal| refusal.fault);
        assert_eq!(found, expected.map(String::from));
    }

    #[test]
    fn a_loinc_code_is_a_number_and_its_check_digit() {
        for code in [
            "11506-3", "34133-9", "18842-5", "11488-4", "52033-8", "103595-5", "4548-4", "8867-4",
        ] {
            check(code, Ok(code));
        }
        check("11506-4", Err(IdFault::CheckDigit));
        check("115063", Err(IdFault::Hyphen));
        check("11506-", Err(IdFault::Hyphen));
        check("11506-33", Err(IdFault::Hyphen));
        check(
            "-3",
            Err(IdFault::Length {
                found: 0,
                least: 1,
                most: 8,
            }),
        );
        check("011506-3", Err(IdFault::LeadingZero));
        check(
            "123456789-3",
            Err(IdFault::Length {
                found: 9,
                least: 1,
                most: 8,
            }),
        );
        check("LP7839-6", Err(IdFault::Character { at: 0 }));
    }

    #[test]
    fn loincs_own_description_of_the_check_gives_the_same_digit() {
        for number in (1..100_000_000_u32).step_by(654_321) {
            let check = check_digit_as_loinc_describes_it(number);
            assert!(
                Loinc::parse(&format!("{number}-{check}")).is_ok(),
                "{number}-{check}"
            );
        }
    }

    /// Every second digit from the right as one number, doubled; its digits and the rest are summed.
    fn check_digit_as_loinc_describes_it(number: u32) -> u64 {
        let text = number.to_string();
        let pick = |parity| {
            text.chars()
                .rev()
                .enumerate()
                .filter(move |(at, _)| at % 2 == parity)
                .map(|(_, c)| c)
        };
        let doubled = 2 * pick(0)
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .collect::<String>()
            .parse::<u64>()
            .unwrap();
        let summed = format!("{doubled}{}", pick(1).collect::<String>());
        let sum = summed
            .chars()
            .map(|digit| u64::from(digit.to_digit(10).unwrap()))
            .sum::<u64>();
        (10 - sum % 10) % 10
    }
}
