//! A courier over a store in memory, with destinations that do as they are told, in time that passes when it is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::base::clock::Tick;
use cartage::exchange::moment::Moment;
use cartage::exchange::retry::Attempts;
use cartage::exchange::retry::Next;
use cartage::exchange::retry::RetryRule;
use cartage::exchange::steady::Steady;
use cartage::flow::chance::Chance;
use cartage::flow::courier::Carriage;
use cartage::flow::courier::Courier;
use cartage::flow::courier::Ended;
use cartage::flow::courier::Parts;
use cartage::flow::courier::Principal;
use cartage::flow::courier::Promised;
use cartage::flow::courier::Settings;
use cartage::flow::courier::judgement::Judgement;
use cartage::flow::courier::judgement::judge;
use cartage::flow::courier::judgement::trouble;
use cartage::ledger::body::Body;
use cartage::ledger::body::Draft;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::Outbound;
use cartage::ledger::entry::Settlement;
use cartage::ledger::entry::Verdict;
use cartage::ledger::error::LedgerError;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::forgetful::ForgetfulBlobs;
use cartage::ledger::found::Claimed;
use cartage::ledger::found::Standing;
use cartage::ledger::found::StoredOutbound;
use cartage::ledger::ids::FolioId;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::OutboundId;
use cartage::ledger::ids::TenantId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::opaque::Opaque;
use cartage::ledger::store::Store;
use cartage::observe::journal::Journal;
use cartage::upstream::address::Address;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::errand::Errand;
use cartage::upstream::parcel::Parcel;
use cartage::upstream::web::WebAddress;

/// A clock that goes with the runtime's, which the tests pause.
#[derive(Debug)]
pub(crate) struct RuntimeClock {
    shown: Mutex<(Instant, ManualClock)>,
}

impl RuntimeClock {
    pub(crate) fn start() -> Self {
        let noon = SystemTime::UNIX_EPOCH + Duration::from_mins(29_919_690);
        Self {
            shown: Mutex::new((Instant::now(), ManualClock::at(noon))),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&ManualClock) -> T) -> T {
        let mut shown = self.shown.lock().unwrap();
        let now = Instant::now();
        shown.1.advance(now - shown.0);
        shown.0 = now;
        read(&shown.1)
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        self.read(Clock::now)
    }

    fn tick(&self) -> Tick {
        self.read(Clock::tick)
    }
}

/// Dice that show a sequence.
#[derive(Debug, Default)]
pub(crate) struct Dice(Mutex<u64>);

impl Chance for Dice {
    fn draw(&self) -> u64 {
        let mut last = self.0.lock().unwrap();
        *last = last
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *last >> 33
    }
}

/// How a destination treats what comes.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// Takes it after a while.
    Takes(Duration),
    /// Answers with a status.
    Says(u16, Option<Duration>),
    /// Fails.
    Fails(Trouble),
    /// Never comes back.
    Hangs,
    /// Stops the attempt with a panic.
    Panics,
}

/// One attempt as a destination saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) lane: String,
    pub(crate) id: String,
    /// Since the scene began.
    pub(crate) at: Duration,
}

/// The destinations.
#[derive(Debug, Default)]
pub(crate) struct World {
    manners: Mutex<HashMap<String, Manner>>,
    seen: Mutex<Vec<Seen>>,
    under_way: Mutex<HashMap<String, usize>>,
    /// The most that were under way in a lane, and in all.
    most: Mutex<(usize, usize)>,
    began: Mutex<Option<Instant>>,
    changed: Notify,
}

impl World {
    pub(crate) fn set(&self, lane: &str, manner: Manner) {
        self.manners.lock().unwrap().insert(lane.to_owned(), manner);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn seen_by(&self, lane: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.lane == lane).collect()
    }

    pub(crate) fn most(&self) -> (usize, usize) {
        *self.most.lock().unwrap()
    }

    fn begin(&self, lane: &str, id: &str) {
        let began = *self.began.lock().unwrap().get_or_insert_with(Instant::now);
        self.seen.lock().unwrap().push(Seen {
            lane: lane.to_owned(),
            id: id.to_owned(),
            at: began.elapsed(),
        });
        let mut under_way = self.under_way.lock().unwrap();
        *under_way.entry(lane.to_owned()).or_default() += 1;
        let (of_lane, all) = (under_way[lane], under_way.values().sum::<usize>());
        let mut most = self.most.lock().unwrap();
        *most = (most.0.max(of_lane), most.1.max(all));
        self.changed.notify_waiters();
    }
}

