//! The one thread that writes: it takes what is queued, writes it in one transaction, and answers after the sync.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::ledger::ballast::Ballast;
use crate::ledger::blobs::BlobId;
use crate::ledger::disk::Disk;
use crate::ledger::disk::is_full;
use crate::ledger::entry::Entry;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::Outcome;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::pending::Promise;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::halt::as_io;
use crate::ledger::sqlite::halt::is_out_of_room;
use crate::ledger::sqlite::prune;
use crate::ledger::sqlite::write::Writer;
use crate::ledger::state::State;
use crate::ledger::state::Watch;

/// At most so many jobs share one commit.
pub(super) const BATCH_MOST: usize = 512;

/// How often a batch that grows lets others go first.
const GIVES_WAY: usize = 4;

/// The write-ahead log is moved into the database when so many of its pages have not been.
const CHECKPOINT_AT: i64 = 8192;

/// How often a full disk is tried again (ROB-007 asks for 5 seconds).
const RETRY: Duration = Duration::from_secs(1);

/// Something that is written.
#[derive(Debug)]
pub(super) enum Job {
    Commit(Box<Entry>, Promise<Outcome>),
    Claim(Claim, Promise<Vec<Claimed>>),
    Prune(Retention, i64, Promise<Pruned>),
    Forget(Vec<BlobId>, Promise<()>),
}

/// What was written, to be told after the commit.
enum Written {
    Outcome(Outcome),
    Claimed(Vec<Claimed>),
    Pruned(Pruned),
    Forgotten,
    Refused(LedgerError),
}

/// Why a batch was not committed.
enum Stop {
    Sqlite(rusqlite::Error),
    /// The job at this place came upon a damaged row.
    Damage(usize, LedgerError),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// The thread's belongings.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) connection: Connection,
    pub(super) writer: Writer,
    pub(super) queue: Receiver<Job>,
    pub(super) state: Arc<State>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) ballast: Ballast,
    pub(super) clock: Arc<dyn Clock>,
    /// When room was last looked for.
    pub(super) looked: Tick,
}

impl Committer {
    /// Works until nobody can ask for anything any more, or until a failure.
    pub(super) fn run(mut self) {
        let _watch = Watch::over(&self.state);
        while let Some(first) = self.next() {
            let batch = self.gather(first);
            if self.state.check().is_ok() {
                let stored = self.store(batch).and_then(|()| self.checkpoint_if_due());
                if let Err(failure) = stored {
                    self.state.fail(&failure);
                }
            } else {
                refuse(batch, &self.state);
            }
        }
        if self.state.check().is_ok() {
            // Only makes the next start faster: all that is committed is in the log already.
            let _ = self.checkpoint("TRUNCATE");
        }
    }

    /// What waits now shares this commit. A lone job is never held up (ROB-002).
    ///
    /// As long as more comes, whoever makes it gets the core first: where cores are few, a commit would else be of the
    /// few jobs that came while the disk was busy, and each commit writes the last page of every table once more.
    fn gather(&self, first: Job) -> Vec<Job> {
        let mut batch = vec![first];
        for turn in 0..=GIVES_WAY {
            if turn > 0 {
                thread::yield_now();
            }
            let before = batch.len();
            batch.extend(self.queue.try_iter().take(BATCH_MOST.saturating_sub(before)));
            if batch.len() == before {
                break;
            }
        }
        batch
    }

