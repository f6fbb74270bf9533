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

struct Row {
    status: u16,
    kind: IssueType,
    code: &'static str,
    message: &'static str,
    blame: Blame,
}

impl Refusal {
    /// The status.
    pub(super) fn status(self) -> u16 {
        self.row().status
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
        let row = self.row();
        let finding = Finding {
            code: Code::new(row.code),
            severity: Severity::Error,
            blame: row.blame,
            message: row.message,
            place: Place::Nowhere,
        };
        let told = Issue {
            severity: if row.status == 400 && row.kind == IssueType::Structure {
                IssueSeverity::Fatal
            } else {
                IssueSeverity::Error
            },
            kind: row.kind,
            status: row.status,
        };
        Outcome::told(&[finding], |_| told).text()
    }

    fn row(self) -> Row {
        let row = |status, kind, code, message| Row {
            status,
            kind,
            code,
            message,
            blame: if status < 500 { Blame::Sender } else { Blame::Us },
        };
        match self {
            Self::Head(why) => row(400, IssueType::Structure, "http.head", why),
            Self::Target(why) => row(400, IssueType::Structure, "http.target", why),
            Self::Header(why) => row(400, IssueType::Value, "http.header", why),
            Self::Coding => row(
                501,
                IssueType::NotSupported,
                "http.coding",
                "the only transfer coding here is chunked",
            ),
            Self::HeadTooLarge => row(
                431,
                IssueType::TooLong,
                "http.head-too-large",
                "a head has at most 100 fields and 32 KiB",
            ),
            Self::HeadTooSlow => row(
                408,
                IssueType::Timeout,
                "http.head-too-slow",
                "the head came too slowly",
            ),
            Self::BodyTooLong => row(
                413,
                IssueType::TooLong,
                "http.body-too-long",
                "the body is longer than this door takes; /metadata says how much that is and what to do instead",
            ),
            Self::BodyTooSlow => row(
                408,
                IssueType::Timeout,
                "http.body-too-slow",
                "the body came too slowly",
            ),
            Self::BodyCut => row(
                400,
                IssueType::Structure,
                "http.body-cut",
                "the body ended before its end or its framing is wrong",
            ),
            Self::NotFound => row(
                404,
                IssueType::NotFound,
                "http.not-found",
                "there is nothing at this place",
            ),
            Self::Method(_) => row(
                405,
                IssueType::NotSupported,
                "http.method",
                "this place does not know the method; Allow says which it does",
            ),
            Self::NotAcceptable => row(
                406,
                IssueType::NotSupported,
                "http.accept",
                "only JSON is written here",
            ),
            Self::Media => row(
                415,
                IssueType::NotSupported,
                "http.media",
                "the body is not of a media type that this place reads",
            ),
            Self::Packed => row(
                415,
                IssueType::NotSupported,
                "http.packed",
                "a body comes as it is, without a content coding",
            ),
            Self::NoToken => row(401, IssueType::Login, "http.no-token", "a bearer token is needed"),
            Self::BadToken => row(
                401,
                IssueType::Login,
                "http.bad-token",
                "the bearer token is nobody's",
            ),
            Self::OtherPartner => row(
                403,
                IssueType::Forbidden,
                "http.other-partner",
                "this door is for another partner",
            ),
            Self::Busy => row(
                503,
                IssueType::Throttled,
                "http.busy",
                "there is too much to do at the moment",
            ),
            Self::Failed => row(500, IssueType::Exception, "http.failed", "something failed here"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().message)
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
    let finding = Finding {
        code: Code::new("http.refused"),
        severity: Severity::Error,
        blame: if status < 500 { Blame::Sender } else { Blame::Us },
        message: "the request was not carried out",
        place: Place::Nowhere,
    };
    let told = Issue {
        severity: IssueSeverity::Error,
        kind,
        status,
    };
    Outcome::told(&[finding], |_| told).text().into_bytes()
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
