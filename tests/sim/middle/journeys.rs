//! What partners do: they hand in until they are answered, and answer what they are sent.

use std::sync::Arc;
use std::time::Duration;

use cartage::flow::door::Interaction;
use serde_json::Value;

use crate::agreements::HARBOR;
use crate::agreements::LAKE;
use crate::agreements::NORTH;
use crate::agreements::SOUTH;
use crate::agreements::SUMMIT;
use crate::messages::ack;
use crate::messages::advice;
use crate::messages::attachment;
use crate::messages::element;
use crate::messages::interchange_number;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::ta1;
use crate::messages::task;
use crate::middle::Middle;
use crate::middle::carriage::Received;
use crate::middle::door::What;

const NORTH_NPI: &str = "1234567893";
const LAKE_NPI: &str = "1999999992";
const SOUTH_NPI: &str = "1245319599";

/// What was acknowledged, and who is to have it once because of that.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) lane: &'static str,
    pub(crate) kind: &'static str,
    /// What is in no other message of the kind.
    pub(crate) mark: String,
}

/// One journey from its beginning; what follows is the reactions.
pub(crate) async fn begin(middle: Arc<Middle>, number: usize) {
    middle.pause(Duration::from_hours(5)).await;
    let kind = middle.roll(5);
    middle.note(&format!("journey {number} of kind {kind}"));
    match kind {
        0 => ask_by_277(&middle, &format!("CASE-N{number}"), NORTH_NPI).await,
        1 => {
            let tracking = format!("CASE-L{number}");
            ask_by_277(&middle, &tracking, LAKE_NPI).await;
            answer_hosted(&middle, &tracking).await;
        }
        2 => submit(&middle, LAKE, &format!("PROV-L{number}"), LAKE_NPI).await,
        3 => attach(&middle, "02", &format!("PROV-S{number}")).await,
        _ => ask_by_task(&middle, &format!("ACN-{number}")).await,
    }
}

/// What a partner does about a message that is new to it.
pub(crate) async fn react(middle: Arc<Middle>, received: Received) {
    middle.pause(Duration::from_hours(1)).await;
    let text = &received.text;
    match (received.lane.as_str(), received.kind.as_str()) {
        (NORTH, "Task") => {
            let task: Value = serde_json::from_str(text).unwrap();
            let tracking = task["identifier"][0]["value"].as_str().unwrap();
            submit(&middle, NORTH, tracking, NORTH_NPI).await;
        }
        (HARBOR, "275") if received.says.1.is_empty() => acknowledge(&middle, text).await,
        (SOUTH, "277") => {
            let said = ack(
                middle.control(SOUTH),
                "SOUTHCLINIC",
                element(text, "GS", 6),
                "277",
                "A",
            );
            middle.hand_in(SOUTH, What::X12, said).await;
            attach(&middle, "11", element(text, "TRN", 2)).await;
        }
        _ => {}
    }
}

async fn ask_by_277(middle: &Arc<Middle>, tracking: &str, npi: &'static str) {
    let text = request(middle.control(HARBOR), tracking, npi);
    let reply = middle.hand_in(HARBOR, What::X12, text).await;
    if is_accepted(middle, &reply) && npi == NORTH_NPI {
        middle.expect(NORTH, "Task", format!("\"{tracking}\""));
    }
}

/// The provider without a server looks for its Task, and answers it.
async fn answer_hosted(middle: &Arc<Middle>, tracking: &str) {
    loop {
        let query = vec![("identifier".to_owned(), tracking.to_owned())];
        let search = What::Facade(Interaction::SearchTasks { query });
        let bundle: Value = serde_json::from_str(&middle.hand_in(LAKE, search, String::new()).await).unwrap();
        match bundle["entry"].as_array().map_or(0, Vec::len) {
            0 => middle.pause(Duration::from_hours(1)).await,
            1 => break,
            more => return middle.complain(format!("{more} Tasks for one request")),
        }
    }
    submit(middle, LAKE, tracking, LAKE_NPI).await;
}

async fn submit(middle: &Arc<Middle>, from: &'static str, tracking: &str, npi: &str) {
    let content = middle.content();
    let text = submission(tracking, "60601", npi, &content).to_string();
    let what = What::Facade(Interaction::SubmitAttachment);
    middle.hand_in(from, what, text).await;
    middle.expect(HARBOR, "275", format!("*{content}~"));
}

async fn attach(middle: &Arc<Middle>, kind: &str, tracking: &str) {
    let content = middle.content();
    let control = middle.control(SOUTH);
    let text = attachment(control, kind, tracking, "70702", &content);
    let reply = middle.hand_in(SOUTH, What::X12, text).await;
    if is_accepted(middle, &reply) {
        middle.expect(SUMMIT, "submission", format!("\"{content}\""));
        if kind == "02" {
            middle.expect(SOUTH, "824", format!("*SC-ATT-{control}*"));
        }
    }
}

async fn ask_by_task(middle: &Arc<Middle>, tracking: &str) {
    let unless = vec![(
        "identifier".to_owned(),
        format!("urn:example:summit:acn|{tracking}"),
    )];
    let what = What::Facade(Interaction::CreateTask { unless: Some(unless) });
    let text = task(tracking, "70702", SOUTH_NPI).to_string();
    middle.hand_in(SUMMIT, what, text).await;
    middle.expect(SOUTH, "277", format!("*{tracking}~"));
}

/// The payer says what it thinks of a 275, in one of its ways.
async fn acknowledge(middle: &Arc<Middle>, text: &str) {
    let group = element(text, "GS", 6).to_owned();
    let way = middle.roll(6);
    if way < 2 {
        let said = ta1(middle.control(HARBOR), interchange_number(text), "A", "000");
        middle.hand_in(HARBOR, What::X12, said).await;
    }
    let verdict = if way == 5 { "R" } else { "A" };
    if verdict == "R" {
        middle.totals.lock().unwrap().refused += 1;
    }
    let said = ack(middle.control(HARBOR), "HARBORPLAN", &group, "275", verdict);
    middle.hand_in(HARBOR, What::X12, said).await;
    if way == 4 {
        let said = advice(middle.control(HARBOR), &group, "TA");
        middle.hand_in(HARBOR, What::X12, said).await;
    }
}

fn is_accepted(middle: &Middle, reply: &str) -> bool {
    let is_accepted = reply.contains("~IK5*A~");
    if !is_accepted {
        middle.complain(format!("what is sound was refused: {reply}"));
    }
    is_accepted
}
