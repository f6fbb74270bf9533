//! The facts of FHIR messages, from the few paths that name parties and documents.

use serde_json::Value as Json;

use crate::base::ids::Npi;
use crate::base::place::Place;
use crate::fhir::member_of;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::value::Value;

/// The facts of a `Task`, or of the `Parameters` of `$submit-attachment`; nothing of any other resource.
pub fn read(resource: &Json) -> Option<Facts> {
    let mut facts = Facts::default();
    match text(resource, "resourceType")? {
        "Task" => read_task(resource, &mut facts),
        "Parameters" => read_submission(resource, &mut facts),
        _ => return None,
    }
    Some(facts)
}

/// The facts of a read or search: the kind, the FHIR type, and the partner that the path names.
pub fn read_query(message: Message, resource: &str, partner: &str) -> Facts {
    let mut facts = Facts::default();
    facts.add(
        Key::Message,
        Value::from(message),
        Source::Known("the request line"),
    );
    facts.read(Key::Resource, resource, Source::Known("the path"));
    facts.for_partner(partner);
    facts
}

fn read_task(task: &Json, facts: &mut Facts) {
    facts.add(Key::Message, Value::from(Message::Task), at("Task".to_owned()));
    note_version(task, "Task", facts);
    note_identifier(
        task.pointer("/requester/identifier"),
        Key::PayerId,
        "Task.requester.identifier",
        facts,
    );
    for (number, contained) in list(task, "contained").enumerate() {
        if text(contained, "resourceType") == Some("PractitionerRole") {
            let path = format!("Task.contained[{number}]");
            let [practitioner, organization] = ["practitioner", "organization"]
                .map(|member| contained.pointer(&format!("/{member}/identifier")));
            note_identifier(
                practitioner,
                Key::ProviderNpi,
                &format!("{path}.practitioner.identifier"),
                facts,
            );
            note_identifier(
                organization,
                Key::Organization,
                &format!("{path}.organization.identifier"),
                facts,
            );
        }
    }
    note_identifier(
        task.pointer("/owner/identifier"),
        Key::ProviderNpi,
        "Task.owner.identifier",
        facts,
    );
    let reasons = task
        .get("reasonCode")
        .into_iter()
        .flat_map(|reason| list(reason, "coding"));
    for (number, coding) in reasons.enumerate() {
        if let Some(word) = text(coding, "code").filter(|word| is_word(Key::AttachTo, word)) {
            facts.read(
                Key::AttachTo,
                word,
                at(format!("Task.reasonCode.coding[{number}].code")),
            );
        }
    }
    for (number, input) in list(task, "input").enumerate() {
        note_codes(
            input.get("valueCodeableConcept"),
            &format!("Task.input[{number}].value"),
            facts,
        );
    }
}

fn read_submission(parameters: &Json, facts: &mut Facts) {
    facts.add(
        Key::Message,
        Value::from(Message::SubmitAttachment),
        at("Parameters".to_owned()),
    );
    facts.in_conversation(Conversation::Unknown);
    note_version(parameters, "Parameters", facts);
    for (number, parameter) in list(parameters, "parameter").enumerate() {
        let path = format!("Parameters.parameter[{number}]");
        let key = match text(parameter, "name") {
            Some("PayerId") => Key::PayerId,
            Some("OrganizationId") => Key::Organization,
            Some("ProviderId") => Key::ProviderNpi,
            Some("AttachTo") => {
                if let Some(word) = text(parameter, "valueCode") {
                    facts.read(Key::AttachTo, word, at(format!("{path}.value")));
                }
                continue;
            }
            Some("Attachment") => {
                for (number, part) in list(parameter, "part").enumerate() {
                    if text(part, "name") == Some("Code") {
                        note_codes(
                            part.get("valueCodeableConcept"),
                            &format!("{path}.part[{number}].value"),
                            facts,
                        );
                    }
                }
                continue;
            }
            _ => continue,
        };
        note_identifier(
            parameter.get("valueIdentifier"),
            key,
            &format!("{path}.value"),
            facts,
        );
    }
}

/// The version of the first profile that names one: `…|2.1.0`.
fn note_version(resource: &Json, path: &str, facts: &mut Facts) {
    let profiles = resource
        .get("meta")
        .into_iter()
        .flat_map(|meta| list(meta, "profile"));
    for (number, profile) in profiles.enumerate() {
        if let Some((_, version)) = profile.as_str().and_then(|profile| profile.split_once('|')) {
            facts.read(
                Key::Version,
                version,
                at(format!("{path}.meta.profile[{number}]")),
            );
            return;
        }
    }
}

/// An identifier: a tax id by its system, or a value of `key`.
///
/// What is said to be a provider and is not an NPI is left out without a remark: FHIR leaves the system open.
fn note_identifier(identifier: Option<&Json>, key: Key, path: &str, facts: &mut Facts) {
    let Some(value) = identifier.and_then(|identifier| text(identifier, "value")) else {
        return;
    };
    let system = identifier.and_then(|identifier| text(identifier, "system"));
    let key = match system {
        Some(TAX_ID) => Key::Tin,
        _ if key == Key::ProviderNpi && system != Some(NPI) && Npi::parse(value).is_err() => return,
        _ => key,
    };
    facts.read(key, value, at(format!("{path}.value")));
}

