//! Reading the outbox.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::ToSql;
use rusqlite::params;

use crate::ledger::body::Number;
use crate::ledger::entry::Lease;
use crate::ledger::found::Claimed;
use crate::ledger::found::LaneState;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredOutbound;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Series;
use crate::ledger::ids::SeriesName;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Trouble;
use crate::ledger::ids::Viewer;
use crate::ledger::moment;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::stored_standing;
use crate::ledger::sqlite::columns::unreadable;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::names;
use crate::ledger::sqlite::read::limit;
use crate::ledger::sqlite::read::sight;

/// All of a message; to be followed by what is to hold of `b`, its row.
const MESSAGE: &str = "SELECT b.folio, b.number, b.entry, t.text, r.text, l.text, m.facts, m.body, b.numbers, \
     b.standing, b.attempts, w.text, b.due, b.expires \
     FROM outbox AS b JOIN name AS t ON t.id = b.tenant JOIN name AS r ON r.id = b.partner \
     JOIN name AS l ON l.id = b.lane LEFT JOIN letter AS m ON m.id = b.letter \
     LEFT JOIN name AS w ON w.id = b.trouble WHERE (?1 IN (0, b.tenant, b.partner)) AND ";

fn messages(
    connection: &Connection,
    condition: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<StoredOutbound>, Halt> {
    let mut statement = connection.prepare_cached(&format!("{MESSAGE}{condition}"))?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(message_of(connection, row)?);
    }
    Ok(found)
}

fn message_of(connection: &Connection, row: &Row<'_>) -> Result<StoredOutbound, Halt> {
    let lane: String = row.get(5)?;
    let trouble: Option<String> = row.get(11)?;
    let trouble = trouble.map(|text| Trouble::parse(&text)).transpose();
    let numbers = row.get_ref(8)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok(StoredOutbound {
        id: columns::outbound(row.get(0)?, row.get(1)?)?,
        entry: columns::entry(row.get(2)?),
        tenant: columns::tenant(row, 3)?,
        to: columns::tenant(row, 4)?,
        lane: LaneId::parse(&lane).map_err(|_| unreadable("the name of a lane"))?,
        facts: columns::opaque(row, 6)?,
        body: columns::body(row, 7)?,
        numbers: numbers_of(connection, numbers)?,
        standing: columns::standing(row.get(9)?)?,
        attempts: columns::small(row.get(10)?, "the attempts of an outbound message")?,
        trouble: trouble.map_err(|_| unreadable("the name of a trouble"))?,
        due: columns::time(row, 12)?,
        expires: columns::time(row, 13)?,
    })
}

fn numbers_of(connection: &Connection, stored: Option<&[u8]>) -> Result<Vec<Number>, Halt> {
    let stored = columns::unpack(stored)?;
    let (pairs, _) = stored.as_chunks();
    let numbers = pairs.iter().map(|[series, value]| {
        let (partner, name): (String, String) = connection
            .prepare_cached(
                "SELECT p.text, n.text FROM series AS s JOIN name AS p ON p.id = s.partner \
                 JOIN name AS n ON n.id = s.name WHERE s.id = ?1",
            )?
            .query_row([signed(*series)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let parsed = (TenantId::parse(&partner), SeriesName::parse(&name));
        let (Ok(partner), Ok(name)) = parsed else {
            return Err(unreadable("the name of a series"));
        };
        Ok(Number {
            series: Series { partner, name },
            value: *value,
        })
    });
    numbers.collect()
}

/// A message of the outbox.
pub(in crate::ledger::sqlite) fn outbound(
    connection: &Connection,
    viewer: &Viewer,
    id: OutboundId,
) -> Result<Option<StoredOutbound>, Halt> {
    let values = params![sight(connection, viewer)?, signed(id.folio.number()), id.number];
    Ok(messages(connection, "b.folio = ?2 AND b.number = ?3", values)?.pop())
}

/// The messages that belong to a folio.
pub(in crate::ledger::sqlite) fn of_folio(
    connection: &Connection,
    viewer: &Viewer,
    folio: FolioId,
) -> Result<Vec<StoredOutbound>, Halt> {
    let values = params![sight(connection, viewer)?, signed(folio.number())];
    messages(connection, "b.folio = ?2 ORDER BY b.number", values)
}

/// A message that was just claimed.
pub(in crate::ledger::sqlite) fn claimed(connection: &Connection, lease: &Lease) -> Result<Claimed, Halt> {
    let message = outbound(connection, &Viewer::Operator, lease.outbound)?;
    Ok(Claimed {
        lease: *lease,
        message: message.ok_or(unreadable("a claimed message"))?,
    })
}

/// Messages that stand so.
pub(in crate::ledger::sqlite) fn standing(
    connection: &Connection,
    viewer: &Viewer,
    standing: Standing,
    lane: Option<&LaneId>,
    after: Option<OutboundId>,
    most: usize,
) -> Result<Vec<OutboundId>, Halt> {
    let lane = match lane {
        None => 0,
        Some(lane) => names::find(connection, lane.as_str())?.unwrap_or(-1),
    };
    let (folio, number) = after.map_or((0, 0), |id| (id.folio.number(), id.number));
    // The standing is written into the query, so that SQLite sees which partial index serves.
    let query = format!(
        "SELECT folio, number FROM outbox WHERE standing = {} AND (?1 IN (0, tenant, partner)) \
         AND (?2 IN (0, lane)) AND (folio, number) > (?3, ?4) ORDER BY folio, number LIMIT ?5",
        stored_standing(standing)
    );
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![
        sight(connection, viewer)?,
        lane,
        signed(folio),
        number,
        limit(most)
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(columns::outbound(row.get(0)?, row.get(1)?)?);
    }
    Ok(found)
}

/// The message that carries a control number.
pub(in crate::ledger::sqlite) fn numbered(
    connection: &Connection,
    viewer: &Viewer,
    series: &Series,
    value: u64,
) -> Result<Option<OutboundId>, Halt> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT n.folio, n.outbound FROM series AS s JOIN number AS n ON n.series = s.id \
             JOIN outbox AS b ON b.folio = n.folio AND b.number = n.outbound \
             WHERE s.partner = (SELECT id FROM name WHERE text = ?1) AND s.name = (SELECT id FROM name WHERE text = ?2) \
             AND n.value = ?3 AND (?4 IN (0, b.tenant, b.partner))",
        )?
        .query_row(
            params![
                series.partner.as_str(),
                series.name.as_str(),
                signed(value),
                sight(connection, viewer)?
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    found
        .map(|(folio, number)| columns::outbound(folio, number))
        .transpose()
}

/// Destinations with messages that wait: one look at the index for each name that is a lane.
pub(in crate::ledger::sqlite) fn lanes(connection: &Connection) -> Result<Vec<LaneState>, Halt> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE lane (id) AS (SELECT min(lane) FROM outbox WHERE standing = 0 \
         UNION ALL SELECT (SELECT min(b.lane) FROM outbox AS b WHERE b.standing = 0 AND b.lane > lane.id) \
         FROM lane WHERE lane.id IS NOT NULL) \
         SELECT n.text, (SELECT min(b.due) FROM outbox AS b WHERE b.standing = 0 AND b.lane = lane.id) \
         FROM lane JOIN name AS n ON n.id = lane.id ORDER BY n.text",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        found.push(LaneState {
            lane: LaneId::parse(&name).map_err(|_| unreadable("the name of a lane"))?,
            due: moment::time(row.get(1)?),
        });
    }
    Ok(found)
}
