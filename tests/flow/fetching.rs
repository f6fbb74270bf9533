//! Contents by address, without sockets: when they are fetched, and that what waits has them later.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use cartage::exchange::terms::Assembly;
use cartage::flow::courier::Promised;
use cartage::flow::fetching::Download;
use cartage::flow::fetching::Fetching;
use cartage::flow::settings::Agreement;
use cartage::flow::settings::Contents;
use cartage::routing::table::Park;
use cartage::upstream::fetch::NotThere;
use cartage::upstream::target::Target;
use cartage::upstream::web::WebAddress;
use serde_json::Value;
use serde_json::json;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::OLDEN;
use crate::messages::element;
use crate::messages::request;
use crate::messages::submission;

/// Gives the same document to whoever asks, and counts.
#[derive(Debug)]
struct Shelf {
    document: Vec<u8>,
    asked: Mutex<u32>,
}

struct Pages(VecDeque<Bytes>);

impl Fetching for Shelf {
    fn open<'a>(
        &'a self,
        _target: &'a Target,
        _media: Option<&'a str>,
    ) -> Promised<'a, Result<Box<dyn Download>, NotThere>> {
        *self.asked.lock().unwrap() += 1;
        let pieces = self.document.chunks(1000).map(Bytes::copy_from_slice);
        let pages = Pages(pieces.collect());
        Box::pin(async move { Ok(Box::new(pages) as Box<dyn Download>) })
    }
}

impl Download for Pages {
    fn media(&self) -> Option<&str> {
        None
    }

    fn length(&self) -> Option<u64> {
        None
    }

    fn next(&mut self) -> Promised<'_, Result<Option<Bytes>, NotThere>> {
        let next = self.0.pop_front();
        Box::pin(async move { Ok(next) })
    }
}

/// Contents of Lake lie on its own shelf; the parts of an answer go out together.
fn agree(agreement: &mut Agreement) {
    agreement.contents = Contents {
        from: vec![WebAddress::parse("http://docs.lake.example").unwrap()],
        ..Contents::default()
    };
    agreement.terms.assembly = Assembly::Whole;
}

fn bench(document: &[u8]) -> (Bench, Arc<Shelf>) {
    let shelf = Arc::new(Shelf {
        document: document.to_vec(),
        asked: Mutex::new(0),
    });
    let mut bench = Bench::with(Park::Hold);
    bench.gateway = bench.gateway.fetching_by(Arc::clone(&shelf) as Arc<dyn Fetching>);
    bench.reload(agree);
    (bench, shelf)
}

fn asked(shelf: &Shelf) -> u32 {
    *shelf.asked.lock().unwrap()
}

/// A submission whose document is named by address.
fn by_address(tracking: &str, payer: &str, media: &str) -> Value {
    let mut body = submission(tracking, payer, "1999999992", "");
    body["parameter"][7]["part"][1]["resource"]["content"][0]["attachment"] =
        json!({"contentType": media, "url": "http://docs.lake.example/1"});
    body
}

/// Base 64 of `octets`, which are a multiple of three.
fn base64(octets: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(octets)
}

