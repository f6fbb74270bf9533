//! Entries, their keys and what is refused.

use std::sync::Arc;
use std::thread;

use cartage::ledger::body::Body;
use cartage::ledger::digest::Digest;
use cartage::ledger::entry::AuditEvent;
use cartage::ledger::entry::Direction;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::Key;
use cartage::ledger::entry::Once;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::AuditId;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::StoredEntry;
use cartage::ledger::found::StoredReceived;
use cartage::ledger::found::Tally;
use cartage::ledger::ids::EntryId;
use cartage::ledger::ids::Viewer;

use crate::world::World;
use crate::world::bare;
use crate::world::change;
use crate::world::folio;
use crate::world::minutes;
use crate::world::noon;
use crate::world::number;
use crate::world::once;
use crate::world::outbound;
use crate::world::outbound_id;
use crate::world::received;
use crate::world::tenant;
use crate::world::text;
use crate::world::version;
use crate::world::viewer;

/// An entry that has some of everything.
fn whole() -> Entry {
    let mut entry = bare();
    entry.key = Some(once("k", "hello"));
    entry.received = Some(received("hello"));
    entry.folios.push(change(folio(7), None, "asked"));
    entry.about.push(folio(9));
    entry.outbound.push(outbound(outbound_id(7, 1), "one"));
    entry.outbound.push(outbound(outbound_id(7, 2), "two"));
    entry.audit.push(AuditEvent {
        tenant: tenant("mercy"),
        content: b"received"[..].into(),
    });
    entry.answer = Some(Body::inline(&b"thanks"[..]).into());
    entry
}

pub(crate) fn an_entry_comes_back_as_it_was(world: &World) {
    let mut earlier = bare();
    earlier.audit = whole().audit;
    world.commit(earlier);
    let receipt = world.commit(whole());
    let expected = StoredEntry {
        id: receipt.entry,
        tenant: tenant("mercy"),
        at: noon(),
        received: Some(StoredReceived {
            body: Body::inline(&b"hello"[..]),
            facts: b"facts"[..].into(),
            decision: b"decision"[..].into(),
        }),
        length: 5,
        content: Some(Digest::of(b"hello")),
        answer: Some(Body::inline(&b"thanks"[..])),
        parked: None,
        folios: vec![folio(7), folio(9)],
        outbound: vec![outbound_id(7, 1), outbound_id(7, 2)],
        audit: Some((AuditId { chain: 0, number: 2 }, 1)),
    };
    let stored = world.store.entry(&viewer("mercy"), receipt.entry).wait();
    assert_eq!(stored.unwrap(), Some(expected));
    let tally = Tally {
        entries: 2,
        folios: 1,
        waiting: 2,
        dead: 0,
        parked: 0,
        bytes: 5 + 2 * 17,
    };
    assert_eq!(world.store.tally().wait().unwrap(), tally);
}

pub(crate) fn a_repetition_gets_the_first_answer_byte_for_byte(world: &World) {
    let mut first = whole();
    let mut answer = cartage::ledger::body::Draft::from(Body::inline(&b"TA1*000000000~"[..]));
    answer.numbers.push(number("isa13", 9, 1, 4));
    first.answer = Some(answer);
    let receipt = world.commit(first.clone());
    let told = receipt.answer.unwrap().body;
    assert_eq!(text(&told), "TA1*000000003~");
    first.at = noon() + minutes(5);
    first.folios.clear();
    match world.store.commit(first).wait().unwrap() {
        Outcome::Repeated(seen) => {
            assert_eq!(seen.entry, receipt.entry);
            assert_eq!(seen.at, noon());
            assert_eq!(seen.answer, Some(told));
        }
        Outcome::Committed(_) => panic!("it is the same message"),
    }
    assert_eq!(world.store.tally().wait().unwrap().entries, 1);
    let seen = world.store.seen(once("k", "").key).wait().unwrap().unwrap();
    assert_eq!(seen.content, Digest::of(b"hello"));
    assert_eq!(world.store.seen(once("other", "").key).wait().unwrap(), None);
}

