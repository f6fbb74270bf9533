//! Why the ledger did not do what it was asked.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::blobs::BlobId;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Version;

/// Why the ledger did not do what it was asked. Nothing of what was asked has been done.
///
/// It can be copied, because one failure answers all who waited for the same commit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    // The sender's.
    /// The key is known, and came with other bytes before (ROB-010).
    #[error("the same key came with other content in entry {first}")]
    Conflict {
        /// The entry that holds the key.
        first: EntryId,
    },
    /// The folio has another version than the one that the change was made from; read it again and decide again.
    #[error("folio {folio} has moved on")]
    Stale {
        /// Which folio.
        folio: FolioId,
        /// Its version now; `None` if there is no such folio, or none that the tenant may see.
        found: Option<Version>,
    },
    /// A folio that was to be new is there, or one with a handle that was to be unused.
    #[error("folio {folio} is there already")]
    Exists {
        /// Which folio.
        folio: FolioId,
    },
    /// An outbound message of this name is there already.
    #[error("outbound message {0} is there already")]
    Taken(OutboundId),
    /// There is no such outbound message, or it is in no state for what was asked.
    #[error("outbound message {0} cannot be moved so")]
    Immovable(OutboundId),
    /// The lease has run out or was given to somebody else, or the message was stopped meanwhile.
    #[error("the lease on outbound message {0} is lost")]
    LeaseLost(OutboundId),

    // The operator's.
    /// There is no room: new messages are refused until there is, everything else goes on (ROB-007).
    #[error("the disk is full")]
    Full,
    /// Another process works on this folder (ROB-024).
    #[error("another process works on {}", .0.display())]
    Locked(PathBuf),
    /// The folder holds something that this release cannot read; nothing was written (ROB-020).
    #[error("{} is in format {found}, and this release knows up to {known}", folder.display())]
    Format {
        /// The folder.
        folder: PathBuf,
        /// The number found there; 0 if there is none.
        found: u32,
        /// The highest number known here.
        known: u32,
    },
    /// The folder holds files, but no ledger.
    #[error("{} holds something that is no ledger", .0.display())]
    Foreign(PathBuf),
    /// A file or folder could not be used when the ledger was opened.
    #[error("{} cannot be used", path.display())]
    Unusable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: Arc<io::Error>,
    },

    // Ours.
    /// More waits than may wait; try again later (ROB-017).
    #[error("too much waits to be stored")]
    Busy,
    /// What was asked contradicts itself.
    #[error("the entry is not well-formed: {0}")]
    Malformed(&'static str),
    /// A blob is not what was stored (ROB-009).
    #[error("blob {blob} is damaged: {damage}")]
    Damaged {
        /// Which blob.
        blob: BlobId,
        /// In what way.
        damage: Damage,
    },
    /// A row is not what was stored.
    #[error("a stored row is damaged: {0}")]
    Unreadable(&'static str),
    /// There is no such blob, or none of this tenant.
    #[error("there is no blob {0}")]
    NoBlob(BlobId),
    /// A write or a sync failed: nothing is stored from then on; the ledger must be opened again (ROB-003).
    #[error("{doing} failed, and nothing more is stored")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        #[source]
        cause: Arc<io::Error>,
    },
    /// Something could not be read; what is stored stands.
    #[error("{doing} failed")]
    Reading {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        #[source]
        cause: Arc<io::Error>,
    },
    /// The ledger was closed before this was done, and whether it was done is known only after it is opened again.
    #[error("the ledger was closed")]
    Closed,
}

/// In what way something stored is damaged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Damage {
    /// There is no record where one should begin.
    #[error("no record begins here")]
    NoRecord,
    /// The head of the record does not agree with its checksum.
    #[error("the head of the record does not agree with its checksum")]
    Head,
    /// The content does not agree with its checksum.
    #[error("the content does not agree with its checksum")]
    Checksum,
    /// The content does not agree with its SHA-256.
    #[error("the content does not agree with its SHA-256")]
    Digest,
    /// The file ends before the record does.
    #[error("the file ends before the record")]
    CutShort,
    /// The record is another one than is expected here.
    #[error("another record is expected here")]
    OutOfSequence,
    /// Something stands where nothing was written.
    #[error("there are bytes where nothing was written")]
    Stray,
}

impl LedgerError {
    /// Whether the ledger stores nothing more until it is opened again.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Closed)
    }

    /// Whether the same entry may succeed later without a change.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Full | Self::Busy)
    }

    /// A failed write or sync.
    pub(crate) fn failed(doing: &'static str, cause: io::Error) -> Self {
        Self::Failed {
            doing,
            cause: Arc::new(cause),
        }
    }

    /// A failed read.
    pub(crate) fn reading(doing: &'static str, cause: io::Error) -> Self {
        Self::Reading {
            doing,
            cause: Arc::new(cause),
        }
    }

    /// A file that cannot be used when the ledger is opened.
    pub(crate) fn unusable(path: impl Into<PathBuf>, cause: io::Error) -> Self {
        Self::Unusable {
            path: path.into(),
            cause: Arc::new(cause),
        }
    }
}
