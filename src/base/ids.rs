//! Identifiers that cannot be mixed up: each is a type, made only by its `parse`.
//!
//! Errors name the identifier and the fault, never the text that was refused.

use std::error;
use std::fmt;

use super::phi::Phi;

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

/// A LOINC code: up to eight digits, a hyphen and a check digit.
///
/// LOINC parts (`LP…`) and answers (`LA…`) are not codes and are refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Loinc {
    number: u32,
    check: u8,
}

/// A taxpayer identification number: nine digits.
///
/// A sole practitioner's may be a social security number, so it is private and has no `Display`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tin(Phi<u32>);

/// The name a payer goes by in X12 `NM109` and in routing: 2 to 80 printable ASCII characters, no blanks.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PayerId(Box<str>);

/// What ties an attachment to the request or claim it answers: X12 `TRN02`, CDex `TrackingId`.
///
/// 1 to 50 printable ASCII characters, because a longer one has no place in `TRN02`.
/// It is a number that a system made up for the conversation, so it may be printed;
/// a claim number or member id travels as [`Phi`], even where a partner uses the same text for both.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TrackingId(Box<str>);

/// Why a text is not the identifier it was taken for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct IdError {
    /// The identifier that was expected.
    pub id: IdKind,
    /// What is wrong with the text.
    pub fault: IdFault,
}

/// The identifiers that this module parses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum IdKind {
    /// See [`Npi`].
    Npi,
    /// See [`Loinc`].
    Loinc,
    /// See [`Tin`].
    Tin,
    /// See [`PayerId`].
    PayerId,
    /// See [`TrackingId`].
    TrackingId,
}

/// What can be wrong with the text of an identifier.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum IdFault {
    /// The text has too few or too many characters.
    Length {
        /// How many characters there are.
        found: usize,
        /// The fewest there may be.
        least: usize,
        /// The most there may be.
        most: usize,
    },
    /// The character at this position, counted from zero, has no place in this identifier.
    Character {
        /// Position in bytes, counted from zero.
        at: usize,
    },
    /// The hyphen that sets off the check digit is missing or elsewhere.
    Hyphen,
    /// The number starts with a zero, which this identifier never does.
    LeadingZero,
    /// The last digit does not agree with the others.
    CheckDigit,
}

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

impl Tin {
    /// Reads nine digits, or nine digits with the hyphen of an employer's number (`12-3456789`).
    ///
    /// # Errors
    /// Refuses any other length and any other character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let refuse = |fault| IdError {
            id: IdKind::Tin,
            fault,
        };
        let number = match text.split_once('-') {
            None => digits(text, 9, 9),
            Some((prefix, serial)) => digits(prefix, 2, 2)
                .and_then(|prefix| Ok(prefix * 10_000_000 + digits(serial, 7, 7)?))
                .map_err(|_| IdFault::Hyphen),
        };
        let number = u32::try_from(number.map_err(refuse)?).expect("nine digits fit 32 bits");
        Ok(Self(Phi::new(number)))
    }

    /// The nine digits without a hyphen; a way out of [`Phi`], so `tests/layers.rs` lists who may call it.
    pub fn disclose(&self) -> String {
        format!("{:09}", self.0.disclose())
    }
}

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

impl error::Error for IdError {}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {}: {}", self.id, self.fault)
    }
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Npi => "an NPI",
            Self::Loinc => "a LOINC code",
            Self::Tin => "a taxpayer identification number",
            Self::PayerId => "a payer id",
            Self::TrackingId => "a tracking id",
        })
    }
}

impl fmt::Display for IdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found, least, most } if least == most => {
                write!(f, "{found} characters where {most} are due")
            }
            Self::Length { found, least, most } => {
                write!(f, "{found} characters where {least} to {most} are due")
            }
            Self::Character { at } => write!(f, "character {} has no place there", at + 1),
            Self::Hyphen => f.write_str("the hyphen is missing or misplaced"),
            Self::LeadingZero => f.write_str("it starts with a zero"),
            Self::CheckDigit => f.write_str("the check digit disagrees with the others"),
        }
    }
}

/// The value of `text`, which must be `least` to `most` decimal digits; `most` is at most 18.
fn digits(text: &str, least: usize, most: usize) -> Result<u64, IdFault> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_digit()) {
        return Err(IdFault::Character { at });
    }
    length(text, least, most)?;
    Ok(text
        .bytes()
        .fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}

/// `text` itself if it is `least` to `most` printable ASCII characters without blanks.
///
/// Controls and characters beyond ASCII stay out because these identifiers appear in logs and in X12 elements.
fn printable(text: &str, least: usize, most: usize) -> Result<Box<str>, IdFault> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        return Err(IdFault::Character { at });
    }
    length(text, least, most)?;
    Ok(text.into())
}

/// Judges the length of an ASCII `text`.
fn length(text: &str, least: usize, most: usize) -> Result<(), IdFault> {
    let found = text.len();
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(IdFault::Length { found, least, most })
    }
}

