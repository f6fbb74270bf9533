//! The threads that read: each has a connection of its own, and readers never wait for the writer.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use crate::ledger::crew::Crew;
use crate::ledger::crew::Desk;
use crate::ledger::error::LedgerError;
use crate::ledger::pending::Pending;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::halt::as_io;
use crate::ledger::sqlite::schema;
use crate::ledger::state::State;

/// So many read at once.
const READERS: usize = 2;

/// The threads that read.
#[derive(Debug)]
pub(super) struct Readers {
    /// Ends when this is dropped.
    _crew: Crew<Connection>,
    desk: Desk<Connection>,
    state: Arc<State>,
}

impl Readers {
    /// Readers of a database.
    pub(super) fn start(file: &Path, state: Arc<State>) -> Result<Self, LedgerError> {
        let connections = (0..READERS).map(|_| schema::connect_to_read(file));
        let connections = connections.collect::<Result<_, _>>();
        let connections = connections.map_err(|error| LedgerError::unusable(file, as_io(error)))?;
        let crew =
            Crew::start("ledger-read", connections).map_err(|error| LedgerError::unusable(file, error))?;
        Ok(Self {
            desk: crew.desk(),
            _crew: crew,
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
        let asked = self.desk.ask(move |connection| {
            let answer = connection
                .unchecked_transaction()
                .map_err(Halt::from)
                .and_then(|transaction| read(&transaction));
            promise.keep(answer.map_err(Halt::into_read));
        });
        match asked {
            Ok(()) => pending,
            Err(refusal) => Pending::ready(Err(refusal)),
        }
    }
}
