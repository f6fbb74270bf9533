//! A gateway without sockets: what the flow will do with the exchange, over a store that forgets.

use std::collections::BTreeMap;
use std::time::SystemTime;

use cartage::base::clock::Tick;
use cartage::exchange::correlation::Correlation;
use cartage::exchange::correlation::MatchRule;
use cartage::exchange::correlation::Names;
use cartage::exchange::correlation::correlate;
use cartage::exchange::effect::Effect;
use cartage::exchange::event::Event;
use cartage::exchange::event::What;
use cartage::exchange::ids::ContentDigest;
use cartage::exchange::ids::ExchangeId;
use cartage::exchange::ids::PartnerName;
use cartage::exchange::keys::Between;
use cartage::exchange::keys::ControlNumber;
use cartage::exchange::keys::Direction;
use cartage::exchange::keys::MessageKey;
use cartage::exchange::keys::Sameness;
use cartage::exchange::keys::WireName;
use cartage::exchange::moment::Moment;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Ending;
use cartage::exchange::state::Exchange;
use cartage::exchange::state::Kind;
use cartage::exchange::steady::Noted;
use cartage::exchange::steady::Steady;

use crate::letters::Letter;
use crate::letters::Says;
use crate::letters::digest;
use crate::plan::Plan;
use crate::store::Answer;
use crate::store::Kept;
use crate::store::Line;
use crate::store::Row;
use crate::store::Store;
use crate::store::Tables;
use crate::store::Ticket;

/// A way to break the gateway on purpose, to see that the judge sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sabotage {
    None,
    /// It answers before what it answers for is on disk.
    ReplyBeforeSync,
    /// Its disk says that it has synced, and has not.
    LyingDisk,
    /// Each attempt to deliver has a new control number.
    NewNumbers,
    /// Dead letters are thrown away.
    NoDeadLetters,
    /// It believes the wall clock.
    WallClock,
}

/// A reply that waits for its batch to be durable.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) ticket: Ticket,
    pub(crate) letter: usize,
    pub(crate) key: Vec<u8>,
    pub(crate) answer: Answer,
}

pub(crate) struct Gateway<S> {
    pub(crate) store: S,
    pub(crate) sabotage: Sabotage,
    pub(crate) replies: Vec<Reply>,
    pub(crate) wakes: BTreeMap<ExchangeId, Moment>,
    steady: Option<Steady>,
    noted: Option<Noted>,
    /// How often a deadline fired before its time, by the true clock.
    pub(crate) complaints: Vec<String>,
}

/// What is kept together with the first event of a letter.
struct Origin {
    key: Vec<u8>,
    seen: ContentDigest,
    bytes: Vec<u8>,
    says: Says,
    /// The exchange that it opens, if it opens one.
    opening: Option<Kept>,
    /// The claim that it is, if it is one.
    claim: Option<Vec<u8>>,
}

impl<S: Store> Gateway<S> {
    pub(crate) fn over(store: S, sabotage: Sabotage) -> Self {
        Self {
            store,
            sabotage,
            replies: Vec::new(),
            wakes: BTreeMap::new(),
            steady: None,
            noted: None,
            complaints: Vec::new(),
        }
    }

    /// Begins a run: reads what is on disk and the clock.
    pub(crate) fn start(&mut self, wall: SystemTime, tick: Tick) {
        let steady = Steady::start(self.store.view().noted, wall, tick);
        self.steady = Some(steady);
        let stored: Vec<ExchangeId> = self.store.view().exchanges.keys().copied().collect();
        self.wakes.clear();
        for id in stored {
            self.wake_later(id, &self.load(id));
        }
    }

    pub(crate) fn crash(&mut self, survivors: usize) {
        self.store.crash(survivors);
        self.replies.clear();
        self.steady = None;
    }

