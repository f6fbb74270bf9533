//! Journey 1 over the wire: a payer's 277 becomes a Task, posted to the provider or hosted for it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::request;
use journey_support::peer::Say;

#[test]
fn a_277_becomes_a_task_on_the_providers_server() {
    let stage = Stage::new();
    let answer = stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let sent = stage.north.next();
    assert_eq!(sent.path, "/r4/Task");
    let task = cartage::fhir::json::read(sent.body.as_bytes()).unwrap();
    assert_eq!(
        (&task["resourceType"], &task["status"]),
        (&"Task".into(), &"requested".into())
    );
    assert_eq!(task["identifier"][0]["value"], "CASE-1");
    let inputs = task["input"].as_array().unwrap();
    let answer_to = inputs.iter().find_map(|input| input["valueUrl"].as_str());
    assert_eq!(answer_to, Some("http://127.0.0.1/fhir/$submit-attachment"));
}

#[test]
fn a_277_becomes_a_task_that_the_provider_finds_with_us() {
    let stage = Stage::new();
    stage.x12("harbor", &request(1, "CASE-1", LAKE_NPI));
    let found = stage.search("lake", "identifier=CASE-1");
    assert_eq!(found.len(), 1);
    let id = found[0]["id"].as_str().unwrap();
    let (status, task) = stage.read("lake", id);
    assert_eq!((status, task["status"].as_str()), (200, Some("accepted")));
    // SEC-005: for whom it is not, it is not there.
    assert_eq!(stage.read("north", id).0, 404);
    assert!(stage.search("north", "identifier=CASE-1").is_empty());
}

/// A request that was acknowledged reaches the provider, whatever dies in between, and it reaches it as it was.
#[test]
fn a_crash_while_the_provider_is_away_loses_nothing() {
    let mut stage = Stage::new();
    stage.north.say(Say::HangUp);
    let answer = stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let first = stage.north.next();
    stage.crash();
    stage.north.next();
    stage.north.say(Say::Status(201, String::new()));
    assert_eq!(stage.north.next_answered(201).body, first.body);
    // The same 277 is answered as before, and asks nobody twice.
    assert_eq!(stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI)), answer);
    stage.restart();
    assert_eq!(stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI)), answer);
    assert!(!stage.north.has_more());
}

#[test]
fn a_number_that_was_used_for_something_else_is_refused() {
    let stage = Stage::new();
    stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI));
    stage.north.next();
    let answer = stage.x12("harbor", &request(1, "CASE-2", NORTH_NPI));
    assert!(answer.contains("*R*025~"), "{answer}");
    assert!(!stage.north.has_more());
}

#[test]
fn a_request_for_nobody_known_is_parked_and_acknowledged() {
    let stage = Stage::new();
    let answer = stage.x12("harbor", &request(1, "CASE-1", "1888888884"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    assert!(!stage.north.has_more());
}

#[test]
fn what_is_no_interchange_gets_no_acknowledgement() {
    let stage = Stage::new();
    let address = stage.gateway().address("harbor");
    let (status, _) =
        journey_support::serve_support::ask(address, "POST /", "Content-Type: text/plain\r\n", "hello");
    assert_eq!(status, 400);
    let broken = request(1, "CASE-1", NORTH_NPI).replace("~IEA*1*", "~IEA*7*");
    let answer = stage.x12("harbor", &broken);
    assert!(answer.contains("~TA1*000000001*"), "{answer}");
}
