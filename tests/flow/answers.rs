//! Journey 2: `$submit-attachment` becomes a 275, and the payer's acknowledgements close it.

use cartage::exchange::state::Kind;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::bench::OLDEN;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::ack;
use crate::messages::attachment;
use crate::messages::element;
use crate::messages::request;
use crate::messages::submission;

const LAKE_NPI: &str = "1999999992";

fn asked(bench: &Bench) -> Value {
    bench.x12(HARBOR, &request(1, "CASE-1", LAKE_NPI));
    bench.search(LAKE, &[("identifier", "CASE-1")]).remove(0)
}

#[test]
fn an_answer_becomes_a_275_and_its_999_completes_the_task() {
    let bench = Bench::new();
    let task = asked(&bench);
    let (reply, outcome) = bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "QUJD").to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (claimed, text) = bench.only(HARBOR);
    assert_eq!(element(&text, "TRN", 2), "CASE-1");
    assert_eq!(element(&text, "BGN", 1), "11");
    assert!(text.contains("*QUJD~"), "{text}");
    let group = element(&text, "GS", 6).to_owned();
    bench.answer(claimed, 200, "");
    let id = task["id"].as_str().unwrap();
    assert_eq!(bench.read(LAKE, id).1["status"], "in-progress");
    bench.x12(HARBOR, &ack(9, "HARBORPLAN", &group, "275", "A"));
    assert_eq!(bench.read(LAKE, id).1["status"], "completed");
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Completed);
}

#[test]
fn an_unsolicited_submission_goes_to_the_payer_that_it_names() {
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, &submission("PROV-7", "60601", LAKE_NPI, "QUJD").to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(HARBOR);
    assert_eq!(element(&text, "BGN", 1), "02");
    assert_eq!(element(&text, "TRN", 1), "1");
    assert!(bench.exchanges()[0].0.request().is_none());
}

#[test]
fn a_payer_of_5010_gets_a_bin() {
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, &submission("PROV-8", "50501", LAKE_NPI, "QUJD").to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(OLDEN);
    assert_eq!(element(&text, "GS", 8), "005010X210");
    assert!(text.contains("~BIN*"), "{text}");
}

#[test]
fn attachments_to_a_prior_authorisation_go_under_their_own_guide() {
    let bench = Bench::new();
    let mut body = submission("PROV-9", "60601", LAKE_NPI, "QUJD");
    body["parameter"][1]["valueCode"] = "preauthorization".into();
    let (reply, outcome) = bench.submit(LAKE, &body.to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    assert_eq!(element(&bench.only(HARBOR).1, "GS", 8), "006020X316");
}

#[test]
fn the_same_content_again_goes_out_once() {
    let bench = Bench::new();
    let body = submission("PROV-1", "60601", LAKE_NPI, "QUJD");
    let (first, _) = bench.submit(LAKE, &body.to_string());
    let (second, _) = bench.submit(LAKE, &body.to_string());
    // ROB-010: byte for byte.
    assert_eq!(first.body, second.body);
    // GW-12: the same content in other bytes.
    let (reply, outcome) = bench.submit(LAKE, &serde_json::to_string_pretty(&body).unwrap());
    assert_eq!(reply.status, 200);
    assert!(
        outcome["issue"]
            .as_array()
            .unwrap()
            .iter()
            .any(|issue| issue["code"] == "duplicate"),
        "{outcome}"
    );
    assert_eq!(bench.out(HARBOR).len(), 1);
}

#[test]
fn two_parts_complete_the_task_when_the_last_is_taken() {
    let bench = Bench::new();
    let task = asked(&bench);
    let mut part = submission("CASE-1", "60601", LAKE_NPI, "QUJD");
    part["parameter"][8]["valueBoolean"] = false.into();
    let (_, outcome) = bench.submit(LAKE, &part.to_string());
    // GW-13: several submissions were not granted, and it is taken with a warning.
    assert!(
        outcome["issue"]
            .as_array()
            .unwrap()
            .iter()
            .any(|issue| issue["severity"] == "warning"),
        "{outcome}"
    );
    bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "REVG").to_string());
    let out = bench.out(HARBOR);
    assert_eq!(out.len(), 2);
    let id = task["id"].as_str().unwrap();
    for (control, (claimed, text)) in (20..).zip(out) {
        assert_eq!(bench.read(LAKE, id).1["status"], "in-progress");
        let group = element(&text, "GS", 6).to_owned();
        bench.answer(claimed, 200, "");
        bench.x12(HARBOR, &ack(control, "HARBORPLAN", &group, "275", "A"));
    }
    assert_eq!(bench.read(LAKE, id).1["status"], "completed");
}

