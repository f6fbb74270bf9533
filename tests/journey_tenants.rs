//! SEC-005 and T-110 over the wire: partners share one door and are known by their tokens; nobody sees what is not theirs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use cartage::fhir::json;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::messages::task;
use journey_support::serve_support::Ground;
use journey_support::serve_support::Running;
use journey_support::serve_support::ask;
use serde_json::Value;

const CONFIGURATION: &str = r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.front]
kind = "fhir"
address = "127.0.0.1:0"
[listen.side]
kind = "core"
address = "127.0.0.1:0"
[partner.summit]
role = "payer"
payer-ids = ["SUMMIT_ID"]
speaks = "fhir"
fhir = { hosted = true }
known-by = { token = { file = "summit.token" } }
[partner.lake]
role = "provider"
npi = ["LAKE_NPI"]
speaks = "fhir"
fhir = { hosted = true }
known-by = { token = { file = "lake.token" } }
[partner.north]
role = "provider"
npi = ["NORTH_NPI"]
speaks = "fhir"
fhir = { hosted = true }
known-by = { token = { file = "north.token" } }
"#;

fn start() -> (Ground, Running) {
    let ground = Ground::new();
    let ids = [
        ("SUMMIT_ID", SUMMIT_ID),
        ("LAKE_NPI", LAKE_NPI),
        ("NORTH_NPI", NORTH_NPI),
    ];
    let text = ids.iter().fold(CONFIGURATION.to_owned(), |text, (name, id)| {
        text.replace(name, id)
    });
    ground.file("gateway.toml", &text);
    for name in ["summit", "lake", "north"] {
        ground.file(&format!("{name}.token"), &format!("token-of-{name}\n"));
    }
    let running = Running::start(&ground);
    (ground, running)
}

fn request(running: &Running, who: &str, line: &str, body: &str) -> (u16, Value) {
    let fields = format!("Authorization: Bearer token-of-{who}\r\nContent-Type: application/fhir+json\r\n");
    let (status, text) = ask(running.address("front"), line, &fields, body);
    (status, json::read(text.as_bytes()).unwrap_or(Value::Null))
}

#[test]
fn tokens_open_what_is_theirs_and_nothing_else() {
    let (_ground, running) = start();
    let body = task("ACN-1", SUMMIT_ID, LAKE_NPI).to_string();
    let (status, created) = request(&running, "summit", "POST /fhir/Task", &body);
    assert_eq!(status, 201, "{created}");
    let id = created["id"].as_str().unwrap();
    let lines = [
        format!("GET /fhir/Task/{id}"),
        format!("GET /fhir/Task/{id}/_history"),
        format!("GET /fhir/Task/{id}/_history/1"),
        format!("PUT /fhir/Task/{id}"),
    ];
    for line in &lines {
        for (who, allowed) in [("summit", true), ("lake", true), ("north", false)] {
            let body = if line.starts_with("PUT") {
                created.to_string()
            } else {
                String::new()
            };
            let (status, said) = request(&running, who, line, &body);
            assert_eq!(status != 404, allowed, "{who} {line}: {said}");
            if !allowed {
                // What is not there and what is not theirs look the same.
                let [line, body] = [line, &body].map(|text| text.replace(id, "no-such-task"));
                let other = request(&running, who, &line, &body);
                assert_eq!((status, said), other, "{who} {line}");
            }
        }
        let (status, said) = request(&running, "nobody", line, "");
        assert_eq!(
            (status, &said["issue"][0]["code"]),
            (401, &"login".into()),
            "{line}"
        );
    }
    for (who, hits) in [("summit", 1), ("lake", 1), ("north", 0)] {
        for query in [
            "identifier=ACN-1",
            "status=requested,accepted",
            &format!("_id={id}"),
            "",
        ] {
            let (status, bundle) = request(&running, who, &format!("GET /fhir/Task?{query}"), "");
            let found = bundle["entry"].as_array().map_or(0, Vec::len);
            assert_eq!((status, found), (200, hits), "{who} {query}");
        }
    }
    running.stop();
}

#[test]
fn no_token_opens_nothing() {
    let (_ground, running) = start();
    for line in [
        "GET /fhir/Task",
        "POST /fhir/Task",
        "POST /fhir/$submit-attachment",
        "GET /fhir/Task/a",
    ] {
        let (status, _) = ask(running.address("front"), line, "", "");
        assert_eq!(status, 401, "{line}");
    }
    let (status, _) = ask(
        running.address("side"),
        "POST /",
        "Content-Type: text/plain\r\n",
        "ISA",
    );
    assert_eq!(status, 401);
    running.stop();
}

/// A token that is changed is in force with the next reload, and the old one is not.
#[test]
fn a_token_changes_with_a_reload() {
    let (ground, running) = start();
    ground.file("north.token", "token-of-somebody-new\n");
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(request(&running, "north", "GET /fhir/Task", "").0, 401);
    assert_eq!(request(&running, "somebody-new", "GET /fhir/Task", "").0, 200);
    running.stop();
}
