//! What the terms decide: repeats and amendments (GW-12), several and late (GW-13), cancelling (GW-30), who moves
//! a Task (GW-31).

use cartage::exchange::effect::DeadReason;
use cartage::exchange::effect::Effect;
use cartage::exchange::effect::Note;
use cartage::exchange::effect::Taken;
use cartage::exchange::event::Move;
use cartage::exchange::event::Mover;
use cartage::exchange::event::Request;
use cartage::exchange::event::Submission;
use cartage::exchange::event::TaskHome;
use cartage::exchange::event::What;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Ending;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Cancel;
use cartage::exchange::terms::Terms;
use cartage::exchange::terms::Tolerance;

use crate::scene::DAY;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::assert_reply;
use crate::scene::delivery;
use crate::scene::digest;
use crate::scene::moved;
use crate::scene::part;
use crate::scene::refused;
use crate::scene::reply;
use crate::scene::request;

fn asked(terms: Terms, request: Request) -> Scene {
    let mut scene = Scene::under(terms);
    scene.take(What::Requested(request));
    scene.take(accepted(0));
    scene
}

fn completed(terms: Terms) -> Scene {
    let mut scene = asked(terms, request(1));
    scene.take(What::Submitted(part(0, true)));
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
    scene
}

#[track_caller]
fn check_notes(effects: &[Effect], outcome: Taken, notes: &[Note]) {
    let reply = reply(effects);
    assert_eq!((reply.outcome, reply.notes.as_slice()), (outcome, notes));
}

/// GW-12.
#[test]
fn the_same_content_again_is_a_repeat_at_any_time() {
    let mut scene = completed(Terms::default());
    let before = scene.exchange.clone();
    check_notes(&scene.take(What::Submitted(part(0, true))), Taken::Repeat, &[]);
    check_notes(&scene.take(What::Submitted(part(0, false))), Taken::Repeat, &[]);
    assert_eq!(scene.exchange, before);
}

#[test]
fn a_repeat_of_what_was_refused_is_told_so() {
    let mut scene = asked(Terms::default(), request(1));
    scene.take(What::Submitted(part(0, true)));
    scene.take(refused(1));
    let effects = scene.take(What::Submitted(part(0, true)));
    check_notes(&effects, Taken::Repeat, &[Note::WasRefused]);
    scene.stands(Kind::OnHold);
}

#[test]
fn a_repeat_that_says_that_it_is_the_last_ends_a_set_that_waited() {
    let mut scene = asked(Terms::default(), request(3));
    scene.take(What::Submitted(part(0, false)));
    let effects = scene.take(What::Submitted(part(0, true)));
    check_notes(&effects, Taken::Accepted, &[]);
    scene.stands(Kind::Delivering);
    check_notes(&scene.take(What::Submitted(part(0, true))), Taken::Repeat, &[]);
    assert_eq!(scene.sent(), [0, 1], "it goes out once");

    let mut held = Scene::under(Terms::default());
    held.take(What::Submitted(part(0, false)));
    held.take(What::Submitted(part(0, true)));
    held.stands(Kind::Held);
    held.take(What::Requested(request(1)));
    held.stands(Kind::Delivering);
}

/// GW-12.
#[test]
fn other_content_after_the_last_is_an_amendment_or_a_conflict() {
    let mut scene = completed(Terms::default());
    let effects = scene.take(What::Submitted(part(5, true)));
    check_notes(&effects, Taken::Accepted, &[Note::Amendment, Note::Reopened]);
    scene.take(accepted(2));
    assert_eq!(scene.history()[3..], ["completed", "in-progress", "completed"]);

    let mut strict = completed(Terms {
        amendments: Tolerance::Refuse,
        ..Terms::default()
    });
    strict.refuse(What::Submitted(part(5, true)), Refusal::Conflict);
}

#[test]
fn an_amendment_that_is_refused_does_not_undo_the_answer() {
    let mut scene = completed(Terms::default());
    scene.take(What::Submitted(part(5, true)));
    scene.take(refused(2));
    scene.stands(Kind::OnHold);
    scene.live(90 * DAY);
    scene.task_is(TaskStatus::Completed, None);
}

/// GW-13.
#[test]
fn several_submissions_that_were_not_granted_are_noted_or_refused() {
    let once = || Request {
        several: false,
        ..request(2)
    };
    let mut scene = asked(Terms::default(), once());
    let effects = scene.take(What::Submitted(part(0, false)));
    check_notes(&effects, Taken::Accepted, &[Note::SeveralNotGranted]);
    check_notes(&scene.take(What::Submitted(part(1, true))), Taken::Accepted, &[]);

    let mut strict = asked(
        Terms {
            several: Tolerance::Refuse,
            ..Terms::default()
        },
        once(),
    );
    strict.refuse(What::Submitted(part(0, false)), Refusal::SeveralNotGranted);
    strict.take(What::Submitted(part(0, true)));
}

/// GW-13.
#[test]
fn what_is_late_is_noted_or_refused() {
    let mut scene = asked(Terms::default(), request(1));
    scene.live(31 * DAY);
    scene.stands(Kind::Accepted);
    let effects = scene.take(What::Submitted(part(0, true)));
    check_notes(&effects, Taken::Accepted, &[Note::Late]);

    let mut strict = asked(
        Terms {
            late: Tolerance::Refuse,
            ..Terms::default()
        },
        request(1),
    );
    strict.live(31 * DAY);
    strict.refuse(What::Submitted(part(0, true)), Refusal::Late);
}

