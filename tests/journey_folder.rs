//! A partner that knows only folders, over the wire of the others: nothing is lost or taken twice when the power goes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use std::fs;
use std::net::SocketAddr;

use cartage::fhir::json;
use journey_support::FINE;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::SOUTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::messages::ack;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;
use journey_support::messages::task;
use journey_support::peer::Peer;
use journey_support::peer::Say;
use journey_support::serve_support::Ground;
use journey_support::serve_support::Running;
use journey_support::serve_support::ask;
use journey_support::wait_for;

/// A gateway between South Clinic and Basin Plan, which drop and fetch files, and Summit Plan and Lake, which speak FHIR.
fn ground(summit: &Peer) -> Ground {
    let ground = Ground::new();
    ground.file("gateway.toml", &configuration(summit.address));
    for folder in ["from-south", "to-south", "from-basin", "to-basin"] {
        fs::create_dir(ground.path(folder)).unwrap();
    }
    ground
}

fn configuration(summit: SocketAddr) -> String {
    format!(
        r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.south]
kind = "folder"
path = "from-south"
pattern = "*.edi"
settle = "50ms"
from = "south"
[listen.summit]
kind = "fhir"
address = "127.0.0.1:0"
from = "summit"
[listen.basin]
kind = "folder"
path = "from-basin"
pattern = "*.edi"
settle = "50ms"
from = "basin"
[listen.lake]
kind = "fhir"
address = "127.0.0.1:0"
from = "lake"
[partner.basin]
role = "payer"
payer-ids = ["{HARBOR_ID}"]
speaks = "x12"
x12 = {{ isa = "ZZ:HARBORPLAN", gs = "HARBORPLAN", guides = ["006020X313", "006020X314"] }}
deliver = {{ folder = "to-basin", name = "{{message}}-{{control}}.edi" }}
[partner.lake]
role = "provider"
npi = ["{LAKE_NPI}"]
speaks = "fhir"
fhir = {{ hosted = true }}
[partner.south]
role = "provider"
npi = ["{SOUTH_NPI}"]
speaks = "x12"
x12 = {{ isa = "ZZ:SOUTHCLINIC", gs = "SOUTHCLINIC", guides = ["006020X313", "006020X314"] }}
deliver = {{ folder = "to-south", name = "{{message}}-{{control}}.edi" }}
[partner.summit]
role = "payer"
payer-ids = ["{SUMMIT_ID}"]
speaks = "fhir"
fhir = {{ url = "http://{summit}/r4", attachments = "task" }}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
"#
    )
}

/// The names and texts of the files in a folder that are whole.
fn files(ground: &Ground, folder: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(ground.path(folder)).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !name.starts_with('.') {
            all.push((name, fs::read_to_string(&path).unwrap_or_default()));
        }
    }
    all.sort();
    all
}

/// A file with this in its text, once it is there.
#[track_caller]
fn file_with(ground: &Ground, folder: &str, words: &str) -> (String, String) {
    let mut found = None;
    let came = wait_for(|| {
        found = files(ground, folder)
            .into_iter()
            .find(|(_, text)| text.contains(words));
        found.is_some()
    });
    assert!(came, "{words}: {:?}", files(ground, folder));
    found.unwrap()
}

#[test]
fn a_file_goes_out_as_fhir_and_all_its_answers_come_back_as_files() {
    let summit = Peer::saying(Say::Status(200, FINE.to_owned()));
    let ground = ground(&summit);
    let running = Running::start(&ground);
    // Whoever drops a file gives it its name when it is whole.
    let unfinished = ground.file(
        "from-south/claims.edi.tmp",
        &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJD"),
    );
    fs::rename(unfinished, ground.path("from-south/claims.edi")).unwrap();
    assert!(summit.next().body.contains("PROV-1"));
    let (name, _) = file_with(&ground, "to-south", "~IK5*A~");
    assert_eq!(name, "ack-claims.edi");
    file_with(&ground, "to-south", "~OTI*TA*TN*SC-ATT-1*");
    running.stop();
    assert_eq!(files(&ground, "from-south"), []);
    let archive = fs::read_dir(ground.path("from-south/archive")).unwrap();
    assert_eq!(archive.count(), 1, "one day");
}

