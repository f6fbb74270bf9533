//! `cartage demo`: a gateway and its partners in one process, and every journey between them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

/// A folder for temporary files that nobody else uses.
fn place(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    place
}

fn demo(place: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cartage"));
    program
        .arg("demo")
        .args(arguments)
        .env("TMPDIR", place)
        .stdin(Stdio::null());
    program
}

fn left_behind(place: &Path) -> usize {
    fs::read_dir(place).unwrap().count()
}

#[test]
fn every_journey_arrives() {
    let place = place("demo-once");
    let output = demo(&place, &["--once"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let arrived = told.lines().filter(|line| line.trim() == "arrived").count();
    assert_eq!(arrived, 13, "{told}");
    assert!(
        told.contains("nobody here owns the identifier that it names\n"),
        "{told}"
    );
    let last: Vec<&str> = told.lines().rev().take(3).collect();
    assert_eq!(
        (last[0], last[2]),
        ("each of them exactly once", "14 journeys, all arrived")
    );
    assert!(last[1].starts_with("27 messages were handed over: "), "{told}");
    assert!(!told.contains('\u{1b}'), "no colour where nobody looks");
    assert_eq!(left_behind(&place), 0, "the folder is gone");
}

/// A demo that stays up, ended in any case.
struct Staying(Child);

impl Drop for Staying {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Staying {
    /// Everything that is told up to a line.
    fn told_until(&mut self, end: &str) -> String {
        let mut lines = BufReader::new(self.0.stdout.as_mut().unwrap());
        let mut told = String::new();
        while !told.lines().last().unwrap_or_default().contains(end) {
            assert!(lines.read_line(&mut told).unwrap() > 0, "it ended: {told}");
        }
        told
    }
}

/// The first word of the text that begins so.
fn word<'t>(text: &'t str, start: &str) -> &'t str {
    let found = text.split_whitespace().find(|word| word.starts_with(start));
    found.unwrap_or_else(|| panic!("no {start} in {text}"))
}

/// Asks in plain HTTP, and reads all that is answered.
fn ask(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[test]
fn it_stays_up_and_what_it_says_to_try_works() {
    let place = place("demo-up");
    let mut staying = Staying(demo(&place, &[]).stdout(Stdio::piped()).spawn().unwrap());
    let told = staying.told_until("gateway.log");
    let base = word(&told, "http://127.0.0.1").strip_suffix("/metadata").unwrap();
    let facade = base.strip_prefix("http://").unwrap();
    let metadata = format!("GET /metadata HTTP/1.1\r\nHost: {facade}\r\nConnection: close\r\n\r\n");
    assert!(ask(facade, metadata.as_bytes()).contains("CapabilityStatement"));

    let file = word(&told, "@").strip_prefix('@').unwrap();
    let (_, after) = told.split_once(file).unwrap();
    let door = word(after, "http://")
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let body = fs::read(file).unwrap();
    let mut request = format!(
        "POST / HTTP/1.1\r\nHost: {door}\r\nConnection: close\r\nAuthorization: Bearer demo-harbor-token\r\n\
         Content-Type: application/edi-x12\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    let first = ask(door, &request);
    assert!(
        first.starts_with("HTTP/1.1 200") && first.contains("AK9*A*1*1*1"),
        "{first}"
    );
    // The same bytes again get the same answer again.
    let answer = |whole: &str| whole.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(answer(&ask(door, &request)), answer(&first));

    let stopped = Command::new("kill")
        .arg(staying.0.id().to_string())
        .status()
        .unwrap();
    assert!(stopped.success());
    assert_eq!(staying.0.wait().unwrap().code(), Some(0));
    assert_eq!(left_behind(&place), 0, "the folder is gone");
}
