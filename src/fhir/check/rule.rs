//! What a rule is, and how its row in a table is written.

use crate::base::finding::Blame;
use crate::base::finding::Code;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::base::place::Place;
use crate::fhir::issue::IssueType;
use crate::fhir::issue::Reply;
use crate::fhir::node::Node;
use crate::fhir::path::Expression;
use crate::fhir::path::Setting;
use crate::fhir::path::Step;
use crate::fhir::path::each;
use crate::fhir::path::holds;
use crate::fhir::path::parse;
use crate::fhir::path::parse_steps;
use crate::fhir::version::Wires;

/// A rule as a row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The stable name of what is found where the rule is broken; HL7's own key where it has one.
    pub code: Code,
    /// How bad that is.
    pub severity: Severity,
    /// What kind of issue it is for the sender.
    pub kind: IssueType,
    /// The HTTP status that a refusal for this reason gets.
    pub status: u16,
    /// What to tell a person.
    pub message: &'static str,
    /// The versions that have the rule.
    pub(super) wires: Wires,
    /// The elements that it is about, from the start of the resource.
    pub(super) on: &'static str,
    /// What must hold of each of them.
    pub(super) holds: &'static str,
    /// The element that is to blame, from there; empty for the element itself.
    pub(super) at: &'static str,
}

impl Rule {
    /// What the sender is told.
    pub fn reply(&self) -> Reply {
        Reply {
            severity: self.severity.into(),
            kind: self.kind,
            status: self.status,
        }
    }

    /// The rule for some versions only.
    pub(super) const fn only(mut self, wires: Wires) -> Self {
        self.wires = wires;
        self
    }

    /// The rule as one about the business, which CDex answers with 400.
    pub(super) const fn of_business(mut self) -> Self {
        self.kind = IssueType::BusinessRule;
        self.status = 400;
        self
    }

    const fn new(
        severity: Severity,
        kind: IssueType,
        code: &'static str,
        (on, holds, at): (&'static str, &'static str, &'static str),
        message: &'static str,
    ) -> Self {
        Self {
            code: Code::new(code),
            severity,
            kind,
            status: 422,
            message,
            wires: Wires::ALL,
            on,
            holds,
            at,
        }
    }
}

type Where = (&'static str, &'static str, &'static str);

/// Something required is missing.
pub(super) const fn required(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::Required, code, row, message)
}

/// A value is wrong.
pub(super) const fn value(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::Value, code, row, message)
}

/// There is more than allowed, or something where nothing is.
pub(super) const fn structure(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::Structure, code, row, message)
}

/// A code is not of the required list.
pub(super) const fn coded(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::CodeInvalid, code, row, message)
}

/// Elements contradict one another.
pub(super) const fn invariant(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::Invariant, code, row, message)
}

/// What may change the meaning of everything around it and is not understood here.
pub(super) const fn modifier(code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Error, IssueType::NotSupported, code, row, message)
}

/// Not as it should be, and understood all the same.
pub(super) const fn warning(kind: IssueType, code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Warning, kind, code, row, message)
}

/// Worth knowing.
pub(super) const fn note(kind: IssueType, code: &'static str, row: Where, message: &'static str) -> Rule {
    Rule::new(Severity::Information, kind, code, row, message)
}

/// A rule whose texts were read.
#[derive(Debug)]
pub(super) struct Compiled {
    rule: &'static Rule,
    on: Vec<Step>,
    holds: Expression,
}

impl Compiled {
    /// Reads the texts of `rule`.
    pub(super) fn of(rule: &'static Rule) -> Self {
        let on = parse_steps(rule.on).expect("a test reads the texts of every rule");
        let holds = parse(rule.holds).expect("a test reads the texts of every rule");
        Self { rule, on, holds }
    }

    /// Adds a finding for every element that breaks the rule.
    pub(super) fn check(&self, node: &Node<'_>, setting: Setting<'_>, findings: &mut Vec<Finding>) {
        if !self.rule.wires.has(setting.wire) {
            return;
        }
        each(&self.on, node, setting, &mut |item| {
            if !holds(&self.holds, item, setting) {
                findings.push(self.finding(item));
            }
        });
    }

    fn finding(&self, item: &Node<'_>) -> Finding {
        let mut expression = item.expression();
        if !self.rule.at.is_empty() {
            expression.push('.');
            expression.push_str(self.rule.at);
        }
        Finding {
            code: self.rule.code,
            severity: self.rule.severity,
            blame: Blame::Sender,
            message: self.rule.message,
            place: Place::Fhir {
                expression: expression.into(),
            },
        }
    }
}
