//! The outbox: claims, leases, verdicts, dead letters (ROB-014, ROB-016).

use cartage::ledger::entry::Destination;
use cartage::ledger::entry::Lease;
use cartage::ledger::entry::Move;
use cartage::ledger::entry::Settlement;
use cartage::ledger::entry::Verdict;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Claim;
use cartage::ledger::found::LaneState;
use cartage::ledger::found::Standing;
use cartage::ledger::found::StoredOutbound;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::OutboundId;
use cartage::ledger::ids::Viewer;

use crate::world::World;
use crate::world::bare;
use crate::world::days;
use crate::world::minutes;
use crate::world::noon;
use crate::world::outbound;
use crate::world::outbound_id;
use crate::world::tenant;
use crate::world::trouble;
use crate::world::viewer;

/// Stores messages of folio 1: their numbers, and how many minutes after noon each is due.
fn store(world: &World, messages: &[(u32, u64)]) {
    let mut entry = bare();
    for (number, due) in messages {
        let mut message = outbound(outbound_id(1, *number), "x");
        message.due = noon() + minutes(*due);
        entry.outbound.push(message);
    }
    world.commit(entry);
}

/// Claims at so many minutes after noon; the numbers of the messages.
fn claim(world: &World, at: u64) -> Vec<u32> {
    let claimed = world.claim("payer-core", noon() + minutes(at));
    claimed.iter().map(|claimed| claimed.message.id.number).collect()
}

fn lease(world: &World) -> Lease {
    world.claim("payer-core", noon() + minutes(60))[0].lease
}

fn settle(world: &World, lease: Lease, verdict: Verdict) -> Result<(), LedgerError> {
    let mut entry = bare();
    entry.settled.push(Settlement { lease, verdict });
    world.store.commit(entry).wait().map(|_| ())
}

fn shift(world: &World, outbound: OutboundId, to: Destination) -> Result<(), LedgerError> {
    let mut entry = bare();
    entry.moved.push(Move { outbound, to });
    world.store.commit(entry).wait().map(|_| ())
}

fn message(world: &World, number: u32) -> StoredOutbound {
    let found = world.store.outbound(&Viewer::Operator, outbound_id(1, number));
    found.wait().unwrap().unwrap()
}

pub(crate) fn messages_are_given_out_when_they_are_due(world: &World) {
    store(world, &[(1, 5), (2, 1), (3, 1), (4, 9)]);
    assert!(claim(world, 0).is_empty());
    assert_eq!(claim(world, 5), [2, 3, 1]);
    assert!(world.claim("elsewhere", noon() + days(1)).is_empty());
    let message = message(world, 2);
    assert_eq!((message.attempts, message.standing), (1, Standing::Waiting));
    assert_eq!(message.expires, noon() + days(3));
    assert_eq!(message.facts.as_bytes(), b"how");
}

pub(crate) fn a_claimed_message_is_given_to_nobody_else(world: &World) {
    store(world, &[(1, 0), (2, 0), (3, 0)]);
    let most = |most| {
        let claim = Claim {
            spent_by: None,
            lane: LaneId::parse("payer-core").unwrap(),
            now: noon(),
            most,
            lease: minutes(1),
        };
        let claimed = world.store.claim(claim).wait().unwrap();
        claimed
            .iter()
            .map(|one| one.message.id.number)
            .collect::<Vec<_>>()
    };
    assert!(most(0).is_empty());
    assert_eq!(most(2), [1, 2]);
    assert_eq!(most(2), [3]);
    assert!(most(2).is_empty());
}

pub(crate) fn a_lease_runs_out(world: &World) {
    store(world, &[(1, 0)]);
    let first = lease(world);
    assert!(claim(world, 60).is_empty());
    // A jump of the time of day ends no lease (ROB-021).
    world.clock.set(noon() + days(3650));
    assert!(claim(world, 60).is_empty());
    world.clock.advance(minutes(1));
    let second = lease(world);
    assert_eq!(message(world, 1).attempts, 2);
    let late = settle(world, first, Verdict::Delivered).unwrap_err();
    assert!(matches!(late, LedgerError::LeaseLost(id) if id == outbound_id(1, 1)));
    settle(world, second, Verdict::Delivered).unwrap();
}

pub(crate) fn a_lease_that_ran_out_still_tells_the_truth_if_nobody_else_was_sent(world: &World) {
    store(world, &[(1, 0)]);
    let lease = lease(world);
    world.clock.advance(minutes(5));
    settle(world, lease, Verdict::Delivered).unwrap();
    assert_eq!(message(world, 1).standing, Standing::Delivered);
}

