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
    now: i64,
    contents: i64,
    keys: i64,
    most_bytes: u64,
}

impl Limits {
    /// Whether the entry is too young to go, and with it all that came later.
    ///
    /// One that bears a time that is still to come was stored while the clock was wrong, and says nothing of those
    /// behind it (ROB-021).
    const fn is_young(&self, row: &Row, limit: i64) -> bool {
        row.at >= limit && row.at <= self.now
    }
}

/// An entry as far as pruning must know it.
struct Row {
    id: i64,
    at: i64,
    /// Whether a person must see it first: it is parked, or it is damaged.
    kept: bool,
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
    let limits = Limits {
        now,
        contents: moment::before(moment::time(now), retention.contents),
        keys: moment::before(moment::time(now), retention.keys_kept()),
        most_bytes: retention.most_bytes.unwrap_or(u64::MAX),
    };
    contents(connection, book, round, &limits, &mut pruned)?;
    entries(connection, round, &limits, &mut pruned)?;
    audit(
        connection,
        book,
        moment::before(moment::time(now), retention.audit),
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
        let crowded = book.bytes > limits.most_bytes;
        if limits.is_young(&row, limits.contents) && !crowded {
            round.contents = 0;
            return Ok(());
        }
        round.contents = row.id;
        let old = row.at < limits.contents;
        if (old || crowded) && may_go(connection, &row)? {
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
    let received: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM content WHERE entry = ?1")?
        .query_row([row.id], |row| row.get(0))?;
    let mut letters = Vec::new();
    for id in &row.outbound {
        let letter: Option<(i64, Vec<u8>)> = connection
            .prepare_cached(
                "SELECT m.id, m.body FROM outbox AS b JOIN letter AS m ON m.id = b.letter \
                 WHERE b.folio = ?1 AND b.number = ?2",
            )?
            .query_row(params![signed(id.folio.number()), id.number], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        letters.extend(letter);
    }
    let stored = received.iter().chain(letters.iter().map(|(_, body)| body));
    // What is damaged is read before anything is removed, and stays for a person to see; the rest is passed on to.
    let Ok(bodies) = stored
        .map(|body| Body::decode(body))
        .collect::<Result<Vec<_>, _>>()
    else {
        return Ok(());
    };
    for body in &bodies {
        book.bytes = book.bytes.saturating_sub(body.len());
        release(connection, body)?;
    }
    pruned.received += u64::from(received.is_some());
    connection
        .prepare_cached("DELETE FROM content WHERE entry = ?1")?
        .execute([row.id])?;
    for (letter, _) in letters {
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
        if limits.is_young(&row, limits.keys) {
            round.entries = 0;
            return Ok(());
        }
        round.entries = row.id;
        if row.at >= limits.keys {
            continue;
        }
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
    let Ok(answer) = answer.as_deref().map(Body::decode).transpose() else {
        return Ok(());
    };
    if let Some(key) = key {
        connection
            .prepare_cached("DELETE FROM once WHERE key = ?1 AND entry = ?2")?
            .execute(params![key, row.id])?;
    }
    if let Some(answer) = answer {
        release(connection, &answer)?;
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
    // If they cannot be read, they lead to no message and are overwritten when they are used again.
    let numbers = columns::unpack(numbers.flatten().as_deref()).unwrap_or_default();
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
        let folios = columns::unpack(row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?);
        let outbound = row.get_ref(4)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        let outbound = columns::outbound_list(outbound);
        let parked: bool = row.get(2)?;
        rows.push(Row {
            id: row.get(0)?,
            at: row.get(1)?,
            kept: parked || folios.is_err() || outbound.is_err(),
            folios: folios.unwrap_or_default(),
            outbound: outbound.unwrap_or_default(),
        });
    }
    Ok(rows)
}

/// Whether nothing that is unacknowledged needs the entry: no person, no open folio, no message to be sent.
fn may_go(connection: &Connection, row: &Row) -> Result<bool, Halt> {
    if row.kept {
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

/// Counts down what a body refers to.
fn release(connection: &Connection, body: &Body) -> Result<(), Halt> {
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
