//! What a caller of the façade is told: `OperationOutcome`s, from findings, refusals and constants.

use bytes::Bytes;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use serde_json::value::to_raw_value;

use crate::base::finding::Finding;
use crate::exchange::effect::Note;
use crate::exchange::effect::Reply as ExchangeReply;
use crate::exchange::effect::Taken;
use crate::exchange::refusal::Refusal;
use crate::fhir::issue::IssueSeverity;
use crate::fhir::issue::IssueType;
use crate::fhir::json;
use crate::fhir::outcome::Outcome;
use crate::flow::desk::Declined;
use crate::flow::door::Reply;
use crate::flow::fetching::NotFetched;
use crate::flow::fetching::Why;
use crate::flow::gateway::LATER;
use crate::flow::material::Unfit;
use crate::flow::takes::NotTaken;
use crate::ledger::error::LedgerError;
use crate::upstream::fetch::NotThere;

/// An `OperationOutcome` in the making: its issues as text, because most are only passed on.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling {
    issues: Vec<Box<RawValue>>,
}

/// The same as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "resourceType")]
    kind: &'static str,
    issue: &'a [Box<RawValue>],
}

/// An outcome of which the issues are passed on.
#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    issue: Vec<Box<RawValue>>,
}

/// One thing that is said.
#[derive(Serialize)]
struct Said<'a> {
    severity: &'static str,
    code: &'static str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    text: &'a str,
}

fn raw(said: &impl Serialize) -> Box<RawValue> {
    to_raw_value(said).expect("texts always have a form in JSON")
}

impl Telling {
    /// One error.
    pub(super) fn error(kind: IssueType, message: &str) -> Self {
        Self::default().say(IssueSeverity::Error, kind, message)
    }

    /// What a check found.
    pub(super) fn findings(findings: &[Finding]) -> Self {
        Self::of(&Outcome::of(findings))
    }

    /// Why a text is no JSON that is taken.
    pub(super) fn refusal(refusal: &json::Refusal) -> Self {
        Self::of(&Outcome::refusing(refusal))
    }

    fn of(outcome: &Outcome) -> Self {
        let read: Read = serde_json::from_str(&outcome.text()).expect("an outcome of ours is JSON");
        Self { issues: read.issue }
    }

    /// Says one more thing.
    pub(super) fn say(mut self, severity: IssueSeverity, kind: IssueType, message: &str) -> Self {
        self.issues.push(raw(&Said {
            severity: severity.as_str(),
            code: kind.as_str(),
            details: Details { text: message },
        }));
        self
    }

    /// Says with the last thing what is behind it.
    pub(super) fn because(self, cause: Option<&str>) -> Self {
        match cause {
            Some(cause) => self.amend("diagnostics", Value::from(cause)),
            None => self,
        }
    }

    /// Says of the last thing where in the message it stands.
    fn at(self, place: &str) -> Self {
        self.amend("expression", Value::from(vec![place]))
    }

    /// Adds a member to the last thing that was said.
    fn amend(mut self, name: &str, value: Value) -> Self {
        if let Some(last) = self.issues.last_mut()
            && let Ok(Value::Object(mut members)) = serde_json::from_str(last.get())
        {
            members.insert(name.to_owned(), value);
            *last = raw(&members);
        }
        self
    }

    /// Says what became of a message.
    pub(super) fn taken(self, reply: &ExchangeReply) -> Self {
        let (kind, message) = match reply.outcome {
            Taken::Accepted => (IssueType::Informational, "accepted"),
            Taken::Held => (
                IssueType::Informational,
                "held for association with a future claim or request",
            ),
            Taken::Repeat => (
                IssueType::Duplicate,
                "duplicate: this was submitted before, and nothing more comes of it",
            ),
            Taken::NoLongerWanted => (
                IssueType::Informational,
                "kept; an answer to this request is no longer wanted",
            ),
        };
        let told = self.say(IssueSeverity::Information, kind, message);
        reply.notes.iter().fold(told, |told, note| {
            let (kind, message) = match note {
                Note::Late => (IssueType::BusinessRule, "it came after the due date"),
                Note::SeveralNotGranted => (
                    IssueType::BusinessRule,
                    "it says that more will follow, and the request did not grant several submissions",
                ),
                Note::Amendment => (
                    IssueType::BusinessRule,
                    "it came after the last submission and is taken as an amendment",
                ),
                Note::Reopened => (
                    IssueType::BusinessRule,
                    "nothing more was expected; the exchange is open again",
                ),
                Note::WasRefused => (
                    IssueType::BusinessRule,
                    "its receiver refused this when it was first sent",
                ),
                Note::WasNotDelivered => (
                    IssueType::BusinessRule,
                    "it could not be delivered when it was first sent",
                ),
            };
            told.say(IssueSeverity::Warning, kind, message)
        })
    }

    /// The resource as text.
    pub(super) fn body(&self) -> Bytes {
        let written = Written {
            kind: "OperationOutcome",
            issue: &self.issues,
        };
        Bytes::from(serde_json::to_vec(&written).expect("texts always have a form in JSON"))
    }

    /// The resource as a reply.
    pub(super) fn reply(&self, status: u16) -> Reply {
        Reply {
            status,
            body: self.body(),
            ..Reply::default()
        }
    }
}

