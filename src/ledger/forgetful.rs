//! A store in memory, for the simulator: it keeps to the same rules as the one on disk, and it can forget.
//!
//! While it is told to hold, nothing is committed: entries wait, as they do before the sync of a real disk, and a crash
//! loses them with everybody who waited.
//! It is written without a look at the tables of the other store, so that one proves the other.

mod blobs;
mod look;
mod prune;
mod table;

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::SystemTime;

pub use self::blobs::ForgetfulBlobs;

use self::table::Table;
use crate::base::clock::Clock;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Key;
use crate::ledger::error::LedgerError;
use crate::ledger::found::AuditId;
use crate::ledger::found::AuditReport;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::Discarded;
use crate::ledger::found::Folio;
use crate::ledger::found::Health;
use crate::ledger::found::LaneState;
use crate::ledger::found::Outcome;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::found::Search;
use crate::ledger::found::Seen;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredAudit;
use crate::ledger::found::StoredEntry;
use crate::ledger::found::StoredOutbound;
use crate::ledger::found::Tally;
use crate::ledger::found::Woken;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Series;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::pending::Pending;
use crate::ledger::pending::Promise;
use crate::ledger::store::Store;

/// A store in memory that can forget what was not committed. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Forgetful {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    table: Table,
    /// Whether what is asked waits to be committed.
    holds: bool,
    waiting: VecDeque<Job>,
    most: usize,
    full: bool,
    failed: Option<LedgerError>,
}

#[derive(Debug)]
enum Job {
    Commit(Box<Entry>, Promise<Outcome>),
    Claim(Claim, Promise<Vec<Claimed>>),
    Prune(Retention, SystemTime, Promise<Pruned>),
    Forget(Vec<BlobId>, Promise<()>),
}

impl Forgetful {
    /// An empty store that commits at once.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                clock,
                table: Table::default(),
                holds: false,
                waiting: VecDeque::new(),
                most: 4096,
                full: false,
                failed: None,
            })),
        }
    }

    /// From now on nothing is committed until it is told to.
    pub fn hold(&self) {
        self.lock().holds = true;
    }

    /// From now on all is committed at once; what waits is committed now.
    pub fn release(&self) {
        self.lock().holds = false;
        self.commit_some(usize::MAX);
    }

    /// How much waits to be committed.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Commits the first of what waits and answers it.
    pub fn commit_some(&self, count: usize) {
        let mut inner = self.lock();
        let count = count.min(inner.waiting.len());
        let jobs: Vec<Job> = inner.waiting.drain(..count).collect();
        for job in jobs {
            inner.work(job);
        }
    }

    /// Commits the first of what waits, and tells nobody: the process died between the sync and the answer.
    pub fn commit_unheard(&self, count: usize) {
        let mut inner = self.lock();
        let count = count.min(inner.waiting.len());
        let jobs: Vec<Job> = inner.waiting.drain(..count).collect();
        for job in jobs {
            inner.work(job.unheard());
        }
    }

    /// The process dies and starts again: what waits is lost, and so are all leases.
    pub fn crash(&self) {
        let mut inner = self.lock();
        // Dropped, so that whoever waits hears that the ledger was closed.
        inner.waiting.clear();
        inner.table.forget_leases();
        inner.failed = None;
    }

    /// A sync fails: nothing of what waits is committed, and nothing more is stored until [`crash`](Self::crash).
    pub fn fail_sync(&self) {
        let failure = LedgerError::failed("a commit", io::Error::other("the sync failed"));
        let mut inner = self.lock();
        inner.failed = Some(failure.clone());
        for job in mem::take(&mut inner.waiting) {
            job.refuse(failure.clone());
        }
    }

    /// The disk is full, or has room again.
    pub fn set_full(&self, full: bool) {
        self.lock().full = full;
    }

    /// At most so much may wait.
    pub fn set_queue(&self, most: usize) {
        self.lock().most = most;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T>(&self, job: Job, pending: Pending<T>) -> Pending<T> {
        let mut inner = self.lock();
        if let Some(failure) = inner.failed.clone() {
            job.refuse(failure);
        } else if !inner.holds {
            inner.work(job);
        } else if inner.waiting.len() < inner.most {
            inner.waiting.push_back(job);
        } else {
            job.refuse(LedgerError::Busy);
        }
        pending
    }

    fn look<T>(&self, look: impl FnOnce(&Table) -> T) -> Pending<T> {
        let inner = self.lock();
        match &inner.failed {
            Some(failure) => Pending::ready(Err(failure.clone())),
            None => Pending::ready(Ok(look(&inner.table))),
        }
    }
}

impl Inner {
    fn work(&mut self, job: Job) {
        let tick = self.clock.tick();
        match job {
            Job::Commit(entry, promise) if self.full && entry.is_intake() => {
                promise.keep(Err(LedgerError::Full));
            }
            Job::Commit(entry, promise) => promise.keep(self.table.commit(*entry)),
            Job::Claim(claim, promise) => promise.keep(Ok(self.table.claim(&claim, tick))),
            Job::Prune(retention, now, promise) => promise.keep(Ok(self.table.prune(&retention, now))),
            Job::Forget(blobs, promise) => {
                self.table.forget(&blobs);
                promise.keep(Ok(()));
            }
        }
    }
}

