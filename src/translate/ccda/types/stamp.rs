//! Times as HL7 writes them, read and compared without a calendar library.

use crate::base::calendar;

/// A point in time as precise as it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::translate::ccda) struct Stamp {
    year: u16,
    month: u8,
    day: u8,
    /// Hour, minute, second; seconds are 0 if only minutes were written.
    time: Option<(u8, u8, u8)>,
    /// Thousandths of a second.
    fraction: Option<u16>,
    /// Minutes east of UTC.
    pub(in crate::translate::ccda) offset: Option<i16>,
}

/// What was odd about a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::translate::ccda) enum Oddity {
    /// Nothing.
    None,
    /// It was not written as it should be.
    Repaired,
    /// It has hours and no minutes.
    HourOnly,
}

/// The letters of a written time.
pub(in crate::translate::ccda) struct Letters {
    letters: [u8; 32],
    length: usize,
}

impl Letters {
    fn new() -> Self {
        Self {
            letters: [0; 32],
            length: 0,
        }
    }

    fn push(&mut self, letter: u8) {
        if let Some(slot) = self.letters.get_mut(self.length) {
            *slot = letter;
            self.length += 1;
        }
    }

    fn digits(&mut self, number: u16, count: u32) {
        for place in (0..count).rev() {
            let digit = number / 10_u16.pow(place) % 10;
            self.push(b'0' + u8::try_from(digit).unwrap_or_default());
        }
    }

    pub(in crate::translate::ccda) fn as_str(&self) -> &str {
        let letters = self.letters.get(..self.length).unwrap_or_default();
        std::str::from_utf8(letters).expect("only ASCII is pushed")
    }
}

/// The digits at the start of `text` as a number, and how many there are.
fn number(text: &[u8]) -> (u32, usize) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = text.get(..count.min(9)).unwrap_or_default();
    let value = digits
        .iter()
        .fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    (value, count)
}

fn two(text: &[u8]) -> Option<u8> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let days = calendar::length(u64::from(year), u64::from(month));
    days.and_then(|days| u8::try_from(days).ok()).unwrap_or(31)
}

impl Stamp {
    /// Reads `text`; of what is not sound, the longest sound beginning counts.
    pub(in crate::translate::ccda) fn parse(text: &str) -> Option<(Self, Oddity)> {
        let bytes = text.trim().as_bytes();
        let iso =
            bytes.get(4) == Some(&b'-') && bytes.get(5).is_some_and(u8::is_ascii_digit) && bytes.len() > 9
                || bytes.len() == 7 && bytes.get(4) == Some(&b'-');
        if iso {
            // ISO's separators are dropped, except the sign of the offset.
            let (date, time) = bytes.split_at(bytes.len().min(10));
            let mut plain: Vec<u8> = date.iter().copied().filter(|byte| *byte != b'-').collect();
            plain.extend(time.iter().filter(|byte| !matches!(byte, b'T' | b':' | b' ')));
            return Self::read(&plain).map(|(stamp, _)| (stamp, Oddity::Repaired));
        }
        Self::read(bytes)
    }

    fn read(bytes: &[u8]) -> Option<(Self, Oddity)> {
        let (_, count) = number(bytes);
        let (digits, rest) = bytes.split_at(count);
        let year = number(digits.get(..4)?).0;
        let year = u16::try_from(year)
            .ok()
            .filter(|year| (1800..=2300).contains(year))?;
        let mut stamp = Self {
            year,
            month: 0,
            day: 0,
            time: None,
            fraction: None,
            offset: None,
        };
        let sound = stamp.read_digits(digits.get(4..).unwrap_or_default());
        let mut oddity = match sound {
            None => Oddity::Repaired,
            Some(10) => Oddity::HourOnly,
            Some(_) => Oddity::None,
        };
        if stamp.time.is_some() && sound.is_some() {
            if !stamp.read_rest(rest) {
                oddity = Oddity::Repaired;
            }
        } else if !rest.is_empty() && oddity == Oddity::None {
            // An offset after a date says nothing that FHIR could keep.
            oddity = Oddity::Repaired;
        }
        Some((stamp, oddity))
    }

