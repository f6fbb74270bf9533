//! The gateway that doors, the courier and the timer call.

use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use tokio::sync::Notify;

use crate::base::clock::Clock;
use crate::flow::chance::Chance;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::settings::Settings;
use crate::ledger::blobs::BlobStore;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claimed;
use crate::ledger::ids::LaneId;
use crate::ledger::store::Store;
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
    settings: RwLock<Arc<Settings>>,
    bell: Arc<Notify>,
}

impl Gateway {
    /// A gateway over a ledger that is open.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        Self {
            parts,
            settings: RwLock::new(Arc::new(settings)),
            bell: Arc::new(Notify::new()),
        }
    }

    /// Works under other settings from now on; what has begun goes on as it began.
    pub fn swap(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Rings whenever something was put into the outbox.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
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
        let settings = self.settings();
        let partner = settings
            .partners
            .iter()
            .find(|partner| partner.name.as_str() == lane.as_str());
        partner.and_then(|partner| partner.address.clone())
    }

    /// The settings of now.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }
}
