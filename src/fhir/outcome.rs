//! `OperationOutcome`: what a peer is told, and what peers tell us.

use std::borrow::Cow;

use super::check;
use super::draft::Lineage;
use super::element::Concept;
use super::element::define::element;
use super::issue::IssueSeverity;
use super::issue::IssueType;
use super::issue::Reply;
use super::json::Refusal;
use super::leaf::Leaf;
use super::leaf::Text;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;

element! {
    /// What became of a request, issue by issue.
    pub struct Outcome as "OperationOutcome" {
        /// The id.
        id: "id" => text,
        /// The issues.
        issues: "issue" => many Issue,
    }
}

element! {
    /// One thing that went wrong, or is worth knowing.
    pub struct Issue {
        /// How bad it is; see [`Issue::how_bad`].
        severity: "severity" => text,
        /// What kind of issue it is; see [`Issue::what`].
        code: "code" => text,
        /// More about it, for people.
        details: "details" => one Concept,
        /// More about it, for those who look for the cause.
        diagnostics: "diagnostics" => text,
        /// Where it was found, as FHIRPath or in the terms of another format.
        expression: "expression" => texts,
    }
}

impl Outcome {
    /// Says the findings to whoever sent the message: what, how bad and where, and nothing of the message's content.
    pub fn of(findings: &[Finding]) -> Self {
        Self::told(findings, reply)
    }

    /// Says the findings with replies of the caller's choosing.
    pub fn told(findings: &[Finding], reply: impl Fn(&Finding) -> Reply) -> Self {
        let issues = findings
            .iter()
            .map(|finding| Issue::of(finding, reply(finding)))
            .collect();
        Self {
            issues,
            ..Self::default()
        }
    }

    /// Says why a text was not taken, down to the byte.
    pub fn refusing(refusal: &Refusal) -> Self {
        let finding = refusal.finding();
        let mut issue = Issue::of(&finding, reply(&finding));
        issue.diagnostics = Some(own(format!("{} at byte {}", finding.code, refusal.offset)));
        Self {
            issues: vec![issue],
            ..Self::default()
        }
    }

    /// Says that everything is well, in words such as those of an attachment that is held for a claim to come.
    pub fn informing(message: &'static str) -> Self {
        let issue = Issue {
            severity: Some(own(IssueSeverity::Information.as_str())),
            code: Some(own(IssueType::Informational.as_str())),
            details: Some(Concept {
                text: Some(own(message)),
                ..Concept::default()
            }),
            ..Issue::default()
        };
        Self {
            issues: vec![issue],
            ..Self::default()
        }
    }

    /// The worst severity among the issues; one that FHIR does not know counts as an error.
    pub fn worst(&self) -> Option<IssueSeverity> {
        self.issues.iter().map(Issue::how_bad).max()
    }

    /// The resource as JSON text. What we say ourselves names nobody; what a peer said may.
    pub fn text(&self) -> String {
        self.wrote(Lineage::Skipped).text.disclose().clone()
    }
}

impl Issue {
    fn of(finding: &Finding, reply: Reply) -> Self {
        let place = match &finding.place {
            Place::Nowhere => None,
            place => Some(own(place.to_string())),
        };
        Self {
            severity: Some(own(reply.severity.as_str())),
            code: Some(own(reply.kind.as_str())),
            details: Some(Concept {
                text: Some(own(finding.message)),
                ..Concept::default()
            }),
            diagnostics: Some(own(finding.code.as_str())),
            expression: place.into_iter().collect(),
            ..Self::default()
        }
    }

    /// How bad it is; a severity that FHIR does not know counts as an error.
    pub fn how_bad(&self) -> IssueSeverity {
        let known = self
            .severity
            .as_ref()
            .and_then(|text| IssueSeverity::parse(text.disclose()));
        known.unwrap_or(IssueSeverity::Error)
    }

    /// What kind of issue it is, if it is a kind that we know.
    pub fn what(&self) -> Option<IssueType> {
        self.code
            .as_ref()
            .and_then(|text| IssueType::parse(text.disclose()))
    }

    /// The name of our own finding, if the issue carries one.
    pub fn finding(&self) -> Option<&str> {
        let name = self.diagnostics.as_ref()?.disclose().split(' ').next()?;
        check::is_known(name).then_some(name)
    }
}

/// What a sender is told of `finding`: as its rule has it, otherwise by its severity.
pub fn reply(finding: &Finding) -> Reply {
    let by_severity = || match finding.severity {
        Severity::Error => Reply {
            severity: IssueSeverity::Error,
            kind: IssueType::Processing,
            status: 422,
        },
        Severity::Warning => Reply {
            severity: IssueSeverity::Warning,
            kind: IssueType::Processing,
            status: 200,
        },
        Severity::Information => Reply {
            severity: IssueSeverity::Information,
            kind: IssueType::Informational,
            status: 200,
        },
    };
    let known = check::reply(finding.code).map(|reply| {
        // A route may have made more or less of the finding than its rule does.
        let fatal = reply.severity == IssueSeverity::Fatal && finding.severity == Severity::Error;
        let severity = if fatal {
            IssueSeverity::Fatal
        } else {
            finding.severity.into()
        };
        let status = if finding.severity == Severity::Error {
            reply.status
        } else {
            200
        };
        Reply {
            severity,
            status,
            ..reply
        }
    });
    known.unwrap_or_else(by_severity)
}

