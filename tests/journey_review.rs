//! Prior authorisation over the wire: a payer pends its review, and gets what it asks for under the guide of reviews.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use std::collections::BTreeSet;

use cartage::fhir::json;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::OLDEN_ID;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::advice;
use journey_support::messages::element;
use journey_support::messages::submission;
use journey_support::peer::Say;
use serde_json::Value;

/// A response of a payer to a review, which it pends until it has been sent documents.
fn pended(payer: &str, npi: &str) -> String {
    include_str!("data/translate/review.x12")
        .replace("PI*77001", &format!("PI*{payer}"))
        .replace("XX*1234567893", &format!("XX*{npi}"))
}

/// What a provider hands in for the review.
fn answer(payer: &str, npi: &str) -> Value {
    let mut body = submission("NR-5501", payer, npi, "QUJD");
    body["parameter"][1]["valueCode"] = "preauthorization".into();
    body
}

fn tracking(task: &Value) -> String {
    task["identifier"][0]["value"].as_str().unwrap().to_owned()
}

/// The Task about the whole review that lake finds with us: its id.
fn asked(stage: &Stage, partner: &str, payer: &str) -> String {
    let said = stage.x12(partner, &pended(payer, LAKE_NPI));
    assert!(said.contains("~IK5*A~") && !said.contains("~ST*824*"), "{said}");
    let found = stage.search("lake", "status=requested");
    let task = found.iter().find(|task| tracking(task) == "NR-5501").unwrap();
    assert_eq!(task["reasonCode"]["coding"][0]["code"], "preauthorization");
    task["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_pended_review_becomes_tasks_and_a_crash_loses_and_doubles_none() {
    let mut stage = Stage::new();
    stage.north.say(Say::HangUp);
    let review = pended(HARBOR_ID, NORTH_NPI);
    let said = stage.x12("harbor", &review);
    assert!(said.contains("~IK5*A~"), "{said}");
    stage.north.next();
    stage.crash();
    stage.north.say(Say::Status(201, String::new()));
    let mut posted = BTreeSet::new();
    while posted.len() < 2 {
        let sent = stage.north.next();
        if sent.answered == 201 {
            let task = json::read(sent.body.as_bytes()).unwrap();
            assert!(
                posted.insert(tracking(&task)),
                "posted twice: {}",
                tracking(&task)
            );
        }
    }
    let whole_and_service = ["NR-5501", "NR-5501-6"].map(str::to_owned);
    assert_eq!(posted, whole_and_service.into());
    assert_eq!(stage.x12("harbor", &review), said, "the same again is the same");
    stage.restart();
    assert!(!stage.north.has_more());
}

#[test]
fn what_a_review_wants_goes_under_its_guide_and_the_payers_word_completes_the_task() {
    let mut stage = Stage::new();
    let id = asked(&stage, "harbor", HARBOR_ID);
    stage.harbor.say(Say::Status(503, String::new()));
    let (status, said) = stage.post("lake", "$submit-attachment", &answer(HARBOR_ID, LAKE_NPI));
    assert_eq!(status, 200, "{said}");
    let first = stage.harbor.next().body;
    assert_eq!(
        (element(&first, "GS", 8), element(&first, "TRN", 2)),
        ("006020X316", "NR-5501")
    );
    stage.crash();
    stage.harbor.say(Say::Status(200, String::new()));
    assert_eq!(stage.harbor.next_answered(200).body, first);
    stage.until_status("lake", &id, "in-progress");
    stage.crash();
    let group = element(&first, "GS", 6);
    stage.x12("harbor", &ack(9, "HARBORPLAN", group, "275", "A"));
    stage.until_status("lake", &id, "completed");
}

#[test]
fn a_payer_of_5010_gets_the_answer_to_its_review_in_5010() {
    let stage = Stage::new();
    let id = asked(&stage, "olden", OLDEN_ID);
    let (status, said) = stage.post("lake", "$submit-attachment", &answer(OLDEN_ID, LAKE_NPI));
    assert_eq!(status, 200, "{said}");
    let sent = stage.olden.next().body;
    assert_eq!(
        (element(&sent, "GS", 8), element(&sent, "TRN", 2)),
        ("005010X211", "NR-5501")
    );
    assert!(sent.contains("~BIN*"), "{sent}");
    stage.x12("olden", &ack(9, "OLDENPLAN", element(&sent, "GS", 6), "275", "A"));
    stage.until_status("lake", &id, "completed");
}

#[test]
fn what_the_reviewer_refuses_puts_the_task_on_hold() {
    let mut stage = Stage::new();
    let id = asked(&stage, "harbor", HARBOR_ID);
    stage.post("lake", "$submit-attachment", &answer(HARBOR_ID, LAKE_NPI));
    let sent = stage.harbor.next().body;
    stage.crash();
    stage.x12("harbor", &advice(9, element(&sent, "GS", 6), "TR"));
    let held = stage.until_status("lake", &id, "on-hold");
    assert_eq!(held["businessStatus"]["text"], "submission refused by the payer");
}