#[test]
fn a_task_comes_as_a_file_and_the_file_that_answers_completes_it() {
    let summit = Peer::saying(Say::Status(200, FINE.to_owned()));
    let ground = ground(&summit);
    let running = Running::start(&ground);
    let fields = "Content-Type: application/fhir+json\r\n";
    let body = task("ACN-1", SUMMIT_ID, SOUTH_NPI).to_string();
    let (status, created) = ask(running.address("summit"), "POST /fhir/Task", fields, &body);
    assert_eq!(status, 201, "{created}");
    let (_, asked) = file_with(&ground, "to-south", "~ST*277*");
    assert_eq!(element(&asked, "TRN", 2), "ACN-1");
    ground.file(
        "from-south/answer.edi",
        &attachment(6, "11", "ACN-1", SUMMIT_ID, "QUJD"),
    );
    assert_eq!(summit.next().path, "/r4/$submit-attachment");
    let id = json::read(created.as_bytes()).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let completed = wait_for(|| {
        let (_, task) = ask(running.address("summit"), &format!("GET /fhir/Task/{id}"), "", "");
        json::read(task.as_bytes()).unwrap()["status"] == "completed"
    });
    assert!(completed);
    running.stop();
}

/// The power goes again and again while one file is on its way. It is taken once, and acknowledged once.
#[test]
fn a_file_is_taken_once_however_often_the_power_goes() {
    let summit = Peer::saying(Say::Status(503, String::new()));
    let ground = ground(&summit);
    let running = Running::start(&ground);
    ground.file(
        "from-south/claims.edi",
        &attachment(1, "02", "PROV-1", SUMMIT_ID, "QUJD"),
    );
    running.signal("KILL");
    running.end();
    for _ in 0..3 {
        let running = Running::start(&ground);
        let first = summit.next();
        running.signal("KILL");
        running.end();
        while summit.has_more() {}
        assert!(first.body.contains("PROV-1"));
    }
    summit.say(Say::Status(200, FINE.to_owned()));
    let running = Running::start(&ground);
    summit.next_answered(200);
    file_with(&ground, "to-south", "~OTI*TA*TN*SC-ATT-1*");
    assert!(wait_for(|| files(&ground, "from-south").is_empty()));
    running.stop();
    let answers = files(&ground, "to-south");
    let acknowledged = answers.iter().filter(|(_, text)| text.contains("~IK5*A~"));
    assert_eq!(acknowledged.count(), 1, "{answers:?}");
    assert!(!summit.has_more());
}

/// A payer that knows only files asks a practice that speaks FHIR; the power goes after each step.
#[test]
fn a_payer_with_folders_asks_by_file_and_is_answered_by_file() {
    let summit = Peer::saying(Say::Status(200, FINE.to_owned()));
    let ground = ground(&summit);
    let crash = |running: Running| {
        running.signal("KILL");
        running.end();
        Running::start(&ground)
    };
    let running = Running::start(&ground);
    ground.file("from-basin/ask.edi", &request(1, "CASE-1", LAKE_NPI));
    file_with(&ground, "to-basin", "~IK5*A~");
    let running = crash(running);
    let (status, found) = ask(
        running.address("lake"),
        "GET /fhir/Task?identifier=CASE-1",
        "",
        "",
    );
    let found = json::read(found.as_bytes()).unwrap();
    assert_eq!(
        (status, found["entry"].as_array().unwrap().len()),
        (200, 1),
        "{found}"
    );
    let id = found["entry"][0]["resource"]["id"].as_str().unwrap().to_owned();
    let fields = "Content-Type: application/fhir+json\r\n";
    let body = submission("CASE-1", HARBOR_ID, LAKE_NPI, "QUJD").to_string();
    let (status, said) = ask(
        running.address("lake"),
        "POST /fhir/$submit-attachment",
        fields,
        &body,
    );
    assert_eq!(status, 200, "{said}");
    let running = crash(running);
    let (_, sent) = file_with(&ground, "to-basin", "~ST*275*");
    assert_eq!(element(&sent, "TRN", 2), "CASE-1");
    ground.file(
        "from-basin/taken.edi",
        &ack(9, "HARBORPLAN", element(&sent, "GS", 6), "275", "A"),
    );
    let running = crash(running);
    let completed = wait_for(|| {
        let (_, task) = ask(running.address("lake"), &format!("GET /fhir/Task/{id}"), "", "");
        json::read(task.as_bytes()).unwrap()["status"] == "completed"
    });
    assert!(completed);
    running.stop();
    let answers = files(&ground, "to-basin");
    let of_attachments = answers.iter().filter(|(_, text)| text.contains("~ST*275*"));
    assert_eq!(of_attachments.count(), 1, "{answers:?}");
}
