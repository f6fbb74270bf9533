//! The head of a reply: whether its framing is beyond doubt, and what it says.
//!
//! Of two readings of where a reply ends, one is an attacker's (SEC-010); so a reply with two is none.

use std::time::Duration;
use std::time::SystemTime;

use http::HeaderMap;
use http::HeaderName;
use http::StatusCode;
use http::header;
use http::response::Parts;

use crate::base::calendar::DAY;
use crate::base::calendar::days_to;
use crate::base::media;
use crate::upstream::attempt::Trouble;

/// What the head of a reply says.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) media: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the reply has an end that can be told from a cut.
    pub(crate) is_framed: bool,
}

impl Head {
    /// Reads the head of a reply that came at `now`.
    pub(crate) fn read(parts: &Parts, now: SystemTime) -> Result<Self, Trouble> {
        let headers = &parts.headers;
        let has_encoding = headers.contains_key(header::TRANSFER_ENCODING);
        let has_length = headers.contains_key(header::CONTENT_LENGTH);
        let sound = !(has_encoding && has_length)
            && lone(headers, &header::TRANSFER_ENCODING, |text| {
                text.eq_ignore_ascii_case("chunked")
            })
            && lone(headers, &header::CONTENT_LENGTH, |text| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
            })
            // Nobody asked for another protocol.
            && parts.status != StatusCode::SWITCHING_PROTOCOLS;
        if !sound {
            return Err(Trouble::Framing);
        }
        let media = text_of(headers, &header::CONTENT_TYPE).map(media::bare);
        Ok(Self {
            status: parts.status.as_u16(),
            media,
            location: text_of(headers, &header::LOCATION).map(str::to_owned),
            retry_after: text_of(headers, &header::RETRY_AFTER).and_then(|text| pause(text, now)),
            is_framed: has_encoding || has_length || parts.status == StatusCode::NO_CONTENT,
        })
    }
}

/// Whether the header is absent, or there once and `fits`.
fn lone(headers: &HeaderMap, name: &HeaderName, fits: impl Fn(&str) -> bool) -> bool {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => value.to_str().is_ok_and(fits),
        (Some(_), Some(_)) => false,
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What `Retry-After` says: a number of seconds, or a date.
fn pause(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(http_date(text)?))?;
    Some(at.duration_since(now).unwrap_or_default())
}

/// The seconds from 1970 to a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; the two older forms are no longer sent.
fn http_date(text: &str) -> Option<u64> {
    let mut words = text.split(' ').skip(1);
    let day: u64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<u64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    let is_whole = words.next() == Some("GMT") && words.next().is_none() && clock.next().is_none();
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !(is_whole && is_time) {
        return None;
    }
    Some(days_to(year, month, day)? * DAY + hour * 3600 + minute * 60 + second)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&str, &str)]) -> Result<Head, Trouble> {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let (parts, ()) = response.body(()).unwrap().into_parts();
        Head::read(&parts, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn a_head_with_two_ends_is_refused() {
        for headers in [
            &[("content-length", "5"), ("transfer-encoding", "chunked")][..],
            &[("content-length", "5"), ("content-length", "5")],
            &[("content-length", "5, 5")],
            &[("content-length", "+5")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "identity")],
        ] {
            assert_eq!(head(200, headers).unwrap_err(), Trouble::Framing, "{headers:?}");
        }
        assert_eq!(head(101, &[]).unwrap_err(), Trouble::Framing);
    }

    #[test]
    fn a_sound_head_is_read() {
        let head = head(
            201,
            &[
                ("content-length", "5"),
                ("content-type", "Application/FHIR+JSON; charset=utf-8"),
                ("location", "Task/7/_history/1"),
            ],
        );
        let head = head.unwrap();
        assert_eq!(head.media.as_deref(), Some("application/fhir+json"));
        assert_eq!(head.location.as_deref(), Some("Task/7/_history/1"));
        assert!(head.is_framed);
    }

    #[test]
    fn a_pause_is_a_number_or_a_date() {
        let pause = |text: &str| head(503, &[("retry-after", text)]).unwrap().retry_after;
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(pause("120"), seconds(120));
        assert_eq!(pause("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
        assert_eq!(pause("Sun, 06 Nov 1994 08:00:00 GMT"), seconds(0));
        assert_eq!(pause("99999999999999999999999"), seconds(u64::MAX));
        for text in [
            "",
            "-1",
            "soon",
            "Sun, 41 Nov 1994 08:50:37 GMT",
            "Sun, 06 Nov 1994 08:50 GMT",
        ] {
            assert_eq!(pause(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Tue, 29 Feb 2000 12:00:00 GMT"), Some(951_825_600));
    }
}
