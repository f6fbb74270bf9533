//! Where long payloads are kept: written and read as streams, never whole in memory.

use std::fmt;

use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::pending::Pending;

/// The name of a blob. What it says is the blob store's own business.
///
/// Blobs that a store writes one after another have rising names.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BlobId([u8; 16]);

impl BlobId {
    /// The blob of this name.
    pub const fn from_bytes(name: [u8; 16]) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{:032x}", u128::from_be_bytes(self.0))
    }
}

/// A blob that is on disk: all that is needed to read it and to prove that it is what was stored.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct BlobRef {
    /// Its name.
    pub id: BlobId,
    /// Who stored it.
    pub owner: TenantId,
    /// How many bytes it has.
    pub length: u64,
    /// Their SHA-256.
    pub digest: Digest,
}

/// A payload that was taken in: where it is, and what it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    /// The payload, to be put into a [`Body`](crate::ledger::body::Body): inline if it is short.
    pub part: Part,
    /// Its SHA-256, for the key of the entry.
    pub digest: Digest,
}

/// Names of blobs from the first to the last, both included.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BlobRange {
    /// The least name.
    pub first: BlobId,
    /// The greatest name.
    pub last: BlobId,
}

/// Keeps long payloads.
///
/// A blob that no entry refers to is garbage; it is found by [`idle`](Self::idle) and goes by [`drop_range`](Self::drop_range).
pub trait BlobStore: fmt::Debug + Send + Sync {
    /// Begins a payload of `owner`.
    fn create(&self, owner: &TenantId) -> Box<dyn BlobWriter>;

    /// Begins to read a blob, for the tenant it belongs to; nobody else's name opens it (SEC-005).
    fn open(&self, owner: &TenantId, blob: &BlobRef) -> Box<dyn BlobReader>;

    /// Makes the content of these blobs unreadable for good, and gives back their room as far as that is possible.
    ///
    /// The answer comes when that is on disk. Blobs that are gone already are no error.
    fn erase(&self, blobs: Vec<BlobId>) -> Pending<()>;

    /// Somebody is still about to refer to these for the first time, however long ago they were stored: none of them is
    /// [`idle`](Self::idle) for another while. A store in which nothing is ever idle has nothing to do.
    fn renew(&self, _blobs: &[BlobId]) {}

    /// Ranges of blobs that nobody is about to refer to for the first time: some of them, and others with the next call.
    ///
    /// If the store of entries refers to none of a range, [`drop_range`](Self::drop_range) may remove it.
    fn idle(&self) -> Vec<BlobRange>;

    /// Removes all that is stored in a range that [`idle`](Self::idle) named.
    fn drop_range(&self, range: BlobRange) -> Pending<()>;
}

/// Takes in one payload, piece by piece.
///
/// A writer that is dropped before `finish` leaves nothing behind.
pub trait BlobWriter: fmt::Debug + Send {
    /// Takes the next bytes. Wait for the answer before the next call: it says that there is room for more.
    fn write(&mut self, chunk: &[u8]) -> Pending<()>;

    /// Ends the payload; the answer comes when it is on disk, or short enough to be kept inline.
    fn finish(self: Box<Self>) -> Pending<Kept>;
}

/// Gives out one blob, piece by piece.
pub trait BlobReader: fmt::Debug + Send {
    /// The next bytes, each piece checked before it is given out; `None` after the last.
    ///
    /// The SHA-256 of the whole can be judged only at its end: the last answer is then
    /// [`LedgerError::Damaged`] instead of `None`.
    fn next(&mut self) -> Pending<Option<Vec<u8>>>;
}

/// The whole of a blob, on a thread that may wait; for blobs that are known to be short.
///
/// # Errors
/// Refuses a blob of more than `most` bytes, and one that is damaged.
pub fn read_whole(blobs: &dyn BlobStore, blob: &BlobRef, most: usize) -> Result<Vec<u8>, LedgerError> {
    if usize::try_from(blob.length).is_ok_and(|length| length <= most) {
        let mut reader = blobs.open(&blob.owner, blob);
        let mut whole = Vec::new();
        while let Some(chunk) = reader.next().wait()? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    } else {
        Err(LedgerError::Malformed("the blob is too long to be read at once"))
    }
}
