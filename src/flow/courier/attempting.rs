//! One attempt with one message, from the claim to the note of what became of it.

use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use tokio::time::sleep;
use tokio::time::timeout;

use crate::exchange::moment::Moment;
use crate::flow::courier::Courier;
use crate::flow::courier::content::Stored;
use crate::flow::courier::judgement::Judgement;
use crate::flow::courier::judgement::judge;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Settlement;
use crate::ledger::entry::Verdict;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claimed;
use crate::ledger::found::Outcome;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredOutbound;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::Trouble as StoredTrouble;
use crate::ledger::ids::Viewer;
use crate::ledger::pending::Pending;
use crate::observe::event::Event;
use crate::observe::name::ConfiguredName;
use crate::observe::name::Outgoing;
use crate::upstream::address::Address;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;
use crate::upstream::errand::Errand;
use crate::upstream::parcel::Parcel;

/// What an attempt came to.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) judgement: Judgement,
    /// What went wrong, for a log.
    pub(super) trouble: &'static str,
    /// The attempt, if it failed a message whose life is spent.
    pub(super) spent: Option<Attempt>,
    /// That the ledger stores nothing more.
    pub(super) end: Option<LedgerError>,
}

impl Courier {
    /// Makes one attempt and has its end noted.
    ///
    /// Cancelling it loses no message: what was not noted is sent again.
    pub(super) async fn attempt(self: Arc<Self>, claimed: Claimed, address: Option<Address>) -> Over {
        let began = self.parts.clock.tick();
        let attempt = match (self.parcel(&claimed.message), address) {
            (Err(trouble), _) => Attempt::failed(trouble),
            (Ok(_), None) => Attempt::failed(Trouble::NoAddress),
            (Ok(parcel), Some(address)) => {
                let carried = self.parts.carriage.carry(&address, &parcel);
                // The carriage has limits of its own; this one is that of the lease.
                match timeout(self.settings.longest, carried).await {
                    Ok(attempt) => attempt,
                    Err(_) => Attempt::failed(Trouble::AnswerSlow),
                }
            }
        };
        let took = self.parts.clock.tick().since(began);
        self.tell(&claimed.message, &attempt, took);
        let judgement = judge(&attempt);
        let trouble = name_of(&attempt);
        let is_spent = Moment::of(claimed.message.expires) <= self.parts.principal.now();
        let spent = (is_spent && judgement != Judgement::Taken).then(|| attempt.clone());
        let end = self.note(claimed, attempt).await;
        Over {
            judgement,
            trouble,
            spent,
            end,
        }
    }

    fn parcel(&self, message: &StoredOutbound) -> Result<Parcel, Trouble> {
        let errand = Errand::decode(message.facts.as_bytes()).map_err(|_| Trouble::Unsuited)?;
        let body = message.body.clone().ok_or(Trouble::Unreadable)?;
        let interchange = message
            .numbers
            .iter()
            .find(|number| number.series.name.as_str() == ISA13);
        Ok(Parcel {
            id: message.id.to_string(),
            errand,
            control: interchange.map(|number| number.value),
            partner: message.to.as_str().to_owned(),
            content: Box::new(Stored::new(body, Arc::clone(&self.parts.blobs))),
        })
    }

    /// Has the end of an attempt noted, however long the ledger is busy; says if it stores nothing more.
    async fn note(&self, claimed: Claimed, attempt: Attempt) -> Option<LedgerError> {
        let mut wait = FIRST_WAIT;
        let is_taken = judge(&attempt) == Judgement::Taken;
        let mut left = if is_taken { NOTED_AGAIN } else { 0 };
        loop {
            match self
                .parts
                .principal
                .settle(claimed.clone(), attempt.clone())
                .await
            {
                Ok(()) => return self.tell_end(&claimed.message, &attempt).await,
                // Somebody else moved the message meanwhile: an acknowledgement that was faster, or an operator.
                Err(LedgerError::LeaseLost(_) | LedgerError::Immovable(_)) => return None,
                Err(fault) if fault.is_final() => return Some(fault),
                Err(fault) if fault.may_pass() || left > 0 => {
                    left = left.saturating_sub(u32::from(!fault.may_pass()));
                    sleep(wait).await;
                    wait = wait.saturating_mul(2).min(LONGEST_WAIT);
                }
                Err(_) => {
                    self.give_up_noting(&claimed, is_taken).await;
                    return None;
                }
            }
        }
    }

