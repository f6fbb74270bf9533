//! What does not come in one piece, in time, once or in turn: parts, late answers, answers before their request, repeats.
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

const JSON: &str = "Content-Type: application/fhir+json\r\n";

/// A request of Harbor Plan that Lake finds with us: the id of its Task.
#[track_caller]
fn asked(stage: &Stage, text: &str) -> String {
    let answer = stage.x12("harbor", text);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let found = stage.search("lake", "identifier=CASE-1");
    found[0]["id"].as_str().unwrap().to_owned()
}

/// A request for two documents.
fn two_documents() -> String {
    let one = "~STC*R4:11504-8::LOI*20261120**1840~";
    let two = format!("{one}STC*R4:18842-5::LOI*20261120**1840~");
    let text = request(1, "CASE-1", LAKE_NPI);
    assert!(text.contains(one));
    text.replace(one, &two).replace("~SE*17*", "~SE*18*")
}

/// A request that was due long ago.
fn overdue() -> String {
    request(1, "CASE-1", LAKE_NPI).replace("~DTP*106*D8*20270104~", "~DTP*106*D8*20200104~")
}

/// A part of the answer: the document that it is, and whether it is the last.
fn part(code: &str, is_last: bool) -> Value {
    let mut body = submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD");
    let attachment = &mut body["parameter"][7]["part"];
    attachment[0]["valueCodeableConcept"]["coding"][0]["code"] = code.into();
    attachment[1]["resource"]["type"]["coding"][0]["code"] = code.into();
    body["parameter"][8]["valueBoolean"] = is_last.into();
    body
}

/// Hands a part in: what is said of it.
#[track_caller]
fn hand_in(stage: &Stage, body: &Value) -> Vec<(String, String)> {
    let (status, outcome) = stage.post("lake", "$submit-attachment", body);
    assert_eq!(status, 200, "{outcome}");
    let issues = outcome["issue"].as_array().unwrap().iter();
    let word = |issue: &Value, name: &str| issue[name].as_str().unwrap().to_owned();
    issues
        .map(|issue| (word(issue, "severity"), word(issue, "code")))
        .collect()
}

fn said(severity: &str, code: &str) -> (String, String) {
    (severity.to_owned(), code.to_owned())
}

/// The payer takes the next 275.
#[track_caller]
fn taken(stage: &Stage, control: u32) -> String {
    let sent = stage.harbor.next().body;
    stage.x12(
        "harbor",
        &ack(control, "HARBORPLAN", element(&sent, "GS", 6), "275", "A"),
    );
    sent
}

/// GW-14, GW-36: in progress, with what is outstanding by name, until the last part is with the payer.
#[test]
fn parts_keep_the_task_in_progress_until_the_last_is_taken() {
    let mut stage = Stage::new();
    let id = asked(&stage, &two_documents());
    let notes = hand_in(&stage, &part("11504-8", false));
    // GW-13: a 277 grants one submission; more are taken with a warning.
    assert!(notes.contains(&said("warning", "business-rule")), "{notes:?}");
    taken(&stage, 9);
    let task = stage.until_status("lake", &id, "in-progress");
    assert_eq!(
        task["businessStatus"]["text"],
        "parts received; outstanding: 18842-5"
    );
    stage.crash();
    stage.harbor.say(Say::Status(503, String::new()));
    hand_in(&stage, &part("18842-5", true));
    let first = stage.harbor.next().body;
    stage.crash();
    assert_eq!(stage.read("lake", &id).1["status"], "in-progress");
    stage.harbor.say(Say::Status(200, String::new()));
    let sent = stage.harbor.next_answered(200).body;
    assert_eq!(sent, first);
    stage.x12(
        "harbor",
        &ack(10, "HARBORPLAN", element(&sent, "GS", 6), "275", "A"),
    );
    let done = stage.until_status("lake", &id, "completed");
    assert!(done.get("businessStatus").is_none(), "{done}");
}

/// GW-14: the last part completes the Task, and what was never sent stands by name in it.
#[test]
fn what_the_last_part_leaves_out_is_named() {
    let mut stage = Stage::new();
    let id = asked(&stage, &two_documents());
    hand_in(&stage, &part("18842-5", true));
    stage.crash();
    taken(&stage, 9);
    let done = stage.until_status("lake", &id, "completed");
    assert_eq!(done["businessStatus"]["text"], "submitted without: 11504-8");
}

#[test]
fn an_answer_after_the_due_date_is_taken_and_called_late() {
    let mut stage = Stage::new();
    let id = asked(&stage, &overdue());
    stage.restart();
    let notes = hand_in(&stage, &part("11504-8", true));
    assert!(notes.contains(&said("warning", "business-rule")), "{notes:?}");
    stage.crash();
    let sent = taken(&stage, 9);
    assert_eq!(element(&sent, "TRN", 2), "CASE-1");
    stage.until_status("lake", &id, "completed");
}

