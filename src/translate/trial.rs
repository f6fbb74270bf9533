//! Runs the tests that stand beside mappings.

use std::collections::BTreeSet;

use super::Context;
use super::Lineage;
use super::LossPlace;
use super::Resources;
use super::Translation;
use super::from_fhir;
use super::from_x12;
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
            let input = interchange(frame, guide.unwrap_or_default(), &trial.given);
            let read = x12::read_plainly(&input);
            let [transaction] = read.as_slice() else {
                let complaint = format!("the message is {} times a {}, not once", read.len(), frame.name);
                outcome.complaints.push(complaint);
                return outcome;
            };
            let translation = from_x12(program, transaction, &context, Lineage::Kept);
            judge(program, trial, &translation, &mut outcome);
        }
        Side::Fhir(_) => {
            let documents: Vec<&[u8]> = trial.given.split("\n---\n").map(str::as_bytes).collect();
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

/// The rules of a mapping that its own file gives.
pub fn rules(program: &Program) -> impl Iterator<Item = &str> {
    let rules = program.rules.iter().filter(|rule| *rule.file == *program.file);
    rules.map(|rule| &*rule.name)
}

/// Those of them that are not among the rules given as used.
pub fn unused<'p>(program: &'p Program, fired: &BTreeSet<String>) -> Vec<&'p str> {
    rules(program).filter(|name| !fired.contains(*name)).collect()
}

/// Puts what is missing around the segments of a transaction: `ST` and `SE`, and the envelope.
fn interchange(frame: &x12::Frame, guide: &str, given: &str) -> Vec<u8> {
    let given = given.trim();
    if given.starts_with("ISA") {
        return given.as_bytes().to_vec();
    }
    let version = guide.get(..5).unwrap_or("00602");
    let head = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0900*^*{version}*000000001*0*T*:~\
         GS*ZZ*SENDER*RECEIVER*20261120*0900*1*X*{guide}~"
    );
    let tail = "GE*1*1~IEA*1*000000001~";
    if given.starts_with("ST") {
        return [head.as_str(), given, tail].concat().into_bytes();
    }
    let start = format!("ST*{}*0001*{guide}~", frame.name);
    let last = if given.ends_with('~') { "" } else { "~" };
    let end = format!("SE*{}*0001~", given.matches('~').count() + last.len() + 2);
    [&head, &start, given, last, &end, tail].concat().into_bytes()
}

fn judge(program: &Program, trial: &Trial, translation: &Translation<'_>, outcome: &mut Outcome) {
    let fired = translation.fired().map(|rule| rule.name.to_string());
    outcome.fired.extend(fired);
    let complaints = &mut outcome.complaints;
    let leaves = translation.leaves();
    for (path, expected) in &trial.expect {
        match leaves.iter().find(|(known, _)| known.short() == *path) {
            Some((_, found)) if found == expected => {}
            Some((_, found)) => complaints.push(format!("{path}: expected {expected}, found {found}")),
            None => complaints.push(format!("{path}: expected {expected}, found nothing")),
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
            complaints.push(format!("loss told and not expected: {loss}"));
        }
        for loss in expected.iter().filter(|loss| !found.contains(loss)) {
            complaints.push(format!("loss expected and not told: {loss}"));
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
        LossPlace::Source(place) => place.short(),
        LossPlace::Target(leaf) => match &loss.rule {
            Some(rule) => rule.name.to_string(),
            None => leaf.short(),
        },
    };
    format!("{place} {}", loss.why.as_str())
}
