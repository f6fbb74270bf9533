//! What can be seen of what is committed.

use std::time::SystemTime;

use crate::ledger::blobs::BlobRange;
use crate::ledger::chain;
use crate::ledger::chain::Walk;
use crate::ledger::entry::Handle;
use crate::ledger::entry::Key;
use crate::ledger::forgetful::table::Leaf;
use crate::ledger::forgetful::table::Table;
use crate::ledger::found::AuditId;
use crate::ledger::found::AuditReport;
use crate::ledger::found::Discarded;
use crate::ledger::found::Folio;
use crate::ledger::found::LaneState;
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
use crate::ledger::moment::millis;

impl Table {
    pub(super) fn seen(&self, key: &Key) -> Option<Seen> {
        let entry = self.entries.get(self.keys.get(key)?)?;
        Some(Seen {
            entry: entry.id,
            content: entry.content?,
            at: entry.at,
            answer: entry.answer.clone(),
        })
    }

    pub(super) fn entry(&self, viewer: &Viewer, id: EntryId) -> Option<StoredEntry> {
        let entry = self.entries.get(&id)?;
        viewer.sees(&entry.tenant, None).then(|| entry.clone())
    }

    pub(super) fn entries_about(
        &self,
        viewer: &Viewer,
        folio: FolioId,
        after: Option<EntryId>,
        most: usize,
    ) -> Vec<EntryId> {
        self.entries_where(viewer, after, most, |entry| entry.folios.contains(&folio))
    }

    pub(super) fn latest(&self, viewer: &Viewer, before: Option<EntryId>, most: usize) -> Vec<EntryId> {
        let entries = self.entries.values().rev();
        let entries = entries.filter(|entry| before.is_none_or(|before| entry.id < before));
        let entries = entries.filter(|entry| viewer.sees(&entry.tenant, None));
        entries.map(|entry| entry.id).take(most).collect()
    }

    pub(super) fn parked(&self, viewer: &Viewer, after: Option<EntryId>, most: usize) -> Vec<EntryId> {
        self.entries_where(viewer, after, most, |entry| entry.parked.is_some())
    }

    fn entries_where(
        &self,
        viewer: &Viewer,
        after: Option<EntryId>,
        most: usize,
        wanted: impl Fn(&StoredEntry) -> bool,
    ) -> Vec<EntryId> {
        let entries = self.entries.values();
        let entries = entries.filter(|entry| after.is_none_or(|after| entry.id > after));
        let entries = entries.filter(|entry| viewer.sees(&entry.tenant, None) && wanted(entry));
        entries.map(|entry| entry.id).take(most).collect()
    }

    fn leaf(&self, viewer: &Viewer, id: FolioId) -> Option<&Leaf> {
        let leaf = self.folios.get(&id)?;
        viewer
            .sees(&leaf.now.owner, leaf.now.peer.as_ref())
            .then_some(leaf)
    }

    pub(super) fn folio(&self, viewer: &Viewer, id: FolioId) -> Option<Folio> {
        self.leaf(viewer, id).map(|leaf| leaf.now.clone())
    }

    pub(super) fn versions(
        &self,
        viewer: &Viewer,
        id: FolioId,
        below: Option<Version>,
        most: usize,
    ) -> Vec<Folio> {
        let leaf = self.leaf(viewer, id).into_iter();
        let all = leaf.flat_map(|leaf| [&leaf.now].into_iter().chain(leaf.past.iter().rev()));
        let wanted = all.filter(|folio| below.is_none_or(|below| folio.version < below));
        wanted.take(most).cloned().collect()
    }

    pub(super) fn find(&self, viewer: &Viewer, search: &Search) -> Vec<Folio> {
        let has = |leaf: &Leaf, any_of: &[Handle]| any_of.iter().any(|handle| leaf.handles.contains(handle));
        let is_wanted = |leaf: &&Leaf| {
            let folio = &leaf.now;
            viewer.sees(&folio.owner, folio.peer.as_ref())
                && search.kind.is_none_or(|kind| folio.kind == kind)
                && (folio.open || !search.open)
                && search.since.is_none_or(|since| millis(folio.at) >= millis(since))
                && search.until.is_none_or(|until| millis(folio.at) < millis(until))
                && search.below.is_none_or(|below| folio.id < below)
                && search.all_of.iter().all(|any_of| has(leaf, any_of))
        };
        let wanted = self.folios.values().rev().filter(is_wanted);
        wanted.take(search.most).map(|leaf| leaf.now.clone()).collect()
    }

