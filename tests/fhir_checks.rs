//! The receiving side's rules: sound messages pass, each rule broken once gives exactly its finding, and the
//! examples of the guide are judged as the guide means them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and may say what they skip"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use cartage::base::finding::Finding;
use cartage::base::finding::Severity;
use cartage::fhir::Places;
use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::draft::Lineage;
use cartage::fhir::draft::Wrote;
use cartage::fhir::json;
use cartage::fhir::leaf::Source;
use cartage::fhir::leaves;
use cartage::fhir::outcome;
use cartage::fhir::resource::parameters::Parameters;
use cartage::fhir::resource::task::Task;
use serde_json::Value;

/// Every sound message of our own, by its name without the ending.
fn samples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fhir");
    let mut samples = read_folder(&folder);
    samples.remove("violations").unwrap();
    assert!(samples.len() > 10, "the walk finds the samples");
    samples
}

fn read_folder(folder: &Path) -> BTreeMap<String, Value> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                read(&path),
            )
        })
        .collect()
}

fn read(path: &Path) -> Value {
    json::read(&fs::read(path).unwrap()).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()))
}

/// The reference folder `below` the one beside this checkout, or nothing, said in one line.
fn reference(below: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(below);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none_or(|value| value != "true"),
        "{} is missing",
        folder.display()
    );
    println!("SKIPPED: there is no ../shared/{below}");
    None
}

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

/// A sample with one thing wrong, and the findings that it must have.
fn violations() -> Vec<(String, Value, Vec<(String, String)>)> {
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