#[test]
fn a_late_275_completes_the_task_too() {
    let mut stage = Stage::new();
    let mut body = task("ACN-1", SUMMIT_ID, SOUTH_NPI);
    body["restriction"]["period"]["end"] = "2020-01-04".into();
    let (status, created) = stage.post("summit", "Task", &body);
    assert_eq!(status, 201, "{created}");
    stage.south.next();
    stage.crash();
    let answer = stage.x12("south", &attachment(2, "11", "ACN-1", SUMMIT_ID, "QUJD"));
    assert!(
        answer.contains("~IK5*A~") && !answer.contains("~ST*824*"),
        "{answer}"
    );
    assert!(stage.summit.next().body.contains("ACN-1"));
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
}

/// ROB-013: an answer that comes first waits, across a crash, and goes out when its request is there.
#[test]
fn an_answer_before_its_request_is_held_and_joins_it() {
    let mut stage = Stage::new();
    let answer = stage.x12("south", &attachment(1, "11", "ACN-1", SUMMIT_ID, "QUJDREVG"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    stage.until_newest("held");
    stage.crash();
    stage.until_newest("held");
    assert!(!stage.summit.has_more());
    let (status, created) = stage.post("summit", "Task", &task("ACN-1", SUMMIT_ID, SOUTH_NPI));
    assert_eq!(status, 201, "{created}");
    let sent = stage.summit.next();
    assert!(
        sent.body.contains("ACN-1") && sent.body.contains("QUJDREVG"),
        "{}",
        sent.body
    );
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
    assert_eq!(stage.exchanges().len(), 1);
}

/// T-68, CDEX-418: what is for nobody known is held for a person, and its sender is told so.
#[test]
fn a_submission_for_nobody_known_is_held_across_a_crash() {
    let mut stage = Stage::new();
    let body = submission("PROV-7", "99999", NORTH_NPI, "QUJD");
    let (status, outcome) = stage.post("north", "$submit-attachment", &body);
    let told = "held for association with a future claim or request";
    let mut issues = outcome["issue"].as_array().unwrap().iter();
    assert!(
        status == 200 && issues.any(|issue| issue["details"]["text"] == told),
        "{outcome}"
    );
    stage.crash();
    let (status, again) = stage.post("north", "$submit-attachment", &body);
    assert_eq!((status, &again), (200, &outcome), "the same again is the same");
    assert!(stage.exchanges().is_empty());
    let (code, listed) = stage.ground.command(&["exchanges", "list", "--parked"]);
    assert_eq!(code, 0);
    assert_eq!(
        listed.matches("nobody here owns the identifier").count(),
        1,
        "{listed}"
    );
}

/// An acknowledgement may be here before the answer to the attempt that it is about: then nothing more is sent.
#[test]
fn an_acknowledgement_that_overtakes_the_answer_ends_the_sending() {
    let mut stage = Stage::new();
    let id = asked(&stage, &request(1, "CASE-1", LAKE_NPI));
    stage.harbor.say(Say::HangUp);
    hand_in(&stage, &part("11504-8", true));
    taken(&stage, 9);
    stage.until_status("lake", &id, "completed");
    stage.crash();
    let exchange = stage.until_newest("completed");
    let told = stage.exchange(&exchange);
    assert_ne!(told["sent"][0]["standing"], "waiting", "{told}");
    // One for a group that we never sent concerns nobody.
    stage.x12("harbor", &ack(10, "HARBORPLAN", "777777", "275", "R"));
    assert_eq!(stage.read("lake", &id).1["status"], "completed");
}

#[test]
fn who_has_handed_nothing_in_completes_nothing() {
    let mut stage = Stage::new();
    let id = asked(&stage, &request(1, "CASE-1", LAKE_NPI));
    let (_, mut task) = stage.read("lake", &id);
    task["status"] = "completed".into();
    let line = format!("PUT /fhir/Task/{id}");
    let (status, outcome) = stage.request("lake", &line, JSON, &task.to_string());
    assert_eq!(
        (status, outcome["resourceType"].as_str()),
        (422, Some("OperationOutcome")),
        "{outcome}"
    );
    stage.crash();
    assert_eq!(stage.read("lake", &id).1["status"], "accepted");
}

#[test]
fn an_answer_after_the_provider_declined_opens_the_exchange_again() {
    let mut stage = Stage::new();
    let id = asked(&stage, &request(1, "CASE-1", LAKE_NPI));
    let (_, mut task) = stage.read("lake", &id);
    task["status"] = "rejected".into();
    task["statusReason"] = serde_json::json!({"text": "not our patient"});
    let line = format!("PUT /fhir/Task/{id}");
    let (status, moved) = stage.request("lake", &line, JSON, &task.to_string());
    assert_eq!(
        (status, moved["status"].as_str()),
        (200, Some("rejected")),
        "{moved}"
    );
    let told = stage.harbor.next_answered(200).body;
    assert!(told.contains("~OTI*TR*TN*RFAI-1*"), "{told}");
    stage.until_newest("rejected");
    stage.crash();
    let notes = hand_in(&stage, &part("11504-8", true));
    assert!(notes.contains(&said("warning", "business-rule")), "{notes:?}");
    let sent = loop {
        let sent = stage.harbor.next().body;
        // What was sent before the crash may come again.
        if sent != told {
            break sent;
        }
    };
    stage.x12(
        "harbor",
        &ack(9, "HARBORPLAN", element(&sent, "GS", 6), "275", "A"),
    );
    stage.until_status("lake", &id, "completed");
}

/// The same bytes get the same answer, and other bytes under the same name a conflict, also after a crash.
#[test]
fn a_name_stands_for_one_content() {
    let mut stage = Stage::new();
    let body = task("ACN-1", SUMMIT_ID, SOUTH_NPI);
    let (_, created) = stage.post("summit", "Task", &body);
    stage.south.next();
    let mut other = body.clone();
    other["input"][0]["valueCodeableConcept"]["coding"][0]["code"] = "18842-5".into();
    let text = attachment(2, "11", "ACN-1", SUMMIT_ID, "QUJD");
    let answer = stage.x12("south", &text);
    stage.summit.next();
    stage.until_status("summit", created["id"].as_str().unwrap(), "completed");
    for _ in 0..2 {
        let (status, again) = stage.post("summit", "Task", &body);
        assert_eq!((status, &again["id"]), (201, &created["id"]));
        let (status, outcome) = stage.post("summit", "Task", &other);
        assert_eq!(
            (status, outcome["issue"][0]["code"].as_str()),
            (409, Some("conflict"))
        );
        assert_eq!(stage.x12("south", &text), answer);
        let conflict = stage.x12("south", &attachment(2, "11", "ACN-1", SUMMIT_ID, "REVG"));
        assert!(conflict.contains("*R*025~"), "{conflict}");
        stage.crash();
    }
    assert_eq!(stage.exchanges().len(), 1);
    assert!(!stage.summit.has_more());
}

/// GW-12: the same under other numbers is a repeat; something else after the last part is an amendment.
#[test]
fn what_comes_after_the_last_part_is_a_repeat_or_an_amendment() {
    let mut stage = Stage::new();
    let id = asked(&stage, &request(1, "CASE-1", LAKE_NPI));
    hand_in(&stage, &part("11504-8", true));
    taken(&stage, 9);
    stage.until_status("lake", &id, "completed");
    stage.crash();
    let repeat = serde_json::to_string_pretty(&part("11504-8", true)).unwrap();
    let (status, outcome) = stage.request("lake", "POST /fhir/$submit-attachment", JSON, &repeat);
    let mut issues = outcome["issue"].as_array().unwrap().iter();
    assert!(
        status == 200 && issues.any(|issue| issue["code"] == "duplicate"),
        "{outcome}"
    );
    let notes = hand_in(&stage, &part("34133-9", true));
    assert!(notes.contains(&said("warning", "business-rule")), "{notes:?}");
    stage.until_status("lake", &id, "in-progress");
    let sent = taken(&stage, 10);
    assert!(sent.contains("34133-9"), "{sent}");
    stage.until_status("lake", &id, "completed");
    assert!(!stage.harbor.has_more());
}

/// T-75: where the answer to a 275 is lost, the same 275 goes out again, and no other.
#[test]
fn a_lost_answer_makes_no_second_275() {
    let mut stage = Stage::new();
    stage.harbor.say(Say::HangUp);
    let body = submission("PROV-7", HARBOR_ID, NORTH_NPI, "QUJD");
    assert_eq!(stage.post("north", "$submit-attachment", &body).0, 200);
    let first = stage.harbor.next().body;
    stage.crash();
    stage.harbor.say(Say::Status(504, String::new()));
    assert_eq!(stage.harbor.next_answered(504).body, first);
    stage.harbor.say(Say::Status(200, String::new()));
    assert_eq!(stage.harbor.next_answered(200).body, first);
    stage.x12(
        "harbor",
        &ack(9, "HARBORPLAN", element(&first, "GS", 6), "275", "A"),
    );
    stage.until_newest("completed");
    assert!(!stage.harbor.has_more());
}
