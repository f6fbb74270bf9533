//! Journey 5 over the wire: X12 to X12 and FHIR to FHIR pass unchanged but for their envelopes, a restart in between.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::FINE;
use journey_support::HARBOR_ID;
use journey_support::NORTH_NPI;
use journey_support::SOUTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::messages::task;
use journey_support::peer::Say;

/// What stands between the envelopes of the first transaction.
fn transaction(text: &str) -> &str {
    &text[text.find("~ST*").unwrap()..text.find("~GE*").unwrap()]
}

#[test]
fn x12_passes_to_x12_and_back() {
    let mut stage = Stage::new();
    let asked = request(1, "CASE-1", SOUTH_NPI);
    assert!(stage.x12("harbor", &asked).contains("~IK5*A~"));
    let passed = stage.south.next().body;
    assert_eq!(transaction(&passed), transaction(&asked));
    assert_eq!(element(&passed, "ISA", 6).trim(), "CARTAGE");
    stage.crash();
    stage.harbor.say(Say::HangUp);
    let answered = attachment(2, "11", "CASE-1", HARBOR_ID, "QUJDREVG");
    assert!(stage.x12("south", &answered).contains("~IK5*A~"));
    let first = stage.harbor.next().body;
    assert_eq!(transaction(&first), transaction(&answered));
    stage.crash();
    assert_eq!(stage.harbor.next().body, first);
}

#[test]
fn fhir_passes_to_fhir_and_back() {
    let mut stage = Stage::new();
    let asked = task("ACN-5", SUMMIT_ID, NORTH_NPI);
    let (status, created) = stage.post("summit", "Task", &asked);
    assert_eq!(status, 201, "{created}");
    let posted = stage.north.next_json();
    let mut expected = asked;
    expected["input"][1]["valueUrl"] = "http://127.0.0.1/fhir/$submit-attachment".into();
    assert_eq!(posted, expected);
    stage.crash();
    stage.summit.say(Say::Status(503, String::new()));
    let body = submission("ACN-5", SUMMIT_ID, NORTH_NPI, "QUJD");
    let (status, said) = stage.post("north", "$submit-attachment", &body);
    assert_eq!(status, 200, "{said}");
    assert_eq!(stage.summit.next().body, body.to_string());
    stage.crash();
    stage.summit.say(Say::Status(200, FINE.to_owned()));
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
}
