//! Requests, and how they are handed over.

use super::Turn;
use crate::exchange::delivery::Cargo;
use crate::exchange::delivery::Standing;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Outcome;
use crate::exchange::effect::Side;
use crate::exchange::effect::Taken;
use crate::exchange::event::HandOver;
use crate::exchange::event::Purpose;
use crate::exchange::event::Request;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Awaited;
use crate::exchange::state::Ending;
use crate::exchange::state::MOST;
use crate::exchange::state::Phase;

impl Turn {
    /// A request starts an exchange, or meets the answer that came before it.
    pub(super) fn requested(&mut self, request: &Request) -> Result<(), Refusal> {
        if let Some(known) = &self.exchange.request {
            if known.digest != request.digest {
                return Err(Refusal::Conflict);
            }
            self.reply(Taken::Repeat);
            return Ok(());
        }
        if request.wanted.len() > MOST {
            return Err(Refusal::TooMany);
        }
        if self.exchange.phase == Phase::New {
            self.exchange.opened = self.at;
            self.ask(request);
            self.exchange.phase = Phase::Requested;
            self.hand_over();
        } else if self.awaits(Awaited::Request) {
            if request.purpose == Purpose::DocumentQuery {
                return Err(Refusal::WrongAnswer);
            }
            self.ask(request);
            self.join();
            // Who has answered in full needs the question no more; who has in part may lack some of it.
            if self.exchange.phase == Phase::Working {
                self.hand_over();
            }
        } else {
            // It began without a request, and is not about one.
            return Err(Refusal::OutOfTurn);
        }
        self.reply(Taken::Accepted);
        Ok(())
    }

    /// The claim is known that a submission was held for.
    pub(super) fn claim_seen(&mut self) -> Result<(), Refusal> {
        if !self.awaits(Awaited::Claim) {
            return Err(Refusal::OutOfTurn);
        }
        let unfinished = self.at.after(self.exchange.terms.unfinished);
        self.exchange.deadline = Some(unfinished);
        self.join();
        Ok(())
    }

    /// Whether it is held, or was for as long as was agreed, for what has come now.
    ///
    /// A request joins what is held for a claim as well: who asks knows the claim.
    fn awaits(&self, come: Awaited) -> bool {
        match self.exchange.phase {
            Phase::Held { awaited, .. } => awaited == come || come == Awaited::Request,
            Phase::Failed(ending) => ending == Ending::HoldExpired,
            Phase::New
            | Phase::Requested
            | Phase::Accepted
            | Phase::Working
            | Phase::Delivering
            | Phase::OnHold(_)
            | Phase::Completed
            | Phase::Rejected(_)
            | Phase::Withdrawn { .. } => false,
        }
    }

    /// What was held goes on its way, and so does what had been held for too long.
    fn join(&mut self) {
        for delivery in &mut self.exchange.deliveries {
            if delivery.carries_parts() && delivery.standing == Standing::Dead {
                delivery.queue_again(self.at);
                let delivery = delivery.id;
                self.effects.push(Effect::Send { delivery });
            }
        }
        self.gather();
    }

    fn ask(&mut self, request: &Request) {
        let terms = &self.exchange.terms;
        let deadline = match request.due {
            Some(due) => due.max(self.at).after(terms.grace),
            None => self.at.after(terms.life),
        };
        self.exchange.deadline = Some(deadline);
        self.exchange.request = Some(request.clone());
    }

    fn hand_over(&mut self) {
        let pushed = self
            .exchange
            .request
            .as_ref()
            .is_some_and(|request| request.hand_over == HandOver::Pushed);
        if pushed {
            self.send(Cargo::Request);
        }
    }

    /// There is evidence that the source has the request.
    pub(super) fn handed_over(&mut self) {
        self.stop_request();
        if self.exchange.phase == Phase::Requested {
            self.exchange.phase = Phase::Accepted;
            self.report(Side::Requester, Outcome::HandedOver);
        }
    }

    /// Sends the request no more.
    pub(super) fn stop_request(&mut self) {
        let waiting = self.exchange.deliveries.iter_mut().find(|delivery| {
            !delivery.carries_parts() && matches!(delivery.standing, Standing::Queued | Standing::Dead)
        });
        if let Some(delivery) = waiting {
            delivery.settle(Standing::Stopped);
            let delivery = delivery.id;
            self.effects.push(Effect::Stop { delivery });
        }
    }
}
