//! Whether a message that came in keeps the rules of its profile.
//!
//! The rules are rows of tables: which elements, what must hold of them, whose fault it is where it does not. They are
//! those of `cdex-task-data-request`, `cdex-task-attachment-request`, the patient and the provider contained in it, the
//! Parameters of `$submit-attachment`, and the two signature profiles; each version of CDex is held to its own column.
//! Findings carry the severity that the guide gives them; what becomes of them is the route's policy.

mod attachment;
mod contained;
mod parameters;
mod rule;
mod signature;
mod task;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use self::rule::Compiled;
pub use self::rule::Rule;
use crate::base::finding::Code;
use crate::base::finding::Finding;
use crate::fhir::codes::CodeLists;
use crate::fhir::detect::TaskKind;
use crate::fhir::detect::parameters_wire;
use crate::fhir::detect::task_kind;
use crate::fhir::detect::task_wire;
use crate::fhir::issue::IssueSeverity;
use crate::fhir::issue::IssueType;
use crate::fhir::issue::Reply;
use crate::fhir::json::Fault;
use crate::fhir::node::Node;
use crate::fhir::node::Places;
use crate::fhir::path::Setting;
use crate::fhir::version::Wire;

/// The findings of a Task, whichever of the two profiles it follows.
pub fn task(resource: &Value, lists: &CodeLists) -> Vec<Finding> {
    let node = Node::resource(resource, Places::Noted);
    let setting = Setting {
        wire: task_wire(&node),
        lists,
    };
    let mut findings = Vec::new();
    run(&[Table::Task], &node, setting, &mut findings);
    match task_kind(&node) {
        TaskKind::DataRequest => run(&[Table::DataRequest], &node, setting, &mut findings),
        TaskKind::AttachmentRequest => run(
            &[Table::AttachmentRequest, Table::Contained],
            &node,
            setting,
            &mut findings,
        ),
        TaskKind::Unknown => run(&[Table::UnknownTask], &node, setting, &mut findings),
    }
    for contained in node.each("contained") {
        signature::check(&contained, setting, &mut findings);
    }
    findings
}

/// The findings of what `$submit-attachment` is called with.
pub fn parameters(resource: &Value, lists: &CodeLists) -> Vec<Finding> {
    let node = Node::resource(resource, Places::Noted);
    let setting = Setting {
        wire: parameters_wire(&node),
        lists,
    };
    let mut findings = Vec::new();
    run(&[Table::Parameters], &node, setting, &mut findings);
    for parameter in node.each("parameter") {
        for content in parameter.each("resource") {
            signature::check(&content, setting, &mut findings);
        }
        for part in parameter.each("part") {
            for content in part.each("resource") {
                signature::check(&content, setting, &mut findings);
            }
        }
    }
    findings
}

/// The form that a Task has on the wire.
pub fn wire_of_task(resource: &Value) -> Wire {
    task_wire(&Node::resource(resource, Places::Skipped))
}

/// The profile that a Task follows.
pub fn kind_of_task(resource: &Value) -> TaskKind {
    task_kind(&Node::resource(resource, Places::Skipped))
}

/// The form that the Parameters of `$submit-attachment` have on the wire.
pub fn wire_of_parameters(resource: &Value) -> Wire {
    parameters_wire(&Node::resource(resource, Places::Skipped))
}

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    Table::ALL.into_iter().flat_map(Table::rows)
}

/// What a sender is told of a finding called `code`, if the finding is one of this module's or of the JSON reader's.
pub fn reply(code: Code) -> Option<Reply> {
    replies().get(code.as_str()).copied()
}

/// Whether `name` is that of a finding of this module or of the JSON reader.
pub fn is_known(name: &str) -> bool {
    replies().contains_key(name)
}

