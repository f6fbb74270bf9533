//! What retention removes, in short steps: contents first, then entries with their keys, then ended folios.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::ledger::blobs::BlobId;
use crate::ledger::body::Body;
use crate::ledger::digest::Digest;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::ids::OutboundId;
use crate::ledger::moment;
use crate::ledger::sqlite::book::Book;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::DELIVERED;
use crate::ledger::sqlite::columns::STOPPED;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::unsigned;
use crate::ledger::sqlite::folios;
use crate::ledger::sqlite::halt::Halt;

/// At most so many rows are looked at in one step, so that commits wait only briefly.
const STEP: i64 = 256;

/// How far the present round has come: rows that may not go are not looked at again before the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Round {
    contents: i64,
    entries: i64,
}

/// Times before which things may go.
struct Limits {
    contents: i64,
    keys: i64,
    most_bytes: u64,
}

/// An entry as far as pruning must know it.
struct Row {
    id: i64,
    at: i64,
    parked: bool,
    folios: Vec<u64>,
    outbound: Vec<OutboundId>,
}

/// Removes some of what may go.
pub(super) fn step(
    connection: &Connection,
    book: &mut Book,
    round: &mut Round,
    retention: &Retention,
    now: i64,
) -> Result<Pruned, Halt> {
    let mut pruned = Pruned::default();
    let now = moment::time(now);
    let limits = Limits {
        contents: moment::before(now, retention.contents),
        keys: moment::before(now, retention.keys_kept()),
        most_bytes: retention.most_bytes.unwrap_or(u64::MAX),
    };
    contents(connection, book, round, &limits, &mut pruned)?;
    entries(connection, round, &limits, &mut pruned)?;
    audit(
        connection,
        book,
        moment::before(now, retention.audit),
        &mut pruned,
    )?;
    Ok(pruned)
}

/// Removes contents that are old, or that take more room than they may.
fn contents(
    connection: &Connection,
    book: &mut Book,
    round: &mut Round,
    limits: &Limits,
    pruned: &mut Pruned,
) -> Result<(), Halt> {
    let rows = rows(
        connection,
        "SELECT e.id, e.at, e.parked IS NOT NULL, e.folios, e.outbound \
         FROM content AS c JOIN entry AS e ON e.id = c.entry WHERE c.entry > ?1 ORDER BY c.entry LIMIT ?2",
        round.contents,
    )?;
    let whole = rows.len() == usize::try_from(STEP).unwrap_or(usize::MAX);
    for row in rows {
        if row.at >= limits.contents && book.bytes <= limits.most_bytes {
            round.contents = 0;
            return Ok(());
        }
        round.contents = row.id;
        if may_go(connection, &row)? {
            remove_contents(connection, book, &row, pruned)?;
        }
    }
    if whole {
        pruned.more = true;
    } else {
        round.contents = 0;
    }
    Ok(())
}

fn remove_contents(
    connection: &Connection,
    book: &mut Book,
    row: &Row,
    pruned: &mut Pruned,
) -> Result<(), Halt> {
    let body: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM content WHERE entry = ?1")?
        .query_row([row.id], |row| row.get(0))?;
    if let Some(body) = body {
        release(connection, Some(book), &body)?;
        pruned.received += 1;
    }
    connection
        .prepare_cached("DELETE FROM content WHERE entry = ?1")?
        .execute([row.id])?;
    for id in &row.outbound {
        let letter: Option<i64> = connection
            .prepare_cached("SELECT letter FROM outbox WHERE folio = ?1 AND number = ?2")?
            .query_row(params![signed(id.folio.number()), id.number], |row| row.get(0))
            .optional()?;
        let Some(letter) = letter else { continue };
        let body: Option<Vec<u8>> = connection
            .prepare_cached("SELECT body FROM letter WHERE id = ?1")?
            .query_row([letter], |row| row.get(0))
            .optional()?;
        let Some(body) = body else { continue };
        release(connection, Some(book), &body)?;
        connection
            .prepare_cached("DELETE FROM letter WHERE id = ?1")?
            .execute([letter])?;
        pruned.sent += 1;
    }
    Ok(())
}

/// Removes entries whose keys need not be known any more, and folios that no entry is left of.
fn entries(
    connection: &Connection,
    round: &mut Round,
    limits: &Limits,
    pruned: &mut Pruned,
) -> Result<(), Halt> {
    let rows = rows(
        connection,
        "SELECT id, at, parked IS NOT NULL, folios, outbound FROM entry WHERE id > ?1 ORDER BY id LIMIT ?2",
        round.entries,
    )?;
    let whole = rows.len() == usize::try_from(STEP).unwrap_or(usize::MAX);
    for row in rows {
        if row.at >= limits.keys {
            round.entries = 0;
            return Ok(());
        }
        round.entries = row.id;
        let has_contents = connection
            .prepare_cached("SELECT 1 FROM content WHERE entry = ?1")?
            .exists([row.id])?;
        if !has_contents && may_go(connection, &row)? {
            remove_entry(connection, &row, pruned)?;
        }
    }
    if whole {
        pruned.more = true;
    } else {
        round.entries = 0;
    }
    Ok(())
}

