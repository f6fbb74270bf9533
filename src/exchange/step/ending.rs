//! How exchanges end before they are answered, and how they are opened again.

use super::Turn;
use crate::exchange::delivery::Standing;
use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Outcome;
use crate::exchange::effect::Side;
use crate::exchange::event::Timer;
use crate::exchange::ids::DeliveryId;
use crate::exchange::moment::Moment;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Ending;
use crate::exchange::state::Phase;
use crate::exchange::terms::Cancel;

impl Turn {
    /// The requester wants its Task cancelled (GW-30).
    pub(super) fn cancel_asked(&mut self) -> Result<(), Refusal> {
        if self.exchange.request.is_none() {
            return Err(Refusal::OutOfTurn);
        }
        if self.exchange.terms.cancel == Cancel::Refuse {
            return Err(Refusal::CancelNotAllowed);
        }
        self.stop_answers(DeadReason::NoLongerWanted);
        self.fail(Ending::Cancelled, DeadReason::NoLongerWanted);
        Ok(())
    }

    /// The requester no longer wants an answer, and the Task is ours to leave as it is (GW-30).
    pub(super) fn withdrawn(&mut self) -> Result<(), Refusal> {
        let Some(task) = self.exchange.task() else {
            return Err(Refusal::OutOfTurn);
        };
        self.stop_request();
        self.stop_answers(DeadReason::NoLongerWanted);
        self.bury(self.exchange.waiting_parts(), DeadReason::NoLongerWanted);
        self.exchange.settle = None;
        self.exchange.phase = Phase::Withdrawn { left_at: task.status };
        Ok(())
    }

    /// An operator ends it.
    pub(super) fn abandoned(&mut self) {
        self.stop_answers(DeadReason::Abandoned);
        if self.exchange.phase == Phase::Requested {
            self.end_request(Ending::Abandoned, DeadReason::Abandoned);
        } else {
            self.fail(Ending::Abandoned, DeadReason::Abandoned);
        }
    }

    /// It is open again, at least for the time of grace.
    pub(super) fn reopened(&mut self, until: Moment) {
        self.allow_grace();
        self.exchange.deadline = self.exchange.deadline.max(Some(until));
        self.exchange.phase = Phase::Working;
    }

    /// A time has come that the exchange waits for.
    pub(super) fn elapsed(&mut self, timer: Timer) -> Result<(), Refusal> {
        let timers = self.exchange.timers();
        let awaited = timers.iter().find(|(awaited, _)| *awaited == timer);
        let &(_, due) = awaited.ok_or(Refusal::NoSuchTimer)?;
        if self.at < due {
            return Err(Refusal::TooEarly);
        }
        match timer {
            Timer::HandOver => {
                self.exchange.warned = true;
                self.alert(Alert::HandOverOverdue);
            }
            Timer::Deadline => self.deadline_passed(),
            Timer::Settle => self.close(),
            Timer::Hold => {
                self.alert(Alert::HoldExpired);
                self.fail(Ending::HoldExpired, DeadReason::HoldExpired);
            }
            Timer::Receipt(delivery) => {
                self.delivery(delivery)?.overdue = None;
                self.alert(Alert::ReceiptOverdue { delivery });
            }
        }
        Ok(())
    }

    fn deadline_passed(&mut self) {
        // What was handed in as the last is an answer, even if some of it was refused or is missing (GW-14).
        if self.exchange.has_last() {
            self.close();
            return;
        }
        self.alert(Alert::DeadlinePassed);
        if self.exchange.phase == Phase::Requested {
            self.end_request(Ending::NotDeliverable, DeadReason::SetExpired);
        } else if self.exchange.request.is_some() {
            self.fail(Ending::DuePassed, DeadReason::SetExpired);
        } else {
            self.fail(Ending::SetExpired, DeadReason::SetExpired);
        }
    }

    /// Ends a request that nobody worked on.
    pub(super) fn end_request(&mut self, ending: Ending, why: DeadReason) {
        self.wind_up(why);
        self.exchange.phase = Phase::Rejected(ending);
        self.report(Side::Requester, Outcome::NotHandedOver);
    }

    /// Ends an exchange without an answer.
    pub(super) fn fail(&mut self, ending: Ending, why: DeadReason) {
        self.wind_up(why);
        self.exchange.phase = Phase::Failed(ending);
        if self.exchange.request.is_some() {
            self.report(Side::Requester, Outcome::Failed);
        }
    }

    /// What waits will not go; what is under way goes on.
    fn wind_up(&mut self, why: DeadReason) {
        self.stop_request();
        self.bury(self.exchange.waiting_parts(), why);
        self.exchange.settle = None;
    }

    /// Takes parts of the answer out of the outbox; what was taken already cannot be called back.
    fn stop_answers(&mut self, why: DeadReason) {
        let mut stopped: Vec<DeliveryId> = Vec::new();
        for delivery in &mut self.exchange.deliveries {
            if delivery.carries_parts() && delivery.standing == Standing::Queued {
                delivery.settle(Standing::Dead);
                stopped.push(delivery.id);
            }
        }
        for delivery in stopped {
            self.effects.push(Effect::DeadLetter { delivery, why });
            self.report(Side::Source, Outcome::NotDelivered { delivery, why });
        }
    }
}
