//! Mappings in words.

use crate::app::translate::spot::append;
use crate::mapping::program::APPEND;
use crate::mapping::program::Climb;
use crate::mapping::program::FhirStep;
use crate::mapping::program::Leaf;
use crate::mapping::program::Operation;
use crate::mapping::program::Program;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::Side;
use crate::mapping::program::Source;
use crate::mapping::program::Start;
use crate::mapping::program::TargetStep;
use crate::mapping::program::WayId;
use crate::mapping::program::X12Place;

/// One side of a mapping, as its file names it.
pub(super) fn side(side: &Side) -> String {
    match side {
        Side::X12(frame) => format!("x12:{}", frame.name),
        Side::Fhir(kind) => format!("fhir:{kind}"),
    }
}

/// The rules of a mapping's own rows, in order; the others belong to the slices that it uses.
pub(super) fn rows(program: &Program) -> impl Iterator<Item = RuleId> + '_ {
    program.operations.iter().map(|operation| match operation {
        Operation::Row(row) => row.rule,
        Operation::Scope(scope) => scope.rule,
    })
}

/// The places that a row looks in.
pub(super) fn sources(program: &Program, places: Run) -> String {
    let places = places
        .of(&program.places)
        .iter()
        .map(|place| source(program, place));
    places.collect::<Vec<String>>().join(" or ")
}

/// One place of a source.
pub(super) fn source(program: &Program, place: &Source) -> String {
    match place {
        Source::Variable(variable) => format!("${}", variable.name()),
        Source::X12(place) => x12_place(program, place),
        Source::Fhir(place) => {
            let mut text = match place.from {
                Start::Documents(kind) => program.text(kind).to_owned(),
                Start::Scope(_) => String::new(),
            };
            for step in place.steps.of(&program.steps) {
                match step {
                    FhirStep::Member(name) => member(&mut text, program.text(*name)),
                    FhirStep::Slice(slice) => text.push_str(slice_name(&program.slice(*slice).name)),
                    FhirStep::Index(index) => append(&mut text, format_args!("[{index}]")),
                }
            }
            text
        }
    }
}

fn x12_place(program: &Program, place: &X12Place) -> String {
    let mut text = String::new();
    if let Climb::To(name) = place.climb {
        text.push_str(name.as_str());
        text.push('/');
    }
    for name in place.loops.of(&program.loops) {
        text.push_str(name.as_str());
        text.push('/');
    }
    let Some(segment) = place.segment else {
        return text.trim_end_matches('/').to_owned();
    };
    text.push_str(segment.as_str());
    cell(&mut text, place.element, place.component);
    for test in place.tests.of(&program.tests) {
        let values = test.any_of.of(&program.accepted).iter();
        let values: Vec<&str> = values.map(|value| program.text(*value)).collect();
        let mut tested = segment.as_str().to_owned();
        cell(&mut tested, test.element, test.component);
        let sign = if test.negated { "!=" } else { "=" };
        append(&mut text, format_args!("[{tested}{sign}{}]", values.join("|")));
    }
    text
}

/// Where a value goes: the way that several rows may share, and its own last step.
pub(super) fn target(program: &Program, leaf: Leaf) -> String {
    let mut steps = vec![leaf.last];
    let mut above = leaf.way;
    while let Some(way) = above.and_then(|WayId(way)| program.ways.get(way as usize)) {
        steps.push(way.step);
        above = way.above;
    }
    let mut text = String::new();
    for step in steps.iter().rev() {
        step_of(&mut text, program, step);
    }
    text
}

fn step_of(text: &mut String, program: &Program, step: &TargetStep) {
    match step {
        TargetStep::Document(kind) => text.push_str(program.text(*kind)),
        TargetStep::Member(name) | TargetStep::List(name) => member(text, program.text(*name)),
        TargetStep::Item(APPEND) => text.push_str("[+]"),
        TargetStep::Item(0) | TargetStep::Shape(_) => {}
        TargetStep::Item(index) => append(text, format_args!("[{index}]")),
        TargetStep::Slice(slice, _) => text.push_str(slice_name(&program.slice(*slice).name)),
        TargetStep::Loop(name) => append(text, format_args!("{}/", name.as_str())),
        TargetStep::Segment(id, fixed) => {
            text.push_str(id.as_str());
            for fixed in fixed.of(&program.fixed) {
                let mut set = id.as_str().to_owned();
                cell(&mut set, fixed.element, fixed.component);
                append(text, format_args!("[{set}={}]", program.text(fixed.text)));
            }
        }
        TargetStep::Cell(element, component) => cell(text, *element, *component),
    }
}

fn member(text: &mut String, name: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(name);
}

fn cell(text: &mut String, element: u8, component: u8) {
    if element > 0 && element != X12Place::EACH {
        append(text, format_args!("{element:02}"));
    }
    if component > 0 {
        append(text, format_args!("-{component}"));
    }
}

/// `:PayerUrl` of `Task.input:PayerUrl`.
fn slice_name(name: &str) -> &str {
    name.rfind(':').and_then(|at| name.get(at..)).unwrap_or_default()
}
