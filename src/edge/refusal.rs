//! What a door says no to by itself, and how: the status, the kind of issue, the words.

use std::fmt;

use crate::base::finding::Blame;
use crate::base::finding::Code;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;
use crate::fhir::issue::IssueSeverity;
use crate::fhir::issue::IssueType;
use crate::fhir::issue::Reply as Issue;
use crate::fhir::outcome::Outcome;

/// Why a request goes no further than the door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// The head breaks the grammar of HTTP; where it is ambiguous it is refused, not interpreted.
    Head(&'static str),
    /// The path or the query is not in its one normal form.
    Target(&'static str),
    /// A header that we act on does not say what it must.
    Header(&'static str),
    /// A transfer coding that nobody here knows.
    Coding,
    /// The head has more lines or octets than a head may have.
    HeadTooLarge,
    /// The head came too slowly.
    HeadTooSlow,
    /// The body is longer than the door takes.
    BodyTooLong,
    /// The body came too slowly.
    BodyTooSlow,
    /// The body ended before its end.
    BodyCut,
    /// Nothing is at this place.
    NotFound,
    /// This place knows other methods.
    Method(&'static str),
    /// What the client wants to read is not what we write.
    NotAcceptable,
    /// What the client sends is not what we read.
    Media,
    /// The body is packed.
    Packed,
    /// Nobody said who is asking.
    NoToken,
    /// The token is nobody's.
    BadToken,
    /// The token is somebody else's than whose the door is.
    OtherPartner,
    /// The door has all the work that it takes at a time.
    Busy,
    /// Something failed here.
    Failed,
}

/// In whose words a door speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialect {
    /// OperationOutcome.
    Fhir,
    /// A line of text: a refusal is none of the acknowledgements that X12 has.
    X12,
}

impl Refusal {
    /// The status.
    pub(super) const fn status(self) -> u16 {
        self.status_and_kind().0
    }

    /// After how many seconds the same may be tried again.
    pub(super) const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Busy => Some(RETRY_SECONDS),
            _ => None,
        }
    }

    /// What a client must say of itself.
    pub(super) const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"cartage\""),
            Self::BadToken => Some("Bearer realm=\"cartage\", error=\"invalid_token\""),
            _ => None,
        }
    }

    /// The methods that this place knows.
    pub(super) const fn allow(self) -> Option<&'static str> {
        match self {
            Self::Method(allow) => Some(allow),
            _ => None,
        }
    }

    /// The body, and what it is.
    pub(super) fn body(self, dialect: Dialect) -> (&'static str, Vec<u8>) {
        match dialect {
            Dialect::Fhir => (FHIR, self.outcome().into_bytes()),
            Dialect::X12 => (TEXT, format!("{self}\n").into_bytes()),
        }
    }

    /// The whole answer as octets, for a request that never became one; the connection ends with it.
    pub(super) fn octets(self, dialect: Dialect) -> Vec<u8> {
        let (media, body) = self.body(dialect);
        let reason = http::StatusCode::from_u16(self.status())
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let retry = self
            .retry_after()
            .map(|seconds| format!("Retry-After: {seconds}\r\n"))
            .unwrap_or_default();
        let mut octets = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n{retry}Cache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            self.status(),
            body.len(),
        )
        .into_bytes();
        octets.extend_from_slice(&body);
        octets
    }

    fn outcome(self) -> String {
        let (status, kind) = self.status_and_kind();
        let severity = if kind == IssueType::Structure {
            IssueSeverity::Fatal
        } else {
            IssueSeverity::Error
        };
        told(
            self.code(),
            self.message(),
            Issue {
                severity,
                kind,
                status,
            },
        )
    }

    const fn status_and_kind(self) -> (u16, IssueType) {
        match self {
            Self::Head(_) | Self::Target(_) | Self::BodyCut => (400, IssueType::Structure),
            Self::Header(_) => (400, IssueType::Value),
            Self::NoToken | Self::BadToken => (401, IssueType::Login),
            Self::OtherPartner => (403, IssueType::Forbidden),
            Self::NotFound => (404, IssueType::NotFound),
            Self::Method(_) => (405, IssueType::NotSupported),
            Self::NotAcceptable => (406, IssueType::NotSupported),
            Self::HeadTooSlow | Self::BodyTooSlow => (408, IssueType::Timeout),
            Self::BodyTooLong => (413, IssueType::TooLong),
            Self::Media | Self::Packed => (415, IssueType::NotSupported),
            Self::HeadTooLarge => (431, IssueType::TooLong),
            Self::Failed => (500, IssueType::Exception),
            Self::Coding => (501, IssueType::NotSupported),
            Self::Busy => (503, IssueType::Throttled),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Head(_) => "http.head",
            Self::Target(_) => "http.target",
            Self::Header(_) => "http.header",
            Self::Coding => "http.coding",
            Self::HeadTooLarge => "http.head-too-large",
            Self::HeadTooSlow => "http.head-too-slow",
            Self::BodyTooLong => "http.body-too-long",
            Self::BodyTooSlow => "http.body-too-slow",
            Self::BodyCut => "http.body-cut",
            Self::NotFound => "http.not-found",
            Self::Method(_) => "http.method",
            Self::NotAcceptable => "http.accept",
            Self::Media => "http.media",
            Self::Packed => "http.packed",
            Self::NoToken => "http.no-token",
            Self::BadToken => "http.bad-token",
            Self::OtherPartner => "http.other-partner",
            Self::Busy => "http.busy",
            Self::Failed => "http.failed",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Head(why) | Self::Target(why) | Self::Header(why) => why,
            Self::Coding => "the only transfer coding here is chunked",
            Self::HeadTooLarge => "a head has at most 100 fields and 32 KiB",
            Self::HeadTooSlow => "the head came too slowly",
            Self::BodyTooLong => {
                "the body is longer than this door takes; metadata says how much that is and what to do"
            }
            Self::BodyTooSlow => "the body came too slowly",
            Self::BodyCut => "the body ended before its end, or its framing is wrong",
            Self::NotFound => "there is nothing at this place",
            Self::Method(_) => "this place does not know the method; Allow says which it does",
            Self::NotAcceptable => "only JSON is written here",
            Self::Media => "the body is not of a media type that this place reads",
            Self::Packed => "a body comes as it is, without a content coding",
            Self::NoToken => "a bearer token is needed",
            Self::BadToken => "the bearer token is nobody's",
            Self::OtherPartner => "this door is for another partner",
            Self::Busy => "there is too much to do at the moment",
            Self::Failed => "something failed here",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Refusal {}

/// An outcome for a status that came without one.
pub(super) fn outcome_of(status: u16) -> Vec<u8> {
    let kind = match status {
        401 => IssueType::Login,
        403 => IssueType::Forbidden,
        404 => IssueType::NotFound,
        409 | 412 => IssueType::Conflict,
        410 => IssueType::Deleted,
        413 => IssueType::TooLong,
        429 => IssueType::Throttled,
        502 | 503 | 507 => IssueType::Transient,
        504 => IssueType::Timeout,
        500.. => IssueType::Exception,
        _ => IssueType::Processing,
    };
    let issue = Issue {
        severity: IssueSeverity::Error,
        kind,
        status,
    };
    told("http.refused", "the request was not carried out", issue).into_bytes()
}

/// An outcome of one issue.
fn told(code: &'static str, message: &'static str, issue: Issue) -> String {
    let finding = Finding {
        code: Code::new(code),
        severity: Severity::Error,
        blame: if issue.status < 500 {
            Blame::Sender
        } else {
            Blame::Us
        },
        message,
        place: Place::Nowhere,
    };
    Outcome::told(&[finding], |_| issue).text()
}

/// The media type of what we write.
pub(super) const FHIR: &str = "application/fhir+json; charset=utf-8";

/// The media type of a line of text.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// When a client that found too much to do may come again.
const RETRY_SECONDS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    #[test]
    fn a_refusal_says_its_outcome_and_ends_the_connection() {
        let text = String::from_utf8(Refusal::HeadTooLarge.octets(Dialect::Fhir)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
            "{head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len()))
                && head.ends_with("Connection: close")
        );
        let outcome = json::read(body.as_bytes()).unwrap();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert_eq!(outcome["issue"][0]["code"], "too-long");
    }

    #[test]
    fn a_door_for_x12_answers_in_text() {
        let text = String::from_utf8(Refusal::Busy.octets(Dialect::X12)).unwrap();
        assert!(
            text.contains("Retry-After: 2\r\n") && text.ends_with("at the moment\n"),
            "{text}"
        );
    }

    #[test]
    fn a_status_alone_becomes_an_outcome() {
        let outcome = json::read(&outcome_of(409)).unwrap();
        assert_eq!(outcome["issue"][0]["code"], "conflict");
    }
}
