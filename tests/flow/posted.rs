//! Journey 4: a Task becomes a 277, and the 275 that answers it completes the Task.

use cartage::exchange::state::Kind;
use cartage::flow::door::Interaction;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::ack;
use crate::messages::attachment;
use crate::messages::element;
use crate::messages::task;

const SOUTH_NPI: &str = "1245319599";

#[test]
fn a_task_is_answered_by_a_275() {
    let mut bench = Bench::new();
    let (reply, created) = bench.create(SUMMIT, &task("ACN-1", "70702", SOUTH_NPI).to_string());
    assert_eq!(reply.status, 201, "{created}");
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.location, Some(format!("Task/{id}/_history/1")));
    let (claimed, text) = bench.only(SOUTH);
    assert_eq!(element(&text, "TRN", 2), "ACN-1");
    assert_eq!(element(&text, "GS", 8), "006020X313");
    let group = element(&text, "GS", 6).to_owned();
    bench.answer(claimed, 202, "");
    assert_eq!(bench.read(SUMMIT, &id).1["status"], "requested");
    bench.x12(SOUTH, &ack(5, "SOUTHCLINIC", &group, "277", "A"));
    assert_eq!(bench.read(SUMMIT, &id).1["status"], "accepted");

    bench.restart();
    let (_, answer) = bench.x12(SOUTH, &attachment(6, "11", "ACN-1", "70702", "QUJD"));
    assert!(
        answer.contains("~IK5*A~") && !answer.contains("*824*"),
        "{answer}"
    );
    assert_eq!(bench.read(SUMMIT, &id).1["status"], "in-progress");
    let (claimed, text) = bench.only(SUMMIT);
    let parameters: Value = serde_json::from_str(&text).unwrap();
    let tracking = &parameters["parameter"].as_array().unwrap()[0];
    // The answer echoes the namespaces of the request (cdex.md §5.4).
    assert_eq!(tracking["valueIdentifier"]["system"], "urn:example:summit:acn");
    assert_eq!(tracking["valueIdentifier"]["value"], "ACN-1");
    bench.answer(claimed, 200, "");
    let (_, done) = bench.read(SUMMIT, &id);
    assert_eq!(done["status"], "completed");
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Completed);

    let what = Interaction::History {
        id,
        query: Vec::new(),
    };
    let (_, history) = bench.ask(SUMMIT, what, "");
    let statuses: Vec<&str> = history["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["resource"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses.first(), Some(&"completed"));
    assert_eq!(statuses.last(), Some(&"requested"));
    assert!(statuses.contains(&"accepted") && statuses.contains(&"in-progress"));
}

#[test]
fn a_provider_that_refuses_the_277_rejects_the_task() {
    let bench = Bench::new();
    let (_, created) = bench.create(SUMMIT, &task("ACN-1", "70702", SOUTH_NPI).to_string());
    let (claimed, text) = bench.only(SOUTH);
    bench.answer(claimed, 202, "");
    let group = element(&text, "GS", 6).to_owned();
    bench.x12(SOUTH, &ack(5, "SOUTHCLINIC", &group, "277", "R"));
    let (_, task) = bench.read(SUMMIT, created["id"].as_str().unwrap());
    assert_eq!(task["status"], "rejected");
    assert!(task["statusReason"]["text"].as_str().is_some());
}
