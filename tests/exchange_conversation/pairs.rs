//! Every pair of a state and an event: the table lists those that have a place, all others are out of turn.

use cartage::exchange::event::EventKind;
use cartage::exchange::event::Move;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Kind;
use cartage::exchange::terms::Cancel;
use cartage::exchange::terms::Terms;

use crate::scene::DAY;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::delivery;
use crate::scene::moved;
use crate::scene::part;
use crate::scene::receipt;
use crate::scene::refused;
use crate::scene::request;
use crate::scene::unasked;

/// What the representative event of a kind does to the representative state of a kind.
enum Cell {
    To(Kind),
    Refused(Refusal),
}
use Cell::Refused;
use Cell::To;

/// The pairs that have a place; a refusal here is about the event and not about the pair.
const PLACES: &[(Kind, &[(EventKind, Cell)])] = &[
    (
        Kind::New,
        &[
            (EventKind::Requested, To(Kind::Requested)),
            (EventKind::Submitted, To(Kind::Held)),
        ],
    ),
    (
        Kind::Held,
        &[
            (EventKind::Requested, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Held)),
            (EventKind::ClaimSeen, To(Kind::Working)),
            (EventKind::Abandoned, To(Kind::Failed)),
            (EventKind::Elapsed, To(Kind::Failed)),
        ],
    ),
    (
        Kind::Requested,
        &[
            (EventKind::Requested, To(Kind::Requested)),
            (EventKind::PickedUp, To(Kind::Accepted)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::OutputsAdded, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Accepted)),
            (EventKind::Faltered, To(Kind::Requested)),
            (EventKind::Exhausted, To(Kind::Requested)),
            (EventKind::Replayed, To(Kind::Requested)),
            (EventKind::CancelAsked, To(Kind::Failed)),
            (EventKind::Withdrawn, To(Kind::Withdrawn)),
            (EventKind::Abandoned, To(Kind::Rejected)),
            (EventKind::Elapsed, To(Kind::Rejected)),
        ],
    ),
    (
        Kind::Accepted,
        &[
            (EventKind::Requested, To(Kind::Accepted)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::OutputsAdded, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Accepted)),
            (EventKind::Faltered, To(Kind::Accepted)),
            (EventKind::Exhausted, To(Kind::Accepted)),
            (EventKind::Replayed, To(Kind::Accepted)),
            (EventKind::CancelAsked, To(Kind::Failed)),
            (EventKind::Withdrawn, To(Kind::Withdrawn)),
            (EventKind::Abandoned, To(Kind::Failed)),
            (EventKind::Elapsed, To(Kind::Failed)),
        ],
    ),
    (
        Kind::Working,
        &[
            (EventKind::Requested, To(Kind::Working)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::OutputsAdded, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Working)),
            (EventKind::Faltered, To(Kind::Working)),
            (EventKind::Exhausted, To(Kind::OnHold)),
            (EventKind::Replayed, To(Kind::Working)),
            (EventKind::CancelAsked, To(Kind::Failed)),
            (EventKind::Withdrawn, To(Kind::Withdrawn)),
            (EventKind::Abandoned, To(Kind::Failed)),
            (EventKind::Elapsed, To(Kind::Failed)),
        ],
    ),
    (
        Kind::Delivering,
        &[
            (EventKind::Requested, To(Kind::Delivering)),
            (EventKind::Moved, To(Kind::Delivering)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Completed)),
            (EventKind::Faltered, To(Kind::Delivering)),
            (EventKind::Exhausted, To(Kind::Delivering)),
            (EventKind::Replayed, To(Kind::Delivering)),
            (EventKind::CancelAsked, To(Kind::Failed)),
            (EventKind::Withdrawn, To(Kind::Withdrawn)),
            (EventKind::Abandoned, To(Kind::Failed)),
            (EventKind::Elapsed, To(Kind::Delivering)),
        ],
    ),
    (
        Kind::OnHold,
        &[
            (EventKind::Requested, To(Kind::OnHold)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::OutputsAdded, To(Kind::OnHold)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::OnHold)),
            (EventKind::Faltered, To(Kind::OnHold)),
            (EventKind::Exhausted, To(Kind::OnHold)),
            (EventKind::Replayed, To(Kind::Delivering)),
            (EventKind::CancelAsked, To(Kind::Failed)),
            (EventKind::Withdrawn, To(Kind::Withdrawn)),
            (EventKind::Abandoned, To(Kind::Failed)),
            (EventKind::Elapsed, To(Kind::Failed)),
        ],
    ),
    (
        Kind::Completed,
        &[
            (EventKind::Requested, To(Kind::Completed)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Completed)),
            (EventKind::Faltered, To(Kind::Completed)),
            (EventKind::Exhausted, To(Kind::Completed)),
            (EventKind::Replayed, To(Kind::Completed)),
            (EventKind::Reopened, To(Kind::Working)),
            (EventKind::Elapsed, Refused(Refusal::NoSuchTimer)),
        ],
    ),
    (
        Kind::Rejected,
        &[
            (EventKind::Requested, To(Kind::Rejected)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            (EventKind::Receipt, To(Kind::Rejected)),
            (EventKind::Faltered, To(Kind::Rejected)),
            (EventKind::Exhausted, To(Kind::Rejected)),
            (EventKind::Reopened, To(Kind::Working)),
        ],
    ),
    (
        Kind::Failed,
        &[
            (EventKind::Requested, To(Kind::Failed)),
            (EventKind::Moved, To(Kind::Working)),
            (EventKind::Submitted, To(Kind::Delivering)),
            // Only what was held too long is joined after all.
            (EventKind::ClaimSeen, Refused(Refusal::OutOfTurn)),
            (EventKind::Receipt, To(Kind::Failed)),
            (EventKind::Faltered, To(Kind::Failed)),
            (EventKind::Exhausted, To(Kind::Failed)),
            (EventKind::Replayed, To(Kind::Failed)),
            (EventKind::Reopened, To(Kind::Working)),
            (EventKind::Elapsed, Refused(Refusal::NoSuchTimer)),
        ],
    ),
    (
        Kind::Withdrawn,
        &[
            (EventKind::Requested, To(Kind::Withdrawn)),
            (EventKind::Moved, Refused(Refusal::NoSuchMove)),
            (EventKind::Submitted, To(Kind::Withdrawn)),
            (EventKind::Receipt, To(Kind::Withdrawn)),
            (EventKind::Faltered, To(Kind::Withdrawn)),
            (EventKind::Exhausted, To(Kind::Withdrawn)),
            (EventKind::Replayed, Refused(Refusal::OutOfTurn)),
            (EventKind::Reopened, To(Kind::Working)),
            (EventKind::Elapsed, Refused(Refusal::NoSuchTimer)),
        ],
    ),
];

