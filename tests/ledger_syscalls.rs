//! What the ledger does when the system fails it, call by call: ROB-003, ROB-004 and ROB-007 on a real process.
//!
//! strace kills the process at its first, second, … call of each kind, or makes a sync fail; a tmpfs of a few MiB fills
//! up. Without these tools the tests say so and do nothing. By default some of the calls are tried;
//! `LEDGER_SYSCALLS=all` tries each.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and speak"
)]

#[path = "ledger/load.rs"]
mod load;
#[path = "ledger/world.rs"]
mod world;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::ledger::blob_log::Warning;
use cartage::ledger::entry::Settlement;
use cartage::ledger::entry::Verdict;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Claim;
use cartage::ledger::found::Health;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::local::Ledger;
use world::Folder;
use world::bare;
use world::noon;
use world::once;
use world::outbound_id;

const FOLDER: &str = "LEDGER_SYSCALLS_FOLDER";

/// One with a segment of its own, one in the log, one inline.
const KEYS: [u64; 3] = [0, 1, 5];

fn open(folder: &Path) -> Result<Ledger, LedgerError> {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(noon()));
    let (ledger, warnings) = Ledger::open(&world::settings(folder), &clock)?;
    for warning in &warnings {
        assert!(matches!(warning, Warning::TornTail { .. }), "{warning}");
    }
    Ok(ledger)
}

/// Accepts the keys and delivers their messages, and says each time what is safe.
fn run(folder: &Path, say: &dyn Fn(String)) -> Result<Ledger, LedgerError> {
    let ledger = open(folder)?;
    let store = ledger.store();
    for key in KEYS {
        store.commit(load::entry(key, &*ledger.blobs())?).wait()?;
        say(format!("safe {key}"));
    }
    let claim = Claim {
        spent_by: None,
        lane: LaneId::parse("payer-core").unwrap(),
        now: noon(),
        most: 10,
        lease: world::minutes(1),
    };
    for claimed in store.claim(claim).wait()? {
        let mut entry = bare();
        let folio = claimed.message.id.folio;
        entry.about.push(folio);
        entry.settled.push(Settlement {
            lease: claimed.lease,
            verdict: Verdict::Delivered,
        });
        store.commit(entry).wait()?;
        say(format!("delivered {}", folio.number() - 1));
    }
    Ok(ledger)
}

/// The test that this program runs as a child of itself.
fn child(test: &str, folder: &Path, before: &[&str]) -> Option<Output> {
    let program = env::current_exe().unwrap();
    let (first, rest) = before.split_first().unwrap();
    let output = Command::new(first)
        .args(rest)
        .arg(&program)
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(FOLDER, folder)
        .output();
    output.ok()
}

/// Whether a tool is there and may be used.
fn works(command: &[&str]) -> bool {
    let done = Command::new(command[0]).args(&command[1..]).output();
    let works = done.is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: {} is not there or may not be used", command[0]);
    }
    works
}

/// Looks at all that was said to be safe, goes on to the end, and looks at everything.
fn check(folder: &Path, said: &str, at: &str) {
    let said = |what: &str, key: u64| said.lines().any(|line| line == format!("{what} {key}"));
    let ledger = open(folder).unwrap();
    let store = ledger.store();
    for key in KEYS {
        let seen = store.seen(once(&key.to_string(), "").key).wait().unwrap();
        assert!(seen.is_some() || !said("safe", key), "{at}: key {key} is lost");
        let message = store.outbound(&Viewer::Operator, outbound_id(key + 1, 1));
        let standing = message.wait().unwrap().map(|message| message.standing);
        assert_eq!(
            seen.is_some(),
            standing.is_some(),
            "{at}: key {key} is there in part"
        );
        let delivered = standing == Some(Standing::Delivered);
        assert!(delivered || !said("delivered", key), "{at}: a delivery is lost");
    }
    drop((store, ledger));
    let ledger = run(folder, &|_| ()).unwrap();
    let store = ledger.store();
    let tally = store.tally().wait().unwrap();
    assert_eq!((tally.entries, tally.folios, tally.waiting), (6, 3, 0), "{at}");
    let audit = store.verify_audit().wait().unwrap();
    assert_eq!((audit.events, audit.faults.len()), (3, 0), "{at}");
    assert!(ledger.verify_blobs().unwrap().is_empty(), "{at}");
    for (number, key) in (1..).zip(KEYS) {
        let seen = store
            .seen(once(&key.to_string(), "").key)
            .wait()
            .unwrap()
            .unwrap();
        let told = load::Acknowledged {
            entry: seen.entry.number(),
            number,
        };
        load::check_one(&*store, &*ledger.blobs(), key, &told, Standing::Delivered);
    }
}

/// ROB-004.
#[test]
fn killed_at_any_call_it_loses_nothing() {
    if let Some(folder) = env::var_os(FOLDER) {
        println!();
        run(Path::new(&folder), &|line| println!("{line}")).unwrap();
        return;
    }
    if !works(&["strace", "-f", "-qq", "-e", "trace=none", "true"]) {
        return;
    }
    let all = env::var("LEDGER_SYSCALLS").is_ok_and(|which| which == "all");
    let calls = [
        "fdatasync",
        "pwrite64",
        "write",
        "ftruncate",
        "unlink",
        "rename",
        "fsync",
        "openat",
        "fcntl",
    ];
    let mut kills = 0;
    for call in calls {
        let mut number = 1;
        loop {
            let folder = Folder::new();
            let kill = format!("inject={call}:signal=KILL:when={number}");
            let trace = format!("trace={call}");
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
            let test = "killed_at_any_call_it_loses_nothing";
            let output = child(test, folder.path(), &strace).unwrap();
            if output.status.success() {
                break;
            }
            kills += 1;
            let said = String::from_utf8(output.stdout).unwrap();
            check(folder.path(), &said, &format!("{call} {number}"));
            // The first calls of a process are the loader's, and later ones repeat themselves.
            number += if all { 1 } else { 1 + number / 2 };
        }
    }
    assert!(kills > 0);
    println!("{kills} kills, none of them lost anything");
}

