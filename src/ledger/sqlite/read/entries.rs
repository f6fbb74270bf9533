//! Reading entries.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::ledger::digest::Digest;
use crate::ledger::entry::Key;
use crate::ledger::found::AuditId;
use crate::ledger::found::Seen;
use crate::ledger::found::StoredEntry;
use crate::ledger::found::StoredReceived;
use crate::ledger::found::Tally;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::Viewer;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::unsigned;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::read::limit;
use crate::ledger::sqlite::read::sight;
use crate::ledger::sqlite::write::CHAIN;

/// What a key stands for.
pub(in crate::ledger::sqlite) fn seen(connection: &Connection, key: &Key) -> Result<Option<Seen>, Halt> {
    let entry: Option<i64> = connection
        .prepare_cached("SELECT entry FROM once WHERE key = ?1")?
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(entry) = entry else { return Ok(None) };
    let mut statement = connection.prepare_cached("SELECT content, at, answer FROM entry WHERE id = ?1")?;
    let mut rows = statement.query([entry])?;
    let row = rows.next()?.ok_or(columns::unreadable("the entry of a key"))?;
    Ok(Some(Seen {
        entry: columns::entry(entry),
        content: columns::digest(row, 0)?,
        at: columns::time(row, 1)?,
        answer: columns::body(row, 2)?,
    }))
}

/// An entry, if the viewer caused it or sees one of its folios.
pub(in crate::ledger::sqlite) fn entry(
    connection: &Connection,
    viewer: &Viewer,
    id: EntryId,
) -> Result<Option<StoredEntry>, Halt> {
    let sight = sight(connection, viewer)?;
    let mut statement = connection.prepare_cached(
        "SELECT t.text, e.at, e.length, e.content, e.answer, e.parked, e.folios, e.outbound, \
         c.facts, c.decision, c.body, e.audit_after, e.audited \
         FROM entry AS e JOIN name AS t ON t.id = e.tenant LEFT JOIN content AS c ON c.entry = e.id \
         WHERE e.id = ?1 AND (?2 IN (0, e.tenant))",
    )?;
    let mut rows = statement.query([signed(id.number()), sight])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let folios = columns::unpack(row.get_ref(6)?.as_blob_or_null().map_err(rusqlite::Error::from)?)?;
    let folios = folios.into_iter().map(|number| columns::folio(signed(number)));
    let content: Option<[u8; 32]> = row.get(3)?;
    let parked: Option<Vec<u8>> = row.get(5)?;
    let audited = columns::small(row.get(12)?, "the audit of an entry")?;
    let first = AuditId {
        chain: CHAIN,
        number: unsigned(row.get(11)?) + 1,
    };
    let received = columns::body(row, 10)?.map(|body| -> Result<_, Halt> {
        Ok(StoredReceived {
            body,
            facts: columns::opaque(row, 8)?,
            decision: columns::opaque(row, 9)?,
        })
    });
    Ok(Some(StoredEntry {
        id,
        tenant: columns::tenant(row, 0)?,
        at: columns::time(row, 1)?,
        received: received.transpose()?,
        length: unsigned(row.get(2)?),
        content: content.map(Digest::new),
        answer: columns::body(row, 4)?,
        parked: parked.map(Into::into),
        folios: folios.collect::<Result<_, _>>()?,
        outbound: columns::outbound_list(row.get_ref(7)?.as_blob_or_null().map_err(rusqlite::Error::from)?)?,
        audit: (audited > 0).then_some((first, audited)),
    }))
}

/// The entries that belong to a folio.
pub(in crate::ledger::sqlite) fn about(
    connection: &Connection,
    viewer: &Viewer,
    folio: FolioId,
    after: Option<EntryId>,
    most: usize,
) -> Result<Vec<EntryId>, Halt> {
    let after = after.map_or(0, EntryId::number);
    ids(
        connection,
        "SELECT a.entry FROM about AS a JOIN entry AS e ON e.id = a.entry \
         WHERE a.folio = ?1 AND a.entry > ?2 AND (?3 IN (0, e.tenant)) ORDER BY a.entry LIMIT ?4",
        params![
            signed(folio.number()),
            signed(after),
            sight(connection, viewer)?,
            limit(most)
        ],
    )
}

/// Entries, newest first.
pub(in crate::ledger::sqlite) fn latest(
    connection: &Connection,
    viewer: &Viewer,
    before: Option<EntryId>,
    most: usize,
) -> Result<Vec<EntryId>, Halt> {
    let before = before.map_or(i64::MAX, |before| signed(before.number()));
    ids(
        connection,
        "SELECT id FROM entry WHERE id < ?1 AND (?2 IN (0, tenant)) ORDER BY id DESC LIMIT ?3",
        params![before, sight(connection, viewer)?, limit(most)],
    )
}

/// Entries that wait for a person.
pub(in crate::ledger::sqlite) fn parked(
    connection: &Connection,
    viewer: &Viewer,
    after: Option<EntryId>,
    most: usize,
) -> Result<Vec<EntryId>, Halt> {
    let after = after.map_or(0, EntryId::number);
    ids(
        connection,
        "SELECT id FROM entry WHERE parked IS NOT NULL AND id > ?1 AND (?2 IN (0, tenant)) ORDER BY id LIMIT ?3",
        params![signed(after), sight(connection, viewer)?, limit(most)],
    )
}

fn ids(connection: &Connection, query: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<EntryId>, Halt> {
    let mut statement = connection.prepare_cached(query)?;
    let ids = statement.query_map(values, |row| Ok(columns::entry(row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// How much of everything there is.
pub(in crate::ledger::sqlite) fn tally(connection: &Connection) -> Result<Tally, Halt> {
    let count = |query: &str| -> Result<u64, Halt> {
        let count = connection
            .prepare_cached(query)?
            .query_row([], |row| row.get(0))?;
        Ok(unsigned(count))
    };
    Ok(Tally {
        entries: count("SELECT count(*) FROM entry")?,
        folios: count("SELECT count(*) FROM folio")?,
        waiting: count("SELECT count(*) FROM outbox WHERE standing = 0")?,
        dead: count("SELECT count(*) FROM outbox WHERE standing = 2")?,
        parked: count("SELECT count(*) FROM entry WHERE parked IS NOT NULL")?,
        bytes: count("SELECT bytes FROM book WHERE id = 1")?,
    })
}