fn remove_entry(connection: &Connection, row: &Row, pruned: &mut Pruned) -> Result<(), Halt> {
    let (key, answer): (Option<Vec<u8>>, Option<Vec<u8>>) = connection
        .prepare_cached("SELECT key, answer FROM entry WHERE id = ?1")?
        .query_row([row.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if let Some(key) = key {
        connection
            .prepare_cached("DELETE FROM once WHERE key = ?1 AND entry = ?2")?
            .execute(params![key, row.id])?;
    }
    if let Some(answer) = answer {
        release(connection, None, &answer)?;
    }
    for id in &row.outbound {
        remove_outbound(connection, *id)?;
    }
    connection
        .prepare_cached("DELETE FROM entry WHERE id = ?1")?
        .execute([row.id])?;
    pruned.entries += 1;
    for folio in row.folios.iter().copied().map(signed) {
        connection
            .prepare_cached("DELETE FROM about WHERE folio = ?1 AND entry = ?2")?
            .execute([folio, row.id])?;
        let left = connection
            .prepare_cached("SELECT 1 FROM about WHERE folio = ?1")?
            .exists([folio])?;
        if !left {
            pruned.folios += u64::from(folios::remove(connection, folio)?);
        }
    }
    Ok(())
}

fn remove_outbound(connection: &Connection, id: OutboundId) -> Result<(), Halt> {
    let place = params![signed(id.folio.number()), id.number];
    let numbers: Option<Option<Vec<u8>>> = connection
        .prepare_cached("SELECT numbers FROM outbox WHERE folio = ?1 AND number = ?2")?
        .query_row(place, |row| row.get(0))
        .optional()?;
    let numbers = columns::unpack(numbers.flatten().as_deref())?;
    let (pairs, _) = numbers.as_chunks();
    for [series, value] in pairs {
        // A number that was used again since belongs to the later message.
        connection
            .prepare_cached(
                "DELETE FROM number WHERE series = ?1 AND value = ?2 AND folio = ?3 AND outbound = ?4",
            )?
            .execute(params![
                signed(*series),
                signed(*value),
                signed(id.folio.number()),
                id.number
            ])?;
    }
    connection
        .prepare_cached("DELETE FROM outbox WHERE folio = ?1 AND number = ?2")?
        .execute(place)?;
    Ok(())
}

/// Removes the oldest events of the audit; the link of the last one that goes anchors the rest.
fn audit(connection: &Connection, book: &mut Book, before: i64, pruned: &mut Pruned) -> Result<(), Halt> {
    let mut last = None;
    {
        let mut oldest =
            connection.prepare_cached("SELECT number, at, link FROM audit ORDER BY number LIMIT ?1")?;
        let mut rows = oldest.query([STEP])?;
        while let Some(row) = rows.next()? {
            let (number, at, link): (i64, i64, [u8; 32]) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if at >= before {
                break;
            }
            last = Some((number, link));
            pruned.audit += 1;
        }
    }
    let Some((number, link)) = last else { return Ok(()) };
    connection
        .prepare_cached("DELETE FROM audit WHERE number <= ?1")?
        .execute([number])?;
    book.audit_first = unsigned(number);
    book.audit_anchor = Digest::new(link);
    pruned.more |= pruned.audit == STEP.unsigned_abs();
    Ok(())
}

fn rows(connection: &Connection, query: &str, after: i64) -> Result<Vec<Row>, Halt> {
    let mut statement = connection.prepare_cached(query)?;
    let mut found = statement.query([after, STEP])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(Row {
            id: row.get(0)?,
            at: row.get(1)?,
            parked: row.get(2)?,
            folios: columns::unpack(row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?)?,
            outbound: columns::outbound_list(
                row.get_ref(4)?.as_blob_or_null().map_err(rusqlite::Error::from)?,
            )?,
        });
    }
    Ok(rows)
}

/// Whether nothing that is unacknowledged needs the entry: no person, no open folio, no message to be sent.
fn may_go(connection: &Connection, row: &Row) -> Result<bool, Halt> {
    if row.parked {
        return Ok(false);
    }
    for folio in &row.folios {
        let open: Option<bool> = connection
            .prepare_cached("SELECT open FROM folio WHERE id = ?1")?
            .query_row([signed(*folio)], |row| row.get(0))
            .optional()?;
        if open == Some(true) {
            return Ok(false);
        }
    }
    for id in &row.outbound {
        let standing: Option<i64> = connection
            .prepare_cached("SELECT standing FROM outbox WHERE folio = ?1 AND number = ?2")?
            .query_row(params![signed(id.folio.number()), id.number], |row| row.get(0))
            .optional()?;
        if !matches!(standing, None | Some(DELIVERED | STOPPED)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Counts down what a stored body refers to; `book` if its bytes were counted.
fn release(connection: &Connection, book: Option<&mut Book>, stored: &[u8]) -> Result<(), Halt> {
    let body = Body::decode(stored)?;
    if let Some(book) = book {
        book.bytes = book.bytes.saturating_sub(body.len());
    }
    for blob in body.blobs() {
        connection
            .prepare_cached("UPDATE blob SET refs = max(refs - 1, 0) WHERE id = ?1")?
            .execute([blob.id.as_bytes()])?;
    }
    Ok(())
}

/// Forgets blobs that were erased.
pub(super) fn forget(connection: &Connection, blobs: &[BlobId]) -> Result<(), Halt> {
    for blob in blobs {
        connection
            .prepare_cached("DELETE FROM blob WHERE id = ?1 AND refs = 0")?
            .execute([blob.as_bytes()])?;
    }
    Ok(())
}