impl Job {
    /// The same job with nobody who waits for it.
    fn unheard(self) -> Self {
        match self {
            Self::Commit(entry, _) => Self::Commit(entry, Pending::new().0),
            Self::Claim(claim, _) => Self::Claim(claim, Pending::new().0),
            Self::Prune(retention, now, _) => Self::Prune(retention, now, Pending::new().0),
            Self::Forget(blobs, _) => Self::Forget(blobs, Pending::new().0),
        }
    }

    fn refuse(self, refusal: LedgerError) {
        match self {
            Self::Commit(_, promise) => promise.keep(Err(refusal)),
            Self::Claim(_, promise) => promise.keep(Err(refusal)),
            Self::Prune(_, _, promise) => promise.keep(Err(refusal)),
            Self::Forget(_, promise) => promise.keep(Err(refusal)),
        }
    }
}

impl Store for Forgetful {
    fn health(&self) -> Health {
        let inner = self.lock();
        match &inner.failed {
            Some(failure) => Health::Failed(failure.clone()),
            None if inner.full => Health::Full,
            None => Health::Sound,
        }
    }

    fn commit(&self, entry: Entry) -> Pending<Outcome> {
        if let Err(refusal) = entry.check() {
            return Pending::ready(Err(refusal));
        }
        let (promise, pending) = Pending::new();
        self.ask(Job::Commit(Box::new(entry), promise), pending)
    }

    fn claim(&self, claim: Claim) -> Pending<Vec<Claimed>> {
        let (promise, pending) = Pending::new();
        self.ask(Job::Claim(claim, promise), pending)
    }

    fn prune(&self, retention: Retention, now: SystemTime) -> Pending<Pruned> {
        let (promise, pending) = Pending::new();
        self.ask(Job::Prune(retention, now, promise), pending)
    }

    fn discarded(&self, most: usize) -> Pending<Discarded> {
        self.look(|table| table.discarded(most))
    }

    fn forget(&self, blobs: Vec<BlobId>) -> Pending<()> {
        let (promise, pending) = Pending::new();
        self.ask(Job::Forget(blobs, promise), pending)
    }

    fn refers_to(&self, range: BlobRange) -> Pending<bool> {
        self.look(|table| table.refers_to(range))
    }

    fn seen(&self, key: Key) -> Pending<Option<Seen>> {
        self.look(|table| table.seen(&key))
    }

    fn entry(&self, viewer: &Viewer, id: EntryId) -> Pending<Option<StoredEntry>> {
        self.look(|table| table.entry(viewer, id))
    }

    fn entries_about(
        &self,
        viewer: &Viewer,
        folio: FolioId,
        after: Option<EntryId>,
        most: usize,
    ) -> Pending<Vec<EntryId>> {
        self.look(|table| table.entries_about(viewer, folio, after, most))
    }

    fn latest(&self, viewer: &Viewer, before: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>> {
        self.look(|table| table.latest(viewer, before, most))
    }

    fn parked(&self, viewer: &Viewer, after: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>> {
        self.look(|table| table.parked(viewer, after, most))
    }

    fn folio(&self, viewer: &Viewer, id: FolioId) -> Pending<Option<Folio>> {
        self.look(|table| table.folio(viewer, id))
    }

    fn versions(
        &self,
        viewer: &Viewer,
        id: FolioId,
        below: Option<Version>,
        most: usize,
    ) -> Pending<Vec<Folio>> {
        self.look(|table| table.versions(viewer, id, below, most))
    }

    fn find(&self, viewer: &Viewer, search: Search) -> Pending<Vec<Folio>> {
        self.look(|table| table.find(viewer, &search))
    }

    fn woken(&self, now: SystemTime, most: usize) -> Pending<Vec<Woken>> {
        self.look(|table| table.woken(now, most))
    }

    fn outbound(&self, viewer: &Viewer, id: OutboundId) -> Pending<Option<StoredOutbound>> {
        self.look(|table| table.outbound(viewer, id))
    }

    fn outbound_of(&self, viewer: &Viewer, folio: FolioId) -> Pending<Vec<StoredOutbound>> {
        self.look(|table| table.outbound_of(viewer, folio))
    }

    fn standing(
        &self,
        viewer: &Viewer,
        standing: Standing,
        lane: Option<&LaneId>,
        after: Option<OutboundId>,
        most: usize,
    ) -> Pending<Vec<OutboundId>> {
        self.look(|table| table.standing(viewer, standing, lane, after, most))
    }

    fn numbered(&self, viewer: &Viewer, series: &Series, value: u64) -> Pending<Option<OutboundId>> {
        self.look(|table| table.numbered(viewer, series, value))
    }

    fn lanes(&self) -> Pending<Vec<LaneState>> {
        self.look(Table::lanes)
    }

    fn tally(&self) -> Pending<Tally> {
        self.look(Table::tally)
    }

    fn audit(&self, viewer: &Viewer, after: Option<AuditId>, most: usize) -> Pending<Vec<StoredAudit>> {
        self.look(|table| table.audit(viewer, after, most))
    }

    fn verify_audit(&self) -> Pending<AuditReport> {
        self.look(Table::verify_audit)
    }
}
