//! Dates and times of X12 and FHIR as text, checked and turned into each other.

/// A day that exists, as its eight digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Day([u8; 8]);

/// What became of a date or time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Read<T> {
    pub(super) value: T,
    /// Whether the source said more than the value holds.
    pub(super) narrowed: bool,
}

impl Day {
    /// Reads CCYYMMDD.
    pub(super) fn of_digits(digits: &[u8]) -> Option<Self> {
        let digits: &[u8; 8] = digits.try_into().ok()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let year = number(&digits[..4]);
        let (month, day) = (number(&digits[4..6]), number(&digits[6..]));
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (year > 0 && (1..=days).contains(&day)).then_some(Self(*digits))
    }

    /// Reads CCYY-MM-DD.
    fn of_fhir(text: &[u8]) -> Option<Self> {
        let text: &[u8; 10] = text.try_into().ok()?;
        let mut digits = [0; 8];
        digits[..4].copy_from_slice(&text[..4]);
        digits[4..6].copy_from_slice(&text[5..7]);
        digits[6..].copy_from_slice(&text[8..]);
        let hyphens = text[4] == b'-' && text[7] == b'-';
        Self::of_digits(&digits).filter(|_| hyphens)
    }

    /// CCYYMMDD.
    pub(super) const fn digits(self) -> [u8; 8] {
        self.0
    }

    /// CCYY-MM-DD.
    pub(super) fn fhir(self) -> [u8; 10] {
        let mut text = *b"0000-00-00";
        let (year, rest) = self.0.split_at(4);
        let (month, day) = rest.split_at(2);
        text[..4].copy_from_slice(year);
        text[5..7].copy_from_slice(month);
        text[8..].copy_from_slice(day);
        text
    }
}

/// The number that some digits say.
fn number(digits: &[u8]) -> u16 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

/// The day, or first day, that an X12 date says: D8, RD8, DT, or RD8 with times.
pub(super) fn first_day(text: &[u8]) -> Option<Read<Day>> {
    let first = text.split(|byte| *byte == b'-').next()?;
    let digits = first.get(..8)?;
    let rest_is_time = first.get(8..)?.iter().all(u8::is_ascii_digit) && first.len() <= 14;
    let value = Day::of_digits(digits).filter(|_| rest_is_time)?;
    // A range whose two ends are one day says no more than that day.
    let narrowed = text.len() > 8 && text.get(9..) != Some(digits);
    Some(Read { value, narrowed })
}

/// An X12 time as HH:MM:SS.
pub(super) fn clock_time(text: &[u8]) -> Option<Read<[u8; 8]>> {
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (hours, rest) = text.split_at_checked(2)?;
    let (minutes, rest) = rest.split_at_checked(2)?;
    let (seconds, rest) = match rest {
        [] => (&b"00"[..], rest),
        _ => rest.split_at_checked(2)?,
    };
    let sound = hours < &b"24"[..] && minutes < &b"60"[..] && seconds < &b"60"[..] && rest.len() <= 2;
    let narrowed = rest.iter().any(|digit| *digit != b'0');
    let value = [hours, b":", minutes, b":", seconds].concat();
    let value = <[u8; 8]>::try_from(value).ok()?;
    sound.then_some(Read { value, narrowed })
}

/// Whether `text` is an offset from UTC as FHIR writes it.
pub(super) fn is_offset(text: &str) -> bool {
    match *text.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(u8::is_ascii_digit) && c < b'6',
        _ => false,
    }
}

/// The day of a FHIR date or dateTime that is precise to the day.
pub(super) fn fhir_day(text: &[u8]) -> Option<Read<Day>> {
    let value = Day::of_fhir(text.get(..10)?)?;
    let rest = text.get(10..)?;
    (rest.is_empty() || rest.starts_with(b"T")).then_some(Read {
        value,
        narrowed: !rest.is_empty(),
    })
}

/// The time of a FHIR dateTime as HHMM, or HHMMSS if the seconds are not zero; `offset` is that of the X12 side.
pub(super) fn fhir_time(text: &[u8], offset: Option<&str>) -> Option<Read<Vec<u8>>> {
    let rest = text.get(10..)?.strip_prefix(b"T")?;
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    if clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let mut value = [&clock[..2], &clock[3..5]].concat();
    if clock[6..] != *b"00" {
        value.extend_from_slice(&clock[6..]);
    }
    let whole = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            fraction.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    let same = |text: &str| whole == text.as_bytes() || (text == "Z" && whole == b"+00:00");
    let narrowed = whole.len() != rest.len() || !offset.is_some_and(same);
    value
        .iter()
        .all(u8::is_ascii_digit)
        .then_some(Read { value, narrowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_day(text: &str, expected: Option<(&str, bool)>) {
        let found = first_day(text.as_bytes());
        let found = found.map(|read| {
            (
                String::from_utf8(read.value.fhir().to_vec()).unwrap(),
                read.narrowed,
            )
        });
        assert_eq!(
            found,
            expected.map(|(text, narrowed)| (text.to_owned(), narrowed)),
            "{text}"
        );
    }

    #[test]
    fn a_range_gives_its_first_day_and_a_day_that_does_not_exist_gives_none() {
        check_day("20261101", Some(("2026-11-01", false)));
        check_day("20261101-20261103", Some(("2026-11-01", true)));
        check_day("20261101-20261101", Some(("2026-11-01", false)));
        check_day("202611010830", Some(("2026-11-01", true)));
        check_day("20240229", Some(("2024-02-29", false)));
        for text in [
            "20260229",
            "20261301",
            "20261100",
            "2026110",
            "2026-11-01",
            "",
            "00000101",
        ] {
            check_day(text, None);
        }
    }

    #[test]
    fn times_go_both_ways() {
        assert_eq!(clock_time(b"0830").unwrap().value, *b"08:30:00");
        assert_eq!(clock_time(b"08301559").unwrap().value, *b"08:30:15");
        assert!(clock_time(b"08301559").unwrap().narrowed);
        for text in ["2400", "0860", "083", "08301", "8:30"] {
            assert_eq!(clock_time(text.as_bytes()), None, "{text}");
        }
        let time = |text: &str, offset| {
            fhir_time(text.as_bytes(), offset)
                .map(|read| (String::from_utf8(read.value).unwrap(), read.narrowed))
        };
        assert_eq!(
            time("2022-06-17T16:16:06Z", Some("Z")),
            Some(("161606".to_owned(), false))
        );
        assert_eq!(
            time("2022-06-17T16:16:00-07:00", None),
            Some(("1616".to_owned(), true))
        );
        assert_eq!(
            time("2022-06-17T16:16:00.120Z", Some("Z")),
            Some(("1616".to_owned(), true))
        );
        assert_eq!(time("2022-06-17", None), None);
    }

    #[test]
    fn a_fhir_date_must_be_precise_to_the_day() {
        assert_eq!(fhir_day(b"2022-06-13").unwrap().value.digits(), *b"20220613");
        assert!(fhir_day(b"2022-06-13T10:00:00Z").unwrap().narrowed);
        for text in ["2022-06", "2022", "2022-06-31", "2022-06-1"] {
            assert_eq!(fhir_day(text.as_bytes()), None, "{text}");
        }
        assert!(is_offset("Z") && is_offset("-05:00") && !is_offset("EST") && !is_offset("+05"));
    }
}
