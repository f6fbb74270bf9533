//! One run: virtual time, a network that loses, doubles and reorders, partners with bad days, crashes and clocks
//! that jump.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::exchange::event::What;
use cartage::exchange::ids::ExchangeId;
use cartage::exchange::keys::ControlNumber;
use cartage::exchange::moment::Moment;

use crate::courier::Attempt;
use crate::courier::Courier;
use crate::courier::Ended;
use crate::dice::Dice;
use crate::gateway::Gateway;
use crate::gateway::Sabotage;
use crate::judge;
use crate::letters::Letter;
use crate::partners::Partner;
use crate::plan::DAY;
use crate::plan::HOUR;
use crate::plan::Plan;
use crate::store::Answer;
use crate::store::Forgetful;
use crate::store::Store;

#[path = "world/network.rs"]
mod network;
#[path = "world/script.rs"]
mod script;

/// Something that happens in the world.
#[derive(Clone, Debug)]
enum Happening {
    LetterSent(usize),
    LetterArrives(usize),
    LetterAnswered(usize, Answer),
    AttemptArrives(Attempt, u32),
    AttemptOver(u64, u32, Ended),
    Look,
    Wake,
    Sync,
    Crash,
    Restart,
    ClockStep,
    Operator { thorough: bool },
}

/// What a run came to.
pub(crate) struct Report {
    /// Of everything that happened: the same seed gives the same.
    pub(crate) trace: u64,
    pub(crate) complaints: Vec<String>,
    pub(crate) last: VecDeque<String>,
    pub(crate) counts: Counts,
    /// The kinds of events that happened to exchanges, and how exchanges ended.
    pub(crate) reached: BTreeSet<String>,
}

/// How much happened, so that nobody takes an empty run for a good one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) exchanges: usize,
    pub(crate) acknowledged: usize,
    pub(crate) delivered: usize,
    pub(crate) dead: usize,
    pub(crate) crashes: usize,
    pub(crate) attempts: usize,
}

/// How long an exchange is to wait, and since when by the true clock.
struct Wait {
    at: Moment,
    since: Moment,
    length: Duration,
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    clock: ManualClock,
    pub(crate) start: Moment,
    now: Moment,
    queue: BTreeMap<(Moment, u64), Happening>,
    queued: u64,
    pub(crate) plans: Vec<Plan>,
    answered: BTreeSet<usize>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) payer: Partner,
    pub(crate) clinic: Partner,
    pub(crate) gateway: Gateway<Forgetful>,
    courier: Courier,
    is_up: bool,
    /// Which life of the gateway this is: answers to an earlier one find nobody.
    life: u32,
    look_at: Option<Moment>,
    wake_at: Option<Moment>,
    waits: BTreeMap<ExchangeId, Wait>,
    sync_pending: bool,
    pub(crate) complaints: Vec<String>,
    counts: Counts,
    trace: u64,
    last: VecDeque<String>,
}

/// After this nothing goes wrong any more, so that what can end ends.
const CALM: Duration = Duration::from_hours(24 * 100);

/// The most times that somebody sets the wall clock.
const CLOCK_STEPS: u32 = 3;

/// How many happenings are shown of a run that went wrong.
const SHOWN: usize = 40;

impl World {
    pub(crate) fn of(seed: u64, sabotage: Sabotage) -> Self {
        let mut dice = Dice::of(seed);
        let start = Moment::from_millis(1_790_000_000_000);
        let clock = ManualClock::at(start.time_of_day().unwrap());
        let store = Forgetful::that_lies(sabotage == Sabotage::LyingDisk);
        let plans = (0..2 + dice.below(6))
            .map(|id| Plan::roll(id, &mut dice))
            .collect();
        let payer = Partner::roll(&mut dice, start);
        let clinic = Partner::roll(&mut dice, start);
        let mut world = Self {
            dice,
            clock,
            start,
            now: start,
            queue: BTreeMap::new(),
            queued: 0,
            plans,
            answered: BTreeSet::new(),
            letters: Vec::new(),
            payer,
            clinic,
            gateway: Gateway::over(store, sabotage),
            courier: Courier::default(),
            is_up: false,
            life: 0,
            look_at: None,
            wake_at: None,
            waits: BTreeMap::new(),
            sync_pending: false,
            complaints: Vec::new(),
            counts: Counts::default(),
            trace: 0xcbf2_9ce4_8422_2325,
            last: VecDeque::new(),
        };
        world.lay_out();
        world
    }

