//! Times and sizes with their units, days, and web addresses: texts that mean something, read once.

use std::fmt;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use crate::base::calendar;

/// Reads a time: a whole number and `ms`, `s`, `m`, `h` or `d`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(60 * 60),
        "d" => seconds(24 * 60 * 60),
        _ => None,
    }
}

/// Reads a size: a whole number and `B`, `KiB`, `MiB` or `GiB`.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let power = match unit {
        "B" => 0,
        "KiB" => 1,
        "MiB" => 2,
        "GiB" => 3,
        _ => return None,
    };
    number.checked_mul(1024_u64.pow(power))
}

/// What was probably meant by a time or size that cannot be read.
pub fn meant(text: &str, units: &[(&str, &str)]) -> Option<String> {
    let trimmed: String = text.chars().filter(|letter| *letter != ' ').collect();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = trimmed.split_at_checked(digits)?;
    if number.is_empty() {
        return None;
    }
    let unit = unit.to_ascii_lowercase();
    units
        .iter()
        .find(|(written, _)| *written == unit)
        .map(|(_, meant)| format!("{number}{meant}"))
}

/// How people write units of time, and how they are written here.
pub const TIMES: &[(&str, &str)] = &[
    ("", "s"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("s", "s"),
    ("m", "m"),
    ("h", "h"),
    ("d", "d"),
    ("ms", "ms"),
];

/// How people write units of size, and how they are written here.
pub const SIZES: &[(&str, &str)] = &[
    ("", "B"),
    ("b", "B"),
    ("k", "KiB"),
    ("kb", "KiB"),
    ("kib", "KiB"),
    ("m", "MiB"),
    ("mb", "MiB"),
    ("mib", "MiB"),
    ("g", "GiB"),
    ("gb", "GiB"),
    ("gib", "GiB"),
];

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit))
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month, from one.
    pub month: u8,
    /// The day of the month, from one.
    pub day: u8,
}

impl Day {
    /// The day at a moment, in UTC.
    pub fn at(moment: SystemTime) -> Self {
        let seconds = moment
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        Self::after_epoch(seconds / calendar::DAY)
    }

    /// The day so many days after 1 January 1970.
    pub fn after_epoch(days: u64) -> Self {
        let (year, month, day) = calendar::date(days);
        let fit = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
        Self {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: fit(month),
            day: fit(day),
        }
    }

    /// How many days after 1 January 1970 it is; nothing for a day before that, or one that no calendar has.
    pub fn since_epoch(self) -> Option<u64> {
        calendar::days_to(u64::from(self.year), u64::from(self.month), u64::from(self.day))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A web address: `https` or `http`, a host, perhaps a port and a path; no query, no user.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Url {
    text: Box<str>,
    secure: bool,
    host_end: usize,
}

/// What is wrong with a web address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UrlFault {
    /// It starts with neither `https://` nor `http://`.
    Scheme,
    /// It has no host, or one with characters that hosts do not have.
    Host,
    /// The port is no number.
    Port,
    /// It holds a user or a password.
    Credentials,
    /// It has blanks, a query or a fragment.
    Rest,
}

impl Url {
    /// Reads a web address.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(UrlFault::Scheme),
        };
        if text.bytes().any(|byte| !byte.is_ascii_graphic()) || text.contains(['?', '#']) {
            return Err(UrlFault::Rest);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlFault::Credentials);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(UrlFault::Port);
        }
        let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let numbered = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
        if host.is_empty() || !(numbered || host.bytes().all(named)) {
            return Err(UrlFault::Host);
        }
        let host_end = text.len() - rest.len() + host.len();
        Ok(Self {
            text: text.into(),
            secure,
            host_end,
        })
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is spoken to over TLS.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, with brackets if it is an IPv6 address.
    pub fn host(&self) -> &str {
        let start = if self.secure {
            "https://".len()
        } else {
            "http://".len()
        };
        self.text.get(start..self.host_end).unwrap_or_default()
    }

    /// Whether the host is this very machine by its name or address.
    pub fn is_local(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("2d"), Some(Duration::from_hours(48)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        for text in [
            "",
            "s",
            "30",
            "30 s",
            "1.5h",
            "-1s",
            "99999999999999999999s",
            "30S",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_has_a_unit() {
        assert_eq!(size("25MiB"), Some(25 << 20));
        assert_eq!(size("1B"), Some(1));
        for text in ["25MB", "25", "MiB", "18446744073709551615GiB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_meant_is_guessed_from_the_unit() {
        assert_eq!(meant("25MB", SIZES).as_deref(), Some("25MiB"));
        assert_eq!(meant("30 minutes", TIMES).as_deref(), Some("30m"));
        assert_eq!(meant("30", TIMES).as_deref(), Some("30s"));
        assert_eq!(meant("soon", TIMES), None);
    }

    #[test]
    fn days_follow_the_calendar() {
        let shown = |days| Day::after_epoch(days).to_string();
        assert_eq!(shown(0), "1970-01-01");
        assert_eq!(shown(59), "1970-03-01");
        assert_eq!(shown(789), "1972-02-29");
        assert_eq!(shown(11_016), "2000-02-29");
        assert_eq!(shown(20_777), "2026-11-20");
        assert_eq!(
            Day::at(UNIX_EPOCH + Duration::from_secs(86_399)).to_string(),
            "1970-01-01"
        );
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&str, UrlFault>) {
        let found = Url::parse(text);
        assert_eq!(found.as_ref().map(Url::host).map_err(|fault| *fault), expected);
    }

    #[test]
    fn a_web_address_has_a_scheme_and_a_host() {
        check("https://cdex.acme.example/r4", Ok("cdex.acme.example"));
        check("http://127.0.0.1:8080", Ok("127.0.0.1"));
        check("https://[::1]:8443/x", Ok("[::1]"));
        check("cdex.acme.example", Err(UrlFault::Scheme));
        check("https:///r4", Err(UrlFault::Host));
        check("https://acme.example:eight", Err(UrlFault::Port));
        check("https://me:secret@acme.example", Err(UrlFault::Credentials));
        check("https://acme.example/r4?x=1", Err(UrlFault::Rest));
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        let local = |text: &str| Url::parse(text).unwrap().is_local();
        assert!(local("http://localhost:1") && local("http://127.0.0.1") && local("http://[::1]:80/"));
        assert!(!local("http://acme.example") && !local("http://10.0.0.1"));
    }
}
