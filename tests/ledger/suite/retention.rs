//! What goes, and what never does (SEC-035).

use std::time::SystemTime;

use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::entry::AuditEvent;
use cartage::ledger::entry::Destination;
use cartage::ledger::entry::FolioChange;
use cartage::ledger::entry::Move;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::Pruned;
use cartage::ledger::found::Retention;
use cartage::ledger::ids::EntryId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::retain::retain_once;

use crate::world::World;
use crate::world::bare;
use crate::world::change;
use crate::world::days;
use crate::world::folio;
use crate::world::noon;
use crate::world::once;
use crate::world::outbound;
use crate::world::outbound_id;
use crate::world::received;
use crate::world::tenant;
use crate::world::version;

/// Keeps order until nothing more goes.
fn prune(world: &World, retention: Retention, now: SystemTime) -> Pruned {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut all = Pruned::default();
    loop {
        let pruned = runtime
            .block_on(retain_once(&*world.store, &*world.blobs, retention, now))
            .unwrap();
        all.received += pruned.received;
        all.sent += pruned.sent;
        all.entries += pruned.entries;
        all.folios += pruned.folios;
        all.audit += pruned.audit;
        if !pruned.more {
            return all;
        }
    }
}

/// Receives a message into folio `id`, which sends one on; all of it is open.
fn accept(world: &World, id: u64) -> EntryId {
    let mut entry = bare();
    entry.key = Some(once(&format!("k{id}"), "hello"));
    entry.received = Some(received("hello"));
    entry.folios.push(change(folio(id), None, "open"));
    entry.outbound.push(outbound(outbound_id(id, 1), "on"));
    entry.answer = Some(Body::inline(&b"thanks"[..]).into());
    world.commit(entry).entry
}

fn close(world: &World, id: u64) {
    let mut entry = bare();
    entry.folios.push(FolioChange {
        open: false,
        ..change(folio(id), Some(version(1)), "closed")
    });
    world.commit(entry);
}

fn stop(world: &World, id: u64) {
    let mut entry = bare();
    entry.moved.push(Move {
        outbound: outbound_id(id, 1),
        to: Destination::Stopped,
    });
    world.commit(entry);
}

fn has_content(world: &World, entry: EntryId) -> bool {
    let stored = world.store.entry(&Viewer::Operator, entry).wait().unwrap();
    stored.is_some_and(|entry| entry.received.is_some())
}

fn exists(world: &World, entry: EntryId) -> bool {
    world
        .store
        .entry(&Viewer::Operator, entry)
        .wait()
        .unwrap()
        .is_some()
}

/// ROB-016, user story 3: never what is unacknowledged, however old it is and however full the disk.
pub(crate) fn contents_stay_while_anything_is_open(world: &World) {
    let greedy = Retention {
        most_bytes: Some(0),
        ..Retention::default()
    };
    let later = noon() + days(5000);
    let open = accept(world, 1);
    stop(world, 1);
    let waiting = accept(world, 2);
    close(world, 2);
    let dead = accept(world, 3);
    close(world, 3);
    let mut entry = bare();
    entry.moved.push(Move {
        outbound: outbound_id(3, 1),
        to: Destination::Dead {
            trouble: crate::world::trouble("expired"),
        },
    });
    world.commit(entry);
    let mut entry = bare();
    entry.received = Some(received("whose"));
    entry.parked = Some(b"no route"[..].into());
    let parked = world.commit(entry).entry;
    let pruned = prune(world, greedy, later);
    assert_eq!((pruned.received, pruned.sent), (0, 0));
    for entry in [open, waiting, dead, parked] {
        assert!(has_content(world, entry));
    }
    let messages = [1, 2, 3].map(|id| world.store.outbound(&Viewer::Operator, outbound_id(id, 1)));
    for message in messages {
        assert!(message.wait().unwrap().unwrap().body.is_some());
    }
}

