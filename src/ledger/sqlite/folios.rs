//! Folios: checked against what is there, then written, with the handles they are found by.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::ledger::entry::Entry;
use crate::ledger::entry::FolioChange;
use crate::ledger::entry::Handle;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::Version;
use crate::ledger::moment::millis;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::known::Known;
use crate::ledger::sqlite::names::Names;

/// Whether the folios of `entry` may be changed as it says.
pub(super) fn check(
    connection: &Connection,
    names: &mut Names,
    known: &Known,
    entry: &Entry,
) -> Result<(), Halt> {
    for handle in &entry.unused {
        if known.may_have_handle(handle)
            && let Some(folio) = having(connection, *handle)?
        {
            return Err(LedgerError::Exists { folio }.into());
        }
    }
    for change in &entry.folios {
        match (version_for(connection, names, entry, change.id)?, change.from) {
            (Now::Absent, None) => {}
            (Now::Visible(found), Some(from)) if found == from => {}
            (Now::Visible(_) | Now::Hidden, None) => {
                return Err(LedgerError::Exists { folio: change.id }.into());
            }
            (Now::Absent | Now::Hidden, Some(_)) => return Err(stale(change.id, None)),
            (Now::Visible(found), Some(_)) => return Err(stale(change.id, Some(found))),
        }
    }
    Ok(())
}

/// Whether a folio is there, as far as the tenant of an entry may know.
enum Now {
    Absent,
    Hidden,
    Visible(Version),
}

fn version_for(connection: &Connection, names: &mut Names, entry: &Entry, id: FolioId) -> Result<Now, Halt> {
    let found: Option<(i64, i64, Option<i64>)> = connection
        .prepare_cached("SELECT version, owner, peer FROM folio WHERE id = ?1")?
        .query_row([signed(id.number())], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((version, owner, peer)) = found else {
        return Ok(Now::Absent);
    };
    let tenant = names.number(connection, entry.tenant.as_str())?;
    if owner == tenant || peer == Some(tenant) {
        Ok(Now::Visible(columns::version(version)?))
    } else {
        Ok(Now::Hidden)
    }
}

fn stale(folio: FolioId, found: Option<Version>) -> Halt {
    LedgerError::Stale { folio, found }.into()
}

/// A folio that has the handle.
fn having(connection: &Connection, handle: Handle) -> Result<Option<FolioId>, Halt> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT folio FROM handle WHERE handle = ?1 LIMIT 1")?
        .query_row([handle.as_bytes()], |row| row.get(0))
        .optional()?;
    found.map(columns::folio).transpose()
}

/// Writes a folio that [`check`] has seen.
pub(super) fn write(
    connection: &Connection,
    names: &mut Names,
    at: i64,
    change: &FolioChange,
) -> Result<(), Halt> {
    let id = signed(change.id.number());
    let owner = names.number(connection, change.owner.as_str())?;
    let peer = match &change.peer {
        Some(peer) => Some(names.number(connection, peer.as_str())?),
        None => None,
    };
    let wake = change.wake.map(millis);
    let content = change.content.as_bytes();
    let Some(from) = change.from else {
        let handles = pack_handles(change.handles.iter().flatten());
        connection
            .prepare_cached(
                "INSERT INTO folio (id, version, kind, owner, peer, at, wake, open, handles, content) \
                 VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                id,
                change.kind,
                owner,
                peer,
                at,
                wake,
                change.open,
                handles,
                content
            ])?;
        return add_handles(connection, id, change.handles.iter().flatten());
    };
    if change.keep_past {
        connection
            .prepare_cached(
                "INSERT INTO folio_past (folio, version, kind, owner, peer, at, wake, open, content) \
                 SELECT id, version, kind, owner, peer, at, wake, open, content FROM folio WHERE id = ?1",
            )?
            .execute([id])?;
    }
    if let Some(handles) = &change.handles {
        change_handles(connection, id, handles)?;
    }
    connection
        .prepare_cached(
            "UPDATE folio SET version = ?2, kind = ?3, owner = ?4, peer = ?5, at = ?6, wake = ?7, open = ?8, \
             content = ?9 WHERE id = ?1",
        )?
        .execute(params![
            id,
            from.next().number(),
            change.kind,
            owner,
            peer,
            at,
            wake,
            change.open,
            content
        ])?;
    Ok(())
}

fn add_handles<'a>(
    connection: &Connection,
    folio: i64,
    handles: impl Iterator<Item = &'a Handle>,
) -> Result<(), Halt> {
    for handle in handles {
        connection
            .prepare_cached("INSERT OR IGNORE INTO handle (handle, folio) VALUES (?1, ?2)")?
            .execute(params![handle.as_bytes(), folio])?;
    }
    Ok(())
}

/// Replaces the handles of a folio: only those that differ are written.
fn change_handles(connection: &Connection, folio: i64, handles: &[Handle]) -> Result<(), Halt> {
    let before = handles_of(connection, folio)?;
    remove_handles(
        connection,
        folio,
        before.iter().filter(|handle| !handles.contains(handle)),
    )?;
    add_handles(
        connection,
        folio,
        handles.iter().filter(|handle| !before.contains(handle)),
    )?;
    connection
        .prepare_cached("UPDATE folio SET handles = ?2 WHERE id = ?1")?
        .execute(params![folio, pack_handles(handles.iter())])?;
    Ok(())
}

fn remove_handles<'a>(
    connection: &Connection,
    folio: i64,
    handles: impl Iterator<Item = &'a Handle>,
) -> Result<(), Halt> {
    for handle in handles {
        connection
            .prepare_cached("DELETE FROM handle WHERE handle = ?1 AND folio = ?2")?
            .execute(params![handle.as_bytes(), folio])?;
    }
    Ok(())
}

fn handles_of(connection: &Connection, folio: i64) -> Result<Vec<Handle>, Halt> {
    let stored: Option<Vec<u8>> = connection
        .prepare_cached("SELECT handles FROM folio WHERE id = ?1")?
        .query_row([folio], |row| row.get(0))
        .optional()?;
    let stored = stored.unwrap_or_default();
    let (handles, rest) = stored.as_chunks();
    if !rest.is_empty() {
        return Err(columns::unreadable("the handles of a folio"));
    }
    Ok(handles.iter().copied().map(Handle::from_bytes).collect())
}

fn pack_handles<'a>(handles: impl Iterator<Item = &'a Handle>) -> Vec<u8> {
    handles.flat_map(Handle::as_bytes).copied().collect()
}

/// Removes a folio with all its versions and handles; whether there was one.
pub(super) fn remove(connection: &Connection, folio: i64) -> Result<bool, Halt> {
    match handles_of(connection, folio) {
        Ok(handles) => remove_handles(connection, folio, handles.iter())?,
        // Its list is damaged: the handles are looked for, however long that takes.
        Err(Halt::Refused(_)) => {
            connection
                .prepare_cached("DELETE FROM handle WHERE folio = ?1")?
                .execute([folio])?;
        }
        Err(halt) => return Err(halt),
    }
    connection
        .prepare_cached("DELETE FROM folio_past WHERE folio = ?1")?
        .execute([folio])?;
    let removed = connection
        .prepare_cached("DELETE FROM folio WHERE id = ?1")?
        .execute([folio])?;
    Ok(removed > 0)
}
