//! `cartage diff --live`: what would change against the gateway that runs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use std::fs;

use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::request;
use journey_support::serve_support::Ground;
use journey_support::serve_support::Running;

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

#[test]
fn the_last_messages_that_came_are_sent_through_the_new_file() {
    let stage = Stage::new();
    stage.x12("harbor", &request(1, "CASE-1", NORTH_NPI));
    stage.x12("harbor", &request(2, "CASE-2", LAKE_NPI));
    stage.x12("harbor", &request(3, "CASE-3", LAKE_NPI));
    let (code, told) = stage.ground.command(&["diff", "--live"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(told, "nothing changes; 3 messages go where they went\n");

    // The two clinics of the lake move to the north, and the one in the north is nobody's.
    let text = fs::read_to_string(stage.ground.path("gateway.toml")).unwrap();
    let text = text.replace(LAKE_NPI, "1777777776").replace(NORTH_NPI, LAKE_NPI);
    stage.ground.file("gateway.toml", &text);
    let (code, told) = stage.ground.command(&["diff", "--live"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("; 3 of 3 messages would go elsewhere\n"), "{told}");
    assert_eq!(told.matches(": lake -> north\n").count(), 2, "{told}");
    assert_eq!(told.matches(": north -> ").count(), 1, "{told}");
    assert!(!told.contains("CASE-"), "{told}");

    // More entries than one answer of the gateway has: the oldest are found behind all others.
    for number in 4..230 {
        stage.x12("harbor", &request(number, &format!("CASE-{number}"), LAKE_NPI));
    }
    let (code, told) = stage.ground.command(&["diff", "--live"]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("; 229 of 229 messages would go elsewhere\n"),
        "{told}"
    );
    assert!(
        told.contains("goes elsewhere  179 more; --json names them all\n"),
        "{told}"
    );
    let (_, told) = stage.ground.command(&["diff", "--live", "--json"]);
    assert_eq!(told.matches("\"old\":\"north\"").count(), 1, "{told}");
}