pub(crate) fn contents_of_what_was_settled_go(world: &World) {
    let entry = accept(world, 1);
    close(world, 1);
    stop(world, 1);
    let keep = prune(world, Retention::default(), noon() + days(90));
    assert_eq!(keep, Pruned::default());
    assert_eq!(world.store.tally().wait().unwrap().bytes, 5 + 16);
    let gone = prune(world, Retention::default(), noon() + days(91));
    assert_eq!((gone.received, gone.sent, gone.entries), (1, 1, 0));
    assert_eq!(world.store.tally().wait().unwrap().bytes, 0);
    assert!(!has_content(world, entry));
    let stored = world.store.entry(&Viewer::Operator, entry).wait().unwrap();
    assert_eq!(stored.unwrap().length, 5);
    let message = world.store.outbound(&Viewer::Operator, outbound_id(1, 1));
    let message = message.wait().unwrap().unwrap();
    assert_eq!(message.body, None);
    assert!(message.facts.is_empty());
    assert_eq!(message.numbers[0].value, 1);
}

pub(crate) fn keys_outlive_contents(world: &World) {
    let first = accept(world, 1);
    close(world, 1);
    stop(world, 1);
    prune(world, Retention::default(), noon() + days(399));
    let mut again = bare();
    again.key = Some(once("k1", "hello"));
    match world.store.commit(again).wait().unwrap() {
        Outcome::Repeated(seen) => {
            assert_eq!(seen.entry, first);
            assert_eq!(seen.answer, Some(Body::inline(&b"thanks"[..])));
        }
        Outcome::Committed(_) => panic!("the key is still known"),
    }
    let gone = prune(world, Retention::default(), noon() + days(401));
    assert_eq!(gone.entries, 3);
    assert!(!exists(world, first));
    assert_eq!(world.store.seen(once("k1", "").key).wait().unwrap(), None);
    let number = world
        .store
        .numbered(&Viewer::Operator, &crate::world::series("isa13"), 1);
    assert_eq!(number.wait().unwrap(), None);
    // Numbers go on all the same: none is used twice.
    let mut next = bare();
    next.outbound.push(outbound(outbound_id(9, 1), "next"));
    assert_eq!(world.commit(next).outbound[0][0].value, 2);
}

/// ROB-010.
pub(crate) fn keys_are_never_kept_for_less_than_thirty_days(world: &World) {
    let impatient = Retention {
        contents: days(0),
        keys: days(0),
        ..Retention::default()
    };
    let mut entry = bare();
    entry.key = Some(once("k", "hello"));
    entry.received = Some(received("hello"));
    let id = world.commit(entry).entry;
    let pruned = prune(world, impatient, noon() + days(30));
    assert_eq!((pruned.received, pruned.entries), (1, 0));
    assert!(exists(world, id));
    assert_eq!(prune(world, impatient, noon() + days(31)).entries, 1);
}

pub(crate) fn the_oldest_go_when_there_is_too_much(world: &World) {
    let receive = |number: u64| {
        let mut entry = bare();
        entry.at = noon() + crate::world::minutes(number);
        entry.received = Some(received(&"x".repeat(100)));
        world.commit(entry).entry
    };
    let entries: Vec<EntryId> = (0..10).map(receive).collect();
    let tight = Retention {
        most_bytes: Some(350),
        ..Retention::default()
    };
    assert_eq!(prune(world, tight, noon() + days(1)).received, 7);
    let left: Vec<bool> = entries.iter().map(|entry| has_content(world, *entry)).collect();
    assert_eq!(left.iter().filter(|left| **left).count(), 3);
    assert!(left[7..].iter().all(|left| *left));
}

