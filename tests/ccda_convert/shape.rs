//! What has to be true of every Bundle.

use std::collections::BTreeSet;

use serde_json::Value;

/// Checks that `bundle` is JSON without anything empty or said twice, and that all its references lead somewhere.
#[track_caller]
pub(crate) fn assert_sound(name: &str, bundle: &str) {
    let value: Value = serde_json::from_str(bundle).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    // A member that is there twice would be lost on the way through a map.
    assert_eq!(members(bundle), count(&value), "{name}: a member is there twice");
    assert_full(name, &value);
    let entries = value["entry"].as_array().unwrap();
    let targets: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry["fullUrl"].as_str().unwrap())
        .collect();
    assert_eq!(
        targets.len(),
        entries.len(),
        "{name}: two resources have the same id"
    );
    for entry in entries {
        assert_resolved(name, &entry["resource"], &targets);
    }
}

/// How many members the objects of a JSON text have.
fn members(json: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    let mut escaped = false;
    for letter in json.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            ':' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(count).sum::<usize>(),
        Value::Array(list) => list.iter().map(count).sum(),
        _ => 0,
    }
}

#[track_caller]
fn assert_full(name: &str, value: &Value) {
    match value {
        Value::Object(object) => {
            assert!(!object.is_empty(), "{name}: an object is empty");
            for value in object.values() {
                assert_full(name, value);
            }
        }
        Value::Array(list) => {
            assert!(!list.is_empty(), "{name}: a list is empty");
            for value in list {
                assert_full(name, value);
            }
        }
        Value::String(text) => assert!(!text.trim().is_empty(), "{name}: a text is empty"),
        Value::Null => panic!("{name}: a null"),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[track_caller]
fn assert_resolved(name: &str, value: &Value, targets: &BTreeSet<&str>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("reference") {
                assert!(
                    targets.contains(&**reference) || reference.starts_with('#'),
                    "{name}: {reference} leads nowhere"
                );
            }
            for value in object.values() {
                assert_resolved(name, value, targets);
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|value| assert_resolved(name, value, targets)),
        _ => {}
    }
}

/// A fragment of a document inside one that is whole; `None` if it is no part of a document.
pub(crate) fn as_document(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let text = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>")?.1,
        None => text,
    };
    let root = first_element(text)?;
    let local = root.rsplit(':').next()?;
    if local == "ClinicalDocument" {
        return Some(text.to_owned());
    }
    let around = around(local)?;
    // The outermost comes first, each with what it needs to be one.
    let mut whole = text.to_owned();
    for element in around.iter().rev() {
        let name = element.split(' ').next()?;
        whole = format!("<{element}>{whole}</{name}>");
    }
    Some(format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:sdtc=\"urn:hl7-org:sdtc\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"1.2.3\"/>\
         <effectiveTime value=\"20260101000000+0000\"/>{whole}</ClinicalDocument>"
    ))
}

/// Around a statement.
const STATEMENT: &[&str] = &["component", "structuredBody", "component", "section", "entry"];
/// Around a part of a statement.
const PART: &[&str] = &[
    "component",
    "structuredBody",
    "component",
    "section",
    "entry",
    "procedure classCode=\"PROC\" moodCode=\"EVN\"",
];
/// Around what is injected or swallowed.
const PRODUCT: &[&str] = &[
    "component",
    "structuredBody",
    "component",
    "section",
    "entry",
    "substanceAdministration classCode=\"SBADM\" moodCode=\"EVN\"",
    "consumable",
];
/// Around a place.
const ROLE: &[&str] = &[
    "component",
    "structuredBody",
    "component",
    "section",
    "entry",
    "procedure classCode=\"PROC\" moodCode=\"EVN\"",
    "participant typeCode=\"LOC\"",
];

/// The elements around a part of a document, the outermost first; `None` for parts that are only values.
fn around(local: &str) -> Option<&'static [&'static str]> {
    Some(match local {
        "section" => &["component", "structuredBody", "component"],
        "component" => &["component", "structuredBody"],
        "structuredBody" | "nonXMLBody" => &["component"],
        "observation"
        | "act"
        | "organizer"
        | "procedure"
        | "encounter"
        | "substanceAdministration"
        | "supply" => STATEMENT,
        "entry" => &["component", "structuredBody", "component", "section"],
        "entryRelationship" | "externalDocument" | "criterion" => PART,
        "manufacturedProduct" => PRODUCT,
        "participantRole" => ROLE,
        "assignedAuthor" => &["author"],
        "serviceEvent" => &["documentationOf"],
        "performer" => &["documentationOf", "serviceEvent classCode=\"PCPR\""],
        "encounterParticipant" => &["componentOf", "encompassingEncounter"],
        "recordTarget"
        | "author"
        | "custodian"
        | "informant"
        | "dataEnterer"
        | "legalAuthenticator"
        | "authenticator"
        | "participant"
        | "informationRecipient"
        | "inFulfillmentOf"
        | "documentationOf"
        | "relatedDocument"
        | "authorization"
        | "componentOf" => &[],
        _ => return None,
    })
}

/// The name of the first element.
fn first_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')?..)?;
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1;
        } else if rest.starts_with("<?") {
            rest = rest.split_once("?>")?.1;
        } else {
            let name = rest.get(1..)?;
            let end = name.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'))?;
            return name.get(..end);
        }
    }
}
