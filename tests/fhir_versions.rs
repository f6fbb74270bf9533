//! The versions of CDex: each is told by its words, says what it can, and what it cannot say is listed.
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
use cartage::fhir::Places;
use cartage::fhir::attachment_request::AttachmentRequest;
use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::data_request::DataRequest;
use cartage::fhir::draft::Lineage;
use cartage::fhir::json;
use cartage::fhir::leaf::Source;
use cartage::fhir::leaves;
use cartage::fhir::made::Omission;
use cartage::fhir::made::Unwritable;
use cartage::fhir::resource::task::Task;
use cartage::fhir::reword::in_words_of;
use cartage::fhir::submission::Submission;
use cartage::fhir::version::CdexVersion;
use cartage::fhir::version::PasVersion;
use cartage::fhir::version::Wire;
use serde_json::Value;

use fhir::Account;
use fhir::read_folder;
use fhir::reference;
use fhir::samples;

fn cdex(version: CdexVersion) -> Wire {
    Wire::Cdex(version)
}

fn request(name: &str) -> AttachmentRequest {
    AttachmentRequest::read(&samples()[name], Places::Noted).unwrap()
}

#[test]
fn every_version_is_told_by_its_words() {
    let samples = samples();
    for (name, wire) in [
        ("attachment-request", cdex(CdexVersion::V2_1)),
        ("attachment-request-questionnaire", cdex(CdexVersion::V3_0)),
        ("attachment-request-2.0", cdex(CdexVersion::V2_0)),
        ("attachment-request-questionnaire-2.0", cdex(CdexVersion::V2_0)),
        ("attachment-request-1.1", cdex(CdexVersion::V1_1)),
        ("pas-task-2.2.1", Wire::Pas(PasVersion::V2_2_1)),
        ("pas-task-questionnaire-2.2.1", Wire::Pas(PasVersion::V2_2_1)),
        ("pas-task-questionnaire-2.0.1", Wire::Pas(PasVersion::V2_0_1)),
    ] {
        assert_eq!(check::wire_of_task(&samples[name]), wire, "{name}");
    }
    for (name, version) in [
        ("submit", CdexVersion::V2_1),
        ("submit-preauthorization", CdexVersion::V3_0),
        ("submit-1.1", CdexVersion::V1_1),
        ("submit-1.0", CdexVersion::V1_0),
    ] {
        assert_eq!(check::wire_of_parameters(&samples[name]), cdex(version), "{name}");
    }
}

/// What of `before` is not in a Task of `version`.
fn fields(omitted: &[Omission]) -> Vec<&'static str> {
    let mut fields: Vec<&str> = omitted.iter().map(|omission| omission.field).collect();
    fields.sort_unstable();
    fields
}

#[track_caller]
fn check_request(name: &str, version: CdexVersion, expected: Result<&[&str], Unwritable>) {
    let before = request(name);
    let made = before.clone().task(version);
    let omitted = made
        .as_ref()
        .map(|made| fields(&made.omitted))
        .map_err(|refused| *refused);
    assert_eq!(omitted, expected.map(<[&str]>::to_vec), "{name} as {version}");
    let Ok(made) = made else { return };
    let written = Account::from(made.it.wrote(Lineage::Noted));
    let found = check::task(&written.resource, CodeLists::embedded());
    let errors: Vec<_> = found
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{name} as {version}: {errors:?}");
    assert_eq!(
        written.lines.len(),
        leaves(&written.resource).len(),
        "{name}: every value has its line"
    );
    let after = AttachmentRequest::read(&written.resource, Places::Noted).unwrap();
    // 3.0 is told from 2.1 by a number that only some requests have.
    let same = matches!(
        (after.wire, version),
        (Wire::Cdex(CdexVersion::V2_1), CdexVersion::V3_0)
    );
    assert!(same || after.wire == cdex(version), "{name} as {version}");
    if made.omitted.is_empty() {
        // A Task always says in words what it is for.
        let attach_to_text = before.attach_to_text.clone();
        let after = AttachmentRequest {
            wire: before.wire,
            attach_to_text,
            ..after
        };
        assert_eq!(after, before, "{name} as {version}");
    }
}