pub(crate) fn what_was_delivered_is_not_sent_again(world: &World) {
    store(world, &[(1, 0)]);
    let lease = lease(world);
    settle(world, lease, Verdict::Delivered).unwrap();
    world.clock.advance(days(1));
    assert!(claim(world, 600).is_empty());
    let again = settle(world, lease, Verdict::Delivered).unwrap_err();
    assert!(matches!(again, LedgerError::LeaseLost(_)));
    assert!(world.store.lanes().wait().unwrap().is_empty());
}

pub(crate) fn a_failed_attempt_is_tried_again_later(world: &World) {
    store(world, &[(1, 0)]);
    let retry = Verdict::Retry {
        due: noon() + minutes(90),
        trouble: trouble("status-503"),
    };
    settle(world, lease(world), retry).unwrap();
    // The lease is over, and the message is not due yet.
    assert!(claim(world, 89).is_empty());
    let waiting = message(world, 1);
    assert_eq!(waiting.trouble, Some(trouble("status-503")));
    assert_eq!((waiting.attempts, waiting.due), (1, noon() + minutes(90)));
    assert_eq!(claim(world, 90), [1]);
}

pub(crate) fn a_dead_letter_is_kept_and_can_be_revived(world: &World) {
    store(world, &[(1, 0), (2, 0)]);
    let dead = Verdict::Dead {
        trouble: trouble("status-422"),
    };
    settle(world, lease(world), dead).unwrap();
    let letter = message(world, 1);
    assert_eq!(letter.standing, Standing::Dead);
    assert_eq!(letter.trouble, Some(trouble("status-422")));
    assert!(letter.body.is_some());
    assert_eq!(world.store.tally().wait().unwrap().dead, 1);
    let revive = Destination::Waiting {
        due: noon() + minutes(100),
        expires: noon() + days(9),
    };
    shift(world, outbound_id(1, 1), revive.clone()).unwrap();
    // Reviving it once more changes nothing (ROB-016).
    shift(world, outbound_id(1, 1), revive).unwrap();
    let waiting = message(world, 1);
    assert_eq!((waiting.standing, waiting.attempts), (Standing::Waiting, 0));
    assert_eq!(waiting.expires, noon() + days(9));
    world.clock.advance(minutes(5));
    assert_eq!(claim(world, 100), [2, 1]);
}

