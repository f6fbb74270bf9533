//! What the log is told of messages that come in.

use cartage::observe::event::Kind;
use cartage::routing::table::Park;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::attachment;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::task;

const LAKE_NPI: &str = "1999999992";

#[track_caller]
fn check(bench: &Bench, expected: [u64; 4]) {
    let kinds = [Kind::Accepted, Kind::Repeated, Kind::Refused, Kind::Parked];
    assert_eq!(kinds.map(|kind| bench.told(kind)), expected);
}

#[test]
fn an_interchange_is_told_once_for_what_it_is() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", LAKE_NPI));
    check(&bench, [1, 0, 0, 0]);
    bench.x12(HARBOR, &request(1, "CASE-1", LAKE_NPI));
    check(&bench, [1, 1, 0, 0]);
    // The same number with other content.
    bench.x12(HARBOR, &request(1, "CASE-2", LAKE_NPI));
    check(&bench, [1, 1, 1, 0]);
    // A count that is wrong.
    bench.x12(
        HARBOR,
        &request(3, "CASE-3", LAKE_NPI).replace("IEA*1*", "IEA*7*"),
    );
    check(&bench, [1, 1, 2, 0]);
    bench.x12(HARBOR, "hello");
    check(&bench, [1, 1, 3, 0]);
    bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "99999", "QUJD"));
    check(&bench, [2, 1, 3, 1]);
}

#[test]
fn content_that_is_refused_is_kept_and_refused() {
    let bench = Bench::with(Park::Reject);
    bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "99999", "QUJD"));
    check(&bench, [1, 0, 1, 0]);
}

#[test]
fn what_the_facade_takes_and_refuses_is_told_and_reads_are_not() {
    let bench = Bench::new();
    let sound = submission("T-1", "60601", LAKE_NPI, "QUJD").to_string();
    bench.submit(LAKE, &sound);
    bench.submit(LAKE, &sound);
    check(&bench, [1, 1, 0, 0]);
    bench.submit(LAKE, "{");
    check(&bench, [1, 1, 1, 0]);
    bench.submit(LAKE, &submission("T-2", "11111", LAKE_NPI, "QUJD").to_string());
    check(&bench, [2, 1, 1, 1]);
    let asked = task("ACN-1", "70702", LAKE_NPI).to_string();
    let (_, made) = bench.create(SUMMIT, &asked);
    bench.create(SUMMIT, &asked);
    check(&bench, [3, 2, 1, 1]);
    bench.read(LAKE, made["id"].as_str().unwrap());
    bench.read(LAKE, "x99");
    check(&bench, [3, 2, 1, 1]);
    bench.store.set_full(true);
    bench.submit(LAKE, &submission("T-3", "60601", LAKE_NPI, "QUJD").to_string());
    check(&bench, [3, 2, 2, 1]);
}
