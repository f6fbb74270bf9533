//! Long messages over the wire: what is broken, hostile or very large leaves nothing behind, and much in one file arrives.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;

use journey_support::HARBOR_ID;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::submission;
use journey_support::wait_for;

/// How many payloads have a file of their own.
fn long_blobs(stage: &Stage) -> usize {
    let files = fs::read_dir(stage.ground.path("data/blobs")).unwrap();
    let names = files.map(|file| file.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("own-"))
        .count()
}

/// Base 64 of so many characters.
fn base64(length: usize) -> String {
    "QmFzZTY0IG9mIG5vdGhpbmcgYXQgYWxs"
        .chars()
        .cycle()
        .take(length / 4 * 4)
        .collect()
}

const MEBI: usize = 1 << 20;

/// Sends the beginning of a body that claims to have 60 MB; the connection stays open.
fn begin(stage: &Stage, partner: &str, line: &str, media: &str, body: &str) -> TcpStream {
    let address = stage.gateway().address(partner);
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST {line} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {media}\r\nContent-Length: 60000000\r\n\r\n{body}"
    )
    .unwrap();
    stream
}

/// The same file from somebody who dies in the middle.
#[track_caller]
fn check_broken_off(stage: &Stage, partner: &str, line: &str, media: &str, whole: &str) {
    let stream = begin(stage, partner, line, media, &whole[..2 * MEBI]);
    assert!(wait_for(|| long_blobs(stage) > 0), "it is being written");
    drop(stream);
    assert!(wait_for(|| long_blobs(stage) == 0), "nothing of it is left");
}

#[test]
fn a_body_that_ends_before_its_end_leaves_nothing() {
    let stage = Stage::new();
    let payload = base64(3 * MEBI);
    let fhir = submission("T-1", HARBOR_ID, NORTH_NPI, &payload).to_string();
    let line = "/fhir/$submit-attachment";
    check_broken_off(&stage, "north", line, "application/fhir+json", &fhir);
    let x12 = attachment(1, "02", "PROV-1", HARBOR_ID, &payload);
    check_broken_off(&stage, "south", "/", "application/edi-x12", &x12);
    // Those that end it in order are told.
    let mut stream = begin(&stage, "north", line, "application/fhir+json", &fhir[..2 * MEBI]);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(wait_for(|| long_blobs(&stage) == 0), "nothing of it is left");
    // And the gateway goes on.
    assert!(stage.x12("south", &x12).contains("~IK5*A~"));
}

#[test]
fn what_is_found_wrong_at_the_end_leaves_nothing() {
    let stage = Stage::new();
    let post = |text: &str| {
        let fields = "Content-Type: application/fhir+json\r\n";
        stage.request("north", "POST /fhir/$submit-attachment", fields, text)
    };
    let good = submission("T-1", HARBOR_ID, NORTH_NPI, &base64(2 * MEBI)).to_string();
    let (head, tail) = good.split_at(MEBI);
    let late = MEBI - 2_000;
    // No base 64; brackets without end; the wrong resource; nobody whom it could be for.
    let garbage = format!("{head}{}!{}", &tail[..late], &tail[late + 1..]);
    let deep = format!("{},\"x\":{}", good.strip_suffix('}').unwrap(), "[".repeat(5_000));
    let other = good.replace("\"Parameters\"", "\"Bundle\"");
    let nobody = good.replace("\"TrackingId\"", "\"Tracking\"");
    for (text, status) in [(&garbage, 422), (&deep, 400), (&other, 422), (&nobody, 422)] {
        let (said, outcome) = post(text);
        assert_eq!(said, status, "{outcome}");
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert!(wait_for(|| long_blobs(&stage) == 0), "nothing of it is left");
    }
    // What was taken stays, and sent again it takes no more room.
    assert_eq!(post(&good).0, 200);
    assert_eq!(long_blobs(&stage), 1);
    assert_eq!(post(&good).0, 200);
    assert!(wait_for(|| long_blobs(&stage) == 1), "the repeat is not kept");
}

/// An interchange of many 275s; what the payload of each begins with, and how long it is.
fn many(count: usize, length: impl Fn(usize) -> usize) -> String {
    let whole = attachment(1, "02", "@TRACKING@", HARBOR_ID, "@PAYLOAD@");
    let (head, rest) = whole.split_at(whole.find("ST*275").unwrap());
    let (transaction, tail) = rest.split_at(rest.find("GE*1*").unwrap());
    let mut text = head.to_owned();
    for number in 1..=count {
        let payload = format!("{number:08}{}", base64(length(number) - 8));
        let one = transaction
            .replace("*0001*", &format!("*{number:04}*"))
            .replace("*0001~", &format!("*{number:04}~"))
            .replace("SC-ATT-1", &format!("SC-ATT-{number}"))
            .replace("@TRACKING@", &format!("PROV-{number}"))
            .replace(
                "BDS*B64*9*@PAYLOAD@",
                &format!("BDS*B64*{}*{payload}", payload.len()),
            );
        text.push_str(&one);
    }
    text + &tail.replace("GE*1*", &format!("GE*{count}*"))
}

#[test]
fn five_hundred_attachments_in_one_file_all_arrive() {
    const COUNT: usize = 500;
    let stage = Stage::new();
    // Some are cut out of the message, and some are not.
    let length_of = |number: usize| if number.is_multiple_of(2) { 27_000 } else { 16_000 };
    let text = many(COUNT, length_of);
    assert!(text.len() > 10 * MEBI);
    let answer = stage.x12("south", &text);
    assert_eq!(answer.matches("~IK5*A~").count(), COUNT);
    let mut arrived = BTreeSet::new();
    for _ in 0..COUNT {
        let sent = stage.harbor.next().body;
        let length: usize = element(&sent, "BDS", 2).parse().unwrap();
        let payload = element(&sent, "BDS", 3);
        assert_eq!(payload.len(), length);
        let number: usize = payload[..8].parse().unwrap();
        assert_eq!(length, length_of(number));
        arrived.insert(number);
    }
    assert_eq!(arrived.len(), COUNT);
}

#[test]
fn more_than_can_be_kept_at_once_is_refused_in_words() {
    let stage = Stage::new();
    // Short payloads are not cut out, so that all of it would have to be held.
    let text = many(1_030, |_| 16_000);
    let address = stage.gateway().address("south");
    let fields = "Content-Type: application/edi-x12\r\n";
    let (status, answer) = journey_support::serve_support::ask(address, "POST /", fields, &text);
    assert_eq!(status, 413, "{answer}");
    assert!(answer.contains("send it in several"), "{answer}");
    assert!(!stage.harbor.has_more());
}
