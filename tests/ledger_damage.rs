//! What is damaged is found, and nothing else suffers by it: ROB-009 and SEC-032.
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

use std::fs;

use cartage::ledger::blob_log::Warning;
use cartage::ledger::entry::AuditEvent;
use cartage::ledger::error::Damage;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::AuditFault;
use cartage::ledger::found::AuditId;
use cartage::ledger::found::Retention;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::EntryId;
use cartage::ledger::ids::Viewer;

use files::alter;
use files::clock;
use files::find;
use files::read;
use files::reopen;
use files::segments;
use files::store;
use world::Folder;
use world::bare;
use world::noon;
use world::outbound;
use world::outbound_id;
use world::received;
use world::tenant;

/// ROB-009: what was never acknowledged is cut off, with a warning.
#[test]
fn a_torn_end_is_cut_off_with_a_warning() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let kept = store(&ledger, b'k', 20_000);
    let mut writer = ledger.blobs().create(&tenant("mercy"));
    writer.write(&vec![b'u'; 20_000]).wait().unwrap();
    writer.finish().wait().unwrap();
    drop(ledger);
    let segment = &segments(folder.path(), "log")[0];
    // No entry refers to the second blob; half of it never reached the disk.
    alter(segment, |bytes| {
        let at = find(bytes, b'u') + 9_000;
        bytes[at..].fill(0);
    });
    let (ledger, warnings) = reopen(folder.path()).unwrap();
    let [Warning::TornTail { damage, .. }] = warnings[..] else {
        panic!("{warnings:?}")
    };
    assert_eq!(damage, Damage::Checksum);
    assert!(warnings[0].to_string().contains("was cut off"));
    assert_eq!(read(&ledger, &kept).unwrap(), vec![b'k'; 20_000]);
    let next = store(&ledger, b'n', 20_000);
    drop(ledger);
    assert!(!fs::read(segment).unwrap().contains(&b'u'));
    let ledger = world::open(folder.path(), &clock());
    for blob in [kept, next] {
        read(&ledger, &blob).unwrap();
    }
}

/// ROB-009: damage to what was acknowledged never passes silently, and all else stays readable.
#[test]
fn damage_in_the_middle_is_reported_with_its_place() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let blobs = [b'a', b'b', b'c'].map(|fill| store(&ledger, fill, 20_000));
    drop(ledger);
    let segment = &segments(folder.path(), "log")[0];
    alter(segment, |bytes| {
        let at = find(bytes, b'b') + 100;
        bytes[at] ^= 1;
    });
    for round in 0..2 {
        let (ledger, warnings) = reopen(folder.path()).unwrap();
        // The segment is not written to any more, so later starts do not look at it.
        if round == 0 {
            let [Warning::Damaged { place, damage }] = warnings[..] else {
                panic!("{warnings:?}")
            };
            assert_eq!(damage, Damage::Checksum);
            assert!(place.offset > 20_000 && place.offset < 21_000, "{place:?}");
            store(&ledger, b'd', 20_000);
        }
        let refusal = read(&ledger, &blobs[1]).unwrap_err();
        assert!(matches!(
            refusal,
            LedgerError::Damaged {
                damage: Damage::Checksum,
                ..
            }
        ));
        for blob in [&blobs[0], &blobs[2]] {
            read(&ledger, blob).unwrap();
        }
        let faults = ledger.verify_blobs().unwrap();
        assert_eq!(faults[0].damage, Damage::Checksum);
    }
}

#[test]
fn a_blob_that_is_missing_from_the_end_is_reported() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    store(&ledger, b'a', 20_000);
    store(&ledger, b'b', 20_000);
    drop(ledger);
    alter(&segments(folder.path(), "log")[0], |bytes| {
        let at = find(bytes, b'b') - 72;
        bytes[at..].fill(0);
    });
    let (_ledger, warnings) = reopen(folder.path()).unwrap();
    assert!(
        matches!(
            warnings[..],
            [Warning::Damaged {
                damage: Damage::NoRecord,
                ..
            }]
        ),
        "{warnings:?}"
    );
}

#[test]
fn a_damaged_long_blob_is_found_by_reading_and_by_verifying() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let blob = store(&ledger, b'w', 900_000);
    drop(ledger);
    let path = &segments(folder.path(), "own")[0];
    let whole = fs::read(path).unwrap();
    let places = [
        0,
        8,
        70,
        140,
        100_000,
        262_300,
        800_000,
        whole.len() - 70,
        whole.len() - 1,
    ];
    for at in places {
        alter(path, |bytes| bytes[at] ^= 0x10);
        let (ledger, _) = reopen(folder.path()).unwrap();
        let refusal = read(&ledger, &blob).unwrap_err();
        assert!(
            matches!(refusal, LedgerError::Damaged { .. }),
            "byte {at}: {refusal:?}"
        );
        assert_eq!(ledger.verify_blobs().unwrap().len(), 1, "byte {at}");
        drop(ledger);
        fs::write(path, &whole).unwrap();
    }
    alter(path, |bytes| bytes.truncate(500_000));
    let (ledger, _) = reopen(folder.path()).unwrap();
    assert!(read(&ledger, &blob).is_err());
}