    /// Reads month, day and time; the answer is how many digits the time has, if all of them were sound.
    fn read_digits(&mut self, digits: &[u8]) -> Option<usize> {
        let mut pairs = digits.chunks(2);
        let mut next = |most: u8| match pairs.next() {
            None => Ok(None),
            Some(pair) => two(pair).filter(|value| *value <= most).map(Some).ok_or(()),
        };
        match next(12) {
            Ok(None) => return Some(4),
            Ok(Some(month)) if month > 0 => self.month = month,
            _ => return None,
        }
        match next(days_in(self.year, self.month)) {
            Ok(None) => return Some(6),
            Ok(Some(day)) if day > 0 => self.day = day,
            _ => return None,
        }
        let hour = match next(23) {
            Ok(None) => return Some(8),
            Ok(Some(hour)) => hour,
            Err(()) => return None,
        };
        let minute = match next(59) {
            Ok(None) => return Some(10),
            Ok(Some(minute)) => minute,
            Err(()) => return None,
        };
        self.time = Some((hour, minute, 0));
        // A leap second is written as the one before it.
        let second = match next(60) {
            Ok(None) => return Some(12),
            Ok(Some(second)) => second.min(59),
            Err(()) => return None,
        };
        self.time = Some((hour, minute, second));
        (digits.len() == 10).then_some(14)
    }

    /// Reads fraction and offset; `false` if there was something else.
    fn read_rest(&mut self, rest: &[u8]) -> bool {
        let mut rest = rest;
        if let Some(after) = rest.strip_prefix(b".") {
            let (_, count) = number(after);
            let mut value = 0;
            for place in 0..3 {
                let digit = after.get(place).filter(|byte| byte.is_ascii_digit());
                value = value * 10 + digit.map_or(0, |digit| u16::from(digit - b'0'));
            }
            self.fraction = (count > 0).then_some(value);
            rest = after.get(count..).unwrap_or_default();
        }
        let (sign, digits) = match rest {
            [] => return true,
            [b'Z' | b'z'] => {
                self.offset = Some(0);
                return false;
            }
            [b'+', digits @ ..] => (1, digits),
            [b'-', digits @ ..] => (-1, digits),
            _ => return false,
        };
        let plain: Vec<u8> = digits.iter().copied().filter(|byte| *byte != b':').collect();
        let (value, count) = number(&plain);
        let (hours, minutes) = match count {
            1 | 2 => (value, 0),
            3 | 4 => (value / 100, value % 100),
            _ => return false,
        };
        if hours > 14 || minutes > 59 {
            return false;
        }
        self.offset = i16::try_from(hours * 60 + minutes)
            .ok()
            .map(|offset| sign * offset);
        count == 4 && digits.len() == 4
    }

    /// Whether it has a time of the day.
    pub(in crate::translate::ccda) const fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Whether it says the day.
    pub(in crate::translate::ccda) const fn has_day(&self) -> bool {
        self.day > 0
    }

    /// The same day without the time.
    pub(in crate::translate::ccda) const fn day_only(self) -> Self {
        Self {
            time: None,
            fraction: None,
            offset: None,
            ..self
        }
    }

    /// The start of what it may mean, for elements that need a whole instant.
    pub(in crate::translate::ccda) const fn padded(self, offset: i16) -> Self {
        Self {
            month: if self.month == 0 { 1 } else { self.month },
            day: if self.day == 0 { 1 } else { self.day },
            time: match self.time {
                None => Some((0, 0, 0)),
                time => time,
            },
            offset: match self.offset {
                None => Some(offset),
                offset => offset,
            },
            ..self
        }
    }

    /// As FHIR writes it; a time needs an offset, so one without is left out.
    pub(in crate::translate::ccda) fn letters(&self) -> Letters {
        let mut letters = Letters::new();
        letters.digits(self.year, 4);
        for part in [self.month, self.day].into_iter().take_while(|part| *part > 0) {
            letters.push(b'-');
            letters.digits(u16::from(part), 2);
        }
        let (Some((hour, minute, second)), Some(offset)) = (self.time, self.offset) else {
            return letters;
        };
        letters.push(b'T');
        letters.digits(u16::from(hour), 2);
        letters.push(b':');
        letters.digits(u16::from(minute), 2);
        letters.push(b':');
        letters.digits(u16::from(second), 2);
        if let Some(fraction) = self.fraction {
            letters.push(b'.');
            letters.digits(fraction, 3);
        }
        letters.push(if offset < 0 { b'-' } else { b'+' });
        letters.digits(offset.unsigned_abs() / 60, 2);
        letters.push(b':');
        letters.digits(offset.unsigned_abs() % 60, 2);
        letters
    }

    /// Whether it is surely earlier than `other`, as far as both are known.
    pub(in crate::translate::ccda) fn is_before(&self, other: &Self) -> bool {
        let date = |stamp: &Self| (stamp.year, stamp.month, stamp.day);
        match (self.seconds(), other.seconds()) {
            (Some(one), Some(two)) => one < two,
            _ if self.year != other.year => self.year < other.year,
            _ if self.month == 0 || other.month == 0 => false,
            _ if self.month != other.month => self.month < other.month,
            _ if self.day == 0 || other.day == 0 => false,
            _ => date(self) < date(other),
        }
    }