/// Whether the last of the ASCII `digits` is the Luhn check digit of the others.
///
/// LOINC describes its own mod-10 rule differently, but doubling the odd places as one number carries at most
/// one into a digit that is then even plus one, so the digit sums are the same.
fn luhn_agrees(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let weighed = digits
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, value) => value,
            (_, value @ 0..5) => 2 * value,
            (_, value) => 2 * value - 9,
        });
    weighed.sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: fmt::Debug + PartialEq>(
        found: Result<T, IdError>,
        text: impl FnOnce(&T) -> String,
        expected: Result<&str, IdFault>,
    ) {
        let found = found.map(|id| text(&id)).map_err(|refusal| refusal.fault);
        assert_eq!(found, expected.map(String::from));
    }

    #[track_caller]
    fn npi(text: &str, expected: Result<&str, IdFault>) {
        check(Npi::parse(text), Npi::to_string, expected);
    }

    #[track_caller]
    fn loinc(text: &str, expected: Result<&str, IdFault>) {
        check(Loinc::parse(text), Loinc::to_string, expected);
    }

    #[track_caller]
    fn tin(text: &str, expected: Result<&str, IdFault>) {
        check(Tin::parse(text), Tin::disclose, expected);
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
        npi("1234567893", Ok("1234567893"));
        npi("0000000006", Ok("0000000006"));
        npi("1234567890", Err(IdFault::CheckDigit));
        npi("1234567983", Err(IdFault::CheckDigit));
        npi("123456789", Err(ten(9)));
        npi("12345678931", Err(ten(11)));
        npi("", Err(ten(0)));
        npi("123456789X", Err(IdFault::Character { at: 9 }));
        npi(" 1234567893", Err(IdFault::Character { at: 0 }));
        npi("１234567893", Err(IdFault::Character { at: 0 }));
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

    #[test]
    fn a_loinc_code_is_a_number_and_its_check_digit() {
        for code in [
            "11506-3", "34133-9", "18842-5", "11488-4", "52033-8", "103595-5", "4548-4", "8867-4",
        ] {
            loinc(code, Ok(code));
        }
        loinc("11506-4", Err(IdFault::CheckDigit));
        loinc("115063", Err(IdFault::Hyphen));
        loinc("11506-", Err(IdFault::Hyphen));
        loinc("11506-33", Err(IdFault::Hyphen));
        loinc(
            "-3",
            Err(IdFault::Length {
                found: 0,
                least: 1,
                most: 8,
            }),
        );
        loinc("011506-3", Err(IdFault::LeadingZero));
        loinc(
            "123456789-3",
            Err(IdFault::Length {
                found: 9,
                least: 1,
                most: 8,
            }),
        );
        loinc("LP7839-6", Err(IdFault::Character { at: 0 }));
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

    #[test]
    fn a_tin_is_nine_digits_and_private() {
        tin("123456789", Ok("123456789"));
        tin("012345678", Ok("012345678"));
        tin("12-3456789", Ok("123456789"));
        tin("123-45-6789", Err(IdFault::Hyphen));
        tin("1-23456789", Err(IdFault::Hyphen));
        tin(
            "12345678",
            Err(IdFault::Length {
                found: 8,
                least: 9,
                most: 9,
            }),
        );
        tin("12345678A", Err(IdFault::Character { at: 8 }));
        assert_eq!(format!("{:?}", Tin::parse("123456789").unwrap()), "Tin([phi])");
    }

    #[test]
    fn payer_and_tracking_ids_are_printable_and_bounded() {
        let eighty = "P".repeat(80);
        check(PayerId::parse(&eighty), PayerId::to_string, Ok(&eighty));
        let too_long = IdFault::Length {
            found: 81,
            least: 2,
            most: 80,
        };
        check(PayerId::parse(&"P".repeat(81)), PayerId::to_string, Err(too_long));
        check(
            PayerId::parse("P"),
            PayerId::to_string,
            Err(IdFault::Length {
                found: 1,
                least: 2,
                most: 80,
            }),
        );
        check(
            TrackingId::parse("REQ-2026/0001"),
            TrackingId::to_string,
            Ok("REQ-2026/0001"),
        );
        check(
            TrackingId::parse("A\nB"),
            TrackingId::to_string,
            Err(IdFault::Character { at: 1 }),
        );
        check(
            TrackingId::parse("A\u{202e}B"),
            TrackingId::to_string,
            Err(IdFault::Character { at: 1 }),
        );
        let empty = IdFault::Length {
            found: 0,
            least: 1,
            most: 50,
        };
        check(TrackingId::parse(""), TrackingId::to_string, Err(empty));
    }

    #[test]
    fn a_refusal_names_the_identifier_and_not_the_text() {
        let text = |refusal: IdError| refusal.to_string();
        assert_eq!(
            text(Npi::parse("1234567890").unwrap_err()),
            "not an NPI: the check digit disagrees with the others"
        );
        assert_eq!(
            text(Tin::parse("1234").unwrap_err()),
            "not a taxpayer identification number: 4 characters where 9 are due"
        );
        assert_eq!(
            text(PayerId::parse("A B").unwrap_err()),
            "not a payer id: character 2 has no place there"
        );
    }
}
