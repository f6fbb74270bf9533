//! The courier: empties the outbox, one lane for each destination.
//!
//! It claims what is due, has it carried, and has what became of it noted; then the exchange decides what follows.
//! A destination that is slow or sick holds up nobody else (ROB-015): each lane has its own bound and its own breaker,
//! and the common bound never keeps a lane from having one message under way.
//! Nothing is kept here that a crash could lose: claims are leases, and what was not noted is sent again, under the
//! same identity (ROB-011).

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use tokio::sync::Notify;
use tokio::task;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::base::clock::Clock;
use crate::exchange::breaker::BreakerRule;
use crate::exchange::breaker::Permit;
use crate::exchange::moment::Moment;
use crate::flow::chance::Chance;
use crate::flow::courier::attempting::Over;
use crate::flow::courier::attempting::stored;
use crate::flow::courier::lane::Change;
use crate::flow::courier::lane::Lane;
use crate::flow::gateway::Gateway;
use crate::ledger::blobs::BlobStore;
use crate::ledger::entry::Verdict;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::LaneState;
use crate::ledger::ids::LaneId;
use crate::ledger::pending::Pending;
use crate::ledger::store::Store;
use crate::observe::event::Event;
use crate::observe::journal::Journal;
use crate::observe::name::ConfiguredName;
use crate::upstream::address::Address;
use crate::upstream::attempt::Attempt;
use crate::upstream::carrier::Carrier;
use crate::upstream::parcel::Parcel;

mod attempting;
mod content;
pub mod judgement;
mod lane;

/// A future behind a pointer, as traits without generics need it.
pub type Promised<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// For whom the courier works: it knows the addresses and notes what became of each sending.
pub trait Principal: fmt::Debug + Send + Sync {
    /// The newest address behind a lane.
    fn address(&self, lane: &LaneId) -> Option<Address>;

    /// The time by which due times are set: it does not jump (ROB-021).
    fn now(&self) -> Moment;

    /// Notes what became of a sending, on disk before the answer.
    fn settle(&self, claimed: Claimed, attempt: Attempt) -> Promised<'_, Result<(), LedgerError>>;
}

/// What carries a message to its destination, once.
pub trait Carriage: fmt::Debug + Send + Sync {
    /// Makes one attempt.
    fn carry<'a>(&'a self, address: &'a Address, parcel: &'a Parcel) -> Promised<'a, Attempt>;
}

/// What a courier works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where the outbox is.
    pub store: Arc<dyn Store>,
    /// Where long payloads are.
    pub blobs: Arc<dyn BlobStore>,
    /// What measures how long attempts take, and dates entries.
    pub clock: Arc<dyn Clock>,
    /// Dice.
    pub chance: Arc<dyn Chance>,
    /// For whom it works.
    pub principal: Arc<dyn Principal>,
    /// How messages reach their destinations.
    pub carriage: Arc<dyn Carriage>,
    /// Rings when something was put into the outbox.
    pub bell: Arc<Notify>,
    /// Where events are told.
    pub journal: Journal,
}

/// How a courier works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The most messages under way to one destination.
    pub lane: usize,
    /// The most under way in all; beyond it each destination may still have one.
    pub all: usize,
    /// The longest attempt; the carriage ends it by itself before that.
    pub longest: Duration,
    /// When a destination is held to be sick.
    pub breaker: BreakerRule,
    /// How long attempts may go on after the courier was told to stop.
    pub drain: Duration,
    /// When a message is tried again of which it could not be noted what became of it.
    pub unsettled: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lane: 16,
            all: 256,
            longest: Duration::from_mins(61),
            breaker: BreakerRule::default(),
            drain: Duration::from_secs(25),
            unsettled: Duration::from_mins(10),
        }
    }
}

/// Empties the outbox.
#[derive(Debug)]
pub struct Courier {
    parts: Parts,
    settings: Settings,
}

/// How a courier ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ended {
    /// Attempts that were broken off; they will be made again.
    pub broken_off: u64,
}

/// What is under way.
#[derive(Debug, Default)]
struct Round {
    lanes: HashMap<LaneId, Lane>,
    attempts: JoinSet<Over>,
    under_way: HashMap<task::Id, Claimed>,
    /// Whose turn it is to be served first.
    turn: usize,
}

/// A claim that was asked for.
struct Asked {
    lane: LaneId,
    permit: Permit,
    most: usize,
    claimed: Pending<Vec<Claimed>>,
}

impl Courier {
    /// A courier that has not begun.
    pub const fn new(parts: Parts, settings: Settings) -> Self {
        Self { parts, settings }
    }