    /// The time, which is noted with all that is kept from now on.
    pub(crate) fn now(&mut self, wall: SystemTime, tick: Tick) -> Moment {
        self.noted = self.steady.map(|steady| steady.note(wall, tick));
        if self.sabotage == Sabotage::WallClock {
            return Moment::of(wall);
        }
        self.steady.expect("it is running").now(tick)
    }

    pub(crate) fn load(&self, id: ExchangeId) -> Exchange {
        Exchange::decode(&self.store.view().exchanges[&id].state).unwrap()
    }

    fn wake_later(&mut self, id: ExchangeId, exchange: &Exchange) {
        match exchange.wakes() {
            Some((at, _)) => self.wakes.insert(id, at),
            None => self.wakes.remove(&id),
        };
    }

    /// Takes a letter: once, whatever comes twice (ROB-010).
    pub(crate) fn receive(
        &mut self,
        number: usize,
        letter: &Letter,
        plans: &[Plan],
        start: Moment,
        now: Moment,
    ) {
        let key = key_of(letter, plans);
        let seen = digest(&letter.bytes);
        let kept = self.store.view().answers.get(&key).copied();
        let answer = match Sameness::judge(kept.map(|(digest, _)| digest), seen) {
            Sameness::New => self.take_letter(letter, (key.clone(), seen), plans, start, now),
            Sameness::Repeat => kept.map(|(_, answer)| answer).expect("a repeat was here"),
            Sameness::Conflict => Answer::Conflict,
        };
        // What was appended before is durable before, so this ticket stands for all that the answer rests on.
        let ticket = self.store.append(Box::new(|_| {}));
        self.replies.push(Reply {
            ticket,
            letter: number,
            key,
            answer,
        });
    }

    fn take_letter(
        &mut self,
        letter: &Letter,
        (key, seen): (Vec<u8>, ContentDigest),
        plans: &[Plan],
        start: Moment,
        now: Moment,
    ) -> Answer {
        let mut origin = Origin {
            key,
            seen,
            bytes: letter.bytes.clone(),
            says: letter.says.clone(),
            opening: None,
            claim: None,
        };
        let (plan, what) = match &letter.says {
            Says::Receipt { about, rung, verdict } => {
                let (id, delivery) = self.store.view().receipts[about];
                let what = What::Receipt {
                    delivery,
                    rung: *rung,
                    verdict: *verdict,
                };
                return self.step_or_refuse(id, what, now, origin);
            }
            Says::Claim(plan) => {
                let names = plans[*plan].names();
                origin.claim = Some(names.lookups()[0].bytes());
                let held = self.find(&names).filter(|id| {
                    let exchange = self.load(*id);
                    exchange.kind() == Kind::Held || exchange.ending() == Some(Ending::HoldExpired)
                });
                if let Some(id) = held {
                    return self.step_or_refuse(id, What::ClaimSeen, now, origin);
                }
                self.store.append(Box::new(move |tables| {
                    keep_origin(tables, &origin, Answer::Noted);
                }));
                return Answer::Noted;
            }
            Says::Request(plan) => (
                &plans[*plan],
                What::Requested(plans[*plan].request(&letter.bytes, start)),
            ),
            Says::Part { plan, number, last } => {
                let submission = plans[*plan].submission(&letter.bytes, *number, *last);
                (&plans[*plan], What::Submitted(submission))
            }
        };
        let names = plan.names();
        let id = self.find(&names).unwrap_or_else(|| {
            origin.opening = Some(Kept {
                state: Exchange::open(plan.terms.clone()).encode(),
                terms: plan.terms.clone(),
                events: Vec::new(),
                names,
                task: Vec::new(),
            });
            ExchangeId::new(self.store.view().exchanges.len() as u64 + 1)
        });
        self.step_or_refuse(id, what, now, origin)
    }

