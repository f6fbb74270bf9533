//! The running totals: read once, changed in memory, written once for each batch.

use rusqlite::Connection;
use rusqlite::params;

use crate::ledger::digest::Digest;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::unsigned;

/// The running totals of the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Book {
    /// The number of the last entry.
    pub(super) last_entry: u64,
    /// Bytes of contents that are kept, blobs included.
    pub(super) bytes: u64,
    /// How many events of the audit have been pruned.
    pub(super) audit_first: u64,
    /// The link of the last event that was pruned.
    pub(super) audit_anchor: Digest,
    /// The number of the last event of the audit.
    pub(super) audit_last: u64,
    /// Its link.
    pub(super) audit_link: Digest,
}

impl Book {
    /// The totals as they are stored.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT last_entry, bytes, audit_first, audit_anchor, audit_last, audit_link FROM book WHERE id = 1",
            )?
            .query_row([], |row| {
                Ok(Self {
                    last_entry: unsigned(row.get(0)?),
                    bytes: unsigned(row.get(1)?),
                    audit_first: unsigned(row.get(2)?),
                    audit_anchor: Digest::new(row.get(3)?),
                    audit_last: unsigned(row.get(4)?),
                    audit_link: Digest::new(row.get(5)?),
                })
            })
    }

    /// Stores the totals.
    pub(super) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "UPDATE book SET last_entry = ?1, bytes = ?2, audit_first = ?3, audit_anchor = ?4, \
                 audit_last = ?5, audit_link = ?6 WHERE id = 1",
            )?
            .execute(params![
                signed(self.last_entry),
                signed(self.bytes),
                signed(self.audit_first),
                self.audit_anchor.as_bytes(),
                signed(self.audit_last),
                self.audit_link.as_bytes(),
            ])?;
        Ok(())
    }
}
