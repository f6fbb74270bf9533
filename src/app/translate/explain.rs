//! Both sides of a translation in the terminal, line to line.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde_json::Value;

use super::account::stands;
use super::spot::append;
use super::values::held;
use super::values::look;
use super::workshop::Delivery;
use super::workshop::Made;
use super::workshop::Original;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;
use crate::app::x12::excerpt::shown;
use crate::base::place::Place;
use crate::base::place::X12Place;
use crate::fhir::json;
use crate::mapping::Why;
use crate::mapping::program::Side;
use crate::translate::EntrySource;
use crate::translate::LossPlace;
use crate::translate::Translation;
use crate::translate::ccda::Outcome;
use crate::translate::revision::Revisions;
use crate::x12::Answer;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// The widest that a place and a value may be.
const WIDTHS: [usize; 2] = [44, 36];

/// One line: what stands on the left, and what became of it.
struct Line {
    /// Where it stands in the order of the original.
    order: (u64, u32, u32),
    /// The segment it is in; nothing for a path.
    heading: Option<String>,
    left: String,
    value: String,
    right: String,
}

/// Prints it.
///
/// # Errors
/// The failure to write.
pub(crate) fn print(delivery: &Delivery<'_>, out: &mut Terminal) -> io::Result<()> {
    match delivery.made {
        Made::Mapped(translation, original) => print_mapped(delivery, translation, original, out),
        Made::Converted(outcome, _) => print_converted(outcome, out),
        Made::Revised(revisions, original) => print_revised(revisions, original, out),
        Made::Heard(answer) => print_heard(answer, out),
    }
}

/// Where each value of a message in other words came from, and what did not arrive.
fn print_revised(revisions: &Revisions, original: &[Value], out: &mut Terminal) -> io::Result<()> {
    for revision in &revisions.made {
        for line in &revision.lineage {
            let (source, rule) = match &line.source {
                Ok(place) => (place.short(), ""),
                Err(rule) => (String::new(), *rule),
            };
            let value = clip(&look(original, &source), WIDTHS[1]);
            writeln!(out, "{source}  {value}  → {}  [{rule}]", line.target)?;
        }
    }
    for (place, why) in &revisions.lost {
        let (place, why) = (place.short(), why.as_str());
        writeln!(out, "{place}  {}", out.style(Style::Warning, format!("✗ {why}")))?;
    }
    Ok(())
}

/// What each code of an answer became, and what nobody reads.
fn print_heard(answer: &Answer, out: &mut Terminal) -> io::Result<()> {
    for (number, remark) in answer.remarks.iter().enumerate() {
        let said = remark.said.as_ref().map(X12Place::short).unwrap_or_default();
        let (list, code) = (remark.list.as_str(), &remark.code);
        writeln!(
            out,
            "{said}  {code}  → OperationOutcome.issue[{number}].code  [{list}]"
        )?;
    }
    for place in &answer.unread {
        let (place, why) = (place.short(), Why::NoTarget.as_str());
        writeln!(out, "{place}  {}", out.style(Style::Warning, format!("✗ {why}")))?;
    }
    Ok(())
}

/// Where each value of a converted document came from; what is odd and what was left behind.
fn print_converted(outcome: &Outcome, out: &mut Terminal) -> io::Result<()> {
    let bundle = json::read(outcome.bundle.as_bytes()).ok();
    let bundle: Vec<Value> = bundle.into_iter().collect();
    for leaf in &outcome.lineage {
        let target = format!("Bundle.entry[{}].resource.{}", leaf.resource, leaf.path);
        let value = clip(&look(&bundle, &target), WIDTHS[1]);
        writeln!(out, "{}  → {target} = {value}  [{}]", leaf.source, leaf.rule)?;
    }
    for left in &outcome.left_behind {
        let (place, why) = (left.place.short(), left.reason.as_str());
        writeln!(out, "{place}  {}", out.style(Style::Warning, format!("✗ {why}")))?;
    }
    for note in &outcome.notes {
        writeln!(out, "{}", out.style(Style::Faint, note))?;
    }
    Ok(())
}