    fn later(&mut self, wait: Duration, happening: Happening) {
        self.queued += 1;
        self.queue.insert((self.now.after(wait), self.queued), happening);
    }

    /// Lets everything happen and says what is wrong.
    pub(crate) fn run(mut self) -> Report {
        while let Some(((at, _), happening)) = self.queue.pop_first() {
            self.clock.advance(at.since(self.now));
            self.now = self.now.max(at);
            self.remember(&happening);
            self.happen(happening);
            if self.is_up {
                self.look_around();
            }
            if self.counts.attempts > 20_000 || self.queued > 200_000 {
                self.complaints.push("it never comes to rest".to_owned());
                break;
            }
        }
        self.complaints.append(&mut self.gateway.complaints);
        let (counts, reached) = judge::judge(&mut self);
        Report {
            trace: self.trace,
            complaints: self.complaints,
            last: self.last,
            counts: Counts {
                crashes: self.counts.crashes,
                attempts: self.counts.attempts,
                ..counts
            },
            reached,
        }
    }

    fn remember(&mut self, happening: &Happening) {
        let day = self.now.since(self.start).as_secs_f64() / DAY.as_secs_f64();
        let line = match happening {
            Happening::LetterSent(number) | Happening::LetterArrives(number) => {
                format!("day {day:.4}: {happening:?} {:?}", self.letters[*number].says)
            }
            _ => format!("day {day:.4}: {happening:?}"),
        };
        for byte in line.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.last.len() == SHOWN {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    fn is_calm(&self) -> bool {
        self.now.since(self.start) > CALM
    }

    /// Something goes wrong, so many times in a hundred, until the calm.
    fn mishap(&mut self, percent: usize) -> bool {
        let happens = self.dice.chance(percent);
        happens && !self.is_calm()
    }

    fn gateway_time(&mut self) -> Moment {
        self.gateway.now(self.clock.now(), self.clock.tick())
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::LetterSent(number) => self.send_letter(number),
            Happening::LetterArrives(number) if self.is_up => {
                let now = self.gateway_time();
                let letter = self.letters[number].clone();
                self.gateway
                    .receive(number, &letter, &self.plans, self.start, now);
                if self.gateway.sabotage == Sabotage::ReplyBeforeSync {
                    self.reply(u64::MAX);
                }
            }
            Happening::LetterAnswered(number, answer) => self.letter_answered(number, answer),
            Happening::AttemptArrives(attempt, life) => self.attempt_arrives(&attempt, life),
            Happening::AttemptOver(attempt, life, ended) if self.is_up && life == self.life => {
                let now = self.gateway_time();
                self.courier
                    .over(&mut self.gateway, attempt, ended, now, &mut self.dice);
            }
            Happening::Look if self.is_up => self.look(),
            Happening::Wake if self.is_up => self.wake(),
            Happening::Sync if self.is_up => {
                self.sync_pending = false;
                let synced = self.gateway.store.sync();
                self.reply(synced);
            }
            Happening::Crash if self.is_up => self.crash(),
            Happening::Restart if !self.is_up => self.restart(),
            Happening::ClockStep => self.step_clock(),
            Happening::Operator { thorough } if self.is_up => self.replay_dead_letters(thorough),
            Happening::Operator { thorough } => self.later(HOUR, Happening::Operator { thorough }),
            Happening::LetterArrives(_)
            | Happening::AttemptOver(..)
            | Happening::Look
            | Happening::Wake
            | Happening::Sync
            | Happening::Crash
            | Happening::Restart => {}
        }
    }

    fn wake(&mut self) {
        self.wake_at = None;
        let now = self.gateway_time();
        for id in self.gateway.wake(now) {
            let Some(wait) = self.waits.remove(&id) else {
                continue;
            };
            // A restart cannot tell an hour that the wall clock was set from an hour of rest; years it can.
            let passed = self.now.since(wait.since) + HOUR * CLOCK_STEPS;
            if passed < wait.length {
                let early = wait.length.checked_sub(passed);
                self.complaints.push(format!("{id} was woken {early:?} early"));
            }
        }
    }

    /// Notes how long each exchange is to wait, by the true clock (ROB-021).
    fn note_waits(&mut self, now: Moment) {
        self.waits.retain(|id, _| self.gateway.wakes.contains_key(id));
        for (id, at) in &self.gateway.wakes {
            if self.waits.get(id).is_none_or(|wait| wait.at != *at) {
                let wait = Wait {
                    at: *at,
                    since: self.now,
                    length: at.since(now),
                };
                self.waits.insert(*id, wait);
            }
        }
    }

    fn crash(&mut self) {
        self.counts.crashes += 1;
        let survivors = self.dice.below(3);
        self.gateway.crash(survivors);
        self.courier.crash();
        self.is_up = false;
        let wait = self.dice.within(HOUR);
        self.later(wait, Happening::Restart);
    }

    fn restart(&mut self) {
        self.is_up = true;
        self.life += 1;
        (self.look_at, self.wake_at, self.sync_pending) = (None, None, false);
        self.gateway.start(self.clock.now(), self.clock.tick());
    }

    /// Somebody sets the wall clock, by an hour or by years (ROB-021).
    fn step_clock(&mut self) {
        let years = Duration::from_hours(24 * 3653);
        let wall = self.clock.now();
        self.clock.set(match self.dice.below(4) {
            0 => wall + HOUR,
            1 => wall - HOUR,
            2 => wall + years,
            _ => wall - years,
        });
    }

    fn replay_dead_letters(&mut self, thorough: bool) {
        let now = self.gateway_time();
        let dead: Vec<_> = self.gateway.store.view().dead.keys().copied().collect();
        for (id, delivery) in dead {
            let cargo = self.gateway.load(id).delivery(delivery).unwrap().carries_parts();
            if cargo && (thorough || self.dice.chance(40)) {
                self.gateway.note(id, What::Replayed { delivery }, now);
            }
        }
    }

    /// Puts into the queue what the gateway will do by itself, and sometimes crashes it here and now.
    fn look_around(&mut self) {
        let now = self.gateway_time();
        if !self.sync_pending && self.gateway.store.has_pending() {
            self.sync_pending = true;
            let wait = self.dice.within(Duration::from_millis(50));
            self.later(wait, Happening::Sync);
        }
        let look = self.courier.next_look(&self.gateway, now);
        if let Some(at) = look
            && self.look_at.is_none_or(|other| at < other)
        {
            self.look_at = Some(at);
            self.later(at.since(now), Happening::Look);
        }
        self.note_waits(now);
        let wake = self.gateway.wakes.values().min().copied();
        if let Some(at) = wake
            && self.wake_at.is_none_or(|other| at < other)
        {
            self.wake_at = Some(at);
            self.later(at.since(now), Happening::Wake);
        }
        // Most of what can go wrong goes wrong between an append and its sync.
        let likely = if self.gateway.store.has_pending() { 2 } else { 1 };
        if self.mishap(likely) && self.dice.chance(50) {
            self.crash();
        }
    }

    /// The numbers under which a content reached the payer and was not refused.
    pub(crate) fn numbers_of(&self, content: &[u8]) -> Vec<ControlNumber> {
        let kept = self.payer.kept();
        let with = kept.filter(|(_, received)| received.contents.iter().any(|one| one == content));
        with.map(|(number, _)| *number).collect()
    }
}