    /// Seconds in a count that grows with time, if the time of the day is known.
    fn seconds(&self) -> Option<i64> {
        let (hour, minute, second) = self.time?;
        let offset = i64::from(self.offset.unwrap_or_default()) * 60;
        Some(
            self.days() * 86_400 + i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)
                - offset,
        )
    }

    /// Days in a count that grows by one each day.
    fn days(&self) -> i64 {
        let (year, month) = if self.month > 2 {
            (i64::from(self.year), i64::from(self.month) - 3)
        } else {
            (i64::from(self.year) - 1, i64::from(self.month) + 9)
        };
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + i64::from(self.day)
    }

    /// Whether it is more than `days` days before `other`; `false` if either has no day.
    pub(in crate::translate::ccda) fn is_days_before(&self, other: &Self, days: i64) -> bool {
        self.has_day() && other.has_day() && self.days() + days < other.days()
    }

    /// So many days later.
    pub(in crate::translate::ccda) fn plus_days(self, days: u32) -> Self {
        let mut later = self;
        for _ in 0..days.min(4_000) {
            if later.day < days_in(later.year, later.month) {
                later.day += 1;
            } else {
                later.day = 1;
                later.month = later.month % 12 + 1;
                later.year += u16::from(later.month == 1);
            }
        }
        later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Oddity)>) {
        let read = Stamp::parse(text);
        let told = read.map(|(stamp, oddity)| (stamp.letters().as_str().to_owned(), oddity));
        let told = told.as_ref().map(|(letters, oddity)| (&**letters, *oddity));
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn times_are_as_precise_as_they_were_written() {
        check("2023", Some(("2023", Oddity::None)));
        check("202305", Some(("2023-05", Oddity::None)));
        check("20230531", Some(("2023-05-31", Oddity::None)));
        check(
            "202305312205-0500",
            Some(("2023-05-31T22:05:00-05:00", Oddity::None)),
        );
        check(
            "20140606153200.123+0000",
            Some(("2014-06-06T15:32:00.123+00:00", Oddity::None)),
        );
        check("20120229", Some(("2012-02-29", Oddity::None)));
        check("20230531220500", Some(("2023-05-31", Oddity::None)));
    }

    #[test]
    fn of_what_is_unsound_the_beginning_counts() {
        check("2023053122-0500", Some(("2023-05-31", Oddity::HourOnly)));
        check("20230231", Some(("2023-02", Oddity::Repaired)));
        check("20231301", Some(("2023", Oddity::Repaired)));
        check("201304051", Some(("2013-04-05", Oddity::Repaired)));
        check("2013040512305-0500", Some(("2013-04-05", Oddity::Repaired)));
        check("20230531?", Some(("2023-05-31", Oddity::Repaired)));
    }

    #[test]
    fn odd_offsets_are_repaired() {
        check(
            "202305312205-5",
            Some(("2023-05-31T22:05:00-05:00", Oddity::Repaired)),
        );
        check(
            "202305312205-500",
            Some(("2023-05-31T22:05:00-05:00", Oddity::Repaired)),
        );
        check(
            "202305312205-05",
            Some(("2023-05-31T22:05:00-05:00", Oddity::Repaired)),
        );
        check(
            "202305312205Z",
            Some(("2023-05-31T22:05:00+00:00", Oddity::Repaired)),
        );
        check("202305312205-9999", Some(("2023-05-31", Oddity::Repaired)));
    }

    #[test]
    fn iso_forms_are_read() {
        check("2023-02-14", Some(("2023-02-14", Oddity::Repaired)));
        check(
            "2012-08-15T10:00:00-05:00",
            Some(("2012-08-15T10:00:00-05:00", Oddity::Repaired)),
        );
        check("2012-08", Some(("2012-08", Oddity::Repaired)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "00000000",
            "0001",
            "abc",
            "17991231",
            "99991231",
            "-99",
            "08/15/2012",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn times_compare_as_far_as_they_are_known() {
        let before = |one: &str, two: &str| {
            let read = |text| Stamp::parse(text).unwrap().0;
            read(one).is_before(&read(two))
        };
        assert!(before("2012", "2013"));
        assert!(!before("2012", "201205"));
        assert!(before("20120101", "20120102"));
        assert!(before("201201011200+0000", "201201011200-0500"));
        assert!(!before("201201011200-0500", "201201011200+0000"));
    }
}
