//! The account of a translation as JSON: where everything went, what was lost and by which tables. No value of a message
//! has a place in it.

use std::io;
use std::io::Write;

use serde::Serialize;

use super::spot::Spot;
use super::told::Refusal;
use super::told::Subject;
use super::told::Told;
use super::workshop::Delivery;
use super::workshop::Made;
use crate::base::place::Place;
use crate::base::place::X12Place;
use crate::mapping::Program;
use crate::mapping::Why;
use crate::mapping::program::Rule;
use crate::translate::EntrySource;
use crate::translate::LineageEntry;
use crate::translate::LossEntry;
use crate::translate::LossPlace;
use crate::translate::ccda::Leaf;
use crate::translate::ccda::LeftBehind;
use crate::translate::reply;
use crate::translate::revision::Revisions;
use crate::x12::Remark;

/// One line: a translation or a refusal. The names are a promise to scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Account<'d> {
    input: &'d str,
    #[serde(rename = "of")]
    subject: &'d Subject,
    /// `clean`, `losses` or `refused`.
    pub(crate) outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<Mapping<'d>>,
    /// How many messages came out.
    messages: usize,
    lineage: Vec<Line<'d>>,
    losses: Vec<Lost<'d>>,
    /// What was found in the original.
    findings: &'d [Told],
    /// What is wrong with what came out.
    produced: &'d [Told],
}

#[derive(Debug, Serialize)]
struct Mapping<'d> {
    id: &'d str,
    /// What is no table of mappings has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    hash: String,
}

const REVISION: Mapping<'static> = Mapping {
    id: "revision",
    hash: String::new(),
};

const REPLIES: Mapping<'static> = Mapping {
    id: reply::TABLE,
    hash: String::new(),
};

/// Where a leaf of the target came from; without a target, what only shaped the message.
#[derive(Debug, Serialize)]
struct Line<'d> {
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
    source: Origin,
    rule: &'d str,
    function: &'d str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Origin {
    /// A place of the original.
    Place(Spot),
    /// A variable: what the gateway knew.
    Context(&'static str),
    /// The table itself, by file and line.
    Mapping(String),
}

#[derive(Debug, Serialize)]
struct Lost<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Spot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'d str>,
}

impl<'d> Account<'d> {
    /// Of a translation.
    pub(crate) fn of(input: &'d str, delivery: &'d Delivery<'_>) -> Self {
        let (mapping, messages, lineage, losses) = match delivery.made {
            Made::Mapped(translation, _) => (
                mapping(translation.program()),
                translation.len(),
                translation.lineage().into_iter().map(line).collect(),
                translation.losses().into_iter().map(lost).collect(),
            ),
            Made::Converted(outcome, hash) => (
                Mapping {
                    id: "ccda",
                    hash: hash.to_string(),
                },
                1,
                outcome.lineage.iter().map(converted).collect(),
                outcome.left_behind.iter().map(left_behind).collect(),
            ),
            Made::Revised(revisions, _) => (
                REVISION,
                revisions.made.len(),
                revised(revisions),
                revisions.lost.iter().map(given_up).collect(),
            ),
            Made::Heard(answer) => (
                REPLIES,
                1,
                (0..).zip(&answer.remarks).filter_map(remarked).collect(),
                answer.unread.iter().map(unread).collect(),
            ),
        };
        Self {
            input,
            subject: delivery.subject,
            outcome: if delivery.is_clean() { "clean" } else { "losses" },
            error: None,
            mapping: Some(mapping),
            messages,
            lineage,
            losses,
            findings: delivery.findings,
            produced: &delivery.produced,
        }
    }

    /// Of a refusal.
    pub(crate) fn refused(input: &'d str, refusal: &'d Refusal) -> Self {
        Self {
            input,
            subject: &refusal.subject,
            outcome: "refused",
            error: Some(&refusal.reason),
            mapping: None,
            messages: 0,
            lineage: Vec::new(),
            losses: Vec::new(),
            findings: &refusal.findings,
            produced: &[],
        }
    }

    /// Writes it on a line of its own.
    ///
    /// # Errors
    /// The failure to write.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

fn mapping(program: &Program) -> Mapping<'_> {
    Mapping {
        id: &program.id,
        hash: program.hash.to_string(),
    }
}

fn line(entry: LineageEntry<'_>) -> Line<'_> {
    Line {
        target: match entry.target {
            Place::Nowhere => String::new(),
            place => place.short(),
        },
        source: match entry.source {
            EntrySource::Place(place) => Origin::Place(Spot::of(&place)),
            EntrySource::Context(variable) => Origin::Context(variable),
            EntrySource::Mapping => Origin::Mapping(stands(entry.rule)),
        },
        rule: &entry.rule.name,
        function: entry.rule.function,
    }
}

fn lost(entry: LossEntry<'_>) -> Lost<'_> {
    let (source, target) = match entry.place {
        LossPlace::Source(place) => (Some(Spot::of(&place)), None),
        LossPlace::Target(target) => (None, Some(target.short())),
    };
    Lost {
        source,
        target,
        why: entry.why.as_str(),
        rule: entry.rule.map(|rule| &*rule.name),
    }
}

fn converted(leaf: &Leaf) -> Line<'_> {
    Line {
        target: format!("Bundle.entry[{}].resource.{}", leaf.resource, leaf.path),
        source: Origin::Place(Spot::named(&leaf.source)),
        rule: &leaf.rule,
        function: "convert",
    }
}

/// The values of messages in other words; where there are several, the number of each stands before its paths.
fn revised(revisions: &Revisions) -> Vec<Line<'_>> {
    let many = revisions.made.len() > 1;
    let mut lines = Vec::new();
    for (number, revision) in (1..).zip(&revisions.made) {
        for line in &revision.lineage {
            let target = match line.target.split_once('.') {
                Some((kind, rest)) if many => format!("{kind}({number}).{rest}"),
                Some(_) | None => line.target.clone(),
            };
            let (source, rule) = match &line.source {
                Ok(place) => (Origin::Place(Spot::of(place)), "revision"),
                Err(rule) => (Origin::Mapping((*rule).to_owned()), *rule),
            };
            lines.push(Line {
                target,
                source,
                rule,
                function: "copy",
            });
        }
    }
    lines
}

fn given_up((place, why): &(Place, Why)) -> Lost<'_> {
    Lost {
        source: Some(Spot::of(place)),
        target: None,
        why: why.as_str(),
        rule: None,
    }
}

/// The issue that a remark became.
fn remarked((number, remark): (usize, &Remark)) -> Option<Line<'_>> {
    Some(Line {
        target: format!("OperationOutcome.issue[{number}].code"),
        source: Origin::Place(Spot::of(&remark.said.clone()?.into())),
        rule: remark.list.as_str(),
        function: "lookup",
    })
}

/// A place of an answer that nobody reads: it may name people.
fn unread<'d>(place: &X12Place) -> Lost<'d> {
    Lost {
        source: Some(Spot::of(&place.clone().into())),
        target: None,
        why: Why::NoTarget.as_str(),
        rule: None,
    }
}

fn left_behind(left: &LeftBehind) -> Lost<'_> {
    Lost {
        source: Some(Spot::of(&left.place)),
        target: None,
        why: left.reason.as_str(),
        rule: None,
    }
}

/// Where a rule stands.
pub(crate) fn stands(rule: &Rule) -> String {
    format!("{}:{}", rule.file, rule.line)
}
