//! Control numbers (ROB-011).

use cartage::ledger::body::Body;
use cartage::ledger::body::Draft;
use cartage::ledger::body::Number;
use cartage::ledger::ids::Series;
use cartage::ledger::ids::Viewer;

use crate::world::World;
use crate::world::bare;
use crate::world::minutes;
use crate::world::noon;
use crate::world::number;
use crate::world::outbound;
use crate::world::outbound_id;
use crate::world::series;
use crate::world::tenant;
use crate::world::text;
use crate::world::viewer;

/// Commits messages of folio 1 with these numbers; the control numbers that they got.
fn send(world: &World, messages: &[u32]) -> Vec<u64> {
    let mut entry = bare();
    for message in messages {
        entry.outbound.push(outbound(outbound_id(1, *message), "x"));
    }
    let receipt = world.commit(entry);
    receipt.outbound.iter().map(|numbers| numbers[0].value).collect()
}

pub(crate) fn control_numbers_are_unique_and_rise(world: &World) {
    assert_eq!(send(world, &[1, 2]), [1, 2]);
    assert_eq!(send(world, &[3]), [3]);
    let stored = world.store.outbound(&viewer("mercy"), outbound_id(1, 3)).wait();
    let stored = stored.unwrap().unwrap();
    assert_eq!(text(&stored.body.unwrap()), "ISA*000000003*x");
    let expected = Number {
        series: series("isa13"),
        value: 3,
    };
    assert_eq!(stored.numbers, [expected]);
}

pub(crate) fn a_number_stays_with_its_message(world: &World) {
    send(world, &[1]);
    for attempt in 1..=3 {
        let now = noon() + minutes(attempt * 10);
        world.clock.advance(minutes(10));
        let claimed = world.claim("payer-core", now);
        assert_eq!(claimed.len(), 1);
        assert_eq!(text(claimed[0].message.body.as_ref().unwrap()), "ISA*000000001*x");
    }
}

pub(crate) fn series_are_counted_apart(world: &World) {
    send(world, &[1, 2, 3]);
    let mut entry = bare();
    let mut message = outbound(outbound_id(1, 9), "x");
    message.draft.numbers[0].series = Series {
        partner: tenant("other"),
        ..series("isa13")
    };
    message.draft.numbers.push(number("gs06", 9, 100_000_000, 4));
    entry.outbound.push(message);
    let numbers = &world.commit(entry).outbound[0];
    assert_eq!(numbers[0].value, 1);
    assert_eq!(numbers[1].value, 100_000_000);
}

pub(crate) fn numbers_start_again_after_the_last(world: &World) {
    let take = |message| {
        let mut entry = bare();
        let mut draft = outbound(outbound_id(1, message), "x");
        draft.draft.numbers = vec![number("st02", 1, 7, 4)];
        entry.outbound.push(draft);
        world.commit(entry).outbound[0][0].value
    };
    let taken: Vec<u64> = (1..=7).map(take).collect();
    assert_eq!(taken, [7, 8, 9, 7, 8, 9, 7]);
    // The last message that carries the number is meant.
    let found = world.store.numbered(&viewer("payer"), &series("st02"), 8).wait();
    assert_eq!(found.unwrap(), Some(outbound_id(1, 5)));
}

pub(crate) fn an_answer_gets_numbers_too(world: &World) {
    send(world, &[1]);
    let mut entry = bare();
    let mut draft = Draft::from(Body::inline(&b"ISA*000000000~"[..]));
    draft.numbers.push(number("isa13", 9, 1, 4));
    entry.answer = Some(draft);
    let receipt = world.commit(entry);
    let answer = receipt.answer.unwrap();
    assert_eq!(text(&answer.body), "ISA*000000002~");
    assert_eq!(answer.numbers[0].value, 2);
    let stored = world.store.entry(&viewer("mercy"), receipt.entry).wait();
    assert_eq!(stored.unwrap().unwrap().answer, Some(answer.body));
    assert_eq!(send(world, &[2]), [3]);
}

pub(crate) fn a_message_is_found_by_its_number(world: &World) {
    send(world, &[1, 2]);
    let find = |viewer: &Viewer, value| {
        let found = world.store.numbered(viewer, &series("isa13"), value);
        found.wait().unwrap()
    };
    assert_eq!(find(&viewer("payer"), 2), Some(outbound_id(1, 2)));
    assert_eq!(find(&viewer("mercy"), 1), Some(outbound_id(1, 1)));
    assert_eq!(find(&viewer("stranger"), 1), None);
    assert_eq!(find(&Viewer::Operator, 3), None);
    assert_eq!(find(&Viewer::Operator, u64::MAX), None);
    let unknown = world.store.numbered(&Viewer::Operator, &series("gs06"), 1);
    assert_eq!(unknown.wait().unwrap(), None);
}
