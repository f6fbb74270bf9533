//! C-CDA to FHIR: one invented document word for word, and what has to be true of every document there is.
//!
//! `UPDATE_GOLDEN=1` writes the expected file anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "ccda_support/mod.rs"]
mod ccda_support;
#[path = "ccda_convert/changed.rs"]
mod changed;
#[path = "ccda_convert/shape.rs"]
mod shape;
#[path = "ccda_convert/traced.rs"]
mod traced;

use std::env;
use std::fs;
use std::path::Path;

use cartage::ccda::Refusal;
use cartage::mapping::ccda::Mapping;
use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Narrative;
use cartage::translate::ccda::Options;
use cartage::translate::ccda::Product;
use cartage::translate::ccda::Reason;
use serde_json::Value;

const SUMMARY: &str = include_str!("data/ccda/summary.xml");

fn convert(document: &str) -> Value {
    let bundle = Converter::embedded()
        .bundle(document.as_bytes(), &Options::default())
        .unwrap();
    serde_json::from_str(&bundle).unwrap()
}

fn of_type<'b>(bundle: &'b Value, kind: &str) -> Vec<&'b Value> {
    let entries = bundle["entry"].as_array().unwrap().iter();
    entries
        .map(|entry| &entry["resource"])
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

#[test]
fn the_summary_is_converted_word_for_word() {
    let bundle = serde_json::to_string_pretty(&convert(SUMMARY)).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ccda/summary.json");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &bundle).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (number, (ours, theirs)) in bundle.lines().zip(expected.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", number + 1);
    }
    assert_eq!(bundle.len(), expected.len());
}

#[test]
fn an_ended_problem_is_not_active_and_its_time_borrows_an_offset() {
    let bundle = convert(SUMMARY);
    let condition = of_type(&bundle, "Condition")[0];
    assert_eq!(condition["clinicalStatus"]["coding"][0]["code"], "resolved");
    assert_eq!(condition["onsetDateTime"], "2019-05-01T12:30:00-06:00");
    assert_eq!(condition["abatementDateTime"], "2020-01-01");
    assert_eq!(condition["code"]["text"], "Gout <left toe>");
}

#[test]
fn narrative_is_safe() {
    let bundle = Converter::embedded()
        .bundle(SUMMARY.as_bytes(), &Options::default())
        .unwrap();
    assert!(!bundle.contains("javascript"));
    assert!(bundle.contains("Gout &lt;left toe&gt;"));
}

#[test]
fn digits_and_units_are_kept_and_a_code_is_added() {
    let bundle = convert(SUMMARY);
    let observations = of_type(&bundle, "Observation");
    let pressure = observations
        .iter()
        .find(|observation| observation["code"]["coding"][0]["code"] == "85354-9")
        .unwrap();
    let systolic = &pressure["component"][0]["valueQuantity"];
    assert_eq!(systolic["value"].to_string(), "120.0");
    assert_eq!(systolic["unit"], "mmHg");
    assert_eq!(systolic["code"], "mm[Hg]");
    assert_eq!(observations.len(), 2, "the panel and the pressure");
}

#[test]
fn notes_say_what_was_odd_and_where_without_values() {
    let outcome = Converter::embedded()
        .convert(SUMMARY.as_bytes(), &Options::default())
        .unwrap();
    let notes: Vec<String> = outcome.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes
            .iter()
            .any(|note| note.contains("ccda.zone-assumed") && note.contains("line 48")),
        "{notes:#?}"
    );
    assert!(
        notes.iter().any(|note| note.contains("ccda.unit-repaired")),
        "{notes:#?}"
    );
    assert!(
        notes
            .iter()
            .all(|note| !note.contains("Quimby") && !note.contains("Gout"))
    );
    assert_eq!(outcome.left_behind, []);
}

#[test]
fn every_value_knows_its_source_and_its_rule() {
    let options = Options {
        lineage: true,
        ..Options::default()
    };
    let outcome = Converter::embedded()
        .convert(SUMMARY.as_bytes(), &options)
        .unwrap();
    let onset = outcome
        .lineage
        .iter()
        .find(|leaf| leaf.path == "onsetDateTime")
        .unwrap();
    assert!(
        onset.source.ends_with("/observation[1]/effectiveTime[1]/low[1]"),
        "{onset:?}"
    );
    assert_eq!(onset.rule, "ccda/problems.toml: problem.onset[x]");
}

