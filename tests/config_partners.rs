//! What `check` finds when it asks partners' servers, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::fmt::Write as _;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;

use serde_json::Value as Json;

use config_support::folder;
use config_support::golden;

const FRAME: &str = "config-version = 1

[gateway]
name       = \"Example\"
public-url = \"https://gateway.example\"
data-dir   = \"data\"
isa        = \"ZZ:EXAMPLE\"
usage      = \"T\"

";

const GOOD: &str = r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server",
    "resource":[{"type":"Task","interaction":[{"code":"create"}]}],
    "operation":[{"name":"submit-attachment","definition":"http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment"}]}]}"#;

/// A server that answers everything so, and tells what it was asked.
struct Server {
    address: SocketAddr,
    asked: Receiver<String>,
}

impl Server {
    fn saying(status: &str, body: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (told, asked) = mpsc::sync_channel(64);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = String::new();
                let mut lines = BufReader::new(stream.try_clone().unwrap());
                while lines.read_line(&mut head).unwrap_or_default() > 2 {}
                // Whoever connects and leaves wants no answer.
                let _ = stream.write_all(answer.as_bytes());
                let _ = told.send(head);
            }
        });
        Self { address, asked }
    }

    fn good() -> Self {
        Self::saying("200 OK", GOOD)
    }

    fn base(&self) -> String {
        format!("http://{}/r4", self.address)
    }
}

/// An address at which nobody is.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn place(name: &str, text: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("partners")
        .join(name);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("gateway.toml"), format!("{FRAME}{text}")).unwrap();
    place
}

fn check(place: &Path, more: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cartage"))
        .arg("check")
        .args(more)
        .current_dir(place)
        .env_remove("CARTAGE_CONFIG")
        .env("ACME_TOKEN_OF_THE_TEST", "squirrel")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), told)
}

fn payer(base: &str) -> String {
    format!(
        "[partner.acme]\nrole      = \"payer\"\npayer-ids = [\"60054\"]\nspeaks    = \"fhir\"\n\
         fhir      = {{ url = \"{base}\" }}\n"
    )
}

fn clinic(base: &str) -> String {
    format!(
        "[partner.clinic]\nrole   = \"provider\"\nnpi    = [\"1234567893\"]\nspeaks = \"fhir\"\n\
         fhir   = {{ url = \"{base}\", attachments = \"task\" }}\n"
    )
}

fn oldstone(address: SocketAddr) -> String {
    format!(
        "[partner.oldstone]\nrole      = \"payer\"\npayer-ids = [\"00520\"]\nspeaks    = \"x12\"\n\
         x12       = {{ isa = \"ZZ:OLDSTONE\", guides = [\"006020X313\", \"006020X314\"] }}\n\
         deliver   = {{ core = \"http://{address}/core\", mode = \"batch\" }}\n"
    )
}

/// The one complaint about a configuration, compared with the text that is kept; ports differ from run to run.
#[track_caller]
fn check_golden(name: &str, address: SocketAddr, text: &str) {
    let (code, told) = check(&place(name, text), &[]);
    assert_eq!(code, 0, "{told}");
    let (complaint, summary) = told.split_once("\n\n").unwrap();
    assert!(
        summary.contains("1 warning: ") && summary.contains("1 partner asked"),
        "{told}"
    );
    assert!(complaint.contains(&format!("[{}]", &name[..5])), "{told}");
    let port = address.port().to_string();
    let more = "^".repeat(5 - port.len());
    let complaint = complaint
        .replace(&format!(":{port}/"), ":44300/")
        .replacen('^', &format!("^{more}"), 1);
    golden(
        &folder("errors").join(format!("{name}.txt")),
        &format!("{complaint}\n"),
    );
}

