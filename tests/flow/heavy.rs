//! Long messages: what goes out is what came in, however long, and no part of it was held (GW-15, PERF-007).

use cartage::exchange::state::Kind;
use cartage::flow::door::Interaction;
use cartage::ledger::body::Body;
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
    let broken = attachment(3, "02", "P-3", "70702", &payload);
    let (status, answer) = bench.x12(SOUTH, &broken);
    assert_eq!(status, 200);
    assert!(answer.contains("*824*"), "{answer}");
    let blobs = bench.blobs.len();
    assert_eq!(bench.x12(SOUTH, &broken).1, answer);
    assert_eq!(bench.blobs.len(), blobs, "what was refused is kept once");
    let two = format!(
        "{}{}",
        attachment(1, "02", "P-1", "60601", &long()),
        attachment(2, "02", "P-2", "60601", "QUJD")
    );
    assert_eq!(bench.x12(SOUTH, &two).0, 422);
    assert!(bench.exchanges().is_empty());
    assert_eq!(bench.blobs.len(), blobs, "what was not taken leaves nothing");
}

/// The payloads that two bodies have in common.
fn shared(one: &Body, other: &Body) -> u64 {
    let both = one
        .blobs()
        .filter(|blob| other.blobs().any(|other| other.id == blob.id));
    both.map(|blob| blob.length).sum()
}

/// Hands it in, and looks at what is kept of it: all of it as it came, and so much of it only once.
#[track_caller]
fn check_kept(body: &str, payload: &str, once: impl Fn(u64) -> bool) {
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, body);
    assert_eq!(reply.status, 200, "{outcome}");
    let (claimed, text) = bench.only(HARBOR);
    check_x12(&text, "BDS", 2, payload);
    let (kept, came) = bench.received(&claimed);
    assert!(came == body, "what is kept is what came");
    let once_kept = shared(&kept, claimed.message.body.as_ref().unwrap());
    assert!(once(once_kept), "{once_kept} of {}", payload.len());
    // Once more is a repeat, and its payloads do not stay.
    let blobs = bench.blobs.len();
    assert_eq!(bench.submit(LAKE, body).0.body, reply.body);
    assert_eq!(bench.blobs.len(), blobs);
}

#[test]
fn a_long_payload_is_kept_once() {
    let payload = long();
    let body = submission("T-1", "60601", "1999999992", &payload);
    let whole = payload.len() as u64;
    check_kept(&body.to_string(), &payload, |once| once == whole);
    let pretty = serde_json::to_string_pretty(&body).unwrap();
    check_kept(&pretty, &payload, |once| once == whole);
    // A payload of any length, however the pieces fall.
    for cut in [1_048_572, 600_004, 17_000, 16_388] {
        let payload = &payload[..cut];
        let body = submission("T-1", "60601", "1999999992", payload).to_string() + &" ".repeat(300_000);
        check_kept(&body, payload, |once| once == cut as u64);
    }
}

#[test]
fn a_payload_that_was_sent_with_escapes_is_kept_as_it_came_and_as_it_reads() {
    let payload = long();
    let body = submission("T-1", "60601", "1999999992", &payload).to_string();
    // As some writers of JSON do it: from the first slash on it stands there twice.
    let escaped = body.replace(&payload, &payload.replace('/', "\\/"));
    check_kept(&escaped, &payload, |once| once < 1_000);
    let at = body.find(&payload).unwrap() + 700_000;
    let late = format!(
        "{}\\u00{:02x}{}",
        &body[..at],
        body.as_bytes()[at],
        &body[at + 1..]
    );
    check_kept(&late, &payload, |once| (600_000..=700_000).contains(&once));
    let at = body.find(&payload).unwrap() + 5;
    let early = format!(
        "{}\\u00{:02x}{}",
        &body[..at],
        body.as_bytes()[at],
        &body[at + 1..]
    );
    check_kept(&early, &payload, |once| once == 0);
}

