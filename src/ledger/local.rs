//! A ledger in a folder of this machine: opened to work on, or only to look into it.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::clock::Clock;
use crate::ledger::blob_log;
use crate::ledger::blob_log::BlobLog;
use crate::ledger::blob_log::Fault;
use crate::ledger::blob_log::Warning;
use crate::ledger::blobs::BlobStore;
use crate::ledger::disk::Disk;
use crate::ledger::disk::RealDisk;
use crate::ledger::error::LedgerError;
use crate::ledger::folder::Folder;
use crate::ledger::sqlite;
use crate::ledger::sqlite::SqliteStore;
use crate::ledger::state::State;
use crate::ledger::store::Store;

/// How a ledger is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder, which it has to itself.
    pub folder: PathBuf,
    /// So much may wait to be stored; beyond it the answer is [`LedgerError::Busy`] (ROB-017).
    pub queue: usize,
    /// Room that is kept so that deliveries can still be stored when the disk is full.
    pub ballast: u64,
    /// Bytes of a segment of the blob log, which are taken beforehand.
    pub segment: u64,
}

impl Settings {
    /// The usual settings for a folder.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            queue: 4096,
            ballast: 16 << 20,
            segment: 16 << 20,
        }
    }
}

/// A ledger in a folder of this machine.
///
/// When the last of its clones and stores is dropped, it waits until all that was asked is on disk and answered.
#[derive(Clone, Debug)]
pub struct Ledger {
    store: Arc<SqliteStore>,
    blobs: Arc<BlobLog>,
}

impl Ledger {
    /// Opens the ledger, and makes it if there is none.
    ///
    /// It works on the thread that calls, which may be one where async code runs.
    /// What a crash left half done is brought to its end or cut off; the warnings say what was.
    ///
    /// # Errors
    /// Refuses a folder that another process has, that holds something else, or that is of an unknown format; in all
    /// these cases nothing is written.
    pub fn open(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<(Self, Vec<Warning>), LedgerError> {
        Self::open_on(settings, clock, &(Arc::new(RealDisk) as Arc<dyn Disk>))
    }

    /// Opens the ledger on another disk than that of the machine; SQLite's own files stay on that.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_on(
        settings: &Settings,
        clock: &Arc<dyn Clock>,
        disk: &Arc<dyn Disk>,
    ) -> Result<(Self, Vec<Warning>), LedgerError> {
        if settings.segment < SMALLEST_SEGMENT {
            return Err(LedgerError::Malformed("a segment holds at least 1 MiB"));
        }
        let folder = Arc::new(Folder::take(&settings.folder, &**disk)?);
        let state = Arc::new(State::default());
        let store = SqliteStore::open(sqlite::Terms {
            folder: &folder,
            clock: Arc::clone(clock),
            disk: Arc::clone(disk),
            state: Arc::clone(&state),
            ballast: settings.ballast,
            queue: settings.queue,
        })?;
        let last = store.last_blobs()?;
        let (blobs, warnings) = BlobLog::open(blob_log::Terms {
            folder: &folder,
            clock: Arc::clone(clock),
            disk: Arc::clone(disk),
            state,
            segment: settings.segment,
            queue: settings.queue,
            last: &last,
        })?;
        drop(last);
        let ledger = Self {
            store: Arc::new(store),
            blobs: Arc::new(blobs),
        };
        Ok((ledger, warnings))
    }

    /// Opens what a gateway left behind that does not run, to look into it: nothing of the folder is changed.
    ///
    /// Whoever asks the store to write hears [`LedgerError::Closed`].
    ///
    /// # Errors
    /// Refuses a folder in which another process works, one that holds no ledger, and an unknown format.
    pub fn look_into(folder: &Path) -> Result<Arc<dyn Store>, LedgerError> {
        let folder = Arc::new(Folder::visit(folder)?);
        let store = SqliteStore::look_into(&folder, Arc::new(State::default()))?;
        Ok(Arc::new(store))
    }

    /// The store of entries.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    /// The store of blobs.
    pub fn blobs(&self) -> Arc<dyn BlobStore> {
        Arc::clone(&self.blobs) as Arc<dyn BlobStore>
    }

    /// Reads the whole blob log again and names each place that is not as it was written (ROB-009).
    ///
    /// # Errors
    /// Fails if a file cannot be read at all.
    pub fn verify_blobs(&self) -> Result<Vec<Fault>, LedgerError> {
        self.blobs.verify()
    }
}

/// A segment holds at least one record of the greatest length.
const SMALLEST_SEGMENT: u64 = 1 << 20;
