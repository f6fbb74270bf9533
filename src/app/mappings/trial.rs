//! One test of a mapping, run.

use serde_json::Value;

use super::coverage::Coverage;
use super::sample;
use crate::app::translate::spot;
use crate::app::translate::values;
use crate::fhir::json;
use crate::mapping::Program;
use crate::mapping::Trial;
use crate::mapping::program::Side;
use crate::translate;
use crate::translate::Context;
use crate::translate::Lineage;
use crate::translate::LossPlace;
use crate::translate::Resources;
use crate::translate::Translation;
use crate::x12::Transaction;

/// Runs a test; gives what is not as it expects.
pub(super) fn run(program: &Program, trial: &Trial, coverage: &mut Coverage) -> Vec<String> {
    let mut context = Context::new();
    for (variable, value) in &trial.context {
        context.set(*variable, value);
    }
    match &program.from {
        Side::X12(_) => match sample::transaction(program, trial) {
            Ok(transaction) => {
                let translation = translate::from_x12(program, &transaction, &context, Lineage::Kept);
                judge(&translation, trial, coverage)
            }
            Err(wrong) => vec![wrong],
        },
        Side::Fhir(_) => {
            let texts = match sample::resources(trial) {
                Ok(texts) => texts,
                Err(wrong) => return vec![wrong],
            };
            match Resources::read(&texts) {
                Ok(resources) => {
                    let translation = translate::from_fhir(program, &resources, &context, Lineage::Kept);
                    judge(&translation, trial, coverage)
                }
                Err(fault) => vec![fault.to_string()],
            }
        }
    }
}

fn judge(translation: &Translation<'_>, trial: &Trial, coverage: &mut Coverage) -> Vec<String> {
    coverage.add(translation);
    let mut wrong = Vec::new();
    let transactions: Vec<&Transaction> = translation.transactions().collect();
    let mut documents = Vec::new();
    if transactions.is_empty() {
        for text in translation.documents() {
            match json::read(text.as_bytes()) {
                Ok(value) => documents.push(value),
                Err(refusal) => wrong.push(format!("what came out is no JSON: {}", refusal.fault.message())),
            }
        }
    }
    for (path, expected) in &trial.expect {
        let found = if transactions.is_empty() {
            vec![leaf(&documents, path)]
        } else {
            elements(&transactions, path)
        };
        let agrees = found.contains(expected) || (expected.is_empty() && found.is_empty());
        if !agrees {
            let found = if found.is_empty() {
                "nothing".to_owned()
            } else {
                found.join(", ")
            };
            wrong.push(format!("{path}: expected {expected}, found {found}"));
        }
    }
    if let Some(expected) = &trial.losses {
        let mut expected: Vec<String> = expected.clone();
        let mut found = losses(translation);
        expected.sort();
        found.sort();
        let differs = |here: &[String], there: &[String], what: &str| {
            let only = here.iter().filter(|loss| !there.contains(loss));
            only.map(|loss| format!("{what}: {loss}"))
                .collect::<Vec<String>>()
        };
        wrong.extend(differs(&expected, &found, "loss expected and not told"));
        wrong.extend(differs(&found, &expected, "loss told and not expected"));
    }
    wrong
}

/// Losses as tests name them: `2200D/REF02 no-target`.
fn losses(translation: &Translation<'_>) -> Vec<String> {
    let losses = translation.losses().into_iter().map(|loss| {
        let place = match &loss.place {
            LossPlace::Source(place) => spot::short(place),
            LossPlace::Target(target) => spot::short_target(target),
        };
        format!("{place} {}", loss.why.as_str())
    });
    losses.collect()
}

fn leaf(documents: &[Value], path: &str) -> String {
    match values::find(documents, path) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => json::text(other),
    }
}

/// The values at a place of X12 such as `2200D/REF02[REF01=EJ]`, in order.
fn elements(transactions: &[&Transaction], path: &str) -> Vec<String> {
    let (place, tests) = path.split_once('[').unwrap_or((path, ""));
    let (loop_id, cell) = place.rsplit_once('/').unwrap_or(("", place));
    let loop_id = loop_id.rsplit('/').next().unwrap_or_default();
    let Some((segment, element, component)) = parts(cell) else {
        return Vec::new();
    };
    let tests: Vec<(&str, &str)> = tests
        .split(['[', ']'])
        .filter_map(|test| test.split_once('='))
        .collect();
    let mut found = Vec::new();
    for transaction in transactions {
        for index in transaction.all_segments() {
            let here = transaction.name(transaction.loop_of(index));
            let text = |element, component| {
                let element = transaction.element(index, element);
                let bytes = element.map(|element| match component {
                    0 => transaction.text(element),
                    component => transaction.component(element, component),
                });
                String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
            };
            let fits = |(cell, value): &(&str, &str)| {
                let place = parts(cell);
                place.is_some_and(|(_, element, component)| {
                    value.split('|').any(|value| text(element, component) == value)
                })
            };
            let named =
                transaction.id(index).as_str() == segment && (loop_id.is_empty() || here.as_str() == loop_id);
            if named && tests.iter().all(fits) {
                let value = text(element, component);
                if !value.is_empty() {
                    found.push(value);
                }
            }
        }
    }
    found
}

/// Segment, element and component of `STC01-2`.
fn parts(cell: &str) -> Option<(&str, u32, u32)> {
    let (cell, component) = cell.split_once('-').unwrap_or((cell, "0"));
    let (segment, element) = cell.split_at_checked(cell.len().checked_sub(2)?)?;
    Some((segment, element.parse().ok()?, component.parse().ok()?))
}
