//! Forms that a value must have: dates, times, check digits.

use crate::ElementError;

/// A form that a guide asks of an element.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Form {
    /// None in particular.
    #[default]
    Free,
    /// `CCYYMMDD`.
    Date,
    /// `HHMM` to hundredths of seconds.
    Time,
    /// What the date format code in another element says.
    As(u8),
    /// A national provider identifier.
    Npi,
    /// A LOINC code.
    Loinc,
    /// Digits only.
    Digits,
    /// Counts the occurrences of its segment.
    Counts,
}

impl Form {
    /// The code for a value that has not this form.
    ///
    /// Identifiers of outside lists (NPI, LOINC) are codes, so a wrong one is a wrong code.
    pub(crate) const fn error(self) -> ElementError {
        match self {
            Self::Date | Self::As(_) => ElementError::InvalidDate,
            Self::Time => ElementError::InvalidTime,
            Self::Npi | Self::Loinc => ElementError::InvalidCode,
            Self::Free | Self::Digits | Self::Counts => ElementError::Pattern,
        }
    }

    /// What is expected, for people.
    pub(crate) const fn clause(self) -> &'static str {
        match self {
            Self::Date => "a date written CCYYMMDD is expected",
            Self::Time => "a time written HHMM or HHMMSS is expected",
            Self::As(_) => "the date is not as its format code says",
            Self::Npi => "an NPI has ten digits, the last of which checks the others",
            Self::Loinc => "a LOINC ends in a hyphen and the digit that checks the others",
            Self::Digits => "only digits are expected",
            Self::Counts => "the numbers are expected to rise by one",
            Self::Free => "the form is free",
        }
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

/// Whether `text` is `CCYYMMDD` or `YYMMDD` and a day of the calendar.
pub(crate) fn is_date(text: &[u8]) -> bool {
    let (year, rest) = match text.len() {
        8 => text.split_at(4),
        6 => text.split_at(2),
        _ => return false,
    };
    let (month, day) = rest.split_at(2);
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return false;
    };
    let leap =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400) || text.len() == 6);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether `text` is `HHMM`, `HHMMSS`, or that with tenths or hundredths.
pub(crate) fn is_time(text: &[u8]) -> bool {
    let (Some(hour), Some(minute)) = (text.get(..2).and_then(number), text.get(2..4).and_then(number)) else {
        return false;
    };
    let seconds = text.get(4..).unwrap_or_default();
    let seconds_hold = match seconds.len() {
        0 => true,
        2..=4 => {
            number(seconds).is_some()
                && seconds
                    .get(..2)
                    .and_then(number)
                    .is_some_and(|second| second < 60)
        }
        _ => false,
    };
    hour < 24 && minute < 60 && seconds_hold
}

fn is_moment(text: &[u8]) -> bool {
    text.split_at_checked(8)
        .is_some_and(|(date, time)| is_date(date) && is_time(time))
}

fn is_range(text: &[u8], holds: fn(&[u8]) -> bool) -> bool {
    let mut ends = text.split(|byte| *byte == b'-');
    matches!((ends.next(), ends.next(), ends.next()), (Some(from), Some(to), None) if holds(from) && holds(to))
}

/// Whether `text` is written as a date format code (DE 1250) says; codes not listed here permit anything.
pub(crate) fn is_written_as(code: &[u8], text: &[u8]) -> bool {
    match code {
        b"D8" => text.len() == 8 && is_date(text),
        b"D6" => text.len() == 6 && is_date(text),
        b"RD8" => is_range(text, |end| end.len() == 8 && is_date(end)),
        b"RD6" | b"RDM" => is_range(text, |end| end.len() == 6 && is_date(end)),
        b"TM" => text.len() == 4 && is_time(text),
        b"TS" => text.len() == 6 && is_time(text),
        b"RTM" => is_range(text, |end| end.len() == 4 && is_time(end)),
        b"DT" => text.len() == 12 && is_moment(text),
        b"RDT" => is_range(text, |end| end.len() == 12 && is_moment(end)),
        b"RTS" => is_range(text, |end| end.len() == 14 && is_moment(end)),
        b"CM" => {
            text.len() == 6
                && text
                    .get(4..)
                    .and_then(number)
                    .is_some_and(|m| (1..=12).contains(&m))
        }
        b"CY" => text.len() == 4 && number(text).is_some(),
        _ => true,
    }
}