#[test]
fn what_comes_after_the_end_opens_it_again() {
    let mut scene = asked(Terms::default(), request(1));
    scene.live(45 * DAY);
    scene.stands(Kind::Failed);
    let effects = scene.take(What::Submitted(part(0, true)));
    check_notes(&effects, Taken::Accepted, &[Note::Late, Note::Reopened]);
    scene.take(accepted(1));
    let history = scene.history();
    assert_eq!(
        history[history.len() - 3..],
        ["failed", "in-progress", "completed"]
    );
}

/// GW-30.
#[test]
fn a_cancellation_is_refused_or_is_a_failure_with_its_reason() {
    let mut scene = asked(Terms::default(), request(1));
    scene.refuse(What::CancelAsked, Refusal::CancelNotAllowed);

    let mut allowed = asked(
        Terms {
            cancel: Cancel::Allow,
            ..Terms::default()
        },
        request(2),
    );
    allowed.take(What::Submitted(part(0, false)));
    let effects = allowed.take(What::CancelAsked);
    let why = DeadReason::NoLongerWanted;
    assert!(effects.contains(&Effect::DeadLetter {
        delivery: delivery(1),
        why
    }));
    let task = allowed.exchange.task().unwrap();
    assert_eq!(task.reason, Some(Ending::Cancelled));
    assert_eq!(Ending::Cancelled.text(), "cancelled by requester");
    // What comes now is answered, kept, and goes nowhere.
    assert_reply(
        &allowed.take(What::Submitted(part(1, true))),
        Taken::NoLongerWanted,
    );
    allowed.stands(Kind::Failed);
    assert_eq!(allowed.sent(), [0, 1]);
}

/// GW-30.
#[test]
fn a_request_that_the_payer_withdraws_leaves_its_task_as_it_is() {
    let mut scene = asked(Terms::default(), request(1));
    scene.take(What::Withdrawn);
    scene.task_is(TaskStatus::Accepted, Some("the payer has withdrawn the request"));
    let effects = scene.take(What::Submitted(part(0, true)));
    assert_reply(&effects, Taken::NoLongerWanted);
    let why = DeadReason::NoLongerWanted;
    assert!(effects.contains(&Effect::DeadLetter {
        delivery: delivery(1),
        why
    }));
    scene.task_is(TaskStatus::Accepted, Some("the payer has withdrawn the request"));
    // An operator may still have it delivered.
    scene.take(What::Replayed {
        delivery: delivery(1),
    });
    scene.take(accepted(1));
    scene.stands(Kind::Withdrawn);
}

/// GW-31.
#[test]
fn only_the_source_moves_a_task() {
    for to in [
        Move::Accepted,
        Move::Rejected,
        Move::InProgress,
        Move::OnHold,
        Move::Failed,
        Move::Completed,
    ] {
        let mut scene = asked(Terms::default(), request(1));
        let by = Mover::Requester;
        scene.refuse(What::Moved { by, to }, Refusal::NotYours);
    }
}

/// GW-34.
#[test]
fn a_task_that_asks_for_attachments_is_not_completed_by_saying_so() {
    let mut scene = asked(Terms::default(), request(1));
    scene.refuse(moved(Move::Completed), Refusal::NothingHandedIn);
    scene.take(What::OutputsAdded { count: 1 });
    scene.refuse(moved(Move::Completed), Refusal::NothingHandedIn);
}

#[test]
fn a_poll_that_lags_behind_undoes_nothing() {
    let elsewhere = || Request {
        task: TaskHome::Elsewhere,
        ..request(1)
    };
    let mut scene = asked(Terms::default(), elsewhere());
    scene.take(What::Submitted(part(0, true)));
    scene.take(refused(1));
    for to in [Move::Accepted, Move::InProgress] {
        scene.take(moved(to));
        scene.stands(Kind::OnHold);
    }
    scene.take(What::Submitted(part(5, true)));
    scene.take(accepted(2));
    for to in [Move::Accepted, Move::InProgress, Move::OnHold, Move::Completed] {
        scene.take(moved(to));
        scene.stands(Kind::Completed);
    }
}

/// T-48.
#[test]
fn the_same_request_again_is_a_repeat_and_another_under_its_name_a_conflict() {
    let mut scene = completed(Terms::default());
    assert_reply(&scene.take(What::Requested(request(1))), Taken::Repeat);
    let other = Request {
        digest: digest(1_234),
        ..request(1)
    };
    scene.refuse(What::Requested(other), Refusal::Conflict);
}

#[test]
fn a_part_number_that_stands_for_other_content_is_a_conflict() {
    let counted = |number, sequence| Submission {
        sequence: Some(sequence),
        ..part(number, false)
    };
    let mut scene = asked(Terms::default(), request(3));
    scene.take(What::Submitted(counted(0, 1)));
    scene.refuse(What::Submitted(counted(1, 1)), Refusal::Conflict);
    scene.take(What::Submitted(counted(1, 2)));
}

#[test]
fn an_exchange_has_a_bound() {
    let mut scene = asked(Terms::default(), request(1));
    for number in 0..1_000 {
        scene.take(What::Submitted(part(10 + number, false)));
    }
    scene.refuse(What::Submitted(part(5_000, false)), Refusal::TooMany);
    scene.refuse(
        What::Receipt {
            delivery: delivery(1_001),
            rung: cartage::exchange::ladder::Rung::Transport,
            verdict: cartage::exchange::ladder::Verdict::Accepted,
        },
        Refusal::NoSuchDelivery,
    );
}

#[test]
fn what_an_operator_opens_again_has_until_then() {
    let mut scene = asked(Terms::default(), request(1));
    scene.live(60 * DAY);
    scene.stands(Kind::Failed);
    let until = scene.now.after(40 * DAY);
    scene.take(What::Reopened { until });
    assert_eq!(scene.exchange.deadline(), Some(until));
    scene.take(What::Abandoned);
    assert_eq!(scene.exchange.ending(), Some(Ending::Abandoned));
}