/// ROB-003: the sync that fails is the last that is tried, and nothing of its batch was acknowledged.
#[test]
fn a_failed_sync_is_final() {
    if let Some(folder) = env::var_os(FOLDER) {
        println!();
        if let Err(failure) = run(Path::new(&folder), &|line| println!("{line}")) {
            let at_once = matches!(failure, LedgerError::Unusable { .. });
            assert!(failure.is_final() || at_once, "{failure}");
            println!("failed");
        }
        return;
    }
    if !works(&["strace", "-f", "-qq", "-e", "trace=none", "true"]) {
        return;
    }
    let mut failures = 0;
    for number in 1.. {
        let folder = Folder::new();
        // Only the first sync of a thread that comes so far fails: a second one would be believed.
        let fail = format!("inject=fdatasync,fsync:error=EIO:when={number}");
        let log = folder.path().with_extension("strace");
        let strace = [
            "strace",
            "-f",
            "-y",
            "-qq",
            "-o",
            log.to_str().unwrap(),
            "-e",
            "trace=fdatasync,fsync",
            "-e",
            &fail,
        ];
        let output = child("a_failed_sync_is_final", folder.path(), &strace).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let trace = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        if !trace.contains("INJECTED") {
            break;
        }
        for (at, line) in trace.lines().enumerate() {
            let file = line.split(['<', '>']).nth(1).unwrap_or_default();
            // Before there is a log, SQLite makes its database as it sees fit, and nothing is acknowledged.
            let is_log = file.ends_with("-wal") || file.contains("/blobs/");
            if line.contains("INJECTED") && is_log {
                // A segment that is made ready may fail when all is done.
                let ahead = file.contains("/blobs/log-");
                assert!(
                    ahead || said.contains("failed\n"),
                    "sync {number} failed unseen: {line}"
                );
                let mut later = trace.lines().skip(at + 1);
                let again = later.find(|line| line.contains(&format!("<{file}>")));
                assert_eq!(again, None, "sync {number} failed, and was tried again");
            }
        }
        failures += 1;
        check(folder.path(), &said, &format!("sync {number}"));
    }
    assert!(failures > 3);
}

/// ROB-007: a disk that fills up, and has room again.
#[test]
fn a_disk_that_fills_up_takes_messages_again_when_there_is_room() {
    if let Some(folder) = env::var_os(FOLDER) {
        fill_up(Path::new(&folder));
        return;
    }
    let folder = Folder::new();
    let mount = format!(
        "mount -t tmpfs -o size=24m none '{}' && exec \"$@\"",
        folder.path().display()
    );
    if !works(&["unshare", "-Urm", "sh", "-c", &mount, "sh", "true"]) {
        return;
    }
    let test = "a_disk_that_fills_up_takes_messages_again_when_there_is_room";
    let output = child(
        test,
        folder.path(),
        &["unshare", "-Urm", "sh", "-c", &mount, "sh"],
    )
    .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn fill_up(folder: &Path) {
    let data = folder.join("ledger");
    let ledger = open(&data).unwrap();
    let store = ledger.store();
    store
        .commit(load::entry(1, &*ledger.blobs()).unwrap())
        .wait()
        .unwrap();
    let hog = folder.join("hog");
    // All that is left, to the last byte.
    let hogged = fs::write(&hog, vec![1; 32 << 20]).unwrap_err();
    assert_eq!(hogged.kind(), std::io::ErrorKind::StorageFull);
    let mut accepted = Vec::new();
    let refusal = (100..).find_map(|key| {
        let outcome = load::entry(key, &*ledger.blobs()).and_then(|entry| store.commit(entry).wait());
        match outcome {
            Ok(Outcome::Committed(receipt)) => {
                let number = receipt.outbound[0][0].value;
                accepted.push((key, receipt.entry.number(), number));
                None
            }
            Ok(Outcome::Repeated(_)) => panic!("key {key} is new"),
            Err(refusal) => Some(refusal),
        }
    });
    assert!(matches!(refusal, Some(LedgerError::Full)), "{refusal:?}");
    // Deliveries and reads go on.
    let claim = Claim {
        spent_by: None,
        lane: LaneId::parse("payer-core").unwrap(),
        now: noon(),
        most: 1,
        lease: world::minutes(1),
    };
    let claimed = store.claim(claim).wait().unwrap();
    let mut settled = bare();
    settled.settled.push(Settlement {
        lease: claimed[0].lease,
        verdict: Verdict::Delivered,
    });
    store.commit(settled).wait().unwrap();
    for (key, entry, number) in &accepted {
        let told = load::Acknowledged {
            entry: *entry,
            number: *number,
        };
        load::check_one(&*store, &*ledger.blobs(), *key, &told, Standing::Waiting);
    }
    fs::remove_file(hog).unwrap();
    while !matches!(store.health(), Health::Sound) {
        assert!(matches!(store.health(), Health::Full), "{:?}", store.health());
        thread::park_timeout(Duration::from_millis(5));
    }
    store
        .commit(load::entry(99, &*ledger.blobs()).unwrap())
        .wait()
        .unwrap();
    drop((store, ledger));
    let ledger = open(&data).unwrap();
    assert_eq!(
        ledger.store().tally().wait().unwrap().entries,
        accepted.len() as u64 + 3
    );
}
