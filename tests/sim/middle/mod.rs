//! The whole middle: the real `flow::gateway::Gateway` and the real courier, loop and all, over the store that forgets,
//! on a runtime of one thread whose time is paused. Payers and providers stand at both ends of bad wires, the process
//! dies at any commit, the disk has bad hours and the wall clock jumps.

mod carriage;
mod clock;
mod door;
mod journeys;
mod judge;
mod process;

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::flow::chance::Chance;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::forgetful::ForgetfulBlobs;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::agreements::HARBOR;
use crate::agreements::NORTH;
use crate::agreements::SOUTH;
use crate::agreements::SUMMIT;
use crate::dice::Dice;
use crate::middle::carriage::Received;
use crate::middle::clock::RuntimeClock;
use crate::middle::journeys::Expected;
use crate::middle::process::Process;

/// What is known of a run.
pub(crate) struct Told {
    pub(crate) trace: u64,
    pub(crate) complaints: Vec<String>,
    pub(crate) last: Vec<String>,
    pub(crate) counts: Counts,
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: usize,
    pub(crate) delivered: usize,
    pub(crate) dead: usize,
    pub(crate) crashes: usize,
    /// Crashes that hit what was being committed.
    pub(crate) cut: usize,
    /// What a receiver refused.
    pub(crate) refused: usize,
    pub(crate) completed: usize,
}

/// A way to break the world on purpose, to see that the judge sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Broken {
    Nothing,
    /// A message is answered that its receiver never had.
    Loses,
    /// A receiver takes what it has already.
    Doubles,
    /// A message arrives with other bytes.
    Alters,
    /// What was not kept is answered as if it were.
    Promises,
}

/// The dice of the gateway.
#[derive(Debug)]
pub(crate) struct Shared(Mutex<Dice>);

impl Chance for Shared {
    fn draw(&self) -> u64 {
        self.0.lock().unwrap().roll()
    }
}

/// All that a simulation of the middle consists of.
pub(crate) struct Middle {
    pub(crate) store: Forgetful,
    pub(crate) blobs: ForgetfulBlobs,
    pub(crate) clock: Arc<RuntimeClock>,
    pub(crate) chance: Arc<Shared>,
    pub(crate) process: Mutex<Option<Process>>,
    pub(crate) received: Mutex<Vec<Received>>,
    pub(crate) expected: Mutex<Vec<Expected>>,
    pub(crate) totals: Mutex<Counts>,
    pub(crate) broken: Broken,
    /// What partners have begun and not ended.
    pub(crate) under_way: Mutex<usize>,
    dice: Mutex<Dice>,
    began: Instant,
    /// Who is not to be reached, and until when.
    down: Mutex<BTreeMap<&'static str, Instant>>,
    controls: Mutex<BTreeMap<&'static str, u32>>,
    trace: Mutex<(u64, VecDeque<String>)>,
    complaints: Mutex<Vec<String>>,
}

/// How long things go wrong.
const TROUBLED: Duration = Duration::from_hours(8);

/// How long it all takes: longer than the life of any message.
const ALL: Duration = Duration::from_hours(24 * 6);

const JOURNEYS: usize = 8;

/// How many of the last happenings are shown.
const SHOWN: usize = 30;

/// Runs one seed.
pub(crate) fn run(seed: u64, broken: Broken) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let middle = Arc::new(Middle::of(seed, broken));
        process::start(&middle).await;
        for number in 1..=JOURNEYS {
            middle.partner_does(journeys::begin(Arc::clone(&middle), number));
        }
        if middle.roll(100) < 20 {
            let lane = [HARBOR, SUMMIT, NORTH, SOUTH][middle.roll(4)];
            let until = middle.began + Duration::from_hours(90);
            middle.down.lock().unwrap().insert(lane, until);
        }
        middle.disturb().await;
        tokio::time::sleep_until(middle.began + ALL).await;
        middle.judge().await
    })
}

impl Middle {
    fn of(seed: u64, broken: Broken) -> Self {
        let clock = Arc::new(RuntimeClock::start());
        // The dice of the gateway are others than those of the world around it.
        let dice = Dice::of(seed ^ 0x006d_6964_646c_6500);
        Self {
            store: Forgetful::new(Arc::clone(&clock) as Arc<dyn Clock>),
            blobs: ForgetfulBlobs::default(),
            clock,
            chance: Arc::new(Shared(Mutex::new(Dice::of(!seed)))),
            process: Mutex::default(),
            received: Mutex::default(),
            expected: Mutex::default(),
            totals: Mutex::default(),
            broken,
            under_way: Mutex::default(),
            dice: Mutex::new(dice),
            began: Instant::now(),
            down: Mutex::default(),
            controls: Mutex::default(),
            trace: Mutex::default(),
            complaints: Mutex::default(),
        }
    }

    /// A partner does something, and is to come to its end: who is never answered, or stops with a panic, shows.
    pub(crate) fn partner_does(self: &Arc<Self>, what: impl Future<Output = ()> + Send + 'static) {
        *self.under_way.lock().unwrap() += 1;
        let middle = Arc::clone(self);
        tokio::spawn(async move {
            what.await;
            *middle.under_way.lock().unwrap() -= 1;
        });
    }

    pub(crate) fn roll(&self, bound: usize) -> usize {
        self.dice.lock().unwrap().below(bound)
    }

