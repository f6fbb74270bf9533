//! 5010 on one side and 6020 on the other: each partner is told in its own version, with a crash on the way.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::EAST_NPI;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::OLDEN_ID;
use journey_support::SOUTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::messages::task;
use journey_support::older;
use journey_support::peer::Say;

#[test]
fn a_payer_of_5010_asks_a_clinic_of_6020_and_each_is_told_in_its_own_version() {
    let mut stage = Stage::new();
    stage.south.say(Say::HangUp);
    let answer = stage.x12("olden", &older::request(1, "CASE-1", SOUTH_NPI));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let asked = stage.south.next().body;
    assert_eq!(
        (element(&asked, "GS", 8), element(&asked, "TRN", 2)),
        ("006020X313", "CASE-1")
    );
    stage.crash();
    stage.south.say(Say::Status(200, String::new()));
    assert_eq!(stage.south.next_answered(200).body, asked);
    stage.olden.say(Say::Status(503, String::new()));
    let answer = stage.x12("south", &attachment(2, "11", "CASE-1", OLDEN_ID, "QUJDREVG"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let sent = stage.olden.next().body;
    assert_eq!(
        (element(&sent, "GS", 8), element(&sent, "TRN", 2)),
        ("005010X210", "CASE-1")
    );
    assert!(sent.contains("~BIN*") && sent.contains("QUJDREVG"), "{sent}");
    stage.crash();
    stage.olden.say(Say::Status(200, String::new()));
    assert_eq!(stage.olden.next_answered(200).body, sent);
    stage.x12("olden", &ack(9, "OLDENPLAN", element(&sent, "GS", 6), "275", "A"));
    stage.until_newest("completed");
}

#[test]
fn a_payer_of_6020_asks_a_clinic_of_5010_and_each_is_told_in_its_own_version() {
    let mut stage = Stage::new();
    stage.x12("harbor", &request(1, "CASE-1", EAST_NPI));
    let asked = stage.east.next().body;
    assert_eq!(
        (element(&asked, "GS", 8), element(&asked, "TRN", 2)),
        ("005010X213", "CASE-1")
    );
    stage.crash();
    let answered = older::attachment(2, "11", "CASE-1", HARBOR_ID, EAST_NPI, "plain words");
    let answer = stage.x12("east", &answered);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let sent = stage.harbor.next().body;
    assert_eq!(
        (element(&sent, "GS", 8), element(&sent, "TRN", 2)),
        ("006020X314", "CASE-1")
    );
    // The octets of the BIN, in base 64.
    assert!(sent.contains("~BDS*B64*16*cGxhaW4gd29yZHM=~"), "{sent}");
    stage.x12(
        "harbor",
        &ack(9, "HARBORPLAN", element(&sent, "GS", 6), "275", "A"),
    );
    stage.until_newest("completed");
}

#[test]
fn what_a_clinic_of_5010_sends_reaches_a_payer_on_fhir_and_its_request_goes_back_in_5010() {
    let mut stage = Stage::new();
    let (status, created) = stage.post("summit", "Task", &task("ACN-1", SUMMIT_ID, EAST_NPI));
    assert_eq!(status, 201, "{created}");
    let asked = stage.east.next().body;
    assert_eq!(
        (element(&asked, "GS", 8), element(&asked, "TRN", 2)),
        ("005010X213", "ACN-1")
    );
    stage.crash();
    let answered = older::attachment(2, "11", "ACN-1", SUMMIT_ID, EAST_NPI, "plain words");
    let answer = stage.x12("east", &answered);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let sent = stage.summit.next().body;
    assert!(
        sent.contains("cGxhaW4gd29yZHM=") && sent.contains("ACN-1"),
        "{sent}"
    );
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
    let told = loop {
        let told = stage.east.next().body;
        // What was sent before the crash may come again.
        if told != asked {
            break told;
        }
    };
    assert_eq!(element(&told, "ST", 1), "824", "{told}");
    assert!(told.contains("~OTI*TA*TN*SC-ATT-2*"), "{told}");
}

#[test]
fn a_payer_of_5010_asks_a_practice_on_fhir() {
    let mut stage = Stage::new();
    stage.x12("olden", &older::request(1, "CASE-1", LAKE_NPI));
    let found = stage.search("lake", "identifier=CASE-1");
    stage.crash();
    let body = submission("CASE-1", OLDEN_ID, LAKE_NPI, "QUJD");
    assert_eq!(stage.post("lake", "$submit-attachment", &body).0, 200);
    let sent = stage.olden.next().body;
    assert_eq!(element(&sent, "GS", 8), "005010X210");
    stage.x12("olden", &ack(9, "OLDENPLAN", element(&sent, "GS", 6), "275", "R"));
    let held = stage.until_status("lake", found[0]["id"].as_str().unwrap(), "on-hold");
    assert_eq!(held["businessStatus"]["text"], "submission refused by 999");
}
