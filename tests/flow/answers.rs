//! Journey 2: `$submit-attachment` becomes a 275, and the payer's acknowledgements close it.

use cartage::exchange::state::Kind;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::messages::ack;
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