    /// The next job; while the disk is full, room is looked for once in a while, however much there is to do.
    fn next(&mut self) -> Option<Job> {
        while self.state.rows_are_full() && self.state.check().is_ok() {
            if self.clock.tick().since(self.looked) >= RETRY {
                self.look_for_room();
                continue;
            }
            match self.queue.recv_timeout(RETRY) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.look_for_room(),
            }
        }
        self.queue.recv().ok()
    }

    /// Takes the ballast again, if there is room for it: then there is room for new messages, too.
    fn look_for_room(&mut self) {
        self.looked = self.clock.tick();
        match self.ballast.take(&*self.disk) {
            Ok(()) => self.state.set_rows_full(false),
            Err(error) if is_full(&error) => {}
            Err(error) => self
                .state
                .fail(&LedgerError::failed("taking room on the disk", error)),
        }
    }

    /// Writes a batch and answers it. An error is final, and every job of the batch has been told.
    fn store(&mut self, mut batch: Vec<Job>) -> Result<(), LedgerError> {
        let mut written = self.write(&mut batch);
        if written.as_ref().is_err_and(is_out_of_room) {
            // SQLite has rolled back before any sync, so this is not the failure that ROB-003 makes final: new
            // messages are refused, and the ballast makes room for all that brings work to its end (ROB-007).
            self.make_room();
            written = self.write(&mut batch);
        }
        match written {
            Ok(written) => {
                for (job, written) in batch.into_iter().zip(written) {
                    Self::answer(job, written);
                }
                Ok(())
            }
            // The ballast is gone and something else has filled the disk again: nothing goes until there is room.
            Err(error) if is_out_of_room(&error) => {
                for job in batch {
                    tell(job, LedgerError::Full);
                }
                Ok(())
            }
            Err(error) => {
                let failure = LedgerError::failed("a commit", as_io(error));
                // First all later calls see it, then those who wait hear of it.
                self.state.fail(&failure);
                refuse(batch, &self.state);
                Err(failure)
            }
        }
    }

    fn write(&mut self, batch: &mut [Job]) -> rusqlite::Result<Vec<Written>> {
        // Jobs that came upon a damaged row, by their places, with what they are told.
        let mut damaged = HashMap::new();
        loop {
            match self.transact(batch, &damaged) {
                Ok(written) => {
                    self.writer.committed();
                    return Ok(written);
                }
                Err(Stop::Sqlite(error)) => {
                    self.writer.rolled_back();
                    return Err(error);
                }
                Err(Stop::Damage(job, damage)) => {
                    self.writer.rolled_back();
                    damaged.insert(job, damage);
                }
            }
        }
    }

    fn transact(
        &mut self,
        batch: &mut [Job],
        damaged: &HashMap<usize, LedgerError>,
    ) -> Result<Vec<Written>, Stop> {
        let full = self.state.is_full();
        let transaction = self.connection.unchecked_transaction()?;
        let mut written = Vec::with_capacity(batch.len());
        for (place, job) in batch.iter_mut().enumerate() {
            if let Some(damage) = damaged.get(&place) {
                written.push(Written::Refused(damage.clone()));
                continue;
            }
            match work(&mut self.writer, &transaction, job, full) {
                Ok(done) => written.push(done),
                // Damage may show when part of the job is written already: all is done again without it.
                Err(Halt::Refused(damage @ LedgerError::Unreadable(_))) => {
                    return Err(Stop::Damage(place, damage));
                }
                Err(Halt::Refused(refusal)) => written.push(Written::Refused(refusal)),
                Err(Halt::Sqlite(error)) => return Err(Stop::Sqlite(error)),
            }
        }
        self.writer.end_batch(&transaction)?;
        self.disk.before_commit().map_err(|error| as_sqlite(&error))?;
        transaction.commit()?;
        Ok(written)
    }

    /// Moves the write-ahead log into the database when it has grown long.
    fn checkpoint_if_due(&mut self) -> Result<(), LedgerError> {
        let moved = self.checkpoint("NOOP").and_then(|left| {
            if left < CHECKPOINT_AT {
                return Ok(left);
            }
            self.checkpoint("PASSIVE")
        });
        match moved {
            Ok(_) => Ok(()),
            Err(error) if is_out_of_room(&error) => {
                self.make_room();
                Ok(())
            }
            Err(error) => Err(LedgerError::failed("a checkpoint", as_io(error))),
        }
    }

    /// How many pages of the log are not in the database, after a checkpoint of this kind.
    fn checkpoint(&self, kind: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(&format!("PRAGMA wal_checkpoint({kind})"))?
            .query_row([], |row| {
                let (all, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok(all - moved)
            })
    }

    fn make_room(&mut self) {
        self.looked = self.clock.tick();
        self.state.set_rows_full(true);
        self.ballast.give(&*self.disk);
    }

    /// Tells whoever waits for a job what was written.
    fn answer(job: Job, written: Written) {
        match (job, written) {
            (Job::Commit(_, promise), Written::Outcome(outcome)) => promise.keep(Ok(outcome)),
            (Job::Claim(_, promise), Written::Claimed(claimed)) => promise.keep(Ok(claimed)),
            (Job::Prune(_, _, promise), Written::Pruned(pruned)) => promise.keep(Ok(pruned)),
            (Job::Forget(_, promise), Written::Forgotten) => promise.keep(Ok(())),
            (job, Written::Refused(refusal)) => tell(job, refusal),
            // Each job is written as what it is; were it not so, its promise would be broken and heard as such.
            (_, Written::Outcome(_) | Written::Claimed(_) | Written::Pruned(_) | Written::Forgotten) => {}
        }
    }
}

/// Does one job within a transaction.
fn work(writer: &mut Writer, transaction: &Connection, job: &mut Job, full: bool) -> Result<Written, Halt> {
    match job {
        Job::Commit(entry, _) if full && entry.is_intake() => Err(LedgerError::Full.into()),
        Job::Commit(entry, _) => Ok(Written::Outcome(writer.commit(transaction, entry)?)),
        Job::Claim(claim, _) => Ok(Written::Claimed(writer.claim(transaction, claim)?)),
        Job::Prune(retention, now, _) => {
            let pruned = writer.prune(transaction, retention, *now)?;
            Ok(Written::Pruned(pruned))
        }
        Job::Forget(blobs, _) => {
            prune::forget(transaction, blobs)?;
            Ok(Written::Forgotten)
        }
    }
}

/// Tells all of a batch what ended the ledger.
fn refuse(batch: Vec<Job>, state: &State) {
    let failure = state.check().err().unwrap_or(LedgerError::Closed);
    for job in batch {
        tell(job, failure.clone());
    }
}

fn tell(job: Job, refusal: LedgerError) {
    match job {
        Job::Commit(_, promise) => promise.keep(Err(refusal)),
        Job::Claim(_, promise) => promise.keep(Err(refusal)),
        Job::Prune(_, _, promise) => promise.keep(Err(refusal)),
        Job::Forget(_, promise) => promise.keep(Err(refusal)),
    }
}

/// A failure that a test injects, as SQLite would tell it.
fn as_sqlite(error: &std::io::Error) -> rusqlite::Error {
    let code = if error.kind() == std::io::ErrorKind::StorageFull {
        rusqlite::ffi::SQLITE_FULL
    } else {
        rusqlite::ffi::SQLITE_IOERR_FSYNC
    };
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(error.to_string()))
}
