//! How an event moves an exchange.

use crate::exchange::delivery::Cargo;
use crate::exchange::delivery::Delivery;
use crate::exchange::delivery::Standing;
use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Outcome;
use crate::exchange::effect::Reply;
use crate::exchange::effect::Side;
use crate::exchange::effect::Taken;
use crate::exchange::event::Event;
use crate::exchange::event::EventKind;
use crate::exchange::event::What;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::PartId;
use crate::exchange::moment::Moment;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Exchange;
use crate::exchange::state::Kind;
use crate::exchange::task;

mod asking;
mod ending;
mod moving;
mod receiving;
mod submitting;

impl Exchange {
    /// Moves the exchange on by one event.
    ///
    /// The effects are to be kept in the same commit as the new state, in their order.
    /// Whatever races or comes twice on its way here, such as an acknowledgement, is taken without a change.
    ///
    /// # Errors
    /// Refuses what has no place in this state, or what the terms do not allow; the exchange is then as it was.
    pub fn step(&self, event: &Event) -> Result<(Self, Vec<Effect>), Refusal> {
        if !has_place(self.kind(), event.what.kind()) {
            return Err(Refusal::OutOfTurn);
        }
        let mut turn = Turn {
            exchange: self.clone(),
            at: event.at,
            effects: Vec::new(),
        };
        turn.take(&event.what)?;
        let Turn {
            mut exchange,
            mut effects,
            ..
        } = turn;
        task::write_versions(self, &mut exchange, &mut effects);
        Ok((exchange, effects))
    }
}

/// Whether an event of this kind can have a place in such a state; the event itself may still be refused.
const fn has_place(state: Kind, event: EventKind) -> bool {
    use Kind as K;
    match event {
        EventKind::Requested | EventKind::Submitted => true,
        EventKind::PickedUp => matches!(state, K::Requested),
        EventKind::ClaimSeen => matches!(state, K::Held | K::Failed),
        EventKind::OutputsAdded => matches!(state, K::Requested | K::Accepted | K::Working | K::OnHold),
        EventKind::Moved | EventKind::Receipt | EventKind::Faltered | EventKind::Exhausted => {
            !matches!(state, K::New | K::Held)
        }
        EventKind::Replayed => !matches!(state, K::New | K::Held | K::Rejected),
        EventKind::CancelAsked | EventKind::Withdrawn => {
            matches!(
                state,
                K::Requested | K::Accepted | K::Working | K::Delivering | K::OnHold
            )
        }
        EventKind::Reopened => state.has_ended(),
        EventKind::Abandoned => !state.has_ended() && !matches!(state, K::New),
        EventKind::Elapsed => !matches!(state, K::New | K::Rejected),
    }
}

/// One event being taken: the exchange as it becomes, and what is to be done.
struct Turn {
    exchange: Exchange,
    at: Moment,
    effects: Vec<Effect>,
}

impl Turn {
    fn take(&mut self, what: &What) -> Result<(), Refusal> {
        match what {
            What::Requested(request) => self.requested(request),
            What::PickedUp => {
                self.handed_over();
                Ok(())
            }
            What::Moved { by, to } => self.moved(*by, *to),
            What::OutputsAdded { count } => self.outputs_added(*count),
            What::Submitted(submission) => self.submitted(submission),
            What::ClaimSeen => self.claim_seen(),
            What::Receipt {
                delivery,
                rung,
                verdict,
            } => self.receipt(*delivery, *rung, *verdict),
            What::Faltered { delivery } => self.faltered(*delivery),
            What::Exhausted { delivery } => self.exhausted(*delivery),
            What::Replayed { delivery } => self.replayed(*delivery),
            What::CancelAsked => self.cancel_asked(),
            What::Withdrawn => self.withdrawn(),
            What::Reopened { until } => {
                self.reopened(*until);
                Ok(())
            }
            What::Abandoned => {
                self.abandoned();
                Ok(())
            }
            What::Elapsed(timer) => self.elapsed(*timer),
        }
    }

    fn reply(&mut self, outcome: Taken) {
        self.effects.push(Effect::Reply(Reply::plain(outcome)));
    }

    fn report(&mut self, to: Side, outcome: Outcome) {
        self.effects.push(Effect::Report { to, outcome });
    }

    fn alert(&mut self, alert: Alert) {
        self.effects.push(Effect::Alert(alert));
    }

    /// The delivery of this number, to be changed.
    fn delivery(&mut self, id: DeliveryId) -> Result<&mut Delivery, Refusal> {
        let mut all = self.exchange.deliveries.iter_mut();
        all.find(|delivery| delivery.id == id)
            .ok_or(Refusal::NoSuchDelivery)
    }

    /// Puts a new delivery in the outbox.
    fn send(&mut self, cargo: Cargo) {
        let delivery = self.put_together(cargo, Standing::Queued);
        self.effects.push(Effect::Send { delivery });
    }

    /// Puts parts into a delivery of their own that is not sent but lies with the dead letters from the start.
    fn bury(&mut self, parts: Vec<PartId>, why: DeadReason) {
        if parts.is_empty() {
            return;
        }
        let delivery = self.put_together(Cargo::Parts(parts), Standing::Dead);
        self.effects.push(Effect::DeadLetter { delivery, why });
        self.report(Side::Source, Outcome::NotDelivered { delivery, why });
    }

    fn put_together(&mut self, cargo: Cargo, standing: Standing) -> DeliveryId {
        let number = u32::try_from(self.exchange.deliveries.len())
            .expect("there are hardly more deliveries than parts, which have a bound");
        let id = DeliveryId::new(number);
        if let Cargo::Parts(carried) = &cargo {
            for part in &mut self.exchange.parts {
                if carried.contains(&part.id) {
                    part.delivery = Some(id);
                }
            }
        }
        let delivery = Delivery::new(id, cargo, standing, self.at);
        self.exchange.deliveries.push(delivery);
        id
    }

    /// Gives whoever has to act at least the time of grace from now.
    fn allow_grace(&mut self) {
        let graced = self.at.after(self.exchange.terms.grace);
        self.exchange.deadline = self.exchange.deadline.max(Some(graced));
    }
}
