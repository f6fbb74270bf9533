//! Blobs in memory.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::BlobStore;
use crate::ledger::blobs::BlobWriter;
use crate::ledger::blobs::Kept;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;
use crate::ledger::pending::Pending;

/// A blob store in memory. What was not finished is forgotten with its writer. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct ForgetfulBlobs {
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Debug, Default)]
struct Shelf {
    last: u128,
    blobs: BTreeMap<BlobId, (TenantId, Arc<Opaque>)>,
}

#[derive(Debug)]
struct Writer {
    store: ForgetfulBlobs,
    owner: TenantId,
    bytes: Opaque,
}

#[derive(Debug)]
struct Reader {
    content: Result<Arc<Opaque>, BlobId>,
    at: usize,
}

impl ForgetfulBlobs {
    /// How many blobs there are.
    pub fn len(&self) -> usize {
        self.lock().blobs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for ForgetfulBlobs {
    fn create(&self, owner: &TenantId) -> Box<dyn BlobWriter> {
        Box::new(Writer {
            store: self.clone(),
            owner: owner.clone(),
            bytes: Opaque::default(),
        })
    }

    fn open(&self, owner: &TenantId, blob: &BlobRef) -> Box<dyn BlobReader> {
        let shelf = self.lock();
        let found = shelf.blobs.get(&blob.id).filter(|(of, _)| of == owner);
        Box::new(Reader {
            content: found.map(|(_, bytes)| Arc::clone(bytes)).ok_or(blob.id),
            at: 0,
        })
    }

    fn erase(&self, blobs: Vec<BlobId>) -> Pending<()> {
        let mut shelf = self.lock();
        for blob in blobs {
            shelf.blobs.remove(&blob);
        }
        Pending::ready(Ok(()))
    }

    /// None: what is garbage here goes with the process.
    fn idle(&self) -> Vec<BlobRange> {
        Vec::new()
    }

    fn drop_range(&self, range: BlobRange) -> Pending<()> {
        let is_out = |id: &BlobId| *id < range.first || range.last < *id;
        self.lock().blobs.retain(|id, _| is_out(id));
        Pending::ready(Ok(()))
    }
}

impl BlobWriter for Writer {
    fn write(&mut self, chunk: &[u8]) -> Pending<()> {
        let mut bytes = mem::take(&mut self.bytes).into_bytes();
        bytes.extend_from_slice(chunk);
        self.bytes = Opaque::new(bytes);
        Pending::ready(Ok(()))
    }

    fn finish(mut self: Box<Self>) -> Pending<Kept> {
        let bytes = mem::take(&mut self.bytes);
        let digest = Digest::of(bytes.as_bytes());
        if bytes.len() <= INLINE_MOST {
            let part = Part::Inline(bytes);
            return Pending::ready(Ok(Kept { part, digest }));
        }
        let mut shelf = self.store.lock();
        shelf.last += 1;
        let id = BlobId::from_bytes(shelf.last.to_be_bytes());
        let blob = BlobRef {
            id,
            owner: self.owner.clone(),
            length: bytes.len() as u64,
            digest,
        };
        shelf.blobs.insert(id, (self.owner.clone(), Arc::new(bytes)));
        let part = Part::Blob(blob);
        Pending::ready(Ok(Kept { part, digest }))
    }
}

impl BlobReader for Reader {
    fn next(&mut self) -> Pending<Option<Vec<u8>>> {
        let content = match &self.content {
            Ok(content) => content.as_bytes(),
            Err(absent) => return Pending::ready(Err(LedgerError::NoBlob(*absent))),
        };
        let piece = content.chunks(PIECE).nth(self.at).map(<[u8]>::to_vec);
        self.at += 1;
        Pending::ready(Ok(piece))
    }
}

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
