//! `cartage serve` as a process: it starts, says where its doors are, follows its configuration and stops.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod serve_support;

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use cartage::fhir::json;
use serde_json::Value;
use serve_support::Ground;
use serve_support::Running;
use serve_support::ask;

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
[listen.drop]
kind = "folder"
path = "drop"
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

/// A second door for the payer.
const SECOND: &str = r#"
[listen.second]
kind = "core"
address = "127.0.0.1:0"
from = "harbor"
"#;

fn ground(text: &str) -> Ground {
    let ground = Ground::new();
    ground.file("gateway.toml", text);
    ground
}

#[test]
fn it_says_where_its_doors_are_serves_and_stops() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    let kinds: Vec<(&str, &str)> = running
        .doors
        .iter()
        .map(|door| (door["name"].as_str().unwrap(), door["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("drop", "folder"), ("harbor", "core"), ("lake", "fhir")]);
    assert_ne!(running.address("lake").port(), 0);
    let (status, body) = ask(running.address("lake"), "GET /fhir/metadata", "", "");
    assert_eq!(status, 200);
    assert_eq!(json::read(body.as_bytes()).unwrap()["title"], "Northline");
    let log = running.stop();
    for event in ["started", "door opened", "draining", "ended"] {
        assert!(
            log.contains(&format!("\"event\":\"{event}\"")) || log.contains(event),
            "{event}: {log}"
        );
    }
}

/// ROB-024: a second process on the same data refuses, and the first does not notice.
#[test]
fn a_second_process_on_the_same_data_refuses() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    let (code, text) = ground.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(text.contains("another process works on"), "{text}");
    assert_eq!(ask(running.address("lake"), "GET /fhir/metadata", "", "").0, 200);
    running.stop();
    Running::start(&ground).stop();
}

#[test]
fn a_configuration_with_faults_does_not_start() {
    let ground = ground(&GATEWAY.replace("usage = \"T\"", "usage = \"X\""));
    let (code, text) = ground.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("error[G") && text.contains("the gateway does not start"),
        "{text}"
    );
    assert!(!ground.path("data").exists());
}

#[test]
fn a_door_that_others_could_read_along_at_does_not_open() {
    let text = GATEWAY.replacen("address = \"127.0.0.1:0\"", "address = \"0.0.0.0:0\"", 1);
    let ground_of_plain = ground(&text);
    let (code, said) = ground_of_plain.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(said.contains("has no TLS") && said.contains("i-accept"), "{said}");
    let accepted = ground(&text.replacen(
        "address = \"0.0.0.0:0\"",
        "address = \"0.0.0.0:0\"\nplain = \"i-accept\"",
        1,
    ));
    Running::start(&accepted).stop();
}

