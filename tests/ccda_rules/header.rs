//! The header.

use super::check_document;
use super::convert;
use super::document;
use super::first;
use cartage::translate::ccda::UsCore;

fn person(element: &str, role: &str, inner: &str, name: &str) -> String {
    format!(
        "<{element}><time value=\"20260301\"/><{role}><id root=\"1.2\" extension=\"{name}\"/><{inner}><name>\
         <given>Odo</given><family>{name}</family></name></{inner}></{role}></{element}>"
    )
}

#[test]
fn those_who_helped_the_author_are_agents() {
    let header = [
        person("author", "assignedAuthor", "assignedPerson", "Author"),
        person("dataEnterer", "assignedEntity", "assignedPerson", "Typist"),
        person("informant", "assignedEntity", "assignedPerson", "Witness"),
    ];
    let entry = r#"<entry><observation classCode="OBS" moodCode="EVN"><T:2/><id root="1.2" extension="o"/>
        <code code="2345-7" codeSystem="2.16.840.1.113883.6.1"/><value xsi:type="PQ" value="90" unit="mg/dL"/>
        </observation></entry>"#;
    let document = document(&header.concat(), "30954-2", entry);
    let expected = [
        ("/agent/0/type/coding/0/code", "author"),
        ("/agent/1/type/coding/0/code", "enterer"),
        ("/agent/2/type/coding/0/code", "informant"),
        ("/entity/0/role", "source"),
    ];
    check_document(&document, UsCore::default(), "Provenance", &expected);
}

#[test]
fn a_consent_is_kept() {
    let header = r#"<authorization typeCode="AUTH"><consent classCode="CONS" moodCode="EVN"><id root="1.2" extension="c"/>
        <code code="64293-4" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/></consent></authorization>"#;
    let expected = [
        ("/status", "active"),
        ("/identifier/0/value", "\"c\""),
        ("/category/0/coding/0/code", "\"64293-4\""),
    ];
    check_document(
        &document(header, "48765-2", ""),
        UsCore::default(),
        "Consent",
        &expected,
    );
}

#[test]
fn the_patient_is_who_the_social_history_says() {
    let told = |template: u16, code: &str, value: &str| {
        format!(
            r#"<entry><observation classCode="OBS" moodCode="EVN"><T:{template}/><code code="{code}"/>
            <value xsi:type="CD" code="{value}" codeSystem="2.16.840.1.113883.5.1"/></observation></entry>"#
        )
    };
    let entries = [told(200, "76689-9", "F"), told(507, "46098-0", "248152002")];
    let document = document("", "29762-2", &entries.concat());
    let expected = [
        ("/extension/0/valueCode", "F"),
        ("/extension/1/valueCode", "\"248152002\""),
    ];
    check_document(&document, UsCore::default(), "Patient", &expected);
    let outcome = convert(&document, UsCore::default());
    assert_eq!(first(&outcome, "Observation"), None);
    assert_eq!(outcome.left_behind, []);
}
