//! ROB-012 and ROB-013: whatever comes in whatever order, and more than once, is delivered once and whole.

use cartage::exchange::delivery::Cargo;
use cartage::exchange::delivery::Delivery;
use cartage::exchange::delivery::Standing;
use cartage::exchange::effect::DeadReason;
use cartage::exchange::effect::Effect;
use cartage::exchange::effect::Outcome;
use cartage::exchange::effect::Side;
use cartage::exchange::effect::Taken;
use cartage::exchange::event::Move;
use cartage::exchange::event::Request;
use cartage::exchange::event::Submission;
use cartage::exchange::event::TaskHome;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Assembly;
use cartage::exchange::terms::Terms;

use crate::scene::DAY;
use crate::scene::MINUTE;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::assert_reply;
use crate::scene::moved;
use crate::scene::part;
use crate::scene::receipt;
use crate::scene::reply;
use crate::scene::request;
use crate::scene::unasked;

/// Every order of `0..count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for shorter in orders(count - 1) {
        for place in 0..count {
            let mut longer = shorter.clone();
            longer.insert(place, count - 1);
            all.push(longer);
        }
    }
    all
}

/// Every order of `0..count`, each with any one of them repeated anywhere after it came, and with all repeated.
fn orders_with_repeats(count: usize) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    for order in orders(count) {
        for first in 0..count {
            for place in first + 1..=count {
                let mut repeated = order.clone();
                repeated.insert(place, order[first]);
                all.push(repeated);
            }
        }
        let twice = order.iter().flat_map(|&number| [number, number]).collect();
        all.push(twice);
        all.push([order.as_slice(), order.as_slice()].concat());
        all.push(order);
    }
    all
}

#[test]
fn there_are_as_many_orders_as_there_should_be() {
    assert_eq!(orders(5).len(), 120);
    assert_eq!(orders_with_repeats(5).len(), 120 * (15 + 3));
}

/// Takes the parts in every order and checks that they are delivered once, in as many pieces as `pieces`.
#[track_caller]
fn check_parts(terms: &Terms, ask: Option<&Request>, parts: &[Submission], pieces: usize) {
    for order in orders_with_repeats(parts.len()) {
        let mut scene = Scene::under(terms.clone());
        if let Some(ask) = ask {
            scene.take(What::Requested(ask.clone()));
            scene.take(accepted(0));
        }
        let mut seen = Vec::new();
        for &number in &order {
            scene.pass(MINUTE);
            let effects = scene.take(What::Submitted(parts[number].clone()));
            let expected = if seen.contains(&number) {
                Taken::Repeat
            } else {
                Taken::Accepted
            };
            assert_eq!(reply(&effects).outcome, expected, "{order:?}");
            seen.push(number);
        }
        scene.live(terms.stragglers + terms.quiet);
        scene.stands(Kind::Delivering);
        let mut carried = Vec::new();
        let mut sent = 0;
        for delivery in scene.exchange.deliveries().to_vec() {
            let Cargo::Parts(parts) = &delivery.cargo else {
                continue;
            };
            assert_eq!(delivery.standing, Standing::Queued, "{order:?}");
            carried.extend(parts.iter().copied());
            sent += 1;
            assert_ne!(scene.exchange.kind(), Kind::Completed);
            scene.take(accepted(delivery.id.number()));
        }
        scene.stands(Kind::Completed);
        assert_eq!(sent, pieces, "{order:?}");
        let in_parts: Vec<_> = scene.exchange.parts().iter().map(|part| part.id).collect();
        assert_eq!(carried, in_parts, "{order:?}");
        assert_eq!(in_parts.len(), parts.len(), "{order:?}");
        assert_eq!(
            scene.sent().len(),
            pieces + usize::from(ask.is_some()),
            "{order:?}"
        );
    }
}

fn five(last: impl Fn(usize) -> bool) -> Vec<Submission> {
    (0..5).map(|number| part(number, last(number))).collect()
}

fn whole(stragglers: u32, quiet: u32) -> Terms {
    Terms {
        assembly: Assembly::Whole,
        stragglers: stragglers * MINUTE,
        quiet: quiet * MINUTE,
        ..Terms::default()
    }
}

