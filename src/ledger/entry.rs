//! What one commit holds: all that is to be on disk before anybody is answered.

use std::collections::HashSet;
use std::time::SystemTime;

use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::ENTRY_MOST;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::Part;
use crate::ledger::body::RECEIVED_INLINE_MOST;
use crate::ledger::digest::Digest;
use crate::ledger::digest::Hasher;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Trouble;
use crate::ledger::ids::Version;
use crate::ledger::opaque::Opaque;

/// All that one event brings about. It goes down as a whole or not at all.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who caused it: the sender of the message, or the owner of what a worker of ours moves on.
    pub tenant: TenantId,
    /// When, by the caller's clock.
    pub at: SystemTime,
    /// The key by which a repetition is known.
    pub key: Option<Once>,
    /// What was received, if anything was: a message, or a partner's answer to one of ours.
    pub received: Option<Received>,
    /// No folio may have one of these handles yet; [`LedgerError::Exists`] otherwise.
    pub unused: Vec<Handle>,
    /// Folios that are written.
    pub folios: Vec<FolioChange>,
    /// Folios that the entry belongs to without writing them.
    pub about: Vec<FolioId>,
    /// Messages for the outbox.
    pub outbound: Vec<Outbound>,
    /// What became of messages that were claimed.
    pub settled: Vec<Settlement>,
    /// Messages of the outbox that are moved without a claim.
    pub moved: Vec<Move>,
    /// Why the message waits for a person, if it does.
    pub parked: Option<Opaque>,
    /// Parked entries that need no person any more.
    pub unparked: Vec<EntryId>,
    /// Events for the audit.
    pub audit: Vec<AuditEvent>,
    /// What the sender is answered, now and when it repeats itself.
    pub answer: Option<Draft>,
}

impl Entry {
    /// An entry of `tenant` at `at` that holds nothing yet.
    pub const fn new(tenant: TenantId, at: SystemTime) -> Self {
        Self {
            tenant,
            at,
            key: None,
            received: None,
            unused: Vec::new(),
            folios: Vec::new(),
            about: Vec::new(),
            outbound: Vec::new(),
            settled: Vec::new(),
            moved: Vec::new(),
            parked: None,
            unparked: Vec::new(),
            audit: Vec::new(),
            answer: None,
        }
    }

    /// Whether it brings new work in, which a full disk must refuse; all else makes the work less.
    pub(crate) fn is_intake(&self) -> bool {
        self.received.is_some() && self.settled.is_empty()
    }

    /// The folios that it belongs to, each once.
    pub(crate) fn belongs_to(&self) -> Vec<FolioId> {
        let written = self.folios.iter().map(|change| change.id);
        let sent = self.outbound.iter().map(|outbound| outbound.id.folio);
        let mut folios: Vec<FolioId> = written.chain(sent).chain(self.about.iter().copied()).collect();
        folios.sort_unstable();
        folios.dedup();
        folios
    }

    /// Each body that is stored with the entry.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let received = self.received.iter().map(|received| &received.body);
        let outbound = self.outbound.iter().map(|outbound| &outbound.draft.body);
        received
            .chain(outbound)
            .chain(self.answer.iter().map(|answer| &answer.body))
    }

    /// How many bytes it holds itself; at most [`ENTRY_MOST`] are taken.
    pub(crate) fn weighs(&self) -> usize {
        let received = self
            .received
            .iter()
            .map(|received| received.body.inline_len() + received.facts.len() + received.decision.len());
        let answer = self.answer.iter().map(|answer| answer.body.inline_len());
        let folios = self.folios.iter().map(|folio| folio.content.len());
        let outbound = self.outbound.iter().map(Outbound::weighs);
        let audit = self.audit.iter().map(|event| event.content.len());
        received
            .chain(answer)
            .chain(folios)
            .chain(outbound)
            .chain(audit)
            .sum()
    }

    /// Whether it is sound in itself, before anything else is looked at.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        for draft in self
            .outbound
            .iter()
            .map(|outbound| &outbound.draft)
            .chain(&self.answer)
        {
            draft.check()?;
        }
        if let Some(received) = &self.received
            && !is_short(&received.body)
        {
            return Err(LedgerError::Malformed("a long payload belongs in the blob store"));
        }
        if self.weighs() > ENTRY_MOST {
            return Err(LedgerError::Malformed("an entry holds at most 16 MiB itself"));
        }
        let mut folios = HashSet::new();
        if !self.folios.iter().all(|folio| folios.insert(folio.id)) {
            return Err(LedgerError::Malformed("a folio is written once in an entry"));
        }
        let mut sent = HashSet::new();
        if !self.outbound.iter().all(|outbound| sent.insert(outbound.id)) {
            return Err(LedgerError::Malformed(
                "an outbound message is stored once in an entry",
            ));
        }
        Ok(())
    }
}