#[test]
fn the_products_have_their_shapes() {
    let of = |product| {
        let options = Options {
            product,
            ..Options::default()
        };
        let bundle = Converter::embedded()
            .bundle(SUMMARY.as_bytes(), &options)
            .unwrap();
        let bundle: Value = serde_json::from_str(&bundle).unwrap();
        let first = bundle["entry"][0]["resource"]["resourceType"]
            .as_str()
            .unwrap()
            .to_owned();
        (bundle["type"].as_str().unwrap().to_owned(), first, bundle)
    };
    let (kind, first, _) = of(Product::Document);
    assert_eq!((&*kind, &*first), ("document", "Composition"));
    let (kind, first, _) = of(Product::Collection);
    assert_eq!((&*kind, &*first), ("collection", "Patient"));
    let (_, _, bundle) = of(Product::Attachment);
    let document = of_type(&bundle, "DocumentReference")[0];
    let attachment = &document["content"][0]["attachment"];
    assert_eq!(attachment["size"], SUMMARY.len());
    assert!(attachment["hash"].as_str().unwrap().len() == 28);
    assert!(of_type(&bundle, "Condition").is_empty());
}

#[test]
fn another_document_type_is_refused() {
    let refused = Converter::embedded().bundle(b"<Bundle/>", &Options::default());
    assert_eq!(refused, Err(Refusal::NotClinicalDocument));
}

#[test]
fn every_document_converts_to_a_sound_bundle_and_twice_to_the_same() {
    for sample in ccda_support::vendor_documents() {
        for narrative in [Narrative::Section, Narrative::Full] {
            let options = Options {
                narrative,
                ..Options::default()
            };
            let converted = Converter::embedded().bundle(&sample.bytes, &options);
            let bundle = converted.unwrap_or_else(|refusal| panic!("{}: {refusal}", sample.name));
            shape::assert_sound(&sample.name, &bundle);
            let again = Converter::embedded().bundle(&sample.bytes, &options).unwrap();
            assert!(
                bundle == again,
                "{} converts differently the second time",
                sample.name
            );
        }
    }
}

#[test]
fn every_fragment_converts_inside_a_document_without_a_lost_statement() {
    let mut lost = Vec::new();
    let mut converted_ones = 0;
    for folder in ["ccda/hl7-examples", "ccda/ccda-ig-examples"] {
        for sample in ccda_support::samples(folder) {
            let Ok(text) = String::from_utf8(sample.bytes) else {
                continue;
            };
            let Some(document) = shape::as_document(&text) else {
                continue;
            };
            if roxmltree::Document::parse(&document).is_err() {
                // Some of the fragments are no XML.
                continue;
            }
            let converted = Converter::embedded().convert(document.as_bytes(), &Options::default());
            let outcome = converted.unwrap_or_else(|refusal| panic!("{}: {refusal}", sample.name));
            shape::assert_sound(&sample.name, &outcome.bundle);
            converted_ones += 1;
            let without = outcome
                .left_behind
                .iter()
                .filter(|left| left.reason == Reason::NoRule);
            lost.extend(without.map(|left| format!("{}: {}", sample.name, left.place)));
        }
    }
    assert!(
        converted_ones == 0 || converted_ones > 670,
        "only {converted_ones}"
    );
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn an_analyst_changes_a_table_and_sees_it_take_effect() {
    let folder = env::temp_dir().join(format!("cartage-mapping-{}", std::process::id()));
    fs::create_dir_all(folder.join("codes")).unwrap();
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/codes/ccda-units.csv");
    let units = fs::read_to_string(units).unwrap() + "quux,{quux}\n";
    fs::write(folder.join("codes/ccda-units.csv"), units).unwrap();
    let mapping = Mapping::from_folder(&folder);
    fs::remove_dir_all(&folder).unwrap();
    let converter = Converter::new(mapping.unwrap()).unwrap();
    let document = SUMMARY.replace("\"mmHg\"", "\"quux\"");
    let code = |converter: &Converter| {
        let bundle = converter
            .bundle(document.as_bytes(), &Options::default())
            .unwrap();
        bundle.contains("{quux}")
    };
    assert!(code(&converter));
    assert!(!code(Converter::embedded()));
}

#[test]
fn a_mapping_that_makes_no_sense_is_refused_with_its_place() {
    let mut mapping = Mapping::embedded().unwrap();
    let (_, file) = mapping
        .files
        .iter_mut()
        .find(|(name, _)| name == "ccda/allergies.toml")
        .unwrap();
    file.entry[0].row[0].make = "magic".to_owned();
    let fault = Converter::new(mapping).err().unwrap();
    assert_eq!(
        fault.to_string(),
        "ccda/allergies.toml: allergy.identifier[]: no function is called magic"
    );
}
