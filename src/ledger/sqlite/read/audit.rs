//! Reading and proving the audit, and what of blobs is known.

use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;

use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::blobs::BlobRef;
use crate::ledger::chain;
use crate::ledger::chain::Walk;
use crate::ledger::found::AuditId;
use crate::ledger::found::AuditReport;
use crate::ledger::found::Discarded;
use crate::ledger::found::StoredAudit;
use crate::ledger::ids::Viewer;
use crate::ledger::moment::millis;
use crate::ledger::sqlite::book::Book;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::unsigned;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::read::limit;
use crate::ledger::sqlite::read::sight;
use crate::ledger::sqlite::write::CHAIN;

const EVENT: &str =
    "SELECT a.number, t.text, a.at, a.content, a.link FROM audit AS a JOIN name AS t ON t.id = a.tenant";

fn event_of(row: &Row<'_>) -> Result<StoredAudit, Halt> {
    let id = AuditId {
        chain: CHAIN,
        number: unsigned(row.get(0)?),
    };
    Ok(StoredAudit {
        id,
        tenant: columns::tenant(row, 1)?,
        at: columns::time(row, 2)?,
        content: columns::opaque(row, 3)?,
        link: columns::digest(row, 4)?,
    })
}

/// Events after `after`, in order.
pub(in crate::ledger::sqlite) fn events(
    connection: &Connection,
    viewer: &Viewer,
    after: Option<AuditId>,
    most: usize,
) -> Result<Vec<StoredAudit>, Halt> {
    let after = after.map_or(0, |id| id.number);
    let query = format!("{EVENT} WHERE a.number > ?1 AND (?2 IN (0, a.tenant)) ORDER BY a.number LIMIT ?3");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![signed(after), sight(connection, viewer)?, limit(most)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(event_of(row)?);
    }
    Ok(found)
}

/// Recomputes every link.
pub(in crate::ledger::sqlite) fn verify(connection: &Connection) -> Result<AuditReport, Halt> {
    let book = Book::load(connection)?;
    let mut walk = Walk::after(CHAIN, book.audit_first, book.audit_anchor);
    let mut report = AuditReport::default();
    let mut statement = connection.prepare_cached(&format!("{EVENT} ORDER BY a.number"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        report.events += 1;
        let Ok(stored) = event_of(row) else {
            walk.unreadable(unsigned(row.get(0)?));
            continue;
        };
        let event = chain::Event {
            id: stored.id,
            tenant: &stored.tenant,
            at: millis(stored.at),
            content: stored.content.as_bytes(),
        };
        walk.step(&event, stored.link);
    }
    walk.end(book.audit_last, book.audit_link);
    report.heads.push(walk.head());
    report.faults = walk.faults;
    Ok(report)
}

/// Blobs that nothing refers to any more.
pub(in crate::ledger::sqlite) fn discarded(connection: &Connection, most: usize) -> Result<Discarded, Halt> {
    let mut statement = connection.prepare_cached(
        "SELECT b.id, t.text, b.length, b.digest FROM blob AS b JOIN name AS t ON t.id = b.owner \
         WHERE b.refs = 0 ORDER BY b.id LIMIT ?1",
    )?;
    let mut rows = statement.query([limit(most)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(BlobRef {
            id: BlobId::from_bytes(row.get(0)?),
            owner: columns::tenant(row, 1)?,
            length: unsigned(row.get(2)?),
            digest: columns::digest(row, 3)?,
        });
    }
    Ok(found)
}

/// Whether anything refers to a blob of the range, or is still to erase one.
pub(in crate::ledger::sqlite) fn refers_to(connection: &Connection, range: &BlobRange) -> Result<bool, Halt> {
    let found = connection
        .prepare_cached("SELECT 1 FROM blob WHERE id BETWEEN ?1 AND ?2 LIMIT 1")?
        .exists([range.first.as_bytes(), range.last.as_bytes()])?;
    Ok(found)
}

/// The last blob of a range that anything refers to.
pub(in crate::ledger::sqlite) fn last_blob(
    connection: &Connection,
    range: &BlobRange,
) -> Result<Option<BlobId>, Halt> {
    let last: Option<[u8; 16]> = connection
        .prepare_cached("SELECT max(id) FROM blob WHERE refs > 0 AND id BETWEEN ?1 AND ?2")?
        .query_row([range.first.as_bytes(), range.last.as_bytes()], |row| row.get(0))?;
    Ok(last.map(BlobId::from_bytes))
}
