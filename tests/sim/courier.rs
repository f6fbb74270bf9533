//! The courier: empties the outbox, one lane for each partner, by the retry rule and the breaker of the exchange.

use std::collections::BTreeMap;

use cartage::exchange::breaker::Breaker;
use cartage::exchange::breaker::BreakerRule;
use cartage::exchange::breaker::Permit;
use cartage::exchange::delivery::Cargo;
use cartage::exchange::event::What;
use cartage::exchange::keys::ControlNumber;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::moment::Moment;
use cartage::exchange::retry::Attempts;
use cartage::exchange::retry::Failure;
use cartage::exchange::retry::Next;
use cartage::exchange::retry::RetryRule;

use crate::dice::Dice;
use crate::gateway::Gateway;
use crate::gateway::Sabotage;
use crate::store::Line;
use crate::store::Store;

/// Who a delivery goes to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Lane {
    Payer,
    Clinic,
}

/// One attempt on its way.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) id: u64,
    pub(crate) lane: Lane,
    pub(crate) line: Line,
    pub(crate) number: ControlNumber,
    pub(crate) contents: Vec<Vec<u8>>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ended {
    Delivered(Rung),
    Failed(Failure),
}

#[derive(Default)]
pub(crate) struct Courier {
    begun: u64,
    in_flight: BTreeMap<u64, (Lane, Line)>,
    breakers: BTreeMap<Lane, Breaker>,
}

const RETRY: fn() -> RetryRule = RetryRule::default;
const BREAKER: fn() -> BreakerRule = BreakerRule::default;

/// The most attempts of a lane at the same time.
const AT_ONCE: usize = 4;

impl Courier {
    /// Forgets what it was about, as a process that dies does.
    pub(crate) fn crash(&mut self) {
        self.in_flight.clear();
        self.breakers.clear();
    }

    /// When there may next be something to send.
    pub(crate) fn next_look<S: Store>(&self, gateway: &Gateway<S>, now: Moment) -> Option<Moment> {
        // A lane that is full is looked at again when an attempt of it is over.
        let ready = self
            .ready(gateway)
            .into_iter()
            .filter(|(lane, ..)| !self.is_full(*lane));
        let times = ready.map(|(lane, _, due)| match self.breaker(lane).permit(now) {
            Permit::Free | Permit::Probe => due,
            Permit::Wait { until } => due.max(until),
        });
        times.min().map(|at| at.max(now))
    }

    /// Begins what may be sent now.
    pub(crate) fn look<S: Store>(&mut self, gateway: &mut Gateway<S>, now: Moment) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for (lane, line, due) in self.ready(gateway) {
            let of_lane = self
                .in_flight
                .values()
                .filter(|(other, _)| *other == lane)
                .count();
            if due > now || of_lane >= AT_ONCE {
                continue;
            }
            match self.breaker(lane).permit(now) {
                Permit::Wait { .. } => continue,
                Permit::Probe => {
                    let probing = self.breaker(lane).probing(&BREAKER(), now);
                    self.breakers.insert(lane, probing);
                }
                Permit::Free => {}
            }
            if gateway.sabotage == Sabotage::NewNumbers {
                gateway.renumber(line);
            }
            let known = if gateway.sabotage == Sabotage::None {
                gateway.store.durable()
            } else {
                gateway.store.view()
            };
            // ROB-011: what is not on disk has no name to be sent under.
            let number = known.identities[&line];
            self.begun += 1;
            self.in_flight.insert(self.begun, (lane, line));
            attempts.push(Attempt {
                id: self.begun,
                lane,
                line,
                number,
                contents: contents(gateway, line),
            });
        }
        attempts
    }

    /// Takes the end of an attempt, if it is still waited for.
    pub(crate) fn over<S: Store>(
        &mut self,
        gateway: &mut Gateway<S>,
        number: u64,
        end: Ended,
        now: Moment,
        dice: &mut Dice,
    ) {
        let Some((lane, row)) = self.in_flight.remove(&number) else {
            return;
        };
        let (id, delivery) = row;
        let failure = match end {
            Ended::Delivered(rung) => {
                self.breakers.insert(lane, self.breaker(lane).answered());
                let verdict = Verdict::Accepted;
                return gateway.note(
                    id,
                    What::Receipt {
                        delivery,
                        rung,
                        verdict,
                    },
                    now,
                );
            }
            Ended::Failed(failure) => failure,
        };
        let breaker = self.breaker(lane).failed(&BREAKER(), failure, now, dice.roll());
        self.breakers.insert(lane, breaker);
        // An acknowledgement may have overtaken the attempt.
        let Some(mut kept) = gateway.store.view().outbox.get(&row).copied() else {
            return;
        };
        kept.made += 1;
        let attempts = Attempts {
            queued: kept.queued,
            made: kept.made,
        };
        match RETRY().next(attempts, failure, now, dice.roll()) {
            Next::Again { at } => {
                kept.due = at;
                gateway.store.append(Box::new(move |tables| {
                    tables.outbox.insert(row, kept);
                }));
                if kept.made == 1 {
                    gateway.note(id, What::Faltered { delivery }, now);
                }
            }
            Next::Refused => {
                let (rung, verdict) = (Rung::Application, Verdict::Rejected);
                gateway.note(
                    id,
                    What::Receipt {
                        delivery,
                        rung,
                        verdict,
                    },
                    now,
                );
            }
            Next::Exhausted => gateway.note(id, What::Exhausted { delivery }, now),
        }
    }

    fn is_full(&self, lane: Lane) -> bool {
        let mut of_lane = self.in_flight.values().filter(|(other, _)| *other == lane);
        of_lane.nth(AT_ONCE - 1).is_some()
    }

    fn breaker(&self, lane: Lane) -> Breaker {
        self.breakers.get(&lane).copied().unwrap_or_default()
    }

    /// Lines that are on disk, still wanted and not under way.
    fn ready<S: Store>(&self, gateway: &Gateway<S>) -> Vec<(Lane, Line, Moment)> {
        let durable = &gateway.store.durable().outbox;
        let view = &gateway.store.view().outbox;
        let wanted = view.iter().filter(|(line, _)| {
            durable.contains_key(line) && !self.in_flight.values().any(|(_, other)| other == *line)
        });
        wanted
            .map(|(line, row)| (lane_of(gateway, *line), *line, row.due))
            .collect()
    }
}

fn lane_of<S: Store>(gateway: &Gateway<S>, (id, delivery): Line) -> Lane {
    match gateway.load(id).delivery(delivery).unwrap().cargo {
        Cargo::Request => Lane::Clinic,
        Cargo::Parts(_) => Lane::Payer,
    }
}

fn contents<S: Store>(gateway: &Gateway<S>, (id, delivery): Line) -> Vec<Vec<u8>> {
    let tables = gateway.store.view();
    match &gateway.load(id).delivery(delivery).unwrap().cargo {
        Cargo::Request => vec![tables.requests[&id].clone()],
        Cargo::Parts(parts) => parts
            .iter()
            .map(|part| tables.contents[&(id, *part)].clone())
            .collect(),
    }
}