/// An exchange that stands there; the delivery that its events are about is the last one.
fn representative(kind: Kind) -> Scene {
    let mut terms = Terms {
        cancel: Cancel::Allow,
        ..Terms::default()
    };
    terms.hold.for_claim = true;
    let mut scene = Scene::under(terms);
    let ask = What::Requested(request(2));
    let steps: Vec<What> = match kind {
        Kind::New => vec![],
        Kind::Held => vec![What::Submitted(unasked(0, false))],
        Kind::Requested => vec![ask],
        Kind::Accepted => vec![ask, accepted(0)],
        Kind::Working => vec![ask, accepted(0), What::Submitted(part(0, false))],
        Kind::Delivering => vec![
            ask,
            accepted(0),
            What::Submitted(part(0, true)),
            receipt(1, Rung::Transport, Verdict::Accepted),
        ],
        Kind::OnHold => vec![ask, accepted(0), What::Submitted(part(0, true)), refused(1)],
        Kind::Completed => vec![ask, accepted(0), What::Submitted(part(0, true)), accepted(1)],
        Kind::Rejected => vec![ask, moved(Move::Rejected)],
        Kind::Failed => vec![ask, accepted(0), moved(Move::Failed)],
        Kind::Withdrawn => vec![ask, What::Withdrawn],
    };
    for step in steps {
        scene.take(step);
    }
    scene.stands(kind);
    scene
}

/// An event of that kind, such as may happen to the exchange next.
fn event(kind: EventKind, scene: &mut Scene) -> What {
    let last = scene.exchange.deliveries().last();
    let delivery = last.map_or(delivery(0), |delivery| delivery.id);
    match kind {
        EventKind::Requested => What::Requested(request(2)),
        EventKind::PickedUp => What::PickedUp,
        EventKind::Moved => moved(Move::InProgress),
        EventKind::OutputsAdded => What::OutputsAdded { count: 1 },
        EventKind::Submitted => What::Submitted(unasked(3, true)),
        EventKind::ClaimSeen => What::ClaimSeen,
        EventKind::Receipt => accepted(delivery.number()),
        EventKind::Faltered => What::Faltered { delivery },
        EventKind::Exhausted => What::Exhausted { delivery },
        EventKind::Replayed => What::Replayed { delivery },
        EventKind::CancelAsked => What::CancelAsked,
        EventKind::Withdrawn => What::Withdrawn,
        EventKind::Reopened => What::Reopened {
            until: scene.now.after(DAY),
        },
        EventKind::Abandoned => What::Abandoned,
        EventKind::Elapsed => {
            // The time that comes last, so that it is no mere warning.
            let timer = scene.exchange.timers().into_iter().max_by_key(|(_, at)| *at);
            let (timer, at) = timer.unwrap_or((Timer::Deadline, scene.now));
            scene.now = at;
            What::Elapsed(timer)
        }
    }
}

#[test]
fn the_table_is_about_every_state_once() {
    let listed: Vec<Kind> = PLACES.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(listed, Kind::ALL);
}

#[test]
fn every_pair_does_what_the_table_says_and_all_others_are_out_of_turn() {
    let mut wrong = Vec::new();
    for (state, places) in PLACES {
        for kind in EventKind::ALL {
            let mut scene = representative(*state);
            let what = event(kind, &mut scene);
            assert_eq!(what.kind(), kind);
            let before = scene.exchange.clone();
            let found = scene.attempt(what).map(|_| scene.exchange.kind());
            let listed = places.iter().find(|(listed, _)| *listed == kind);
            let expected = match listed {
                Some((_, To(kind))) => Ok(*kind),
                Some((_, Refused(refusal))) => Err(*refusal),
                None => Err(Refusal::OutOfTurn),
            };
            if found != expected {
                wrong.push(format!("{state:?} + {kind:?}: {found:?} and not {expected:?}"));
            }
            if found.is_err() {
                assert_eq!(scene.exchange, before, "{state:?} + {kind:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn each_row_names_an_event_once() {
    for (state, places) in PLACES {
        for (number, (kind, _)) in places.iter().enumerate() {
            assert!(
                places[..number].iter().all(|(other, _)| other != kind),
                "{state:?} {kind:?}"
            );
        }
    }
}
