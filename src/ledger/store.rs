//! The one place where state is kept, as a trait.
//!
//! Two engines implement it: [`SqliteStore`](super::sqlite::SqliteStore) on disk, and
//! [`Forgetful`](super::forgetful::Forgetful) in memory, which can forget what was not committed.
//! `tests/ledger_conformance.rs` holds both to the same behaviour.
//! Nothing here assumes that one process alone writes: folios are changed from a version, outbound messages are
//! sent under a lease, numbers are taken inside the commit, and each writer has an audit chain of its own.

use std::fmt;
use std::time::SystemTime;

use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Key;
use crate::ledger::found::AuditId;
use crate::ledger::found::AuditReport;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::Discarded;
use crate::ledger::found::Folio;
use crate::ledger::found::Health;
use crate::ledger::found::LaneState;
use crate::ledger::found::Outcome;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::found::Search;
use crate::ledger::found::Seen;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredAudit;
use crate::ledger::found::StoredEntry;
use crate::ledger::found::StoredOutbound;
use crate::ledger::found::Tally;
use crate::ledger::found::Woken;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Series;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::pending::Pending;

/// Keeps entries, folios, the outbox and the audit.
///
/// Each call returns at once; its answer comes through [`Pending`].
/// A call that reads sees every commit that was answered before it was made.
pub trait Store: fmt::Debug + Send + Sync {
    /// How the store is, at once.
    fn health(&self) -> Health;

    /// Stores all of `entry`, or nothing. The answer comes when it is on disk (ROB-001).
    ///
    /// Checked in this order, and the first failure is the answer: the entry in itself; room; its key; then that
    /// unused handles are unused, folios have the versions that the changes were made from, outbound messages are
    /// new, leases hold and moves are possible.
    fn commit(&self, entry: Entry) -> Pending<Outcome>;

    /// Gives out messages of one lane that are due and that nobody holds, the first due first.
    ///
    /// Each claim counts as an attempt, on disk before the answer, so that a message that kills its sender is counted.
    fn claim(&self, claim: Claim) -> Pending<Vec<Claimed>>;

    /// Removes some of what `retention` allows to go, oldest first, in a step short enough not to hold up commits.
    ///
    /// Contents of an entry go only when each folio it belongs to has ended, each outbound message it stored is
    /// delivered or stopped, and it is not parked. Entries and folios themselves go later, under the same conditions.
    fn prune(&self, retention: Retention, now: SystemTime) -> Pending<Pruned>;

    /// Blobs that were pruned, at most so many; to be erased in the blob store and then forgotten here.
    fn discarded(&self, most: usize) -> Pending<Discarded>;

    /// Forgets blobs that were erased.
    fn forget(&self, blobs: Vec<BlobId>) -> Pending<()>;

    /// Whether anything refers to a blob of this range.
    fn refers_to(&self, range: BlobRange) -> Pending<bool>;

    /// What a key stands for.
    fn seen(&self, key: Key) -> Pending<Option<Seen>>;

    /// An entry.
    fn entry(&self, viewer: &Viewer, id: EntryId) -> Pending<Option<StoredEntry>>;

    /// The entries that belong to a folio, oldest first: those after `after`, at most so many.
    fn entries_about(
        &self,
        viewer: &Viewer,
        folio: FolioId,
        after: Option<EntryId>,
        most: usize,
    ) -> Pending<Vec<EntryId>>;

    /// Entries, newest first: those before `before`, at most so many.
    fn latest(&self, viewer: &Viewer, before: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>>;

    /// Entries that wait for a person, oldest first: those after `after`, at most so many.
    fn parked(&self, viewer: &Viewer, after: Option<EntryId>, most: usize) -> Pending<Vec<EntryId>>;

    /// A folio as it is now.
    fn folio(&self, viewer: &Viewer, id: FolioId) -> Pending<Option<Folio>>;

    /// The versions of a folio that are kept, newest first, the one of now included: those below `below`.
    fn versions(
        &self,
        viewer: &Viewer,
        id: FolioId,
        below: Option<Version>,
        most: usize,
    ) -> Pending<Vec<Folio>>;

    /// Folios that match, newest first.
    fn find(&self, viewer: &Viewer, search: Search) -> Pending<Vec<Folio>>;

    /// Folios that are to be looked at by `now`, the most overdue first.
    fn woken(&self, now: SystemTime, most: usize) -> Pending<Vec<Woken>>;

    /// A message of the outbox.
    fn outbound(&self, viewer: &Viewer, id: OutboundId) -> Pending<Option<StoredOutbound>>;

    /// The messages of the outbox that belong to a folio, in the order of their numbers.
    fn outbound_of(&self, viewer: &Viewer, folio: FolioId) -> Pending<Vec<StoredOutbound>>;

    /// Messages of the outbox that stand so: those after `after`, at most so many.
    fn standing(
        &self,
        viewer: &Viewer,
        standing: Standing,
        lane: Option<&LaneId>,
        after: Option<OutboundId>,
        most: usize,
    ) -> Pending<Vec<OutboundId>>;

    /// The outbound message that carries a control number: the last one, if numbers have started again.
    fn numbered(&self, viewer: &Viewer, series: &Series, value: u64) -> Pending<Option<OutboundId>>;

    /// Destinations with messages that wait, by name.
    fn lanes(&self) -> Pending<Vec<LaneState>>;

    /// How much of everything there is; for reports, not for each request.
    fn tally(&self) -> Pending<Tally>;

    /// Events of the audit after `after`, in order, at most so many.
    fn audit(&self, viewer: &Viewer, after: Option<AuditId>, most: usize) -> Pending<Vec<StoredAudit>>;

    /// Recomputes every link of the audit and names each event that is not what was written (SEC-032).
    fn verify_audit(&self) -> Pending<AuditReport>;
}