pub(crate) fn the_same_key_with_other_content_is_a_conflict(world: &World) {
    let receipt = world.commit(whole());
    let mut other = bare();
    other.key = Some(once("k", "altered"));
    other.received = Some(received("altered"));
    let refusal = world.store.commit(other).wait().unwrap_err();
    assert!(matches!(refusal, LedgerError::Conflict { first } if first == receipt.entry));
    let stored = world.store.entry(&viewer("mercy"), receipt.entry).wait();
    assert_eq!(text(&stored.unwrap().unwrap().received.unwrap().body), "hello");
}

pub(crate) fn keys_of_two_directions_and_pairs_are_different(world: &World) {
    let [mercy, payer, other] = ["mercy", "payer", "other"].map(tenant);
    for (from, to, direction) in [
        (&mercy, &payer, Direction::Inbound),
        (&mercy, &payer, Direction::Outbound),
        (&payer, &mercy, Direction::Inbound),
        (&mercy, &other, Direction::Inbound),
    ] {
        let mut entry = bare();
        entry.key = Some(Once {
            key: Key::of(from, to, direction, &[b"000000001"]),
            content: Digest::of(format!("{from}{to}").as_bytes()),
        });
        world.commit(entry);
    }
    assert_eq!(world.store.tally().wait().unwrap().entries, 4);
}

/// ROB-010: one to five copies over eight connections.
pub(crate) fn copies_at_the_same_time_are_stored_once(world: &World) {
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&world.store);
            thread::spawn(move || {
                let answers = (0..50).map(|number| {
                    let mut entry = bare();
                    entry.key = Some(once(&format!("k{number}"), "same"));
                    entry.received = Some(received("same"));
                    entry.answer = Some(Body::inline(format!("answer {number}").into_bytes()).into());
                    store.commit(entry)
                });
                let answers: Vec<_> = answers.collect();
                let answers = answers.into_iter().map(|answer| answer.wait().unwrap());
                answers.collect::<Vec<_>>()
            })
        })
        .collect();
    let mut committed = 0;
    for sender in senders {
        for (number, outcome) in sender.join().unwrap().into_iter().enumerate() {
            let answer = match outcome {
                Outcome::Committed(receipt) => {
                    committed += 1;
                    receipt.answer.unwrap().body
                }
                Outcome::Repeated(seen) => seen.answer.unwrap(),
            };
            assert_eq!(text(&answer), format!("answer {number}"));
        }
    }
    assert_eq!(committed, 50);
    assert_eq!(world.store.tally().wait().unwrap().entries, 50);
}

pub(crate) fn a_refusal_leaves_no_trace(world: &World) {
    world.commit(whole());
    let before = world.store.tally().wait().unwrap();
    let mut entry = whole();
    entry.key = Some(once("new", "hello"));
    entry.folios = vec![
        change(folio(8), None, "new"),
        change(folio(7), Some(version(5)), "stale"),
    ];
    entry.outbound = vec![outbound(outbound_id(8, 1), "never")];
    let refusal = world.store.commit(entry).wait().unwrap_err();
    assert!(
        matches!(refusal, LedgerError::Stale { folio: id, found } if id == folio(7) && found == Some(version(1)))
    );
    assert_eq!(world.store.tally().wait().unwrap(), before);
    assert_eq!(world.store.seen(once("new", "").key).wait().unwrap(), None);
    assert_eq!(
        world.store.folio(&Viewer::Operator, folio(8)).wait().unwrap(),
        None
    );
    let audit = world.store.audit(&Viewer::Operator, None, 10).wait().unwrap();
    assert_eq!(audit.len(), 1);
    // The number that the refused message would have had is given to the next one.
    let mut next = bare();
    next.outbound.push(outbound(outbound_id(8, 1), "next"));
    assert_eq!(world.commit(next).outbound[0][0].value, 3);
}