    pub(super) fn woken(&self, now: SystemTime, most: usize) -> Vec<Woken> {
        let woken = self.folios.values().filter_map(|leaf| {
            let wake = leaf.now.wake.filter(|wake| millis(*wake) <= millis(now))?;
            Some(Woken {
                folio: leaf.now.id,
                owner: leaf.now.owner.clone(),
                wake,
            })
        });
        let mut woken: Vec<Woken> = woken.collect();
        woken.sort_by_key(|woken| (woken.wake, woken.folio));
        woken.truncate(most);
        woken
    }

    pub(super) fn outbound(&self, viewer: &Viewer, id: OutboundId) -> Option<StoredOutbound> {
        let message = self.outbox.get(&id)?;
        viewer
            .sees(&message.tenant, Some(&message.to))
            .then(|| message.clone())
    }

    pub(super) fn outbound_of(&self, viewer: &Viewer, folio: FolioId) -> Vec<StoredOutbound> {
        let of_folio = self.outbox.keys().filter(|id| id.folio == folio);
        of_folio.filter_map(|id| self.outbound(viewer, *id)).collect()
    }

    pub(super) fn standing(
        &self,
        viewer: &Viewer,
        standing: Standing,
        lane: Option<&LaneId>,
        after: Option<OutboundId>,
        most: usize,
    ) -> Vec<OutboundId> {
        let is_wanted = |message: &&StoredOutbound| {
            message.standing == standing
                && lane.is_none_or(|lane| message.lane == *lane)
                && after.is_none_or(|after| message.id > after)
                && viewer.sees(&message.tenant, Some(&message.to))
        };
        let wanted = self.outbox.values().filter(is_wanted);
        wanted.take(most).map(|message| message.id).collect()
    }

    pub(super) fn numbered(&self, viewer: &Viewer, series: &Series, value: u64) -> Option<OutboundId> {
        let id = self.numbers.get(&(series.clone(), value))?;
        self.outbound(viewer, *id).map(|message| message.id)
    }

    pub(super) fn lanes(&self) -> Vec<LaneState> {
        let mut lanes: Vec<LaneState> = Vec::new();
        let waiting = self.outbox.values();
        for message in waiting.filter(|message| message.standing == Standing::Waiting) {
            match lanes.iter_mut().find(|lane| lane.lane == message.lane) {
                Some(lane) => lane.due = lane.due.min(message.due),
                None => lanes.push(LaneState {
                    lane: message.lane.clone(),
                    due: message.due,
                }),
            }
        }
        lanes.sort_by(|one, other| one.lane.cmp(&other.lane));
        lanes
    }

    pub(super) fn tally(&self) -> Tally {
        let standing = |standing| {
            let outbox = self.outbox.values();
            outbox.filter(|message| message.standing == standing).count() as u64
        };
        let parked = self.entries.values().filter(|entry| entry.parked.is_some());
        Tally {
            entries: self.entries.len() as u64,
            folios: self.folios.len() as u64,
            waiting: standing(Standing::Waiting),
            dead: standing(Standing::Dead),
            parked: parked.count() as u64,
            bytes: self.bytes,
        }
    }

    pub(super) fn audit(&self, viewer: &Viewer, after: Option<AuditId>, most: usize) -> Vec<StoredAudit> {
        let events = self.audit.iter();
        let events = events.filter(|event| after.is_none_or(|after| event.id > after));
        let events = events.filter(|event| viewer.sees(&event.tenant, None));
        events.take(most).cloned().collect()
    }

    pub(super) fn verify_audit(&self) -> AuditReport {
        let mut walk = Walk::after(0, self.anchor.0, self.anchor.1);
        for stored in &self.audit {
            let event = chain::Event {
                id: stored.id,
                tenant: &stored.tenant,
                at: millis(stored.at),
                content: stored.content.as_bytes(),
            };
            walk.step(&event, stored.link);
        }
        AuditReport {
            events: self.audit.len() as u64,
            heads: vec![walk.head()],
            faults: walk.faults,
        }
    }

    pub(super) fn discarded(&self, most: usize) -> Discarded {
        let gone = self.blobs.values().filter(|(_, refs)| *refs == 0);
        gone.take(most).map(|(blob, _)| blob.clone()).collect()
    }

    pub(super) fn refers_to(&self, range: BlobRange) -> bool {
        range.first <= range.last && self.blobs.range(range.first..=range.last).next().is_some()
    }
}
