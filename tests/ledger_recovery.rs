//! What is found when a ledger is opened again: ROB-020, ROB-024 and SEC-035.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "ledger/files.rs"]
mod files;
#[path = "ledger/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use cartage::ledger::blobs::BlobRef;
use cartage::ledger::digest::Digest;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Retention;
use cartage::ledger::ids::Viewer;
use cartage::ledger::local::Ledger;
use cartage::ledger::retain::retain_once;

use files::clock;
use files::read;
use files::reopen;
use files::segments;
use files::store;
use world::Folder;
use world::bare;
use world::change;
use world::folio;
use world::noon;
use world::outbound;
use world::outbound_id;
use world::received;
use world::tenant;

/// Every file with the digest of its content.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Digest> {
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(snapshot(&path));
        } else {
            found.insert(path.clone(), Digest::of(&fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn all_is_there_after_a_restart() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let blobs: Vec<BlobRef> = [9_000, 200_000, 900_000]
        .map(|length| store(&ledger, b'r', length))
        .into();
    let mut entry = bare();
    entry.folios.push(change(folio(7), None, "open"));
    entry.outbound.push(outbound(outbound_id(7, 1), "x"));
    ledger.store().commit(entry).wait().unwrap();
    let claim = cartage::ledger::found::Claim {
        spent_by: None,
        lane: cartage::ledger::ids::LaneId::parse("payer-core").unwrap(),
        now: noon(),
        most: 9,
        lease: world::days(9),
    };
    assert_eq!(ledger.store().claim(claim.clone()).wait().unwrap().len(), 1);
    drop(ledger);
    let ledger = world::open(folder.path(), &clock());
    for blob in &blobs {
        assert_eq!(
            read(&ledger, blob).unwrap(),
            vec![b'r'; usize::try_from(blob.length).unwrap()]
        );
    }
    let store = ledger.store();
    assert!(store.folio(&Viewer::Operator, folio(7)).wait().unwrap().is_some());
    // Whoever held the lease is dead, so the message is given out at once; the attempt was counted.
    let claimed = store.claim(claim).wait().unwrap();
    assert_eq!(claimed[0].message.attempts, 2);
    let mut next = bare();
    next.outbound.push(outbound(outbound_id(7, 2), "x"));
    let cartage::ledger::found::Outcome::Committed(receipt) = store.commit(next).wait().unwrap() else {
        panic!("it is new")
    };
    assert_eq!(receipt.outbound[0][0].value, 2);
    assert_eq!(receipt.entry.number(), 5);
    assert!(ledger.verify_blobs().unwrap().is_empty());
}

/// The gateway opens its ledger where async code runs.
#[test]
fn a_ledger_is_opened_again_where_async_code_runs() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let blobs = [20_000, 900_000].map(|length| store(&ledger, b'a', length));
    drop(ledger);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ledger = runtime.block_on(async { world::open(folder.path(), &clock()) });
    for blob in &blobs {
        read(&ledger, blob).unwrap();
    }
}

/// ROB-024, within a process and from another one.
#[test]
fn a_second_ledger_on_the_same_folder_is_refused() {
    const FOLDER: &str = "LEDGER_SECOND_FOLDER";
    if let Some(folder) = env::var_os(FOLDER) {
        let refusal = reopen(Path::new(&folder)).unwrap_err();
        assert!(matches!(refusal, LedgerError::Locked(_)), "{refusal:?}");
        return;
    }
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    assert!(matches!(reopen(folder.path()), Err(LedgerError::Locked(_))));
    let other = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_second_ledger_on_the_same_folder_is_refused"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(
        other.status.success(),
        "{}",
        String::from_utf8_lossy(&other.stdout)
    );
    // A store that outlives the ledger still has the folder.
    let store = ledger.store();
    drop(ledger);
    assert!(matches!(reopen(folder.path()), Err(LedgerError::Locked(_))));
    drop(store);
    reopen(folder.path()).unwrap();
}

/// ROB-020: an older release does not touch what a newer one wrote.
#[test]
fn a_folder_of_a_later_format_is_refused_and_left_alone() {
    let folder = Folder::new();
    drop(world::open(folder.path(), &clock()));
    for (mark, number) in [("cartage ledger 2\n", 2), ("something else\n", 0)] {
        fs::write(folder.path().join("FORMAT"), mark).unwrap();
        let before = snapshot(folder.path());
        let refusal = reopen(folder.path()).unwrap_err();
        assert!(matches!(refusal, LedgerError::Format { found, known: 1, .. } if found == number));
        assert_eq!(snapshot(folder.path()), before);
    }
}

#[test]
fn a_folder_that_holds_something_else_is_refused_and_left_alone() {
    let folder = Folder::new();
    fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    let before = snapshot(folder.path());
    assert!(matches!(reopen(folder.path()), Err(LedgerError::Foreign(_))));
    assert_eq!(snapshot(folder.path()), before);
}

