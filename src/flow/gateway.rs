//! The gateway that doors, the courier and the timer call.

use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;
use std::time::SystemTime;

use tokio::sync::Mutex;
use tokio::sync::Notify;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::exchange::moment::Moment;
use crate::exchange::steady::Noted;
use crate::exchange::steady::Steady;
use crate::flow::chance::Chance;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::fetching::Fetching;
use crate::flow::fingerprint::FingerprintKey;
use crate::flow::settings::Settings;
use crate::flow::world::World;
use crate::ledger::blobs::BlobStore;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claimed;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::Version;
use crate::ledger::store::Store;
use crate::observe::journal::Journal;
use crate::upstream::address::Address;
use crate::upstream::attempt::Attempt;

/// What a gateway works with.
#[derive(Clone)]
pub struct Parts {
    /// Where state is kept.
    pub store: Arc<dyn Store>,
    /// Where long payloads are kept.
    pub blobs: Arc<dyn BlobStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Dice.
    pub chance: Arc<dyn Chance>,
    /// The secret under which what identifies a person is fingerprinted; the same for as long as the ledger lives.
    pub key: [u8; 32],
}

/// Shows no secret.
impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("store", &self.store)
            .field("blobs", &self.blobs)
            .finish_non_exhaustive()
    }
}

/// Takes messages in, decides, keeps, answers, and follows what becomes of what it sent.
#[derive(Debug)]
pub struct Gateway {
    parts: Parts,
    key: FingerprintKey,
    world: RwLock<Arc<World>>,
    steady: RwLock<Steady>,
    /// What the clock showed when this run began.
    began: (SystemTime, Tick),
    /// What time was noted last; nothing before the first look at the ledger.
    pub(crate) noted: Mutex<Option<(Version, Noted)>>,
    fetching: Option<Arc<dyn Fetching>>,
    bell: Arc<Notify>,
    alarm: Arc<Notify>,
    journal: Journal,
    /// Places for long messages that are held all the same.
    holding: Arc<Semaphore>,
}

/// So many long messages are held at a time.
const HELD_AT_ONCE: usize = 2;

/// After how long a sender may try again that met trouble of ours.
pub(crate) const LATER: Duration = Duration::from_secs(30);

