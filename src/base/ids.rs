//! Identifiers that cannot be mixed up: each is a type, made only by its `parse`.
//!
//! Errors name the identifier and the fault, never the text that was refused.

use std::error;
use std::fmt;

mod loinc;
mod npi;
mod payer_id;
mod tin;
mod tracking_id;

pub use self::loinc::Loinc;
pub use self::npi::Npi;
pub use self::payer_id::PayerId;
pub use self::tin::Tin;
pub use self::tracking_id::TrackingId;

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
