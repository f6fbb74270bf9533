//! `cartage diff --live`: what would change against the gateway that runs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

mod serve_support;

use std::fs;

use serve_support::Ground;
use serve_support::Running;

const GATEWAY: &str = r#"
config-version = 1
[gateway]
name = "Northline"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.lake]
kind = "fhir"
address = "127.0.0.1:0"
from = "lake"
[listen.harbor]
kind = "core"
address = "127.0.0.1:0"
from = "harbor"
[partner.harbor]
role = "payer"
payer-ids = ["60601"]
speaks = "x12"
x12 = { isa = "ZZ:HARBORPLAN", gs = "HARBORPLAN", guides = ["006020X313", "006020X314"] }
deliver = { folder = "out", name = "{message}-{control}.edi" }
[partner.lake]
role = "provider"
npi = ["1999999992"]
speaks = "fhir"
fhir = { hosted = true }
"#;

#[test]
fn the_file_is_compared_with_what_is_in_force_and_not_with_what_was_kept_last() {
    let ground = Ground::new();
    ground.file("gateway.toml", GATEWAY);
    let (code, told) = ground.command(&["diff", "--live"]);
    assert_eq!(code, 2);
    assert!(told.contains("no gateway runs on "), "{told}");

    let running = Running::start(&ground);
    assert_eq!(ground.command(&["diff", "--live"]).0, 0);
    ground.file("gateway.toml", &GATEWAY.replace("60601", "60602"));
    let (code, told) = ground.command(&["diff", "--live"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("harbor") && told.contains("60602"), "{told}");

    // A generation that was kept and never came into force is what `diff` without --live compares with.
    let kept = ground.path("data/generations");
    fs::create_dir(kept.join("7")).unwrap();
    for entry in fs::read_dir(kept.join("1")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap().replace("60601", "60602");
        fs::write(kept.join("7").join(path.file_name().unwrap()), text).unwrap();
    }
    assert_eq!(ground.command(&["diff"]).0, 0);
    assert_eq!(ground.command(&["diff", "--live"]).0, 1);

    let (code, told) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(ground.command(&["diff", "--live"]).0, 0);
    let (code, told) = ground.command(&["diff", "--live", "--json"]);
    assert_eq!(code, 0, "{told}");
    running.stop();
    assert_eq!(ground.command(&["diff", "--live"]).0, 2);
}