impl Gateway {
    /// A gateway over a ledger that is open.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let key = FingerprintKey::new(&parts.key);
        let began = (parts.clock.now(), parts.clock.tick());
        let steady = Steady::start(None, began.0, began.1);
        Self {
            world: RwLock::new(Arc::new(World::new(settings, key.clone()))),
            journal: Journal::silent(Arc::clone(&parts.clock)),
            parts,
            key,
            steady: RwLock::new(steady),
            began,
            noted: Mutex::new(None),
            fetching: None,
            bell: Arc::new(Notify::new()),
            alarm: Arc::new(Notify::new()),
            holding: Arc::new(Semaphore::new(HELD_AT_ONCE)),
        }
    }

    /// Fetches by this what submissions name by address; without it, such submissions are refused (GW-16).
    #[must_use]
    pub fn fetching_by(mut self, fetching: Arc<dyn Fetching>) -> Self {
        self.fetching = Some(fetching);
        self
    }

    /// What reads contents from servers of partners.
    pub(crate) fn fetching(&self) -> Option<&dyn Fetching> {
        self.fetching.as_deref()
    }

    /// The same, telling there of each message that comes in.
    #[must_use]
    pub fn with_journal(mut self, journal: Journal) -> Self {
        self.journal = journal;
        self
    }

    /// Works under other settings from now on; what has begun goes on as it began.
    pub fn swap(&self, settings: Settings) {
        let world = Arc::new(World::new(settings, self.key.clone()));
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = world;
    }

    /// A place for a long message that has to be held, once there is one; nothing only if there are none any more.
    pub(crate) async fn place_to_hold(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.holding).acquire_owned().await.ok()
    }

    /// Rings whenever something was put into the outbox.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// Rings whenever something was kept that waits for a time sooner than [`tick`](Self::tick) looks by itself.
    pub fn alarm(&self) -> Arc<Notify> {
        Arc::clone(&self.alarm)
    }

    /// Takes one or more interchanges and answers them; what is answered is on disk.
    ///
    /// Cancelling it loses nothing that was answered; what was not may have been kept all the same.
    pub async fn x12(&self, caller: &Caller, body: &mut dyn Incoming) -> Reply {
        crate::flow::intake::take(self, caller, body).await
    }

    /// Does what somebody asks of the FHIR façade; what is answered is on disk.
    ///
    /// Cancelling it loses nothing that was answered; what was not may have been kept all the same.
    pub async fn facade(
        &self,
        caller: &Caller,
        what: Interaction,
        prefer: Prefer,
        body: &mut dyn Incoming,
    ) -> Reply {
        crate::flow::facade::serve(self, caller, what, prefer, body).await
    }

    /// Notes what became of a sending, and what follows from it.
    ///
    /// # Errors
    /// Says why that could not be kept; the message is sent once more when its lease has run out.
    pub async fn settle(&self, claimed: Claimed, attempt: Attempt) -> Result<(), LedgerError> {
        crate::flow::settling::settle(self, claimed, attempt).await
    }

    /// Wakes the exchanges whose times have come; says when to call again, if one waits.
    ///
    /// # Errors
    /// Says why that could not be kept; nothing is lost by calling again.
    pub async fn tick(&self) -> Result<Option<Duration>, LedgerError> {
        crate::flow::timers::tick(self).await
    }

    /// The newest address of the partner behind a lane.
    pub fn address(&self, lane: &LaneId) -> Option<Address> {
        self.world().partner(lane.as_str())?.address.clone()
    }

    /// The settings of now, ready for use.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The steady time (ROB-021).
    pub(crate) fn moment(&self) -> Moment {
        self.steady().now(self.parts.clock.tick())
    }

    /// The clock of this run.
    pub(crate) fn steady(&self) -> Steady {
        *self.steady.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on where the last run noted that it was.
    pub(crate) fn go_on_from(&self, noted: Noted) {
        let (wall, tick) = self.began;
        let steady = Steady::start(Some(noted), wall, tick);
        *self.steady.write().unwrap_or_else(PoisonError::into_inner) = steady;
    }

    /// Tells who empties the outbox, and who waits for times, that there is something new.
    pub(crate) fn ring(&self, outbox: bool, times: bool) {
        if outbox {
            self.bell.notify_one();
        }
        if times {
            self.alarm.notify_one();
        }
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Where is told what comes in.
    pub(crate) const fn journal(&self) -> &Journal {
        &self.journal
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::base::clock::ManualClock;
    use crate::flow::settings::Own;
    use crate::ledger::forgetful::Forgetful;
    use crate::ledger::forgetful::ForgetfulBlobs;
    use crate::ledger::ids::TenantId;
    use crate::mapping::Library;
    use crate::mapping::guides::Guides;
    use crate::routing::table;
    use crate::routing::table::Park;
    use crate::routing::value::IsaId;

    #[derive(Debug)]
    struct Same;

    impl Chance for Same {
        fn draw(&self) -> u64 {
            4
        }
    }

    /// A gateway without partners.
    pub(crate) fn bare() -> Gateway {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH));
        let parts = Parts {
            store: Arc::new(Forgetful::new(Arc::clone(&clock))),
            blobs: Arc::new(ForgetfulBlobs::default()),
            clock,
            chance: Arc::new(Same),
            key: [7; 32],
        };
        let settings = Settings {
            generation: 1,
            own: Own {
                name: TenantId::parse("cartage").unwrap(),
                isa: IsaId::parse("ZZ:CARTAGE").unwrap(),
                gs: "CARTAGE".to_owned(),
                production: false,
                facade: "https://cartage.example/fhir".to_owned(),
            },
            routing: table::Settings {
                partners: Vec::new(),
                routes: Vec::new(),
                park: Park::Hold,
            },
            partners: Vec::new(),
            retiring: std::collections::BTreeSet::new(),
            library: Arc::new(Library::built_in().unwrap()),
            guides: Arc::new(Guides::embedded().unwrap()),
        };
        Gateway::new(parts, settings)
    }
}
