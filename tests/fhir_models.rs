//! The models of the FHIR side: nothing of a message is lost on the way through them, and every value has its place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and may say what they skip"
)]

mod fhir;

use std::collections::BTreeSet;

use cartage::base::finding::Severity;
use cartage::base::place::Place;
use cartage::fhir::Places;
use cartage::fhir::attachment_request::AttachTo;
use cartage::fhir::attachment_request::AttachmentRequest;
use cartage::fhir::attachment_request::Wish;
use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::data_request::DataRequest;
use cartage::fhir::draft::Lineage;
use cartage::fhir::element::Identifier;
use cartage::fhir::json;
use cartage::fhir::leaf::Leaf;
use cartage::fhir::leaf::Source;
use cartage::fhir::leaves;
use cartage::fhir::resource::Organization;
use cartage::fhir::resource::Patient;
use cartage::fhir::resource::bundle::Bundle;
use cartage::fhir::resource::parameters::Parameters;
use cartage::fhir::resource::task::Task;
use cartage::fhir::submission::Submission;
use cartage::fhir::version::CdexVersion;
use serde_json::Value;

use fhir::Account;
use fhir::read_folder;
use fhir::reference;
use fhir::samples;

/// Reads and writes a resource of a type that we have a model of.
fn again(resource: &Value) -> Option<Account> {
    let (noted, lineage) = (Places::Noted, Lineage::Noted);
    match resource["resourceType"].as_str()? {
        "Task" => Task::from_json(resource, noted).map(|task| task.wrote(lineage).into()),
        "Parameters" => {
            Parameters::from_json(resource, noted).map(|parameters| parameters.wrote(lineage).into())
        }
        "Bundle" => Bundle::from_json(resource, noted).map(|bundle| bundle.wrote(lineage).into()),
        "Patient" => Patient::from_json(resource, noted).map(|patient| patient.wrote(lineage).into()),
        "Organization" => Organization::from_json(resource, noted).map(|payer| payer.wrote(lineage).into()),
        _ => None,
    }
}

/// Holds that a resource is written as it was read, and that every value is accounted for with its own place.
#[track_caller]
fn check_lossless(name: &str, resource: &Value) {
    let account = again(resource).unwrap_or_else(|| panic!("{name} is not read"));
    assert_eq!(&account.resource, resource, "{name}");
    for (target, source) in &account.lines {
        let place = Place::Fhir {
            expression: target.as_str().into(),
        };
        assert_eq!(*source, Source::Read(place), "{name}");
    }
    let targets: BTreeSet<Box<str>> = account.lines.into_iter().map(|line| line.0.into()).collect();
    assert_eq!(targets, leaves(resource).into_iter().collect(), "{name}");
}

#[test]
fn what_is_read_is_written_again_and_every_value_is_accounted_for() {
    for (name, resource) in samples() {
        check_lossless(&name, &resource);
    }
    let odd = br#"{"resourceType":"Task","status":5,"code":{"coding":"x"},"input":[{"valueDecimal":72.50,
        "_valueDecimal":{"id":"a"}}],"identifier":{"value":"y"},"for":null,"note":[],"owner":{}}"#;
    let odd = json::read(odd).unwrap();
    let account = again(&odd).unwrap();
    let mut mended = Task::from_json(&odd, Places::Noted).unwrap();
    mended.status = Some(Leaf::fixed("requested", "test"));
    let mended = mended.wrote(Lineage::Skipped).value();
    assert_eq!(
        mended["status"], "requested",
        "a field takes the place of what was kept under its name"
    );
    assert_eq!(account.resource["status"], odd["status"]);
    assert!(json::text(&account.resource).contains("72.50"));
}

#[test]
fn corpus_examples_are_written_as_they_were_read() {
    let mut written = 0;
    for below in ["spec/fhir/examples", "spec/fhir/pas/examples"] {
        let Some(folder) = reference(below) else { continue };
        for (name, resource) in read_folder(&folder) {
            if again(&resource).is_some() {
                check_lossless(&name, &resource);
                written += 1;
            }
        }
    }
    assert!(written == 0 || written >= 40, "{written} examples");
}

fn request(name: &str) -> AttachmentRequest {
    AttachmentRequest::read(&samples()[name], Places::Noted).unwrap()
}

/// The value of an identifier and the place it was read at.
fn value(identifier: Option<&Identifier>) -> (&str, String) {
    let leaf = identifier
        .and_then(|identifier| identifier.value.as_ref())
        .unwrap();
    (leaf.disclose(), place(&leaf.source))
}

fn place(source: &Source) -> String {
    match source {
        Source::Read(place) => place.to_string(),
        Source::Fixed(rule) => panic!("fixed by {rule}"),
    }
}

