//! What is not taken, and how it is told (cdex.md §2.9).

use cartage::flow::door::Broken;
use cartage::flow::door::Interaction;
use cartage::routing::table::Park;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::attachment;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::task;

#[track_caller]
fn check_submission(body: &str, status: u16, code: &str) {
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, body);
    assert_eq!(reply.status, status, "{outcome}");
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    let codes: Vec<&str> = outcome["issue"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|issue| issue["code"].as_str())
        .collect();
    assert!(codes.contains(&code), "{outcome}");
    if status >= 400 {
        assert!(bench.exchanges().is_empty());
    }
}

fn sound() -> Value {
    submission("T-1", "60601", "1999999992", "QUJD")
}

fn without(name: &str) -> String {
    let mut body = sound();
    body["parameter"]
        .as_array_mut()
        .unwrap()
        .retain(|one| one["name"] != name);
    body.to_string()
}

#[test]
fn t60_a_sound_submission_is_taken() {
    check_submission(&sound().to_string(), 200, "informational");
}

#[test]
fn t61_what_is_missing_is_told() {
    for name in ["TrackingId", "AttachTo", "MemberId", "ServiceDate", "Attachment"] {
        let bench = Bench::new();
        let (reply, outcome) = bench.submit(LAKE, &without(name));
        assert!(matches!(reply.status, 400 | 422), "{name}: {outcome}");
        assert!(bench.out(HARBOR).is_empty());
    }
}

#[test]
fn text_that_is_no_json_is_fatal() {
    check_submission("{\"resourceType\":", 400, "structure");
    check_submission("", 400, "structure");
}

#[test]
fn another_resource_is_refused() {
    check_submission(r#"{"resourceType":"Patient"}"#, 422, "value");
}

#[test]
fn an_unknown_payer_is_held_or_refused_as_configured() {
    let body = submission("T-1", "11111", "1999999992", "QUJD").to_string();
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, &body);
    assert_eq!(reply.status, 200, "{outcome}");
    assert!(outcome.to_string().contains("held"), "{outcome}");
    assert_eq!(bench.parked(), 1);
    let bench = Bench::with(Park::Reject);
    let (reply, outcome) = bench.submit(LAKE, &body);
    assert_eq!(reply.status, 422);
    assert!(outcome.to_string().contains("another payer"), "{outcome}");
    assert_eq!(bench.parked(), 0);
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "99999", "QUJD"));
    assert!(
        answer.contains("~IK5*A~") && answer.contains("~OTI*TR*"),
        "{answer}"
    );
    let (reply, _) = bench.create(SUMMIT, &task("ACN-1", "70702", "1679576722").to_string());
    assert_eq!(reply.status, 422);
}

#[test]
fn a_body_that_does_not_arrive_is_told_apart() {
    let bench = Bench::new();
    for (broken, status) in [(Broken::TooLong, 413), (Broken::TooSlow, 408), (Broken::Cut, 400)] {
        let reply = bench.broken(LAKE, Interaction::SubmitAttachment, broken);
        assert_eq!(reply.status, status);
        assert!(!reply.body.is_empty());
    }
}

#[test]
fn what_is_no_x12_is_refused_and_a_broken_interchange_gets_its_ta1() {
    let bench = Bench::new();
    assert_eq!(bench.x12(HARBOR, "hello").0, 400);
    assert_eq!(bench.x12(HARBOR, "ISA*00*x").0, 400);
    assert_eq!(bench.x12(HARBOR, "").0, 400);
    let (status, answer) = bench.x12(
        HARBOR,
        &request(1, "CASE-1", "1999999992").replace("IEA*1*", "IEA*7*"),
    );
    assert_eq!(status, 200);
    assert!(answer.contains("TA1*000000001*261120*0900*R*"), "{answer}");
    assert!(bench.exchanges().is_empty());
    // Mended, it may come again under its number.
    let (_, answer) = bench.x12(HARBOR, &request(1, "CASE-1", "1999999992"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
}

#[test]
fn nothing_is_taken_beside_what_cannot_be_answered() {
    let bench = Bench::new();
    let nobody = request(2, "CASE-2", "1999999992").replace("*ZZ*CARTAGE        *", "*ZZ*               *");
    let both = request(1, "CASE-1", "1999999992") + &nobody;
    assert_eq!(bench.x12(HARBOR, &both).0, 400);
    assert!(bench.exchanges().is_empty());
    // The sound one may come again by itself.
    let (status, answer) = bench.x12(HARBOR, &request(1, "CASE-1", "1999999992"));
    assert!(status == 200 && answer.contains("~IK5*A~"), "{answer}");
    assert_eq!(bench.exchanges().len(), 1);
}

#[test]
fn trouble_of_the_ledger_acknowledges_nothing() {
    let bench = Bench::new();
    bench.store.set_full(true);
    let (reply, _) = bench.submit(LAKE, &sound().to_string());
    assert_eq!(reply.status, 507);
    assert!(reply.retry_after.is_some());
    assert_eq!(bench.x12(HARBOR, &request(1, "CASE-1", "1999999992")).0, 507);
    bench.store.set_full(false);
    bench.store.fail_sync();
    let (reply, _) = bench.submit(LAKE, &sound().to_string());
    assert_eq!(reply.status, 503);
    assert_eq!(
        bench
            .create(SUMMIT, &task("ACN-1", "70702", "1999999992").to_string())
            .0
            .status,
        503
    );
}
