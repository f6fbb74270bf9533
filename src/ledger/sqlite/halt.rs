//! Two ways in which work on the tables ends early, which must not be mixed up.

use std::io;

use rusqlite::ErrorCode;

use crate::ledger::error::LedgerError;

/// Why work ended early.
#[derive(Debug)]
pub(super) enum Halt {
    /// What was asked cannot be; nothing was written for it and the others of its batch go on.
    Refused(LedgerError),
    /// SQLite failed: the whole batch is rolled back.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Halt {
    /// A value that cannot be what was stored is damage to its row and no failure of SQLite (ROB-009).
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Fault;
        match error {
            Fault::QueryReturnedNoRows
            | Fault::Utf8Error(..)
            | Fault::InvalidColumnType(..)
            | Fault::FromSqlConversionFailure(..)
            | Fault::IntegralValueOutOfRange(..) => {
                Self::Refused(LedgerError::Unreadable("a column of a row"))
            }
            other => Self::Sqlite(other),
        }
    }
}

impl From<LedgerError> for Halt {
    fn from(error: LedgerError) -> Self {
        Self::Refused(error)
    }
}

impl Halt {
    /// As the answer to somebody who only read.
    pub(super) fn into_read(self) -> LedgerError {
        match self {
            Self::Refused(error) => error,
            Self::Sqlite(error) => LedgerError::reading("a read of the tables", as_io(error)),
        }
    }
}

/// SQLite's complaint as an error of the system; running out of room keeps its own kind.
///
/// Its text names tables and codes, never a value: every value goes in as a parameter.
pub(super) fn as_io(error: rusqlite::Error) -> io::Error {
    let kind = if is_out_of_room(&error) {
        io::ErrorKind::StorageFull
    } else {
        io::ErrorKind::Other
    };
    io::Error::new(kind, error)
}

/// Whether a write found no room. Nothing was synced then, and SQLite has rolled back.
pub(super) fn is_out_of_room(error: &rusqlite::Error) -> bool {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return false;
    };
    failure.code == ErrorCode::DiskFull || failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
}
