//! What a change of the configuration must not lose: conversations of a partner that is given up, doors that change what
//! they are, and the line between before and after.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use cartage::fhir::json;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::peer::Peer;
use journey_support::peer::Say;
use journey_support::serve_support::Ground;
use journey_support::serve_support::Running;
use journey_support::serve_support::ask;
use journey_support::wait_for;
use serde_json::Value;

const GATEWAY: &str = r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.payers]
kind = "core"
address = "127.0.0.1:0"
[listen.lake]
kind = "fhir"
address = "127.0.0.1:0"
from = "lake"
[partner.lake]
role = "provider"
npi = ["1999999992"]
speaks = "fhir"
fhir = { hosted = true }
"#;

/// A payer that shows a token at a door of several.
fn harbor(harbor: &Peer) -> String {
    let address = harbor.address;
    format!(
        r#"[partner.harbor]
role = "payer"
payer-ids = ["{HARBOR_ID}"]
speaks = "x12"
known-by = {{ token = {{ file = "harbor.token" }} }}
x12 = {{ isa = "ZZ:HARBORPLAN", gs = "HARBORPLAN", guides = ["006020X313", "006020X314"] }}
deliver = {{ core = "http://{address}/x12" }}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
"#
    )
}

const AS_HARBOR: &str = "Content-Type: application/edi-x12\r\nAuthorization: Bearer harbors-own-token\r\n";
const JSON: &str = "Content-Type: application/fhir+json\r\n";

fn admin(ground: &Ground, question: &str) -> Value {
    let mut stream = UnixStream::connect(ground.path("data/admin.sock")).unwrap();
    writeln!(stream, "{question}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    json::read(answer.trim().as_bytes()).unwrap()
}

fn place(ground: &Ground, door: &str) -> Option<String> {
    let status = admin(ground, r#"{"command":"status"}"#);
    let doors = status["doors"].as_array().unwrap();
    let found = doors.iter().find(|known| known["name"] == door)?;
    let place = found.get("address").or_else(|| found.get("path"))?;
    Some(place.as_str().unwrap().to_owned())
}

#[track_caller]
fn reload(ground: &Ground, arguments: &[&str]) -> String {
    let (code, text) = ground.command(&[&["reload"], arguments].concat());
    assert_eq!(code, 0, "{text}");
    text
}

/// A payer that asked for something and is given up gets its answer, over a restart; what it begins goes nowhere.
#[test]
fn a_partner_that_is_given_up_keeps_what_is_open() {
    let payer = Peer::saying(Say::Status(200, String::new()));
    let ground = Ground::new();
    ground.file("harbor.token", "harbors-own-token\n");
    ground.file("gateway.toml", &format!("{GATEWAY}{}", harbor(&payer)));
    let running = Running::start(&ground);
    let door = running.address("payers");
    assert_eq!(
        ask(door, "POST /", AS_HARBOR, &request(1, "CASE-1", LAKE_NPI)).0,
        200
    );

    ground.file("gateway.toml", GATEWAY);
    let (code, text) = ground.command(&["reload"]);
    assert!(code == 1 && text.contains("harbor (1 open)"), "{text}");
    reload(&ground, &["--retire", "harbor"]);
    // It is still known, and cannot begin anything.
    assert_eq!(
        ask(door, "POST /", AS_HARBOR, &request(2, "CASE-2", LAKE_NPI)).0,
        200
    );
    running.stop();

    let running = Running::start(&ground);
    let (status, text) = ask(
        running.address("payers"),
        "POST /",
        AS_HARBOR,
        &request(3, "CASE-3", LAKE_NPI),
    );
    assert_eq!(status, 200, "{text}");
    let lake = running.address("lake");
    let (_, found) = ask(lake, "GET /fhir/Task", "", "");
    let found = json::read(found.as_bytes()).unwrap();
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(1), "{found}");
    let answer = submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD").to_string();
    let (status, text) = ask(lake, "POST /fhir/$submit-attachment", JSON, &answer);
    assert_eq!(status, 200, "{text}");
    assert!(payer.next().body.contains("CASE-1"));
    running.stop();
}

/// A door for the network that becomes a folder is closed.
#[test]
fn a_door_that_becomes_a_folder_is_no_longer_at_its_address() {
    let ground = Ground::new();
    let second = "[listen.second]\nkind = \"fhir\"\naddress = \"127.0.0.1:0\"\nfrom = \"lake\"\n";
    ground.file("gateway.toml", &format!("{GATEWAY}{second}"));
    let running = Running::start(&ground);
    let old = running.address("second");
    let folder = "[listen.second]\nkind = \"folder\"\npath = \"drop\"\nfrom = \"lake\"\n";
    ground.file("gateway.toml", &format!("{GATEWAY}{folder}"));
    fs::create_dir(ground.path("drop")).unwrap();
    reload(&ground, &[]);
    assert!(place(&ground, "second").unwrap().ends_with("drop"));
    assert!(wait_for(|| TcpStream::connect(old).is_err()));
    // And back.
    ground.file("gateway.toml", &format!("{GATEWAY}{second}"));
    reload(&ground, &[]);
    let new: SocketAddr = place(&ground, "second").unwrap().parse().unwrap();
    assert_eq!(ask(new, "GET /fhir/metadata", "", "").0, 200);
    running.stop();
}

/// A door gets another name, or takes other things, and stays where it is; nobody finds nobody there meanwhile.
#[test]
fn a_door_can_be_renamed_where_it_stands() {
    let ground = Ground::new();
    let door = |name: &str, kind: &str, address: &str| {
        format!("{GATEWAY}[listen.{name}]\nkind = \"{kind}\"\naddress = \"{address}\"\nfrom = \"lake\"\n")
    };
    ground.file("gateway.toml", &door("second", "fhir", "127.0.0.1:0"));
    let running = Running::start(&ground);
    let address = running.address("second");
    for name in ["third", "fourth"] {
        ground.file("gateway.toml", &door(name, "fhir", &address.to_string()));
        reload(&ground, &[]);
        assert_eq!(place(&ground, name).unwrap(), address.to_string());
        assert_eq!(place(&ground, "second"), None);
        for _ in 0..5 {
            assert_eq!(ask(address, "GET /fhir/metadata", "", "").0, 200);
        }
    }
    ground.file("gateway.toml", &door("fourth", "core", &address.to_string()));
    reload(&ground, &[]);
    let (status, _) = ask(address, "GET /fhir/metadata", "", "");
    assert!(matches!(status, 404 | 405), "{status}");
    running.stop();
}