pub(crate) fn only_the_spent_are_given_out_if_that_is_asked(world: &World) {
    let mut entry = bare();
    for (number, life) in [(1, 9), (2, 3), (3, 4), (4, 5)] {
        let mut message = outbound(outbound_id(1, number), "x");
        message.expires = noon() + days(life);
        entry.outbound.push(message);
    }
    world.commit(entry);
    let claim = Claim {
        spent_by: Some(noon() + days(4)),
        lane: LaneId::parse("payer-core").unwrap(),
        now: noon() + days(1),
        most: 10,
        lease: minutes(1),
    };
    let claimed = world.store.claim(claim).wait().unwrap();
    let numbers: Vec<_> = claimed.iter().map(|one| one.message.id.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(message(world, 1).attempts, 0, "who is young is left alone");
    assert_eq!(self::claim(world, 24 * 60), [1, 4]);
}

pub(crate) fn a_stopped_message_is_not_sent(world: &World) {
    store(world, &[(1, 0), (2, 0)]);
    let held = lease(world);
    for number in [1, 2] {
        shift(world, outbound_id(1, number), Destination::Stopped).unwrap();
    }
    // Whoever is sending it just now finds out when it is done.
    let lost = settle(world, held, Verdict::Delivered).unwrap_err();
    assert!(matches!(lost, LedgerError::LeaseLost(_)));
    world.clock.advance(days(1));
    assert!(claim(world, 60).is_empty());
    assert_eq!(message(world, 1).standing, Standing::Stopped);
}

pub(crate) fn what_cannot_be_moved_is_refused(world: &World) {
    store(world, &[(1, 0)]);
    settle(world, lease(world), Verdict::Delivered).unwrap();
    let dead = Destination::Dead {
        trouble: trouble("expired"),
    };
    let waiting = Destination::Waiting {
        due: noon(),
        expires: noon(),
    };
    for to in [Destination::Stopped, dead.clone(), waiting] {
        let refusal = shift(world, outbound_id(1, 1), to).unwrap_err();
        assert!(matches!(refusal, LedgerError::Immovable(_)));
    }
    let absent = shift(world, outbound_id(9, 9), Destination::Stopped).unwrap_err();
    assert!(matches!(absent, LedgerError::Immovable(_)));
    store(world, &[(2, 0)]);
    shift(world, outbound_id(1, 2), dead.clone()).unwrap();
    let twice = shift(world, outbound_id(1, 2), dead).unwrap_err();
    assert!(matches!(twice, LedgerError::Immovable(_)));
    shift(world, outbound_id(1, 2), Destination::Stopped).unwrap();
}

pub(crate) fn a_name_is_taken_once(world: &World) {
    store(world, &[(1, 0)]);
    let mut entry = bare();
    entry.outbound.push(outbound(outbound_id(1, 1), "again"));
    let refusal = world.store.commit(entry).wait().unwrap_err();
    assert!(matches!(refusal, LedgerError::Taken(id) if id == outbound_id(1, 1)));
}

pub(crate) fn lanes_tell_what_waits(world: &World) {
    let mut entry = bare();
    for (number, lane, due) in [(1, "zeta", 9), (2, "alpha", 5), (3, "alpha", 2), (4, "mid", 1)] {
        let mut message = outbound(outbound_id(1, number), "x");
        message.lane = LaneId::parse(lane).unwrap();
        message.due = noon() + minutes(due);
        entry.outbound.push(message);
    }
    world.commit(entry);
    shift(world, outbound_id(1, 4), Destination::Stopped).unwrap();
    let expected = [("alpha", 2), ("zeta", 9)].map(|(lane, due)| LaneState {
        lane: LaneId::parse(lane).unwrap(),
        due: noon() + minutes(due),
    });
    assert_eq!(world.store.lanes().wait().unwrap(), expected);
}

pub(crate) fn messages_are_listed_by_where_they_stand(world: &World) {
    store(world, &[(1, 0), (2, 0), (3, 0), (4, 0)]);
    shift(world, outbound_id(1, 3), Destination::Stopped).unwrap();
    let dead = Destination::Dead {
        trouble: trouble("expired"),
    };
    shift(world, outbound_id(1, 4), dead).unwrap();
    let list = |standing, lane: Option<&str>, after: Option<u32>, most| {
        let lane = lane.map(|lane| LaneId::parse(lane).unwrap());
        let after = after.map(|number| outbound_id(1, number));
        let found = world
            .store
            .standing(&viewer("mercy"), standing, lane.as_ref(), after, most);
        let found = found.wait().unwrap();
        found.iter().map(|id| id.number).collect::<Vec<_>>()
    };
    assert_eq!(list(Standing::Waiting, None, None, 10), [1, 2]);
    assert_eq!(list(Standing::Waiting, Some("payer-core"), Some(1), 10), [2]);
    assert_eq!(list(Standing::Waiting, None, None, 1), [1]);
    assert!(list(Standing::Waiting, Some("elsewhere"), None, 10).is_empty());
    assert_eq!(list(Standing::Stopped, None, None, 10), [3]);
    assert_eq!(list(Standing::Dead, None, None, 10), [4]);
    let of_folio = world.store.outbound_of(&viewer("mercy"), outbound_id(1, 1).folio);
    assert_eq!(of_folio.wait().unwrap().len(), 4);
}

/// SEC-005.
pub(crate) fn nobody_sees_or_moves_the_messages_of_others(world: &World) {
    store(world, &[(1, 0)]);
    let stranger = viewer("stranger");
    let id = outbound_id(1, 1);
    assert_eq!(world.store.outbound(&stranger, id).wait().unwrap(), None);
    assert!(
        world
            .store
            .outbound_of(&stranger, id.folio)
            .wait()
            .unwrap()
            .is_empty()
    );
    let listed = world.store.standing(&stranger, Standing::Waiting, None, None, 10);
    assert!(listed.wait().unwrap().is_empty());
    let mut entry = bare();
    entry.tenant = tenant("stranger");
    entry.moved.push(Move {
        outbound: id,
        to: Destination::Stopped,
    });
    let refusal = world.store.commit(entry).wait().unwrap_err();
    assert!(matches!(refusal, LedgerError::Immovable(_)));
    assert!(
        world
            .store
            .outbound(&viewer("payer"), id)
            .wait()
            .unwrap()
            .is_some()
    );
}