/// The HTTP status for `findings` together: 200 without an error; otherwise that of the errors, where a malformed
/// message counts before a large one, and that before a broken rule.
pub fn status(findings: &[Finding]) -> u16 {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(reply);
    errors.map(|reply| reply.status).min().unwrap_or(200)
}

/// A value that we say ourselves.
fn own(text: impl Into<Cow<'static, str>>) -> Text {
    Leaf::fixed(text, "fhir.outcome")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::base::finding::Blame;
    use crate::base::finding::Code;
    use crate::base::place::X12Place;
    use crate::fhir::Places;
    use crate::fhir::json;

    fn finding(code: &'static str, severity: Severity, place: Place) -> Finding {
        Finding {
            code: Code::new(code),
            severity,
            blame: Blame::Sender,
            message: "it is not so",
            place,
        }
    }

    fn fhir(expression: &str) -> Place {
        Place::Fhir {
            expression: expression.into(),
        }
    }

    #[test]
    fn findings_become_issues_with_their_places() {
        let found = [
            finding("cdex-1", Severity::Error, fhir("Task.input")),
            finding(
                "task.purpose-of-use-noa",
                Severity::Warning,
                fhir("Task.input[0]"),
            ),
            finding(
                "x12.se-count",
                Severity::Error,
                X12Place {
                    offset: 402,
                    ..X12Place::default()
                }
                .into(),
            ),
            finding("other.note", Severity::Information, Place::Nowhere),
        ];
        let expected = r#"{"resourceType":"OperationOutcome","issue":[
            {"severity":"error","code":"invariant","details":{"text":"it is not so"},"diagnostics":"cdex-1","expression":["Task.input"]},
            {"severity":"warning","code":"code-invalid","details":{"text":"it is not so"},"diagnostics":"task.purpose-of-use-noa","expression":["Task.input[0]"]},
            {"severity":"error","code":"processing","details":{"text":"it is not so"},"diagnostics":"x12.se-count","expression":["byte 402"]},
            {"severity":"information","code":"informational","details":{"text":"it is not so"},"diagnostics":"other.note"}]}"#;
        assert_eq!(
            value(&Outcome::of(&found)),
            json::read(expected.as_bytes()).unwrap()
        );
        assert_eq!(status(&found), 422);
    }

    #[test]
    fn malformed_json_is_fatal_and_says_the_byte() {
        let refusal = json::read(br#"{"resourceType":"Task","a":1,"a":2}"#).unwrap_err();
        let expected = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"structure",
            "details":{"text":"an object has the same name twice"},
            "diagnostics":"json.duplicate-name at byte 29","expression":["Task.a"]}]}"#;
        let outcome = Outcome::refusing(&refusal);
        assert_eq!(value(&outcome), json::read(expected.as_bytes()).unwrap());
        assert_eq!(outcome.worst(), Some(IssueSeverity::Fatal));
        assert_eq!(status(&[refusal.finding()]), 400);
    }

    #[test]
    fn what_we_say_we_can_read() {
        let said = Outcome::of(&[finding("cdex-1", Severity::Error, fhir("Task.input"))]);
        let heard = hear(&value(&said));
        assert_eq!(heard.issues[0].what(), Some(IssueType::Invariant));
        assert_eq!(heard.issues[0].how_bad(), IssueSeverity::Error);
        assert_eq!(heard.issues[0].finding(), Some("cdex-1"));
        assert_eq!(heard, hear(&value(&heard)));
    }

    #[test]
    fn a_peer_may_say_what_we_do_not_know() {
        let text = br#"{"resourceType":"OperationOutcome","issue":[{"severity":"worse","code":"lock-error","diagnostics":"no luck"}]}"#;
        let heard = hear(&json::read(text).unwrap());
        assert_eq!(heard.worst(), Some(IssueSeverity::Error));
        assert_eq!(heard.issues[0].what(), None);
        assert_eq!(heard.issues[0].finding(), None);
    }

    #[test]
    fn a_route_may_soften_a_rule() {
        let soft = finding("cdex-1", Severity::Warning, fhir("Task.input"));
        assert_eq!(reply(&soft).severity, IssueSeverity::Warning);
        assert_eq!(status(&[soft]), 200);
        assert_eq!(status(&[]), 200);
        let held = Outcome::informing("the attachments are held for a claim to come");
        assert_eq!(held.worst(), Some(IssueSeverity::Information));
    }

    fn value(outcome: &Outcome) -> Value {
        json::read(outcome.text().as_bytes()).unwrap()
    }

    fn hear(resource: &Value) -> Outcome {
        Outcome::from_json(resource, Places::Noted).unwrap()
    }
}
