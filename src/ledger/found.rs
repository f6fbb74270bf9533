//! What the ledger gives back: outcomes of commits, claimed messages, and what is read.

use std::time::Duration;
use std::time::SystemTime;

use crate::ledger::blobs::BlobRef;
use crate::ledger::body::Body;
use crate::ledger::body::Number;
use crate::ledger::digest::Digest;
use crate::ledger::entry::Handle;
use crate::ledger::entry::Lease;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Trouble;
use crate::ledger::ids::Version;
use crate::ledger::opaque::Opaque;

/// What became of an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It is on disk.
    Committed(Receipt),
    /// It was there already, with the same content: the answer of that time, byte for byte.
    Repeated(Seen),
}

/// What a commit decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// The number of the entry.
    pub entry: EntryId,
    /// The answer with its control numbers written, and the numbers.
    pub answer: Option<Stamped>,
    /// For each outbound message of the entry, in order, the numbers it got.
    pub outbound: Vec<Vec<Number>>,
}

/// A message with its control numbers written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stamped {
    /// The message.
    pub body: Body,
    /// The numbers in it.
    pub numbers: Vec<Number>,
}

/// An entry that a key stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Which entry.
    pub entry: EntryId,
    /// The SHA-256 of what came with the key.
    pub content: Digest,
    /// When.
    pub at: SystemTime,
    /// What was answered.
    pub answer: Option<Body>,
}

/// Asks for messages to send.
#[derive(Clone, Debug)]
pub struct Claim {
    /// To which destination.
    pub lane: LaneId,
    /// The time by the caller's clock: what is due later is not given out.
    pub now: SystemTime,
    /// Only those whose life ends by then, if that is said.
    pub spent_by: Option<SystemTime>,
    /// At most so many.
    pub most: usize,
    /// For how long nobody else is given them.
    pub lease: Duration,
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The right to say what became of it.
    pub lease: Lease,
    /// The message.
    pub message: StoredOutbound,
}

/// A message of the outbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredOutbound {
    /// Its name.
    pub id: OutboundId,
    /// The entry that stored it.
    pub entry: EntryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who receives it.
    pub to: TenantId,
    /// Where it goes.
    pub lane: LaneId,
    /// How it is sent; empty after it was pruned.
    pub facts: Opaque,
    /// What is sent; `None` after it was pruned.
    pub body: Option<Body>,
    /// The control numbers in it.
    pub numbers: Vec<Number>,
    /// Where it stands.
    pub standing: Standing,
    /// How often it was claimed to be sent.
    pub attempts: u32,
    /// What went wrong last.
    pub trouble: Option<Trouble>,
    /// Not before this time.
    pub due: SystemTime,
    /// After this time it is no longer tried.
    pub expires: SystemTime,
}

/// Where a message of the outbox stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Standing {
    /// It is to be sent.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// It is a dead letter: a person decides.
    Dead,
    /// It is no longer to be sent.
    Stopped,
}

/// A destination with messages that wait.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LaneState {
    /// Which destination.
    pub lane: LaneId,
    /// When the first of them is due.
    pub due: SystemTime,
}

/// A folio as it is now, or was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folio {
    /// Which folio.
    pub id: FolioId,
    /// How often it was written.
    pub version: Version,
    /// The caller's own number for what it is about.
    pub kind: u8,
    /// Whose it is.
    pub owner: TenantId,
    /// Who else may see it.
    pub peer: Option<TenantId>,
    /// Its content.
    pub content: Opaque,
    /// When it was written.
    pub at: SystemTime,
    /// When it is to be looked at next.
    pub wake: Option<SystemTime>,
    /// Whether it has not ended.
    pub open: bool,
}

/// Asks for folios.
#[derive(Clone, Debug)]
pub struct Search {
    /// Of this kind only.
    pub kind: Option<u8>,
    /// Only those that have not ended.
    pub open: bool,
    /// From each of these lists a folio must have at least one handle.
    pub all_of: Vec<Vec<Handle>>,
    /// Written at this time or later.
    pub since: Option<SystemTime>,
    /// Written before this time.
    pub until: Option<SystemTime>,
    /// Only folios with a lesser number: the last one of the page before.
    pub below: Option<FolioId>,
    /// At most so many; the newest come first.
    pub most: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            kind: None,
            open: false,
            all_of: Vec::new(),
            since: None,
            until: None,
            below: None,
            most: 50,
        }
    }
}