/// ROB-019: a reload opens new doors, keeps the others, and goes back; what has faults changes nothing.
#[test]
fn a_reload_changes_what_changed_and_nothing_else() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    let lake = running.address("lake");
    // A connection that stands keeps standing through all of it.
    let mut standing = TcpStream::connect(lake).unwrap();
    ground.file("gateway.toml", &format!("{GATEWAY}{SECOND}"));
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("generation 2 is in force"), "{text}");
    let status = admin(&ground, r#"{"command":"status"}"#);
    assert_eq!(status["generation"], 2);
    let second = door(&status, "second").unwrap();
    assert_eq!(door(&status, "lake").unwrap(), lake.to_string());
    assert_eq!(ask(second.parse().unwrap(), "GET /", "", "").0, 405);

    ground.file(
        "gateway.toml",
        &GATEWAY.replace("ZZ:HARBORPLAN", "ZZ:MUCH-TOO-LONG-A-NAME"),
    );
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 1);
    assert!(text.contains("error[G"), "{text}");
    let told = admin(&ground, r#"{"command":"reload"}"#);
    assert_eq!(told["ok"], false);
    assert!(
        told["error"].as_str().unwrap().contains("gateway.toml:"),
        "{told}"
    );
    let status = admin(&ground, r#"{"command":"status"}"#);
    assert_eq!(status["generation"], 2);
    assert_eq!(status["refused"], told["error"]);

    let (code, text) = ground.command(&["reload", "--generation", "1"]);
    assert_eq!(code, 0, "{text}");
    let status = admin(&ground, r#"{"command":"status"}"#);
    assert_eq!(
        (door(&status, "second"), &status["refused"]),
        (None, &Value::Null)
    );

    write!(
        standing,
        "GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut heard = String::new();
    standing.read_to_string(&mut heard).unwrap();
    assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
    running.stop();
}

#[test]
fn a_signal_reloads_as_well() {
    let ground = ground(GATEWAY);
    let mut running = Running::start(&ground);
    ground.file("gateway.toml", &format!("{GATEWAY}{SECOND}"));
    running.signal("HUP");
    running.log_line("reloaded");
    assert!(door(&admin(&ground, r#"{"command":"status"}"#), "second").is_some());
    running.stop();
}

/// Changed files are taken up by themselves once they are quiet, included ones as well; bad ones change nothing, and
/// say so.
#[test]
fn files_that_are_watched_are_taken_up_when_they_change() {
    let watched = GATEWAY
        .replace("reload = \"manual\"", "reload = \"watch\"")
        .replace(
            "config-version = 1",
            "config-version = 1\ninclude = [\"more.toml\"]",
        );
    let ground = ground(&watched);
    ground.file("more.toml", SECOND);
    let mut running = Running::start(&ground);
    assert_eq!(running.generation, 1);
    ground.file(
        "gateway.toml",
        &watched.replace("name = \"Northline\"", "name = \"Southline\""),
    );
    let told = running.log_line("reload");
    assert!(told.contains("\"generation\":2"), "{told}");

    ground.file("more.toml", "[listen.second]\nkind = \"cord\"\n");
    let told = running.log_line("reload");
    assert!(told.contains("refused") && !told.contains("cord"), "{told}");
    let status = admin(&ground, r#"{"command":"status"}"#);
    assert_eq!(status["generation"], 2);
    let why = status["refused"].as_str().unwrap();
    assert!(why.contains("more.toml:2"), "{why}");
    assert!(door(&status, "second").is_some());
    assert_eq!(title(&running), "Southline");

    ground.file("more.toml", &SECOND.replace("second", "third"));
    let told = running.log_line("reload");
    assert!(told.contains("\"generation\":3"), "{told}");
    let status = admin(&ground, r#"{"command":"status"}"#);
    assert!(door(&status, "third").is_some() && door(&status, "second").is_none());
    assert_eq!(status["refused"], Value::Null);
    running.stop();
}

/// What the façade calls itself.
fn title(running: &Running) -> String {
    let (_, body) = ask(running.address("lake"), "GET /fhir/metadata", "", "");
    let title = json::read(body.as_bytes()).unwrap()["title"].clone();
    title.as_str().unwrap().to_owned()
}

#[test]
fn what_only_a_restart_can_change_is_refused() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    ground.file(
        "gateway.toml",
        &GATEWAY.replace("data-dir = \"data\"", "data-dir = \"elsewhere\""),
    );
    let told = admin(&ground, r#"{"command":"reload"}"#);
    assert!(
        told["error"].as_str().unwrap().contains("gateway.data-dir"),
        "{told}"
    );
    assert!(!ground.path("elsewhere").exists());
    running.stop();
}

/// A door whose address is taken keeps the whole change from happening.
#[test]
fn a_door_that_cannot_open_refuses_the_reload() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    let taken = running.address("harbor");
    ground.file(
        "gateway.toml",
        &format!("{GATEWAY}{}", SECOND.replace("127.0.0.1:0", &taken.to_string())),
    );
    let told = admin(&ground, r#"{"command":"reload"}"#);
    assert!(
        told["error"]
            .as_str()
            .unwrap()
            .contains("door second cannot be opened"),
        "{told}"
    );
    assert_eq!(admin(&ground, r#"{"command":"status"}"#)["generation"], 1);
    running.stop();
}

#[test]
fn the_admin_socket_is_for_the_gateways_user_only_and_goes_with_it() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    let socket = ground.path("data/admin.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(ground.path("data/key"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    for (asked, expected) in [
        ("nonsense", "no command"),
        ("{\"command\":\"shutdown\"}", "no command"),
    ] {
        let told = admin(&ground, asked);
        assert!(told["error"].as_str().unwrap().contains(expected), "{told}");
    }
    running.stop();
    assert!(!socket.exists());
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 1);
    assert!(text.contains("no gateway runs"), "{text}");
}

/// What was killed left a socket and a lock, and neither keeps the next one from starting.
#[test]
fn a_killed_gateway_starts_again() {
    let ground = ground(GATEWAY);
    let running = Running::start(&ground);
    running.signal("KILL");
    running.end();
    let again = Running::start(&ground);
    assert_eq!(admin(&ground, r#"{"command":"status"}"#)["generation"], 2);
    again.stop();
}

fn admin(ground: &Ground, question: &str) -> Value {
    let mut stream = UnixStream::connect(ground.path("data/admin.sock")).unwrap();
    writeln!(stream, "{question}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    json::read(answer.trim().as_bytes()).unwrap()
}

fn door(status: &Value, name: &str) -> Option<String> {
    let doors = status["doors"].as_array().unwrap();
    let found = doors.iter().find(|door| door["name"] == name)?;
    Some(found["address"].as_str().unwrap().to_owned())
}
