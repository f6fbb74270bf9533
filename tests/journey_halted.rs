//! What goes no further, and what an operator sees of it: parked and refused, with the reasons and without anybody's name.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use cartage::fhir::json;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::SOUTH_NPI;
use journey_support::Stage;
use journey_support::messages::request;
use journey_support::messages::submission;
use serde_json::Value;

/// What the command tells as JSON.
#[track_caller]
fn told(stage: &Stage, words: &[&str]) -> Value {
    let (code, text) = stage
        .ground
        .command(&[&["exchanges", "list", "--json"], words].concat());
    assert_eq!(code, 0, "{text}");
    json::read(text.as_bytes()).unwrap()["halted"].clone()
}

#[track_caller]
fn table(stage: &Stage, words: &[&str]) -> String {
    let (code, text) = stage.ground.command(&[&["exchanges"], words].concat());
    assert_eq!(code, 0, "{text}");
    text
}

/// The reasons of each message.
fn reasons(halted: &Value) -> Vec<String> {
    let messages = halted["messages"].as_array().unwrap().iter();
    messages.map(|message| message["why"].to_string()).collect()
}

/// Refuses one message of each kind, the newest last; each has a person in it.
fn refuse(stage: &Stage) {
    let (status, _) = stage.request(
        "summit",
        "POST /fhir/Task",
        "Content-Type: application/json\r\n",
        "{",
    );
    assert_eq!(status, 400);
    // Who looks for what is not there hands nothing in.
    assert_eq!(stage.read("north", "x77").0, 404);
    let mut body = submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD");
    body["parameter"].as_array_mut().unwrap().remove(5);
    assert_eq!(stage.post("north", "$submit-attachment", &body).0, 422);
    stage.x12("harbor", &request(1, "CASE-1", LAKE_NPI));
    let answer = stage.x12("harbor", &request(1, "CASE-2", LAKE_NPI));
    assert!(answer.contains("*R*025~"), "{answer}");
    let broken = request(2, "CASE-3", LAKE_NPI).replace("~IEA*1*", "~IEA*7*");
    assert!(stage.x12("harbor", &broken).contains("*R*"));
    let head = "~BHT*0085*48*RFAI-3*20261120*0900*RQ~";
    let unsound = request(3, "CASE-4", LAKE_NPI)
        .replace(head, "~")
        .replace("~SE*17*", "~SE*16*");
    let answer = stage.x12("harbor", &unsound);
    assert!(answer.contains("~IK5*R"), "{answer}");
    let other = request(4, "CASE-1", LAKE_NPI).replace("R4:11504-8", "R4:18842-5");
    let answer = stage.x12("harbor", &other);
    assert!(answer.contains("~ST*824*"), "{answer}");
}

#[test]
fn what_was_refused_is_listed_with_its_reasons() {
    let mut stage = Stage::new();
    assert!(table(&stage, &["list", "--refused"]).starts_with("no message was refused"));
    refuse(&stage);
    let halted = told(&stage, &["--refused"]);
    let reasons = reasons(&halted);
    let expected = [
        "its number stands for other content that came before",
        "999 IK5 R",
        "TA1 R",
        "its control number stands for other content that came before",
        "answered with 422",
        "answered with 400",
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    let submission = &halted["messages"][4];
    assert_eq!(
        (
            submission["from"].as_str(),
            submission["door"].as_str(),
            submission["what"].as_str()
        ),
        (Some("north"), Some("north"), Some("submit-attachment"))
    );
    assert!(reasons[4].contains("Parameters"), "{}", reasons[4]);
    let first = told(&stage, &["--refused", "--most", "2"]);
    let older = first["older"].as_str().unwrap();
    let second = told(&stage, &["--refused", "--before", older]);
    let both = [&first, &second].map(|page| page["messages"].as_array().unwrap().clone());
    assert_eq!(&both.concat(), halted["messages"].as_array().unwrap());
    assert_eq!(
        told(&stage, &["--refused", "--partner", "north"])["messages"],
        Value::Array(vec![submission.clone()])
    );
    let shown = table(&stage, &["list"]);
    assert!(
        shown.contains("refused of late") && shown.contains("TA1 R"),
        "{shown}"
    );
    let of_entry = table(&stage, &["show", submission["entry"].as_str().unwrap()]);
    assert!(
        of_entry.contains("refused") && of_entry.contains("status 422"),
        "{of_entry}"
    );
    let all = [halted.to_string(), shown, of_entry].concat();
    let log = stage.finish();
    // What the gateway left behind says the same.
    assert_eq!(told(&stage, &["--refused"]), halted);
    nobody_is_named(&[all, log].concat());
}

#[test]
fn what_waits_for_a_person_is_listed_with_its_reason() {
    let mut stage = Stage::new();
    assert!(table(&stage, &["list", "--parked"]).starts_with("no message waits"));
    stage.x12("harbor", &request(1, "CASE-1", "1888888884"));
    let body = submission("PROV-7", "99999", NORTH_NPI, "QUJD");
    assert_eq!(stage.post("north", "$submit-attachment", &body).0, 200);
    stage.crash();
    let halted = told(&stage, &["--parked"]);
    let words = |name: &str| -> Vec<String> {
        let messages = halted["messages"].as_array().unwrap().iter();
        messages
            .map(|message| message[name].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(words("from"), ["harbor", "north"]);
    assert_eq!(words("what"), ["277 006020X313", "submit-attachment"]);
    for reason in reasons(&halted) {
        assert!(
            reason.contains("nobody here owns the identifier that it names"),
            "{reason}"
        );
    }
    let shown = table(&stage, &["list"]);
    assert!(
        shown.contains("waiting for a person") && shown.contains("2 parked"),
        "{shown}"
    );
    let of_entry = table(
        &stage,
        &["show", halted["messages"][0]["entry"].as_str().unwrap()],
    );
    assert!(of_entry.contains("parked"), "{of_entry}");
    let all = [halted.to_string(), shown, of_entry].concat();
    let log = stage.finish();
    assert_eq!(told(&stage, &["--parked"]), halted);
    nobody_is_named(&[all, log].concat());
    let (code, text) = stage.ground.command(&["exchanges", "show", "e999"]);
    assert_eq!((code, text.as_str()), (1, "there is nothing of this name\n"));
}

/// T-112, SEC-030: a request that was answered leaves nobody's name, number or day in the log and in what is listed.
#[test]
fn nothing_of_a_person_is_in_the_log() {
    let mut stage = Stage::with("");
    stage.x12("harbor", &request(1, "CASE-1", SOUTH_NPI));
    stage.south.next();
    stage.x12("harbor", &request(2, "CASE-9", LAKE_NPI));
    let body = submission("CASE-9", HARBOR_ID, LAKE_NPI, "QUJD");
    assert_eq!(stage.post("lake", "$submit-attachment", &body).0, 200);
    stage.harbor.next();
    let shown = table(&stage, &["list"]);
    let newest = stage.exchanges()[0]["id"].as_str().unwrap().to_owned();
    let one = table(&stage, &["show", &newest]);
    let log = stage.finish();
    assert!(!log.is_empty());
    nobody_is_named(&[shown, one, log].concat());
}

/// Nobody of whom the messages tell.
#[track_caller]
fn nobody_is_named(text: &str) {
    for canary in [
        "MARLOWE",
        "ADA*",
        "HP0042117",
        "SC-2026-0417",
        "20261103",
        "2026-11-03",
        "CASE-",
        "PROV-7",
    ] {
        assert!(!text.contains(canary), "{canary} is told in {text}");
    }
}
