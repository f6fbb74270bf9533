//! FHIR as a simulated partner writes it: CDex 2.1 on the wire.
//!
//! It is written here a second time and not with the gateway's own models, so that the two do not share their mistakes;
//! tests judge what is written by the checks of `fhir`.

use std::time::SystemTime;

use serde_json::Value;
use serde_json::json;

use super::case::Case;
use super::case::Purpose;
use super::case::dashed;
use crate::app::x12::answers::stamp;
use crate::fhir::term::canonical;

/// A Task that asks for the documents of a case.
pub(super) fn task(case: &Case, answer_to: &str, now: SystemTime) -> Value {
    let (code, purpose) = match case.purpose {
        Purpose::Claim => ("claim", "CLMATTCH"),
        Purpose::Preauthorization => ("preauthorization", "COVAUTH"),
    };
    let written = instant(now);
    let inputs = inputs(case, answer_to, purpose);
    json!({
        "resourceType": "Task",
        "meta": { "profile": [canonical::ATTACHMENT_REQUEST] },
        "contained": [patient(case), role(case)],
        "identifier": [{
            "type": coded(canonical::CDEX_TEMP, "tracking-id"),
            "system": TRACKING,
            "value": case.tracking,
        }],
        "status": "requested",
        "intent": "order",
        "code": coded(canonical::PAS_TEMP, "attachment-request-code"),
        "for": { "reference": "#patient" },
        "authoredOn": written,
        "lastModified": written,
        "requester": { "identifier": { "system": PAYERS, "value": case.payer_id } },
        "owner": { "reference": "#practitionerrole" },
        "reasonCode": {
            "coding": [{ "system": canonical::CLAIM_USE, "code": code }],
            "text": code,
        },
        "reasonReference": { "identifier": { "system": CLAIMS, "value": case.claim } },
        "restriction": { "period": { "end": dashed(&case.due) } },
        "input": inputs,
    })
}

/// The patient, as a Task contains it.
fn patient(case: &Case) -> Value {
    json!({
        "resourceType": "Patient",
        "id": "patient",
        "meta": { "profile": [canonical::PATIENT_DEMOGRAPHICS] },
        "identifier": [{
            "type": coded(canonical::V2_0203, "MB"),
            "system": MEMBERS,
            "value": case.member,
        }],
        "name": [{ "family": case.family, "given": [case.given] }],
        "birthDate": "1975-05-04",
    })
}

/// The provider, as a Task contains it.
fn role(case: &Case) -> Value {
    json!({
        "resourceType": "PractitionerRole",
        "id": "practitionerrole",
        "meta": { "profile": [canonical::PRACTITIONER_ROLE] },
        "practitioner": { "identifier": { "system": canonical::NPI, "value": case.npi } },
    })
}

/// What the Task asks for, and how it is to be answered.
fn inputs(case: &Case, answer_to: &str, purpose: &str) -> Vec<Value> {
    let mut inputs: Vec<Value> = case
        .documents
        .iter()
        .map(|document| {
            json!({
                "type": coded(canonical::PAS_TEMP, "attachments-needed"),
                "valueCodeableConcept": coded(canonical::LOINC, document),
            })
        })
        .collect();
    inputs.push(json!({ "type": coded(canonical::PAS_TEMP, "payer-url"), "valueUrl": answer_to }));
    inputs.push(json!({
        "type": coded(canonical::CDEX_TEMP, "service-date"),
        "valueDate": dashed(&case.service_date),
    }));
    inputs.push(json!({
        "type": coded(canonical::CDEX_TEMP, "purpose-of-use"),
        "valueCodeableConcept": coded(canonical::ACT_REASON, purpose),
    }));
    inputs.push(json!({
        "type": coded(canonical::CDEX_TEMP, "multiple-submits-flag"),
        "valueBoolean": true,
    }));
    inputs
}

