//! Conversations from beginning to end, and what their Task says on the way (cdex.md §4, GW-14, GW-33 to GW-36).

use cartage::exchange::delivery::Standing;
use cartage::exchange::effect::Alert;
use cartage::exchange::effect::DeadReason;
use cartage::exchange::effect::Effect;
use cartage::exchange::effect::Outcome;
use cartage::exchange::effect::Side;
use cartage::exchange::effect::Taken;
use cartage::exchange::event::HandOver;
use cartage::exchange::event::Move;
use cartage::exchange::event::Mover;
use cartage::exchange::event::Purpose;
use cartage::exchange::event::Request;
use cartage::exchange::event::TaskHome;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Ending;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Terms;

use crate::scene::DAY;
use crate::scene::MINUTE;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::assert_reply;
use crate::scene::delivery;
use crate::scene::due;
use crate::scene::moved;
use crate::scene::part;
use crate::scene::receipt;
use crate::scene::refused;
use crate::scene::request;
use crate::scene::unasked;

/// An exchange whose request for that many items was handed over.
fn handed_over(items: usize) -> Scene {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(request(items)));
    scene.take(receipt(0, Rung::Transport, Verdict::Accepted));
    scene.take(receipt(0, Rung::Functional, Verdict::Accepted));
    scene.stands(Kind::Accepted);
    scene
}

#[test]
fn a_hosted_task_is_asked_accepted_worked_on_and_completed_by_the_payers_answer() {
    let mut scene = handed_over(1);
    assert!(scene.effects.contains(&Effect::Report {
        to: Side::Requester,
        outcome: Outcome::HandedOver
    }));
    let effects = scene.take(What::Submitted(part(0, true)));
    assert_reply(&effects, Taken::Accepted);
    scene.task_is(
        TaskStatus::InProgress,
        Some("submitted; the answer of the payer is awaited"),
    );
    for rung in [Rung::Transport, Rung::Interchange, Rung::Functional] {
        assert_eq!(
            scene
                .take(receipt(1, rung, Verdict::Accepted))
                .iter()
                .filter(|effect| matches!(effect, Effect::WriteTask(_)))
                .count(),
            0,
            "only the closing acknowledgement completes a task"
        );
    }
    scene.take(accepted(1));
    scene.task_is(TaskStatus::Completed, None);
    assert_eq!(
        scene.history(),
        ["requested", "accepted", "in-progress", "completed"]
    );
    assert_eq!(scene.exchange.task().unwrap().version, 4);
    assert_eq!(scene.exchange.wakes(), None);
}

#[test]
fn a_task_elsewhere_is_never_written() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(Request {
        task: TaskHome::Elsewhere,
        ..request(1)
    }));
    scene.take(accepted(0));
    scene.take(What::Submitted(part(0, true)));
    scene.take(moved(Move::Completed));
    scene.stands(Kind::Delivering);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
    assert!(scene.history().is_empty());
    assert_eq!(scene.exchange.task().unwrap().status, TaskStatus::Completed);
}

#[test]
fn an_unsolicited_submission_has_no_task_and_ends_with_the_payers_answer() {
    let mut scene = Scene::under(Terms::default());
    assert_reply(&scene.take(What::Submitted(unasked(0, true))), Taken::Accepted);
    assert_eq!(scene.sent(), [0]);
    scene.take(accepted(0));
    scene.stands(Kind::Completed);
    assert_eq!(scene.exchange.task(), None);
}

#[test]
fn a_request_that_is_shown_is_handed_over_when_it_is_fetched() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(Request {
        hand_over: HandOver::Shown,
        ..request(1)
    }));
    assert!(scene.sent().is_empty());
    scene.take(What::PickedUp);
    assert_eq!(scene.history(), ["requested", "accepted"]);
    scene.refuse(What::PickedUp, Refusal::OutOfTurn);
}

/// GW-14 and GW-36.
#[test]
fn parts_that_are_not_the_last_leave_the_task_in_progress_and_name_what_is_missing() {
    let mut scene = handed_over(3);
    scene.take(What::Submitted(part(0, false)));
    scene.take(accepted(1));
    scene.task_is(
        TaskStatus::InProgress,
        Some("parts received; outstanding: 18842-5 for line 1, 34117-2 for line 1"),
    );
    let mut unlabelled = part(7, true);
    unlabelled.answers[0].code = None;
    scene.take(What::Submitted(unlabelled));
    scene.take(accepted(2));
    scene.task_is(
        TaskStatus::Completed,
        Some("submitted without: 18842-5 for line 1, 34117-2 for line 1; 1 document does not say what it is"),
    );
}

#[test]
fn a_set_without_a_last_is_complete_when_nothing_is_missing_and_nothing_more_comes() {
    let mut scene = handed_over(2);
    scene.take(What::Submitted(part(0, false)));
    scene.take(What::Submitted(part(1, false)));
    scene.take(accepted(1));
    scene.take(accepted(2));
    scene.stands(Kind::Working);
    assert_eq!(scene.live(DAY), [Timer::Settle]);
    scene.task_is(TaskStatus::Completed, None);
    // More is no amendment where nobody said that it was the last.
    assert_eq!(scene.sent(), [0, 1, 2]);
    let effects = scene.take(What::Submitted(part(2, true)));
    assert!(
        !crate::scene::reply(&effects)
            .notes
            .contains(&cartage::exchange::effect::Note::Amendment)
    );
    scene.stands(Kind::Delivering);
}

