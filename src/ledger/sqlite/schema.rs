//! The tables, and how a connection is set up.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;

/// The number of the form of the tables, in SQLite's `user_version`.
pub(super) const VERSION: i32 = 1;

/// Every table is written once per commit at most where it can be, and rows that change are small: the long columns
/// stand in tables of their own, so that a change never copies a message.
///
/// `name` gives every name a small number. `book` is one row of running totals.
/// `entry.audit_after` is the number of the event before the entry's own, `entry.audited` how many those are.
/// `content` and `letter` hold what retention removes first; `entry`, `once` and `outbox` stay as long as keys do.
/// `letter.id` is counted on; `blob.refs` says how often a blob is referred to, and at 0 it waits to be erased.
pub(super) const TABLES: &str = "
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE book (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last_entry INTEGER NOT NULL, bytes INTEGER NOT NULL,
  audit_first INTEGER NOT NULL, audit_anchor BLOB NOT NULL,
  audit_last INTEGER NOT NULL, audit_link BLOB NOT NULL);
INSERT INTO book VALUES (1, 0, 0, 0, zeroblob(32), 0, zeroblob(32));
CREATE TABLE entry (
  id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, at INTEGER NOT NULL,
  key BLOB, content BLOB, length INTEGER NOT NULL, parked BLOB,
  folios BLOB, outbound BLOB, answer BLOB, audit_after INTEGER NOT NULL, audited INTEGER NOT NULL);
CREATE INDEX entry_parked ON entry (id) WHERE parked IS NOT NULL;
CREATE TABLE content (entry INTEGER PRIMARY KEY, facts BLOB, decision BLOB, body BLOB);
CREATE TABLE once (key BLOB PRIMARY KEY, entry INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE folio (
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, kind INTEGER NOT NULL,
  owner INTEGER NOT NULL, peer INTEGER, at INTEGER NOT NULL, wake INTEGER, open INTEGER NOT NULL,
  handles BLOB NOT NULL, content BLOB NOT NULL);
CREATE INDEX folio_wake ON folio (wake) WHERE wake IS NOT NULL;
CREATE TABLE folio_past (
  folio INTEGER NOT NULL, version INTEGER NOT NULL, kind INTEGER NOT NULL,
  owner INTEGER NOT NULL, peer INTEGER, at INTEGER NOT NULL, wake INTEGER, open INTEGER NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY (folio, version)) WITHOUT ROWID;
CREATE TABLE handle (handle BLOB NOT NULL, folio INTEGER NOT NULL, PRIMARY KEY (handle, folio)) WITHOUT ROWID;
CREATE TABLE about (folio INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (folio, entry)) WITHOUT ROWID;
CREATE TABLE outbox (
  folio INTEGER NOT NULL, number INTEGER NOT NULL, entry INTEGER NOT NULL,
  tenant INTEGER NOT NULL, partner INTEGER NOT NULL, lane INTEGER NOT NULL,
  standing INTEGER NOT NULL, attempts INTEGER NOT NULL, trouble INTEGER,
  due INTEGER NOT NULL, expires INTEGER NOT NULL, letter INTEGER NOT NULL, numbers BLOB,
  PRIMARY KEY (folio, number)) WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (lane, due) WHERE standing = 0;
CREATE INDEX outbox_dead ON outbox (folio, number) WHERE standing = 2;
CREATE TABLE letter (id INTEGER PRIMARY KEY, facts BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE series (
  id INTEGER PRIMARY KEY, partner INTEGER NOT NULL, name INTEGER NOT NULL, last INTEGER NOT NULL,
  UNIQUE (partner, name));
CREATE TABLE number (
  series INTEGER NOT NULL, value INTEGER NOT NULL, folio INTEGER NOT NULL, outbound INTEGER NOT NULL,
  PRIMARY KEY (series, value)) WITHOUT ROWID;
CREATE TABLE audit (
  number INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, at INTEGER NOT NULL, content BLOB NOT NULL, link BLOB NOT NULL);
CREATE TABLE blob (
  id BLOB PRIMARY KEY, refs INTEGER NOT NULL, owner INTEGER NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL
  ) WITHOUT ROWID;
CREATE INDEX blob_discarded ON blob (id) WHERE refs = 0;
";

/// Bytes of a page. Keys and handles are spread evenly, so that each lands on a page of its own, and all of that page goes
/// to the log. With pages of 8 KiB an accept of 4 KiB took the store a sixth more time, for two of its rows do not share
/// one of those either.
const PAGE: u32 = 4096;

/// The connection that writes. There is one in the process.
pub(super) fn connect_to_write(file: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    only_for_its_owner(file)?;
    connection.pragma_update(None, "page_size", PAGE)?;
    write_ahead(&connection)?;
    // Each commit is synced before it is answered; nothing relaxes this (ROB-001).
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // After a failed sync the files must not be touched again, not even by closing (ROB-003).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Turns on the write-ahead log.
///
/// The statement is run to its end: it answers before it syncs, and a failure shows only behind the answer.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA journal_mode = wal")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mode: String = row.get(0)?;
        if mode != "wal" {
            return Err(refused(
                rusqlite::ffi::SQLITE_IOERR,
                "no write-ahead log".to_owned(),
            ));
        }
    }
    Ok(())
}

fn refused(code: i32, why: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(why))
}

/// SQLite makes its files readable by everybody whom the folder lets in; the write-ahead log takes after the database.
#[cfg(unix)]
fn only_for_its_owner(file: &Path) -> rusqlite::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
        .map_err(|error| refused(rusqlite::ffi::SQLITE_PERM, error.to_string()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
fn only_for_its_owner(_file: &Path) -> rusqlite::Result<()> {
    Ok(())
}

/// A connection that reads.
pub(super) fn connect_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.pragma_update(None, "cache_size", -4096)?;
    // Else a statement whose plan could depend on its values is planned anew for each of them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Readers never wait for the writer in WAL mode; only the moment when the log starts again is exclusive.
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// Makes the tables if there are none, and tells the number of their form.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<i32> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != 0 {
        return Ok(version);
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(VERSION)
}