/// The LOINC codes of a concept.
fn note_codes(concept: Option<&Json>, path: &str, facts: &mut Facts) {
    for (number, coding) in concept
        .into_iter()
        .flat_map(|concept| list(concept, "coding"))
        .enumerate()
    {
        if let (Some(LOINC), Some(code)) = (text(coding, "system"), text(coding, "code")) {
            facts.read(Key::Loinc, code, at(format!("{path}.coding[{number}].code")));
        }
    }
}

fn is_word(key: Key, text: &str) -> bool {
    key.words().is_some_and(|words| words.contains(&text))
}

fn text<'a>(object: &'a Json, member: &str) -> Option<&'a str> {
    member_of(object, member).and_then(Json::as_str)
}

fn list<'a>(object: &'a Json, member: &str) -> impl Iterator<Item = &'a Json> {
    member_of(object, member)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
}

fn at(expression: String) -> Source {
    Source::Read(Place::Fhir {
        expression: expression.into(),
    })
}

const LOINC: &str = "http://loinc.org";
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
const TAX_ID: &str = "urn:oid:2.16.840.1.113883.4.4";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(resource: &str, expected: &[(&str, &str, &str)]) {
        let facts = read(&serde_json::from_str(resource).unwrap()).unwrap();
        let told: Vec<_> = facts
            .all()
            .iter()
            .map(|fact| {
                let path = match &fact.source {
                    Source::Read(Place::Fhir { expression }) => expression.to_string(),
                    other => format!("{other:?}"),
                };
                (fact.key.to_string(), fact.value.to_string(), path)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(key, value, path)| ((*key).to_owned(), (*value).to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_task_names_who_asks_whom_for_what() {
        check(
            r##"{"resourceType": "Task",
                "meta": {"profile": ["http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request|2.1.0"]},
                "contained": [
                    {"resourceType": "Patient", "identifier": [{"value": "CANARY"}]},
                    {"resourceType": "PractitionerRole",
                        "practitioner": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
                        "organization": {"identifier": {"system": "urn:oid:2.16.840.1.113883.4.4", "value": "12-3456789"}}}],
                "requester": {"identifier": {"value": "60054"}},
                "owner": {"reference": "#practitionerrole"},
                "reasonCode": {"coding": [{"system": "http://hl7.org/fhir/claim-use", "code": "claim"}]},
                "input": [
                    {"type": {}, "valueUrl": "https://payer.example"},
                    {"type": {}, "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}}]}"##,
            &[
                ("message", "task", "Task"),
                ("version", "2.1.0", "Task.meta.profile[0]"),
                ("payer-id", "60054", "Task.requester.identifier.value"),
                (
                    "provider-npi",
                    "1234567893",
                    "Task.contained[1].practitioner.identifier.value",
                ),
                ("loinc", "18842-5", "Task.input[1].value.coding[0].code"),
                (
                    "tin",
                    "[private]",
                    "Task.contained[1].organization.identifier.value",
                ),
                ("attach-to", "claim", "Task.reasonCode.coding[0].code"),
            ],
        );
    }

    #[test]
    fn a_submission_names_payer_provider_and_documents() {
        check(
            r#"{"resourceType": "Parameters", "parameter": [
                {"name": "TrackingId", "valueIdentifier": {"value": "T1"}},
                {"name": "AttachTo", "valueCode": "preauthorization"},
                {"name": "PayerId", "valueIdentifier": {"value": "00520"}},
                {"name": "OrganizationId", "valueIdentifier": {"value": "1999999992"}},
                {"name": "ProviderId", "valueIdentifier": {"value": "local-7"}},
                {"name": "MemberId", "valueIdentifier": {"value": "CANARY"}},
                {"name": "Attachment", "part": [
                    {"name": "Code", "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]}},
                    {"name": "Content", "resource": {"resourceType": "DocumentReference"}}]}]}"#,
            &[
                ("message", "submit-attachment", "Parameters"),
                ("payer-id", "00520", "Parameters.parameter[2].value.value"),
                (
                    "organization",
                    "1999999992",
                    "Parameters.parameter[3].value.value",
                ),
                (
                    "loinc",
                    "11506-3",
                    "Parameters.parameter[6].part[0].value.coding[0].code",
                ),
                ("attach-to", "preauthorization", "Parameters.parameter[1].value"),
            ],
        );
    }

    #[test]
    fn other_resources_have_no_facts() {
        assert!(read(&serde_json::json!({"resourceType": "Patient"})).is_none());
        assert!(read(&serde_json::json!([])).is_none());
    }

    #[test]
    fn a_query_is_known_by_its_type_and_partner() {
        let facts = read_query(Message::FhirSearch, "Condition", "lakeside");
        assert_eq!(facts.first(Key::Resource), Some("Condition"));
        assert_eq!(facts.named_partner(), Some("lakeside"));
    }
}
