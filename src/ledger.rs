//! Where everything is kept: what was received, what was made of it, what is to be sent, and who did what.
//!
//! One [`Entry`](entry::Entry) is all that one event brings about, and it goes down in one commit: the bytes, the facts,
//! the decision, the new state, the messages for the outbox with their control numbers, the events of the audit and the
//! answer. Only when it is on disk does the caller hear so, and only then may anybody be answered.
//!
//! [`Store`](store::Store) keeps entries and all that they change; [`BlobStore`](blobs::BlobStore) keeps payloads that
//! are too long for a row, and has them on disk before an entry may refer to them.
//! [`Ledger`](local::Ledger) is both in a folder of this machine, by SQLite and an append-only log;
//! [`Forgetful`](forgetful::Forgetful) is both in memory, for tests that lose what was not committed.
//! [`retain_once`](retain::retain_once) removes what is older than it must be kept.
//!
//! *Invariants*: what is refused leaves no trace; the first failed sync ends the ledger until it is opened again
//! (ROB-003); the same key with the same bytes gets the first answer again (ROB-010); nothing that is unacknowledged is
//! ever removed; everything belongs to a tenant, and nobody else finds it (SEC-005).
//! *Knows nothing of* X12, FHIR, sockets and what its bytes say.

pub mod blob_log;
pub mod blobs;
pub mod body;
pub mod digest;
pub mod disk;
pub mod entry;
pub mod error;
pub mod folder;
pub mod forgetful;
pub mod found;
pub mod ids;
pub mod local;
pub mod opaque;
pub mod pending;
pub mod retain;
pub mod sqlite;
pub mod store;

mod ballast;
mod chain;
mod crc;
mod crew;
mod leases;
mod moment;
mod state;