/// Whether what a received message keeps in the entry itself is short.
fn is_short(received: &Body) -> bool {
    let mut parts = received.parts.iter();
    let each = parts.all(|part| match part {
        Part::Inline(bytes) => bytes.len() <= INLINE_MOST,
        Part::Blob(_) => true,
    });
    each && received.inline_len() <= RECEIVED_INLINE_MOST
}

/// What makes an entry the same as an earlier one (ROB-010).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Once {
    /// The key that the sender gave it.
    pub key: Key,
    /// The SHA-256 of what it sent: with the same key it must be the same.
    pub content: Digest,
}

/// The identity that a sender gave its message: unique between two tenants in one direction.
///
/// Only the SHA-256 is kept, so that keys outlive the messages without saying anything of them (SEC-035).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key(Digest);

/// Which way a message went.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// To us.
    Inbound,
    /// From us.
    Outbound,
}

impl Key {
    /// The key made of `parts`, such as `x12`, `ISA05` to `ISA08` and `ISA13`, between two tenants.
    pub fn of(from: &TenantId, to: &TenantId, direction: Direction, parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::default();
        hasher.field(from.as_str().as_bytes());
        hasher.field(to.as_str().as_bytes());
        hasher.field(match direction {
            Direction::Inbound => b"in",
            Direction::Outbound => b"out",
        });
        for part in parts {
            hasher.field(part);
        }
        Self(hasher.finish())
    }

    /// The digest that is stored.
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// A message that was received, with what was made of it.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its bytes.
    pub body: Body,
    /// What was read off it, as JSON or in any other form.
    pub facts: Opaque,
    /// Where it goes and why.
    pub decision: Opaque,
}

/// Something a folio can be found by: a tracking id, a claim, a status; each tenant has handles of its own.
///
/// Only a digest is kept. It is enough to find by, and it shows nothing to whoever reads the disk, though whoever
/// guesses the value can confirm the guess: hand in what identifies a person as a keyed fingerprint.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Handle([u8; 16]);

impl Handle {
    /// The handle of `kind`, such as `tracking-id`, with `value`, in the world of `tenant`.
    pub fn of(tenant: &TenantId, kind: &str, value: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.field(tenant.as_str().as_bytes());
        hasher.field(kind.as_bytes());
        hasher.field(value);
        let mut handle = [0; 16];
        let digest = hasher.finish();
        for (to, from) in handle.iter_mut().zip(digest.as_bytes()) {
            *to = *from;
        }
        Self(handle)
    }

    /// The digest that is stored.
    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A stored digest.
    pub(crate) const fn from_bytes(digest: [u8; 16]) -> Self {
        Self(digest)
    }
}

/// A folio as it is to be from now on.
#[derive(Clone, Debug)]
pub struct FolioChange {
    /// Which folio.
    pub id: FolioId,
    /// The version that the change was made from; `None` if the folio is to be new.
    pub from: Option<Version>,
    /// What kind of thing it is about; the caller's own number.
    pub kind: u8,
    /// Whose it is.
    pub owner: TenantId,
    /// Who else may see it.
    pub peer: Option<TenantId>,
    /// Its content.
    pub content: Opaque,
    /// What it can be found by from now on; `None` leaves that as it is.
    pub handles: Option<Vec<Handle>>,
    /// When it is to be looked at next.
    pub wake: Option<SystemTime>,
    /// Whether it has not ended: what belongs to an open folio is never pruned.
    pub open: bool,
    /// Whether the version before this one is to be kept.
    pub keep_past: bool,
}