#[test]
fn each_version_says_what_it_can_and_lists_what_it_cannot() {
    use CdexVersion::V1_0;
    use CdexVersion::V1_1;
    use CdexVersion::V2_0;
    use CdexVersion::V2_1;
    use CdexVersion::V3_0;
    for version in [V2_0, V2_1, V3_0] {
        for name in [
            "attachment-request",
            "attachment-request-2.0",
            "attachment-request-1.1",
            "attachment-request-questionnaire-2.0",
        ] {
            check_request(name, version, Ok(&[]));
        }
    }
    check_request(
        "attachment-request",
        V1_1,
        Ok(&["item.line", "item.line", "organization"]),
    );
    check_request("attachment-request-1.1", V1_1, Ok(&[]));
    check_request(
        "attachment-request-2.0",
        V1_1,
        Ok(&["item.line", "organization", "output"]),
    );
    check_request("attachment-request-questionnaire", V3_0, Ok(&[]));
    check_request("attachment-request-questionnaire", V2_1, Ok(&["admin-reference"]));
    check_request("attachment-request-questionnaire", V2_0, Ok(&["admin-reference"]));
    check_request(
        "attachment-request-questionnaire",
        V1_1,
        Err(Unwritable::NoSuchMessage(V1_1)),
    );
    check_request("attachment-request", V1_0, Err(Unwritable::NoSuchMessage(V1_0)));
}

#[test]
fn a_request_in_its_own_version_is_the_same_task() {
    let samples = samples();
    let mut task = request("attachment-request")
        .task(CdexVersion::V2_1)
        .unwrap()
        .it
        .wrote(Lineage::Skipped)
        .value();
    // People's words beside codes and names are where they were; nothing but their order of members may differ.
    assert_eq!(task, samples["attachment-request"]);
    task = request("attachment-request-1.1")
        .task(CdexVersion::V1_1)
        .unwrap()
        .it
        .wrote(Lineage::Skipped)
        .value();
    task.as_object_mut().unwrap().remove("meta");
    assert_eq!(task, samples["attachment-request-1.1"]);
}

/// The ends of the places that a request of the guide's examples has no field for: words for people beside codes,
/// what says of which kind an element is, and what the examples say about themselves.
const NOT_CARRIED: &[&str] = &[
    "resourceType",
    "display",
    "text",
    "profile[0]",
    "url",
    "meta.extension[0].value",
    "meta.extension[1].value",
    "intent",
    "reference",
    "coding[0].system",
    "coding[0].code",
    "contained[0].id",
    "contained[1].id",
];

#[test]
fn corpus_requests_of_the_guide_are_carried() {
    let Some(folder) = reference("spec/fhir/examples") else {
        return;
    };
    let mut carried = 0;
    for (name, resource) in read_folder(&folder) {
        if resource["resourceType"] != "Task" {
            continue;
        }
        let written = if let Some(request) = DataRequest::read(&resource, Places::Noted) {
            let written = Account::from(request.clone().task().wrote(Lineage::Noted));
            assert_eq!(
                DataRequest::read(&written.resource, Places::Noted),
                Some(request),
                "{name}"
            );
            written
        } else {
            let request = AttachmentRequest::read(&resource, Places::Noted).unwrap();
            let Wire::Cdex(version) = request.wire else {
                panic!("{name} is of PAS")
            };
            let made = request.clone().task(version).unwrap();
            assert_eq!(made.omitted, [], "{name}");
            let written = Account::from(made.it.wrote(Lineage::Noted));
            assert_eq!(
                AttachmentRequest::read(&written.resource, Places::Noted),
                Some(request),
                "{name}"
            );
            written
        };
        carried += 1;
        let sources: BTreeSet<String> = written
            .lines
            .iter()
            .filter_map(|(_, source)| match source {
                Source::Read(place) => Some(place.to_string()),
                Source::Fixed(_) => None,
            })
            .collect();
        let left = leaves(&resource)
            .into_iter()
            .filter(|leaf| !sources.contains(&**leaf));
        let left: Vec<Box<str>> = left
            .filter(|leaf| !NOT_CARRIED.iter().any(|end| leaf.ends_with(end)))
            .collect();
        assert!(left.is_empty(), "{name}: {left:?}");
    }
    assert!(carried >= 30, "{carried} requests");
}

#[test]
fn documents_and_answers_are_asked_for_apart() {
    let mut mixed = request("attachment-request");
    mixed
        .items
        .extend(request("attachment-request-questionnaire").items);
    assert_eq!(mixed.clone().task(CdexVersion::V2_1), Err(Unwritable::Mixed));
    let split = mixed.split();
    assert_eq!(
        split.iter().map(|part| part.items.len()).collect::<Vec<_>>(),
        [2, 1]
    );
    for part in split {
        assert!(part.task(CdexVersion::V2_1).is_ok());
    }
    assert_eq!(AttachmentRequest::new(cdex(CdexVersion::V2_1)).split().len(), 1);
}

fn submission(name: &str) -> Submission {
    Submission::read(&samples()[name], Places::Noted).unwrap()
}

