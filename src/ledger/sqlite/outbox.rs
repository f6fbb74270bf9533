//! The outbox as it is written: messages come in, are claimed, and are settled or moved.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::base::clock::Tick;
use crate::ledger::entry::Destination;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Lease;
use crate::ledger::entry::Outbound;
use crate::ledger::entry::Verdict;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claim;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Trouble;
use crate::ledger::leases::Leases;
use crate::ledger::moment::millis;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::DEAD;
use crate::ledger::sqlite::columns::DELIVERED;
use crate::ledger::sqlite::columns::STOPPED;
use crate::ledger::sqlite::columns::WAITING;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::names;
use crate::ledger::sqlite::names::Names;
use crate::ledger::sqlite::numbers::Taken;

/// Whether the outbox may be changed as `entry` says.
pub(super) fn check(
    connection: &Connection,
    names: &mut Names,
    leases: &Leases,
    entry: &Entry,
) -> Result<(), Halt> {
    for outbound in &entry.outbound {
        if standing_for(connection, names, None, outbound.id)?.is_some() {
            return Err(LedgerError::Taken(outbound.id).into());
        }
    }
    for settlement in &entry.settled {
        let id = settlement.lease.outbound;
        let standing = standing_for(connection, names, Some(&entry.tenant), id)?;
        if standing != Some(WAITING) || !leases.holds(&settlement.lease) {
            return Err(LedgerError::LeaseLost(id).into());
        }
    }
    for moved in &entry.moved {
        let standing = standing_for(connection, names, Some(&entry.tenant), moved.outbound)?;
        let possible = match moved.to {
            Destination::Stopped | Destination::Waiting { .. } => matches!(standing, Some(WAITING | DEAD)),
            Destination::Dead { .. } => standing == Some(WAITING),
        };
        if !possible {
            return Err(LedgerError::Immovable(moved.outbound).into());
        }
    }
    Ok(())
}

/// Where a message stands, if it is there and concerns the tenant.
fn standing_for(
    connection: &Connection,
    names: &mut Names,
    tenant: Option<&TenantId>,
    id: OutboundId,
) -> Result<Option<i64>, Halt> {
    let found: Option<(i64, i64, i64)> = connection
        .prepare_cached("SELECT standing, tenant, partner FROM outbox WHERE folio = ?1 AND number = ?2")?
        .query_row(params![signed(id.folio.number()), id.number], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((standing, owner, partner)) = found else {
        return Ok(None);
    };
    let concerned = match tenant {
        None => true,
        Some(tenant) => [owner, partner].contains(&names.number(connection, tenant.as_str())?),
    };
    Ok(concerned.then_some(standing))
}

/// Stores a message, with the numbers that were written into it.
pub(super) fn add(
    connection: &Connection,
    names: &mut Names,
    entry: (i64, i64),
    outbound: &Outbound,
    taken: &Taken,
) -> Result<(), Halt> {
    let (entry, tenant) = entry;
    let letter = connection
        .prepare_cached("INSERT INTO letter (facts, body) VALUES (?1, ?2)")?
        .insert(params![outbound.facts.as_bytes(), outbound.draft.body.encode()])?;
    let lane = names.number(connection, outbound.lane.as_str())?;
    let partner = names.number(connection, outbound.to.as_str())?;
    connection
        .prepare_cached(
            "INSERT INTO outbox (folio, number, entry, tenant, partner, lane, standing, attempts, trouble, due, \
             expires, letter, numbers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, NULL, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            signed(outbound.id.folio.number()),
            outbound.id.number,
            entry,
            tenant,
            partner,
            lane,
            millis(outbound.due),
            millis(outbound.expires),
            letter,
            taken.packed()
        ])?;
    taken.save(connection, outbound.id)?;
    Ok(())
}

/// Stores what became of a claimed message, and ends the lease.
pub(super) fn settle(
    connection: &Connection,
    names: &mut Names,
    lease: &Lease,
    verdict: &Verdict,
) -> Result<(), Halt> {
    let id = lease.outbound;
    match verdict {
        Verdict::Delivered => stand(connection, id, DELIVERED),
        Verdict::Dead { trouble } => bury(connection, names, id, trouble),
        Verdict::Retry { due, trouble } => {
            let trouble = names.number(connection, trouble.as_str())?;
            connection
                .prepare_cached("UPDATE outbox SET due = ?3, trouble = ?4 WHERE folio = ?1 AND number = ?2")?
                .execute(params![
                    signed(id.folio.number()),
                    id.number,
                    millis(*due),
                    trouble
                ])?;
            Ok(())
        }
    }
}

/// Moves a message without a claim.
pub(super) fn shift(
    connection: &Connection,
    names: &mut Names,
    id: OutboundId,
    to: &Destination,
) -> Result<(), Halt> {
    match to {
        Destination::Stopped => stand(connection, id, STOPPED),
        Destination::Dead { trouble } => bury(connection, names, id, trouble),
        Destination::Waiting { due, expires } => {
            connection
                .prepare_cached(
                    "UPDATE outbox SET standing = 0, attempts = 0, due = ?3, expires = ?4 \
                     WHERE folio = ?1 AND number = ?2",
                )?
                .execute(params![
                    signed(id.folio.number()),
                    id.number,
                    millis(*due),
                    millis(*expires)
                ])?;
            Ok(())
        }
    }
}

fn stand(connection: &Connection, id: OutboundId, standing: i64) -> Result<(), Halt> {
    connection
        .prepare_cached("UPDATE outbox SET standing = ?3 WHERE folio = ?1 AND number = ?2")?
        .execute(params![signed(id.folio.number()), id.number, standing])?;
    Ok(())
}

/// Makes a message a dead letter.
pub(super) fn bury(
    connection: &Connection,
    names: &mut Names,
    id: OutboundId,
    trouble: &Trouble,
) -> Result<(), Halt> {
    let trouble = names.number(connection, trouble.as_str())?;
    connection
        .prepare_cached("UPDATE outbox SET standing = 2, trouble = ?3 WHERE folio = ?1 AND number = ?2")?
        .execute(params![signed(id.folio.number()), id.number, trouble])?;
    Ok(())
}

/// Gives out messages of one lane, and counts the attempts.
pub(super) fn claim(
    connection: &Connection,
    leases: &mut Leases,
    tick: Tick,
    claim: &Claim,
) -> Result<Vec<Lease>, Halt> {
    // A lane that no message ever had has no number.
    let Some(lane) = names::find(connection, claim.lane.as_str())? else {
        return Ok(Vec::new());
    };
    let mut free = Vec::new();
    {
        let mut waiting = connection.prepare_cached(
            "SELECT folio, number FROM outbox WHERE standing = 0 AND lane = ?1 AND due <= ?2 \
             AND (?3 IS NULL OR expires <= ?3) ORDER BY due, folio, number",
        )?;
        let mut rows = waiting.query(params![lane, millis(claim.now), claim.spent_by.map(millis)])?;
        while free.len() < claim.most {
            let Some(row) = rows.next()? else { break };
            let id = columns::outbound(row.get(0)?, row.get(1)?)?;
            if !leases.is_held(id, tick) {
                free.push(id);
            }
        }
    }
    for id in &free {
        connection
            .prepare_cached("UPDATE outbox SET attempts = attempts + 1 WHERE folio = ?1 AND number = ?2")?
            .execute(params![signed(id.folio.number()), id.number])?;
    }
    let given = free.into_iter().map(|id| leases.give(id, tick, claim.lease));
    Ok(given.collect())
}
