//! The network of a run: what is sent arrives once, twice, late, out of order or not at all.

use std::time::Duration;

use cartage::exchange::retry::Failure;
use cartage::exchange::retry::Why;

use super::Happening;
use super::World;
use crate::courier::Attempt;
use crate::courier::Ended;
use crate::courier::Lane;
use crate::gateway::Sabotage;
use crate::letters::Letter;
use crate::letters::Says;
use crate::plan::DAY;
use crate::plan::HOUR;
use crate::store::Answer;
use crate::store::Store;

impl World {
    pub(super) fn send_letter(&mut self, number: usize) {
        let letter = &mut self.letters[number];
        if letter.answer.is_some() {
            return;
        }
        letter.sent += 1;
        let patience = letter.patience();
        self.later(patience, Happening::LetterSent(number));
        let copies = if self.mishap(8) {
            0
        } else {
            1 + usize::from(self.mishap(10))
        };
        for _ in 0..copies {
            let most = if self.mishap(5) {
                DAY
            } else {
                Duration::from_secs(2)
            };
            let wait = self.dice.within(most);
            self.later(wait, Happening::LetterArrives(number));
        }
    }

    pub(super) fn letter_answered(&mut self, number: usize, answer: Answer) {
        let letter = &mut self.letters[number];
        let first = *letter.answer.get_or_insert(answer);
        if first != answer {
            let says = &letter.says;
            let complaint = format!("{says:?} was answered {first:?} and then {answer:?}");
            self.complaints.push(complaint);
        }
    }

    /// Sends the replies whose batches are durable, and no others (ROB-001).
    pub(super) fn reply(&mut self, synced: u64) {
        let (ready, waiting): (Vec<_>, Vec<_>) = self
            .gateway
            .replies
            .drain(..)
            .partition(|reply| reply.ticket <= synced);
        self.gateway.replies = waiting;
        for reply in ready {
            if self.gateway.sabotage == Sabotage::None {
                let durable = self.gateway.store.durable();
                assert!(
                    durable.answers.contains_key(&reply.key),
                    "answered before it was kept"
                );
            }
            if !self.mishap(6) {
                let wait = self.dice.within(Duration::from_secs(2));
                self.later(wait, Happening::LetterAnswered(reply.letter, reply.answer));
            }
        }
    }

    pub(super) fn attempt_arrives(&mut self, attempt: &Attempt, life: u32) {
        let kept = &self.gateway.store.view().exchanges[&attempt.line.0];
        let tracking = kept.names.tracking[0].number.as_str();
        let plan: usize = tracking[1..].parse().unwrap();
        let plan = self.plans[plan].clone();
        let (partner, closes) = match attempt.lane {
            Lane::Payer => (&mut self.payer, plan.terms.answer_closes),
            Lane::Clinic => (&mut self.clinic, plan.terms.request_closes),
        };
        let outcome = partner.take(attempt, (&plan, closes), self.now, &mut self.dice);
        self.complaints.extend(outcome.complaint);
        let refused = outcome.follows.iter().any(|(_, says)| says.is_refusal());
        for (wait, says) in outcome.follows {
            let bytes = self.dice.bytes();
            self.write(wait, Letter::new(says, bytes));
        }
        if outcome.is_new && attempt.lane == Lane::Clinic && !refused {
            let wait = self.dice.within(20 * DAY);
            self.answer(&plan, wait);
        }
        if refused && attempt.lane == Lane::Payer && self.dice.chance(50) {
            // The clinic hears of it and corrects what it sent.
            let (bytes, wait) = (self.dice.bytes(), 3 * DAY + self.dice.within(DAY));
            let (plan, number) = (plan.id, 0);
            let last = true;
            self.write(wait, Letter::new(Says::Part { plan, number, last }, bytes));
        }
        if !self.mishap(5) {
            let most = if self.mishap(3) {
                HOUR
            } else {
                Duration::from_secs(2)
            };
            let wait = self.dice.within(most);
            self.later(wait, Happening::AttemptOver(attempt.id, life, outcome.ended));
        }
    }

    pub(super) fn look(&mut self) {
        self.look_at = None;
        let now = self.gateway_time();
        for attempt in self.courier.look(&mut self.gateway, now) {
            self.counts.attempts += 1;
            let timed_out = Ended::Failed(Failure {
                why: Why::TimedOut,
                pause: None,
            });
            let over = Happening::AttemptOver(attempt.id, self.life, timed_out);
            self.later(Duration::from_secs(30), over);
            let copies = if self.mishap(6) {
                0
            } else {
                1 + usize::from(self.mishap(3))
            };
            for _ in 0..copies {
                let most = if self.mishap(3) {
                    HOUR
                } else {
                    Duration::from_secs(2)
                };
                let wait = self.dice.within(most);
                self.later(wait, Happening::AttemptArrives(attempt.clone(), self.life));
            }
        }
    }
}