#[test]
fn five_parts_that_were_asked_for_are_delivered_once_and_whole() {
    check_parts(&whole(10, 10), Some(&request(5)), &five(|number| number == 4), 1);
}

#[test]
fn five_parts_none_of_which_is_the_last_are_delivered_once_nothing_is_missing() {
    check_parts(&whole(10, 10), Some(&request(5)), &five(|_| false), 1);
}

#[test]
fn five_parts_that_nobody_asked_for_are_whole_by_their_numbers() {
    let counted: Vec<Submission> = (0..5)
        .map(|number| Submission {
            sequence: u32::try_from(number + 1).ok(),
            ..unasked(number, number == 4)
        })
        .collect();
    check_parts(&whole(10, 10), None, &counted, 1);
}

#[test]
fn five_parts_that_nobody_counts_wait_for_stragglers() {
    let uncounted: Vec<Submission> = (0..5).map(|number| unasked(number, number == 4)).collect();
    check_parts(&whole(30, 0), None, &uncounted, 1);
}

#[test]
fn five_parts_are_streamed_each_once() {
    let terms = Terms {
        assembly: Assembly::Streamed,
        ..whole(10, 10)
    };
    check_parts(&terms, Some(&request(5)), &five(|number| number == 4), 5);
}

#[test]
fn a_set_that_does_not_become_whole_is_moved_to_the_dead_letters_with_the_reason() {
    for order in orders(4) {
        let mut scene = Scene::under(whole(10, 10));
        for &number in &order {
            scene.take(What::Submitted(unasked(number, false)));
        }
        assert_eq!(scene.live(7 * DAY), [Timer::Deadline]);
        scene.stands(Kind::Failed);
        assert!(scene.sent().is_empty());
        let delivery = scene.exchange.deliveries()[0].clone();
        let carried = scene.exchange.parts().iter().map(|part| part.id).collect();
        assert_eq!(delivery.cargo, Cargo::Parts(carried));
        let why = DeadReason::SetExpired;
        let delivery = delivery.id;
        assert!(scene.effects.contains(&Effect::DeadLetter { delivery, why }));
        let outcome = Outcome::NotDelivered { delivery, why };
        let to = Side::Source;
        assert!(scene.effects.contains(&Effect::Report { to, outcome }));
    }
}

#[test]
fn acknowledgements_close_a_delivery_in_every_order_and_however_often() {
    let rungs = [
        Rung::Transport,
        Rung::Interchange,
        Rung::Functional,
        Rung::Application,
    ];
    for order in orders_with_repeats(4) {
        let mut scene = Scene::under(Terms::default());
        scene.take(What::Requested(request(1)));
        scene.take(What::Submitted(part(0, true)));
        for &number in &order {
            scene.take(receipt(1, rungs[number], Verdict::Accepted));
        }
        scene.stands(Kind::Completed);
        let delivered = scene.effects.iter().filter(|effect| {
            let outcome = Outcome::Accepted {
                delivery: crate::scene::delivery(1),
            };
            **effect
                == Effect::Report {
                    to: Side::Source,
                    outcome,
                }
        });
        assert_eq!(delivered.count(), 1, "{order:?}");
    }
}

#[test]
fn an_attachment_before_its_claim_is_held_and_joined() {
    let mut terms = Terms::default();
    terms.hold.for_claim = true;
    let mut scene = Scene::under(terms);
    let effects = scene.take(What::Submitted(unasked(0, true)));
    assert_reply(&effects, Taken::Held);
    assert!(scene.sent().is_empty());
    scene.pass(29 * DAY);
    scene.take(What::ClaimSeen);
    assert_eq!(scene.sent(), [0]);
    scene.take(accepted(0));
    scene.stands(Kind::Completed);
    assert_eq!(scene.exchange.task(), None);
}

