//! How values stand in columns.

use std::time::SystemTime;

use rusqlite::Row;

use crate::ledger::body::Body;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Standing;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Version;
use crate::ledger::moment;
use crate::ledger::opaque::Opaque;
use crate::ledger::sqlite::halt::Halt;

/// A number as SQLite stores it; each of ours is known to be within 63 bits.
pub(super) const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// A number as it was before [`signed`].
pub(super) const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

pub(super) const WAITING: i64 = 0;
pub(super) const DELIVERED: i64 = 1;
pub(super) const DEAD: i64 = 2;
pub(super) const STOPPED: i64 = 3;

/// A standing as it is stored.
pub(super) const fn stored_standing(standing: Standing) -> i64 {
    match standing {
        Standing::Waiting => WAITING,
        Standing::Delivered => DELIVERED,
        Standing::Dead => DEAD,
        Standing::Stopped => STOPPED,
    }
}

/// A standing as it was before [`stored_standing`].
pub(super) const fn standing(stored: i64) -> Result<Standing, Halt> {
    match stored {
        WAITING => Ok(Standing::Waiting),
        DELIVERED => Ok(Standing::Delivered),
        DEAD => Ok(Standing::Dead),
        STOPPED => Ok(Standing::Stopped),
        _ => Err(unreadable("the standing of an outbound message")),
    }
}

pub(super) const fn unreadable(what: &'static str) -> Halt {
    Halt::Refused(LedgerError::Unreadable(what))
}

pub(super) fn tenant(row: &Row<'_>, column: usize) -> Result<TenantId, Halt> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    TenantId::parse(text).map_err(|_| unreadable("the name of a tenant"))
}

pub(super) fn optional_tenant(row: &Row<'_>, column: usize) -> Result<Option<TenantId>, Halt> {
    let text: Option<String> = row.get(column)?;
    let tenant = text.map(|text| TenantId::parse(&text)).transpose();
    tenant.map_err(|_| unreadable("the name of a tenant"))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Result<SystemTime, Halt> {
    Ok(moment::time(row.get(column)?))
}

pub(super) fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<SystemTime>, Halt> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(moment::time))
}

pub(super) fn opaque(row: &Row<'_>, column: usize) -> Result<Opaque, Halt> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    Ok(Opaque::new(bytes.unwrap_or_default()))
}

pub(super) fn digest(row: &Row<'_>, column: usize) -> Result<Digest, Halt> {
    Ok(Digest::new(row.get(column)?))
}

pub(super) fn body(row: &Row<'_>, column: usize) -> Result<Option<Body>, Halt> {
    let bytes = row
        .get_ref(column)?
        .as_blob_or_null()
        .map_err(rusqlite::Error::from)?;
    Ok(bytes.map(Body::decode).transpose()?)
}

pub(super) fn folio(number: i64) -> Result<FolioId, Halt> {
    FolioId::new(unsigned(number)).ok_or(unreadable("the number of a folio"))
}

pub(super) fn version(number: i64) -> Result<Version, Halt> {
    let version = u32::try_from(number).ok().and_then(Version::new);
    version.ok_or(unreadable("the version of a folio"))
}

pub(super) const fn entry(number: i64) -> EntryId {
    EntryId::new(unsigned(number))
}

pub(super) fn small(number: i64, what: &'static str) -> Result<u32, Halt> {
    u32::try_from(number).map_err(|_| unreadable(what))
}

pub(super) fn outbound(folio_number: i64, number: i64) -> Result<OutboundId, Halt> {
    Ok(OutboundId {
        folio: folio(folio_number)?,
        number: small(number, "the number of an outbound message")?,
    })
}

/// Numbers in one column, eight bytes each; an empty list is no column at all.
pub(super) fn pack(numbers: impl Iterator<Item = u64>) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
    (!bytes.is_empty()).then_some(bytes)
}

/// Numbers as they were before [`pack`].
pub(super) fn unpack(bytes: Option<&[u8]>) -> Result<Vec<u64>, Halt> {
    let (numbers, rest) = bytes.unwrap_or_default().as_chunks();
    if rest.is_empty() {
        Ok(numbers.iter().copied().map(u64::from_le_bytes).collect())
    } else {
        Err(unreadable("a list of numbers"))
    }
}

/// Names of outbound messages out of a column that [`pack`] wrote: each is its folio, then its number.
pub(super) fn outbound_list(bytes: Option<&[u8]>) -> Result<Vec<OutboundId>, Halt> {
    let numbers = unpack(bytes)?;
    let (pairs, rest) = numbers.as_chunks();
    if !rest.is_empty() {
        return Err(unreadable("a list of outbound messages"));
    }
    let ids = pairs
        .iter()
        .map(|[folio, number]| outbound(signed(*folio), signed(*number)));
    ids.collect()
}

/// The column of outbound messages.
pub(super) fn pack_outbound(ids: impl Iterator<Item = OutboundId>) -> Option<Vec<u8>> {
    pack(ids.flat_map(|id| [id.folio.number(), u64::from(id.number)]))
}
