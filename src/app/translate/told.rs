//! What is said about a message that is not as it should be. Codes, constants and places; no value.

use std::fmt;

use serde::Serialize;

use super::spot::Spot;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;
use crate::fhir::json::Refusal as JsonRefusal;

/// One finding, from whichever side.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// Its stable code.
    pub(crate) code: String,
    /// How bad it is.
    pub(crate) severity: &'static str,
    /// What it says.
    pub(crate) message: String,
    /// Where it is.
    pub(crate) place: Spot,
}

impl Told {
    /// Whether a message is refused for it.
    pub(crate) fn refuses(&self) -> bool {
        self.severity == Severity::Error.as_str()
    }
}

impl From<&Finding> for Told {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.to_string(),
            severity: finding.severity.as_str(),
            message: finding.message.to_owned(),
            place: Spot::of(&finding.place),
        }
    }
}

impl From<&x12_parser::Finding> for Told {
    fn from(finding: &x12_parser::Finding) -> Self {
        let element = finding.element.unwrap_or_default();
        let stated = |number: u8| (number > 0).then_some(u16::from(number));
        let place: Place = X12Place {
            offset: finding.offset,
            ordinal: Some(finding.place.ordinal),
            segment: SegmentId::parse(finding.segment.to_string().as_bytes()),
            loop_id: finding.loop_id.as_deref().map(Into::into),
            element: stated(element.element),
            component: stated(element.component),
            repetition: stated(element.repetition),
            ..X12Place::default()
        }
        .into();
        Self {
            code: finding.code.to_string(),
            severity: match finding.severity {
                x12_parser::Severity::Note => Severity::Information,
                x12_parser::Severity::Warning => Severity::Warning,
                x12_parser::Severity::Error => Severity::Error,
            }
            .as_str(),
            message: finding.message(),
            place: Spot::of(&place),
        }
    }
}

/// As a person is told of it, on one line.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            severity,
            message,
            place,
        } = self;
        write!(f, "{severity} {code}: {message}")?;
        if !place.at.is_empty() {
            write!(f, ", at {}", place.at)?;
        }
        match place.offset() {
            Some(offset) => write!(f, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

/// Why something was not translated, and by what findings.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What was refused.
    pub(crate) subject: Subject,
    /// Why: one lower-case clause.
    pub(crate) reason: String,
    /// What was found.
    pub(crate) findings: Vec<Told>,
}

/// What a translation or refusal is about.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Subject {
    /// The transaction set or the type of resource.
    pub(crate) kind: String,
    /// The guide that a transaction names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) guide: String,
    /// The number of a transaction, ST02.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) control: String,
    /// Which interchange, group and transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) numbers: Option<[u32; 3]>,
    /// Which document of the input, and how many of them, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) documents: Option<[usize; 2]>,
}

impl Refusal {
    /// About the whole input.
    pub(crate) fn whole(reason: impl Into<String>) -> Self {
        Self {
            subject: Subject::default(),
            reason: reason.into(),
            findings: Vec::new(),
        }
    }

    /// Of a text that is no sound JSON; `start` is where the document begins in the input.
    pub(crate) fn json(refusal: &JsonRefusal, start: usize) -> Self {
        let mut refused = Self::whole(format!(
            "{} (byte {})",
            refusal.fault.message(),
            refusal.offset + start as u64
        ));
        refused.findings.push(Told::from(&refusal.finding()));
        refused
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        for part in [&self.guide, &self.control] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        match self.documents {
            Some([first, count]) if count > 1 => write!(f, " {first} to {}", first + count - 1),
            Some([first, _]) if first > 1 => write!(f, " {first}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.subject != Subject::default() {
            write!(f, "{}: ", self.subject)?;
        }
        f.write_str(&self.reason)
    }
}
