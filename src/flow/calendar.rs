//! Times as X12 and FHIR write them, in universal time.

use x12_parser::Stamp;

use crate::base::calendar::DAY;
use crate::base::calendar::date;
use crate::base::calendar::days_to;
use crate::exchange::moment::Moment;

/// Milliseconds of a day.
const MILLIS: u64 = 1_000 * DAY;

/// Date and minute for X12.
pub(crate) fn stamp(at: Moment) -> Stamp {
    let (year, month, day) = date(at.millis() / MILLIS);
    let minutes = at.millis() % MILLIS / 60_000;
    let date = format!("{year:04}{month:02}{day:02}");
    let time = format!("{:02}{:02}", minutes / 60, minutes % 60);
    Stamp::parse(&date, &time)
        .or_else(|_| Stamp::parse("19700101", "0000"))
        .expect("the first day of 1970 is a day of the calendar")
}

/// An `instant` of FHIR, to the millisecond.
pub(crate) fn instant(at: Moment) -> String {
    let (year, month, day) = date(at.millis() / MILLIS);
    let passed = at.millis() % MILLIS;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        passed / 3_600_000,
        passed / 60_000 % 60,
        passed / 1_000 % 60,
        passed % 1_000
    )
}

/// The first moment of a `date` or `dateTime` of FHIR, whole or in part, and the first one after it.
pub(crate) fn span(text: &str) -> Option<(Moment, Moment)> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year: u64 = digits(parts.next()?, 4)?;
    let month = parts.next().map(|part| digits(part, 2));
    let day = parts.next().map(|part| digits(part, 2));
    if year < 1970 || parts.next().is_some() {
        return None;
    }
    let from = days_to(year, month.unwrap_or(Some(1))?, day.unwrap_or(Some(1))?)?;
    let until = match (month, day) {
        (None, _) | (Some(Some(12)), None) => days_to(year + 1, 1, 1)?,
        (Some(month), None) => days_to(year, month? + 1, 1)?,
        (Some(_), Some(_)) => from + 1,
    };
    let (from, until) = (from * MILLIS, until * MILLIS);
    let Some(time) = time else {
        return Some((Moment::from_millis(from), Moment::from_millis(until)));
    };
    let (clock, behind, offset) = offset(time)?;
    let (passed, length) = passed(clock)?;
    let at = from + passed;
    let at = if behind {
        at + offset
    } else {
        at.checked_sub(offset)?
    };
    Some((Moment::from_millis(at), Moment::from_millis(at + length)))
}

/// Splits a time of day from its offset: the time, whether the offset is behind universal time, and how far.
fn offset(time: &str) -> Option<(&str, bool, u64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, false, 0));
    }
    let at = time.rfind(['+', '-']);
    let Some((clock, offset)) = at.and_then(|at| time.split_at_checked(at)) else {
        return Some((time, false, 0));
    };
    let behind = offset.starts_with('-');
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let offset = digits(hours, 2)? * 3_600_000 + digits(minutes, 2)? * 60_000;
    Some((clock, behind, offset))
}

/// Milliseconds since midnight, and how long the time that is named lasts.
fn passed(clock: &str) -> Option<(u64, u64)> {
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let whole = hours * 3_600_000 + minutes * 60_000;
    let Some(seconds) = parts.next() else {
        return Some((whole, 60_000));
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole = whole + digits(seconds, 2)? * 1_000;
    if fraction.is_empty() {
        return Some((whole, 1_000));
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((whole + digits(&millis, 3)?, 1))
}

fn digits(text: &str, length: usize) -> Option<u64> {
    let sound = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, from: &str, until: &str) {
        let (first, after) = span(text).unwrap();
        assert_eq!((instant(first).as_str(), instant(after).as_str()), (from, until));
    }

    #[test]
    fn a_text_names_a_span_of_time() {
        check("2026", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z");
        check("2026-12", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z");
        check("2028-02", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z");
        check(
            "2026-11-20",
            "2026-11-20T00:00:00.000Z",
            "2026-11-21T00:00:00.000Z",
        );
        check(
            "2026-11-20T09:05Z",
            "2026-11-20T09:05:00.000Z",
            "2026-11-20T09:06:00.000Z",
        );
        check(
            "2026-11-20T23:00:01-05:00",
            "2026-11-21T04:00:01.000Z",
            "2026-11-21T04:00:02.000Z",
        );
        check(
            "2026-11-20T00:30:00.25+01:00",
            "2026-11-19T23:30:00.250Z",
            "2026-11-19T23:30:00.251Z",
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-02-29",
            "2026-1-1",
            "2026-11-20Tnoon",
            "1969",
            "2026-11-20-01",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_date_and_a_minute() {
        assert_eq!(stamp(Moment::from_millis(1_795_165_260_000)).date(), "20261120");
        assert_eq!(stamp(Moment::from_millis(1_795_165_260_000)).time(), "0901");
    }
}
