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
