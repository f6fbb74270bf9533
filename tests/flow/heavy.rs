//! Long messages: what goes out is what came in, however long, and no part of it was held (GW-15, PERF-007).

use cartage::exchange::state::Kind;
use cartage::flow::door::Interaction;
use cartage::ledger::body::Part;
use cartage::ledger::found::Claimed;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::bench::OLDEN;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::attachment;
use crate::messages::element;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::task;

/// Base 64 of about a mebibyte of something that does not repeat.
fn long() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 7_u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(LETTERS[(state >> 26) as usize])
    };
    (0..1_048_576).map(letter).collect()
}

/// The most bytes that stand in the entry itself.
fn held(claimed: &Claimed) -> u64 {
    let parts = &claimed.message.body.as_ref().unwrap().parts;
    parts
        .iter()
        .filter(|part| matches!(part, Part::Inline(_)))
        .map(Part::len)
        .sum()
}

#[track_caller]
fn check_x12(text: &str, segment: &str, length: usize, payload: &str) {
    assert_eq!(element(text, segment, length), payload.len().to_string());
    assert!(text.contains(&format!("*{payload}~")));
}

#[test]
fn a_long_document_becomes_a_bds() {
    let bench = Bench::new();
    let payload = long();
    let body = submission("T-1", "60601", "1999999992", &payload).to_string();
    let (reply, outcome) = bench.submit(LAKE, &body);
    assert_eq!(reply.status, 200, "{outcome}");
    let (claimed, text) = bench.only(HARBOR);
    check_x12(&text, "BDS", 2, &payload);
    assert!(held(&claimed) < 4_096);
    // The numbers stand where they belong, behind the payload too.
    assert_eq!(element(&text, "IEA", 2), element(&text, "ISA", 13));
    assert_eq!(element(&text, "GE", 2), element(&text, "GS", 6));
    // The same again is a repeat, and so is the same content in other bytes.
    assert_eq!(bench.submit(LAKE, &body).0.body, reply.body);
    let pretty = serde_json::to_string_pretty(&submission("T-1", "60601", "1999999992", &payload)).unwrap();
    let (_, outcome) = bench.submit(LAKE, &pretty);
    assert!(outcome.to_string().contains("duplicate"), "{outcome}");
    assert!(bench.out(HARBOR).is_empty());
}

#[test]
fn a_long_document_becomes_a_bin_with_the_lines_of_mime() {
    let bench = Bench::new();
    let payload = long();
    let (reply, outcome) = bench.submit(
        LAKE,
        &submission("T-1", "50501", "1999999992", &payload).to_string(),
    );
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(OLDEN);
    let start = text.find("~BIN*").unwrap() + 5;
    let (length, rest) = text[start..].split_once('*').unwrap();
    let octets = &rest[..length.parse::<usize>().unwrap()];
    assert!(rest[octets.len()..].starts_with("~SE*"));
    let lines: String = octets.lines().skip_while(|line| !line.is_empty()).collect();
    assert_eq!(lines, payload);
}

#[test]
fn a_long_document_passes_from_fhir_to_fhir_byte_for_byte() {
    let bench = Bench::new();
    bench.create(SUMMIT, &task("ACN-5", "70702", "1234567893").to_string());
    bench.out(NORTH);
    let body = serde_json::to_string_pretty(&submission("ACN-5", "70702", "1234567893", &long())).unwrap();
    let (reply, outcome) = bench.submit(NORTH, &body);
    assert_eq!(reply.status, 200, "{outcome}");
    assert_eq!(bench.only(SUMMIT).1, body);
}

#[test]
fn a_long_275_becomes_a_submission() {
    let bench = Bench::new();
    let payload = long();
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "70702", &payload));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, text) = bench.only(SUMMIT);
    assert!(held(&claimed) < 8_192);
    let parameters: Value = serde_json::from_str(&text).unwrap();
    assert!(parameters.to_string().contains(&payload));
    // A number that was used stands for what it stood for.
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-2", "70702", &payload));
    assert!(answer.contains("*R*025~"), "{answer}");
}

#[test]
fn a_long_275_passes_to_a_payer_that_speaks_x12() {
    let bench = Bench::new();
    let payload = long();
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "60601", &payload));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, text) = bench.only(HARBOR);
    check_x12(&text, "BDS", 2, &payload);
    assert!(held(&claimed) < 4_096);
}

#[test]
fn a_long_answer_that_came_before_its_request_goes_out_after_it() {
    let mut bench = Bench::new();
    let payload = long();
    bench.x12(SOUTH, &attachment(1, "11", "CASE-1", "60601", &payload));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Held);
    bench.restart();
    let (_, answer) = bench.x12(HARBOR, &request(2, "CASE-1", "1245319599"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (_, text) = bench.only(HARBOR);
    check_x12(&text, "BDS", 2, &payload);
    // Who has answered in full needs the question no more.
    assert!(bench.out(SOUTH).is_empty());
}

#[test]
fn what_is_long_and_wrong_is_refused() {
    let bench = Bench::new();
    let mut payload = long();
    payload.replace_range(1_000..1_001, "!");
    let (reply, outcome) = bench.submit(
        LAKE,
        &submission("T-1", "60601", "1999999992", &payload).to_string(),
    );
    assert_eq!(reply.status, 422, "{outcome}");
    let body = submission("T-1", "60601", "1999999992", &long()).to_string();
    let (reply, _) = bench.submit(LAKE, &body[..body.len() - 2]);
    assert_eq!(reply.status, 400);
    let what = Interaction::CreateTask { unless: None };
    let (reply, outcome) = bench.ask(
        SUMMIT,
        what,
        &format!("{{\"resourceType\":\"Task\",\"note\":\"{}\"}}", long()),
    );
    assert_eq!(
        (reply.status, outcome["issue"][0]["code"].as_str()),
        (413, Some("too-long"))
    );
    let two = format!(
        "{}{}",
        attachment(1, "02", "P-1", "60601", &long()),
        attachment(2, "02", "P-2", "60601", "QUJD")
    );
    assert_eq!(bench.x12(SOUTH, &two).0, 422);
    assert!(bench.exchanges().is_empty());
}