    /// Works until `stop` is cancelled; then claims nothing more, lets what is under way end for a while, and gives
    /// back the rest.
    ///
    /// Cancelling it loses no message: what was under way is sent again when its lease has run out or the process has
    /// begun anew.
    ///
    /// # Errors
    /// Ends when the ledger stores nothing more.
    pub async fn run(self, stop: CancellationToken) -> Result<Ended, LedgerError> {
        let courier = Arc::new(self);
        let mut round = Round::default();
        let mut end = None;
        while end.is_none() && !stop.is_cancelled() {
            let wait = match courier.look(&mut round).await {
                Ok(wait) => wait,
                Err(fault) if fault.is_final() => {
                    end = Some(fault);
                    break;
                }
                Err(fault) => {
                    if !fault.may_pass() {
                        courier.parts.journal.tell(Event::Fault {
                            code: "outbox unreadable",
                        });
                    }
                    Some(AFTER_FAULT)
                }
            };
            let pause = async {
                match wait {
                    Some(wait) => sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // In this order, so that a simulation replays; all attempts that are over are taken below in any case.
                biased;
                () = stop.cancelled() => break,
                // Whoever is about to ring as well goes first, so that one look is for all of them.
                () = courier.parts.bell.notified() => task::yield_now().await,
                Some(over) = round.attempts.join_next_with_id() => end = courier.over(&mut round, over),
                () = pause => {}
            }
            while let Some(over) = round.attempts.try_join_next_with_id() {
                end = courier.over(&mut round, over).or(end);
            }
        }
        // What a ledger that stores nothing more cannot note need not be waited for.
        let patience = if end.is_some() {
            Duration::ZERO
        } else {
            courier.settings.drain
        };
        let broken_off = courier.drain(&mut round, patience).await;
        match end {
            Some(fault) => Err(fault),
            None => Ok(Ended { broken_off }),
        }
    }

    /// Begins what may be sent now; says after which time to look again if nothing happens before.
    async fn look(self: &Arc<Self>, round: &mut Round) -> Result<Option<Duration>, LedgerError> {
        let waiting = self.parts.store.lanes().await?;
        let now = self.parts.principal.now();
        round.lanes.retain(|_, lane| !lane.is_plain());
        let (asked, mut next) = self.ask(round, &waiting, now);
        let mut refusal = None;
        for asked in asked {
            // What the other lanes were given is sent all the same: nobody else may, until its lease runs out.
            let claimed = match asked.claimed.await {
                Ok(claimed) => claimed,
                Err(fault) => {
                    refusal = Some(fault);
                    continue;
                }
            };
            // What is under way hides when the next of its lane is due, so the lane is looked at again before long.
            if claimed.len() < asked.most {
                earlier(&mut next, now.after(LOOK_AGAIN));
            }
            for claimed in claimed {
                let address = self.parts.principal.address(&asked.lane);
                let lane = round.lanes.entry(asked.lane.clone()).or_default();
                lane.begin(asked.permit, address.clone(), &self.settings.breaker, now);
                let attempt = Arc::clone(self).attempt(claimed.clone(), address);
                let id = round.attempts.spawn(attempt).id();
                round.under_way.insert(id, claimed);
            }
        }
        match refusal {
            Some(fault) => Err(fault),
            None => Ok(next.map(|at| at.since(now))),
        }
    }

    /// Asks for claims in all lanes that may send, at once, so that one commit gives them all.
    fn ask(&self, round: &mut Round, waiting: &[LaneState], now: Moment) -> (Vec<Asked>, Option<Moment>) {
        let mut room = self.settings.all.saturating_sub(round.under_way.len());
        let mut next = None;
        let mut asked = Vec::new();
        round.turn = round.turn.wrapping_add(1);
        let first = round.turn.checked_rem(waiting.len()).unwrap_or(0);
        for state in waiting.iter().cycle().skip(first).take(waiting.len()) {
            let due = Moment::of(state.due);
            let lane = round.lanes.entry(state.lane.clone()).or_default();
            let permit = lane.permit(now, || self.parts.principal.address(&state.lane));
            let most = match permit {
                Permit::Wait { until } => {
                    earlier(&mut next, due.max(until));
                    continue;
                }
                Permit::Probe => 1,
                Permit::Free => self.settings.lane.saturating_sub(lane.busy),
            };
            if due > now {
                earlier(&mut next, due);
                continue;
            }
            let most = most.min(room.max(usize::from(lane.busy == 0)));
            // A lane without room is looked at again when an attempt is over.
            if most == 0 {
                continue;
            }
            room = room.saturating_sub(most);
            asked.push(Asked {
                lane: state.lane.clone(),
                permit,
                most,
                claimed: self.parts.store.claim(self.claim(&state.lane, now, most)),
            });
        }
        (asked, next)
    }

    /// Asks for messages of a lane that are due.
    fn claim(&self, lane: &LaneId, now: Moment, most: usize) -> Claim {
        Claim {
            spent_by: None,
            lane: lane.clone(),
            now: now.time_of_day().unwrap_or(SystemTime::UNIX_EPOCH),
            most,
            // An attempt is over before its lease, and there is time to note it.
            lease: self.settings.longest.saturating_add(TO_NOTE),
        }
    }

    /// Takes the end of an attempt; says if the ledger stores nothing more.
    fn over(
        self: &Arc<Self>,
        round: &mut Round,
        over: Result<(task::Id, Over), JoinError>,
    ) -> Option<LedgerError> {
        let (id, over) = match over {
            Ok((id, over)) => (id, Some(over)),
            // It panicked, which touches no other attempt; its message is sent again when the lease has run out.
            Err(fault) => (fault.id(), None),
        };
        let Some(claimed) = round.under_way.remove(&id) else {
            // It was no attempt, but the burial of what others had failed.
            return over.and_then(|over| over.end);
        };
        let lane = round.lanes.entry(claimed.message.lane.clone()).or_default();
        let judgement = over.as_ref().map(|over| over.judgement);
        let now = self.parts.principal.now();
        let change = lane.end(judgement, &self.settings.breaker, now, self.parts.chance.draw());
        let partner = ConfiguredName::configured(claimed.message.to.as_str());
        match (change, &over) {
            (_, None) => self.parts.journal.tell(Event::Fault {
                code: "attempt panicked",
            }),
            (Change::None, Some(_)) => {}
            (Change::Rests, Some(over)) => self.parts.journal.tell(Event::LaneRests {
                partner,
                trouble: over.trouble,
            }),
            (Change::Healed, Some(_)) => self.parts.journal.tell(Event::LaneHealed { partner }),
        }
        let over = over?;
        // Its breaker lets few messages through to a sick destination; those whose life is spent must not outlive
        // their time for that.
        if let Some(attempt) = over.spent
            && lane.is_resting()
        {
            let burial = Arc::clone(self).bury(claimed.message.lane, attempt);
            round.attempts.spawn(burial);
        }
        over.end
    }

    /// Lets what is under way end for a while, then breaks it off and gives it back; says how much that was.
    async fn drain(self: &Arc<Self>, round: &mut Round, patience: Duration) -> u64 {
        let limit = sleep(patience);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                biased;
                over = round.attempts.join_next_with_id() => match over {
                    Some(over) => drop(self.over(round, over)),
                    None => break,
                },
                () = &mut limit => break,
            }
        }
        round.attempts.shutdown().await;
        let due = self.outbox_time(Duration::ZERO);
        let left = round.under_way.values();
        let released: Vec<_> = left
            .map(|claimed| {
                let trouble = stored("broken-off");
                self.release(claimed, Verdict::Retry { due, trouble })
            })
            .collect();
        // A lease that cannot be given back ends with the process.
        let _ = timeout(TO_RELEASE, async {
            for released in released {
                let _ = released.await;
            }
        })
        .await;
        round.under_way.len() as u64
    }
}

impl Principal for Gateway {
    fn address(&self, lane: &LaneId) -> Option<Address> {
        Self::address(self, lane)
    }

    fn now(&self) -> Moment {
        self.moment()
    }

    fn settle(&self, claimed: Claimed, attempt: Attempt) -> Promised<'_, Result<(), LedgerError>> {
        Box::pin(Self::settle(self, claimed, attempt))
    }
}

impl Carriage for Carrier {
    fn carry<'a>(&'a self, address: &'a Address, parcel: &'a Parcel) -> Promised<'a, Attempt> {
        Box::pin(Self::carry(self, address, parcel))
    }
}

/// The earlier of what is known and `at`.
fn earlier(next: &mut Option<Moment>, at: Moment) {
    *next = Some(next.map_or(at, |next| next.min(at)));
}

/// When a lane is looked at again of which it is not known when its next message is due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// When the outbox is looked at again after that failed.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// How long the courier waits at its end until what was under way is given back.
const TO_RELEASE: Duration = Duration::from_secs(3);

/// How much longer a lease lasts than the longest attempt.
const TO_NOTE: Duration = Duration::from_mins(4);
