//! The shapes that FHIR gives the texts of its primitive types.

/// A primitive type with a shape of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// Any text, as opposed to what is no text.
    Text,
    /// A year, a month or a day.
    Date,
    /// A date, or an instant to the second or finer with its zone.
    DateTime,
    /// An absolute address of the web.
    WebAddress,
    /// A LOINC code whose check digit agrees.
    Loinc,
    /// A search, from the type of resource on: `Condition?patient=p1`.
    Search,
}

impl Shape {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "date" => Some(Self::Date),
            "dateTime" => Some(Self::DateTime),
            "web-address" => Some(Self::WebAddress),
            "loinc" => Some(Self::Loinc),
            "search" => Some(Self::Search),
            _ => None,
        }
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Date => is_date(text),
            Self::DateTime => match text.split_once('T') {
                None => is_date(text),
                Some((day, time)) => day.len() == DAY && is_date(day) && is_time(time),
            },
            Self::WebAddress => {
                let host = text
                    .strip_prefix("https://")
                    .or_else(|| text.strip_prefix("http://"));
                host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
                    && text.bytes().all(|byte| byte.is_ascii_graphic())
            }
            Self::Loinc => crate::base::ids::Loinc::parse(text).is_ok(),
            Self::Search => {
                let kind = text.split(['?', '/']).next().unwrap_or_default();
                kind.starts_with(|c: char| c.is_ascii_uppercase())
                    && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
            }
        }
    }
}

/// How long a date is that is precise to the day.
pub(crate) const DAY: usize = 10;

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = number(parts.next(), 4);
    let month = parts.next();
    let day = parts.next();
    let sound_month = month.is_none() || matches!(number(month, 2), Some(1..=12));
    let sound_day = match (day, year, number(month, 2)) {
        (None, _, _) => true,
        (Some(_), Some(year), Some(month)) => {
            number(day, 2).is_some_and(|day| (1..=days(year, month)).contains(&day))
        }
        (Some(_), _, _) => false,
    };
    year.is_some_and(|year| year > 0) && sound_month && sound_day && parts.next().is_none()
}

/// The days of `month` in `year`.
const fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `hh:mm:ss`, perhaps with a fraction, and a zone.
fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at_checked(at).unwrap_or((text, "")),
        None => return false,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let mut part = |most: u32| number(parts.next(), 2).is_some_and(|value| value <= most);
    let sound = part(23) && part(59) && part(60) && parts.next().is_none();
    sound && is_zone(zone) && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    let Some(clock) = text.strip_prefix(['+', '-']) else {
        return text == "Z";
    };
    let (hours, minutes) = clock.split_once(':').unwrap_or((clock, ""));
    number(Some(hours), 2).is_some_and(|hours| hours <= 14)
        && number(Some(minutes), 2).is_some_and(|value| value <= 59)
}

/// The number in a text of exactly `digits` digits.
fn number(text: Option<&str>, digits: usize) -> Option<u32> {
    let text = text?;
    let sound = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, good: &[&str], bad: &[&str]) {
        let shape = Shape::named(name).unwrap();
        for text in good {
            assert!(shape.fits(text), "{text} is a {name}");
        }
        for text in bad {
            assert!(!shape.fits(text), "{text} is no {name}");
        }
    }

    #[test]
    fn dates_are_real_days_of_some_precision() {
        check(
            "date",
            &["2026", "2026-11", "2026-11-20", "2024-02-29", "2000-02-29"],
            &[
                "",
                "26",
                "2026-1",
                "2026-13",
                "2026-00",
                "2026-11-31",
                "2023-02-29",
                "1900-02-29",
                "2026-11-20-",
                "20261120",
                "0000",
                "2026-11-20T10:00:00Z",
            ],
        );
    }

    #[test]
    fn points_in_time_have_a_zone() {
        check(
            "dateTime",
            &[
                "2026",
                "2026-11-20",
                "2026-11-20T10:00:00Z",
                "2026-11-20T23:59:60.123-05:00",
                "2026-11-20T10:00:00+14:00",
            ],
            &[
                "2026-11-20T10:00:00",
                "2026-11-20T10:00Z",
                "2026-11T10:00:00Z",
                "2026-11-20T24:00:00Z",
                "2026-11-20T10:00:00.Z",
                "2026-11-20T10:00:00+0500",
                "2026-11-20 10:00:00Z",
            ],
        );
    }

    #[test]
    fn web_addresses_are_absolute() {
        check(
            "web-address",
            &[
                "https://payer.example/fhir/$submit-attachment",
                "http://[::1]:8080/x",
            ],
            &[
                "",
                "payer.example",
                "ftp://payer.example",
                "https://",
                "https:///x",
                "https://payer.example/a b",
                "javascript:alert(1)",
            ],
        );
    }

    #[test]
    fn loinc_codes_are_checked() {
        check("loinc", &["11506-3"], &["11506-4", "AS"]);
    }
}
