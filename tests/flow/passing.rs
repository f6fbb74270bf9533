//! Journey 5: X12 to X12 and FHIR to FHIR pass unchanged but for their envelopes.

use cartage::exchange::state::Kind;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::bench::OLDEN;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::ack;
use crate::messages::advice;
use crate::messages::attachment;
use crate::messages::element;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::task;

/// What stands between the envelopes of the first transaction.
fn transaction(text: &str) -> String {
    let from = text.find("~ST*").unwrap();
    let to = text.find("~GE*").unwrap();
    text[from..to].replace('\n', "")
}

#[test]
fn x12_passes_to_x12_and_back() {
    let bench = Bench::new();
    let asked = request(1, "CASE-1", "1245319599");
    let (_, answer) = bench.x12(HARBOR, &asked);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, passed) = bench.only(SOUTH);
    assert_eq!(transaction(&passed), transaction(&asked));
    assert_eq!(element(&passed, "ISA", 6).trim(), "CARTAGE");
    bench.answer(claimed, 200, "");

    let answered = attachment(2, "11", "CASE-1", "60601", "QUJDREVG");
    let (_, answer) = bench.x12(SOUTH, &answered);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, passed) = bench.only(HARBOR);
    assert_eq!(transaction(&passed), transaction(&answered));
    bench.answer(claimed, 200, "");
    let group = element(&passed, "GS", 6);
    bench.x12(HARBOR, &ack(3, "HARBORPLAN", group, "275", "A"));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Completed);
    // A refusal that comes after all is told to the provider in the numbers of its own message.
    bench.x12(HARBOR, &advice(4, group, "TR"));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
    let (_, told) = bench.only(SOUTH);
    assert!(told.contains("~OTI*TR*TN*SC-ATT-2*"), "{told}");
}

#[test]
fn fhir_passes_to_fhir_and_back() {
    let bench = Bench::new();
    let (reply, created) = bench.create(SUMMIT, &task("ACN-5", "70702", "1234567893").to_string());
    assert_eq!(reply.status, 201, "{created}");
    let (claimed, posted) = bench.only(NORTH);
    let posted: Value = serde_json::from_str(&posted).unwrap();
    let mut original = task("ACN-5", "70702", "1234567893");
    original["input"][1]["valueUrl"] = Value::from("https://cartage.example/fhir/$submit-attachment");
    assert_eq!(posted, original);
    bench.answer(claimed, 201, "");

    let body = submission("ACN-5", "70702", "1234567893", "QUJD").to_string();
    let (reply, outcome) = bench.submit(NORTH, &body);
    assert_eq!(reply.status, 200, "{outcome}");
    let (claimed, passed) = bench.only(SUMMIT);
    assert_eq!(passed, body);
    bench.answer(claimed, 200, "");
    assert_eq!(
        bench.read(SUMMIT, created["id"].as_str().unwrap()).1["status"],
        "completed"
    );
}

#[test]
fn a_task_waits_for_a_fhir_provider_without_a_server() {
    let bench = Bench::new();
    let (_, created) = bench.create(SUMMIT, &task("ACN-6", "70702", "1999999992").to_string());
    let id = created["id"].as_str().unwrap();
    // The payer sees it too, and that does not hand it over.
    assert_eq!(bench.read(SUMMIT, id).1["status"], "requested");
    assert_eq!(bench.read(LAKE, id).1["status"], "accepted");
}

#[test]
fn a_275_is_bridged_to_the_version_of_its_receiver() {
    let bench = Bench::new();
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "50501", "QUJDREVG"));
    assert!(
        answer.contains("~IK5*A~") && !answer.contains("*824*"),
        "{answer}"
    );
    let (_, text) = bench.only(OLDEN);
    assert_eq!(element(&text, "GS", 8), "005010X210");
    assert_eq!(element(&text, "TRN", 2), "PROV-1");
    assert!(text.contains("~BIN*") && text.contains("QUJDREVG"), "{text}");
}

#[test]
fn several_interchanges_in_one_body_are_answered_one_by_one() {
    let bench = Bench::new();
    let broken = request(2, "CASE-2", "1245319599").replace("IEA*1*", "IEA*7*");
    let body = format!(
        "{}{broken}{}",
        request(1, "CASE-1", "1245319599"),
        request(3, "CASE-3", "1245319599")
    );
    let (status, answers) = bench.x12(HARBOR, &body);
    assert_eq!(status, 200);
    assert_eq!(answers.matches("ISA*").count(), 3);
    assert!(answers.contains("TA1*000000002*261120*0900*R*"), "{answers}");
    assert_eq!(bench.out(SOUTH).len(), 2);
    // Sent once more, each gets the answer that it got.
    assert_eq!(bench.x12(HARBOR, &body), (200, answers));
    assert!(bench.out(SOUTH).is_empty());
}

#[test]
fn a_task_is_bridged_to_the_version_of_its_receiver() {
    let bench = Bench::new();
    let older = include_str!("../data/fhir/attachment-request-2.0.json");
    let (reply, created) = bench.create(SUMMIT, older);
    assert_eq!(reply.status, 201, "{created}");
    let (_, posted) = bench.only(NORTH);
    let posted: Value = serde_json::from_str(&posted).unwrap();
    let pas = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes";
    assert_eq!(posted["code"]["coding"][0]["system"], pas);
    let url = posted["input"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|input| input["valueUrl"].as_str());
    assert_eq!(url, Some("https://cartage.example/fhir/$submit-attachment"));
    // What we host is what the payer wrote.
    let original: Value = serde_json::from_str(older).unwrap();
    assert_eq!(created["code"], original["code"]);
}
