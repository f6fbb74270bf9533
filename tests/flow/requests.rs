//! Journey 1: a 277 becomes a Task, posted or hosted.

use cartage::exchange::state::Kind;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::messages::request;

#[test]
fn a_277_becomes_a_task_on_the_providers_server() {
    let bench = Bench::new();
    let (status, answer) = bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    assert_eq!(status, 200);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, text) = bench.only(NORTH);
    let task: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(task["identifier"][0]["value"], "CASE-1");
    let url = task["input"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|input| input["valueUrl"].as_str());
    assert_eq!(url, Some("https://cartage.example/fhir/$submit-attachment"));
    bench.answer(claimed, 201, "");
    let (exchange, _) = bench.exchanges().remove(0);
    assert_eq!(exchange.kind(), Kind::Accepted);
    assert!(bench.out(NORTH).is_empty());
}

#[test]
fn a_277_becomes_a_task_that_waits_for_its_provider() {
    let bench = Bench::new();
    let (_, answer) = bench.x12(HARBOR, &request(1, "CASE-1", "1999999992"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let found = bench.search(LAKE, &[("status", "requested")]);
    assert_eq!(found.len(), 1);
    // Who is shown the Task has the request.
    assert_eq!(found[0]["status"], "accepted");
    let id = found[0]["id"].as_str().unwrap();
    let (reply, task) = bench.read(LAKE, id);
    assert_eq!((reply.status, task["status"].as_str()), (200, Some("accepted")));
    assert_eq!(reply.version, Some(2));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Accepted);
}

#[test]
fn the_same_277_again_is_answered_as_before() {
    let bench = Bench::new();
    let text = request(1, "CASE-1", "1234567893");
    let first = bench.x12(HARBOR, &text);
    assert_eq!(bench.x12(HARBOR, &text), first);
    assert_eq!(bench.out(NORTH).len(), 1);
    let (_, other) = bench.x12(HARBOR, &request(1, "CASE-2", "1234567893"));
    assert!(other.contains("*R*025~"), "{other}");
    assert!(bench.out(NORTH).is_empty());
}
