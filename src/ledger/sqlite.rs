//! The store on disk: one SQLite database, one thread that writes.
//!
//! Callers put entries into a bounded queue; the committer takes all that waits, up to 512, writes it in one
//! transaction and answers when SQLite has synced it: group commit without a timer (ROB-002).
//! SQLite runs with a write-ahead log and `synchronous=FULL`, and the committer itself moves that log into the
//! database.
//! *Invariant*: what is refused leaves no trace, because everything of an entry is checked before any of it is written;
//! what fails takes its whole batch with it.

mod book;
mod columns;
mod committer;
mod folios;
mod halt;
mod known;
mod names;
mod numbers;
mod outbox;
mod prune;
mod read;
mod readers;
mod schema;
mod write;

use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::thread;
use std::thread::JoinHandle;
use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::ledger::ballast::Ballast;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::disk::Disk;
use crate::ledger::disk::is_full;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Key;
use crate::ledger::error::LedgerError;
use crate::ledger::folder::Folder;
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
use crate::ledger::moment::millis;
use crate::ledger::pending::Pending;
use crate::ledger::sqlite::committer::Committer;
use crate::ledger::sqlite::committer::Job;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::halt::as_io;
use crate::ledger::sqlite::known::Known;
use crate::ledger::sqlite::known::Recall;
use crate::ledger::sqlite::readers::Readers;
use crate::ledger::sqlite::write::Writer;
use crate::ledger::state::State;
use crate::ledger::store::Store;

/// The store on disk.
#[derive(Debug)]
pub struct SqliteStore {
    state: Arc<State>,
    /// Only for whoever writes: what another process stores is not noted.
    known: Option<Arc<Known>>,
    _recall: Option<Recall>,
    readers: Readers,
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Given free last.
    folder: Arc<Folder>,
}

/// What a store is opened with.
pub(crate) struct Terms<'a> {
    pub(crate) folder: &'a Arc<Folder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) state: Arc<State>,
    pub(crate) ballast: u64,
    pub(crate) queue: usize,
}

impl SqliteStore {
    /// Opens the database in a folder that this process has locked.
    ///
    /// SQLite itself replays what a crash left in the write-ahead log.
    pub(crate) fn open(terms: Terms<'_>) -> Result<Self, LedgerError> {
        let folder = terms.folder.path();
        let file = folder.join(FILE);
        let unusable = |error| LedgerError::unusable(&file, as_io(error));
        let mut connection = schema::connect_to_write(&file).map_err(unusable)?;
        let version = schema::prepare(&mut connection).map_err(unusable)?;
        if version != schema::VERSION {
            return Err(LedgerError::Format {
                folder: folder.to_owned(),
                found: version.unsigned_abs(),
                known: schema::VERSION.unsigned_abs(),
            });
        }
        // The name of a new file must outlast a loss of power before anything in it is acknowledged.
        terms
            .disk
            .sync_folder(folder)
            .map_err(|error| LedgerError::unusable(folder, error))?;
        let known = Arc::new(Known::new());
        let writer =
            Writer::new(&connection, Arc::clone(&terms.clock), Arc::clone(&known)).map_err(unusable)?;
        let readers = Readers::start(&file, Arc::clone(&terms.state))?;
        let ballast = Ballast::new(folder, terms.ballast);
        match ballast.take(&*terms.disk) {
            Ok(()) => {}
            Err(error) if is_full(&error) => terms.state.set_rows_full(true),
            Err(error) => return Err(LedgerError::unusable(folder, error)),
        }
        let (queue, jobs) = mpsc::sync_channel(terms.queue);
        let committer = Committer {
            connection,
            writer,
            queue: jobs,
            state: Arc::clone(&terms.state),
            disk: terms.disk,
            ballast,
            looked: terms.clock.tick(),
            clock: terms.clock,
        };
        let thread = thread::Builder::new()
            .name("ledger-commit".to_owned())
            .spawn(move || committer.run())
            .map_err(|error| LedgerError::unusable(&file, error))?;
        Ok(Self {
            state: terms.state,
            _recall: Some(Recall::start(&file, &known)),
            known: Some(known),
            readers,
            queue: Some(queue),
            thread: Some(thread),
            folder: Arc::clone(terms.folder),
        })
    }

    /// Opens the database to read only.
    pub(crate) fn look_into(folder: &Arc<Folder>, state: Arc<State>) -> Result<Self, LedgerError> {
        let file = folder.path().join(FILE);
        let readers = Readers::start(&file, Arc::clone(&state))?;
        Ok(Self {
            state,
            known: None,
            _recall: None,
            readers,
            queue: None,
            thread: None,
            folder: Arc::clone(folder),
        })
    }

    /// Tells the last blob of a range that anything refers to, on the thread that asks.
    ///
    /// It reads by a connection of its own, because whoever opens a ledger may do so where async code runs, and there
    /// nobody can wait for the threads that read.
    pub(crate) fn last_blobs(
        &self,
    ) -> Result<impl Fn(BlobRange) -> Result<Option<BlobId>, LedgerError>, LedgerError> {
        let file = self.folder.path().join(FILE);
        let connection =
            schema::connect_to_read(&file).map_err(|error| LedgerError::unusable(&file, as_io(error)))?;
        Ok(move |range| read::audit::last_blob(&connection, &range).map_err(Halt::into_read))
    }

    /// Whether something is known without reading; nothing is, once the ledger has failed.
    fn is_certain(&self, certain: impl FnOnce(&Known) -> bool) -> bool {
        self.known.as_deref().is_some_and(certain) && self.state.check().is_ok()
    }

