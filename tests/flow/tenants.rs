//! SEC-005: nobody sees, moves or guesses what is not theirs.

use cartage::flow::door::Interaction;
use serde_json::json;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::ack;
use crate::messages::element;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::task;

#[test]
fn a_task_exists_for_its_two_sides_only() {
    let bench = Bench::new();
    let (_, created) = bench.create(SUMMIT, &task("ACN-1", "70702", "1999999992").to_string());
    let id = created["id"].as_str().unwrap().to_owned();
    for stranger in [HARBOR, NORTH, SOUTH, "nobody"] {
        let whats = [
            Interaction::ReadTask { id: id.clone() },
            Interaction::ReadVersion {
                id: id.clone(),
                version: 1,
            },
            Interaction::History {
                id: id.clone(),
                query: Vec::new(),
            },
        ];
        for what in whats {
            assert_eq!(bench.ask(stranger, what, "").0.status, 404);
        }
        let what = Interaction::UpdateTask {
            id: id.clone(),
            version: None,
        };
        let body = json!({"resourceType": "Task", "id": id, "status": "failed"}).to_string();
        assert_eq!(bench.ask(stranger, what, &body).0.status, 404);
        assert!(bench.search(stranger, &[("identifier", "ACN-1")]).is_empty());
        assert!(bench.search(stranger, &[("_id", &id)]).is_empty());
        assert!(bench.search(stranger, &[]).is_empty());
    }
    assert_eq!(bench.search(SUMMIT, &[]).len(), 1);
    assert_eq!(bench.search(LAKE, &[]).len(), 1);
}

#[test]
fn a_submission_joins_only_what_its_sender_was_asked() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1999999992"));
    let (reply, _) = bench.submit(
        NORTH,
        &submission("CASE-1", "60601", "1234567893", "QUJD").to_string(),
    );
    assert_eq!(reply.status, 200);
    let found = bench.exchanges();
    assert_eq!(found.len(), 2);
    assert!(found[0].0.request().is_none());
    assert!(found[1].0.parts().is_empty());
}

#[test]
fn an_acknowledgement_counts_from_its_receiver_only() {
    let bench = Bench::new();
    bench.submit(
        LAKE,
        &submission("T-1", "60601", "1999999992", "QUJD").to_string(),
    );
    let (claimed, text) = bench.only(HARBOR);
    let group = element(&text, "GS", 6).to_owned();
    bench.answer(claimed, 200, "");
    let before = bench.exchanges();
    bench.x12(SOUTH, &ack(3, "SOUTHCLINIC", &group, "275", "R"));
    assert_eq!(bench.exchanges(), before);
}

#[test]
fn nothing_of_a_person_stands_in_the_audit() {
    let bench = Bench::new();
    bench.create(SUMMIT, &task("ACN-1", "70702", "1245319599").to_string());
    bench.submit(
        LAKE,
        &submission("T-1", "60601", "1999999992", "Q0FOQVJZ").to_string(),
    );
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    let audit = bench.audit();
    for personal in [
        "Quill",
        "SU-7001",
        "CLM-41",
        "HP0042117",
        "MARLOWE",
        "Q0FOQVJZ",
        "SC-2026-0417",
    ] {
        assert!(!audit.contains(personal), "{personal}");
    }
    assert!(audit.contains("\"event\":\"received\""));
}