    pub(crate) async fn pause(&self, most: Duration) {
        let wait = self.dice.lock().unwrap().within(most);
        sleep(wait).await;
    }

    /// Something goes wrong, so many times in a hundred, while there is trouble.
    pub(crate) fn mishap(&self, percent: usize) -> bool {
        self.roll(100) < percent && self.began.elapsed() < TROUBLED
    }

    pub(crate) fn is_down(&self, lane: &str) -> bool {
        let down = self.down.lock().unwrap();
        down.get(lane).is_some_and(|until| Instant::now() < *until)
    }

    /// The next control number of a partner.
    pub(crate) fn control(&self, partner: &'static str) -> u32 {
        let mut controls = self.controls.lock().unwrap();
        let last = controls.entry(partner).or_insert(0);
        *last += 1;
        *last
    }

    /// The text of an attachment, in Base64, that no other has; sometimes too long to be kept in line, or in memory.
    pub(crate) fn content(&self) -> String {
        let mut dice = self.dice.lock().unwrap();
        let length = match dice.below(100) {
            0..=3 => 300_000,
            4..=15 => 12_000,
            _ => 16 + 4 * dice.below(10),
        };
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let block: String = (0..1_009)
            .map(|_| char::from(letters[dice.below(letters.len())]))
            .collect();
        let mut content = block.repeat(length / block.len() + 1);
        content.truncate(length);
        content
    }

    pub(crate) fn expect(&self, lane: &'static str, kind: &'static str, mark: String) {
        self.note(&format!("{lane} is to have a {kind}"));
        self.expected.lock().unwrap().push(Expected { lane, kind, mark });
    }

    pub(crate) fn complain(&self, complaint: String) {
        self.complaints.lock().unwrap().push(complaint);
    }

    /// Makes something part of the trace.
    pub(crate) fn note(&self, what: &str) {
        let line = format!("{:.3} h: {what}", self.began.elapsed().as_secs_f64() / 3600.0);
        let mut trace = self.trace.lock().unwrap();
        for byte in line.bytes() {
            trace.0 = (trace.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if trace.1.len() == SHOWN {
            trace.1.pop_front();
        }
        trace.1.push_back(line.chars().take(200).collect());
    }

    /// What befalls the gateway itself, one thing after the other.
    async fn disturb(self: &Arc<Self>) {
        while self.began.elapsed() < TROUBLED {
            self.pause(Duration::from_mins(50)).await;
            match self.roll(10) {
                0..=2 => self.crash().await,
                3 => self.fail_disk().await,
                4 => {
                    self.note("the disk is full");
                    self.store.set_full(true);
                    self.pause(Duration::from_mins(20)).await;
                    self.store.set_full(false);
                }
                5 => {
                    self.note("the disk is slow");
                    self.store.set_queue(1 + self.roll(3));
                    self.store.hold();
                    self.pause(Duration::from_mins(5)).await;
                    self.store.release();
                    self.store.set_queue(4096);
                }
                6 => self.stop().await,
                7 => self.reload(),
                _ => self.step_clock(),
            }
        }
    }

    /// The process dies between an append and its sync, or between the sync and the answer.
    async fn crash(self: &Arc<Self>) {
        self.wait_for_commits().await;
        if self.store.waiting() > 0 {
            self.totals.lock().unwrap().cut += 1;
        }
        self.store.commit_some(self.roll(3));
        self.pause(Duration::from_millis(5)).await;
        let process = self.process.lock().unwrap().take();
        self.store.commit_unheard(self.roll(3));
        self.restart(process).await;
    }

    /// The process is told to stop, as for a new release.
    async fn stop(self: &Arc<Self>) {
        self.note("the process stops");
        let process = self.process.lock().unwrap().take();
        if let Some(process) = process {
            process.stop().await;
        }
        self.restart(None).await;
    }

    fn reload(&self) {
        self.note("the configuration is read again");
        if let Some(process) = &*self.process.lock().unwrap() {
            process.gateway.swap(process::reachable());
        }
    }

    /// A sync fails, which ends the process (ROB-003).
    async fn fail_disk(self: &Arc<Self>) {
        self.wait_for_commits().await;
        self.note("a sync fails");
        self.store.fail_sync();
        self.pause(Duration::from_secs(2)).await;
        let process = self.process.lock().unwrap().take();
        self.restart(process).await;
    }

    /// Waits until some commits are held back.
    async fn wait_for_commits(&self) {
        self.store.hold();
        let wanted = 1 + self.roll(3);
        let patience = 200 + self.roll(5_000);
        for _ in 0..patience {
            if self.store.waiting() >= wanted {
                break;
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn restart(self: &Arc<Self>, process: Option<Process>) {
        self.note("the process is gone");
        if let Some(process) = process {
            self.totals.lock().unwrap().crashes += 1;
            process.kill().await;
        }
        self.store.crash();
        self.store.release();
        self.pause(Duration::from_mins(10)).await;
        self.note("the process starts");
        process::start(self).await;
    }

    /// Somebody sets the wall clock, by an hour or by years (ROB-021).
    fn step_clock(&self) {
        self.note("the clock jumps");
        let by = [Duration::from_hours(1), Duration::from_hours(24 * 3653)][self.roll(2)];
        self.clock.step(by, self.roll(2) == 0);
    }
}