#[track_caller]
fn check_a_part_that_waits(document: &[u8]) {
    let (mut bench, shelf) = bench(document);
    bench.x12(HARBOR, &request(1, "CASE-1", "1999999992"));
    let mut first = by_address("CASE-1", "60601", "application/pdf");
    first["parameter"][8]["valueBoolean"] = json!(false);
    let (reply, outcome) = bench.submit(LAKE, &first.to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    assert!(bench.out(HARBOR).is_empty(), "it waits for the rest");
    assert_eq!(asked(&shelf), 1);
    // The gateway that goes on fetches nothing at all.
    bench.restart();
    bench.reload(agree);
    bench.wait(Duration::from_mins(1));
    let last = submission("CASE-1", "60601", "1999999992", "QUJD");
    let (reply, outcome) = bench.submit(LAKE, &last.to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(HARBOR);
    assert!(
        text.contains(&format!("*{}~", base64(document))),
        "{}",
        text.len()
    );
    assert!(text.contains("*QUJD~"));
}

#[test]
fn a_part_that_waits_has_its_content_when_it_goes_out() {
    check_a_part_that_waits(b"a short one of 30 octets, yes.");
}

#[test]
fn a_long_content_of_a_part_that_waits_too() {
    check_a_part_that_waits(&vec![b'l'; 300_000]);
}

#[test]
fn a_content_becomes_a_bin_with_the_lines_of_mime() {
    let (bench, _) = bench(&vec![b'm'; 90_000]);
    let (reply, outcome) = bench.submit(LAKE, &by_address("T-1", "50501", "application/pdf").to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(OLDEN);
    let start = text.find("~BIN*").unwrap() + 5;
    let (length, rest) = text[start..].split_once('*').unwrap();
    let octets = &rest[..length.parse::<usize>().unwrap()];
    assert!(rest[octets.len()..].starts_with("~SE*"));
    let lines: String = octets.lines().skip_while(|line| !line.is_empty()).collect();
    assert_eq!(lines, base64(&vec![b'm'; 90_000]));
}

#[test]
fn a_long_submission_may_name_contents_as_well() {
    let (bench, shelf) = bench(b"abc");
    let long = base64(&vec![b'h'; 600_000]);
    let mut body = submission("T-1", "60601", "1999999992", &long);
    let named = by_address("T-1", "60601", "text/plain")["parameter"][7].clone();
    body["parameter"].as_array_mut().unwrap().push(named);
    let (reply, outcome) = bench.submit(LAKE, &body.to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    let (_, text) = bench.only(HARBOR);
    assert!(text.contains(&format!("*{long}~")) && text.contains("*YWJj~"));
    assert_eq!(asked(&shelf), 1);
}

#[test]
fn the_same_submission_twice_at_once_goes_out_once() {
    let (bench, _) = bench(b"abc");
    let body = by_address("T-1", "60601", "text/plain").to_string();
    let replies = bench.submit_at_once(LAKE, &[body.clone(), body]);
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 200 && reply.body == replies[0].body)
    );
    assert!(bench.only(HARBOR).1.contains("*YWJj~"));
}

#[test]
fn one_address_that_is_named_twice_is_fetched_once() {
    let (bench, shelf) = bench(b"abc");
    let mut body = by_address("T-1", "60601", "text/plain");
    let again = body["parameter"][7].clone();
    body["parameter"].as_array_mut().unwrap().push(again);
    let (reply, outcome) = bench.submit(LAKE, &body.to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    assert_eq!(bench.only(HARBOR).1.matches("*YWJj~").count(), 2);
    assert_eq!(asked(&shelf), 1);
}

#[test]
fn nothing_is_fetched_for_what_is_refused_or_parked() {
    let (bench, shelf) = bench(b"abc");
    let mut unsound = by_address("T-1", "60601", "text/plain");
    unsound["parameter"]
        .as_array_mut()
        .unwrap()
        .retain(|one| one["name"] != "MemberId");
    assert_eq!(bench.submit(LAKE, &unsound.to_string()).0.status, 422);
    let nobodys = by_address("T-1", "99999", "text/plain");
    assert_eq!(bench.submit(LAKE, &nobodys.to_string()).0.status, 200);
    assert_eq!((bench.parked(), asked(&shelf)), (1, 0));
}

#[test]
fn a_content_that_says_something_else_is_another_submission() {
    let (mut bench, _) = bench(b"abc");
    let body = by_address("T-1", "60601", "text/plain");
    assert_eq!(bench.submit(LAKE, &body.to_string()).0.status, 200);
    let other = Arc::new(Shelf {
        document: b"abcdef".to_vec(),
        asked: Mutex::new(0),
    });
    bench.gateway = bench.gateway.fetching_by(other);
    // The same words in other bytes, so that it is no mere repeat; what they name has changed.
    let pretty = serde_json::to_string_pretty(&body).unwrap();
    let (reply, outcome) = bench.submit(LAKE, &pretty);
    assert_eq!(reply.status, 200, "{outcome}");
    assert!(!outcome.to_string().contains("duplicate"), "{outcome}");
    assert_eq!(element(&bench.out(HARBOR)[1].1, "BDS", 3), "YWJjZGVm");
}

#[test]
fn more_contents_than_are_fetched_are_refused() {
    let (bench, shelf) = bench(b"abc");
    let mut body = by_address("T-1", "60601", "text/plain");
    let parameters = body["parameter"].as_array_mut().unwrap();
    for number in 0..100 {
        let mut one = parameters[7].clone();
        one["part"][1]["resource"]["content"][0]["attachment"]["url"] =
            json!(format!("http://docs.lake.example/{number}-more"));
        parameters.push(one);
    }
    let (reply, outcome) = bench.submit(LAKE, &body.to_string());
    assert_eq!(reply.status, 413, "{outcome}");
    assert_eq!(asked(&shelf), 0);
}

#[test]
fn a_gateway_that_fetches_nothing_says_so() {
    let bench = Bench::new();
    bench.reload(agree);
    let (reply, outcome) = bench.submit(LAKE, &by_address("T-1", "60601", "text/plain").to_string());
    assert_eq!(reply.status, 422);
    assert_eq!(
        outcome["issue"][0]["diagnostics"],
        "contents are not fetched here"
    );
    assert!(!outcome.to_string().contains("docs.lake"), "{outcome}");
}