fn replies() -> &'static BTreeMap<&'static str, Reply> {
    static REPLIES: OnceLock<BTreeMap<&'static str, Reply>> = OnceLock::new();
    REPLIES.get_or_init(|| {
        let of_faults = Fault::ALL
            .into_iter()
            .map(|fault| (fault.code().as_str(), reply_to(fault)));
        rules()
            .map(|rule| (rule.code.as_str(), rule.reply()))
            .chain(of_faults)
            .collect()
    })
}

/// Malformed JSON is fatal and answered with 400; what is too large, with 413.
const fn reply_to(fault: Fault) -> Reply {
    let (kind, status) = match fault {
        Fault::TooLarge => (IssueType::TooLong, 413),
        Fault::Abandoned => (IssueType::Exception, 500),
        Fault::ByteOrderMark
        | Fault::EndsEarly
        | Fault::Trailing
        | Fault::Unexpected
        | Fault::Number
        | Fault::LongNumber
        | Fault::Control
        | Fault::Escape
        | Fault::LoneSurrogate
        | Fault::NotUtf8
        | Fault::DuplicateName
        | Fault::LongName
        | Fault::TooDeep => (IssueType::Structure, 400),
    };
    Reply {
        severity: IssueSeverity::Fatal,
        kind,
        status,
    }
}

/// The tables of rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Table {
    /// What holds of every Task.
    Task,
    DataRequest,
    AttachmentRequest,
    /// The patient and the provider in a request for attachments.
    Contained,
    /// A Task of no profile that we know.
    UnknownTask,
    Parameters,
    Signature,
}

impl Table {
    const ALL: [Self; 7] = [
        Self::Task,
        Self::DataRequest,
        Self::AttachmentRequest,
        Self::Contained,
        Self::UnknownTask,
        Self::Parameters,
        Self::Signature,
    ];

    const fn rows(self) -> &'static [Rule] {
        match self {
            Self::Task => task::COMMON,
            Self::DataRequest => task::DATA_REQUEST,
            Self::AttachmentRequest => attachment::RULES,
            Self::Contained => contained::RULES,
            Self::UnknownTask => task::UNKNOWN,
            Self::Parameters => parameters::RULES,
            Self::Signature => signature::RULES,
        }
    }

    fn compiled(self) -> &'static [Compiled] {
        static TABLES: OnceLock<Vec<Vec<Compiled>>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let compile = |table: Self| table.rows().iter().map(Compiled::of).collect();
            Self::ALL.into_iter().map(compile).collect()
        });
        let found = Self::ALL
            .iter()
            .position(|table| *table == self)
            .and_then(|at| tables.get(at));
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

fn run(tables: &[Table], node: &Node<'_>, setting: Setting<'_>, findings: &mut Vec<Finding>) {
    for table in tables {
        for rule in table.compiled() {
            rule.check(node, setting, findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::path::parse;
    use crate::fhir::path::parse_steps;

    #[test]
    fn the_texts_of_every_rule_are_expressions() {
        for rule in rules() {
            assert!(parse_steps(rule.on).is_ok(), "{}: {}", rule.code, rule.on);
            assert!(
                parse(rule.holds).is_ok(),
                "{}: {}",
                rule.code,
                parse(rule.holds).unwrap_err()
            );
        }
    }

    #[test]
    fn a_code_means_one_thing() {
        let mut seen: BTreeMap<Code, &Rule> = BTreeMap::new();
        for rule in rules() {
            if let Some(other) = seen.insert(rule.code, rule) {
                assert_eq!(
                    (rule.message, rule.reply()),
                    (other.message, other.reply()),
                    "{}",
                    rule.code
                );
            }
        }
    }

    #[test]
    fn lists_that_rules_name_exist() {
        let lists = CodeLists::embedded();
        for rule in rules() {
            for text in [rule.on, rule.holds] {
                for named in text.split("memberOf('").skip(1) {
                    let name = named.split('\'').next().unwrap();
                    assert!(lists.list(name).is_some(), "{}: {name}", rule.code);
                }
            }
        }
    }
}
