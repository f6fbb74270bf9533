//! The way back: one message of several that came together is left out, and the desk is what it was before it.
//!
//! Nothing is copied but what was there before and is changed, so that many messages cost no more than each by itself.

use crate::flow::desk::Desk;
use crate::flow::desk::File;
use crate::flow::dossier;
use crate::flow::hosted::HostedTask;
use crate::ledger::body::ENTRY_MOST;
use crate::ledger::entry::Move;
use crate::ledger::entry::Outbound;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::OutboundId;

/// What has changed since a desk was marked.
#[derive(Default)]
pub(super) struct Trail {
    mark: Option<Mark>,
    /// In the order in which it happened.
    changes: Vec<Change>,
    /// How much was on the desk when it was marked, or a little more.
    weight: usize,
}

/// How many there were of each.
#[derive(Clone, Copy, Default)]
struct Mark {
    files: usize,
    tasks: usize,
    links: usize,
    unused: usize,
    outbound: usize,
    moved: usize,
    audit: usize,
}

/// Something that was there before, as it was, and where.
enum Change {
    File(usize, Box<File>),
    Task(usize, Box<HostedTask>),
    Outbound(usize, Box<Outbound>),
    Moved(usize, Move),
}

impl Desk<'_> {
    /// Marks the desk as it is, before one of several messages.
    ///
    /// # Errors
    /// There is no room for another: all of it would be refused when it is committed.
    pub(crate) fn mark(&mut self) -> Result<(), LedgerError> {
        self.trail.weight += match self.trail.mark {
            // Nothing can be there yet that comes from a message.
            None => 0,
            Some(mark) => self.weighs(mark)?,
        };
        if self.trail.weight > ENTRY_MOST {
            // What was changed twice was counted twice.
            self.trail.weight = self.weighs(Mark::default())?;
        }
        if self.trail.weight > ENTRY_MOST {
            return Err(LedgerError::Malformed("an entry would hold too much"));
        }
        self.trail.changes.clear();
        self.trail.mark = Some(Mark {
            files: self.files.len(),
            tasks: self.tasks.len(),
            links: self.links.len(),
            unused: self.entry.unused.len(),
            outbound: self.entry.outbound.len(),
            moved: self.entry.moved.len(),
            audit: self.entry.audit.len(),
        });
        Ok(())
    }

    /// Makes the desk what it was when it was marked: one message of several was not taken.
    pub(crate) fn go_back(&mut self) {
        let mark = self.trail.mark.unwrap_or_default();
        while let Some(change) = self.trail.changes.pop() {
            match change {
                Change::File(at, before) => {
                    if let Some(file) = self.files.get_mut(at) {
                        *file = *before;
                    }
                }
                Change::Task(at, before) => {
                    if let Some(task) = self.tasks.get_mut(at) {
                        *task = *before;
                    }
                }
                // What came after it was taken out is still behind it, so it goes to its own place.
                Change::Outbound(at, before) => self.entry.outbound.insert(at, *before),
                Change::Moved(at, before) => self.entry.moved.insert(at, before),
            }
        }
        self.files.truncate(mark.files);
        self.tasks.truncate(mark.tasks);
        self.links.truncate(mark.links);
        self.entry.unused.truncate(mark.unused);
        self.entry.outbound.truncate(mark.outbound);
        self.entry.moved.truncate(mark.moved);
        self.entry.audit.truncate(mark.audit);
    }

    /// Takes a message back that was to go out with this very entry, and its moves; says whether there was one.
    pub(super) fn take_back(&mut self, outbound: OutboundId) -> bool {
        let mut was_new = false;
        while let Some(at) = self.entry.outbound.iter().position(|one| one.id == outbound) {
            let before = self.entry.outbound.remove(at);
            self.trail.changes.push(Change::Outbound(at, Box::new(before)));
            was_new = true;
        }
        while let Some(at) = self.entry.moved.iter().position(|one| one.outbound == outbound) {
            let before = self.entry.moved.remove(at);
            self.trail.changes.push(Change::Moved(at, before));
        }
        was_new
    }

    /// Keeps a file as it is, if it was there before the mark and was not kept yet.
    pub(super) fn remember_file(&mut self, at: usize) {
        let is_kept = |change: &Change| matches!(change, Change::File(kept, _) if *kept == at);
        if self.trail.mark.is_some_and(|mark| at < mark.files)
            && !self.trail.changes.iter().any(is_kept)
            && let Some(file) = self.files.get(at)
        {
            let before = Box::new(file.clone());
            self.trail.changes.push(Change::File(at, before));
        }
    }

    /// The same for a Task.
    pub(super) fn remember_task(&mut self, at: usize) {
        let is_kept = |change: &Change| matches!(change, Change::Task(kept, _) if *kept == at);
        if self.trail.mark.is_some_and(|mark| at < mark.tasks)
            && !self.trail.changes.iter().any(is_kept)
            && let Some(task) = self.tasks.get(at)
        {
            let before = Box::new(task.clone());
            self.trail.changes.push(Change::Task(at, before));
        }
    }

    /// How much the commit would hold of what is on the desk now and was not at the mark.
    fn weighs(&self, since: Mark) -> Result<usize, LedgerError> {
        let outbound = self.entry.outbound.iter().skip(since.outbound);
        let audit = self.entry.audit.iter().skip(since.audit);
        let mut weight = outbound.map(Outbound::weighs).sum::<usize>();
        weight += audit.map(|event| event.content.len()).sum::<usize>();
        for file in self.files.iter().skip(since.files).filter(|file| file.changed) {
            weight += dossier::encode(&file.exchange, &file.dossier)?.len();
        }
        for task in self.tasks.iter().skip(since.tasks) {
            weight += task.content()?.map_or(0, |content| content.len());
        }
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::json;

    use super::*;
    use crate::exchange::terms::Terms;
    use crate::flow::desk::tenant;
    use crate::flow::dossier::Dossier;
    use crate::flow::gateway::tests::bare;
    use crate::flow::noted::Link;
    use crate::ledger::body::Body;
    use crate::ledger::body::Draft;
    use crate::ledger::entry::Destination;
    use crate::ledger::ids::FolioId;
    use crate::ledger::ids::LaneId;
    use crate::ledger::opaque::Opaque;

    fn outbound(number: u32, length: usize) -> Outbound {
        Outbound {
            id: OutboundId {
                folio: FolioId::new(7).unwrap(),
                number,
            },
            lane: LaneId::parse("payer").unwrap(),
            to: tenant("payer").unwrap(),
            draft: Draft::from(Body::inline(vec![b'x'; length])),
            facts: Opaque::default(),
            due: SystemTime::UNIX_EPOCH,
            expires: SystemTime::UNIX_EPOCH,
        }
    }

    /// Everything that a desk holds, told.
    fn told(desk: &Desk<'_>) -> String {
        let files = desk
            .files
            .iter()
            .map(|file| (file.id, file.changed, file.dossier.reports));
        let tasks = desk.tasks.iter().map(|task| task.resource.to_string());
        format!(
            "{:?} {:?} {:?} {:?}",
            files.collect::<Vec<_>>(),
            tasks.collect::<Vec<_>>(),
            desk.links,
            desk.entry,
        )
    }

    #[test]
    fn a_desk_goes_back_to_what_it_was() {
        let gateway = bare();
        let mut desk = Desk::open(&gateway, tenant("payer").unwrap());
        let file = desk.begin(Terms::default(), Dossier::default());
        desk.host(
            json!({"status": "requested"}),
            tenant("payer").unwrap(),
            None,
            None,
        );
        desk.note(&json!({"event": "first"}));
        for number in 1..=3 {
            desk.entry.outbound.push(outbound(number, 10));
        }
        let (id, to) = (outbound(1, 0).id, Destination::Stopped);
        desk.entry.moved.push(Move { outbound: id, to });
        desk.mark().unwrap();
        let before = told(&desk);
        for _ in 0..2 {
            for reports in 1..=2 {
                desk.file_mut(file).dossier.reports = reports;
                desk.task_mut(0).unwrap().resource["status"] = json!(reports);
            }
            desk.entry.outbound.push(outbound(4, 10));
            for number in [2, 4, 1] {
                assert!(desk.take_back(outbound(number, 0).id));
            }
            assert!(!desk.take_back(outbound(9, 0).id));
            desk.begin(Terms::default(), Dossier::default());
            desk.host(json!({}), tenant("payer").unwrap(), None, None);
            desk.note(&json!({"event": "second"}));
            desk.links.push(Link {
                exchange: 1,
                part: None,
                message: "275".to_owned(),
                transaction: 0,
                document: 0,
            });
            assert_ne!(told(&desk), before);
            desk.go_back();
            assert_eq!(told(&desk), before);
        }
    }

    #[test]
    fn what_no_commit_could_hold_is_refused_before_all_of_it_is_worked_through() {
        let gateway = bare();
        let mut desk = Desk::open(&gateway, tenant("payer").unwrap());
        let step = ENTRY_MOST / 10;
        let mut taken = 0;
        while desk.mark().is_ok() {
            taken += 1;
            assert!(taken < 20);
            desk.entry.outbound.push(outbound(taken, step));
        }
        assert_eq!(taken, 11);
        desk.entry.outbound.truncate(1);
        desk.entry.outbound.push(outbound(99, ENTRY_MOST));
        assert!(matches!(desk.mark(), Err(LedgerError::Malformed(_))));
    }

    #[test]
    fn what_is_taken_back_weighs_nothing() {
        let gateway = bare();
        let mut desk = Desk::open(&gateway, tenant("payer").unwrap());
        for number in 0..10 {
            desk.mark().unwrap();
            desk.entry.outbound.push(outbound(number, ENTRY_MOST / 2));
            desk.mark().unwrap();
            assert!(desk.take_back(outbound(number, 0).id));
        }
    }
}
