//! What a peer is told, in the words of its own side: one table for both ways.
//!
//! What X12 answers (TA1, 999, 824, 277CA), and what our own checks find in X12, becomes an `OperationOutcome`; an
//! `OperationOutcome`, and what our own checks find in FHIR, becomes objections for an 824.
//! The table is `codes/replies.csv`. Where it is silent nothing is made up: what could not be said is listed.
//!
//! A place on one side is of no use to a peer on the other. A [`Crossing`], taken from the translation that made the
//! one message of the other, says which element became which; without it a peer is told the code and the words alone.

mod crossing;

use std::collections::HashMap;

pub use self::crossing::Crossing;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;
use crate::base::place::X12Place;
use crate::fhir::check;
use crate::fhir::element::Concept;
use crate::fhir::issue::IssueSeverity;
use crate::fhir::issue::IssueType;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::outcome;
use crate::fhir::outcome::Issue;
use crate::fhir::outcome::Outcome;
use crate::mapping::CodeTable;
use crate::mapping::Library;
use crate::x12::Answer;
use crate::x12::CodeList;
use crate::x12::Objection;
use crate::x12::Remark;
use crate::x12::Ruling;

/// The name of the table.
pub const TABLE: &str = "replies";

/// The most places of FHIR that one issue names, where a segment became many elements.
const MOST_EXPRESSIONS: usize = 8;

/// The table, ready to be looked up both ways.
#[derive(Clone, Debug, Default)]
pub struct Replies {
    rows: HashMap<(CodeList, String), Row>,
    becomes: HashMap<&'static str, String>,
    /// What an 824 says of a request whose Task came to such a status.
    statuses: HashMap<String, String>,
}

#[derive(Clone, Debug)]
struct Row {
    severity: Severity,
    issue: IssueType,
    text: String,
}

/// Why a table cannot be used, and in which of its rows, from one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WrongReplies {
    /// There is none of the name, or it has not the columns.
    #[error("the table of replies has not the columns list, code, severity, issue, text, becomes")]
    Columns,
    /// A row is not as it must be.
    #[error(
        "row {0} of the table of replies names no list, severity or issue type that there is, or repeats a code"
    )]
    Row(usize),
}

/// Objections, and what has no word in X12.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Objections {
    /// What an 824 can say.
    pub told: Vec<Objection>,
    /// Where the others stand: the issues of an outcome, or the places of findings.
    pub unsaid: Vec<Place>,
}

impl Replies {
    /// The table of a library.
    ///
    /// # Errors
    /// Refuses a library without the table, and a table that names what there is not.
    pub fn of(library: &Library) -> Result<Self, WrongReplies> {
        library
            .table(TABLE)
            .ok_or(WrongReplies::Columns)
            .and_then(Self::read)
    }

    fn read(table: &CodeTable) -> Result<Self, WrongReplies> {
        if table.columns() != ["list", "code", "severity", "issue", "text", "becomes"] {
            return Err(WrongReplies::Columns);
        }
        let mut found = Self::default();
        for (number, row) in (1..).zip(table.rows()) {
            found.add(row).ok_or(WrongReplies::Row(number))?;
        }
        Ok(found)
    }

    fn add(&mut self, row: &[String]) -> Option<()> {
        let [list, code, severity, issue, text, becomes] = row else {
            return None;
        };
        let list = CodeList::parse(list)?;
        let severity = match severity.as_str() {
            "information" => Severity::Information,
            "warning" => Severity::Warning,
            "error" => Severity::Error,
            _ => return None,
        };
        let row = Row {
            severity,
            issue: IssueType::parse(issue)?,
            text: text.clone(),
        };
        for becoming in becomes.split_ascii_whitespace() {
            if let Some(status) = becoming.strip_prefix("status:") {
                let before = self.statuses.insert(status.to_owned(), code.clone());
                if before.is_some() || list != CodeList::Content {
                    return None;
                }
                continue;
            }
            let becoming = IssueType::parse(becoming).filter(|_| list == CodeList::Content)?;
            let before = self.becomes.insert(becoming.as_str(), code.clone());
            if before.is_some() {
                return None;
            }
        }
        let before = self.rows.insert((list, code.clone()), row);
        before.is_none().then_some(())
    }

    /// What an answer of X12 says, as an outcome; one without remarks says how the message fared.
    pub fn outcome(&self, answer: &Answer, crossing: &Crossing) -> Outcome {
        let mut outcome = Outcome::default();
        for remark in &answer.remarks {
            // A remark in an answer that accepts the message refuses nothing.
            let severity = match (remark.severity, answer.ruling) {
                (Some(severity), _) => Some(severity),
                (None, Ruling::Rejected) => None,
                (None, Ruling::AcceptedWithErrors) => Some(Severity::Warning),
                (None, Ruling::Accepted) => Some(Severity::Information),
            };
            outcome.issues.push(self.issue(remark, severity, crossing));
        }
        let refusing = outcome
            .issues
            .iter()
            .any(|issue| issue.how_bad() >= IssueSeverity::Error);
        if outcome.issues.is_empty() || (answer.ruling == Ruling::Rejected && !refusing) {
            let (severity, kind, text) = match answer.ruling {
                Ruling::Accepted => (Severity::Information, IssueType::Informational, "it was accepted"),
                Ruling::AcceptedWithErrors => (
                    Severity::Warning,
                    IssueType::Processing,
                    "it was accepted with errors",
                ),
                Ruling::Rejected => (Severity::Error, IssueType::Processing, "it was refused"),
            };
            outcome.issues.push(plain(severity, kind, text.to_owned()));
        }
        outcome
    }

