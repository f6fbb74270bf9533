//! The blob store on disk: an append-only log.
//!
//! Short blobs share segments of the log, whose room is taken beforehand; one thread appends what is queued in one
//! piece and syncs once.
//! A blob of more than 256 KiB has a segment of its own, written in pieces of that size.
//! Every record carries its length, its sequence number, a CRC-32C and the SHA-256 of the blob, so that no change of a
//! byte passes unseen (ROB-009); the checksum of a head includes a salt of the segment and the record's own place, so
//! that no payload passes for a record.
//! *Invariant*: a blob that was given out as [`Kept`](super::blobs::Kept) is on disk, and so is the name of its file.

mod append;
mod erase;
#[cfg(test)]
mod flips;
mod own;
mod parts;
mod prepare;
mod reader;
mod record;
mod recover;
mod scan;
mod segment;
mod shelf;
mod verify;
mod writer;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::thread::JoinHandle;

pub use self::recover::Warning;
pub use self::scan::Fault;
pub use self::segment::Place;

use self::append::Appender;
use self::parts::Parts;
use self::prepare::Preparer;
use self::reader::LogReader;
use self::recover::LastReferred;
use self::shelf::Shelf;
use self::writer::LogWriter;
use crate::base::clock::Clock;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::BlobStore;
use crate::ledger::blobs::BlobWriter;
use crate::ledger::crew::Crew;
use crate::ledger::disk::Disk;
use crate::ledger::error::LedgerError;
use crate::ledger::folder::Folder;
use crate::ledger::ids::TenantId;
use crate::ledger::pending::Pending;
use crate::ledger::state::State;

/// The blob store on disk.
#[derive(Debug)]
pub struct BlobLog {
    parts: Arc<Parts>,
    /// Dropped after the log itself: what was queued is done first.
    _crews: [Crew<()>; 2],
    threads: Vec<JoinHandle<()>>,
    /// Dropped to end the thread that prepares segments.
    stop: Option<SyncSender<()>>,
    /// Given free last.
    _folder: Arc<Folder>,
}

/// What a log is opened with.
pub(crate) struct Terms<'a> {
    pub(crate) folder: &'a Arc<Folder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) state: Arc<State>,
    /// Bytes of a segment of the log.
    pub(crate) segment: u64,
    pub(crate) queue: usize,
    pub(crate) last: LastReferred<'a>,
}

impl BlobLog {
    /// Opens the log in a folder that this process has locked.
    pub(crate) fn open(terms: Terms<'_>) -> Result<(Self, Vec<Warning>), LedgerError> {
        let folder = terms.folder.path().join(BLOBS);
        let unusable = |error| LedgerError::unusable(&folder, error);
        fs::create_dir_all(&folder)
            .and_then(|()| terms.disk.sync_folder(terms.folder.path()))
            .map_err(unusable)?;
        let shelf = Arc::new(Shelf::new(Arc::clone(&terms.clock)));
        let recovered = recover::recover(&folder, &*terms.disk, &shelf, terms.last)?;
        let numbers = Arc::new(AtomicU64::new(recovered.segment));
        let (append, queue) = mpsc::sync_channel(terms.queue);
        // Without a buffer: one segment is ready, and the next is begun only when that one is taken.
        let (ready, segments) = mpsc::sync_channel(0);
        let (stop, stopped) = mpsc::sync_channel(0);
        let preparer = Preparer {
            folder: folder.clone(),
            length: terms.segment,
            numbers: Arc::clone(&numbers),
            disk: Arc::clone(&terms.disk),
            state: Arc::clone(&terms.state),
            ready,
            stop: stopped,
        };
        let appender = Appender {
            queue,
            ended: false,
            ready: segments,
            state: Arc::clone(&terms.state),
            shelf: Arc::clone(&shelf),
            length: terms.segment,
            next: recovered.next,
            active: recovered.active,
        };
        let threads = vec![
            named("ledger-append", move || appender.run()).map_err(unusable)?,
            named("ledger-prepare", move || preparer.run()).map_err(unusable)?,
        ];
        let writing = Crew::start("ledger-blob-write", vec![()]).map_err(unusable)?;
        let reading = Crew::start("ledger-blob-read", vec![(); READERS]).map_err(unusable)?;
        let parts = Parts {
            folder: folder.clone(),
            disk: terms.disk,
            state: terms.state,
            shelf,
            numbers,
            append,
            writing: writing.desk(),
            reading: reading.desk(),
        };
        let log = Self {
            parts: Arc::new(parts),
            _crews: [writing, reading],
            threads,
            stop: Some(stop),
            _folder: Arc::clone(terms.folder),
        };
        Ok((log, recovered.warnings))
    }

    /// Reads all that is stored, the segment apart that is being written, and names each place that is not as it was
    /// written. It takes as long as reading the whole log takes, on the thread that calls.
    ///
    /// # Errors
    /// Fails if a file cannot be read at all.
    pub fn verify(&self) -> Result<Vec<Fault>, LedgerError> {
        verify::verify(&self.parts)
    }

    /// Does something in the thread that writes long blobs.
    fn ask(&self, work: impl FnOnce(&Parts) -> Result<(), LedgerError> + Send + 'static) -> Pending<()> {
        let (promise, pending) = Pending::new();
        let parts = Arc::clone(&self.parts);
        match self.parts.writing.ask(move |()| promise.keep(work(&parts))) {
            Ok(()) => pending,
            Err(refusal) => Pending::ready(Err(refusal)),
        }
    }
}

impl BlobStore for BlobLog {
    fn create(&self, owner: &TenantId) -> Box<dyn BlobWriter> {
        Box::new(LogWriter::new(Arc::clone(&self.parts), owner.clone()))
    }

    fn open(&self, owner: &TenantId, blob: &BlobRef) -> Box<dyn BlobReader> {
        Box::new(LogReader::new(Arc::clone(&self.parts), owner, blob))
    }

    fn erase(&self, blobs: Vec<BlobId>) -> Pending<()> {
        self.ask(move |parts| erase::erase(parts, &blobs))
    }

    fn renew(&self, blobs: &[BlobId]) {
        for blob in blobs {
            self.parts.shelf.renew(Place::of(*blob).segment);
        }
    }

    fn idle(&self) -> Vec<BlobRange> {
        self.parts
            .shelf
            .idle()
            .into_iter()
            .map(segment::range_of)
            .collect()
    }

    fn drop_range(&self, range: BlobRange) -> Pending<()> {
        self.ask(move |parts| erase::drop_range(parts, range))
    }
}

impl Drop for BlobLog {
    /// Waits until all that was queued is on disk and answered.
    fn drop(&mut self) {
        self.stop = None;
        // If nobody receives, the thread has ended already.
        let _ = self.parts.append.send(None);
        for thread in self.threads.drain(..) {
            // A thread that panicked has broken its promises, and whoever waited knows.
            let _ = thread.join();
        }
    }
}

fn named(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// The folder of the log within that of the ledger.
const BLOBS: &str = "blobs";

/// So many blobs are read at once.
const READERS: usize = 2;
