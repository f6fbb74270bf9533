//! Takes in one payload: short ones stay in memory until their end, long ones go to a segment of their own.

use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::ledger::blob_log::append::Append;
use crate::ledger::blob_log::own::OwnFile;
use crate::ledger::blob_log::parts::Parts;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::record::PAYLOAD_MOST;
use crate::ledger::blob_log::record::owner_mark;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::BlobWriter;
use crate::ledger::blobs::Kept;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::Part;
use crate::ledger::crc::crc32c;
use crate::ledger::digest::Digest;
use crate::ledger::digest::Hasher;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;
use crate::ledger::pending::Pending;

/// Takes in one payload.
#[derive(Debug)]
pub(super) struct LogWriter {
    parts: Arc<Parts>,
    owner: TenantId,
    hasher: Hasher,
    length: u64,
    /// What has not gone to a file yet: never more than one piece.
    buffer: Opaque,
    own: Option<Arc<Mutex<OwnFile>>>,
}

impl LogWriter {
    pub(super) fn new(parts: Arc<Parts>, owner: TenantId) -> Self {
        Self {
            parts,
            owner,
            hasher: Hasher::default(),
            length: 0,
            buffer: Opaque::default(),
            own: None,
        }
    }

    /// Splits off whole pieces of the buffer; at least one byte stays.
    fn pieces(&mut self, chunk: &[u8]) -> Vec<Vec<u8>> {
        let mut buffer = mem::take(&mut self.buffer).into_bytes();
        let mut pieces = Vec::new();
        let mut rest = chunk;
        while buffer.len() + rest.len() > PAYLOAD_MOST {
            let (now, later) = rest.split_at(PAYLOAD_MOST - buffer.len());
            buffer.extend_from_slice(now);
            pieces.push(mem::take(&mut buffer));
            rest = later;
        }
        buffer.extend_from_slice(rest);
        self.buffer = Opaque::new(buffer);
        pieces
    }

    /// Does something with the file of the blob, in the thread that writes.
    fn ask<T: Send + 'static>(
        &self,
        own: Arc<Mutex<OwnFile>>,
        work: impl FnOnce(&mut OwnFile) -> Result<T, LedgerError> + Send + 'static,
    ) -> Pending<T> {
        let (promise, pending) = Pending::new();
        let asked = self.parts.writing.ask(move |()| {
            let done = work(&mut lock(&own));
            promise.keep(done);
        });
        match asked {
            Ok(()) => pending,
            Err(refusal) => Pending::ready(Err(refusal)),
        }
    }

    fn append(&mut self, digest: Digest) -> Pending<Kept> {
        let payload = mem::take(&mut self.buffer).into_bytes();
        let (promise, pending) = Pending::new();
        self.parts.append(Append {
            head: Head {
                kind: Kind::Whole,
                length: self.length,
                sequence: 0,
                owner: owner_mark(&self.owner),
                digest,
                sum: crc32c(&payload),
            },
            owner: self.owner.clone(),
            payload,
            promise,
        });
        pending
    }
}

impl BlobWriter for LogWriter {
    fn write(&mut self, chunk: &[u8]) -> Pending<()> {
        if let Err(refusal) = self.parts.check() {
            return Pending::ready(Err(refusal));
        }
        self.hasher.update(chunk);
        self.length += chunk.len() as u64;
        let pieces = self.pieces(chunk);
        if pieces.is_empty() {
            return Pending::ready(Ok(()));
        }
        let own = Arc::clone(self.own.get_or_insert_with(|| {
            let own = OwnFile::new(Arc::clone(&self.parts), owner_mark(&self.owner));
            Arc::new(Mutex::new(own))
        }));
        self.ask(own, move |own| own.add(&pieces))
    }

    fn finish(mut self: Box<Self>) -> Pending<Kept> {
        if let Err(refusal) = self.parts.check() {
            return Pending::ready(Err(refusal));
        }
        let digest = mem::take(&mut self.hasher).finish();
        if let Some(own) = self.own.take() {
            let last = [mem::take(&mut self.buffer).into_bytes()];
            let (owner, length) = (self.owner.clone(), self.length);
            return self.ask(own, move |own| {
                own.add(&last)?;
                own.end(length, digest)?;
                let blob = BlobRef {
                    id: own.place().blob(),
                    owner,
                    length,
                    digest,
                };
                Ok(Kept {
                    part: Part::Blob(blob),
                    digest,
                })
            });
        }
        if self.length > INLINE_MOST as u64 {
            return self.append(digest);
        }
        Pending::ready(Ok(Kept {
            part: Part::Inline(mem::take(&mut self.buffer)),
            digest,
        }))
    }
}

fn lock(own: &Mutex<OwnFile>) -> MutexGuard<'_, OwnFile> {
    own.lock().unwrap_or_else(PoisonError::into_inner)
}