    /// What our own check found in X12, as an outcome for a peer of FHIR.
    pub fn outcome_of(&self, remarks: &[Remark], crossing: &Crossing) -> Outcome {
        let issues = remarks
            .iter()
            .map(|remark| self.issue(remark, remark.severity, crossing));
        Outcome {
            issues: issues.collect(),
            ..Outcome::default()
        }
    }

    fn issue(&self, remark: &Remark, severity: Option<Severity>, crossing: &Crossing) -> Issue {
        let row = self.rows.get(&(remark.list, remark.code.clone()));
        let severity = severity
            .or(row.map(|row| row.severity))
            .unwrap_or(Severity::Error);
        let mut issue = match row {
            Some(row) => plain(severity, row.issue, row.text.clone()),
            // A code that nobody knows is told as it stands.
            None => plain(
                severity,
                IssueType::Processing,
                "a code without a meaning here".to_owned(),
            ),
        };
        issue.diagnostics = Some(own(format!("{}-{}", remark.list.as_str(), remark.code)));
        let crossed = crossing.to_fhir(&remark.place);
        let expressions = crossed
            .into_iter()
            .take(MOST_EXPRESSIONS)
            .map(|path| own(path.to_owned()));
        issue.expression = expressions.chain(in_words(&remark.place).map(own)).collect();
        issue
    }

    /// What an outcome says, as objections to the transaction that was translated.
    pub fn objections(&self, outcome: &Outcome, crossing: &Crossing) -> Objections {
        let mut objections = Objections::default();
        for (number, issue) in outcome.issues.iter().enumerate() {
            let severity = match issue.how_bad() {
                IssueSeverity::Information => Severity::Information,
                IssueSeverity::Warning => Severity::Warning,
                IssueSeverity::Error | IssueSeverity::Fatal => Severity::Error,
            };
            let place = issue
                .expression
                .iter()
                .find_map(|path| crossing.to_x12(path.disclose()));
            let words = issue.finding().and_then(words_of);
            let code = issue.what().and_then(|kind| self.becomes.get(kind.as_str()));
            match code {
                Some(code) if severity > Severity::Information => objections.told.push(Objection {
                    code: code.clone(),
                    severity,
                    place: place.unwrap_or_default(),
                    words,
                }),
                // An 824 has no word for what is merely worth knowing.
                Some(_) | None => objections.unsaid.push(Place::Fhir {
                    expression: format!("OperationOutcome.issue[{number}]").into(),
                }),
            }
        }
        objections
    }

    /// What the status of a Task says to whoever asked in X12; nothing for those that the table does not list.
    ///
    /// The reason that the Task gives is a text of people and does not travel. No status of a 277 is made of one:
    /// our references have no table for that (GW-32).
    pub fn objection_to(&self, status: &str) -> Option<Objection> {
        let code = self.statuses.get(status)?;
        let words = match status {
            "rejected" => Some("the provider refused the request"),
            "failed" => Some("the provider could not answer the request"),
            _ => None,
        };
        Some(Objection {
            code: code.clone(),
            severity: Severity::Error,
            place: X12Place::default(),
            words,
        })
    }

    /// What our own checks found in FHIR, or in what X12 says, as objections to the transaction that it came from.
    pub fn objections_to(&self, findings: &[Finding], crossing: &Crossing) -> Objections {
        let mut objections = Objections::default();
        for finding in findings {
            let place = match &finding.place {
                Place::X12(place) => Some(X12Place::clone(place)),
                Place::Fhir { expression } => crossing.to_x12(expression),
                Place::Nowhere | Place::Xml { .. } | Place::Config { .. } => None,
            };
            let code = self.becomes.get(outcome::reply(finding).kind.as_str());
            match code {
                Some(code) if finding.severity > Severity::Information => objections.told.push(Objection {
                    code: code.clone(),
                    severity: finding.severity,
                    place: place.unwrap_or_default(),
                    words: Some(finding.message),
                }),
                Some(_) | None => objections.unsaid.push(finding.place.clone()),
            }
        }
        objections
    }
}

/// The words of a rule of ours, by its name.
fn words_of(name: &str) -> Option<&'static str> {
    check::rules()
        .find(|rule| rule.code.as_str() == name)
        .map(|rule| rule.message)
}

fn plain(severity: Severity, kind: IssueType, text: String) -> Issue {
    Issue {
        severity: Some(own(IssueSeverity::from(severity).as_str().to_owned())),
        code: Some(own(kind.as_str().to_owned())),
        details: Some(Concept {
            text: Some(own(text)),
            ..Concept::default()
        }),
        ..Issue::default()
    }
}

/// A place of X12 as a peer reads it, such as `1000C/NM109, segment 6, byte 402`; nothing where nothing is known.
fn in_words(place: &X12Place) -> Option<String> {
    let mut text = place.short();
    let segment = place.ordinal.map(|ordinal| format!("segment {ordinal}"));
    let byte = (place.offset > 0).then(|| format!("byte {}", place.offset));
    for part in segment.into_iter().chain(byte) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&part);
    }
    (!text.is_empty()).then_some(text)
}

/// A value that we say ourselves.
fn own(text: String) -> Text {
    Leaf::fixed(text, "translate.reply")
}

#[cfg(test)]
mod tests;