pub(crate) fn an_entry_that_is_not_well_formed_is_refused(world: &World) {
    let refuse = |entry: Entry| {
        let refusal = world.store.commit(entry).wait().unwrap_err();
        assert!(matches!(refusal, LedgerError::Malformed(_)), "{refusal:?}");
    };
    let mut twice = bare();
    twice.folios = vec![change(folio(1), None, "a"), change(folio(1), None, "b")];
    refuse(twice);
    let mut twice = bare();
    twice.outbound = vec![outbound(outbound_id(1, 1), "a"), outbound(outbound_id(1, 1), "b")];
    refuse(twice);
    let mut long = bare();
    long.received = Some(received(&"x".repeat(8193)));
    refuse(long);
    let mut misplaced = bare();
    let mut message = outbound(outbound_id(1, 1), "a");
    message.draft.numbers[0].places[0].offset = 100;
    misplaced.outbound.push(message);
    refuse(misplaced);
    assert_eq!(world.store.tally().wait().unwrap().entries, 0);
}

pub(crate) fn entries_of_a_folio_come_in_order(world: &World) {
    let ids: Vec<_> = (0..5)
        .map(|_| {
            let mut entry = bare();
            entry.about = vec![folio(4)];
            world.commit(entry).entry
        })
        .collect();
    world.commit(bare());
    let about = |after, most| {
        let found = world.store.entries_about(&viewer("mercy"), folio(4), after, most);
        found.wait().unwrap()
    };
    assert_eq!(about(None, 10), ids);
    assert_eq!(about(Some(ids[1]), 2), ids[2..4]);
    assert!(ids.is_sorted());
}

pub(crate) fn the_newest_entries_come_first(world: &World) {
    let ids: Vec<EntryId> = (0..5).map(|_| world.commit(bare()).entry).collect();
    let latest = |before, most| {
        let latest = world.store.latest(&viewer("mercy"), before, most);
        latest.wait().unwrap()
    };
    assert_eq!(latest(None, 2), [ids[4], ids[3]]);
    assert_eq!(latest(Some(ids[3]), 2), [ids[2], ids[1]]);
    assert_eq!(latest(Some(ids[1]), 9), [ids[0]]);
    assert!(latest(Some(ids[0]), 9).is_empty());
    let strange = world.store.latest(&viewer("stranger"), None, 9).wait().unwrap();
    assert!(strange.is_empty());
    assert_eq!(
        world
            .store
            .latest(&Viewer::Operator, None, 9)
            .wait()
            .unwrap()
            .len(),
        5
    );
}

pub(crate) fn what_is_parked_waits_for_a_person(world: &World) {
    let mut parked = bare();
    parked.received = Some(received("whose is it"));
    parked.parked = Some(b"no route"[..].into());
    let id = world.commit(parked).entry;
    let list = || world.store.parked(&viewer("mercy"), None, 10).wait().unwrap();
    assert_eq!(list(), [id]);
    assert_eq!(world.store.tally().wait().unwrap().parked, 1);
    let stored = world.store.entry(&viewer("mercy"), id).wait().unwrap().unwrap();
    assert_eq!(stored.parked.unwrap().as_bytes(), b"no route");
    let mut decided = bare();
    decided.unparked.push(id);
    world.commit(decided);
    assert!(list().is_empty());
}

pub(crate) fn nobody_sees_the_entries_of_others(world: &World) {
    let mut entry = whole();
    entry.parked = Some(b"why"[..].into());
    let id = world.commit(entry).entry;
    for stranger in [viewer("payer"), viewer("stranger")] {
        assert_eq!(world.store.entry(&stranger, id).wait().unwrap(), None);
        let about = world.store.entries_about(&stranger, folio(7), None, 10);
        assert!(about.wait().unwrap().is_empty());
        assert!(world.store.parked(&stranger, None, 10).wait().unwrap().is_empty());
    }
    assert!(world.store.entry(&Viewer::Operator, id).wait().unwrap().is_some());
}
