//! The books balance: every element of a source is in the lineage or in the loss report, every leaf of a target has a
//! lineage.

use std::collections::BTreeSet;

use cartage::base::place::Place;
use cartage::mapping::Library;
use cartage::translate::Context;
use cartage::translate::EntrySource;
use cartage::translate::Lineage;
use cartage::translate::LossPlace;
use cartage::translate::Resources;
use cartage::translate::Translation;
use cartage::translate::from_fhir;
use cartage::translate::from_x12;
use cartage::x12::Transaction;
use serde_json::Value;

use crate::corpus;

/// The places of a source that lineage and loss report name.
pub(crate) fn accounted(translation: &Translation<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in translation.lineage() {
        if let EntrySource::Place(place) = entry.source {
            found.insert(place.to_string());
        }
    }
    for loss in translation.losses() {
        if let LossPlace::Source(place) = loss.place {
            found.insert(place.to_string());
        }
    }
    found
}

/// Every element, or component of one, that holds something.
pub(crate) fn elements(transaction: &Transaction) -> Vec<String> {
    let mut found = Vec::new();
    for segment in transaction.all_segments() {
        let last = transaction.elements(segment).last();
        for (number, element) in (1..).zip(transaction.elements(segment)) {
            let octets = transaction.payload(segment).filter(|_| last == Some(element));
            let place = |component| Place::from(transaction.element_place(element, component)).to_string();
            if transaction.is_composite(segment, number) {
                for (component, text) in (1..).zip(transaction.components(element)) {
                    if !text.is_empty() {
                        found.push(place(component));
                    }
                }
            } else if !transaction.text(element).is_empty()
                || octets.is_some_and(|octets| !octets.octets.is_empty())
            {
                found.push(place(0));
            }
        }
    }
    found
}

/// Every leaf of a JSON text.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{path}.{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{index}]"), found);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        _ => found.push(path.to_owned()),
    }
}

pub(crate) fn targets(translation: &Translation<'_>) -> BTreeSet<String> {
    translation
        .lineage()
        .into_iter()
        .map(|entry| entry.target.to_string())
        .collect()
}

#[test]
fn corpus_every_element_is_accounted_for_and_every_leaf_has_a_lineage() {
    let library = Library::built_in().unwrap();
    let directions = [
        ("277", "task-from-277", Some("277-from-task"), "Task"),
        ("275", "submit-from-275", Some("275-from-submit"), "Parameters"),
        ("278", "task-from-278", None, "Task"),
    ];
    for carry in ["true", "false"] {
        for (frame, there, back, kind) in directions {
            for (name, transaction) in corpus::transactions(frame) {
                let context = Context::new().with("carry", carry).with("date", "20261120");
                let program = library.program(there).unwrap();
                let translation = from_x12(program, &transaction, &context, Lineage::Kept);
                let known = accounted(&translation);
                for place in elements(&transaction) {
                    assert!(known.contains(&place), "{name}: {place} is in neither report");
                }
                let targets = targets(&translation);
                let documents: Vec<String> = translation.documents().collect();
                for (number, document) in documents.iter().enumerate() {
                    let value: Value = serde_json::from_str(document).unwrap();
                    let root = match documents.len() {
                        1 => kind.to_owned(),
                        _ => format!("{kind}({})", number + 1),
                    };
                    let mut found = Vec::new();
                    leaves(&value, &root, &mut found);
                    for leaf in found {
                        assert!(targets.contains(&leaf), "{name}: {leaf} has no lineage");
                    }
                }
                if let Some(back) = back {
                    balanced_back(
                        &library,
                        back,
                        &name,
                        &documents,
                        &context.with("guide", transaction.guide()),
                    );
                }
            }
        }
    }
}

/// The same for the way from FHIR to X12.
fn balanced_back(library: &Library, back: &str, name: &str, documents: &[String], context: &Context) {
    let texts: Vec<&[u8]> = documents.iter().map(String::as_bytes).collect();
    let resources = Resources::read(&texts).unwrap();
    let program = library.program(back).unwrap();
    let translation = from_fhir(program, &resources, context, Lineage::Kept);
    let known = accounted(&translation);
    for (number, document) in documents.iter().enumerate() {
        let value: Value = serde_json::from_str(document).unwrap();
        let kind = value["resourceType"].as_str().unwrap();
        let root = match documents.len() {
            1 => kind.to_owned(),
            _ => format!("{kind}({})", number + 1),
        };
        let mut found = Vec::new();
        leaves(&value, &root, &mut found);
        for leaf in found {
            assert!(known.contains(&leaf), "{name}: {leaf} is in neither report");
        }
    }
    let targets = targets(&translation);
    for transaction in translation.transactions() {
        for element in elements(transaction) {
            assert!(targets.contains(&element), "{name}: {element} has no lineage");
        }
    }
}

#[test]
fn corpus_every_leaf_of_the_examples_is_accounted_for() {
    let library = Library::built_in().unwrap();
    for (name, text) in corpus::files("spec/fhir/examples") {
        let value: Value = serde_json::from_slice(&text).unwrap();
        let program = match value["resourceType"].as_str() {
            Some("Task") => "277-from-task",
            Some("Parameters") => "275-from-submit",
            _ => continue,
        };
        let documents = [text.as_slice()];
        let resources = Resources::read(&documents).unwrap();
        for packaging in ["document", "resource", "mime"] {
            let context = Context::new()
                .with("date", "20261120")
                .with("packaging", packaging);
            let program = library.program(program).unwrap();
            let translation = from_fhir(program, &resources, &context, Lineage::Kept);
            let known = accounted(&translation);
            let mut found = Vec::new();
            leaves(&value, value["resourceType"].as_str().unwrap(), &mut found);
            for leaf in found {
                assert!(known.contains(&leaf), "{name}: {leaf} is in neither report");
            }
        }
    }
}

/// Segments longer than any guide knows, and levels that name others long closed.
#[test]
fn what_no_guide_numbers_is_no_trouble() {
    let request = include_str!("../data/translate/request.x12");
    let long = format!("REF*{}~\nHI*BG{}~\n", "7*".repeat(300), ":7".repeat(300));
    let wire = request.replacen("STC*", &format!("{long}STC*"), 1);
    assert_ne!(wire, request);
    let library = Library::built_in().unwrap();
    let found = cartage::x12::read_plainly(wire.as_bytes());
    let context = Context::new().with("carry", "true").with("date", "20261120");
    let program = library.program("task-from-277").unwrap();
    let translation = from_x12(program, &found[0], &context, Lineage::Kept);
    let documents: Vec<String> = translation.documents().collect();
    assert!(!documents.is_empty());
    // What a partner's extension may say about places that there are not.
    for impossible in ["0", "00", "99-255", "100", "255", "256", "-1"] {
        let documents: Vec<String> = documents
            .iter()
            .map(|document| document.replace("\"url\":\"04\"", &format!("\"url\":\"{impossible}\"")))
            .collect();
        let texts: Vec<&[u8]> = documents.iter().map(String::as_bytes).collect();
        let resources = Resources::read(&texts).unwrap();
        let back = library.program("277-from-task").unwrap();
        let translation = from_fhir(back, &resources, &context, Lineage::Kept);
        assert!(translation.transactions().next().is_some());
    }
}
