//! What retention removes of what is committed.

use std::time::SystemTime;

use crate::ledger::blobs::BlobId;
use crate::ledger::body::Body;
use crate::ledger::forgetful::table::Table;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredEntry;
use crate::ledger::ids::EntryId;
use crate::ledger::moment;
use crate::ledger::moment::millis;

impl Table {
    /// Removes all that may go, in one step.
    pub(super) fn prune(&mut self, retention: &Retention, now: SystemTime) -> Pruned {
        let mut pruned = Pruned::default();
        self.prune_contents(retention, now, &mut pruned);
        self.prune_entries(retention, now, &mut pruned);
        let before = moment::before(now, retention.audit);
        let old = self.audit.iter().take_while(|event| millis(event.at) < before);
        let old = old.count();
        if let Some(last) = self.audit.drain(..old).next_back() {
            self.anchor = (last.id.number, last.link);
        }
        pruned.audit = old as u64;
        pruned
    }

    fn prune_contents(&mut self, retention: &Retention, now: SystemTime, pruned: &mut Pruned) {
        let before = moment::before(now, retention.contents);
        let most = retention.most_bytes.unwrap_or(u64::MAX);
        let with_contents: Vec<EntryId> = self.contents.iter().copied().collect();
        for id in with_contents {
            let Some(entry) = self.entries.get(&id).cloned() else {
                continue;
            };
            let (young, crowded) = (millis(entry.at) >= before, self.bytes > most);
            if young && !crowded && entry.at <= now {
                return;
            }
            if (young && !crowded) || !self.may_go(&entry) {
                continue;
            }
            self.contents.remove(&id);
            let received = self.entries.get_mut(&id).and_then(|entry| entry.received.take());
            if let Some(received) = received {
                self.drop_body(&received.body);
                pruned.received += 1;
            }
            for sent in &entry.outbound {
                let Some(message) = self.outbox.get_mut(sent) else {
                    continue;
                };
                message.facts = Vec::new().into();
                if let Some(body) = message.body.take() {
                    self.drop_body(&body);
                    pruned.sent += 1;
                }
            }
        }
    }

    fn prune_entries(&mut self, retention: &Retention, now: SystemTime, pruned: &mut Pruned) {
        let before = moment::before(now, retention.keys_kept());
        let all: Vec<StoredEntry> = self.entries.values().cloned().collect();
        for entry in all {
            let young = millis(entry.at) >= before;
            if young && entry.at <= now {
                return;
            }
            if young || self.contents.contains(&entry.id) || !self.may_go(&entry) {
                continue;
            }
            self.entries.remove(&entry.id);
            pruned.entries += 1;
            if let Some(key) = self.keys_of.remove(&entry.id) {
                self.keys.remove(&key);
            }
            if let Some(answer) = &entry.answer {
                self.release(answer);
            }
            for sent in &entry.outbound {
                self.outbox.remove(sent);
                self.numbers.retain(|_, carrier| carrier != sent);
            }
            for folio in &entry.folios {
                let is_left = self.entries.values().any(|other| other.folios.contains(folio));
                if !is_left && self.folios.remove(folio).is_some() {
                    pruned.folios += 1;
                }
            }
        }
    }

    fn may_go(&self, entry: &StoredEntry) -> bool {
        let ended = |folio| self.folios.get(folio).is_none_or(|leaf| !leaf.now.open);
        let settled = |sent| {
            let message = self.outbox.get(sent);
            message.is_none_or(|message| matches!(message.standing, Standing::Delivered | Standing::Stopped))
        };
        entry.parked.is_none() && entry.folios.iter().all(ended) && entry.outbound.iter().all(settled)
    }

    fn drop_body(&mut self, body: &Body) {
        self.bytes -= body.len();
        self.release(body);
    }

    fn release(&mut self, body: &Body) {
        for blob in body.blobs() {
            if let Some((_, refs)) = self.blobs.get_mut(&blob.id) {
                *refs = refs.saturating_sub(1);
            }
        }
    }

    /// Forgets blobs that were erased.
    pub(super) fn forget(&mut self, blobs: &[BlobId]) {
        self.blobs
            .retain(|id, (_, refs)| *refs > 0 || !blobs.contains(id));
    }
}