/// The Parameters of `$submit-attachment` with the given documents of a case.
pub(super) fn submission(case: &Case, documents: &[String], is_last: bool, now: SystemTime) -> Value {
    let identified = |name: &str, system: &str, value: &str| json!({ "name": name, "valueIdentifier": { "system": system, "value": value } });
    let code = match case.purpose {
        Purpose::Claim => "claim",
        Purpose::Preauthorization => "preauthorization",
    };
    let mut parameters = vec![
        identified("TrackingId", TRACKING, &case.tracking),
        json!({ "name": "AttachTo", "valueCode": code }),
        identified("PayerId", PAYERS, &case.payer_id),
        identified("ProviderId", canonical::NPI, &case.npi),
        identified("MemberId", MEMBERS, &case.member),
    ];
    // Who asks about an authorisation may not know the day yet.
    if !case.service_date.is_empty() {
        parameters.push(json!({ "name": "ServiceDate", "valueDateTime": dashed(&case.service_date) }));
    }
    for document in documents {
        parameters.push(json!({
            "name": "Attachment",
            "part": [
                { "name": "Code", "valueCodeableConcept": coded(canonical::LOINC, document) },
                { "name": "Content", "resource": document_reference(case, document, now) },
            ],
        }));
    }
    parameters.push(json!({ "name": "Final", "valueBoolean": is_last }));
    json!({
        "resourceType": "Parameters",
        "meta": { "profile": [canonical::SUBMIT_ATTACHMENT] },
        "parameter": parameters,
    })
}

fn document_reference(case: &Case, code: &str, now: SystemTime) -> Value {
    let content = case.document(code);
    json!({
        "resourceType": "DocumentReference",
        "status": "current",
        "type": coded(canonical::LOINC, code),
        "subject": { "identifier": { "system": MEMBERS, "value": case.member } },
        "date": instant(now),
        "content": [{
            "attachment": {
                "contentType": "text/xml",
                "data": base64_simd::STANDARD.encode_to_string(content.as_bytes()),
                "title": "document.xml",
                "size": content.len(),
            },
        }],
    })
}

/// An answer in words: the severity, the kind of issue and a text.
pub(super) fn outcome(severity: &str, code: &str, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": severity, "code": code, "details": { "text": text } }],
    })
}

fn coded(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// A moment as FHIR writes it, to the minute.
fn instant(now: SystemTime) -> String {
    let stamp = stamp(now);
    let time = stamp.time();
    let (hour, minute) = time.split_at_checked(2).unwrap_or(("00", "00"));
    format!("{}T{hour}:{minute}:00Z", dashed(stamp.date()))
}

const MEMBERS: &str = "urn:example:members";
const TRACKING: &str = "urn:example:tracking";
const PAYERS: &str = "urn:example:payers";
const CLAIMS: &str = "urn:example:claims";

#[cfg(test)]
mod tests {
    use std::time::Duration;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::app::simulate::extract::case_of;
    use crate::app::simulate::extract::documents_in;
    use crate::app::simulate::extract::told;
    use crate::fhir::check;
    use crate::fhir::codes::CodeLists;

    const NOW: Duration = Duration::from_secs(1_795_165_261);

    fn invented(purpose: Purpose) -> Case {
        Case::invented(7, purpose, "60601", "1234567893", UNIX_EPOCH + NOW)
    }

    #[test]
    fn a_task_fits_its_profile_and_reads_back() {
        for purpose in [Purpose::Claim, Purpose::Preauthorization] {
            let case = invented(purpose);
            let written = task(
                &case,
                "https://payer.example/fhir/$submit-attachment",
                UNIX_EPOCH + NOW,
            );
            assert_eq!(check::task(&written, CodeLists::embedded()), []);
            let mut read = case_of(&written).unwrap();
            assert_eq!(
                read.answer_to.take().as_deref(),
                Some("https://payer.example/fhir/$submit-attachment")
            );
            assert!(read == case, "{read:?}");
        }
    }

    #[test]
    fn a_submission_fits_its_profile_and_reads_back() {
        for purpose in [Purpose::Claim, Purpose::Preauthorization] {
            let case = invented(purpose);
            let written = submission(&case, &case.documents, true, UNIX_EPOCH + NOW);
            assert_eq!(check::parameters(&written, CodeLists::embedded()), []);
            let read = case_of(&written).unwrap();
            assert_eq!(
                (&read.tracking, &read.member, &read.documents),
                (&case.tracking, &case.member, &case.documents)
            );
            assert_eq!(documents_in(&written), (2, true));
        }
    }

    #[test]
    fn an_answer_is_told_in_words_that_hold_nothing_of_it() {
        assert_eq!(
            told(&outcome("error", "invalid", "CANARY")),
            "OperationOutcome error"
        );
        assert_eq!(told(&json!({"resourceType": "CANARY"})), "neither X12 nor FHIR");
        assert_eq!(
            told(&json!({"resourceType": "Task", "status": "CANARY"})),
            "Task in another state"
        );
    }
}