/// A first start that was cut off leaves a lock and perhaps an unfinished mark; that is no reason to refuse.
#[test]
fn a_first_start_that_was_cut_off_is_taken_up() {
    let folder = Folder::new();
    fs::write(folder.path().join("lock"), "").unwrap();
    fs::write(folder.path().join("FORMAT.new"), "cart").unwrap();
    reopen(folder.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let parent = Folder::new();
    let folder = parent.path().join("ledger");
    let ledger = world::open(&folder, &clock());
    store(&ledger, b'p', 20_000);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let database = ["ledger.sqlite", "ledger.sqlite-wal"].map(|name| folder.join(name));
    for path in segments(&folder, "log").iter().chain(&database) {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

/// A stopped gateway's ledger can be looked into; a running one's cannot, and nothing of it is changed.
#[test]
fn a_ledger_can_be_looked_into_when_nobody_works_on_it() {
    let folder = Folder::new();
    assert!(matches!(
        Ledger::look_into(folder.path()),
        Err(LedgerError::Foreign(_))
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let ledger = world::open(folder.path(), &clock());
    let mut entry = bare();
    entry.received = Some(received("seen"));
    ledger.store().commit(entry).wait().unwrap();
    assert!(matches!(
        Ledger::look_into(folder.path()),
        Err(LedgerError::Locked(_))
    ));
    drop(ledger);
    let durable = |path: &PathBuf| !path.to_str().unwrap().ends_with("-shm");
    let mut before = snapshot(folder.path());
    before.retain(|path, _| durable(path));
    let store = Ledger::look_into(folder.path()).unwrap();
    assert_eq!(store.tally().wait().unwrap().entries, 1);
    assert!(matches!(store.commit(bare()).wait(), Err(LedgerError::Closed)));
    let mut after = snapshot(folder.path());
    after.retain(|path, _| durable(path));
    assert_eq!(after, before);
    // Looking holds nobody up.
    drop(world::open(folder.path(), &clock()));
}

/// SEC-035: what an upload left behind that was never finished or never referred to goes with the next round of order.
#[test]
fn what_nothing_refers_to_goes_and_what_is_erased_is_not_on_disk() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let kept = store(&ledger, b'k', 600_000);
    let mut orphan = ledger.blobs().create(&tenant("mercy"));
    for chunk in vec![b'o'; 600_000].chunks(100_000) {
        orphan.write(chunk).wait().unwrap();
    }
    orphan.finish().wait().unwrap();
    let short = store(&ledger, b's', 20_000);
    drop(ledger);
    assert_eq!(segments(folder.path(), "own").len(), 2);
    let ledger = world::open(folder.path(), &clock());
    // What was cut off before anybody referred to it goes at once.
    assert_eq!(segments(folder.path(), "own").len(), 1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let order = |retention, now| {
        let (store, blobs) = (ledger.store(), ledger.blobs());
        runtime
            .block_on(retain_once(&*store, &*blobs, retention, now))
            .unwrap()
    };
    order(Retention::default(), noon());
    assert_eq!(segments(folder.path(), "own").len(), 1);
    read(&ledger, &kept).unwrap();
    order(Retention::default(), noon() + world::days(100));
    assert!(segments(folder.path(), "own").is_empty());
    assert!(read(&ledger, &short).is_err());
    for path in segments(folder.path(), "log") {
        let bytes = fs::read(path).unwrap();
        assert!(
            !bytes
                .windows(64)
                .any(|window| window.iter().all(|byte| *byte == b's'))
        );
    }
    drop(ledger);
    world::open(folder.path(), &clock());
}

#[test]
fn full_segments_are_sealed_and_dropped_when_nothing_refers_to_them() {
    let folder = Folder::new();
    let clock = clock();
    let ledger = world::open(folder.path(), &clock);
    let blobs: Vec<BlobRef> = (0..20).map(|_| store(&ledger, b'f', 200_000)).collect();
    let full = segments(folder.path(), "log").len();
    assert!(full >= 4);
    assert!(ledger.verify_blobs().unwrap().is_empty());
    for blob in &blobs {
        read(&ledger, blob).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let order = |now| {
        let (store, blobs) = (ledger.store(), ledger.blobs());
        runtime
            .block_on(retain_once(&*store, &*blobs, Retention::default(), now))
            .unwrap()
    };
    order(noon() + world::days(100));
    // Whoever stored a blob has a day to refer to it, so the files stay that long.
    assert!(segments(folder.path(), "log").len() >= 4);
    clock.advance(world::minutes(24 * 60 + 1));
    order(noon() + world::days(100));
    assert!(segments(folder.path(), "log").len() <= 2);
}
