//! What is committed, and how it changes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::base::clock::Tick;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRef;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::Number;
use crate::ledger::chain;
use crate::ledger::digest::Digest;
use crate::ledger::entry::Destination;
use crate::ledger::entry::Entry;
use crate::ledger::entry::FolioChange;
use crate::ledger::entry::Handle;
use crate::ledger::entry::Key;
use crate::ledger::entry::Outbound;
use crate::ledger::entry::Verdict;
use crate::ledger::error::LedgerError;
use crate::ledger::found::AuditId;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::Folio;
use crate::ledger::found::Outcome;
use crate::ledger::found::Receipt;
use crate::ledger::found::Stamped;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredAudit;
use crate::ledger::found::StoredEntry;
use crate::ledger::found::StoredOutbound;
use crate::ledger::found::StoredReceived;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Series;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::leases::Leases;
use crate::ledger::moment;
use crate::ledger::moment::millis;

/// What is committed.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) last_entry: u64,
    pub(super) entries: BTreeMap<EntryId, StoredEntry>,
    /// Entries that still have contents to be pruned, theirs or of their outbound messages.
    pub(super) contents: BTreeSet<EntryId>,
    pub(super) keys: BTreeMap<Key, EntryId>,
    pub(super) keys_of: BTreeMap<EntryId, Key>,
    pub(super) folios: BTreeMap<FolioId, Leaf>,
    pub(super) outbox: BTreeMap<OutboundId, StoredOutbound>,
    pub(super) series: BTreeMap<Series, u64>,
    pub(super) numbers: BTreeMap<(Series, u64), OutboundId>,
    pub(super) audit: Vec<StoredAudit>,
    /// The last event that was pruned, and its link.
    pub(super) anchor: (u64, Digest),
    pub(super) blobs: BTreeMap<BlobId, (BlobRef, u64)>,
    pub(super) bytes: u64,
    leases: Leases,
}

/// A folio with its past and its handles.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) now: Folio,
    pub(super) past: Vec<Folio>,
    pub(super) handles: Vec<Handle>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            last_entry: 0,
            entries: BTreeMap::new(),
            contents: BTreeSet::new(),
            keys: BTreeMap::new(),
            keys_of: BTreeMap::new(),
            folios: BTreeMap::new(),
            outbox: BTreeMap::new(),
            series: BTreeMap::new(),
            numbers: BTreeMap::new(),
            audit: Vec::new(),
            anchor: (0, Digest::new([0; 32])),
            blobs: BTreeMap::new(),
            bytes: 0,
            leases: Leases::default(),
        }
    }
}

impl Table {
    pub(super) fn forget_leases(&mut self) {
        self.leases = Leases::default();
    }

    /// Stores an entry that is sound in itself.
    pub(super) fn commit(&mut self, entry: Entry) -> Result<Outcome, LedgerError> {
        if let Some(once) = &entry.key
            && let Some(seen) = self.seen(&once.key)
        {
            return if seen.content == once.content {
                Ok(Outcome::Repeated(seen))
            } else {
                Err(LedgerError::Conflict { first: seen.entry })
            };
        }
        self.check_folios(&entry)?;
        self.check_outbox(&entry)?;
        let is_gone = |blob: &&BlobRef| self.blobs.get(&blob.id).is_some_and(|(_, refs)| *refs == 0);
        let gone = entry.bodies().flat_map(Body::blobs).find(is_gone);
        if let Some(gone) = gone.map(|blob| blob.id) {
            return Err(LedgerError::NoBlob(gone));
        }
        Ok(Outcome::Committed(self.write(entry)))
    }