    fn step_or_refuse(&mut self, id: ExchangeId, what: What, now: Moment, origin: Origin) -> Answer {
        let says = origin.says.clone();
        let refused = (origin.key.clone(), origin.seen);
        match self.step(id, what, now, Some(origin)) {
            Ok(answer) => answer,
            Err(refusal) => {
                if !matches!(says, Says::Part { .. }) {
                    self.complaints.push(format!("{says:?} was refused: {refusal:?}"));
                }
                let answer = Answer::Refused(refusal);
                self.store.append(Box::new(move |tables| {
                    tables.answers.insert(refused.0.clone(), (refused.1, answer));
                }));
                answer
            }
        }
    }

    /// The exchange that a message belongs to, by exact numbers only.
    fn find(&mut self, names: &Names) -> Option<ExchangeId> {
        let view = self.store.view();
        let keys = names.lookups();
        let sharing = keys
            .iter()
            .filter_map(|key| view.lookups.get(&key.bytes()))
            .flatten();
        let known = sharing.map(|id| (*id, &view.exchanges[id].names));
        match correlate(names, known, MatchRule::default()) {
            Correlation::Joins { exchange, .. } => Some(exchange),
            Correlation::Unknown => None,
            Correlation::Candidates(found) => {
                self.complaints.push(format!("a number is ambiguous: {found:?}"));
                None
            }
        }
    }

    /// Takes an event: the new state, what is to be done, the content and the answer go down together.
    fn step(
        &mut self,
        id: ExchangeId,
        what: What,
        now: Moment,
        origin: Option<Origin>,
    ) -> Result<Answer, Refusal> {
        let opening = origin.as_ref().and_then(|origin| origin.opening.as_ref());
        let before = match opening {
            Some(kept) => Exchange::decode(&kept.state).unwrap(),
            None => self.load(id),
        };
        let event = Event::new(now, what);
        let (mut exchange, mut effects) = before.step(&event)?;
        let mut events = vec![event.encode()];
        let answer = effects.iter().find_map(|effect| match effect {
            Effect::Reply(reply) => Some(Answer::Taken(reply.outcome)),
            _ => None,
        });
        let answer = answer.unwrap_or(Answer::Noted);
        let names = opening.map_or_else(
            || self.store.view().exchanges[&id].names.clone(),
            |kept| kept.names.clone(),
        );
        let claimed = self.store.view().claims.contains(&names.lookups()[0].bytes());
        if exchange.kind() == Kind::Held && claimed {
            let event = Event::new(now, What::ClaimSeen);
            let (joined, more) = exchange.step(&event)?;
            exchange = joined;
            effects.extend(more);
            events.push(event.encode());
        }
        self.wake_later(id, &exchange);
        let noted = self.noted;
        let loses_dead_letters = self.sabotage == Sabotage::NoDeadLetters;
        self.store.append(Box::new(move |tables| {
            tables.noted = noted;
            if let Some(kept) = origin.as_ref().and_then(|origin| origin.opening.as_ref()) {
                tables.exchanges.insert(id, kept.clone());
                for key in names.lookups() {
                    tables.lookups.entry(key.bytes()).or_default().insert(id);
                }
            }
            let kept = tables.exchanges.get_mut(&id).unwrap();
            kept.state = exchange.encode();
            kept.events.extend(events.iter().cloned());
            for effect in &effects {
                follow(tables, id, effect, now, loses_dead_letters);
            }
            if let Some(origin) = &origin {
                keep_origin(tables, origin, answer);
                keep_content(tables, id, &exchange, origin);
            }
        }));
        Ok(answer)
    }

    /// Takes an event that is no letter's.
    pub(crate) fn note(&mut self, id: ExchangeId, what: What, now: Moment) {
        let kind = what.kind();
        if let Err(refusal) = self.step(id, what, now, None) {
            self.complaints.push(format!("{kind:?} was refused: {refusal:?}"));
        }
    }

    /// Fires what is due; says whose.
    pub(crate) fn wake(&mut self, now: Moment) -> Vec<ExchangeId> {
        let mut fired = Vec::new();
        while let Some((&id, _)) = self.wakes.iter().find(|(_, at)| **at <= now) {
            let (_, timer) = self.load(id).wakes().expect("it is to be woken");
            self.note(id, What::Elapsed(timer), now);
            fired.push(id);
        }
        fired
    }

