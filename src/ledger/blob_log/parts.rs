//! What writers and readers of the blob log share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;

use crate::ledger::blob_log::append::Append;
use crate::ledger::blob_log::shelf::Shelf;
use crate::ledger::crew::Desk;
use crate::ledger::disk::Disk;
use crate::ledger::error::LedgerError;
use crate::ledger::state::State;

/// What writers and readers of the blob log share.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) folder: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) state: Arc<State>,
    pub(super) shelf: Arc<Shelf>,
    /// The number of the next segment.
    pub(super) numbers: Arc<AtomicU64>,
    /// Short blobs go here; `None` ends the thread that appends.
    pub(super) append: SyncSender<Option<Append>>,
    /// Writes long blobs, and erases: one thread, so that what is asked for one blob is done in that order.
    pub(super) writing: Desk<()>,
    pub(super) reading: Desk<()>,
}

impl Parts {
    pub(super) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether new payloads are taken.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        self.state.check()?;
        if self.state.is_full() {
            return Err(LedgerError::Full);
        }
        Ok(())
    }

    /// Queues a short blob; the refusal, if it is not taken.
    pub(super) fn append(&self, append: Append) {
        let (append, refusal) = match self.append.try_send(Some(append)) {
            Ok(()) => return,
            Err(TrySendError::Full(append)) => (append, LedgerError::Busy),
            Err(TrySendError::Disconnected(append)) => (append, LedgerError::Closed),
        };
        if let Some(append) = append {
            append.promise.keep(Err(refusal));
        }
    }
}