pub(crate) fn folios_go_with_their_last_entry(world: &World) {
    accept(world, 1);
    stop(world, 1);
    let mut late = bare();
    late.at = noon() + days(300);
    late.folios.push(FolioChange {
        open: false,
        keep_past: true,
        handles: Some(vec![cartage::ledger::entry::Handle::of(
            &tenant("mercy"),
            "id",
            b"1",
        )]),
        ..change(folio(1), Some(version(1)), "closed")
    });
    world.commit(late);
    let folio_there = || {
        world
            .store
            .folio(&Viewer::Operator, folio(1))
            .wait()
            .unwrap()
            .is_some()
    };
    assert_eq!(prune(world, Retention::default(), noon() + days(401)).folios, 0);
    assert!(folio_there());
    assert_eq!(prune(world, Retention::default(), noon() + days(701)).folios, 1);
    assert!(!folio_there());
    // Nothing is left of it: its number can be new again, and so can its handle.
    let mut anew = bare();
    anew.unused
        .push(cartage::ledger::entry::Handle::of(&tenant("mercy"), "id", b"1"));
    anew.folios.push(change(folio(1), None, "anew"));
    world.commit(anew);
    let versions = world.store.versions(&Viewer::Operator, folio(1), None, 10);
    assert_eq!(versions.wait().unwrap().len(), 1);
}

pub(crate) fn blobs_go_with_the_last_reference(world: &World) {
    let mut writer = world.blobs.create(&tenant("mercy"));
    writer.write(&vec![b'x'; 20_000]).wait().unwrap();
    let kept = writer.finish().wait().unwrap();
    let Part::Blob(blob) = kept.part.clone() else {
        panic!("it is too long to be kept inline")
    };
    for id in [1, 2] {
        let mut entry = bare();
        entry.at = noon() + days(id);
        entry.received = Some(received(""));
        entry.received.as_mut().unwrap().body = Body {
            parts: vec![kept.part.clone()],
        };
        world.commit(entry);
    }
    let read = || read_whole(&*world.blobs, &blob, 1 << 20);
    assert_eq!(world.store.tally().wait().unwrap().bytes, 40_000);
    assert_eq!(
        prune(world, Retention::default(), noon() + days(91) + days(1)).received,
        1
    );
    assert_eq!(read().unwrap().len(), 20_000);
    assert_eq!(prune(world, Retention::default(), noon() + days(93)).received, 1);
    assert!(read().is_err());
    assert!(world.store.discarded(10).wait().unwrap().is_empty());
}

pub(crate) fn the_audit_is_pruned_and_still_proves_itself(world: &World) {
    for day in [0, 1, 3000, 3001] {
        let mut entry = bare();
        entry.at = noon() + days(day);
        entry.audit.push(AuditEvent {
            tenant: tenant("mercy"),
            content: format!("day {day}").into_bytes().into(),
        });
        world.commit(entry);
    }
    let pruned = prune(world, Retention::default(), noon() + days(3002));
    assert_eq!(pruned.audit, 2);
    let report = world.store.verify_audit().wait().unwrap();
    assert_eq!((report.events, report.faults.len()), (2, 0));
    prune(world, Retention::default(), noon() + days(9000));
    let mut entry = bare();
    entry.audit.push(AuditEvent {
        tenant: tenant("mercy"),
        content: b"after all"[..].into(),
    });
    world.commit(entry);
    let events = world.store.audit(&Viewer::Operator, None, 10).wait().unwrap();
    assert_eq!(events[0].id.number, 5);
    assert!(world.store.verify_audit().wait().unwrap().faults.is_empty());
}

/// ROB-021: entries that were stored while the clock was wrong do not keep the others for ever.
pub(crate) fn a_time_to_come_holds_nothing_up(world: &World) {
    let mut odd = bare();
    odd.at = noon() + days(3650);
    odd.received = Some(received("odd"));
    world.commit(odd);
    let mut even = bare();
    even.received = Some(received("even"));
    world.commit(even);
    let pruned = prune(world, Retention::default(), noon() + days(500));
    assert_eq!((pruned.received, pruned.entries), (1, 1));
    let pruned = prune(world, Retention::default(), noon() + days(3650 + 500));
    assert_eq!((pruned.received, pruned.entries), (1, 1));
}
