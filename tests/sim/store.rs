//! A store that forgets what was not synced.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cartage::exchange::correlation::Names;
use cartage::exchange::effect::DeadReason;
use cartage::exchange::effect::Taken;
use cartage::exchange::ids::ContentDigest;
use cartage::exchange::ids::DeliveryId;
use cartage::exchange::ids::ExchangeId;
use cartage::exchange::ids::PartId;
use cartage::exchange::keys::ControlNumber;
use cartage::exchange::moment::Moment;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::steady::Noted;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Terms;

/// The name of a line in the outbox.
pub(crate) type Line = (ExchangeId, DeliveryId);

/// What a sender was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Taken(Taken),
    Refused(Refusal),
    Conflict,
    Noted,
}

/// All that a gateway keeps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) exchanges: BTreeMap<ExchangeId, Kept>,
    pub(crate) contents: BTreeMap<(ExchangeId, PartId), Vec<u8>>,
    pub(crate) requests: BTreeMap<ExchangeId, Vec<u8>>,
    pub(crate) answers: BTreeMap<Vec<u8>, (ContentDigest, Answer)>,
    pub(crate) lookups: BTreeMap<Vec<u8>, BTreeSet<ExchangeId>>,
    pub(crate) claims: BTreeSet<Vec<u8>>,
    pub(crate) outbox: BTreeMap<Line, Row>,
    pub(crate) dead: BTreeMap<Line, DeadReason>,
    pub(crate) identities: BTreeMap<Line, ControlNumber>,
    pub(crate) receipts: BTreeMap<ControlNumber, Line>,
    pub(crate) last_number: Option<ControlNumber>,
    pub(crate) noted: Option<Noted>,
}

/// What is kept of an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) terms: Terms,
    pub(crate) state: Vec<u8>,
    pub(crate) events: Vec<Vec<u8>>,
    pub(crate) names: Names,
    pub(crate) task: Vec<(u32, TaskStatus)>,
}

/// A line in the outbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) made: u32,
    pub(crate) queued: Moment,
    pub(crate) due: Moment,
}

/// Changes that are kept together or not at all.
pub(crate) type Batch = Box<dyn Fn(&mut Tables)>;

/// How many batches were ever appended.
pub(crate) type Ticket = u64;

/// Where a gateway keeps things.
pub(crate) trait Store {
    /// All that was appended.
    fn view(&self) -> &Tables;

    /// All that is still there after a crash.
    fn durable(&self) -> &Tables;

    fn append(&mut self, batch: Batch) -> Ticket;

    /// Makes everything durable that was appended; says up to where.
    fn sync(&mut self) -> Ticket;

    /// Whether something was appended that is not durable.
    fn has_pending(&self) -> bool;

    /// Forgets what was not synced; but as a disk may have written some of it on its own, `survivors` of the
    /// batches survive.
    fn crash(&mut self, survivors: usize);
}

/// Keeps what was synced; the rest is forgotten, or some of it is not.
#[derive(Default)]
pub(crate) struct Forgetful {
    durable: Tables,
    pending: Vec<Batch>,
    view: Tables,
    appended: Ticket,
    lies: bool,
}

impl Forgetful {
    /// An empty store, on a disk that may say that it has synced and has not.
    pub(crate) fn that_lies(lies: bool) -> Self {
        Self {
            lies,
            ..Self::default()
        }
    }
}

impl Store for Forgetful {
    fn view(&self) -> &Tables {
        &self.view
    }

    fn durable(&self) -> &Tables {
        if self.lies { &self.view } else { &self.durable }
    }

    fn append(&mut self, batch: Batch) -> Ticket {
        batch(&mut self.view);
        self.pending.push(batch);
        self.appended += 1;
        self.appended
    }

    fn sync(&mut self) -> Ticket {
        if !self.lies {
            for batch in self.pending.drain(..) {
                batch(&mut self.durable);
            }
        }
        self.appended
    }

    fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    fn crash(&mut self, survivors: usize) {
        for batch in self.pending.drain(..).take(survivors) {
            batch(&mut self.durable);
        }
        self.view = self.durable.clone();
    }
}
