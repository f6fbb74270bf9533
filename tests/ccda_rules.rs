//! The rules of the mapping one by one: an entry in, an element of its resource out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "ccda_rules/entries.rs"]
mod entries;
#[path = "ccda_rules/header.rs"]
mod header;
#[path = "ccda_rules/odd.rs"]
mod odd;

use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Options;
use cartage::translate::ccda::Outcome;
use cartage::translate::ccda::UsCore;
use serde_json::Value;

/// The common beginning of the templates of entries.
const ENTRY: &str = "2.16.840.1.113883.10.20.22.4.";

/// A document around `header` and one section with the code `section`; `T:9` in it is short for a templateId.
fn document(header: &str, section: &str, inside: &str) -> String {
    let mut text = format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:sdtc=\"urn:hl7-org:sdtc\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"1.2.3\"/>\
         <effectiveTime value=\"20260301120000-0500\"/>{header}<component><structuredBody><component><section>\
         <code code=\"{section}\" codeSystem=\"2.16.840.1.113883.6.1\"/><title>A section</title>{inside}\
         </section></component></structuredBody></component></ClinicalDocument>"
    );
    while let Some(at) = text.find("<T:") {
        let end = at + text[at..].find("/>").unwrap();
        let number = text[at + 3..end].to_owned();
        text.replace_range(at..end, &format!("<templateId root=\"{ENTRY}{number}\""));
    }
    text
}

fn convert(document: &str, us_core: UsCore) -> Outcome {
    let options = Options {
        us_core,
        ..Options::default()
    };
    Converter::embedded()
        .convert(document.as_bytes(), &options)
        .unwrap()
}

/// The first resource of a kind.
fn first(outcome: &Outcome, kind: &str) -> Option<Value> {
    let bundle: Value = serde_json::from_str(&outcome.bundle).unwrap();
    let entries = bundle["entry"].as_array().unwrap().clone();
    entries
        .into_iter()
        .map(|entry| entry["resource"].clone())
        .find(|resource| resource["resourceType"] == kind)
}

/// Checks elements of the first resource of a kind; `null` means that an element is not there.
#[track_caller]
fn check_document(document: &str, us_core: UsCore, kind: &str, expected: &[(&str, &str)]) {
    let outcome = convert(document, us_core);
    let resource = first(&outcome, kind).unwrap_or_else(|| panic!("no {kind}: {}", outcome.bundle));
    for (pointer, value) in expected {
        let found = resource.pointer(pointer).unwrap_or(&Value::Null);
        let wanted: Value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(*value));
        assert_eq!(*found, wanted, "{kind}{pointer} in {resource:#}");
    }
}

/// The same for a document that has one entry.
#[track_caller]
fn check(section: &str, entry: &str, kind: &str, expected: &[(&str, &str)]) {
    let document = document("", section, &format!("<entry>{entry}</entry>"));
    check_document(&document, UsCore::default(), kind, expected);
}
