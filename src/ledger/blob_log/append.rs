//! The one thread that appends to the log: what is queued is written in one piece and synced once (ROB-002).

use std::hash::BuildHasher;
use std::hash::Hasher;
use std::hash::RandomState;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::ledger::blob_log::prepare::Prepared;
use crate::ledger::blob_log::record;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::NOTHING;
use crate::ledger::blob_log::segment::Kind;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::blob_log::shelf::Shelf;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::Kept;
use crate::ledger::body::Part;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::pending::Promise;
use crate::ledger::state::State;
use crate::ledger::state::Watch;

/// At most so many blobs share one sync.
const BATCH_MOST: usize = 512;

/// A batch that has so many bytes is written, whatever else waits.
const BYTES_MOST: usize = 8 << 20;

/// How often a thread that waits for a segment looks whether the disk is full.
const GLANCE: Duration = Duration::from_millis(50);

/// A short blob to be stored.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) owner: TenantId,
    pub(super) head: Head,
    pub(super) payload: Vec<u8>,
    pub(super) promise: Promise<Kept>,
}

/// The thread's belongings.
#[derive(Debug)]
pub(super) struct Appender {
    /// `None` ends the thread.
    pub(super) queue: Receiver<Option<Append>>,
    pub(super) ended: bool,
    pub(super) ready: Receiver<Prepared>,
    pub(super) state: Arc<State>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) length: u64,
    /// The sequence number of the next record.
    pub(super) next: u64,
    pub(super) active: Option<Active>,
}

/// The segment that is appended to.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) opening: Opening,
    /// Where the next record begins.
    pub(super) end: u64,
}

/// What was put together to be written at once.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    kept: Vec<(Promise<Kept>, Kept)>,
}

impl Appender {
    /// Works until it is told to end.
    pub(super) fn run(mut self) {
        let _watch = Watch::over(&self.state);
        let mut left = None;
        while let Some(first) = left.take().or_else(|| self.wait()) {
            if let Err(failure) = self.state.check() {
                first.promise.keep(Err(failure));
                continue;
            }
            if let Err(refusal) = self.make_room(first.head.span()) {
                first.promise.keep(Err(refusal));
                continue;
            }
            left = self.append(first);
        }
    }

    fn wait(&mut self) -> Option<Append> {
        if self.ended {
            return None;
        }
        self.queue.recv().ok().flatten()
    }

    /// What is queued at this moment.
    fn glance(&mut self) -> Option<Append> {
        let queued = self.queue.try_recv().ok()?;
        self.ended |= queued.is_none();
        queued
    }

    /// Writes a batch that begins with `first`; gives back the blob that did not fit, if there is one.
    fn append(&mut self, first: Append) -> Option<Append> {
        let mut active = self.active.take()?;
        let mut batch = Batch::default();
        let at = active.end;
        let mut next = Some(first);
        while let Some(append) = next.take() {
            if !active.has_room(append.head.span(), self.length) {
                next = Some(append);
                break;
            }
            batch.take(&mut active, &mut self.next, append);
            if batch.kept.len() >= BATCH_MOST || batch.bytes.len() >= BYTES_MOST {
                break;
            }
            // What waits now shares this sync; nothing is waited for, so a lone blob is not held up.
            next = self.glance();
        }
        let written = active
            .file
            .write_at(at, &batch.bytes)
            .and_then(|()| active.file.sync());
        self.active = Some(active);
        let failure = written.err().map(|error| self.failed(error));
        for (promise, kept) in batch.kept {
            promise.keep(match &failure {
                None => Ok(kept),
                Some(failure) => Err(failure.clone()),
            });
        }
        next
    }

    /// Makes sure that a record of this span fits the active segment.
    fn make_room(&mut self, span: u64) -> Result<(), LedgerError> {
        if self
            .active
            .as_ref()
            .is_some_and(|active| active.has_room(span, self.length))
        {
            return Ok(());
        }
        self.seal()?;
        let prepared = self.wait_for_segment()?;
        let opening = Opening {
            kind: Kind::Log,
            segment: prepared.segment,
            salt: salt(),
            first: self.next,
        };
        let mut file = prepared.file;
        // Synced together with the first batch of records.
        let opened = file.write_at(0, &opening.encode());
        opened.map_err(|error| self.failed(error))?;
        self.active = Some(Active {
            file,
            opening,
            end: OPENING as u64,
        });
        Ok(())
    }

    /// Closes the active segment for good, so that a tail that goes missing later will show.
    fn seal(&mut self) -> Result<(), LedgerError> {
        let Some(mut full) = self.active.take() else {
            return Ok(());
        };
        let seal = Head {
            kind: record::Kind::Seal,
            length: 0,
            sequence: self.next,
            owner: 0,
            digest: NOTHING,
            sum: 0,
        };
        self.next += 1;
        let sealed = full
            .file
            .write_at(full.end, &seal.encode(&full.opening, full.end))
            .and_then(|()| full.file.sync());
        sealed.map_err(|error| self.failed(error))?;
        self.shelf.sealed(full.opening.segment);
        Ok(())
    }

    /// The first failure of a write or a sync is the end (ROB-003).
    fn failed(&self, error: io::Error) -> LedgerError {
        let failure = LedgerError::failed("a write of the blob log", error);
        self.state.fail(&failure);
        failure
    }

    fn wait_for_segment(&self) -> Result<Prepared, LedgerError> {
        loop {
            match self.ready.recv_timeout(GLANCE) {
                Ok(prepared) => return Ok(prepared),
                Err(RecvTimeoutError::Timeout) if self.state.blobs_are_full() => {
                    return Err(LedgerError::Full);
                }
                Err(RecvTimeoutError::Timeout) => self.state.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    self.state.check()?;
                    return Err(LedgerError::Closed);
                }
            }
        }
    }
}

impl Active {
    /// Whether a record of this span fits, and the seal behind it.
    fn has_room(&self, span: u64, length: u64) -> bool {
        self.end + span + record::span(0) <= length
    }
}

impl Batch {
    fn take(&mut self, active: &mut Active, next: &mut u64, append: Append) {
        let head = Head {
            sequence: *next,
            ..append.head
        };
        *next += 1;
        let place = Place {
            segment: active.opening.segment,
            offset: active.end,
        };
        self.bytes
            .extend_from_slice(&head.encode(&active.opening, place.offset));
        self.bytes.extend_from_slice(&append.payload);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        active.end += head.span();
        let blob = BlobRef {
            id: place.blob(),
            owner: append.owner,
            length: head.length,
            digest: head.digest,
        };
        let kept = Kept {
            part: Part::Blob(blob),
            digest: head.digest,
        };
        self.kept.push((append.promise, kept));
    }
}

/// A number that nobody can guess from outside: it keeps payloads from passing for records.
pub(super) fn salt() -> u64 {
    RandomState::new().build_hasher().finish()
}