/// What the sender of a message is told that was not taken.
///
/// # Errors
/// Gives trouble of the ledger back.
pub(super) fn declined(declined: Declined) -> Result<Reply, LedgerError> {
    let (status, telling) = match declined {
        Declined::Ledger(trouble) => return Err(trouble),
        Declined::Exchange(refusal) => {
            let (status, kind) = refused_as(refusal);
            (status, Telling::error(kind, &refusal.to_string()))
        }
        Declined::Unfit(unfit) => {
            let kind = match unfit {
                Unfit::NoMapping
                | Unfit::NoGuide
                | Unfit::NotWritten(_)
                | Unfit::NotTaken(NotTaken::OtherMedia) => IssueType::NotSupported,
                Unfit::Missing { .. } => IssueType::Required,
                Unfit::TooLong
                | Unfit::TooManyNumbers
                | Unfit::NotTaken(NotTaken::TooLarge | NotTaken::TooMany) => IssueType::TooLong,
                Unfit::Empty | Unfit::Faulty { .. } | Unfit::NotJson | Unfit::Gone => IssueType::Processing,
            };
            let is_too_long = matches!(unfit, Unfit::TooLong | Unfit::NotTaken(NotTaken::TooLarge));
            let status = if is_too_long { 413 } else { 422 };
            let telling = Telling::error(kind, &unfit.to_string()).because(unfit.cause());
            (status, telling)
        }
        Declined::Unrouted => (422, unrouted("nothing says who it is for")),
    };
    Ok(telling.reply(status))
}

/// What the sender of a submission is told whose contents cannot be fetched (GW-16).
pub(super) fn not_fetched(why: &NotFetched) -> Reply {
    let status = why.status();
    let kind = match (status, why) {
        (413, _) => IssueType::TooLong,
        (504, _) => IssueType::Timeout,
        (500.., _) => IssueType::Transient,
        (_, NotFetched::Content { why, .. }) => kind_of(*why),
        _ => IssueType::Processing,
    };
    let mut telling = Telling::error(kind, "a content that is named by address only cannot be fetched")
        .because(Some(&why.to_string()));
    if let NotFetched::Content { place, .. } = why {
        telling = telling.at(place);
    }
    let hint = if status < 500 {
        "the document can be sent inline instead (attachment.data)"
    } else {
        "nothing was kept; the same may be sent again later, or with the document inline (attachment.data)"
    };
    let telling = telling.say(IssueSeverity::Information, IssueType::Informational, hint);
    let mut reply = telling.reply(status);
    if status >= 500 {
        reply.retry_after = Some(LATER);
    }
    reply
}

const fn kind_of(why: Why) -> IssueType {
    match why {
        Why::NotThere(NotThere::Status(401 | 403)) => IssueType::Forbidden,
        Why::NotThere(NotThere::Status(404 | 410)) => IssueType::NotFound,
        Why::NotHere
        | Why::Astray(_)
        | Why::NotThere(NotThere::Forbidden | NotThere::Redirected | NotThere::Encoded) => {
            IssueType::NotSupported
        }
        Why::WrongSize | Why::WrongHash => IssueType::Value,
        Why::NotThere(_) | Why::TooLong | Why::Empty | Why::SomethingElse => IssueType::Processing,
    }
}

/// What a refusal of ours says, as it is kept for an operator: words and places, of which none is the caller's.
pub(super) fn errors_in(status: u16, body: &[u8]) -> Vec<String> {
    if status < 400 {
        return Vec::new();
    }
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let issues = told.get("issue").and_then(Value::as_array).into_iter().flatten();
    let errors = issues.filter(|issue| {
        let severity = issue.get("severity").and_then(Value::as_str);
        matches!(severity, Some("error" | "fatal"))
    });
    let line = |issue: &Value| {
        let at = |pointer: &str| issue.pointer(pointer).and_then(Value::as_str);
        let mut line = at("/details/text")
            .or(at("/code"))
            .unwrap_or("refused")
            .to_owned();
        for (before, more) in [(" at ", at("/expression/0")), (": ", at("/diagnostics"))] {
            if let Some(more) = more {
                line.push_str(before);
                line.push_str(more);
            }
        }
        line
    };
    errors.take(MOST_ERRORS).map(line).collect()
}

/// So many errors are kept for an operator; the caller was told them all.
const MOST_ERRORS: usize = 5;

/// Nobody here is who it is for (CDEX-423).
pub(super) fn unrouted(why: &str) -> Telling {
    Telling::error(IssueType::NotFound, why).say(
        IssueSeverity::Information,
        IssueType::Informational,
        "it may have been meant for another payer",
    )
}

const fn refused_as(refusal: Refusal) -> (u16, IssueType) {
    match refusal {
        Refusal::Conflict | Refusal::OutOfTurn => (409, IssueType::Conflict),
        Refusal::NotYours => (403, IssueType::Forbidden),
        Refusal::TooMany => (422, IssueType::TooLong),
        Refusal::Late
        | Refusal::SeveralNotGranted
        | Refusal::CancelNotAllowed
        | Refusal::NoSuchMove
        | Refusal::NothingHandedIn
        | Refusal::WrongAnswer => (422, IssueType::BusinessRule),
        Refusal::NoSuchDelivery | Refusal::NoSuchTimer | Refusal::TooEarly => (500, IssueType::Exception),
    }
}
