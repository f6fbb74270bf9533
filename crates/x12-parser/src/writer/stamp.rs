//! Date and time, as the envelopes carry them.

use std::fmt;

/// A date and a time of day, as the envelopes carry them.
///
/// Invariant: a day of the calendar and a minute of the day.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Stamp {
    date: [u8; 8],
    time: [u8; 4],
}

impl Stamp {
    /// Reads a date as `CCYYMMDD` and a time as `HHMM`.
    ///
    /// # Errors
    /// Refuses anything that is no day of the calendar or no minute of the day.
    pub fn parse(date: &str, time: &str) -> Result<Self, InvalidStamp> {
        let date: [u8; 8] = digits(date)?;
        let time: [u8; 4] = digits(time)?;
        let number = |digits: &[u8]| {
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        let (date_number, time_number) = (number(&date), number(&time));
        let (year, month, day) = (date_number / 10_000, date_number / 100 % 100, date_number % 100);
        let known =
            (1..=days(year, month)).contains(&day) && time_number / 100 < 24 && time_number % 100 < 60;
        known.then_some(Self { date, time }).ok_or(InvalidStamp)
    }

    /// The date with its century, as GS04 has it.
    #[must_use]
    pub fn date(&self) -> &str {
        text(&self.date)
    }

    /// The date without its century, as ISA09 has it.
    #[must_use]
    pub fn short_date(&self) -> &str {
        self.date().get(2..).unwrap_or_default()
    }

    /// The time.
    #[must_use]
    pub fn time(&self) -> &str {
        text(&self.time)
    }
}

fn digits<const LENGTH: usize>(given: &str) -> Result<[u8; LENGTH], InvalidStamp> {
    let found: [u8; LENGTH] = given.as_bytes().try_into().map_err(|_| InvalidStamp)?;
    let fits = found.iter().all(u8::is_ascii_digit);
    fits.then_some(found).ok_or(InvalidStamp)
}

fn text(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

const fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Digits that are no day of the calendar or no minute of the day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidStamp;

impl fmt::Display for InvalidStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stamp is a day as CCYYMMDD and a minute as HHMM")
    }
}

impl std::error::Error for InvalidStamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(date: &str, time: &str, fits: bool) {
        assert_eq!(Stamp::parse(date, time).is_ok(), fits, "{date} {time}");
    }

    #[test]
    fn days_of_the_calendar_fit() {
        check("20261120", "0900", true);
        check("20240229", "0000", true);
        check("20001231", "2359", true);
    }

    #[test]
    fn anything_else_does_not() {
        check("20260229", "0900", false);
        check("21000229", "0900", false);
        check("20261301", "0900", false);
        check("20260431", "0900", false);
        check("20260400", "0900", false);
        check("261120", "0900", false);
        check("2026112a", "0900", false);
        check("20261120", "2400", false);
        check("20261120", "0960", false);
        check("20261120", "090000", false);
    }

    #[test]
    fn the_two_forms_of_the_date_agree() {
        let stamp = Stamp::parse("20261120", "0905").expect("a day and a minute");
        assert_eq!(
            (stamp.date(), stamp.short_date(), stamp.time()),
            ("20261120", "261120", "0905")
        );
    }
}