#[test]
fn the_fields_of_a_request_know_their_places() {
    let request = request("attachment-request");
    let is = |identifier: &Option<Identifier>, text: &str, at: &str| {
        assert_eq!(value(identifier.as_ref()), (text, format!("Task.{at}.value")));
    };
    is(&request.tracking_id, "ACN-1", "identifier[0]");
    is(&request.member_id, "M-2001", "contained[0].identifier[0]");
    is(&request.patient_account, "AC-77", "contained[0].identifier[1]");
    is(&request.payer, "PAYER01", "requester.identifier");
    is(
        &request.provider,
        "1234567893",
        "contained[1].practitioner.identifier",
    );
    is(
        &request.organization,
        "1999999992",
        "contained[1].organization.identifier",
    );
    is(&request.claim, "CLM-9", "reasonReference.identifier");
    assert_eq!(*request.attach_to.as_ref().unwrap().disclose(), AttachTo::Claim);
    assert_eq!(
        place(&request.due.as_ref().unwrap().source),
        "Task.restriction.period.end"
    );
    assert_eq!(
        place(&request.payer_url.as_ref().unwrap().source),
        "Task.input[2].value"
    );
    assert_eq!(request.service_date.as_ref().unwrap().disclose(), "2026-10-01");
    let lines = request.items[0]
        .lines
        .iter()
        .map(|line| (*line.disclose(), place(&line.source)));
    let at = |number| format!("Task.input[0].extension[{number}].value");
    assert_eq!(lines.collect::<Vec<_>>(), [(1, at(0)), (2, at(1))]);
    let Wish::Document(kind) = &request.items[1].what else {
        panic!("a document is asked for")
    };
    assert_eq!(
        place(&kind.codings[0].code.as_ref().unwrap().source),
        "Task.input[1].value.coding[0].code"
    );
    assert!(
        request.signature.is_some() && request.multiple_submits.is_some() && request.purpose_of_use.is_some()
    );
}

#[test]
fn tasks_of_pas_are_read_into_the_same_model() {
    let codes = request("pas-task-2.2.1");
    assert_eq!(codes.tracking_id.unwrap().value.unwrap().disclose(), "TRC-1");
    assert_eq!(*codes.attach_to.unwrap().disclose(), AttachTo::Preauthorization);
    assert_eq!(codes.patient_reference.unwrap().disclose(), "Patient/p1");
    assert_eq!(codes.claim_reference.unwrap().disclose(), "Claim/c1");
    assert_eq!(*codes.items[0].lines[0].disclose(), 2);
    assert_eq!(codes.items[0].modifiers.len(), 1);
    for name in ["pas-task-questionnaire-2.2.1", "pas-task-questionnaire-2.0.1"] {
        let request = request(name);
        let Wish::Context(context) = &request.items[0].what else {
            panic!("{name} asks for a context")
        };
        assert_eq!(context.disclose(), "CTX-1");
        let made = request.task(CdexVersion::V2_1).unwrap();
        let omitted: Vec<&str> = made.omitted.iter().map(|omission| omission.field).collect();
        assert_eq!(omitted, ["patient-reference", "item.context"]);
    }
}

fn pas_responses() -> Vec<(String, AttachmentRequest)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fhir/pas");
    let responses = read_folder(&folder).into_iter();
    let read = |response| AttachmentRequest::read_pas_response(&response, Places::Noted).unwrap();
    let requests: Vec<_> = responses.map(|(name, response)| (name, read(response))).collect();
    assert_eq!(requests.len(), 2);
    requests
}

#[test]
fn responses_of_pas_say_who_and_which() {
    for (name, request) in pas_responses() {
        let is = |identifier: &Option<Identifier>, text: &str| {
            assert_eq!(value(identifier.as_ref()).0, text, "{name}");
        };
        is(&request.tracking_id, "EVT-1");
        is(&request.admin_reference, "REF-8");
        is(&request.payer, "PAYER01");
        is(&request.organization, "1999999992");
        is(&request.provider, "1234567893");
        is(&request.member_id, "M-2001");
        is(&request.claim, "PA-9");
        assert_eq!(
            request.service_date.as_ref().unwrap().disclose(),
            "2026-12-01",
            "{name}"
        );
        assert_eq!(
            *request.attach_to.as_ref().unwrap().disclose(),
            AttachTo::Preauthorization,
            "{name}"
        );
    }
}

