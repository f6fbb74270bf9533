//! Messages in the words of every version, and what does not arrive.

use super::*;
use crate::fhir::codes::CodeLists;
use crate::fhir::json;

/// The samples that are looked at.
const SAMPLES: [(&str, &str); 12] = [
    (
        "attachment-request-1.1.json",
        include_str!("../../../tests/data/fhir/attachment-request-1.1.json"),
    ),
    (
        "attachment-request-2.0.json",
        include_str!("../../../tests/data/fhir/attachment-request-2.0.json"),
    ),
    (
        "attachment-request-questionnaire.json",
        include_str!("../../../tests/data/fhir/attachment-request-questionnaire.json"),
    ),
    (
        "attachment-request.json",
        include_str!("../../../tests/data/fhir/attachment-request.json"),
    ),
    (
        "data-request-query.json",
        include_str!("../../../tests/data/fhir/data-request-query.json"),
    ),
    (
        "pas-task-2.2.1.json",
        include_str!("../../../tests/data/fhir/pas-task-2.2.1.json"),
    ),
    (
        "pas/response-2.0.1.json",
        include_str!("../../../tests/data/fhir/pas/response-2.0.1.json"),
    ),
    (
        "pas/response-2.2.1.json",
        include_str!("../../../tests/data/fhir/pas/response-2.2.1.json"),
    ),
    (
        "submit-1.0.json",
        include_str!("../../../tests/data/fhir/submit-1.0.json"),
    ),
    (
        "submit-1.1.json",
        include_str!("../../../tests/data/fhir/submit-1.1.json"),
    ),
    (
        "submit-preauthorization.json",
        include_str!("../../../tests/data/fhir/submit-preauthorization.json"),
    ),
    (
        "submit.json",
        include_str!("../../../tests/data/fhir/submit.json"),
    ),
];

fn sample(name: &str) -> Value {
    let (_, text) = SAMPLES.iter().find(|(known, _)| *known == name).unwrap();
    json::read(text.as_bytes()).unwrap()
}

fn revised(name: &str, version: CdexVersion) -> Result<Revisions, NotRevised> {
    revise(
        &sample(name),
        version,
        Some("https://gate.example/fhir/$submit-attachment"),
    )
}

/// The findings that refuse what came out.
fn refusals(revision: &Revision) -> Vec<String> {
    let value = json::read(revision.text.as_bytes()).unwrap();
    let lists = CodeLists::embedded();
    let found = match value["resourceType"].as_str().unwrap() {
        "Parameters" => check::parameters(&value, lists),
        _ => check::task(&value, lists),
    };
    let errors = found
        .iter()
        .filter(|finding| finding.severity == crate::base::finding::Severity::Error);
    errors.map(ToString::to_string).collect()
}

#[test]
fn a_message_in_its_own_words_is_the_same() {
    for name in [
        "attachment-request.json",
        "submit.json",
        "data-request-query.json",
    ] {
        let revisions = revised(name, CdexVersion::V2_1).unwrap();
        let text = &revisions.made[0].text;
        assert_eq!(json::read(text.as_bytes()).unwrap(), sample(name), "{name}");
        assert!(revisions.lost.is_empty(), "{name}: {:?}", revisions.lost);
    }
}

#[test]
fn a_message_in_other_words_is_sound_and_every_leaf_is_accounted_for() {
    for name in [
        "attachment-request.json",
        "attachment-request-1.1.json",
        "attachment-request-2.0.json",
        "submit.json",
        "submit-1.0.json",
        "submit-1.1.json",
        "submit-preauthorization.json",
    ] {
        for version in CdexVersion::ALL {
            let revisions = match revised(name, version) {
                Ok(revisions) => revisions,
                Err(refused) => {
                    assert!(
                        name.starts_with("attachment") && version == CdexVersion::V1_0,
                        "{name}: {refused}"
                    );
                    continue;
                }
            };
            for revision in &revisions.made {
                let unsourced = leaves(&json::read(revision.text.as_bytes()).unwrap());
                let known: BTreeSet<&str> =
                    revision.lineage.iter().map(|line| line.target.as_str()).collect();
                for leaf in unsourced {
                    assert!(
                        known.contains(&*leaf),
                        "{name} as {version}: {leaf} has no source"
                    );
                }
            }
        }
    }
}

#[test]
fn what_another_version_has_no_place_for_is_told() {
    let revisions = revised("attachment-request-questionnaire.json", CdexVersion::V1_1);
    assert_eq!(
        revisions.err(),
        Some(NotRevised::Unwritable(Unwritable::NoSuchMessage(
            CdexVersion::V1_1
        )))
    );
    let revisions = revised("submit-preauthorization.json", CdexVersion::V1_0).unwrap();
    let told: Vec<String> = revisions
        .lost
        .iter()
        .map(|(place, why)| format!("{} {}", place.short(), why.as_str()))
        .collect();
    assert!(told.iter().any(|line| line.ends_with(" version")), "{told:?}");
}

#[test]
fn an_answer_of_pas_becomes_tasks_of_cdex() {
    for name in ["pas/response-2.2.1.json", "pas/response-2.0.1.json"] {
        let revisions = revised(name, CdexVersion::V2_1).unwrap();
        assert!(!revisions.made.is_empty(), "{name}");
        for revision in &revisions.made {
            let task = json::read(revision.text.as_bytes()).unwrap();
            assert_eq!(task["resourceType"], "Task", "{name}");
            assert_eq!(task["status"], "requested", "{name}");
            assert_eq!(
                task["reasonCode"]["coding"][0]["code"], "preauthorization",
                "{name}"
            );
            let refused = refusals(revision);
            assert!(refused.is_empty(), "{name}: {refused:?}");
        }
    }
    let nothing = serde_json::json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ClaimResponse"}}]});
    assert_eq!(
        revise(&nothing, CdexVersion::V2_1, None).err(),
        Some(NotRevised::NothingAsked)
    );
}