#[track_caller]
fn check_submission(name: &str, version: CdexVersion, expected: &[&str]) {
    let before = submission(name);
    let made = before.clone().parameters(version);
    assert_eq!(fields(&made.omitted), expected, "{name} as {version}");
    let written = Account::from(made.it.wrote(Lineage::Noted));
    let found = check::parameters(&written.resource, CodeLists::embedded());
    let errors: Vec<_> = found
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{name} as {version}: {errors:?}");
    assert_eq!(
        written.lines.len(),
        leaves(&written.resource).len(),
        "{name}: every value has its line"
    );
    let after = Submission::read(&written.resource, Places::Noted).unwrap();
    if made.omitted.is_empty() {
        assert_eq!(
            Submission {
                version: before.version,
                ..after
            },
            before,
            "{name} as {version}"
        );
    }
    if version == before.version {
        let mut resource = written.resource;
        if samples()[name].get("meta").is_none() {
            resource.as_object_mut().unwrap().remove("meta");
        }
        assert_eq!(resource, samples()[name], "{name} as {version}");
    }
}

#[test]
fn each_version_submits_what_it_can_and_lists_what_it_cannot() {
    use CdexVersion::V1_0;
    use CdexVersion::V1_1;
    use CdexVersion::V2_0;
    use CdexVersion::V2_1;
    use CdexVersion::V3_0;
    for version in [V2_0, V2_1, V3_0] {
        check_submission("submit", version, &[]);
        check_submission("submit-1.1", version, &[]);
        check_submission("submit-1.0", version, &[]);
    }
    check_submission("submit", V1_1, &["tracking-id.system"]);
    check_submission(
        "submit",
        V1_0,
        &[
            "attachment.code",
            "attachment.line",
            "attachment.line",
            "last",
            "payer",
            "tracking-id.system",
        ],
    );
    check_submission("submit-1.1", V1_1, &[]);
    check_submission("submit-1.1", V1_0, &["attachment.code", "payer"]);
    check_submission("submit-1.0", V1_0, &[]);
    check_submission("submit-preauthorization", V3_0, &[]);
    check_submission("submit-preauthorization", V2_1, &["admin-reference"]);
    assert!(!submission("submit").is_last());
    assert!(submission("submit-1.1").is_last());
}

#[test]
fn rewording_keeps_what_no_model_knows() {
    use CdexVersion::V1_1;
    use CdexVersion::V2_0;
    use CdexVersion::V2_1;
    use CdexVersion::V3_0;
    let samples = samples();
    let reword = |resource: &Value, version| {
        let task = Task::from_json(resource, Places::Noted).unwrap();
        let made = in_words_of(task, version).unwrap();
        (made.it.wrote(Lineage::Skipped).value(), fields(&made.omitted))
    };
    let mut noted = samples["attachment-request"].clone();
    noted["note"] = json::read(br#"[{"text":"please"}]"#).unwrap();
    noted["code"]["text"] = Value::from("Attachments");
    noted["input"][1]["extension"] =
        json::read(br#"[{"url":"urn:example:more","valueDecimal":72.50}]"#).unwrap();
    for (version, wire) in [(V2_0, V2_0), (V2_1, V2_1), (V3_0, V2_1)] {
        let (there, omitted) = reword(&noted, version);
        assert_eq!(omitted, [""; 0]);
        assert_eq!(check::wire_of_task(&there), cdex(wire));
        assert!(
            check::task(&there, CodeLists::embedded())
                .iter()
                .all(|finding| finding.severity < Severity::Error)
        );
        let (back, omitted) = reword(&there, V2_1);
        assert_eq!((back, omitted), (noted.clone(), vec![]), "by way of {version}");
    }
    let (oldest, omitted) = reword(&noted, V1_1);
    assert_eq!(omitted, ["item.line", "item.line", "organization"]);
    assert_eq!(check::wire_of_task(&oldest), cdex(V1_1));
    assert_eq!(oldest["input"][1]["extension"], noted["input"][1]["extension"]);
    let (newer, omitted) = reword(&samples["attachment-request-1.1"], V2_1);
    assert!(omitted.is_empty());
    assert!(
        check::task(&newer, CodeLists::embedded())
            .iter()
            .all(|finding| finding.severity < Severity::Error)
    );
    let task = Task::from_json(&samples["attachment-request-questionnaire"], Places::Noted).unwrap();
    assert_eq!(in_words_of(task, V1_1), Err(Unwritable::NoSuchMessage(V1_1)));
    assert_eq!(
        reword(&samples["attachment-request-questionnaire"], V2_1).1,
        ["admin-reference"]
    );
}