/// ROB-009: SQLite has no checksums; ours stand in front of each message.
#[test]
fn a_flipped_byte_of_a_message_in_the_database_is_found() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    let mut entry = bare();
    entry.received = Some(received(&"m".repeat(4000)));
    let store = ledger.store();
    let cartage::ledger::found::Outcome::Committed(receipt) = store.commit(entry).wait().unwrap() else {
        panic!("it is new")
    };
    drop((store, ledger));
    alter(&folder.path().join("ledger.sqlite"), |bytes| {
        let at = find(bytes, b'm') + 10;
        bytes[at] ^= 1;
    });
    let (ledger, _) = reopen(folder.path()).unwrap();
    let refusal = ledger
        .store()
        .entry(&Viewer::Operator, receipt.entry)
        .wait()
        .unwrap_err();
    assert!(matches!(refusal, LedgerError::Unreadable(_)), "{refusal:?}");
}

/// ROB-009: a message that is damaged becomes a dead letter, and does not hold up what waits behind it.
#[test]
fn a_damaged_message_does_not_hold_up_its_lane() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    for (number, text) in [(1, "q"), (2, "z")] {
        let mut entry = bare();
        entry
            .outbound
            .push(outbound(outbound_id(number, 1), &text.repeat(400)));
        ledger.store().commit(entry).wait().unwrap();
    }
    drop(ledger);
    alter(&folder.path().join("ledger.sqlite"), |bytes| {
        let at = find(bytes, b'q') + 10;
        bytes[at] ^= 1;
    });
    let ledger = world::open(folder.path(), &clock());
    let store = ledger.store();
    let claim = cartage::ledger::found::Claim {
        spent_by: None,
        lane: cartage::ledger::ids::LaneId::parse("payer-core").unwrap(),
        now: noon(),
        most: 9,
        lease: world::minutes(1),
    };
    let claimed = store.claim(claim).wait().unwrap();
    let ids: Vec<_> = claimed.iter().map(|claimed| claimed.message.id).collect();
    assert_eq!(ids, [outbound_id(2, 1)]);
    let dead = store.standing(&Viewer::Operator, Standing::Dead, None, None, 9);
    assert_eq!(dead.wait().unwrap(), [outbound_id(1, 1)]);
}

/// ROB-009: a value that SQLite reads and that nothing can have stored is damage to one message, and ends nothing.
#[test]
fn a_message_with_an_impossible_number_does_not_hold_up_its_lane() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    for number in [1, 2] {
        let mut entry = bare();
        entry.outbound.push(outbound(outbound_id(number, 1), "x"));
        ledger.store().commit(entry).wait().unwrap();
    }
    drop(ledger);
    let tables = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    let mut no_such_series = 999_u64.to_le_bytes().to_vec();
    no_such_series.extend(1_u64.to_le_bytes());
    let changed = tables.execute("UPDATE outbox SET numbers = ?1 WHERE folio = 1", [no_such_series]);
    assert_eq!(changed, Ok(1));
    drop(tables);
    let ledger = world::open(folder.path(), &clock());
    let store = ledger.store();
    let claim = cartage::ledger::found::Claim {
        lane: cartage::ledger::ids::LaneId::parse("payer-core").unwrap(),
        now: noon(),
        spent_by: None,
        most: 9,
        lease: world::minutes(1),
    };
    let claimed = store.claim(claim).wait().unwrap();
    let ids: Vec<_> = claimed.iter().map(|claimed| claimed.message.id).collect();
    assert_eq!(ids, [outbound_id(2, 1)]);
    store.commit(bare()).wait().unwrap();
}

/// ROB-009: retention passes over what is damaged, leaves it for a person, and removes the rest.
#[test]
fn retention_passes_over_what_is_damaged() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    for text in ["q", "z"] {
        let mut entry = bare();
        entry.received = Some(received(&text.repeat(400)));
        ledger.store().commit(entry).wait().unwrap();
    }
    drop(ledger);
    alter(&folder.path().join("ledger.sqlite"), |bytes| {
        let at = find(bytes, b'q') + 10;
        bytes[at] ^= 1;
    });
    let ledger = world::open(folder.path(), &clock());
    let store = ledger.store();
    let pruned = store.prune(Retention::default(), noon() + world::days(1000));
    let pruned = pruned.wait().unwrap();
    assert_eq!((pruned.received, pruned.entries), (1, 1));
    let refusal = store.entry(&Viewer::Operator, EntryId::new(1)).wait();
    assert!(matches!(refusal, Err(LedgerError::Unreadable(_))), "{refusal:?}");
}

/// SEC-032: whoever changes a row is found out.
#[test]
fn an_altered_event_of_the_audit_is_named() {
    let folder = Folder::new();
    let ledger = world::open(folder.path(), &clock());
    for n in 1..=9 {
        let mut entry = bare();
        entry.audit.push(AuditEvent {
            tenant: tenant("mercy"),
            content: format!("event number {n} ends").into_bytes().into(),
        });
        ledger.store().commit(entry).wait().unwrap();
    }
    drop(ledger);
    alter(&folder.path().join("ledger.sqlite"), |bytes| {
        let text = b"event number 4 ends";
        let at = bytes
            .windows(text.len())
            .position(|window| window == text)
            .unwrap();
        bytes[at + 13] = b'7';
    });
    let (ledger, _) = reopen(folder.path()).unwrap();
    let report = ledger.store().verify_audit().wait().unwrap();
    assert_eq!(report.events, 9);
    assert_eq!(
        report.faults,
        [AuditFault::Altered(AuditId { chain: 0, number: 4 })]
    );
}