fn print_mapped(
    delivery: &Delivery<'_>,
    translation: &Translation<'_>,
    original: Original<'_>,
    out: &mut Terminal,
) -> io::Result<()> {
    let program = translation.program();
    let count = translation.len();
    let title = out.style(Style::Strong, format!("{}", delivery.subject));
    let hash: String = program.hash.to_string().chars().take(12).collect();
    writeln!(out, "{title}: {count} message(s) by {} ({hash})", program.id)?;
    let sides = Sides::of(translation, original);
    let mut lines = Vec::new();
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in translation.lineage() {
        let rule = &entry.rule.name;
        let right = if entry.target == Place::Nowhere {
            format!("shapes the message  [{rule}]")
        } else {
            let (target, value) = (entry.target.short(), sides.target(&entry.target));
            format!("{target} = {}  [{rule}]", clip(&value, WIDTHS[1]))
        };
        match entry.source {
            EntrySource::Place(place) => lines.push(sides.line(&place, format!("→ {right}"))),
            EntrySource::Context(name) => known.entry(format!("${name}")).or_default().push(right),
            EntrySource::Mapping => known.entry(stands(entry.rule)).or_default().push(right),
        }
    }
    for loss in translation.losses() {
        let why = loss.why.as_str();
        let rule = loss
            .rule
            .map_or_else(String::new, |rule| format!("  [{}]", rule.name));
        match loss.place {
            LossPlace::Source(place) => lines.push(sides.line(&place, format!("✗ {why}{rule}"))),
            LossPlace::Target(target) => {
                let target = target.short();
                known
                    .entry("✗".to_owned())
                    .or_default()
                    .push(format!("{target}: {why}{rule}"));
            }
        }
    }
    lines.sort_by_key(|line| line.order);
    print_lines(&lines, out)?;
    if !known.is_empty() {
        writeln!(out, "  {}", out.style(Style::Faint, "not from the message"))?;
    }
    for (from, rights) in known {
        for right in rights {
            writeln!(out, "    {from}  → {right}")?;
        }
    }
    writeln!(out)
}

fn print_lines(lines: &[Line], out: &mut Terminal) -> io::Result<()> {
    let widest = |part: fn(&Line) -> &str, most: usize| {
        let widths = lines.iter().map(|line| part(line).chars().count());
        widths.max().unwrap_or(0).min(most)
    };
    let [most_left, most_value] = WIDTHS;
    let (left, value) = (
        widest(|line| &line.left, most_left),
        widest(|line| &line.value, most_value),
    );
    let mut heading = None;
    for line in lines {
        if line.heading.is_some() && line.heading != heading {
            heading.clone_from(&line.heading);
            let text = line.heading.as_deref().unwrap_or_default();
            writeln!(out, "  {}", out.style(Style::Strong, text))?;
        }
        let (place, held, right) = (&line.left, clip(&line.value, most_value), &line.right);
        let style = if right.starts_with('✗') {
            Style::Warning
        } else {
            Style::Faint
        };
        let right = out.style(style, right);
        writeln!(out, "    {place:<left$}  {held:<value$}  {right}")?;
    }
    Ok(())
}

/// Both sides, to look values up.
struct Sides<'d> {
    original: Original<'d>,
    /// Segments of the original by their ids and offsets: what is kept of `ISA` and `GS` has no offset of its own.
    segments: BTreeMap<(String, u64), SegmentIndex>,
    /// The order of paths of the original.
    order: BTreeMap<String, u64>,
    composed: Vec<&'d Transaction>,
    documents: Vec<Value>,
}

impl<'d> Sides<'d> {
    fn of(translation: &'d Translation<'d>, original: Original<'d>) -> Self {
        let mut segments = BTreeMap::new();
        let mut order = BTreeMap::new();
        match original {
            Original::X12(transaction) => {
                for segment in transaction.all_segments() {
                    let id = transaction.id(segment).as_str().to_owned();
                    segments.insert((id, transaction.place(segment).offset), segment);
                }
            }
            Original::Fhir(values) => {
                for (number, value) in (1..).zip(values) {
                    let mut path = root(value, number, values.len());
                    paths(value, &mut path, &mut order);
                }
            }
        }
        let texts = translation.documents();
        let documents = match translation.program().to {
            Side::X12(_) => Vec::new(),
            Side::Fhir(_) => texts
                .filter_map(|text| json::read(text.as_bytes()).ok())
                .collect(),
        };
        Self {
            original,
            segments,
            order,
            composed: translation.transactions().collect(),
            documents,
        }
    }

