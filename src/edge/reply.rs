//! Answers as HTTP has them.

use std::fmt::Write;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header;
use http_body_util::Full;

use super::refusal::Dialect;
use super::refusal::FHIR;
use super::refusal::Refusal;
use super::refusal::TEXT;
use super::refusal::outcome_of;
use crate::base::calendar::DAY;
use crate::base::calendar::date;
use crate::flow::door::Media;
use crate::flow::door::Reply;

/// What a door answers with.
pub(super) type Answer = Response<Full<Bytes>>;

/// A refusal of the door's own. What is left of the body is not read, so the connection ends with it.
pub(super) fn refuse(refusal: Refusal, dialect: Dialect) -> Answer {
    let (media, body) = refusal.body(dialect);
    let mut answer = plain(refusal.status(), media, body.into());
    let headers = answer.headers_mut();
    if let Some(seconds) = refusal.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(challenge) = refusal.challenge() {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(allow) = refusal.allow() {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    answer
}

/// A body of a media type.
pub(super) fn plain(status: u16, media: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    answer
}

/// What the flow answers, under the base address of the façade.
pub(super) fn told(reply: Reply, dialect: Dialect, base: &str) -> Answer {
    let mut media = match reply.media {
        Media::Fhir => FHIR,
        Media::X12 => "application/edi-x12",
        Media::Text => TEXT,
    };
    let mut body = reply.body;
    if body.is_empty() && reply.status >= 400 {
        (media, body) = match dialect {
            Dialect::Fhir => (FHIR, outcome_of(reply.status).into()),
            Dialect::X12 => (TEXT, Bytes::from_static(b"the message was not taken\n")),
        };
    }
    let has_body = !body.is_empty();
    let mut answer = plain(reply.status, media, body);
    let headers = answer.headers_mut();
    if !has_body {
        headers.remove(header::CONTENT_TYPE);
    }
    let mut add = |name, text: String| {
        // What we write here is ASCII; a location that is not would be ours to mend, and is left out.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    };
    if let Some(version) = reply.version {
        add(header::ETAG, format!("W/\"{version}\""));
    }
    if let Some(changed) = reply.changed {
        add(header::LAST_MODIFIED, http_date(changed));
    }
    if let Some(location) = reply.location {
        add(header::LOCATION, format!("{base}/{location}"));
    }
    if let Some(wait) = reply.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        add(header::RETRY_AFTER, seconds.to_string());
    }
    answer
}

/// Says that the client has the newest version already.
pub(super) fn unchanged(mut answer: Answer) -> Answer {
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    answer.headers_mut().remove(header::CONTENT_TYPE);
    *answer.body_mut() = Full::default();
    answer
}

/// A time as HTTP writes it: `Fri, 20 Nov 2026 13:30:00 GMT`.
fn http_date(time: SystemTime) -> String {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (days, second) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = date(days);
    // 1970-01-01 was a Thursday.
    let weekday = usize::try_from((days + 4) % 7)
        .ok()
        .and_then(|index| WEEKDAYS.get(index));
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index));
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write!(
        text,
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        weekday.unwrap_or(&""),
        name.unwrap_or(&""),
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    text
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_http_does() {
        let at = |seconds| http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(at(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(at(1_582_934_400), "Sat, 29 Feb 2020 00:00:00 GMT");
    }

    #[test]
    fn a_reply_has_its_headers() {
        let reply = Reply {
            status: 201,
            version: Some(3),
            location: Some("Task/a/_history/3".to_owned()),
            retry_after: Some(Duration::from_millis(1500)),
            ..Reply::default()
        };
        let answer = told(reply, Dialect::Fhir, "https://cartage.example/fhir");
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("etag"), Some("W/\"3\""));
        assert_eq!(
            header("location"),
            Some("https://cartage.example/fhir/Task/a/_history/3")
        );
        assert_eq!(header("retry-after"), Some("2"));
        assert_eq!(header("content-type"), None);
    }
}
