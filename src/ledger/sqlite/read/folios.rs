//! Reading folios.

use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::ToSql;
use rusqlite::params;

use crate::ledger::found::Folio;
use crate::ledger::found::Search;
use crate::ledger::found::Woken;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::moment::millis;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::read::limit;
use crate::ledger::sqlite::read::sight;

/// The columns that [`folio_of`] reads; `f` is the folio.
const COLUMNS: &str = "f.id, f.version, f.kind, o.text, p.text, f.at, f.wake, f.open, f.content";

fn folio_of(row: &Row<'_>) -> Result<Folio, Halt> {
    Ok(Folio {
        id: columns::folio(row.get(0)?)?,
        version: columns::version(row.get(1)?)?,
        kind: row.get(2)?,
        owner: columns::tenant(row, 3)?,
        peer: columns::optional_tenant(row, 4)?,
        at: columns::time(row, 5)?,
        wake: columns::optional_time(row, 6)?,
        open: row.get(7)?,
        content: columns::opaque(row, 8)?,
    })
}

fn folios(connection: &Connection, query: &str, values: &[&dyn ToSql]) -> Result<Vec<Folio>, Halt> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(folio_of(row)?);
    }
    Ok(found)
}

/// A folio as it is now.
pub(in crate::ledger::sqlite) fn folio(
    connection: &Connection,
    viewer: &Viewer,
    id: FolioId,
) -> Result<Option<Folio>, Halt> {
    let query = format!(
        "SELECT {COLUMNS} FROM folio AS f JOIN name AS o ON o.id = f.owner LEFT JOIN name AS p ON p.id = f.peer \
         WHERE f.id = ?1 AND (?2 IN (0, f.owner, f.peer))"
    );
    let values = params![signed(id.number()), sight(connection, viewer)?];
    Ok(folios(connection, &query, values)?.pop())
}

/// The versions of a folio that are kept, newest first.
///
/// Whoever sees the folio now sees all of them, and whoever does not sees none.
pub(in crate::ledger::sqlite) fn versions(
    connection: &Connection,
    viewer: &Viewer,
    id: FolioId,
    below: Option<Version>,
    most: usize,
) -> Result<Vec<Folio>, Halt> {
    let Some(now) = folio(connection, viewer, id)? else {
        return Ok(Vec::new());
    };
    let below = below.map_or(i64::MAX, |version| i64::from(version.number()));
    let query = format!(
        "SELECT {} FROM folio_past AS f JOIN name AS o ON o.id = f.owner LEFT JOIN name AS p ON p.id = f.peer \
         WHERE f.folio = ?1 AND f.version < ?2 ORDER BY f.version DESC LIMIT ?3",
        COLUMNS.replace("f.id", "f.folio")
    );
    let is_in = i64::from(now.version.number()) < below;
    let mut found: Vec<Folio> = is_in.then_some(now).into_iter().collect();
    let past = params![signed(id.number()), below, limit(most)];
    found.extend(folios(connection, &query, past)?);
    found.truncate(most);
    Ok(found)
}

/// Folios that match, newest first.
pub(in crate::ledger::sqlite) fn find(
    connection: &Connection,
    viewer: &Viewer,
    search: &Search,
) -> Result<Vec<Folio>, Halt> {
    let mut query = format!(
        "SELECT {COLUMNS} FROM folio AS f JOIN name AS o ON o.id = f.owner LEFT JOIN name AS p ON p.id = f.peer \
         WHERE (? IN (0, f.owner, f.peer)) AND f.id < ?"
    );
    let below = search.below.map_or(i64::MAX, |folio| signed(folio.number()));
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(sight(connection, viewer)?), Box::new(below)];
    if let Some(kind) = search.kind {
        query.push_str(" AND f.kind = ?");
        values.push(Box::new(kind));
    }
    if search.open {
        query.push_str(" AND f.open = 1");
    }
    if let Some(since) = search.since {
        query.push_str(" AND f.at >= ?");
        values.push(Box::new(millis(since)));
    }
    if let Some(until) = search.until {
        query.push_str(" AND f.at < ?");
        values.push(Box::new(millis(until)));
    }
    for any_of in &search.all_of {
        let places = vec!["?"; any_of.len()].join(", ");
        query.push_str(" AND f.id IN (SELECT h.folio FROM handle AS h WHERE h.handle IN (");
        query.push_str(&places);
        query.push_str("))");
        for handle in any_of {
            values.push(Box::new(*handle.as_bytes()));
        }
    }
    query.push_str(" ORDER BY f.id DESC LIMIT ?");
    values.push(Box::new(limit(search.most)));
    let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
    folios(connection, &query, &values)
}

/// Folios that are to be looked at by `now`, the most overdue first.
pub(in crate::ledger::sqlite) fn woken(
    connection: &Connection,
    now: i64,
    most: usize,
) -> Result<Vec<Woken>, Halt> {
    let mut statement = connection.prepare_cached(
        "SELECT f.id, o.text, f.wake FROM folio AS f JOIN name AS o ON o.id = f.owner \
         WHERE f.wake IS NOT NULL AND f.wake <= ?1 ORDER BY f.wake, f.id LIMIT ?2",
    )?;
    let mut rows = statement.query([now, limit(most)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Woken {
            folio: columns::folio(row.get(0)?)?,
            owner: columns::tenant(row, 1)?,
            wake: columns::time(row, 2)?,
        });
    }
    Ok(found)
}
