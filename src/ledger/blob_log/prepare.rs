//! Makes the next segment ready while the present one is filled: its blocks are written once with zeros, so that a
//! record that goes in later changes no list of blocks and its sync is short (PERF-005).
//!
//! A disk that is full shows here, before anything was taken in that could be lost by it (ROB-007).

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::SendError;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::Kind;
use crate::ledger::disk::Disk;
use crate::ledger::disk::DiskFile;
use crate::ledger::disk::fill;
use crate::ledger::disk::is_full;
use crate::ledger::error::LedgerError;
use crate::ledger::state::State;
use crate::ledger::state::Watch;

/// How often a full disk is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A segment that waits to be used.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) segment: u64,
    pub(super) file: Box<dyn DiskFile>,
}

/// The thread's belongings.
#[derive(Debug)]
pub(super) struct Preparer {
    pub(super) folder: PathBuf,
    pub(super) length: u64,
    pub(super) numbers: Arc<AtomicU64>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) state: Arc<State>,
    /// Takes a segment when it is needed, and not before.
    pub(super) ready: SyncSender<Prepared>,
    /// Ends the thread when its other side is dropped.
    pub(super) stop: Receiver<()>,
}

impl Preparer {
    /// Works until the log is closed or has failed.
    pub(super) fn run(self) {
        let _watch = Watch::over(&self.state);
        while self.state.check().is_ok() {
            match self.prepare() {
                Ok(prepared) => {
                    self.state.set_blobs_full(false);
                    if let Err(SendError(unused)) = self.ready.send(prepared) {
                        self.remove(unused);
                        return;
                    }
                }
                Err(error) if is_full(&error) => {
                    self.state.set_blobs_full(true);
                    if self.stop.recv_timeout(RETRY) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
                Err(error) => {
                    self.state
                        .fail(&LedgerError::failed("preparing a segment of the blob log", error));
                    return;
                }
            }
        }
    }

    fn prepare(&self) -> io::Result<Prepared> {
        let segment = self.numbers.fetch_add(1, Ordering::Relaxed);
        let path = segment::path(&self.folder, Kind::Log, segment);
        let mut file = self.disk.create(&path)?;
        let prepared = fill(&mut *file, self.length).and_then(|()| self.disk.sync_folder(&self.folder));
        if let Err(error) = prepared {
            drop(file);
            // Half a segment would only take the room that is missing.
            let _ = self.disk.remove(&path);
            return Err(error);
        }
        Ok(Prepared { segment, file })
    }

    /// The log was closed before the segment was needed.
    fn remove(&self, unused: Prepared) {
        drop(unused.file);
        // If that fails, it is found to be unused at the next start.
        let _ = self
            .disk
            .remove(&segment::path(&self.folder, Kind::Log, unused.segment));
    }
}
