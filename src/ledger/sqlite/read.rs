//! Reading: plain functions over a connection, each within the tenant that asks.

pub(super) mod audit;
pub(super) mod entries;
pub(super) mod folios;
pub(super) mod outbox;

use rusqlite::Connection;

use crate::ledger::ids::Viewer;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::names;

/// The number of the tenant that asks, to be compared within a query.
///
/// 0 sees everything, because no name has that number; -1 sees nothing, because nobody has stored a row under a name
/// that has no number.
pub(super) fn sight(connection: &Connection, viewer: &Viewer) -> Result<i64, Halt> {
    match viewer {
        Viewer::Operator => Ok(0),
        Viewer::Tenant(tenant) => Ok(names::find(connection, tenant.as_str())?.unwrap_or(-1)),
    }
}

/// A limit for a query.
pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
