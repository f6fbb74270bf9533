//! FHIR as a simulated partner reads it: what it is about, and nothing else.

use serde_json::Value;

use super::case::Case;
use super::case::Purpose;
use super::case::plain;

/// What a Task or the Parameters of `$submit-attachment` are about; nothing if it is neither.
pub(super) fn case_of(resource: &Value) -> Option<Case> {
    match at(resource, "/resourceType").as_str()? {
        "Task" => Some(case_of_task(resource)),
        "Parameters" => Some(case_of_parameters(resource)),
        _ => None,
    }
}

fn case_of_task(task: &Value) -> Case {
    let contained = |kind: &str| {
        let mut all = items(at(task, "/contained"));
        all.find(|one| at(one, "/resourceType") == kind)
            .unwrap_or(&Value::Null)
    };
    let (patient, role) = (contained("Patient"), contained("PractitionerRole"));
    let has_code =
        |concept: &Value, code: &str| items(at(concept, "/coding")).any(|coding| at(coding, "/code") == code);
    let input = |code: &'static str| {
        items(at(task, "/input")).filter(move |input| has_code(at(input, "/type"), code))
    };
    let tracking = items(at(task, "/identifier")).find(|one| has_code(at(one, "/type"), "tracking-id"));
    let documents = input("attachments-needed")
        .filter_map(|input| items(at(input, "/valueCodeableConcept/coding")).next())
        .map(|coding| text(at(coding, "/code")));
    Case {
        tracking: tracking.map(|one| text(at(one, "/value"))).unwrap_or_default(),
        claim: text(at(task, "/reasonReference/identifier/value")),
        purpose: if has_code(at(task, "/reasonCode"), "preauthorization") {
            Purpose::Preauthorization
        } else {
            Purpose::Claim
        },
        member: items(at(patient, "/identifier"))
            .find(|one| has_code(at(one, "/type"), "MB"))
            .map(|one| text(at(one, "/value")))
            .unwrap_or_default(),
        family: items(at(patient, "/name"))
            .next()
            .map(|name| text(at(name, "/family")))
            .unwrap_or_default(),
        given: items(at(patient, "/name"))
            .flat_map(|name| items(at(name, "/given")))
            .map(text)
            .next()
            .unwrap_or_default(),
        payer_id: text(at(task, "/requester/identifier/value")),
        npi: match at(role, "/practitioner/identifier/value").as_str() {
            Some(npi) => npi.to_owned(),
            None => text(at(role, "/organization/identifier/value")),
        },
        service_date: input("service-date")
            .map(|input| plain(&text(at(input, "/valueDate"))))
            .next()
            .unwrap_or_default(),
        due: plain(&text(at(task, "/restriction/period/end"))),
        documents: documents.collect(),
        answer_to: input("payer-url")
            .find_map(|input| at(input, "/valueUrl").as_str())
            .map(str::to_owned),
    }
}

fn case_of_parameters(parameters: &Value) -> Case {
    let named =
        |name: &'static str| items(at(parameters, "/parameter")).filter(move |one| at(one, "/name") == name);
    let identifier = |name| {
        named(name)
            .map(|one| text(at(one, "/valueIdentifier/value")))
            .next()
            .unwrap_or_default()
    };
    let npi = identifier("ProviderId");
    let codes = named("Attachment").filter_map(|attachment| {
        let part = items(at(attachment, "/part")).find(|part| at(part, "/name") == "Code")?;
        let coding = items(at(part, "/valueCodeableConcept/coding")).next()?;
        Some(text(at(coding, "/code")))
    });
    Case {
        tracking: identifier("TrackingId"),
        purpose: match named("AttachTo")
            .next()
            .and_then(|one| at(one, "/valueCode").as_str())
        {
            Some("preauthorization") => Purpose::Preauthorization,
            _ => Purpose::Claim,
        },
        member: identifier("MemberId"),
        payer_id: identifier("PayerId"),
        npi: if npi.is_empty() {
            identifier("OrganizationId")
        } else {
            npi
        },
        service_date: named("ServiceDate")
            .map(|one| plain(&text(at(one, "/valueDateTime"))))
            .next()
            .unwrap_or_default(),
        documents: codes.collect(),
        ..Case::default()
    }
}

/// How many documents the Parameters carry, and whether they are the last.
pub(super) fn documents_in(parameters: &Value) -> (usize, bool) {
    let named =
        |name: &'static str| items(at(parameters, "/parameter")).filter(move |one| at(one, "/name") == name);
    let is_last = named("Final")
        .next()
        .and_then(|one| at(one, "/valueBoolean").as_bool());
    (named("Attachment").count(), is_last.unwrap_or(true))
}

/// The Tasks in a Bundle of search results.
pub(super) fn tasks_in(bundle: &Value) -> impl Iterator<Item = &Value> {
    let resources = items(at(bundle, "/entry")).map(|entry| at(entry, "/resource"));
    resources.filter(|resource| at(resource, "/resourceType") == "Task")
}

/// What an answer says in one word or two: the kind of resource, and of an outcome the worst issue.
pub(super) fn told(answer: &Value) -> String {
    let known = ["Task", "OperationOutcome", "Parameters", "Bundle"];
    let kind = at(answer, "/resourceType")
        .as_str()
        .and_then(|kind| known.into_iter().find(|known| *known == kind));
    match kind {
        Some("OperationOutcome") => {
            let severities = ["fatal", "error", "warning", "information"];
            let worst = severities.into_iter().find(|severity| {
                items(at(answer, "/issue")).any(|issue| at(issue, "/severity") == *severity)
            });
            format!("OperationOutcome {}", worst.unwrap_or("without an issue"))
        }
        Some("Task") => {
            let states = [
                "requested",
                "received",
                "accepted",
                "in-progress",
                "completed",
                "rejected",
                "failed",
            ];
            let status = states.into_iter().find(|state| at(answer, "/status") == *state);
            format!("Task {}", status.unwrap_or("in another state"))
        }
        Some(kind) => kind.to_owned(),
        None => "neither X12 nor FHIR".to_owned(),
    }
}

/// The value at a JSON pointer; null if there is none.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