    /// What became of a message cannot be noted: it is tried again later, unless it was taken or its life is spent.
    /// Then it waits for a person, among the dead letters.
    async fn give_up_noting(&self, claimed: &Claimed, is_taken: bool) {
        let (partner, outbound) = (partner(&claimed.message), outgoing(&claimed.message));
        self.parts.journal.tell(Event::Unsettled {
            partner: partner.clone(),
            outbound,
        });
        let trouble = stored(UNSETTLED);
        let is_spent = Moment::of(claimed.message.expires) <= self.parts.principal.now();
        let verdict = if is_taken || is_spent {
            Verdict::Dead { trouble }
        } else {
            let due = self.outbox_time(self.settings.unsettled);
            Verdict::Retry { due, trouble }
        };
        let is_dead = matches!(verdict, Verdict::Dead { .. });
        // If that fails too, the lease runs out by itself.
        if self.release(claimed, verdict).await.is_ok() && is_dead {
            self.parts.journal.tell(Event::DeadLetter {
                partner,
                outbound,
                code: UNSETTLED,
            });
        }
    }

    /// The time that much from now, as the outbox counts.
    pub(super) fn outbox_time(&self, wait: Duration) -> SystemTime {
        let at = self.parts.principal.now().after(wait);
        at.time_of_day().unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Notes the end of all messages of a lane whose life is spent, as `attempt` ended, without trying them.
    pub(super) async fn bury(self: Arc<Self>, lane: LaneId, attempt: Attempt) -> Over {
        let now = self.parts.principal.now();
        let mut end = None;
        while end.is_none() {
            let mut claim = self.claim(&lane, now, BURIED_AT_ONCE);
            claim.spent_by = now.time_of_day();
            let Ok(claimed) = self.parts.store.claim(claim).await else {
                break;
            };
            let is_last = claimed.len() < BURIED_AT_ONCE;
            for claimed in claimed {
                if end.is_none() {
                    end = self.note(claimed, attempt.clone()).await;
                }
            }
            if is_last {
                break;
            }
        }
        Over {
            judgement: judge(&attempt),
            trouble: name_of(&attempt),
            spent: None,
            end,
        }
    }

    /// Gives back the right to send a message.
    pub(super) fn release(&self, claimed: &Claimed, verdict: Verdict) -> Pending<Outcome> {
        let mut entry = Entry::new(claimed.message.tenant.clone(), self.parts.clock.now());
        entry.settled.push(Settlement {
            lease: claimed.lease,
            verdict,
        });
        self.parts.store.commit(entry)
    }

    /// Tells if the message is a dead letter now; says if the ledger stores nothing more.
    async fn tell_end(&self, message: &StoredOutbound, attempt: &Attempt) -> Option<LedgerError> {
        if judge(attempt) == Judgement::Taken {
            return None;
        }
        match self.parts.store.outbound(&Viewer::Operator, message.id).await {
            Ok(Some(found)) if found.standing == Standing::Dead => {
                self.parts.journal.tell(Event::DeadLetter {
                    partner: partner(message),
                    outbound: outgoing(message),
                    code: name_of(attempt),
                });
                None
            }
            Err(fault) if fault.is_final() => Some(fault),
            Ok(_) | Err(_) => None,
        }
    }

    fn tell(&self, message: &StoredOutbound, attempt: &Attempt, took: Duration) {
        let status = match attempt {
            Attempt::Answered { status, .. } => Some(*status),
            Attempt::Placed | Attempt::Failed { .. } => None,
        };
        let (partner, outbound, number) = (partner(message), outgoing(message), message.attempts);
        self.parts.journal.tell(match judge(attempt) {
            Judgement::Taken => Event::Delivered {
                partner,
                outbound,
                attempt: number,
                status,
                took,
            },
            Judgement::NotTaken(_) => Event::Faltered {
                partner,
                outbound,
                attempt: number,
                trouble: name_of(attempt),
                status,
                took,
            },
        });
    }
}

/// A kind of trouble that the courier itself names.
pub(super) fn stored(trouble: &'static str) -> StoredTrouble {
    StoredTrouble::parse(trouble).expect("the words for why a message is given back are short")
}

fn partner(message: &StoredOutbound) -> ConfiguredName {
    ConfiguredName::configured(message.to.as_str())
}

fn outgoing(message: &StoredOutbound) -> Outgoing {
    Outgoing {
        exchange: message.id.folio.number(),
        number: message.id.number,
    }
}

fn name_of(attempt: &Attempt) -> &'static str {
    match attempt {
        Attempt::Placed => "none",
        Attempt::Answered { .. } => "status",
        Attempt::Failed { trouble, .. } => trouble.name(),
    }
}

/// The series of interchange numbers, as the flow names it.
const ISA13: &str = "isa13";

/// The first wait for a ledger that is busy.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// So many messages whose life is spent are taken out of a lane together.
const BURIED_AT_ONCE: usize = 256;

/// What was taken by its partner is noted so many times more, before a person must see to it.
const NOTED_AGAIN: u32 = 8;

/// The trouble of a message of which nothing could be noted.
const UNSETTLED: &str = "unsettled";

/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