#[test]
fn what_is_wrong_with_partners_servers_is_told_in_these_words() {
    let gone = nobody();
    check_golden("G0613", gone, &payer(&format!("http://{gone}/r4")));
    let gone = nobody();
    check_golden("G0613-x12", gone, &oldstone(gone));
    for (name, status, body) in [
        ("G0614", "404 Not Found", "{}"),
        ("G0614-html", "200 OK", "<html></html>"),
        (
            "G0614-outcome",
            "200 OK",
            r#"{"resourceType":"OperationOutcome"}"#,
        ),
        ("G0615", "200 OK", &GOOD.replace("4.0.1", "5.0.0")),
        (
            "G0617",
            "200 OK",
            &GOOD.replace("submit-attachment", "process-message"),
        ),
    ] {
        let server = Server::saying(status, body);
        check_golden(name, server.address, &payer(&server.base()));
    }
    let server = Server::saying("200 OK", &GOOD.replace("create", "read"));
    check_golden("G0616", server.address, &clinic(&server.base()));
}

#[test]
fn partners_whose_servers_are_as_they_should_be_are_good_and_each_server_is_asked_once() {
    let server = Server::good();
    let legacy = Server::good();
    let text = [
        payer(&server.base()),
        "auth      = { bearer = { env = \"ACME_TOKEN_OF_THE_TEST\" } }\n".to_owned(),
        clinic(&Server::good().base()),
        oldstone(legacy.address),
        "[partner.paper]\nrole      = \"payer\"\npayer-ids = [\"00521\"]\nspeaks    = \"fhir\"\n\
         fhir      = { url = \"https://paper.example/r4\" }\n"
            .to_owned(),
    ];
    let place = place("good", &text.concat());
    let (code, told) = check(&place, &["--strict"]);
    assert_eq!(code, 0, "{told}");
    assert!(
        told.ends_with("; 3 partners asked, 1 not: an address of an example leads nowhere\n"),
        "{told}"
    );
    let question = server.asked.recv().unwrap().to_ascii_lowercase();
    assert!(
        question.starts_with("get /r4/metadata http/1.1\r\n"),
        "{question}"
    );
    assert!(
        question.contains("accept: application/fhir+json\r\n"),
        "{question}"
    );
    assert!(
        question.contains("authorization: bearer squirrel\r\n"),
        "{question}"
    );
    assert!(!question.contains("content-length"), "{question}");
    assert!(server.asked.try_recv().is_err(), "it is asked once");
    assert_eq!(legacy.asked.recv().unwrap(), "", "an X12 partner is sent nothing");
}

#[test]
fn nobody_is_asked_offline() {
    let server = Server::good();
    let place = place("offline", &payer(&server.base()));
    let (code, told) = check(&place, &["--offline"]);
    assert_eq!(code, 0, "{told}");
    assert!(
        told.contains("not looked at: ") && told.contains("partners"),
        "{told}"
    );
    assert!(server.asked.try_recv().is_err());
}

#[test]
fn many_partners_behind_one_server_are_one_question() {
    let server = Server::saying("503 Service Unavailable", "");
    let mut sheet = "name,payer-ids,fhir.url\n".to_owned();
    for number in 0..40 {
        writeln!(sheet, "p{number},6{number:04},{}", server.base()).unwrap();
    }
    let text =
        "[directory.payers]\nfile = \"payers.csv\"\ndefaults = { role = \"payer\", speaks = \"fhir\" }\n";
    let place = place("sheet", text);
    fs::write(place.join("payers.csv"), sheet).unwrap();
    let (code, told) = check(&place, &["--json"]);
    let told: Json = serde_json::from_str(&told).unwrap();
    assert_eq!(code, 0, "{told}");
    assert_eq!(told["partners"]["asked"], 40);
    assert_eq!(told["warnings"], 40);
    assert_eq!(told["findings"][39]["code"], "G0614");
    assert_eq!(told["findings"][39]["file"], "payers.csv");
    assert_eq!(told["findings"][39]["line"], 41);
    assert!(server.asked.recv().is_ok() && server.asked.try_recv().is_err());
}

#[test]
fn a_server_without_tls_at_an_https_address_is_told() {
    let server = Server::good();
    let place = place("tls", &payer(&server.base().replace("http://", "https://")));
    let (code, told) = check(&place, &["--strict"]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("warning[G0613]: partner acme could not be reached just now"),
        "{told}"
    );
    assert!(told.contains("TLS"), "{told}");
}