    /// Puts a job into the queue, unless the ledger has failed or too much waits.
    fn ask<T>(&self, job: Job, pending: Pending<T>) -> Pending<T> {
        if let Err(failure) = self.state.check() {
            return Pending::ready(Err(failure));
        }
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => pending,
            Some(Err(TrySendError::Full(_))) => Pending::ready(Err(LedgerError::Busy)),
            Some(Err(TrySendError::Disconnected(_))) | None => Pending::ready(Err(LedgerError::Closed)),
        }
    }
}

impl Drop for SqliteStore {
    /// Waits until all that was queued is on disk and answered.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // If the thread panicked, its promises are broken and whoever waited knows.
            let _ = thread.join();
        }
    }
}

impl Store for SqliteStore {
    fn health(&self) -> Health {
        self.state.health()
    }

    fn commit(&self, entry: Entry) -> Pending<Outcome> {
        if let Err(refusal) = entry.check() {
            return Pending::ready(Err(refusal));
        }
        if self.state.is_full() && entry.is_intake() && self.state.check().is_ok() {
            return Pending::ready(Err(LedgerError::Full));
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
        self.ask(Job::Prune(retention, millis(now), promise), pending)
    }

    fn discarded(&self, most: usize) -> Pending<Discarded> {
        self.readers
            .read(move |connection| read::audit::discarded(connection, most))
    }

    fn forget(&self, blobs: Vec<BlobId>) -> Pending<()> {
        let (promise, pending) = Pending::new();
        self.ask(Job::Forget(blobs, promise), pending)
    }

    fn refers_to(&self, range: BlobRange) -> Pending<bool> {
        self.readers
            .read(move |connection| read::audit::refers_to(connection, &range))
    }

    fn seen(&self, key: Key) -> Pending<Option<Seen>> {
        if self.is_certain(|known| !known.may_have_key(&key)) {
            return Pending::ready(Ok(None));
        }
        self.readers
            .read(move |connection| read::entries::seen(connection, &key))
    }

    fn entry(&self, viewer: &Viewer, id: EntryId) -> Pending<Option<StoredEntry>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::entries::entry(connection, &viewer, id))
    }

    fn entries_about(
        &self,
        viewer: &Viewer,
        folio: FolioId,
        after: Option<EntryId>,
        most: usize,
    ) -> Pending<Vec<EntryId>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::entries::about(connection, &viewer, folio, after, most))
    }

    fn latest(&self, viewer: &Viewer, before: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::entries::latest(connection, &viewer, before, most))
    }

    fn parked(&self, viewer: &Viewer, after: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::entries::parked(connection, &viewer, after, most))
    }

    fn folio(&self, viewer: &Viewer, id: FolioId) -> Pending<Option<Folio>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::folios::folio(connection, &viewer, id))
    }

    fn versions(
        &self,
        viewer: &Viewer,
        id: FolioId,
        below: Option<Version>,
        most: usize,
    ) -> Pending<Vec<Folio>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::folios::versions(connection, &viewer, id, below, most))
    }

    fn find(&self, viewer: &Viewer, search: Search) -> Pending<Vec<Folio>> {
        let missing = |known: &Known| {
            let mut lists = search.all_of.iter();
            lists.any(|any_of| !any_of.iter().any(|handle| known.may_have_handle(handle)))
        };
        if self.is_certain(missing) {
            return Pending::ready(Ok(Vec::new()));
        }
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::folios::find(connection, &viewer, &search))
    }

    fn woken(&self, now: SystemTime, most: usize) -> Pending<Vec<Woken>> {
        self.readers
            .read(move |connection| read::folios::woken(connection, millis(now), most))
    }

    fn outbound(&self, viewer: &Viewer, id: OutboundId) -> Pending<Option<StoredOutbound>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::outbox::outbound(connection, &viewer, id))
    }

    fn outbound_of(&self, viewer: &Viewer, folio: FolioId) -> Pending<Vec<StoredOutbound>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::outbox::of_folio(connection, &viewer, folio))
    }

    fn standing(
        &self,
        viewer: &Viewer,
        standing: Standing,
        lane: Option<&LaneId>,
        after: Option<OutboundId>,
        most: usize,
    ) -> Pending<Vec<OutboundId>> {
        let (viewer, lane) = (viewer.clone(), lane.cloned());
        self.readers.read(move |connection| {
            read::outbox::standing(connection, &viewer, standing, lane.as_ref(), after, most)
        })
    }

    fn numbered(&self, viewer: &Viewer, series: &Series, value: u64) -> Pending<Option<OutboundId>> {
        let (viewer, series) = (viewer.clone(), series.clone());
        self.readers
            .read(move |connection| read::outbox::numbered(connection, &viewer, &series, value))
    }

    fn lanes(&self) -> Pending<Vec<LaneState>> {
        self.readers.read(read::outbox::lanes)
    }

    fn tally(&self) -> Pending<Tally> {
        self.readers.read(read::entries::tally)
    }

    fn audit(&self, viewer: &Viewer, after: Option<AuditId>, most: usize) -> Pending<Vec<StoredAudit>> {
        let viewer = viewer.clone();
        self.readers
            .read(move |connection| read::audit::events(connection, &viewer, after, most))
    }

    fn verify_audit(&self) -> Pending<AuditReport> {
        self.readers.read(read::audit::verify)
    }
}

/// The name of the database in its folder.
pub(crate) const FILE: &str = "ledger.sqlite";