    fn line(&self, place: &Place, right: String) -> Line {
        match (place, self.original) {
            (Place::X12(place), Original::X12(transaction)) => self.segment_line(place, transaction, right),
            (Place::Fhir { expression }, Original::Fhir(values)) => Line {
                order: (self.order.get(&**expression).copied().unwrap_or(u64::MAX), 0, 0),
                heading: None,
                left: expression.to_string(),
                value: look(values, expression),
                right,
            },
            _ => Line {
                order: (u64::MAX, 0, 0),
                heading: None,
                left: place.short(),
                value: String::new(),
                right,
            },
        }
    }

    fn segment_line(&self, place: &X12Place, transaction: &Transaction, right: String) -> Line {
        let number = |part: Option<u16>| part.map_or(0, u32::from);
        let (element, component) = (number(place.element), number(place.component));
        // The place of an element begins behind that of its segment.
        let id = place.segment.map(|segment| segment.as_str().to_owned());
        let id = id.unwrap_or_default();
        let found = self.segments.range(..=(id.clone(), place.offset)).next_back();
        let segment = found
            .filter(|((known, _), _)| *known == id)
            .map(|(_, segment)| *segment);
        let (order, value, heading) = match segment {
            Some(segment) => (
                u64::from(segment.number()),
                held(transaction, segment, element, component),
                heading(transaction, segment),
            ),
            None => (place.offset, String::new(), String::new()),
        };
        Line {
            order: (order, element, component),
            heading: Some(heading),
            left: X12Place {
                loop_id: None,
                ..place.clone()
            }
            .short(),
            value,
            right,
        }
    }

    /// What a leaf of the target holds.
    fn target(&self, target: &Place) -> String {
        match (target, self.composed.first()) {
            (Place::X12(place), Some(transaction)) => {
                let number = |part: Option<u16>| part.map_or(0, u32::from);
                let segment = place.ordinal.and_then(|at| at.checked_sub(1)?.try_into().ok());
                let segment = segment.and_then(|at| transaction.all_segments().nth(at));
                segment.map_or_else(String::new, |segment| {
                    held(
                        transaction,
                        segment,
                        number(place.element),
                        number(place.component),
                    )
                })
            }
            (Place::Fhir { expression }, _) => look(&self.documents, expression),
            _ => String::new(),
        }
    }
}

/// A segment as it was sent, with its loop.
fn heading(transaction: &Transaction, segment: SegmentIndex) -> String {
    let name = transaction.name(transaction.loop_of(segment));
    let mut text = format!("{:<6}{}", name.as_str(), transaction.id(segment));
    for element in transaction.elements(segment) {
        text.push('*');
        text.push_str(&shown(transaction.text(element)));
    }
    clip(&text, WIDTHS[0] + WIDTHS[1])
}

/// How a lineage calls the root of a document.
fn root(value: &Value, number: usize, count: usize) -> String {
    let kind = value
        .get("resourceType")
        .and_then(Value::as_str)
        .unwrap_or("Resource");
    if count > 1 {
        format!("{kind}({number})")
    } else {
        kind.to_owned()
    }
}

/// Notes every path of a document in order.
fn paths(value: &Value, path: &mut String, order: &mut BTreeMap<String, u64>) {
    let length = path.len();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push('.');
                path.push_str(name);
                paths(member, path, order);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                append(path, format_args!("[{index}]"));
                paths(item, path, order);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    let next = order.len() as u64;
    order.entry(path.clone()).or_insert(next);
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let short = text.chars().take(width.saturating_sub(1));
    short.chain(['…']).collect()
}
