//! Journey 5 over the wire where the two sides speak other versions: each is told in its own (T-47, GW-01).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::json;
use cartage::fhir::version::CdexVersion;
use cartage::fhir::version::Wire;
use journey_support::FINE;
use journey_support::HARBOR_ID;
use journey_support::NORTH_NPI;
use journey_support::SOUTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::messages::task;
use journey_support::peer::Say;
use serde_json::Value;
use serde_json::json;

/// A gateway to which a FHIR partner says which version of CDex it is sent.
fn speaking(partner: &str, version: &str) -> Stage {
    Stage::edited("", |text| {
        let header = format!("[partner.{partner}]");
        let (before, after) = text.split_once(&header).unwrap();
        let after = after.replacen("fhir = { ", &format!("fhir = {{ cdex = \"{version}\", "), 1);
        format!("{before}{header}{after}")
    })
}

/// That a message is sound, and in this version's words.
#[track_caller]
fn check_wire(resource: &Value, expected: CdexVersion) {
    let (wire, findings) = if resource["resourceType"] == "Task" {
        (
            check::wire_of_task(resource),
            check::task(resource, CodeLists::embedded()),
        )
    } else {
        (
            check::wire_of_parameters(resource),
            check::parameters(resource, CodeLists::embedded()),
        )
    };
    assert_eq!(wire, Wire::Cdex(expected), "{resource}");
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == cartage::base::finding::Severity::Error);
    assert_eq!(errors.count(), 0, "{findings:?}");
}

/// All texts under a name, wherever they stand.
fn texts<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                match value.as_str() {
                    Some(text) if member == name => found.push(text),
                    _ => texts(value, name, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, name, found)),
        _ => {}
    }
}

fn says(value: &Value, name: &str, text: &str) -> bool {
    let mut found = Vec::new();
    texts(value, name, &mut found);
    found.contains(&text)
}

#[test]
fn a_provider_of_an_older_cdex_gets_the_task_in_its_own_words() {
    let mut stage = speaking("north", "2.0.0");
    stage.north.say(Say::Status(503, String::new()));
    let asked = task("ACN-5", SUMMIT_ID, NORTH_NPI);
    check_wire(&asked, CdexVersion::V2_1);
    let (status, created) = stage.post("summit", "Task", &asked);
    assert_eq!(status, 201, "{created}");
    let first = stage.north.next();
    // What was put into other words goes out in the same words after a crash.
    stage.crash();
    assert_eq!(stage.north.next().body, first.body);
    stage.north.say(Say::Status(201, String::new()));
    let posted = json::read(stage.north.next_answered(201).body.as_bytes()).unwrap();
    check_wire(&posted, CdexVersion::V2_0);
    assert!(says(&posted, "value", "ACN-5"), "{posted}");
    assert!(says(&posted, "code", "11504-8"), "{posted}");
    assert!(
        says(&posted, "valueUrl", "http://127.0.0.1/fhir/$submit-attachment"),
        "{posted}"
    );
    assert!(!says(
        &posted,
        "valueUrl",
        "https://summit.example/fhir/$submit-attachment"
    ));
    // What we host for the payer is what the payer wrote.
    let id = created["id"].as_str().unwrap();
    check_wire(&stage.read("summit", id).1, CdexVersion::V2_1);
    // The answer reads the same in both versions, and so it passes as it is.
    let body = submission("ACN-5", SUMMIT_ID, NORTH_NPI, "QUJD");
    let (status, said) = stage.post("north", "$submit-attachment", &body);
    assert_eq!(status, 200, "{said}");
    assert_eq!(stage.summit.next().body, body.to_string());
    stage.until_status("summit", id, "completed");
}

