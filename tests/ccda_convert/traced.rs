//! That every value of the output knows where it came from.

use std::collections::BTreeSet;

use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Narrative;
use cartage::translate::ccda::Options;
use cartage::translate::ccda::Outcome;
use serde_json::Value;

use super::ccda_support;
use super::shape;

/// A value: the entry of the Bundle and the path in its resource.
type Spot = (usize, String);

/// Checks that the lineage names exactly the values that are there, each with a source and a rule.
#[track_caller]
fn assert_traced(name: &str, outcome: &Outcome) {
    let bundle: Value = serde_json::from_str(&outcome.bundle).unwrap();
    let mut there = BTreeSet::new();
    for (number, entry) in bundle["entry"].as_array().unwrap().iter().enumerate() {
        for (key, member) in entry["resource"].as_object().unwrap() {
            if !["resourceType", "id", "meta"].contains(&key.as_str()) {
                collect(number, key, member, &mut there);
            }
        }
    }
    let traced: BTreeSet<Spot> = outcome
        .lineage
        .iter()
        .map(|leaf| (leaf.resource, leaf.path.clone()))
        .collect();
    let untraced: Vec<&Spot> = there.difference(&traced).take(3).collect();
    let invented: Vec<&Spot> = traced.difference(&there).take(3).collect();
    assert!(
        untraced.is_empty() && invented.is_empty(),
        "{name}: without source {untraced:?}, not there {invented:?}"
    );
    assert_eq!(
        outcome.lineage.len(),
        traced.len(),
        "{name}: a value has two sources"
    );
    for leaf in &outcome.lineage {
        let known = leaf.source.starts_with("/ClinicalDocument") && !leaf.rule.is_empty();
        assert!(known, "{name}: {leaf:?}");
    }
}

fn collect(number: usize, path: &str, value: &Value, found: &mut BTreeSet<Spot>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                collect(number, &format!("{path}.{key}"), member, found);
            }
        }
        Value::Array(elements) => {
            for (place, element) in elements.iter().enumerate() {
                collect(number, &format!("{path}[{place}]"), element, found);
            }
        }
        _ => {
            found.insert((number, path.to_owned()));
        }
    }
}

fn convert(document: &[u8], narrative: Narrative) -> Outcome {
    let options = Options {
        lineage: true,
        narrative,
        ..Options::default()
    };
    Converter::embedded().convert(document, &options).unwrap()
}

#[test]
fn every_value_of_our_own_document_is_traced() {
    for narrative in [Narrative::Full, Narrative::Section, Narrative::None] {
        assert_traced("summary", &convert(super::SUMMARY.as_bytes(), narrative));
    }
}

#[test]
fn every_value_of_the_reference_documents_is_traced() {
    for folder in ["ccda/hl7-examples", "ccda/ccda-ig-examples"] {
        for sample in ccda_support::samples(folder) {
            let document = String::from_utf8(sample.bytes).ok();
            let document = document.and_then(|text| shape::as_document(&text));
            if let Some(document) = document.filter(|text| roxmltree::Document::parse(text).is_ok()) {
                assert_traced(&sample.name, &convert(document.as_bytes(), Narrative::Section));
            }
        }
    }
    // A few of those of each vendor show what is the same in all of them.
    for sample in ccda_support::vendor_documents().iter().step_by(9) {
        assert_traced(&sample.name, &convert(&sample.bytes, Narrative::Full));
    }
}
