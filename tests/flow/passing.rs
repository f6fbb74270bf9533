//! Journey 5: X12 to X12 and FHIR to FHIR pass unchanged but for their envelopes.

use cartage::exchange::state::Kind;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
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