/// GW-34.
#[test]
fn a_submission_that_falters_is_pending_and_one_that_is_refused_is_on_hold_until_somebody_acts() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(What::Faltered {
        delivery: delivery(1),
    });
    scene.task_is(TaskStatus::InProgress, Some("submission pending"));
    let effects = scene.take(refused(1));
    scene.task_is(TaskStatus::OnHold, Some("submission refused by the payer"));
    let rung = Rung::Application;
    let delivery = delivery(1);
    assert!(effects.contains(&Effect::Alert(Alert::Refused { delivery, rung })));
    let why = DeadReason::Refused { rung };
    assert!(effects.contains(&Effect::DeadLetter { delivery, why }));
    scene.take(What::Submitted(part(5, true)));
    scene.take(accepted(2));
    scene.task_is(TaskStatus::Completed, None);
    assert_eq!(
        scene.history()[2..],
        [
            "in-progress",
            "in-progress",
            "on-hold",
            "in-progress",
            "completed"
        ]
    );
}

/// GW-34.
#[test]
fn a_refused_submission_that_nobody_corrects_fails_after_the_due_date() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(refused(1));
    let fired = scene.live(due().since(scene.now) + Terms::default().grace);
    assert_eq!(fired, [Timer::Deadline]);
    scene.stands(Kind::Failed);
    let task = scene.exchange.task().unwrap();
    assert_eq!(
        (task.status, task.reason),
        (TaskStatus::Failed, Some(Ending::DuePassed))
    );
    assert_eq!(task.reason.unwrap().text(), "due date passed");
    assert_eq!(scene.history()[4..], ["in-progress", "failed"]);
}

/// GW-35.
#[test]
fn a_request_that_cannot_be_handed_over_stays_requested_and_is_rejected_at_the_final_deadline() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(request(1)));
    assert_eq!(scene.live(DAY), [Timer::HandOver]);
    assert!(scene.effects.contains(&Effect::Alert(Alert::HandOverOverdue)));
    scene.task_is(TaskStatus::Requested, Some("waiting to be handed over"));
    scene.take(What::Exhausted {
        delivery: delivery(0),
    });
    scene.stands(Kind::Requested);
    assert_eq!(scene.live(43 * DAY), [Timer::Deadline]);
    let task = scene.exchange.task().unwrap();
    assert_eq!(task.status, TaskStatus::Rejected);
    assert_eq!(task.reason.map(Ending::text), Some("not deliverable"));
    assert_eq!(scene.history(), ["requested", "requested", "rejected"]);
    assert_eq!(scene.standing(0), Standing::Stopped);
    assert!(scene.effects.contains(&Effect::Report {
        to: Side::Requester,
        outcome: Outcome::NotHandedOver
    }));
}

#[test]
fn a_request_that_the_source_refuses_is_rejected() {
    let mut scene = Scene::under(Terms::default());
    scene.take(What::Requested(request(1)));
    scene.take(receipt(0, Rung::Functional, Verdict::Rejected));
    let task = scene.exchange.task().unwrap();
    assert_eq!(task.status, TaskStatus::Rejected);
    assert_eq!(
        task.reason,
        Some(Ending::RefusedByReceiver {
            rung: Rung::Functional
        })
    );
    assert_eq!(scene.history(), ["requested", "rejected"]);
}

#[test]
fn what_was_accepted_and_is_refused_higher_up_puts_a_completed_task_on_hold() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
    let effects = scene.take(receipt(1, Rung::Status, Verdict::Rejected));
    let rung = Rung::Status;
    let delivery = delivery(1);
    assert!(effects.contains(&Effect::Alert(Alert::Overturned { delivery, rung })));
    scene.stands(Kind::OnHold);
    assert_eq!(scene.history()[3..], ["completed", "in-progress", "on-hold"]);
}

#[test]
fn a_contradicting_acknowledgement_changes_nothing_and_is_told() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(accepted(1));
    let before = scene.exchange.clone();
    let effects = scene.take(receipt(1, Rung::Functional, Verdict::Rejected));
    assert_eq!(scene.exchange, before);
    let (delivery, rung) = (delivery(1), Rung::Functional);
    assert_eq!(effects, [Effect::Alert(Alert::Contradicted { delivery, rung })]);
}

#[test]
fn an_exhausted_delivery_is_a_dead_letter_and_goes_out_again_when_replayed() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    let exhausted = What::Exhausted {
        delivery: delivery(1),
    };
    let effects = scene.take(exhausted.clone());
    let why = DeadReason::LifeSpent;
    assert!(effects.contains(&Effect::DeadLetter {
        delivery: delivery(1),
        why
    }));
    scene.task_is(TaskStatus::OnHold, Some("the submission could not be delivered"));
    assert_eq!(scene.take(exhausted), [], "it is a dead letter once");
    let replay = What::Replayed {
        delivery: delivery(1),
    };
    assert_reply(&scene.take(replay.clone()), Taken::Accepted);
    assert_reply(&scene.take(replay), Taken::Repeat);
    assert_eq!(scene.sent(), [0, 1, 1]);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
}