/// A message for the outbox.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Its name.
    pub id: OutboundId,
    /// Where it goes.
    pub lane: LaneId,
    /// Who receives it.
    pub to: TenantId,
    /// What is sent, with its control numbers still to be written.
    pub draft: Draft,
    /// How it is sent: operation, media type, message id.
    pub facts: Opaque,
    /// Not before this time.
    pub due: SystemTime,
    /// After this time it is no longer tried (ROB-014).
    pub expires: SystemTime,
}

impl Outbound {
    /// How many bytes of it are kept in the entry itself.
    pub(crate) fn weighs(&self) -> usize {
        self.draft.body.inline_len() + self.facts.len()
    }
}

/// The right to send a message, and to say what became of it, for a while.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Lease {
    /// Which message.
    pub outbound: OutboundId,
    /// Tells this lease from earlier ones on the same message.
    pub(crate) token: u64,
}

/// What became of a message that was claimed.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The claim.
    pub lease: Lease,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Try again.
    Retry {
        /// Not before this time.
        due: SystemTime,
        /// What went wrong.
        trouble: Trouble,
    },
    /// Give up: it is a dead letter (ROB-016).
    Dead {
        /// What went wrong.
        trouble: Trouble,
    },
}

/// Moves a message of the outbox without a claim; a worker that holds one finds its lease lost.
#[derive(Clone, Debug)]
pub struct Move {
    /// Which message.
    pub outbound: OutboundId,
    /// Where to.
    pub to: Destination,
}

/// Where a message of the outbox is moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// Out: nothing more is sent. From the waiting and from the dead letters.
    Stopped,
    /// To the dead letters. From the waiting.
    Dead {
        /// Why.
        trouble: Trouble,
    },
    /// Back to the waiting, with no attempt counted yet. From the dead letters, and from the waiting.
    Waiting {
        /// Not before this time.
        due: SystemTime,
        /// After this time it is no longer tried.
        expires: SystemTime,
    },
}

/// An event for the audit; the ledger adds the time and chains it to the one before (SEC-032).
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// Whom it concerns.
    pub tenant: TenantId,
    /// Who did what, for what purpose, with what outcome.
    pub content: Opaque,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    #[test]
    fn a_key_is_of_a_pair_and_a_direction() {
        let [a, b] = ["a", "b"].map(tenant);
        let key = Key::of(&a, &b, Direction::Inbound, &[b"x12", b"000000001"]);
        assert_eq!(key, Key::of(&a, &b, Direction::Inbound, &[b"x12", b"000000001"]));
        for other in [
            Key::of(&b, &a, Direction::Inbound, &[b"x12", b"000000001"]),
            Key::of(&a, &b, Direction::Outbound, &[b"x12", b"000000001"]),
            Key::of(&a, &b, Direction::Inbound, &[b"x12", b"000000002"]),
            Key::of(&a, &b, Direction::Inbound, &[b"x12000000001"]),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn handles_of_two_tenants_differ() {
        let handle = |name: &str| Handle::of(&tenant(name), "tracking-id", b"T-1");
        assert_ne!(handle("a"), handle("b"));
        assert_eq!(handle("a"), handle("a"));
    }

    #[test]
    fn an_entry_that_is_too_large_is_refused() {
        let mut entry = Entry::new(tenant("a"), SystemTime::UNIX_EPOCH);
        entry.received = Some(Received {
            body: Body::inline(vec![0; INLINE_MOST + 1]),
            facts: Opaque::default(),
            decision: Opaque::default(),
        });
        assert!(entry.check().is_err());
        entry.received = None;
        entry.audit = vec![
            AuditEvent {
                tenant: tenant("a"),
                content: Opaque::new(vec![0; ENTRY_MOST / 2 + 1]),
            };
            2
        ];
        assert!(entry.check().is_err());
        entry.audit.pop();
        entry.check().unwrap();
    }
}