#[test]
fn an_attachment_whose_claim_never_comes_is_a_dead_letter_that_can_be_sent_again() {
    let mut terms = Terms::default();
    terms.hold.for_claim = true;
    let mut scene = Scene::under(terms);
    scene.take(What::Submitted(unasked(0, true)));
    assert_eq!(scene.live(30 * DAY), [Timer::Hold]);
    scene.stands(Kind::Failed);
    let delivery = crate::scene::delivery(0);
    let why = DeadReason::HoldExpired;
    assert!(scene.effects.contains(&Effect::DeadLetter { delivery, why }));
    scene.take(What::Replayed { delivery });
    scene.stands(Kind::Delivering);
    scene.take(accepted(0));
    scene.stands(Kind::Completed);
}

#[test]
fn a_claim_or_a_request_that_comes_after_the_hold_joins_what_had_expired() {
    let expired = |submission: Submission| {
        let mut terms = Terms::default();
        terms.hold.for_claim = true;
        let mut scene = Scene::under(terms);
        scene.take(What::Submitted(submission));
        scene.live(31 * DAY);
        scene.stands(Kind::Failed);
        scene
    };
    let mut claimed = expired(unasked(0, true));
    let effects = claimed.take(What::ClaimSeen);
    let delivery = crate::scene::delivery(0);
    assert_eq!(effects, [Effect::Send { delivery }]);
    claimed.stands(Kind::Delivering);
    claimed.take(accepted(0));
    claimed.stands(Kind::Completed);

    let mut asked = expired(part(0, false));
    // More comes in the meantime and is held in its turn.
    assert_reply(&asked.take(What::Submitted(part(1, true))), Taken::Held);
    asked.take(What::Requested(request(2)));
    asked.stands(Kind::Delivering);
    assert_eq!(asked.sent(), [0, 1]);
    asked.take(accepted(0));
    asked.take(accepted(1));
    asked.task_is(TaskStatus::Completed, None);
}

#[test]
fn a_whole_answer_before_its_request_is_held_joined_and_not_asked_for_again() {
    let mut scene = Scene::under(Terms::default());
    assert_reply(&scene.take(What::Submitted(part(0, true))), Taken::Held);
    scene.pass(DAY);
    assert_reply(&scene.take(What::Requested(request(1))), Taken::Accepted);
    scene.stands(Kind::Delivering);
    assert_eq!(scene.history(), ["requested", "accepted", "in-progress"]);
    let sent = scene.exchange.deliveries();
    assert_eq!(sent.len(), 1, "the request is not sent");
    assert!(sent[0].carries_parts());
    scene.take(accepted(0));
    assert_eq!(scene.history().last(), Some(&"completed"));
}

#[test]
fn a_partial_answer_before_its_request_is_held_and_the_request_goes_out() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Submitted(part(0, false)));
    scene.take(What::Requested(request(2)));
    scene.stands(Kind::Working);
    let cargo: Vec<bool> = scene
        .exchange
        .deliveries()
        .iter()
        .map(Delivery::carries_parts)
        .collect();
    assert_eq!(cargo, [true, false]);
    scene.task_is(
        TaskStatus::InProgress,
        Some("parts received; outstanding: 18842-5 for line 1"),
    );
}

#[test]
fn a_task_that_moves_before_its_creation_is_acknowledged_was_handed_over() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(Request {
        task: TaskHome::Elsewhere,
        ..request(1)
    }));
    let effects = scene.take(moved(Move::InProgress));
    scene.stands(Kind::Working);
    assert!(effects.contains(&Effect::Stop {
        delivery: crate::scene::delivery(0)
    }));
    // The acknowledgement that was overtaken changes nothing more.
    scene.take(accepted(0));
    scene.stands(Kind::Working);
}

#[test]
fn an_answer_before_the_request_is_acknowledged_stops_its_sending() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(request(1)));
    scene.take(What::Faltered {
        delivery: crate::scene::delivery(0),
    });
    scene.take(What::Submitted(part(0, true)));
    assert_eq!(scene.standing(0), Standing::Stopped);
    assert_eq!(scene.history(), ["requested", "accepted", "in-progress"]);
    // The courier's attempt that was under way ends after that.
    scene.take(What::Exhausted {
        delivery: crate::scene::delivery(0),
    });
    assert_eq!(scene.standing(0), Standing::Stopped);
}
