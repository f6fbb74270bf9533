//! The receiving side's rules: sound messages pass, each rule broken once gives exactly its finding, and the
//! examples of the guide are judged as the guide means them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and may say what they skip"
)]

mod fhir;

use std::collections::BTreeSet;
use std::path::Path;

use cartage::base::finding::Finding;
use cartage::base::finding::Severity;
use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::json;
use cartage::fhir::outcome;
use serde_json::Value;

use fhir::read;
use fhir::read_folder;
use fhir::reference;
use fhir::samples;

fn findings(resource: &Value) -> Vec<Finding> {
    match resource["resourceType"].as_str() {
        Some("Parameters") => check::parameters(resource, CodeLists::embedded()),
        _ => check::task(resource, CodeLists::embedded()),
    }
}

/// The code and the place of each finding, in the order of their names.
fn named(findings: &[Finding]) -> Vec<(String, String)> {
    let mut named: Vec<_> = findings
        .iter()
        .map(|found| (found.code.to_string(), found.place.to_string()))
        .collect();
    named.sort();
    named
}

#[test]
fn sound_messages_have_no_findings() {
    for (name, resource) in samples() {
        let found = named(&findings(&resource));
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

/// Puts `value` where `pointer` says; a last step `-` appends to an array.
fn set(resource: &mut Value, pointer: &str, value: &Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match resource
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("nothing at {parent}"))
    {
        Value::Object(members) => {
            members.insert(last.to_owned(), value.clone());
        }
        Value::Array(items) if last == "-" => items.push(value.clone()),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value.clone(),
        _ => panic!("{parent} has no members"),
    }
}

fn remove(resource: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match resource
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("nothing at {parent}"))
    {
        Value::Object(members) => assert!(members.remove(last).is_some(), "nothing at {pointer}"),
        Value::Array(items) => {
            items.remove(last.parse().unwrap());
        }
        _ => panic!("{parent} has no members"),
    }
}

/// A row of the table, the sample with what the row makes wrong, and the codes and places of the findings to come.
type Violation = (String, Value, Vec<(String, String)>);

/// The samples with one thing wrong.
fn violations() -> Vec<Violation> {
    let samples = samples();
    let table = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fhir/violations.json"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = table.as_array().unwrap().iter().map(|row| {
        let mut resource = samples[row["base"].as_str().unwrap()].clone();
        for pointer in row["remove"].as_array().into_iter().flatten() {
            remove(&mut resource, pointer.as_str().unwrap());
        }
        for (pointer, value) in row["set"].as_object().into_iter().flatten() {
            set(&mut resource, pointer, value);
        }
        let expected = row["expect"].as_array().unwrap().iter();
        let mut expected: Vec<_> = expected.map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
        expected.sort();
        (row.to_string(), resource, expected)
    });
    rows.collect()
}

#[test]
fn each_rule_broken_once_gives_exactly_its_finding() {
    let mut wrong = Vec::new();
    for (row, resource, expected) in violations() {
        let found = named(&findings(&resource));
        if found != expected {
            wrong.push(format!("{row}\n    found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_rule_is_broken_by_some_row() {
    let broken: BTreeSet<String> = violations()
        .into_iter()
        .flat_map(|(_, _, expected)| expected)
        .map(|(code, _)| code)
        .collect();
    // A resource of another type cannot be made of a sound one by a small change; a test of its own has it.
    let exempt = ["task.not-a-task", "submit.not-parameters"];
    let codes = check::rules()
        .map(|rule| rule.code.as_str())
        .filter(|code| !exempt.contains(code));
    let unbroken: Vec<&str> = codes.filter(|code| !broken.contains(*code)).collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn another_resource_is_not_taken() {
    let other = json::read(br#"{"resourceType":"Basic"}"#).unwrap();
    assert!(
        named(&check::task(&other, CodeLists::embedded()))
            .contains(&pair("task.not-a-task", "Basic.resourceType"))
    );
    let found = named(&check::parameters(&other, CodeLists::embedded()));
    assert!(found.contains(&pair("submit.not-parameters", "Basic.resourceType")));
    for nothing in [
        "{}",
        "[]",
        "1",
        "null",
        r#"{"resourceType":"Task","input":[1,"x",null],"code":7}"#,
    ] {
        let nothing = json::read(nothing.as_bytes()).unwrap();
        assert!(!check::task(&nothing, CodeLists::embedded()).is_empty());
        assert!(!check::parameters(&nothing, CodeLists::embedded()).is_empty());
    }
}

fn pair(code: &str, place: &str) -> (String, String) {
    (code.to_owned(), place.to_owned())
}

#[test]
fn what_a_sender_is_told_follows_from_the_finding() {
    for (row, resource, _) in violations() {
        let found = findings(&resource);
        let refused = found.iter().any(|finding| finding.severity == Severity::Error);
        let business = found.iter().any(|finding| {
            finding.code.as_str().starts_with("signature.") || finding.code.as_str() == "cdex-13"
        });
        let expected = if business {
            400
        } else if refused {
            422
        } else {
            200
        };
        assert_eq!(outcome::status(&found), expected, "{row}");
        let told = outcome::Outcome::of(&found);
        for (issue, finding) in told.issues.iter().zip(&found) {
            assert_eq!(issue.finding(), Some(finding.code.as_str()));
            assert!(issue.what().is_some());
            assert_eq!(issue.expression[0].disclose(), &finding.place.to_string());
        }
    }
}

#[test]
fn elements_that_nobody_expects_are_tolerated() {
    let extra = json::read(br#"{"url":"urn:example:new","valueString":"x"}"#).unwrap();
    for (name, mut resource) in samples() {
        for (pointer, value) in [
            ("/note", Value::from("x")),
            ("/extension", Value::Array(vec![extra.clone()])),
        ] {
            set(&mut resource, pointer, &value);
        }
        for list in ["input", "contained", "parameter", "identifier"] {
            for item in resource
                .get_mut(list)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                item["unexpected"] = Value::from(1);
            }
        }
        let found = findings(&resource);
        assert!(
            found.iter().all(|finding| finding.severity < Severity::Error),
            "{name}: {found:?}"
        );
    }
}

/// The examples of the guide that break a rule, and which. The defects that the specification's chapter 9 lists are in
/// pairs of examples, in files that are not in the folder and in pages; none of them is one a receiver must refuse.
const WRONG_EXAMPLES: &[(&str, &str)] = &[];

#[test]
fn corpus_examples_of_the_guide_are_taken() {
    let mut taken = 0;
    for below in ["spec/fhir/examples", "spec/fhir/pas/examples"] {
        let Some(folder) = reference(below) else { continue };
        for (name, resource) in read_folder(&folder) {
            let kind = resource["resourceType"].as_str().unwrap_or_default();
            if !matches!(kind, "Task" | "Parameters") {
                continue;
            }
            taken += 1;
            let found = findings(&resource);
            let errors: Vec<String> = found
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .map(|finding| finding.code.to_string())
                .collect();
            let expected = WRONG_EXAMPLES
                .iter()
                .filter(|row| row.0 == name)
                .map(|row| row.1.to_owned());
            assert_eq!(errors, expected.collect::<Vec<_>>(), "{name}: {found:?}");
        }
    }
    assert!(taken == 0 || taken >= 38, "{taken} examples");
}
