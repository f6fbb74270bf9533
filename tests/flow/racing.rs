//! What comes at the same time, and what comes while the process dies.

use serde_json::json;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::messages::submission;

const LAKE_NPI: &str = "1999999992";

#[test]
fn copies_at_the_same_time_go_out_once() {
    let bench = Bench::new();
    let body = submission("T-1", "60601", LAKE_NPI, "QUJD").to_string();
    let replies = bench.submit_at_once(LAKE, &[body.clone(), body.clone(), body]);
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 200 && reply.body == replies[0].body)
    );
    assert_eq!(bench.out(HARBOR).len(), 1);
}

#[test]
fn parts_at_the_same_time_all_go_out() {
    let bench = Bench::new();
    let bodies: Vec<String> = ["QUJD", "REVG", "R0hJ"]
        .iter()
        .map(|content| {
            let mut part = submission("T-1", "60601", LAKE_NPI, content);
            part["parameter"][8]["valueBoolean"] = json!(*content == "R0hJ");
            part.to_string()
        })
        .collect();
    let replies = bench.submit_at_once(LAKE, &bodies);
    assert!(replies.iter().all(|reply| reply.status == 200));
    let found = bench.exchanges();
    assert_eq!((found.len(), found[0].0.parts().len()), (1, 3));
    let out = bench.out(HARBOR);
    for content in ["QUJD", "REVG", "R0hJ"] {
        let carrying = out
            .iter()
            .filter(|(_, text)| text.contains(&format!("*{content}~")));
        assert_eq!(carrying.count(), 1, "{content}");
    }
}

#[test]
fn what_was_not_committed_was_not_answered() {
    let mut bench = Bench::new();
    let body = submission("T-1", "60601", LAKE_NPI, "QUJD").to_string();
    assert_eq!(bench.submit_and_die(LAKE, &body, false), 503);
    assert!(bench.exchanges().is_empty());
    assert_eq!(bench.submit_and_die(LAKE, &body, true), 503);
    // It was kept and nobody heard of it: sent again it is a repeat.
    assert_eq!(bench.submit(LAKE, &body).0.status, 200);
    assert_eq!(bench.exchanges().len(), 1);
    assert_eq!(bench.out(HARBOR).len(), 1);
}
