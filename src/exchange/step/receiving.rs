//! What becomes of deliveries: acknowledgements, failures, replays.

use super::Turn;
use crate::exchange::delivery::Standing;
use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Outcome;
use crate::exchange::effect::Side;
use crate::exchange::effect::Taken;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ladder::Climb;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Ending;
use crate::exchange::state::Kind;
use crate::exchange::state::OnHold;
use crate::exchange::state::Phase;

impl Turn {
    /// The receiver acknowledges or refuses; in whatever order, and more than once.
    pub(super) fn receipt(
        &mut self,
        delivery: DeliveryId,
        rung: Rung,
        verdict: Verdict,
    ) -> Result<(), Refusal> {
        let overdue = self.at.after(self.exchange.terms.receipt);
        let (request_closes, answer_closes) = {
            let terms = &self.exchange.terms;
            (terms.request_closes, terms.answer_closes)
        };
        let found = self.delivery(delivery)?;
        let carries_parts = found.carries_parts();
        let closes = if carries_parts {
            answer_closes
        } else {
            request_closes
        };
        let before = found.standing;
        let change = found.climb(rung, verdict, closes, overdue);
        let kept = matches!(before, Standing::Queued | Standing::Dead);
        if kept && found.is_live() && found.standing != Standing::Queued {
            self.effects.push(Effect::Stop { delivery });
        }
        match change {
            Climb::Step if carries_parts => self.taken_after_all(before),
            Climb::Known | Climb::Step => {}
            Climb::Contradicts => self.alert(Alert::Contradicted { delivery, rung }),
            Climb::Closed if carries_parts => self.accepted(delivery),
            Climb::Closed => self.handed_over(),
            Climb::Refused | Climb::Overturned => {
                let why = DeadReason::Refused { rung };
                self.effects.push(Effect::DeadLetter { delivery, why });
                self.alert(if change == Climb::Overturned {
                    Alert::Overturned { delivery, rung }
                } else {
                    Alert::Refused { delivery, rung }
                });
                if carries_parts {
                    self.refused(delivery, rung, change);
                } else {
                    self.request_refused(rung);
                }
            }
        }
        Ok(())
    }

    /// A delivery that was given up is with the receiver: the answer to an attempt was lost or late.
    fn taken_after_all(&mut self, before: Standing) {
        if before == Standing::Dead && self.exchange.phase == Phase::OnHold(OnHold::Undeliverable) {
            self.resume();
        }
    }

    /// The requester has the parts.
    fn accepted(&mut self, delivery: DeliveryId) {
        self.report(Side::Source, Outcome::Accepted { delivery });
        let phase = self.exchange.phase;
        let too_late = matches!(
            phase,
            Phase::Failed(Ending::DuePassed | Ending::SetExpired | Ending::HoldExpired)
        );
        if phase == Phase::Delivering {
            self.finish_if_done();
        } else if phase == Phase::OnHold(OnHold::Undeliverable) || (too_late && self.exchange.has_last()) {
            // It came too late for the courier or for the deadline, and is there all the same.
            self.resume();
        }
    }

    /// The requester refuses the parts: a person has to act (GW-34).
    fn refused(&mut self, delivery: DeliveryId, rung: Rung, change: Climb) {
        self.report(Side::Source, Outcome::Refused { delivery, rung });
        // A dead letter that is sent again beside an answer that stands does not undo it.
        let undone = change == Climb::Overturned && self.exchange.phase == Phase::Completed;
        if undone || matches!(self.exchange.phase, Phase::Working | Phase::Delivering) {
            self.put_on_hold(OnHold::Refused { rung });
        }
    }

    /// The source's system refuses the request.
    fn request_refused(&mut self, rung: Rung) {
        if matches!(self.exchange.phase, Phase::Requested | Phase::Accepted) {
            self.exchange.phase = Phase::Rejected(Ending::RefusedByReceiver { rung });
            self.report(Side::Requester, Outcome::NotHandedOver);
        }
    }

    fn put_on_hold(&mut self, cause: OnHold) {
        self.allow_grace();
        self.exchange.settle = None;
        self.exchange.phase = Phase::OnHold(cause);
    }

    /// An attempt failed; the courier tries again.
    pub(super) fn faltered(&mut self, delivery: DeliveryId) -> Result<(), Refusal> {
        let found = self.delivery(delivery)?;
        // An acknowledgement may have overtaken the attempt.
        if found.standing == Standing::Queued {
            found.faltering = true;
        }
        Ok(())
    }

    /// The courier gave up.
    pub(super) fn exhausted(&mut self, delivery: DeliveryId) -> Result<(), Refusal> {
        let found = self.delivery(delivery)?;
        if found.standing != Standing::Queued {
            return Ok(());
        }
        let carries_parts = found.carries_parts();
        found.settle(Standing::Dead);
        let why = DeadReason::LifeSpent;
        self.effects.push(Effect::DeadLetter { delivery, why });
        self.alert(Alert::Undeliverable { delivery });
        // A request stays requested until the final deadline (GW-35): somebody may yet heal the way.
        if carries_parts {
            self.report(Side::Source, Outcome::NotDelivered { delivery, why });
            if matches!(self.exchange.phase, Phase::Working | Phase::Delivering) {
                self.put_on_hold(OnHold::Undeliverable);
            }
        }
        Ok(())
    }

    /// An operator has a dead letter sent again, or one that was taken and is not acknowledged in time; with the
    /// identity it has.
    pub(super) fn replayed(&mut self, delivery: DeliveryId) -> Result<(), Refusal> {
        let found = self.delivery(delivery)?;
        match found.standing {
            Standing::Sent if found.is_overdue() => {}
            Standing::Queued | Standing::Sent | Standing::Accepted => {
                self.reply(Taken::Repeat);
                return Ok(());
            }
            Standing::Refused | Standing::Dead | Standing::Stopped => {}
        }
        let carries_parts = found.carries_parts();
        let kind = self.exchange.kind();
        if !carries_parts && (kind.has_ended() || kind == Kind::Delivering) {
            return Err(Refusal::OutOfTurn);
        }
        let at = self.at;
        self.delivery(delivery)?.queue_again(at);
        self.effects.push(Effect::Send { delivery });
        self.reply(Taken::Accepted);
        if !carries_parts {
            return Ok(());
        }
        if let Phase::OnHold(_) = self.exchange.phase {
            self.resume();
        } else if let Phase::Failed(ending) = self.exchange.phase
            && ending != Ending::Cancelled
        {
            self.allow_grace();
            self.resume();
        }
        Ok(())
    }
}