#[test]
fn a_task_of_pas_becomes_one_of_cdex() {
    let revisions = revised("pas-task-2.2.1.json", CdexVersion::V2_1).unwrap();
    let task = json::read(revisions.made[0].text.as_bytes()).unwrap();
    assert_eq!(task["reasonCode"]["coding"][0]["code"], "preauthorization");
    assert_eq!(
        task["input"][0]["valueCodeableConcept"]["coding"][0]["code"],
        "18776-5"
    );
    assert_eq!(task["input"][0]["extension"][0]["valueInteger"], 2);
}

#[test]
fn a_request_becomes_tasks_of_pas_one_for_each_type() {
    let mut task = sample("attachment-request.json");
    assert_eq!(
        for_pas(&task, None).err(),
        Some(NotRevised::Unwritable(Unwritable::NoReview))
    );
    task["reasonCode"]["coding"][0]["code"] = "preauthorization".into();
    let mut report = task["input"][0].clone();
    report["valueCodeableConcept"] = serde_json::json!(
        {"coding": [{"system": "https://codesystem.x12.org/005010/755", "code": "OB"}]});
    report["extension"] = serde_json::json!([
        {"url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-paLineNumber", "valueInteger": 1},
        {"url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-paLineNumber", "valueInteger": 4}
    ]);
    task["input"].as_array_mut().unwrap().push(report);
    let revisions = for_pas(&task, None).unwrap();
    let tasks: Vec<Value> = revisions
        .made
        .iter()
        .map(|made| json::read(made.text.as_bytes()).unwrap())
        .collect();
    assert_eq!(tasks.len(), 2, "{}", tasks[0]);
    for (made, value) in revisions.made.iter().zip(&tasks) {
        assert_eq!(value["reasonCode"]["coding"][0]["code"], "priorAuthorization");
        assert_eq!(value["requester"], value["owner"]);
        assert_eq!(value["identifier"][0]["value"], task["identifier"][0]["value"]);
        let known: BTreeSet<&str> = made.lineage.iter().map(|line| line.target.as_str()).collect();
        for leaf in leaves(value) {
            assert!(known.contains(&*leaf), "{leaf} has no source");
        }
    }
    // One line for each input, so that the report of two lines is asked for twice.
    let asked = |number: usize| {
        let inputs = tasks[1]["input"][number].clone();
        (
            inputs["extension"][0]["valuePositiveInt"].clone(),
            inputs["valueCodeableConcept"]["coding"][0]["code"].clone(),
        )
    };
    assert_eq!(asked(0), (1.into(), "OB".into()));
    assert_eq!(asked(1), (4.into(), "OB".into()));
    assert!(
        refusals(&revisions.made[1]).is_empty(),
        "{:?}",
        refusals(&revisions.made[1])
    );
    // A payer has no place in a Task that is the provider's own, nor has the date of service.
    let lost: Vec<String> = revisions.lost.iter().map(|(place, _)| place.short()).collect();
    assert!(
        lost.contains(&"Task.requester.identifier.value".to_owned()),
        "{lost:?}"
    );
}

#[test]
fn what_an_answer_of_pas_asks_for_becomes_tasks_of_pas() {
    let url = Some("https://gate.example/fhir/$submit-attachment");
    for name in ["pas/response-2.2.1.json", "pas/response-2.0.1.json"] {
        let revisions = for_pas(&sample(name), url).unwrap();
        let mut types = BTreeSet::new();
        for made in &revisions.made {
            let task = json::read(made.text.as_bytes()).unwrap();
            let request = AttachmentRequest::read(&task, Places::Skipped).unwrap();
            for item in &request.items {
                assert!(item.lines.len() <= 1, "{name}: {:?}", item.lines);
            }
            let coding = &task["input"][0]["valueCodeableConcept"]["coding"][0]["system"];
            assert!(types.insert(coding.to_string()), "{name}: {coding} has two Tasks");
        }
    }
    assert_eq!(
        for_pas(&sample("submit.json"), None).err(),
        Some(NotRevised::OtherKind)
    );
    let by_address = sample("attachment-request-questionnaire.json");
    let mut by_address = by_address;
    by_address["reasonCode"]["coding"][0]["code"] = "preauthorization".into();
    assert_eq!(
        for_pas(&by_address, None).err(),
        Some(NotRevised::Unwritable(Unwritable::NothingForPas))
    );
}

#[test]
fn a_request_for_data_keeps_what_drives_work_on_it() {
    // Provenance that is asked for, several purposes, the queue that it belongs in, and what authorizes it.
    let mut task = sample("data-request-query.json");
    let query = "Condition?patient=p1&_revinclude=Provenance:target";
    task["input"][0]["valueString"] = query.into();
    task["meta"]["tag"][0]["code"] = "signature".into();
    for version in CdexVersion::ALL {
        let revisions = revise(&task, version, None).unwrap();
        let made = json::read(revisions.made[0].text.as_bytes()).unwrap();
        assert_eq!(made, task, "{version}");
        assert!(revisions.lost.is_empty(), "{version}: {:?}", revisions.lost);
        assert!(refusals(&revisions.made[0]).is_empty(), "{version}");
    }
}

#[test]
fn what_nobody_exchanges_is_refused() {
    let patient = serde_json::json!({"resourceType": "Patient"});
    assert_eq!(
        revise(&patient, CdexVersion::V2_1, None).err(),
        Some(NotRevised::OtherKind)
    );
}
