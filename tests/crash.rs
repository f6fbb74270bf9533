//! ROB-004, ROB-005, ROB-010 and ROB-011 of the whole gateway: `cartage serve` is killed while it takes attachments in
//! and sends them on, and a record kept outside of it says what must be there.
//!
//! `CRASH_KILLS` says how often it is killed at random, 20 times without it.
//! `CRASH_CALLS=all` kills it at each system call of one run, where strace is there; `CRASH_CALLS=write,rename` at some
//! of these; without it at few.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and speak"
)]

#[path = "crash/gateway.rs"]
mod gateway;
#[path = "crash/load.rs"]
mod load;
#[path = "crash/order.rs"]
mod order;
#[path = "crash/receiver.rs"]
mod receiver;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;

use cartage::base::clock::Clock;
use cartage::base::clock::SystemClock;
use cartage::ledger::blob_log::Warning;
use cartage::ledger::local::Ledger;
use cartage::ledger::local::Settings;

use gateway::Gateway;
use gateway::Site;
use gateway::signal;
use order::Seen;
use receiver::Receiver;

const SENDERS: usize = 4;

/// The calls by which the gateway changes anything, or says anything.
const ALL_CALLS: &str = "fsync,sendto,pwrite64,fdatasync,write,writev,rename,unlink,ftruncate,openat";

/// What the outside knows: the answer to each key, or that nobody heard one.
#[derive(Default)]
struct Outside {
    next: AtomicU64,
    answers: Mutex<BTreeMap<u64, Vec<u8>>>,
    unheard: Mutex<BTreeSet<u64>>,
}

impl Outside {
    /// Hands in what nobody heard of, then what is new, until the gateway is gone or `most` were answered.
    fn load(&self, door: std::net::SocketAddr, most: usize, then: impl FnOnce() + Send) {
        let then = Mutex::new(Some(then));
        let (done, heard) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    while !done.load(Ordering::Acquire) {
                        let left = self.unheard.lock().unwrap().pop_first();
                        let key = left.unwrap_or_else(|| self.next.fetch_add(1, Ordering::AcqRel));
                        if !self.hand_in(door, key) {
                            done.store(true, Ordering::Release);
                        }
                        let heard = heard.fetch_add(1, Ordering::AcqRel) + 1;
                        if heard == most as u64 {
                            done.store(true, Ordering::Release);
                            if let Some(then) = then.lock().unwrap().take() {
                                then();
                            }
                        }
                    }
                });
            }
        });
    }

    /// Whether there was an answer; it must be a good one, and the same as ever.
    fn hand_in(&self, door: std::net::SocketAddr, key: u64) -> bool {
        let Ok((status, body)) = load::post(door, key) else {
            self.unheard.lock().unwrap().insert(key);
            return false;
        };
        assert_eq!(status, 200, "key {key}: {}", String::from_utf8_lossy(&body));
        let earlier = self.answers.lock().unwrap().insert(key, body.clone());
        assert!(
            earlier.is_none_or(|earlier| earlier == body),
            "key {key} is answered otherwise now"
        );
        true
    }

    fn answered(&self) -> BTreeSet<u64> {
        self.answers.lock().unwrap().keys().copied().collect()
    }

    /// Lets the gateway come to rest, and compares what came with what was answered.
    fn compare(&self, site: &Site, receiver: &Receiver, at: &str) {
        let gateway = Gateway::start(site, &[]).unwrap();
        let left: Vec<u64> = self.unheard.lock().unwrap().iter().copied().collect();
        for key in left {
            self.unheard.lock().unwrap().remove(&key);
            assert!(
                self.hand_in(gateway.door, key),
                "{at}: a gateway that nobody kills answers"
            );
        }
        let answered = self.answered();
        // What was answered once is answered again in the same way, octet for octet (ROB-010).
        for key in answered.iter().rev().take(3) {
            assert!(self.hand_in(gateway.door, *key), "{at}");
        }
        let got = receiver.wait_for(&answered);
        gateway.stop();
        assert_eq!(
            got.len(),
            answered.len(),
            "{at}: nothing comes that was not handed in"
        );
        let mut controls = BTreeSet::new();
        for key in &answered {
            let carried = &got[&load::tracking(*key)];
            assert_eq!(carried.len(), 1, "{at}: key {key} is doubled");
            let (control, interchange) = carried.first_key_value().unwrap();
            assert!(
                controls.insert(control.clone()),
                "{at}: control number {control} is used twice"
            );
            let sent = load::attachment(*key);
            let binary = interchange
                .split('~')
                .find(|segment| segment.starts_with("BDS*"))
                .unwrap();
            assert!(
                binary.ends_with(&format!("*{sent}")),
                "{at}: key {key} is altered"
            );
        }
        look_inside(site, at);
    }
}

/// Nothing waits, nothing is dead, and nothing that is stored is damaged.
fn look_inside(site: &Site, at: &str) {
    let folder = std::fs::read_dir(site.data()).unwrap();
    let ledger = folder
        .map(|found| found.unwrap().path())
        .find(|path| path.join("FORMAT").is_file());
    let folder = ledger.unwrap_or_else(|| site.data());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let (ledger, warnings) = Ledger::open(&Settings::of(folder), &clock).unwrap();
    for warning in &warnings {
        assert!(matches!(warning, Warning::TornTail { .. }), "{at}: {warning}");
    }
    let tally = ledger.store().tally().wait().unwrap();
    assert_eq!((tally.waiting, tally.dead, tally.parked), (0, 0, 0), "{at}");
    assert!(
        ledger.store().verify_audit().wait().unwrap().faults.is_empty(),
        "{at}"
    );
    assert!(ledger.verify_blobs().unwrap().is_empty(), "{at}");
}