    /// A new control number for a line, where each attempt has one.
    pub(crate) fn renumber(&mut self, line: Line) {
        self.store
            .append(Box::new(move |tables| number(tables, line, true)));
    }
}

fn keep_origin(tables: &mut Tables, origin: &Origin, answer: Answer) {
    tables.answers.insert(origin.key.clone(), (origin.seen, answer));
    tables.claims.extend(origin.claim.clone());
}

fn keep_content(tables: &mut Tables, id: ExchangeId, exchange: &Exchange, origin: &Origin) {
    match origin.says {
        Says::Request(_) => {
            tables.requests.entry(id).or_insert_with(|| origin.bytes.clone());
        }
        Says::Part { .. } => {
            let mut parts = exchange.parts().iter();
            let part = parts
                .find(|part| part.digest == origin.seen)
                .expect("it was taken");
            tables
                .contents
                .entry((id, part.id))
                .or_insert_with(|| origin.bytes.clone());
        }
        Says::Claim(_) | Says::Receipt { .. } => {}
    }
}

fn follow(tables: &mut Tables, id: ExchangeId, effect: &Effect, now: Moment, loses_dead_letters: bool) {
    match effect {
        Effect::Send { delivery } => {
            let line = (id, *delivery);
            number(tables, line, false);
            let row = Row {
                made: 0,
                queued: now,
                due: now,
            };
            tables.outbox.insert(line, row);
            tables.dead.remove(&line);
        }
        Effect::Stop { delivery } => {
            tables.outbox.remove(&(id, *delivery));
            tables.dead.remove(&(id, *delivery));
        }
        Effect::DeadLetter { delivery, why } => {
            tables.outbox.remove(&(id, *delivery));
            if !loses_dead_letters {
                tables.dead.insert((id, *delivery), *why);
            }
        }
        Effect::WriteTask(view) => {
            let kept = tables.exchanges.get_mut(&id).unwrap();
            kept.task.push((view.version, view.status));
        }
        Effect::Reply(_) | Effect::Report { .. } | Effect::Alert(_) => {}
    }
}

/// Gives a line its control number, once and for all (ROB-011).
fn number(tables: &mut Tables, line: Line, anew: bool) {
    if tables.identities.contains_key(&line) && !anew {
        return;
    }
    let number = tables
        .last_number
        .map_or(ControlNumber::FIRST, ControlNumber::following);
    tables.last_number = Some(number);
    tables.identities.insert(line, number);
    tables.receipts.insert(number, line);
}

/// What makes a letter the same as one that came before.
fn key_of(letter: &Letter, plans: &[Plan]) -> Vec<u8> {
    let partner = |name| PartnerName::parse(name).unwrap();
    let between = |from, to| Between {
        from: partner(from),
        to: partner(to),
        direction: Direction::Inbound,
    };
    let name = |text: &str| WireName::parse(text).unwrap();
    let tracking = |plan: usize| plans[plan].names().tracking[0].number.clone();
    let key = match &letter.says {
        Says::Request(plan) => MessageKey::task(
            &between("payer", "clinic"),
            &name(tracking(*plan).as_str()),
            &name("payer"),
        ),
        Says::Part { plan, .. } => MessageKey::submission(
            &between("clinic", "payer"),
            &name("clinic"),
            &tracking(*plan),
            digest(&letter.bytes),
        ),
        Says::Claim(plan) => MessageKey::core(
            &between("clinic", "payer"),
            &name("claim"),
            &name(tracking(*plan).as_str()),
        ),
        Says::Receipt { .. } => {
            let interchange = u32::from_le_bytes(*letter.bytes.first_chunk().unwrap());
            MessageKey::core(
                &between("payer", "clinic"),
                &name("receipt"),
                &name(&format!("{interchange}")),
            )
        }
    };
    key.as_bytes().to_vec()
}
