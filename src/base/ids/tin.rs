//! The tax number of a provider.

use super::IdError;
use super::IdFault;
use super::IdKind;
use super::digits;
use crate::base::phi::Phi;

/// A taxpayer identification number: nine digits.
///
/// A sole practitioner's may be a social security number, so it is private and has no `Display`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tin(Phi<u32>);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, IdFault>) {
        let found = Tin::parse(text)
            .map(|tin| tin.disclose())
            .map_err(|refusal| refusal.fault);
        assert_eq!(found, expected.map(String::from));
    }

    #[test]
    fn a_tin_is_nine_digits_and_private() {
        check("123456789", Ok("123456789"));
        check("012345678", Ok("012345678"));
        check("12-3456789", Ok("123456789"));
        check("123-45-6789", Err(IdFault::Hyphen));
        check("1-23456789", Err(IdFault::Hyphen));
        check(
            "12345678",
            Err(IdFault::Length {
                found: 8,
                least: 9,
                most: 9,
            }),
        );
        check("12345678A", Err(IdFault::Character { at: 8 }));
        assert_eq!(format!("{:?}", Tin::parse("123456789").unwrap()), "Tin([phi])");
    }
}