#[test]
fn the_same_payload_with_and_without_escapes_is_the_same() {
    let bench = Bench::new();
    let payload = long();
    let body = submission("T-1", "60601", "1999999992", &payload).to_string();
    bench.submit(LAKE, &body);
    bench.out(HARBOR);
    let escaped = body.replace(&payload, &payload.replace('/', "\\/"));
    let (_, outcome) = bench.submit(LAKE, &escaped);
    assert!(outcome.to_string().contains("duplicate"), "{outcome}");
}

#[test]
fn a_long_275_is_kept_once() {
    let bench = Bench::new();
    let payload = long();
    let text = attachment(1, "02", "PROV-1", "70702", &payload);
    bench.x12(SOUTH, &text);
    let (claimed, _) = bench.only(SUMMIT);
    let (kept, came) = bench.received(&claimed);
    assert!(came == text, "what is kept is what came");
    assert_eq!(
        shared(&kept, claimed.message.body.as_ref().unwrap()),
        payload.len() as u64
    );
}

/// Base 64 of something of a kind.
fn document(beginning: &str, length: usize) -> String {
    let octets: Vec<u8> = beginning
        .bytes()
        .chain(std::iter::repeat_n(0x03, length))
        .collect();
    base64_simd::STANDARD.encode_to_string(octets)
}

#[test]
fn a_long_document_is_recognised_as_a_short_one_is() {
    for beginning in [
        "%PDF-1.7 ",
        "<?xml version=\"1.0\"?><ClinicalDocument>",
        "\u{1}\u{2}",
    ] {
        let media = [100, 400_000].map(|length| {
            let bench = Bench::new();
            let text = attachment(1, "02", "PROV-1", "70702", &document(beginning, length));
            let (_, answer) = bench.x12(SOUTH, &text);
            assert!(answer.contains("~IK5*A~"), "{answer}");
            let parameters: Value = serde_json::from_str(&bench.only(SUMMIT).1).unwrap();
            let found = media_type(&parameters).unwrap_or_default();
            assert!(!found.is_empty(), "{beginning}");
            found
        });
        assert_eq!(media[0], media[1], "{beginning}");
    }
}

/// The first media type that is told.
fn media_type(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(text) if name == "contentType" => Some(text.clone()),
            _ => media_type(value),
        }),
        Value::Array(items) => items.iter().find_map(media_type),
        _ => None,
    }
}

#[test]
fn what_is_understood_only_as_a_whole_is_held_if_it_is_not_too_long() {
    const WRAPPED: &str = "MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\nA picture. ";
    let bench = Bench::new();
    let wrapped = document(WRAPPED, 17 << 20);
    let text = attachment(1, "02", "PROV-1", "60601", &wrapped);
    let (_, answer) = bench.x12(SOUTH, &text);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    check_x12(&bench.only(HARBOR).1, "BDS", 2, &wrapped);
    let (_, answer) = bench.x12(SOUTH, &attachment(2, "02", "PROV-2", "70702", &wrapped));
    assert!(answer.contains("*824*"), "{answer}");
    assert!(bench.out(SUMMIT).is_empty());
    let short = document(WRAPPED, 400_000);
    let (_, answer) = bench.x12(SOUTH, &attachment(3, "02", "PROV-3", "70702", &short));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, text) = bench.only(SUMMIT);
    let parameters: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(media_type(&parameters).as_deref(), Some("image/png"));
    let inside = base64_simd::STANDARD.encode_to_string(b"A picture. \x03\x03\x03");
    assert!(text.contains(&inside[..16]) && !text.contains(&short[..64]));
    assert!(bench.received(&claimed).1.contains(&short));
}

#[test]
fn a_long_resource_in_base64_goes_into_x12_as_it_is() {
    let bench = Bench::new();
    let bundle = document("{\"resourceType\":\"Bundle\",\"x\":\"", 400_000);
    for (payer, partner) in [("60601", HARBOR), ("50501", OLDEN)] {
        let body = submission(&format!("T-{payer}"), payer, "1999999992", &bundle).to_string();
        let (reply, outcome) = bench.submit(LAKE, &body);
        assert_eq!(reply.status, 200, "{outcome}");
        let text = bench.only(partner).1.replace("\r\n", "");
        assert!(text.contains(&bundle), "{payer}");
    }
}
