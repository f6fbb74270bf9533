//! What exchanges wait for, and how long (ROB-021, GW-34, GW-35).

use cartage::exchange::event::HandOver;
use cartage::exchange::event::Request;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Kind;
use cartage::exchange::terms::Assembly;
use cartage::exchange::terms::Terms;

use crate::scene::DAY;
use crate::scene::HOUR;
use crate::scene::MINUTE;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::delivery;
use crate::scene::due;
use crate::scene::part;
use crate::scene::receipt;
use crate::scene::refused;
use crate::scene::request;
use crate::scene::start;

fn asked(terms: Terms, request: Request) -> Scene {
    let mut scene = Scene::under(terms);
    scene.take(What::Requested(request));
    scene
}

/// ROB-021.
#[test]
fn a_time_that_has_not_come_ends_nothing() {
    let mut scene = asked(Terms::default(), request(1));
    scene.take(accepted(0));
    scene.pass(29 * DAY);
    scene.refuse(What::Elapsed(Timer::Deadline), Refusal::TooEarly);
    scene.refuse(What::Elapsed(Timer::Hold), Refusal::NoSuchTimer);
}

#[test]
fn the_final_deadline_is_the_time_of_grace_after_the_due_date_or_the_request() {
    let terms = Terms::default;
    let deadline = |due| asked(terms(), Request { due, ..request(1) }).exchange.deadline();
    assert_eq!(deadline(Some(due())), Some(due().after(14 * DAY)));
    let past = cartage::exchange::moment::Moment::from_millis(1);
    assert_eq!(
        deadline(Some(past)),
        Some(start().after(14 * DAY)),
        "it was due before it came"
    );
    assert_eq!(deadline(None), Some(start().after(90 * DAY)));
}

#[test]
fn who_has_to_act_has_the_time_of_grace_and_no_less_than_there_was() {
    let mut early = asked(Terms::default(), request(1));
    early.take(What::Submitted(part(0, true)));
    early.take(refused(1));
    assert_eq!(early.exchange.deadline(), Some(due().after(14 * DAY)));

    let mut late = asked(Terms::default(), request(1));
    late.pass(40 * DAY);
    late.take(What::Submitted(part(0, true)));
    late.take(refused(1));
    assert_eq!(late.exchange.deadline(), Some(late.now.after(14 * DAY)));
}

#[test]
fn more_parts_do_not_lengthen_the_wait_for_stragglers() {
    let terms = Terms {
        assembly: Assembly::Whole,
        stragglers: 30 * MINUTE,
        ..Terms::default()
    };
    let mut scene = asked(terms, request(5));
    scene.take(What::Submitted(part(0, true)));
    scene.pass(20 * MINUTE);
    scene.take(What::Submitted(part(1, false)));
    assert_eq!(scene.live(10 * MINUTE), [Timer::Settle]);
    scene.stands(Kind::Delivering);
}

#[test]
fn more_parts_lengthen_the_quiet_that_stands_for_a_last() {
    let mut scene = asked(Terms::default(), request(1));
    scene.take(What::Submitted(part(0, false)));
    scene.pass(20 * MINUTE);
    scene.take(What::Submitted(part(1, false)));
    assert_eq!(scene.live(23 * HOUR), []);
    assert_eq!(scene.live(HOUR), [Timer::Settle]);
}

#[test]
fn the_acknowledgement_of_a_request_is_awaited_until_the_source_shows_that_it_has_it() {
    let mut scene = asked(
        Terms {
            hand_over: 9 * DAY,
            ..Terms::default()
        },
        request(1),
    );
    scene.take(receipt(0, Rung::Transport, Verdict::Accepted));
    let awaited = Timer::Receipt(delivery(0));
    assert_eq!(scene.exchange.wakes(), Some((start().after(2 * DAY), awaited)));
    let mut told = scene.clone();
    assert_eq!(told.live(3 * DAY), [awaited]);
    scene.take(What::PickedUp);
    assert!(scene.exchange.timers().iter().all(|(timer, _)| *timer != awaited));
}

#[test]
fn a_request_that_is_shown_waits_to_be_fetched() {
    let shown = Request {
        hand_over: HandOver::Shown,
        ..request(1)
    };
    let mut scene = asked(Terms::default(), shown);
    assert_eq!(scene.live(2 * DAY), [Timer::HandOver]);
    assert_eq!(scene.live(2 * DAY), [], "it is told once");
}