#[test]
fn responses_of_pas_say_what_is_wanted() {
    for (name, request) in pas_responses() {
        let [document, context, report] = request.items.as_slice() else {
            panic!("{name} asks for three things")
        };
        let Wish::Document(kind) = &document.what else {
            panic!("{name} asks for a document")
        };
        let codes = kind
            .codings
            .iter()
            .map(|coding| coding.code.as_ref().unwrap().disclose().as_ref());
        assert_eq!(codes.collect::<Vec<_>>(), ["18776-5", "OB"], "{name}");
        let code = kind.codings[0].code.as_ref().unwrap();
        assert_eq!(
            place(&code.source),
            "Bundle.entry[1].resource.payload[0].content",
            "{name}"
        );
        assert_eq!(*document.lines[0].disclose(), 3, "{name}");
        assert_eq!(document.modifiers.len(), 1, "{name}");
        assert!(
            matches!(&context.what, Wish::Context(text) if text.disclose() == "CTX-9"),
            "{name}"
        );
        assert!(
            matches!(&report.what, Wish::Document(kind) if kind.codings.len() == 1),
            "{name}"
        );
    }
}

#[test]
fn what_a_response_of_pas_asks_for_can_be_asked_by_a_task() {
    for (name, request) in pas_responses() {
        let documents = request.split().remove(0);
        let task = documents
            .task(CdexVersion::V3_0)
            .unwrap()
            .it
            .wrote(Lineage::Skipped)
            .value();
        let found = check::task(&task, CodeLists::embedded());
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
        let codes: Vec<&str> = errors.map(|finding| finding.code.as_str()).collect();
        // A response says neither a status nor where to send attachments; the flow knows both.
        assert_eq!(
            codes,
            ["task.status-missing", "attachment-request.payer-url-missing"],
            "{name}"
        );
    }
}

#[test]
fn a_communication_request_alone_says_what_is_wanted() {
    let text = br#"{"resourceType":"CommunicationRequest","identifier":[{"value":"ACN-7"}],"payload":[{"contentString":"18776-5"}]}"#;
    let request =
        AttachmentRequest::read_communication_request(&json::read(text).unwrap(), Places::Noted).unwrap();
    assert_eq!(request.tracking_id.unwrap().value.unwrap().disclose(), "ACN-7");
    assert_eq!(request.items.len(), 1);
}

#[test]
fn a_member_that_a_draft_had_wrong_is_repaired() {
    let mut resource = samples()["attachment-request-questionnaire"].clone();
    let input = resource["input"][0].as_object_mut().unwrap();
    input.remove("_valueCanonical");
    let canonical = input.remove("valueCanonical").unwrap();
    input.insert("questionnaire".to_owned(), canonical);
    let request = AttachmentRequest::read(&resource, Places::Noted).unwrap();
    assert!(matches!(request.items[0].what, Wish::Questionnaire { .. }));
    let mut resource = samples()["data-request-query"].clone();
    resource["input"][1]["valueCodeableConcept"]["coding"][0]["code"] = Value::from("operations-noa");
    let purpose = DataRequest::read(&resource, Places::Noted)
        .unwrap()
        .purpose_of_use
        .unwrap();
    assert_eq!(
        purpose.codings[0].code.as_ref().unwrap().disclose(),
        "operations-noe"
    );
}

#[test]
fn requests_for_data_are_read_and_written() {
    for (name, resource) in samples() {
        let Some(request) = DataRequest::read(&resource, Places::Noted) else {
            assert!(!name.starts_with("data-request"), "{name}");
            continue;
        };
        let written = Account::from(request.clone().task().wrote(Lineage::Noted));
        let found = check::task(&written.resource, CodeLists::embedded());
        assert!(found.is_empty(), "{name}: {found:?}");
        assert_eq!(
            DataRequest::read(&written.resource, Places::Noted),
            Some(request),
            "{name}"
        );
        if name != "data-request-hrex" {
            assert_eq!(written.resource, resource, "{name}");
        }
    }
    assert!(DataRequest::read(&samples()["attachment-request"], Places::Noted).is_none());
}

#[test]
fn no_model_prints_what_it_holds() {
    for (name, resource) in samples() {
        let printed = format!(
            "{:?}{:?}{:?}{:?}{:?}",
            AttachmentRequest::read(&resource, Places::Noted),
            DataRequest::read(&resource, Places::Noted),
            Submission::read(&resource, Places::Noted),
            Task::from_json(&resource, Places::Noted),
            Parameters::from_json(&resource, Places::Noted),
        );
        for value in [
            "ACN-1",
            "M-2001",
            "AC-77",
            "CLM-9",
            "1980-02-29",
            "JVBERi0xLjQK",
            "72.50",
            "1234567893",
        ] {
            assert!(!printed.contains(value), "{name} prints {value}");
        }
    }
}