/// Counts an attempt out, however it ends.
struct Under<'a>(&'a World, String);

impl Drop for Under<'_> {
    fn drop(&mut self) {
        if let Ok(mut under_way) = self.0.under_way.lock() {
            *under_way.entry(self.1.clone()).or_default() -= 1;
        }
    }
}

impl Carriage for World {
    fn carry<'a>(&'a self, _: &'a Address, parcel: &'a Parcel) -> Promised<'a, Attempt> {
        Box::pin(async move {
            self.begin(&parcel.partner, &parcel.id);
            let _under = Under(self, parcel.partner.clone());
            let manner = self.manners.lock().unwrap().get(&parcel.partner).cloned();
            match manner.unwrap_or(Manner::Takes(Duration::ZERO)) {
                Manner::Takes(wait) => {
                    tokio::time::sleep(wait).await;
                    answered(200, None)
                }
                Manner::Says(status, pause) => answered(status, pause),
                Manner::Fails(trouble) => Attempt::failed(trouble),
                Manner::Hangs => std::future::pending().await,
                Manner::Panics => panic!("as it was told"),
            }
        })
    }
}

pub(crate) fn answered(status: u16, retry_after: Option<Duration>) -> Attempt {
    Attempt::Answered {
        status,
        media: None,
        location: None,
        retry_after,
        body: Vec::new(),
    }
}

/// The least that a flow does: it notes what became of a message by the retry rule.
#[derive(Debug)]
pub(crate) struct Clerk {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) addresses: Mutex<HashMap<String, Address>>,
    /// Refusals of the ledger that come before the next note.
    pub(crate) refusals: Mutex<Vec<LedgerError>>,
    steady: Steady,
    dice: Dice,
    settled: Notify,
}

pub(crate) const RULE: RetryRule = RetryRule {
    first: Duration::from_secs(10),
    longest: Duration::from_hours(1),
    life: Duration::from_hours(72),
};

impl Principal for Clerk {
    fn address(&self, lane: &LaneId) -> Option<Address> {
        self.addresses.lock().unwrap().get(lane.as_str()).cloned()
    }

    fn now(&self) -> Moment {
        self.steady.now(self.clock.tick())
    }

    fn settle(&self, claimed: Claimed, attempt: Attempt) -> Promised<'_, Result<(), LedgerError>> {
        Box::pin(async move {
            if let Some(refusal) = self.refusals.lock().unwrap().pop() {
                return Err(refusal);
            }
            let now = self.now();
            let message = &claimed.message;
            let verdict = match judge(&attempt) {
                Judgement::Taken => Verdict::Delivered,
                Judgement::NotTaken(failure) => {
                    let queued = Moment::from_millis(
                        Moment::of(message.expires).millis() - u64::try_from(RULE.life.as_millis()).unwrap(),
                    );
                    let made = message.attempts;
                    let trouble = trouble(&attempt).unwrap();
                    match RULE.next(Attempts { queued, made }, failure, now, self.dice.draw()) {
                        Next::Again { at } => Verdict::Retry {
                            due: at.time_of_day().unwrap(),
                            trouble,
                        },
                        Next::Refused | Next::Exhausted => Verdict::Dead { trouble },
                    }
                }
            };
            let mut entry = Entry::new(message.tenant.clone(), self.clock.now());
            entry.settled.push(Settlement {
                lease: claimed.lease,
                verdict,
            });
            self.store.commit(entry).await?;
            self.settled.notify_waiters();
            Ok(())
        })
    }
}

/// A store, its destinations and a courier between them.
pub(crate) struct Scene {
    /// The store in memory, to be held, filled and broken.
    pub(crate) store: Forgetful,
    ledger: Arc<dyn Store>,
    pub(crate) world: Arc<World>,
    pub(crate) clerk: Arc<Clerk>,
    pub(crate) journal: Journal,
    clock: Arc<dyn Clock>,
    wall: Arc<RuntimeClock>,
    bell: Arc<Notify>,
    last: u64,
}

/// A courier at work.
pub(crate) struct Running {
    stop: CancellationToken,
    work: JoinHandle<Result<Ended, LedgerError>>,
}

impl Running {
    pub(crate) async fn stop(self) -> Ended {
        self.stop.cancel();
        self.work.await.unwrap().unwrap()
    }