#[test]
fn an_acknowledgement_that_outlives_the_attempts_takes_the_delivery_out_of_the_dead_letters() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(What::Exhausted {
        delivery: delivery(1),
    });
    let effects = scene.take(receipt(1, Rung::Functional, Verdict::Accepted));
    assert!(effects.contains(&Effect::Stop {
        delivery: delivery(1)
    }));
    scene.stands(Kind::Delivering);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
    assert_eq!(scene.sent(), [0, 1]);
}

#[test]
fn a_closing_acknowledgement_that_outlives_the_attempts_completes_what_was_given_up() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(What::Exhausted {
        delivery: delivery(1),
    });
    scene.stands(Kind::OnHold);
    let effects = scene.take(accepted(1));
    assert!(effects.contains(&Effect::Stop {
        delivery: delivery(1)
    }));
    scene.task_is(TaskStatus::Completed, None);
}

#[test]
fn an_answer_that_arrives_after_the_deadline_is_an_answer() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(What::Exhausted {
        delivery: delivery(1),
    });
    scene.live(60 * DAY);
    scene.stands(Kind::Failed);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
    let history = scene.history();
    assert_eq!(
        history[history.len() - 3..],
        ["failed", "in-progress", "completed"]
    );
}

#[test]
fn a_missing_acknowledgement_is_told_once_and_nothing_is_sent_again() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(receipt(1, Rung::Transport, Verdict::Accepted));
    assert_eq!(scene.live(3 * DAY), [Timer::Receipt(delivery(1))]);
    assert!(scene.effects.contains(&Effect::Alert(Alert::ReceiptOverdue {
        delivery: delivery(1)
    })));
    assert_eq!(scene.live(90 * DAY), []);
    scene.stands(Kind::Delivering);
    assert_eq!(scene.sent(), [0, 1]);
    // Whether it is sent again is for an operator to say; the receiver knows it by its identity.
    let replay = What::Replayed {
        delivery: delivery(1),
    };
    assert_reply(&scene.take(replay.clone()), Taken::Accepted);
    assert_eq!(scene.sent(), [0, 1, 1]);
    scene.take(receipt(1, Rung::Interchange, Verdict::AlreadyThere));
    assert_reply(&scene.take(replay), Taken::Repeat);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
}

#[test]
fn a_repeat_that_reached_the_receiver_twice_is_no_refusal() {
    let mut scene = handed_over(1);
    scene.take(What::Submitted(part(0, true)));
    scene.take(What::Faltered {
        delivery: delivery(1),
    });
    scene.take(receipt(1, Rung::Interchange, Verdict::AlreadyThere));
    assert_eq!(scene.standing(1), Standing::Sent);
    scene.take(accepted(1));
    scene.stands(Kind::Completed);
}

#[test]
fn a_query_is_completed_by_outputs_and_fails_with_a_reason() {
    let ask = || {
        What::Requested(Request {
            purpose: Purpose::DocumentQuery,
            hand_over: HandOver::Shown,
            wanted: vec![],
            ..request(0)
        })
    };
    let mut scene = Scene::under(Terms::default());
    scene.take(ask());
    scene.take(moved(Move::Accepted));
    scene.take(moved(Move::InProgress));
    scene.take(moved(Move::OnHold));
    scene.take(moved(Move::InProgress));
    scene.refuse(moved(Move::Completed), Refusal::NothingHandedIn);
    scene.refuse(What::Submitted(part(0, true)), Refusal::WrongAnswer);
    scene.take(What::OutputsAdded { count: 2 });
    scene.take(moved(Move::Completed));
    assert_eq!(scene.exchange.task().unwrap().outputs, 2);
    assert_eq!(
        scene.history(),
        [
            "requested",
            "accepted",
            "in-progress",
            "on-hold",
            "in-progress",
            "in-progress",
            "completed"
        ]
    );
    let mut failing = Scene::under(Terms::default());
    failing.take(ask());
    failing.take(What::Moved {
        by: Mover::Operator,
        to: Move::Failed,
    });
    assert_eq!(failing.exchange.task().unwrap().reason, Some(Ending::BySource));
    assert_eq!(
        failing.history(),
        ["requested", "accepted", "in-progress", "failed"]
    );
}

#[test]
fn parts_that_wait_when_the_source_gives_up_are_dead_letters() {
    let mut scene = Scene::under(Terms {
        assembly: cartage::exchange::terms::Assembly::Whole,
        ..Terms::default()
    });
    scene.take(What::Requested(request(3)));
    scene.take(What::Submitted(part(0, false)));
    scene.pass(MINUTE);
    let effects = scene.take(moved(Move::Failed));
    let why = DeadReason::SourceEnded;
    assert!(effects.contains(&Effect::DeadLetter {
        delivery: delivery(1),
        why
    }));
    scene.stands(Kind::Failed);
}
