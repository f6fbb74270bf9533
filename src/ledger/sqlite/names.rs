//! Small numbers for names: tenants, lanes, series and kinds of trouble are stored as numbers.

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::OptionalExtension;

/// The names that the writer knows the numbers of.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<str>, i64>,
}

impl Names {
    /// The number of a name, which is given one if it has none.
    pub(super) fn number(&mut self, connection: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.known.get(name) {
            return Ok(*number);
        }
        let number = match find(connection, name)? {
            Some(number) => number,
            None => connection
                .prepare_cached("INSERT INTO name (text) VALUES (?1)")?
                .insert([name])?,
        };
        self.known.insert(name.into(), number);
        Ok(number)
    }

    /// Forgets what a transaction learnt that was rolled back.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

/// The number of a name, if it has one.
pub(super) fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM name WHERE text = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}
