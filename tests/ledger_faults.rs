//! What the ledger does when its disk fails, is full, or cannot keep up: ROB-002, ROB-003, ROB-007, ROB-017.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "ledger/bad_disk.rs"]
mod bad_disk;
#[path = "ledger/world.rs"]
mod world;

use std::io::ErrorKind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bad_disk::BadDisk;
use bad_disk::Doing;
use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::ledger::blobs::Kept;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Part;
use cartage::ledger::disk::Disk;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::Settlement;
use cartage::ledger::entry::Verdict;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Health;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::Viewer;
use cartage::ledger::local::Ledger;
use cartage::ledger::local::Settings;
use world::Folder;
use world::bare;
use world::noon;
use world::once;
use world::outbound;
use world::outbound_id;
use world::received;
use world::tenant;

/// A ledger on a disk that can fail.
struct Scene {
    // Dropped in this order.
    ledger: Option<Ledger>,
    disk: BadDisk,
    clock: Arc<ManualClock>,
    folder: Folder,
}

impl Scene {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = Folder::new();
        let mut settings = world::settings(folder.path());
        change(&mut settings);
        let clock = Arc::new(ManualClock::at(noon()));
        let disk = BadDisk::new();
        let (as_clock, as_disk): (Arc<dyn Clock>, Arc<dyn Disk>) = (clock.clone(), Arc::new(disk.clone()));
        let (ledger, warnings) = Ledger::open_on(&settings, &as_clock, &as_disk).unwrap();
        assert!(warnings.is_empty());
        Self {
            ledger: Some(ledger),
            disk,
            clock,
            folder,
        }
    }

    fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().unwrap()
    }

    fn commit(&self, entry: Entry) -> Result<Outcome, LedgerError> {
        self.ledger().store().commit(entry).wait()
    }

    /// A payload of so many bytes.
    fn keep(&self, length: usize) -> Result<Kept, LedgerError> {
        let mut writer = self.ledger().blobs().create(&tenant("mercy"));
        for chunk in vec![b'x'; length].chunks(100_000) {
            writer.write(chunk).wait()?;
        }
        writer.finish().wait()
    }

    /// Ends the process, as it were, and starts again on a disk that is sound.
    fn again(mut self) -> (Ledger, Folder) {
        drop(self.ledger.take());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let (ledger, _) = Ledger::open(&world::settings(self.folder.path()), &clock).unwrap();
        (ledger, self.folder)
    }

    #[track_caller]
    fn is_failed(&self) {
        let health = self.ledger().store().health();
        assert!(matches!(health, Health::Failed(_)), "{health:?}");
        let later = self.commit(message("later")).unwrap_err();
        assert!(matches!(later, LedgerError::Failed { .. }), "{later:?}");
        let read = self.ledger().store().tally().wait().unwrap_err();
        assert!(matches!(read, LedgerError::Failed { .. }), "{read:?}");
        let blob = self.keep(20_000).unwrap_err();
        assert!(matches!(blob, LedgerError::Failed { .. }), "{blob:?}");
    }

    /// Waits until the ledger is so.
    fn wait_for(&self, wanted: fn(&Health) -> bool) {
        while !wanted(&self.ledger().store().health()) {
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

fn message(key: &str) -> Entry {
    let mut entry = bare();
    entry.key = Some(once(key, key));
    entry.received = Some(received(key));
    entry
}

fn is_sound(health: &Health) -> bool {
    matches!(health, Health::Sound)
}

fn is_full(health: &Health) -> bool {
    matches!(health, Health::Full)
}

/// ROB-003.
#[test]
fn the_first_failed_sync_of_a_commit_is_final() {
    let scene = Scene::new();
    scene.commit(message("before")).unwrap();
    scene.disk.shut();
    let store = scene.ledger().store();
    let waiting: Vec<_> = (0..20).map(|n| store.commit(message(&format!("k{n}")))).collect();
    scene.disk.fail(Doing::Commit, "", ErrorKind::Other);
    scene.disk.unshut();
    for answer in waiting {
        let refusal = answer.wait().unwrap_err();
        assert!(matches!(refusal, LedgerError::Failed { .. }), "{refusal:?}");
    }
    let commits = scene.disk.count(Doing::Commit, "");
    // Healing the disk heals nothing: what was in the page cache is in doubt.
    scene.disk.heal();
    scene.is_failed();
    assert_eq!(scene.disk.count(Doing::Commit, ""), commits);
    drop(store);
    let (ledger, _folder) = scene.again();
    let store = ledger.store();
    assert_eq!(store.tally().wait().unwrap().entries, 1);
    for key in ["before", "k0"] {
        store.commit(message(key)).wait().unwrap();
    }
    assert_eq!(store.tally().wait().unwrap().entries, 2);
}

/// ROB-003.
#[test]
fn the_first_failed_sync_or_write_of_the_blob_log_is_final() {
    for (doing, length, file) in [
        (Doing::Sync, 20_000, "log-"),
        (Doing::Write, 20_000, "log-"),
        (Doing::Sync, 600_000, "own-"),
        (Doing::Write, 600_000, "own-"),
    ] {
        let scene = Scene::new();
        let kept = scene.keep(20_000).unwrap();
        scene.disk.fail(doing, file, ErrorKind::Other);
        let refusal = scene.keep(length).unwrap_err();
        assert!(matches!(refusal, LedgerError::Failed { .. }), "{refusal:?}");
        let syncs = scene.disk.count(Doing::Sync, file);
        scene.disk.heal();
        scene.is_failed();
        assert_eq!(
            scene.disk.count(Doing::Sync, file),
            syncs,
            "no second sync is tried"
        );
        let (ledger, _folder) = scene.again();
        let Part::Blob(blob) = &kept.part else {
            panic!("it is a blob")
        };
        assert_eq!(read_whole(&*ledger.blobs(), blob, 20_000).unwrap().len(), 20_000);
    }
}

/// ROB-001: a new file of a long blob is known to its folder before the blob is.
#[test]
fn a_folder_that_cannot_be_synced_is_final_too() {
    let scene = Scene::new();
    scene.keep(20_000).unwrap();
    scene.disk.fail(Doing::SyncFolder, "blobs", ErrorKind::Other);
    assert!(matches!(scene.keep(600_000), Err(LedgerError::Failed { .. })));
    scene.is_failed();
}

/// ROB-007: while the disk is full, new messages are refused, and deliveries are stored.
#[test]
fn a_full_disk_refuses_new_messages_and_stores_deliveries() {
    let scene = Scene::new();
    let ballast = scene.folder.path().join("ballast");
    let mut entry = message("first");
    entry.outbound.push(outbound(outbound_id(1, 1), "x"));
    scene.commit(entry).unwrap();
    assert!(ballast.exists());
    let claimed = claim(&scene);
    let store = scene.ledger().store();
    // What is queued behind a commit that is held up shares the next one: a new message and a delivery.
    scene.disk.shut();
    let first = store.commit(bare());
    scene.disk.wait_for_held();
    let refused = store.commit(message("refused"));
    let mut settled = bare();
    settled.settled.push(Settlement {
        lease: claimed,
        verdict: Verdict::Delivered,
    });
    let settled = store.commit(settled);
    // The commit that is held up finds its room; the next does not, until the ballast is given up. That cannot be
    // taken again for now.
    scene.disk.fail(Doing::Write, "ballast", ErrorKind::StorageFull);
    scene.disk.pass_times(1, Doing::Commit);
    scene
        .disk
        .fail_times(1, Doing::Commit, "", ErrorKind::StorageFull);
    scene.disk.unshut();
    first.wait().unwrap();
    assert!(matches!(refused.wait(), Err(LedgerError::Full)));
    // The batch was written twice; what the first try knew of the lease was taken back with it.
    settled.wait().unwrap();
    let now = store.outbound(&Viewer::Operator, outbound_id(1, 1)).wait();
    assert_eq!(now.unwrap().unwrap().standing, Standing::Delivered);
    assert!(is_full(&store.health()));
    assert!(!ballast.exists());
    assert!(matches!(scene.commit(message("refused")), Err(LedgerError::Full)));
    assert!(matches!(scene.keep(20_000), Err(LedgerError::Full)));
    scene.commit(bare()).unwrap();
    // Room returns.
    scene.disk.heal();
    scene.wait_for(is_sound);
    assert!(ballast.exists());
    scene.commit(message("refused")).unwrap();
    assert_eq!(store.tally().wait().unwrap().entries, 5);
}

fn claim(scene: &Scene) -> cartage::ledger::entry::Lease {
    let claim = cartage::ledger::found::Claim {
        spent_by: None,
        lane: cartage::ledger::ids::LaneId::parse("payer-core").unwrap(),
        now: noon(),
        most: 1,
        lease: world::minutes(1),
    };
    scene.ledger().store().claim(claim).wait().unwrap()[0].lease
}

/// ROB-007: where not even the ballast is enough, nothing is stored until there is room, and nothing ends.
#[test]
fn a_disk_without_any_room_waits_for_some() {
    let scene = Scene::new();
    scene.commit(message("before")).unwrap();
    scene.disk.fail(Doing::Commit, "", ErrorKind::StorageFull);
    scene.disk.fail(Doing::Write, "ballast", ErrorKind::StorageFull);
    for entry in [message("k"), bare()] {
        let refusal = scene.commit(entry).unwrap_err();
        assert!(matches!(refusal, LedgerError::Full), "{refusal:?}");
    }
    assert!(is_full(&scene.ledger().store().health()));
    let tally = scene.ledger().store().tally().wait().unwrap();
    assert_eq!(tally.entries, 1);
    scene.disk.heal();
    scene.wait_for(is_sound);
    scene.commit(message("k")).unwrap();
    let (ledger, _folder) = scene.again();
    assert_eq!(ledger.store().tally().wait().unwrap().entries, 2);
}

/// ROB-007: room is looked for also while deliveries keep the ledger busy.
#[test]
fn a_busy_ledger_finds_room_again() {
    let scene = Scene::new();
    scene
        .disk
        .fail_times(1, Doing::Commit, "", ErrorKind::StorageFull);
    scene.disk.fail(Doing::Write, "ballast", ErrorKind::StorageFull);
    scene.commit(message("k")).unwrap_err();
    assert!(is_full(&scene.ledger().store().health()));
    scene.disk.heal();
    let busy = (0..500).any(|_| {
        scene.clock.advance(Duration::from_millis(10));
        scene.commit(bare()).unwrap();
        is_sound(&scene.ledger().store().health())
    });
    assert!(busy, "no pause was long enough to look");
}

/// ROB-007: a full disk shows when room is taken for blobs to come, before any blob is lost by it.
#[test]
fn blobs_are_refused_when_no_segment_can_be_prepared() {
    let scene = Scene::new();
    // The first blob takes the segment that is ready; the next one cannot be prepared.
    let wait = || thread::park_timeout(Duration::from_millis(5));
    while scene.disk.count(Doing::SyncFolder, "blobs") < 1 {
        wait();
    }
    scene.disk.fail(Doing::Write, "log-", ErrorKind::StorageFull);
    scene.disk.fail(Doing::Create, "log-", ErrorKind::StorageFull);
    scene.disk.heal();
    scene.keep(20_000).unwrap();
    scene.disk.fail(Doing::Create, "log-", ErrorKind::StorageFull);
    let mut stored = 1;
    let refusal = loop {
        match scene.keep(200_000) {
            Ok(_) => stored += 1,
            Err(refusal) => break refusal,
        }
    };
    assert!(matches!(refusal, LedgerError::Full), "{refusal:?}");
    assert!(stored > 3);
    scene.wait_for(is_full);
    assert!(matches!(scene.commit(message("k")), Err(LedgerError::Full)));
    // What only brings work to its end goes on.
    scene.commit(bare()).unwrap();
    scene.disk.heal();
    scene.wait_for(is_sound);
    scene.keep(200_000).unwrap();
    scene.commit(message("k")).unwrap();
}

#[test]
fn a_long_blob_that_finds_no_room_ends_alone() {
    let scene = Scene::new();
    scene.disk.fail(Doing::Write, "own-", ErrorKind::StorageFull);
    assert!(matches!(scene.keep(600_000), Err(LedgerError::Full)));
    scene.disk.heal();
    assert!(is_sound(&scene.ledger().store().health()));
    scene.keep(600_000).unwrap();
    let own = std::fs::read_dir(scene.folder.path().join("blobs")).unwrap();
    let own = own.filter(|file| {
        file.as_ref()
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .starts_with("own-")
    });
    assert_eq!(own.count(), 1, "nothing is left of the first");
}

/// ROB-002: all that waits shares one commit.
#[test]
fn what_waits_shares_one_commit() {
    let scene = Scene::new();
    scene.disk.shut();
    let store = scene.ledger().store();
    let first = store.commit(message("first"));
    scene.disk.wait_for_held();
    let rest: Vec<_> = (0..300)
        .map(|n| store.commit(message(&format!("k{n}"))))
        .collect();
    let before = scene.disk.count(Doing::Commit, "");
    scene.disk.unshut();
    first.wait().unwrap();
    for answer in rest {
        answer.wait().unwrap();
    }
    assert_eq!(scene.disk.count(Doing::Commit, "") - before, 2);
}

/// ROB-017.
#[test]
fn a_full_queue_says_so_at_once() {
    let scene = Scene::with(|settings| settings.queue = 8);
    scene.disk.shut();
    let store = scene.ledger().store();
    let mut waiting = vec![store.commit(message("first"))];
    scene.disk.wait_for_held();
    waiting.extend((0..8).map(|n| store.commit(message(&format!("k{n}")))));
    let refusal = store.commit(message("one too many")).wait().unwrap_err();
    assert!(matches!(refusal, LedgerError::Busy));
    assert!(refusal.may_pass());
    scene.disk.unshut();
    for answer in waiting {
        answer.wait().unwrap();
    }
    store.commit(message("one too many")).wait().unwrap();
}

/// Closing waits for what was asked, also when nobody waits for the answer.
#[test]
fn what_was_asked_before_closing_is_stored() {
    let scene = Scene::new();
    let store = scene.ledger().store();
    for n in 0..100 {
        drop(store.commit(message(&format!("k{n}"))));
    }
    drop(store);
    let (ledger, _folder) = scene.again();
    assert_eq!(ledger.store().tally().wait().unwrap().entries, 100);
}
