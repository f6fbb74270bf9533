//! The threads that read: each has a connection of its own, and readers never wait for the writer.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::thread;
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::ledger::error::LedgerError;
use crate::ledger::pending::Pending;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::halt::as_io;
use crate::ledger::sqlite::schema;
use crate::ledger::state::State;

/// So many reads may wait.
const WAITING_MOST: usize = 1024;

/// So many read at once.
const READERS: usize = 2;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The threads that read.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Option<SyncSender<Read>>,
    threads: Vec<JoinHandle<()>>,
    state: Arc<State>,
}

impl Readers {
    /// Readers of a database.
    pub(super) fn start(file: &Path, state: Arc<State>) -> Result<Self, LedgerError> {
        let (queue, reads) = mpsc::sync_channel(WAITING_MOST);
        let reads = Arc::new(Mutex::new(reads));
        let mut threads = Vec::new();
        for number in 0..READERS {
            let connection =
                schema::connect_to_read(file).map_err(|error| LedgerError::unusable(file, as_io(error)))?;
            let reads = Arc::clone(&reads);
            let thread = thread::Builder::new()
                .name(format!("ledger-read-{number}"))
                .spawn(move || read_all(&connection, &reads))
                .map_err(|error| LedgerError::unusable(file, error))?;
            threads.push(thread);
        }
        Ok(Self {
            queue: Some(queue),
            threads,
            state,
        })
    }

    /// Reads, within one transaction, so that what is read belongs together.
    pub(super) fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Halt> + Send + 'static,
    ) -> Pending<T> {
        if let Err(failure) = self.state.check() {
            return Pending::ready(Err(failure));
        }
        let (promise, pending) = Pending::new();
        let work: Read = Box::new(move |connection| {
            let answer = connection
                .unchecked_transaction()
                .map_err(Halt::from)
                .and_then(|transaction| read(&transaction));
            promise.keep(answer.map_err(Halt::as_read));
        });
        match self.queue.as_ref().map(|queue| queue.try_send(work)) {
            Some(Ok(())) => pending,
            Some(Err(TrySendError::Full(_))) => Pending::ready(Err(LedgerError::Busy)),
            Some(Err(TrySendError::Disconnected(_))) | None => Pending::ready(Err(LedgerError::Closed)),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // A reader that panicked has broken the promise of its read, and whoever waited knows.
            let _ = thread.join();
        }
    }
}

fn read_all(connection: &Connection, reads: &Mutex<Receiver<Read>>) {
    loop {
        let next = reads.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(read) => read(connection),
            Err(_) => return,
        }
    }
}