#[test]
fn a_payer_of_an_older_cdex_gets_the_parameters_in_its_own_words() {
    let mut stage = speaking("summit", "1.1.0");
    stage.summit.say(Say::Status(503, String::new()));
    let body = submission("PROV-7", SUMMIT_ID, NORTH_NPI, "QUJD");
    check_wire(&body, CdexVersion::V2_1);
    let (status, said) = stage.post("north", "$submit-attachment", &body);
    assert_eq!(status, 200, "{said}");
    let first = stage.summit.next();
    stage.crash();
    stage.summit.say(Say::Status(200, FINE.to_owned()));
    assert_eq!(stage.summit.next_answered(200).body, first.body);
    let sent = json::read(first.body.as_bytes()).unwrap();
    check_wire(&sent, CdexVersion::V1_1);
    for (name, text) in [
        ("data", "QUJD"),
        ("contentType", "text/plain"),
        ("code", "11504-8"),
    ] {
        assert!(says(&sent, name, text), "{name} {sent}");
    }
    let tracking = sent["parameter"].as_array().unwrap().iter();
    let tracking: Vec<_> = tracking.filter(|one| one["name"] == "TrackingId").collect();
    assert_eq!(tracking[0]["valueString"], json!("PROV-7"));
}

#[test]
fn a_long_document_is_in_other_words_and_still_whole() {
    let stage = speaking("summit", "1.1.0");
    let long = "QUJD".repeat(150_000);
    let (status, said) = stage.post(
        "north",
        "$submit-attachment",
        &submission("PROV-7", SUMMIT_ID, NORTH_NPI, &long),
    );
    assert_eq!(status, 200, "{said}");
    let sent = stage.summit.next_json();
    check_wire(&sent, CdexVersion::V1_1);
    assert!(says(&sent, "data", &long));
}

/// A gateway whose `south` speaks X12 of 5010 only.
fn south_of_5010() -> Stage {
    Stage::edited("", |text| {
        let guides = "guides = [\"006020X313\", \"006020X314\"]";
        let (before, after) = text.split_once("[partner.south]").unwrap();
        let after = after.replacen(guides, "guides = [\"005010X213\", \"005010X210\"]", 1);
        format!("{before}[partner.south]{after}")
    })
}

#[test]
fn a_277_of_6020_is_told_to_a_provider_of_5010() {
    let mut stage = south_of_5010();
    stage.south.say(Say::HangUp);
    let answer = stage.x12("harbor", &request(1, "CASE-1", SOUTH_NPI));
    assert!(
        answer.contains("~IK5*A~") && !answer.contains("*824*"),
        "{answer}"
    );
    let first = stage.south.next();
    assert_eq!(element(&first.body, "GS", 8), "005010X213");
    assert_eq!(element(&first.body, "ISA", 12), "00501");
    assert_eq!(element(&first.body, "TRN", 2), "CASE-1");
    assert!(first.body.contains("11504-8"), "{}", first.body);
    stage.crash();
    stage.south.say(Say::Status(200, String::new()));
    assert_eq!(stage.south.next_answered(200).body, first.body);
}

#[test]
fn a_275_of_6020_is_told_to_a_payer_of_5010_and_its_999_closes_it() {
    let stage = Stage::edited("", |text| {
        let guides = "guides = [\"006020X313\", \"006020X314\"]";
        // Harbor Plan stands first.
        text.replacen(guides, "guides = [\"005010X213\", \"005010X210\"]", 1)
    });
    let answer = stage.x12("south", &attachment(2, "02", "PROV-1", HARBOR_ID, "QUJDREVG"));
    assert!(
        answer.contains("~IK5*A~") && !answer.contains("*824*"),
        "{answer}"
    );
    let sent = stage.harbor.next().body;
    assert_eq!(element(&sent, "GS", 8), "005010X210");
    assert_eq!(element(&sent, "ISA", 12), "00501");
    assert_eq!(element(&sent, "TRN", 2), "PROV-1");
    assert!(sent.contains("~BIN*") && sent.contains("QUJDREVG"), "{sent}");
    let group = element(&sent, "GS", 6);
    let ack = ack(9, "HARBORPLAN", group, "275", "A").replace("006020X314", "005010X210");
    stage.x12("harbor", &ack);
    assert!(!stage.harbor.has_more());
}