/// An entry as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredEntry {
    /// Its number.
    pub id: EntryId,
    /// Who caused it.
    pub tenant: TenantId,
    /// When.
    pub at: SystemTime,
    /// What was received; `None` if nothing was, or after it was pruned.
    pub received: Option<StoredReceived>,
    /// How many bytes were received, even if they were pruned.
    pub length: u64,
    /// The SHA-256 that came with the key.
    pub content: Option<Digest>,
    /// What was answered.
    pub answer: Option<Body>,
    /// Why it waits for a person, if it does.
    pub parked: Option<Opaque>,
    /// The folios it belongs to.
    pub folios: Vec<FolioId>,
    /// The outbound messages it stored.
    pub outbound: Vec<OutboundId>,
    /// Its events of the audit, one after another: the first, and how many.
    pub audit: Option<(AuditId, u32)>,
}

/// A received message as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredReceived {
    /// Its bytes.
    pub body: Body,
    /// What was read off it.
    pub facts: Opaque,
    /// Where it went and why.
    pub decision: Opaque,
}

/// A folio that is to be looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Woken {
    /// Which folio.
    pub folio: FolioId,
    /// Whose it is.
    pub owner: TenantId,
    /// When it was to be woken.
    pub wake: SystemTime,
}

/// An event of the audit as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredAudit {
    /// Which event.
    pub id: AuditId,
    /// Whom it concerns.
    pub tenant: TenantId,
    /// When.
    pub at: SystemTime,
    /// What happened.
    pub content: Opaque,
    /// The link to the event before.
    pub link: Digest,
}

/// The place of an event in the audit: each process that writes has a chain of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AuditId {
    /// Which chain.
    pub chain: u32,
    /// The number in it, from 1, without gaps.
    pub number: u64,
}

/// What the verifier of the audit found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuditReport {
    /// How many events it looked at.
    pub events: u64,
    /// The last link of each chain: keep it elsewhere, and a chain cut short later will show.
    pub heads: Vec<(AuditId, Digest)>,
    /// What is wrong, each with its place.
    pub faults: Vec<AuditFault>,
}

/// Something wrong in the audit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AuditFault {
    /// The event is not what was written, or its link is not.
    Altered(AuditId),
    /// The event is missing.
    Missing(AuditId),
    /// The chain ends before this event, which was its last.
    CutShort(AuditId),
}

/// What may go, and when. Nothing that is unacknowledged ever goes: see [`prune`](super::store::Store::prune).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention {
    /// Contents of messages stay this long.
    pub contents: Duration,
    /// If contents take more bytes than this, the oldest go earlier.
    pub most_bytes: Option<u64>,
    /// Keys, answers, and folios that have ended, stay this long; never less than 30 days.
    pub keys: Duration,
    /// Events of the audit stay this long.
    pub audit: Duration,
}

impl Retention {
    /// The shortest time for which keys are kept (ROB-010).
    pub const LEAST_KEYS: Duration = Duration::from_hours(30 * 24);

    /// How long keys are kept.
    pub(crate) fn keys_kept(&self) -> Duration {
        self.keys.max(Self::LEAST_KEYS)
    }
}

impl Default for Retention {
    /// Contents for 90 days, keys for 400, the audit for 6 years.
    fn default() -> Self {
        Self {
            contents: Duration::from_hours(90 * 24),
            most_bytes: None,
            keys: Duration::from_hours(400 * 24),
            audit: Duration::from_hours(6 * 366 * 24),
        }
    }
}

/// What one step of pruning removed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pruned {
    /// Contents of so many received messages.
    pub received: u64,
    /// Contents of so many outbound messages.
    pub sent: u64,
    /// So many entries with their keys.
    pub entries: u64,
    /// So many folios.
    pub folios: u64,
    /// So many events of the audit.
    pub audit: u64,
    /// Whether there is more to remove now: ask again.
    pub more: bool,
}

/// Blobs that nothing refers to any more, to be erased and then forgotten.
pub type Discarded = Vec<BlobRef>;

/// How the ledger is.
#[derive(Clone, Debug)]
pub enum Health {
    /// All is well.
    Sound,
    /// There is no room for new messages; deliveries and reads go on (ROB-007).
    Full,
    /// Nothing is stored until the ledger is opened again (ROB-003).
    Failed(super::error::LedgerError),
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Entries.
    pub entries: u64,
    /// Folios.
    pub folios: u64,
    /// Messages that wait to be sent.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// Entries that wait for a person.
    pub parked: u64,
    /// Bytes of contents that are kept, blobs included.
    pub bytes: u64,
}