/// Whether ten digits are a national provider identifier: the Luhn formula over them with 80840 in front.
pub(crate) fn is_npi(text: &[u8]) -> bool {
    if text.len() != 10 || !text.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // 24 is what the five digits in front add to the sum.
    luhn(text, 24)
}

/// Whether the text is one to seven digits, a hyphen and the digit that checks them.
pub(crate) fn is_loinc(text: &[u8]) -> bool {
    let [digits @ .., b'-', check] = text else {
        return false;
    };
    if digits.is_empty()
        || digits.len() > 7
        || !digits.iter().all(u8::is_ascii_digit)
        || !check.is_ascii_digit()
    {
        return false;
    }
    let mut whole = [b'0'; 8];
    let Some(room) = whole.get_mut(7 - digits.len()..7) else {
        return false;
    };
    room.copy_from_slice(digits);
    whole[7] = *check;
    luhn(&whole, 0)
}

/// Luhn: from the right, every second digit counts double; the sum and `start` end in zero.
fn luhn(digits: &[u8], start: u32) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            let weighed = if place % 2 == 1 { digit * 2 } else { digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    (start + sum).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["20261120", "20240229", "20000229", "261120", "000229", "10010101"] {
            assert!(is_date(good.as_bytes()), "{good}");
        }
        for bad in [
            "20261320",
            "20260230",
            "19000229",
            "2026112",
            "202611200",
            "2026112X",
            "",
            "20260100",
        ] {
            assert!(!is_date(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn times_have_hours_minutes_and_perhaps_more() {
        for good in ["0900", "235959", "2359599", "23595999"] {
            assert!(is_time(good.as_bytes()), "{good}");
        }
        for bad in [
            "2400",
            "0960",
            "09",
            "090060",
            "0900600",
            "09000",
            "0900000000",
            "09:0",
        ] {
            assert!(!is_time(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn the_format_code_says_how_a_date_is_written() {
        for (code, text) in [
            ("D8", "20261120"),
            ("RD8", "20261101-20261103"),
            ("TM", "0900"),
            ("DT", "202611200900"),
            ("RDT", "202611200900-202611210900"),
            ("CM", "202611"),
            ("RTM", "0900-1000"),
            ("ZZZ", "anything"),
        ] {
            assert!(is_written_as(code.as_bytes(), text.as_bytes()), "{code} {text}");
        }
        for (code, text) in [
            ("D8", "20261101-20261103"),
            ("RD8", "20261101"),
            ("RD8", "20261101-20261103-20261104"),
            ("RD8", "20261101-2026110"),
            ("DT", "20261120"),
            ("CM", "202613"),
        ] {
            assert!(!is_written_as(code.as_bytes(), text.as_bytes()), "{code} {text}");
        }
    }

    #[test]
    fn check_digits_are_checked() {
        assert!(is_npi(b"1234567893"));
        assert!(!is_npi(b"1234567890"));
        assert!(!is_npi(b"123456789"));
        assert!(!is_npi(b"12345678X3"));
        for good in ["18842-5", "11506-3", "34133-9", "11504-8", "18789-8", "102089-0"] {
            assert!(is_loinc(good.as_bytes()), "{good}");
        }
        for bad in ["18842-4", "18842", "-5", "123456789-0", "1884X-5", "18842-"] {
            assert!(!is_loinc(bad.as_bytes()), "{bad}");
        }
    }
}
