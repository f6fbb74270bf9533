//! Journey 2 over the wire: `$submit-attachment` becomes a 275, and the payer's acknowledgements close it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::advice;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::peer::Say;

/// A request of Harbor Plan that Lake finds with us: the id of its Task.
fn asked(stage: &Stage) -> String {
    stage.x12("harbor", &request(1, "CASE-1", LAKE_NPI));
    let found = stage.search("lake", "identifier=CASE-1");
    found[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_becomes_a_275_and_the_payers_999_completes_the_task() {
    let stage = Stage::new();
    let id = asked(&stage);
    let (status, said) = stage.post(
        "lake",
        "$submit-attachment",
        &submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD"),
    );
    assert_eq!(status, 200, "{said}");
    let sent = stage.harbor.next();
    assert_eq!(sent.path, "/x12");
    assert_eq!(element(&sent.body, "TRN", 2), "CASE-1");
    assert!(sent.body.contains("*QUJD~"), "{}", sent.body);
    stage.until_status("lake", &id, "in-progress");
    let group = element(&sent.body, "GS", 6);
    stage.x12("harbor", &ack(9, "HARBORPLAN", group, "275", "A"));
    stage.until_status("lake", &id, "completed");
}

#[test]
fn a_crash_between_the_submission_and_the_275_loses_and_doubles_nothing() {
    let mut stage = Stage::new();
    let id = asked(&stage);
    stage.harbor.say(Say::Status(503, String::new()));
    let body = submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD");
    let (status, first_said) = stage.post("lake", "$submit-attachment", &body);
    assert_eq!(status, 200);
    let first = stage.harbor.next();
    stage.crash();
    assert_eq!(stage.harbor.next().body, first.body);
    stage.harbor.say(Say::Status(200, String::new()));
    assert_eq!(stage.harbor.next_answered(200).body, first.body);
    // GW-12: the same submission again is the same submission.
    let (status, said) = stage.post("lake", "$submit-attachment", &body);
    assert_eq!(status, 200, "{said} after {first_said}");
    stage.until_status("lake", &id, "in-progress");
    stage.restart();
    let group = element(&first.body, "GS", 6);
    stage.x12("harbor", &ack(9, "HARBORPLAN", group, "275", "A"));
    stage.until_status("lake", &id, "completed");
    assert!(!stage.harbor.has_more());
}

#[test]
fn what_the_payer_refuses_comes_back_to_the_task() {
    let stage = Stage::new();
    let id = asked(&stage);
    stage.post(
        "lake",
        "$submit-attachment",
        &submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD"),
    );
    let sent = stage.harbor.next();
    let group = element(&sent.body, "GS", 6);
    stage.x12("harbor", &ack(9, "HARBORPLAN", group, "275", "A"));
    stage.until_status("lake", &id, "completed");
    stage.x12("harbor", &advice(10, group, "TR"));
    let (_, task) = stage.read("lake", &id);
    assert_ne!(task["status"], "completed", "{task}");
}

#[test]
fn an_acknowledgement_in_the_answer_counts() {
    let stage = Stage::new();
    let id = asked(&stage);
    stage.harbor.say(Say::HangUp);
    stage.post(
        "lake",
        "$submit-attachment",
        &submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD"),
    );
    let sent = stage.harbor.next();
    let group = element(&sent.body, "GS", 6);
    stage
        .harbor
        .say(Say::Status(200, ack(9, "HARBORPLAN", group, "275", "A")));
    stage.until_status("lake", &id, "completed");
}

#[test]
fn an_unsolicited_submission_becomes_a_275_too() {
    let stage = Stage::new();
    let (status, said) = stage.post(
        "north",
        "Claim/$submit-attachment",
        &submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD"),
    );
    assert_eq!(status, 200, "{said}");
    let sent = stage.harbor.next();
    assert_eq!(
        (element(&sent.body, "BGN", 1), element(&sent.body, "TRN", 2)),
        ("02", "PROV-7")
    );
}

#[test]
fn a_page_in_place_of_an_answer_is_no_acknowledgement() {
    let stage = Stage::new();
    stage.harbor.say(Say::Status(500, String::new()));
    stage.post(
        "north",
        "$submit-attachment",
        &submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD"),
    );
    let first = stage.harbor.next();
    stage.harbor.say(Say::Status(200, String::new()));
    assert_eq!(stage.harbor.next_answered(200).body, first.body);
}

#[test]
fn what_is_wrong_with_a_submission_is_told() {
    let stage = Stage::new();
    let mut body = submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD");
    body["parameter"]
        .as_array_mut()
        .unwrap()
        .retain(|one| one["name"] != "MemberId");
    let (status, outcome) = stage.post("north", "$submit-attachment", &body);
    assert_eq!(
        (status, outcome["resourceType"].as_str()),
        (422, Some("OperationOutcome")),
        "{outcome}"
    );
    let (status, outcome) = stage.request(
        "north",
        "POST /fhir/$submit-attachment",
        "Content-Type: application/json\r\n",
        "{",
    );
    assert_eq!(
        (status, outcome["issue"][0]["severity"].as_str()),
        (400, Some("fatal"))
    );
    let (status, _) = stage.request("north", "GET /fhir/$submit-attachment", "", "");
    assert_eq!(status, 405);
    assert!(!stage.harbor.has_more());
}
