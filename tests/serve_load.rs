//! ROB-018 and ROB-019 under load: reloads fail no request, and a drain resets none that had begun.
//!
//! `SERVE_RELOADS` and `SERVE_DRAINS` say how often, 40 and 5 times without them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "tests may stop and speak"
)]

mod journey_support;

use std::env;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;

use cartage::base::clock::Clock;
use cartage::base::clock::SystemClock;
use cartage::base::clock::Tick;
use journey_support::HARBOR_ID;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::submission;

/// As often as a variable says, or else as often as usual.
fn times(variable: &str, usual: u32) -> u32 {
    env::var(variable).map_or(usual, |count| count.parse().unwrap())
}

/// Sends requests on one connection until it ends: for each, when it was sent and whether it was answered with 200.
fn talk(
    address: SocketAddr,
    clock: &SystemClock,
    mut next: impl FnMut() -> Option<String>,
) -> Vec<(Tick, bool)> {
    let mut asked = Vec::new();
    let Ok(mut stream) = TcpStream::connect(address) else {
        return asked;
    };
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    while let Some(body) = next() {
        let request = format!(
            "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(request.as_bytes()).is_err() {
            return asked;
        }
        let sent = clock.tick();
        let (answered, goes_on) = hear(&mut answers);
        asked.push((sent, answered));
        if !goes_on {
            return asked;
        }
    }
    asked
}

/// Whether the next answer is good, and whether the connection goes on after it.
fn hear(answers: &mut BufReader<TcpStream>) -> (bool, bool) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if answers.read_line(&mut head).is_ok_and(|read| read > 0) {
            continue;
        }
        return (false, false);
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    let whole = answers.read_exact(&mut body).is_ok();
    (
        whole && head.starts_with("http/1.1 200 "),
        !head.contains("connection: close"),
    )
}

fn numbered(numbers: &AtomicU32) -> String {
    let number = numbers.fetch_add(1, Ordering::Relaxed);
    submission(&format!("LOAD-{number}"), HARBOR_ID, NORTH_NPI, "QUJD").to_string()
}

#[test]
fn reloads_under_load_fail_no_request() {
    let stage = Stage::new();
    let address = stage.gateway().address("north");
    let clock = &SystemClock::start();
    let reloads = times("SERVE_RELOADS", 40);
    let (over, numbers) = (&AtomicBool::new(false), &AtomicU32::new(0));
    let text = std::fs::read_to_string(stage.ground.path("gateway.toml")).unwrap();
    let asked: Vec<(Tick, bool)> = thread::scope(|scope| {
        let next = || (!over.load(Ordering::Relaxed)).then(|| numbered(numbers));
        let clients: Vec<_> = (0..4)
            .map(|_| scope.spawn(move || talk(address, clock, next)))
            .collect();
        for round in 0..reloads {
            let door = format!(
                "[listen.extra{}]\nkind = \"core\"\naddress = \"127.0.0.1:0\"\nfrom = \"harbor\"\n",
                round % 3
            );
            stage.ground.file("gateway.toml", &format!("{text}{door}"));
            let told = stage.admin(r#"{"command":"reload"}"#);
            assert_eq!(told["generation"], round + 2, "{told}");
        }
        over.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    });
    assert!(asked.len() > 20, "{}", asked.len());
    let failed = asked.iter().filter(|(_, answered)| !answered).count();
    assert_eq!(failed, 0, "of {}", asked.len());
    println!("{reloads} reloads, {} requests: none failed", asked.len());
}

#[test]
fn a_drain_answers_whatever_was_sent_before() {
    let mut stage = Stage::new();
    let clock = &SystemClock::start();
    let numbers = &AtomicU32::new(0);
    let drains = times("SERVE_DRAINS", 5);
    let mut answered = 0;
    for _ in 0..drains {
        let address = stage.gateway().address("north");
        let begun = numbers.load(Ordering::Relaxed);
        let (asked, told) = thread::scope(|scope| {
            let next = || Some(numbered(numbers));
            let clients: Vec<_> = (0..4)
                .map(|_| scope.spawn(move || talk(address, clock, next)))
                .collect();
            // The drain comes while all four are talking.
            while numbers.load(Ordering::Relaxed) < begun + 20 {
                thread::yield_now();
            }
            let told = clock.tick();
            stage.restart();
            let asked: Vec<(Tick, bool)> = clients
                .into_iter()
                .flat_map(|client| client.join().unwrap())
                .collect();
            (asked, told)
        });
        let before: Vec<bool> = asked
            .iter()
            .filter(|(sent, _)| *sent < told)
            .map(|(_, answered)| *answered)
            .collect();
        assert!(before.len() >= 10, "{}", before.len());
        assert!(before.iter().all(|answered| *answered), "{before:?}");
        answered += before.len();
    }
    println!("{drains} drains, {answered} requests sent before them: all answered");
}