    pub(crate) async fn end(self) -> Result<Ended, LedgerError> {
        self.work.await.unwrap()
    }

    /// As a process that dies.
    pub(crate) async fn kill(self) {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
    }
}

impl Scene {
    pub(crate) fn new(lanes: &[&str]) -> Self {
        let wall = Arc::new(RuntimeClock::start());
        let memory = Forgetful::new(Arc::clone(&wall) as Arc<dyn Clock>);
        let store = Arc::new(memory.clone());
        Self::on(lanes, store, memory, wall)
    }

    /// Over another store than the one in memory.
    pub(crate) fn on(
        lanes: &[&str],
        store: Arc<dyn Store>,
        memory: Forgetful,
        wall: Arc<RuntimeClock>,
    ) -> Self {
        let clock = Arc::clone(&wall) as Arc<dyn Clock>;
        let here = |lane: &&str| {
            let base = WebAddress::parse("http://127.0.0.1:9").unwrap();
            ((*lane).to_owned(), Address::Fhir { base, bearer: None })
        };
        let clerk = Clerk {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            addresses: Mutex::new(lanes.iter().map(here).collect()),
            refusals: Mutex::default(),
            steady: Steady::start(None, clock.now(), clock.tick()),
            dice: Dice::default(),
            settled: Notify::new(),
        };
        Self {
            store: memory,
            ledger: store,
            world: Arc::default(),
            clerk: Arc::new(clerk),
            journal: Journal::silent(Arc::clone(&clock)),
            clock,
            wall,
            bell: Arc::new(Notify::new()),
            last: 0,
        }
    }

    pub(crate) fn run(&self, settings: Settings) -> Running {
        self.run_with(settings, Arc::clone(&self.world) as Arc<dyn Carriage>)
    }

    pub(crate) fn run_with(&self, settings: Settings, carriage: Arc<dyn Carriage>) -> Running {
        let parts = Parts {
            store: Arc::clone(&self.ledger),
            blobs: Arc::new(ForgetfulBlobs::default()),
            clock: Arc::clone(&self.clock),
            chance: Arc::new(Dice::default()),
            principal: Arc::clone(&self.clerk) as Arc<dyn Principal>,
            carriage,
            bell: Arc::clone(&self.bell),
            journal: self.journal.clone(),
        };
        let stop = CancellationToken::new();
        let work = tokio::spawn(Courier::new(parts, settings).run(stop.clone()));
        Running { stop, work }
    }

    /// Sets the time of day by that much, ahead or back.
    pub(crate) fn step(&self, by: Duration, ahead: bool) {
        self.wall.read(|clock| {
            let now = clock.now();
            clock.set(if ahead { now + by } else { now - by });
        });
    }

    /// Puts a message for `lane` out and rings.
    pub(crate) async fn put(&mut self, lane: &str) -> OutboundId {
        self.put_out(lane, Errand::SubmitAttachment.encode()).await
    }

    pub(crate) async fn put_out(&mut self, lane: &str, facts: Vec<u8>) -> OutboundId {
        self.last += 1;
        let id = OutboundId {
            folio: FolioId::new(self.last).unwrap(),
            number: 0,
        };
        let now = self.clerk.now().time_of_day().unwrap();
        let mut entry = Entry::new(TenantId::parse("mercy").unwrap(), now);
        entry.outbound.push(Outbound {
            id,
            lane: LaneId::parse(lane).unwrap(),
            to: TenantId::parse(lane).unwrap(),
            draft: Draft::from(Body::inline(&b"{}"[..])),
            facts: Opaque::new(facts),
            due: now,
            expires: now + RULE.life,
        });
        self.ledger.commit(entry).await.unwrap();
        self.bell.notify_one();
        id
    }

    pub(crate) async fn message(&self, id: OutboundId) -> StoredOutbound {
        self.ledger
            .outbound(&Viewer::Operator, id)
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn standing(&self, id: OutboundId) -> Standing {
        self.message(id).await.standing
    }

    /// Waits until the message stands so.
    pub(crate) async fn until(&self, id: OutboundId, standing: Standing) {
        loop {
            let settled = self.clerk.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            if self.standing(id).await == standing {
                return;
            }
            settled.await;
        }
    }

    /// Waits until so many attempts were begun.
    pub(crate) async fn until_seen(&self, count: usize) {
        loop {
            let changed = self.world.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.world.seen().len() >= count {
                return;
            }
            changed.await;
        }
    }
}
