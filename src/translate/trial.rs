//! Runs the tests that stand beside mappings.

use std::collections::BTreeSet;

use super::Context;
use super::Lineage;
use super::LossPlace;
use super::Resources;
use super::Translation;
use super::from_fhir;
use super::from_x12;
use crate::base::place::Place;
use crate::mapping::Library;
use crate::mapping::Program;
use crate::mapping::Trial;
use crate::mapping::program::Side;
use crate::x12;

/// What came of a trial.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// The rules that did something.
    pub fired: BTreeSet<String>,
    /// What is not as the trial expects; empty if it passed.
    pub complaints: Vec<String>,
}

/// Runs a trial with the mappings of a library.
pub fn run(library: &Library, trial: &Trial) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(program) = library.program(&trial.mapping) else {
        outcome
            .complaints
            .push(format!("there is no mapping {}", trial.mapping));
        return outcome;
    };
    let mut context = Context::new();
    for (variable, value) in &trial.context {
        context.set(*variable, value);
    }
    match &program.from {
        Side::X12(frame) => {
            let guide = context.named("guide").or(frame.guides.first().copied());
            let input = interchange(guide.unwrap_or_default(), &trial.given);
            let read = x12::read_plainly(&input);
            let Some(transaction) = read.first() else {
                outcome
                    .complaints
                    .push("the message is no transaction".to_owned());
                return outcome;
            };
            let translation = from_x12(program, transaction, &context, Lineage::Kept);
            judge(program, trial, &translation, &mut outcome);
        }
        Side::Fhir(_) => {
            let documents: Vec<&[u8]> = trial.given.split("---").map(str::as_bytes).collect();
            match Resources::read(&documents) {
                Ok(resources) => {
                    let translation = from_fhir(program, &resources, &context, Lineage::Kept);
                    judge(program, trial, &translation, &mut outcome);
                }
                Err(fault) => outcome.complaints.push(fault.to_string()),
            }
        }
    }
    outcome
}

/// The rules of a mapping that no trial needs, among those given as used.
pub fn unused<'p>(program: &'p Program, fired: &BTreeSet<String>) -> Vec<&'p str> {
    let rules = program.rules.iter().filter(|rule| *rule.file == *program.file);
    let names = rules.map(|rule| &*rule.name);
    names.filter(|name| !fired.contains(*name)).collect()
}

/// Puts an envelope around a transaction.
fn interchange(guide: &str, transaction: &str) -> Vec<u8> {
    let version = guide.get(..5).unwrap_or("00602");
    let head = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0900*^*{version}*000000001*0*T*:~\
         GS*ZZ*SENDER*RECEIVER*20261120*0900*1*X*{guide}~"
    );
    let tail = "GE*1*1~IEA*1*000000001~";
    [head.as_str(), transaction.trim(), tail].concat().into_bytes()
}

fn judge(program: &Program, trial: &Trial, translation: &Translation<'_>, outcome: &mut Outcome) {
    let fired = translation.fired().map(|rule| rule.name.to_string());
    outcome.fired.extend(fired);
    let complaints = &mut outcome.complaints;
    let leaves = translation.leaves();
    for (path, expected) in &trial.expect {
        match leaves.iter().find(|(known, _)| known == path) {
            Some((_, found)) if found == expected => {}
            Some((_, found)) => complaints.push(format!("{path} is {found:?}, not {expected:?}")),
            None => complaints.push(format!("{path} is not there")),
        }
    }
    if let Some(wire) = &trial.wire {
        let found: String = translation
            .transactions()
            .map(x12::Transaction::to_lines)
            .collect();
        compare_lines(wire, &found, complaints);
    }
    if let Some(expected) = &trial.losses {
        let mut found: Vec<String> = translation.losses().iter().map(shown).collect();
        let mut expected = expected.clone();
        found.sort();
        expected.sort();
        for loss in found.iter().filter(|loss| !expected.contains(loss)) {
            complaints.push(format!("a loss that nobody expects: {loss}"));
        }
        for loss in expected.iter().filter(|loss| !found.contains(loss)) {
            complaints.push(format!("a loss that did not happen: {loss}"));
        }
    }
    let refused: Vec<String> = translation.missing().map(|rule| rule.name.to_string()).collect();
    if refused != trial.refused {
        complaints.push(format!("refused by {refused:?}, not {:?}", trial.refused));
    }
    if translation.is_empty() && trial.refused.is_empty() {
        complaints.push(format!("{} made nothing", program.id));
    }
}

/// Tells lines that are only on one side.
fn compare_lines(expected: &str, found: &str, complaints: &mut Vec<String>) {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let (expected, found) = (lines(expected), lines(found));
    if expected == found {
        return;
    }
    let before = complaints.len();
    let missing = expected.iter().filter(|line| !found.contains(line));
    complaints.extend(missing.map(|line| format!("missing {line}")));
    let further = found.iter().filter(|line| !expected.contains(line));
    complaints.extend(further.map(|line| format!("further {line}")));
    if complaints.len() == before {
        complaints.push("the segments are in another order".to_owned());
    }
}

/// A loss as trials write it.
fn shown(loss: &super::LossEntry<'_>) -> String {
    let place = match &loss.place {
        LossPlace::Source(Place::X12(place)) => {
            let mut text = String::new();
            if let Some(name) = &place.loop_id {
                text.extend([name, "/"]);
            }
            if let Some(segment) = place.segment {
                text.push_str(segment.as_str());
            }
            if let Some(element) = place.element {
                let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{element:02}"));
            }
            if let Some(component) = place.component {
                let _ = std::fmt::Write::write_fmt(&mut text, format_args!("-{component}"));
            }
            text
        }
        LossPlace::Source(place) => place.to_string(),
        LossPlace::Target(leaf) => match &loss.rule {
            Some(rule) => rule.name.to_string(),
            None => leaf.clone(),
        },
    };
    format!("{place} {}", loss.why.as_str())
}