#[test]
fn a_999_that_refuses_puts_the_task_on_hold() {
    let bench = Bench::new();
    let task = asked(&bench);
    bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "QUJD").to_string());
    let (claimed, text) = bench.only(HARBOR);
    bench.answer(claimed, 200, "");
    bench.x12(HARBOR, &ack(9, "HARBORPLAN", element(&text, "GS", 6), "275", "R"));
    let (_, held) = bench.read(LAKE, task["id"].as_str().unwrap());
    assert_eq!(
        (held["status"].as_str(), held["businessStatus"]["text"].as_str()),
        (Some("on-hold"), Some("submission refused by 999"))
    );
}

#[test]
fn a_group_that_is_refused_completes_nothing_whatever_is_said_of_its_sets() {
    let bench = Bench::new();
    let task = asked(&bench);
    bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "QUJD").to_string());
    let (claimed, text) = bench.only(HARBOR);
    bench.answer(claimed, 200, "");
    let taken = ack(9, "HARBORPLAN", element(&text, "GS", 6), "275", "A");
    let refused = taken.replace("AK9*A*1*1*1", "AK9*R*1*1*0");
    assert_ne!(taken, refused);
    bench.x12(HARBOR, &refused);
    let (_, held) = bench.read(LAKE, task["id"].as_str().unwrap());
    assert_eq!(
        (held["status"].as_str(), held["businessStatus"]["text"].as_str()),
        (Some("on-hold"), Some("submission refused by 999"))
    );
    assert!(bench.audit().contains("\"alerts\":[\"refused\"]"));
}

#[test]
fn an_exchange_is_found_behind_many_about_the_same_claim() {
    let bench = Bench::new();
    asked(&bench);
    for number in 2..60 {
        bench.x12(HARBOR, &request(number, &format!("CASE-{number}"), LAKE_NPI));
    }
    bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "QUJD").to_string());
    let (_, text) = bench.only(HARBOR);
    assert_eq!(element(&text, "BGN", 1), "11");
    assert_eq!(bench.search(LAKE, &[("status", "in-progress")]).len(), 1);
}

#[test]
fn a_posted_request_is_answered_after_a_restart() {
    let mut bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-3", "1234567893"));
    bench.restart();
    let (claimed, _) = bench.only(NORTH);
    bench.answer(claimed, 201, "");
    bench.restart();
    bench.submit(
        NORTH,
        &submission("CASE-3", "60601", "1234567893", "QUJD").to_string(),
    );
    bench.restart();
    let (claimed, text) = bench.only(HARBOR);
    // What the submission does not say is known from the request.
    assert!(text.contains("*MARLOWE*ADA*"), "{text}");
    assert!(text.contains("~REF*X1*SC-2026-0417~"), "{text}");
    bench.answer(claimed, 200, "");
    bench.x12(HARBOR, &ack(4, "HARBORPLAN", element(&text, "GS", 6), "275", "A"));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Completed);
}

#[test]
fn what_its_receiver_does_not_take_is_refused_and_goes_nowhere() {
    let bench = Bench::new();
    bench.reload(|partner| partner.takes.largest = Some(2));
    let large = submission("PROV-7", "60601", LAKE_NPI, "QUJD").to_string();
    let (reply, outcome) = bench.submit(LAKE, &large);
    assert_eq!(reply.status, 413, "{outcome}");
    assert_eq!(outcome["issue"][0]["code"], "too-long");
    assert!(bench.out(HARBOR).is_empty() && bench.exchanges().is_empty());
    bench.reload(|partner| partner.takes.largest = Some(3));
    assert_eq!(bench.submit(LAKE, &large).0.status, 200);
    bench.only(HARBOR);
}

#[test]
fn a_275_that_its_receiver_does_not_take_is_answered_by_an_824() {
    let bench = Bench::new();
    bench.reload(|partner| partner.takes.largest = Some(2));
    let large = attachment(1, "02", "PROV-1", "70702", "QUJD");
    let (status, answer) = bench.x12(SOUTH, &large);
    assert_eq!(status, 200, "{answer}");
    assert!(bench.out(SUMMIT).is_empty());
    assert!(
        answer.contains("~ST*824*") && answer.contains("~TED*"),
        "{answer}"
    );
}