    fn check_folios(&self, entry: &Entry) -> Result<(), LedgerError> {
        for handle in &entry.unused {
            let mut leaves = self.folios.values();
            if let Some(leaf) = leaves.find(|leaf| leaf.handles.contains(handle)) {
                return Err(LedgerError::Exists { folio: leaf.now.id });
            }
        }
        let viewer = Viewer::Tenant(entry.tenant.clone());
        for FolioChange { id, from, .. } in &entry.folios {
            let there = self.folios.contains_key(id);
            let found = self.folio(&viewer, *id).map(|folio| folio.version);
            match from {
                None if there => return Err(LedgerError::Exists { folio: *id }),
                Some(_) if found != *from => return Err(LedgerError::Stale { folio: *id, found }),
                None | Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_outbox(&self, entry: &Entry) -> Result<(), LedgerError> {
        let taken = |outbound: &&Outbound| self.outbox.contains_key(&outbound.id);
        if let Some(taken) = entry.outbound.iter().find(taken) {
            return Err(LedgerError::Taken(taken.id));
        }
        let viewer = Viewer::Tenant(entry.tenant.clone());
        for settlement in &entry.settled {
            let id = settlement.lease.outbound;
            let standing = self.outbound(&viewer, id).map(|message| message.standing);
            if standing != Some(Standing::Waiting) || !self.leases.holds(&settlement.lease) {
                return Err(LedgerError::LeaseLost(id));
            }
        }
        for moved in &entry.moved {
            let standing = self
                .outbound(&viewer, moved.outbound)
                .map(|message| message.standing);
            let is_buried = matches!(moved.to, Destination::Dead { .. });
            let possible = match standing {
                Some(Standing::Waiting) => true,
                Some(Standing::Dead) => !is_buried,
                Some(Standing::Delivered | Standing::Stopped) | None => false,
            };
            if !possible {
                return Err(LedgerError::Immovable(moved.outbound));
            }
        }
        Ok(())
    }

    fn write(&mut self, mut entry: Entry) -> Receipt {
        self.last_entry += 1;
        let id = EntryId::new(self.last_entry);
        let folios = entry.belongs_to();
        let mut receipt = Receipt {
            entry: id,
            answer: None,
            outbound: Vec::new(),
        };
        let mut sent = Vec::new();
        for mut outbound in std::mem::take(&mut entry.outbound) {
            let numbers = self.stamp(&mut outbound.draft);
            for number in &numbers {
                self.numbers
                    .insert((number.series.clone(), number.value), outbound.id);
            }
            receipt.outbound.push(numbers.clone());
            sent.push(outbound.id);
            self.keep(&outbound.draft.body);
            self.post(id, &entry, outbound, numbers);
        }
        if let Some(mut answer) = entry.answer.take() {
            let numbers = self.stamp(&mut answer);
            self.refer(&answer.body);
            receipt.answer = Some(Stamped {
                body: answer.body,
                numbers,
            });
        }
        for change in &entry.folios {
            self.write_folio(&entry, change);
        }
        for settlement in &entry.settled {
            self.settle(settlement.lease.outbound, &settlement.verdict);
            self.leases.end(settlement.lease.outbound);
        }
        for moved in &entry.moved {
            self.shift(moved.outbound, &moved.to);
            self.leases.end(moved.outbound);
        }
        for unparked in &entry.unparked {
            if let Some(entry) = self.entries.get_mut(unparked) {
                entry.parked = None;
            }
        }
        for event in &entry.audit {
            self.chain(&entry, event);
        }
        if let Some(once) = &entry.key {
            self.keys.insert(once.key, id);
            self.keys_of.insert(id, once.key);
        }
        if entry.received.is_some() || !sent.is_empty() {
            self.contents.insert(id);
        }
        self.leases.committed();
        let answer = receipt.answer.as_ref().map(|answer| answer.body.clone());
        self.file(id, entry, (folios, sent), answer);
        receipt
    }

    fn file(
        &mut self,
        id: EntryId,
        entry: Entry,
        ties: (Vec<FolioId>, Vec<OutboundId>),
        answer: Option<Body>,
    ) {
        let received = entry.received.map(|received| StoredReceived {
            body: received.body,
            facts: received.facts,
            decision: received.decision,
        });
        if let Some(received) = &received {
            self.keep(&received.body);
        }
        let stored = StoredEntry {
            id,
            tenant: entry.tenant,
            at: moment::time(millis(entry.at)),
            length: received.as_ref().map_or(0, |received| received.body.len()),
            received,
            content: entry.key.map(|once| once.content),
            answer,
            parked: entry.parked,
            folios: ties.0,
            outbound: ties.1,
            audit: self.last_audit(entry.audit.len()),
        };
        self.entries.insert(id, stored);
    }

    fn stamp(&mut self, draft: &mut Draft) -> Vec<Number> {
        let mut numbers = Vec::new();
        for number in &draft.numbers {
            let last = self.series.entry(number.series.clone()).or_default();
            *last = number.after(*last);
            numbers.push(Number {
                series: number.series.clone(),
                value: *last,
            });
        }
        let values: Vec<u64> = numbers.iter().map(|number| number.value).collect();
        draft.stamp(&values);
        numbers
    }

    fn post(&mut self, entry_id: EntryId, entry: &Entry, outbound: Outbound, numbers: Vec<Number>) {
        let message = StoredOutbound {
            id: outbound.id,
            entry: entry_id,
            tenant: entry.tenant.clone(),
            to: outbound.to,
            lane: outbound.lane,
            facts: outbound.facts,
            body: Some(outbound.draft.body),
            numbers,
            standing: Standing::Waiting,
            attempts: 0,
            trouble: None,
            due: moment::time(millis(outbound.due)),
            expires: moment::time(millis(outbound.expires)),
        };
        self.outbox.insert(outbound.id, message);
    }

    fn write_folio(&mut self, entry: &Entry, change: &FolioChange) {
        let now = Folio {
            id: change.id,
            version: change.from.map_or(Version::FIRST, Version::next),
            kind: change.kind,
            owner: change.owner.clone(),
            peer: change.peer.clone(),
            content: change.content.clone(),
            at: moment::time(millis(entry.at)),
            wake: change.wake.map(|wake| moment::time(millis(wake))),
            open: change.open,
        };
        let Some(leaf) = self.folios.get_mut(&change.id) else {
            let leaf = Leaf {
                now,
                past: Vec::new(),
                handles: change.handles.clone().unwrap_or_default(),
            };
            self.folios.insert(change.id, leaf);
            return;
        };
        let before = std::mem::replace(&mut leaf.now, now);
        if change.keep_past {
            leaf.past.push(before);
        }
        if let Some(handles) = &change.handles {
            leaf.handles.clone_from(handles);
        }
    }

    fn settle(&mut self, id: OutboundId, verdict: &Verdict) {
        let Some(message) = self.outbox.get_mut(&id) else {
            return;
        };
        match verdict {
            Verdict::Delivered => message.standing = Standing::Delivered,
            Verdict::Retry { due, trouble } => {
                message.due = moment::time(millis(*due));
                message.trouble = Some(trouble.clone());
            }
            Verdict::Dead { trouble } => {
                message.standing = Standing::Dead;
                message.trouble = Some(trouble.clone());
            }
        }
    }

    fn shift(&mut self, id: OutboundId, to: &Destination) {
        let Some(message) = self.outbox.get_mut(&id) else {
            return;
        };
        match to {
            Destination::Stopped => message.standing = Standing::Stopped,
            Destination::Dead { trouble } => {
                message.standing = Standing::Dead;
                message.trouble = Some(trouble.clone());
            }
            Destination::Waiting { due, expires } => {
                message.standing = Standing::Waiting;
                message.attempts = 0;
                message.due = moment::time(millis(*due));
                message.expires = moment::time(millis(*expires));
            }
        }
    }

    fn chain(&mut self, entry: &Entry, event: &crate::ledger::entry::AuditEvent) {
        let (last, before) = match self.audit.last() {
            Some(last) => (last.id.number, last.link),
            None => self.anchor,
        };
        let id = AuditId {
            chain: 0,
            number: last + 1,
        };
        let at = millis(entry.at);
        let link = chain::link(
            before,
            &chain::Event {
                id,
                tenant: &event.tenant,
                at,
                content: event.content.as_bytes(),
            },
        );
        self.audit.push(StoredAudit {
            id,
            tenant: event.tenant.clone(),
            at: moment::time(at),
            content: event.content.clone(),
            link,
        });
    }

    /// The last `count` events, which are those of the entry that is being filed.
    fn last_audit(&self, count: usize) -> Option<(AuditId, u32)> {
        let first = self.audit.len().checked_sub(count)?;
        let first = self.audit.get(first)?;
        Some((first.id, u32::try_from(count).unwrap_or(u32::MAX)))
    }

    fn keep(&mut self, body: &Body) {
        self.bytes += body.len();
        self.refer(body);
    }

    fn refer(&mut self, body: &Body) {
        for blob in body.blobs() {
            self.blobs.entry(blob.id).or_insert_with(|| (blob.clone(), 0)).1 += 1;
        }
    }

    /// Gives out messages of one lane.
    pub(super) fn claim(&mut self, claim: &Claim, tick: Tick) -> Vec<Claimed> {
        let is_free = |message: &&StoredOutbound| {
            message.standing == Standing::Waiting
                && message.lane == claim.lane
                && millis(message.due) <= millis(claim.now)
                && claim
                    .spent_by
                    .is_none_or(|by| millis(message.expires) <= millis(by))
                && !self.leases.is_held(message.id, tick)
        };
        let mut free: Vec<_> = self.outbox.values().filter(is_free).collect();
        free.sort_by_key(|message| (message.due, message.id));
        let ids: Vec<OutboundId> = free.iter().take(claim.most).map(|message| message.id).collect();
        self.leases.committed();
        let mut claimed = Vec::new();
        for id in ids {
            let Some(message) = self.outbox.get_mut(&id) else {
                continue;
            };
            message.attempts += 1;
            claimed.push(Claimed {
                lease: self.leases.give(id, tick, claim.lease),
                message: message.clone(),
            });
        }
        claimed
    }
}
