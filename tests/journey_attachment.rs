//! Journeys 3 and 4 over the wire: a 275 becomes `$submit-attachment`; a Task becomes a 277, and its 275 completes it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::FINE;
use journey_support::SOUTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::task;
use journey_support::peer::Say;

#[test]
fn a_275_is_submitted_and_the_payers_word_comes_back_as_an_824() {
    let stage = Stage::new();
    let answer = stage.x12("south", &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJDREVG"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let sent = stage.summit.next();
    assert_eq!(sent.path, "/r4/$submit-attachment");
    assert!(
        sent.body.contains("PROV-1") && sent.body.contains("QUJDREVG"),
        "{}",
        sent.body
    );
    let told = stage.south.next().body;
    assert!(
        told.contains("~ST*824*") && told.contains("~OTI*TA*TN*SC-ATT-1*"),
        "{told}"
    );
}

#[test]
fn what_the_payer_refuses_is_told_in_an_824() {
    let stage = Stage::new();
    let why = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}"#;
    stage.summit.say(Say::Status(422, why.to_owned()));
    stage.x12("south", &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJDREVG"));
    stage.summit.next();
    let told = stage.south.next().body;
    assert!(told.contains("~OTI*TR*TN*SC-ATT-1*"), "{told}");
    assert!(!stage.summit.has_more(), "4xx is final (CDEX-802)");
}

#[test]
fn a_crash_before_the_payer_has_it_loses_and_doubles_nothing() {
    let mut stage = Stage::new();
    stage.summit.say(Say::Garbage);
    stage.x12("south", &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJDREVG"));
    let first = stage.summit.next();
    stage.crash();
    assert_eq!(stage.summit.next().body, first.body);
    stage.summit.say(Say::Status(200, FINE.to_owned()));
    let told = stage.south.next().body;
    assert!(told.contains("~OTI*TA*TN*SC-ATT-1*"), "{told}");
    // The same file again is acknowledged as before and goes nowhere.
    let again = stage.x12("south", &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJDREVG"));
    assert!(again.contains("~IK5*A~"), "{again}");
    stage.restart();
    assert!(!stage.south.has_more());
}

#[test]
fn a_task_becomes_a_277_and_the_275_that_answers_it_completes_it() {
    let mut stage = Stage::new();
    let (status, created) = stage.post("summit", "Task", &task("ACN-1", SUMMIT_ID, SOUTH_NPI));
    assert_eq!(status, 201, "{created}");
    let id = created["id"].as_str().unwrap().to_owned();
    let asked = stage.south.next().body;
    assert_eq!(
        (element(&asked, "ST", 1), element(&asked, "TRN", 2)),
        ("277", "ACN-1")
    );
    stage.x12(
        "south",
        &ack(5, "SOUTHCLINIC", element(&asked, "GS", 6), "277", "A"),
    );
    stage.until_status("summit", &id, "accepted");
    stage.crash();
    stage.summit.say(Say::HangUp);
    let answer = stage.x12("south", &attachment(6, "11", "ACN-1", SUMMIT_ID, "QUJD"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let first = stage.summit.next();
    assert_eq!(stage.read("summit", &id).1["status"], "in-progress");
    stage.crash();
    assert_eq!(stage.summit.next().body, first.body);
    stage.summit.say(Say::Status(200, FINE.to_owned()));
    let done = stage.until_status("summit", &id, "completed");
    assert!(
        done["meta"]["versionId"]
            .as_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 2,
        "{done}"
    );
    let (_, history) = stage.request("summit", &format!("GET /fhir/Task/{id}/_history"), "", "");
    let versions = history["entry"].as_array().unwrap().len();
    assert_eq!(done["meta"]["versionId"], versions.to_string());
}

#[test]
fn a_task_is_created_once_and_only_the_source_moves_it() {
    let stage = Stage::new();
    let body = task("ACN-1", SUMMIT_ID, SOUTH_NPI);
    let (_, created) = stage.post("summit", "Task", &body);
    let (status, again) = stage.post("summit", "Task", &body);
    assert_eq!((status, &again["id"]), (201, &created["id"]));
    let id = created["id"].as_str().unwrap();
    let mut moved = created.clone();
    moved["status"] = "completed".into();
    let json = "Content-Type: application/fhir+json\r\n";
    let (status, outcome) = stage.request(
        "summit",
        &format!("PUT /fhir/Task/{id}"),
        json,
        &moved.to_string(),
    );
    assert_eq!(
        (status, outcome["resourceType"].as_str()),
        (403, Some("OperationOutcome"))
    );
    let stale = format!("{json}If-Match: W/\"99\"\r\n");
    let (status, _) = stage.request(
        "summit",
        &format!("PUT /fhir/Task/{id}"),
        &stale,
        &moved.to_string(),
    );
    assert!(matches!(status, 403 | 412), "{status}");
    let (status, _) = stage.read("north", id);
    assert_eq!(status, 404);
    assert_eq!(element(&stage.south.next().body, "TRN", 2), "ACN-1");
}
