//! ROB-004, ROB-005 and ROB-011, as far as they are the ledger's: a process that accepts is killed at random, again and
//! again, and a record kept outside of it says what must be there.
//!
//! `LEDGER_KILLS` says how often; without it 20 times.
#![cfg(unix)]
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

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::ledger::blob_log::Warning;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::Viewer;
use cartage::ledger::local::Ledger;
use load::Acknowledged;
use load::check_one;
use load::entry;
use world::Folder;
use world::noon;
use world::outbound_id;

const FOLDER: &str = "LEDGER_CRASH_FOLDER";
const FIRST: &str = "LEDGER_CRASH_FIRST";
const SENDERS: u64 = 8;

/// What the outside knows: of each key, what was acknowledged for it.
#[derive(Default)]
struct Outside {
    acknowledged: BTreeMap<u64, Acknowledged>,
    /// Keys that were begun and of which nobody heard.
    unheard: BTreeSet<u64>,
}

/// The process that is killed: it accepts key after key and says which it was told are safe.
fn accept(folder: &Path, first: u64) {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(noon()));
    let (ledger, warnings) = Ledger::open(&world::settings(folder), &clock).unwrap();
    for warning in &warnings {
        assert!(matches!(warning, Warning::TornTail { .. }), "{warning}");
    }
    let out = Arc::new(Mutex::new(std::io::stdout()));
    let say = |line: String| {
        let mut out = out.lock().unwrap();
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
    };
    // The test harness may have begun a line of its own.
    say(String::new());
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (store, blobs) = (ledger.store(), ledger.blobs());
            let say = &say;
            scope.spawn(move || {
                for key in (first..).filter(|key| key % SENDERS == sender) {
                    say(format!("try {key}"));
                    let outcome = store.commit(entry(key, &*blobs).unwrap()).wait().unwrap();
                    let Outcome::Committed(receipt) = outcome else {
                        panic!("key {key} is new")
                    };
                    let number = receipt.outbound[0][0].value;
                    say(format!("safe {key} {} {number}", receipt.entry.number()));
                }
            });
        }
    });
}

fn start(folder: &Path, first: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed_at_random_it_loses_nothing", "--nocapture"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

impl Outside {
    /// Listens until `count` were acknowledged, kills, and listens to what was said before the end.
    fn listen(&mut self, mut child: Child, count: usize) {
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let (mut heard, mut line) = (0, String::new());
        // The last line may have been cut off; nobody has heard it then.
        while said.read_line(&mut line).is_ok() && line.ends_with('\n') {
            if self.hear(line.trim_end()) {
                heard += 1;
                if heard == count {
                    child.kill().unwrap();
                }
            }
            line.clear();
        }
        child.wait().unwrap();
        assert!(heard >= count, "the process ended by itself");
    }

    /// Whether the line says that something is safe.
    fn hear(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["try", key] => {
                self.unheard.insert(key.parse().unwrap());
                false
            }
            ["safe", key, entry, number] => {
                let key = key.parse().unwrap();
                let told = Acknowledged {
                    entry: entry.parse().unwrap(),
                    number: number.parse().unwrap(),
                };
                self.unheard.remove(&key);
                assert_eq!(self.acknowledged.insert(key, told), None);
                true
            }
            _ => false,
        }
    }

    /// Sends again what nobody heard of, and then compares all.
    fn compare(&mut self, ledger: &Ledger) {
        let store = ledger.store();
        for key in std::mem::take(&mut self.unheard) {
            let told = match store
                .commit(entry(key, &*ledger.blobs()).unwrap())
                .wait()
                .unwrap()
            {
                Outcome::Committed(receipt) => Acknowledged {
                    entry: receipt.entry.number(),
                    number: receipt.outbound[0][0].value,
                },
                Outcome::Repeated(seen) => {
                    let id = outbound_id(key + 1, 1);
                    let message = store.outbound(&Viewer::Operator, id).wait().unwrap().unwrap();
                    Acknowledged {
                        entry: seen.entry.number(),
                        number: message.numbers[0].value,
                    }
                }
            };
            self.acknowledged.insert(key, told);
        }
        let tally = store.tally().wait().unwrap();
        let count = self.acknowledged.len() as u64;
        assert_eq!(
            (tally.entries, tally.folios, tally.waiting),
            (count, count, count)
        );
        let audit = store.verify_audit().wait().unwrap();
        assert_eq!((audit.events, audit.faults.len()), (count, 0));
        assert!(ledger.verify_blobs().unwrap().is_empty());
        let numbers: BTreeSet<u64> = self.acknowledged.values().map(|told| told.number).collect();
        assert_eq!(numbers.len() as u64, count, "no control number is used twice");
        // Entries were numbered in the order in which they were committed: so were their control numbers.
        let mut by_entry: Vec<&Acknowledged> = self.acknowledged.values().collect();
        by_entry.sort_by_key(|told| told.entry);
        assert!(
            by_entry.is_sorted_by_key(|told| told.number),
            "control numbers rise"
        );
    }

    /// Looks at each entry, its payload and its message.
    fn read(&self, ledger: &Ledger) {
        for (key, told) in &self.acknowledged {
            check_one(&*ledger.store(), &*ledger.blobs(), *key, told, Standing::Waiting);
        }
    }
}

/// Numbers that look random and are the same each time.
fn dice(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn killed_at_random_it_loses_nothing() {
    if let Some(folder) = env::var_os(FOLDER) {
        let first = env::var(FIRST).unwrap().parse().unwrap();
        accept(Path::new(&folder), first);
        return;
    }
    let kills = env::var("LEDGER_KILLS").map_or(20, |count| count.parse().unwrap());
    let folder = Folder::new();
    let mut outside = Outside::default();
    let mut state = 20_261_120;
    for kill in 1..=kills {
        let known = outside.acknowledged.keys().next_back();
        let first = known.map_or(0, |last| last + 1);
        let count = usize::try_from(1 + dice(&mut state) % 40).unwrap();
        outside.listen(start(folder.path(), first), count);
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(noon()));
        let (ledger, warnings) = Ledger::open(&world::settings(folder.path()), &clock).unwrap();
        for warning in &warnings {
            assert!(matches!(warning, Warning::TornTail { .. }), "{warning}");
        }
        outside.compare(&ledger);
        if kill % 10 == 0 || kill == kills {
            outside.read(&ledger);
        }
    }
    println!(
        "{kills} kills, {} acknowledged: none lost, none doubled, none altered",
        outside.acknowledged.len()
    );
}