/// Numbers that look random and are the same each time.
fn dice(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// ROB-005.
#[test]
fn killed_at_random_the_gateway_loses_nothing() {
    let kills = env::var("CRASH_KILLS").map_or(20, |count| count.parse().unwrap());
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let outside = Outside::default();
    let mut state = 20_261_120;
    for kill in 1..=kills {
        let mut gateway = Gateway::start(&site, &[]).unwrap();
        let pid = gateway.pid();
        let count = dice(&mut state) % 12 + 1;
        if dice(&mut state).is_multiple_of(2) {
            // While a message is with its receiver, whose answer is never heard.
            receiver.trap(u32::try_from(count).unwrap(), move || signal(pid, "KILL"));
            outside.load(gateway.door, usize::MAX, || ());
        } else {
            // As soon as so many answers are here.
            outside.load(gateway.door, usize::try_from(count).unwrap(), || {
                signal(pid, "KILL");
            });
        }
        receiver.disarm();
        gateway.wait();
        if kill % 50 == 0 {
            outside.compare(&site, &receiver, &format!("after {kill} kills"));
        }
    }
    outside.compare(&site, &receiver, "at the end");
    println!(
        "{kills} kills, {} acknowledged: none lost, none doubled, none altered",
        outside.answered().len()
    );
}

/// ROB-004.
#[test]
fn killed_at_any_call_the_gateway_loses_nothing() {
    if !strace_works() {
        return;
    }
    let chosen = env::var("CRASH_CALLS").unwrap_or_else(|_| "fsync,sendto,pwrite64".to_owned());
    let all = chosen == "all";
    let calls = if all { ALL_CALLS } else { &chosen };
    let mut kills = 0;
    for call in calls.split(',') {
        let mut number = 1;
        while killed_at(call, number) {
            kills += 1;
            // The first calls are the loader's and the start's, and later ones repeat themselves.
            number += if all { 1 } else { 2 + number };
        }
    }
    println!("{kills} kills, none of them lost anything");
}

/// Kills the gateway at its call of this number while it takes three attachments and sends them on, and looks at what is
/// left; false if it made fewer such calls.
fn killed_at(call: &str, number: u32) -> bool {
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let outside = Outside::default();
    let trace = format!("trace={call}");
    let kill = format!("inject={call}:signal=KILL:when={number}");
    let strace = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &kill,
    ];
    let survived = Gateway::start(&site, &strace).is_some_and(|mut gateway| {
        // One of each length: in its entry, in the log, in a segment of its own.
        let mut alive = [4, 1, 0].iter().all(|key| outside.hand_in(gateway.door, *key));
        let answered = outside.answered();
        while alive && !receiver.has(&answered) {
            alive = !gateway.is_over();
        }
        if alive {
            signal(child_of(gateway.pid()), "TERM");
        }
        gateway.wait().success()
    });
    outside.next.store(5, Ordering::Release);
    outside.compare(&site, &receiver, &format!("{call} {number}"));
    !survived
}

/// ROB-001: on the wire nothing is good before it is on the disk: the rows, the payload, and the name of a new file.
#[test]
fn nothing_is_answered_before_it_is_on_the_disk() {
    if !strace_works() {
        return;
    }
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let log = site.config().with_extension("strace");
    let calls = "trace=fsync,fdatasync,sendto,write,writev,recvfrom,read,readv";
    let strace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-s",
        "64",
        "-o",
        log.to_str().unwrap(),
        "-e",
        calls,
    ];
    let mut gateway = Gateway::start(&site, &strace).unwrap();
    let outside = Outside::default();
    // One in its entry, one in the log, one in a segment of its own.
    let keys = [
        (4, vec!["ledger.sqlite-wal"]),
        (1, vec!["ledger.sqlite-wal", "/blobs/log-"]),
        (0, vec!["ledger.sqlite-wal", "/blobs/own-", "/blobs"]),
    ];
    for (key, _) in &keys {
        assert!(outside.hand_in(gateway.door, *key));
    }
    receiver.wait_for(&outside.answered());
    signal(child_of(gateway.pid()), "TERM");
    gateway.wait();
    let log = std::fs::read_to_string(log).unwrap();
    let seen = order::read(&log);
    let mut rest = seen.as_slice();
    for (key, files) in &keys {
        let begin = rest.iter().position(|one| *one == Seen::Request).unwrap();
        let end = rest.iter().position(|one| *one == Seen::Answer).unwrap();
        let between = &rest[begin..end];
        for file in files {
            let synced = |one: &Seen| matches!(one, Seen::Synced(path) if path.contains(file));
            assert!(
                between.iter().any(synced),
                "key {key} is answered before {file} is synced: {between:?}"
            );
        }
        rest = &rest[end + 1..];
    }
}

/// Whether calls can be watched here.
fn strace_works() -> bool {
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=none", "true"])
        .output();
    let works = strace.is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: strace is not there or may not be used");
    }
    works
}

/// The process that strace runs.
fn child_of(strace: u32) -> u32 {
    let children = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    children
        .split_whitespace()
        .next()
        .map_or(strace, |pid| pid.parse().unwrap())
}
