//! What must not happen over the wire: addresses of strangers that are dialled, depths that are followed, answers to come.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::HARBOR_ID;
use journey_support::NORTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::submission;
use journey_support::messages::task;
use journey_support::peer::Peer;
use journey_support::peer::Say;

const JSON: &str = "Content-Type: application/fhir+json\r\n";

/// T-114: where an answer goes is said by the configuration, and never by a message.
#[test]
fn an_address_in_a_message_is_not_dialled() {
    let mut stage = Stage::new();
    let trap = Peer::saying(Say::Status(200, String::new()));
    let mut asked = task("ACN-1", SUMMIT_ID, NORTH_NPI);
    asked["input"][1]["valueUrl"] = format!("http://{}/$submit-attachment", trap.address).into();
    asked["basedOn"] =
        serde_json::json!([{"reference": format!("http://{}/ServiceRequest/1", trap.address)}]);
    let (status, created) = stage.post("summit", "Task", &asked);
    assert_eq!(status, 201, "{created}");
    let posted = stage.north.next_json();
    let ours = "http://127.0.0.1/fhir/$submit-attachment";
    assert_eq!(posted["input"][1]["valueUrl"], ours);
    stage.crash();
    let body = submission("ACN-1", SUMMIT_ID, NORTH_NPI, "QUJD");
    assert_eq!(stage.post("north", "$submit-attachment", &body).0, 200);
    assert_eq!(stage.summit.next().path, "/r4/$submit-attachment");
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
    stage.restart();
    assert!(!trap.has_more());
}

/// T-115: what nests without end is refused, and the next is taken.
#[test]
fn what_nests_without_end_is_refused() {
    let stage = Stage::new();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}0{}", open.repeat(20_000), close.repeat(20_000));
        for place in ["Task", "$submit-attachment"] {
            let (status, outcome) = stage.request("north", &format!("POST /fhir/{place}"), JSON, &deep);
            assert_eq!(
                (status, outcome["issue"][0]["severity"].as_str()),
                (400, Some("fatal")),
                "{outcome}"
            );
        }
    }
    let body = submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD");
    assert_eq!(stage.post("north", "$submit-attachment", &body).0, 200);
    assert!(stage.harbor.next().body.contains("PROV-7"));
}

/// GW-17: an answer later is a choice of the gateway, which always answers at once.
#[test]
fn who_would_wait_for_an_answer_has_it_at_once() {
    let stage = Stage::new();
    let fields = format!("{JSON}Prefer: respond-async\r\n");
    let body = submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD").to_string();
    let (status, outcome) = stage.request("north", "POST /fhir/$submit-attachment", &fields, &body);
    assert_eq!(
        (status, outcome["resourceType"].as_str()),
        (200, Some("OperationOutcome"))
    );
}

/// T-04: no authorisation server is named, because there is none.
#[test]
fn what_is_not_offered_is_not_discovered() {
    let stage = Stage::new();
    for place in ["smart-configuration", "udap"] {
        let line = format!("GET /fhir/.well-known/{place}");
        let (status, outcome) = stage.request("north", &line, "", "");
        assert_eq!(
            (status, outcome["resourceType"].as_str()),
            (404, Some("OperationOutcome")),
            "{outcome}"
        );
    }
    let (status, statement) = stage.request("north", "GET /fhir/metadata", "", "");
    assert_eq!(status, 200);
    // T-02: no topic of notifications either.
    assert!(!statement.to_string().contains("Subscription"), "{statement}");
}
