//! Control numbers: taken inside the commit that stores the message which carries them (ROB-011).

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::ledger::body::Draft;
use crate::ledger::body::Number;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Series;
use crate::ledger::sqlite::columns::pack;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::columns::unsigned;
use crate::ledger::sqlite::names::Names;

/// The series that the writer knows. The last number of each is written once for each batch.
#[derive(Debug, Default)]
pub(super) struct Counters {
    known: HashMap<Series, Counter>,
}

#[derive(Debug)]
struct Counter {
    id: i64,
    last: u64,
    moved: bool,
}

/// The numbers that a message got: as they are given back, and as they are stored.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) numbers: Vec<Number>,
    series: Vec<i64>,
}

impl Counters {
    /// Takes the numbers that `draft` needs and writes them into it.
    pub(super) fn stamp(
        &mut self,
        connection: &Connection,
        names: &mut Names,
        draft: &mut Draft,
    ) -> rusqlite::Result<Taken> {
        let mut taken = Taken::default();
        for number in &draft.numbers {
            let counter = self.counter(connection, names, &number.series)?;
            counter.last = number.after(counter.last);
            counter.moved = true;
            taken.series.push(counter.id);
            taken.numbers.push(Number {
                series: number.series.clone(),
                value: counter.last,
            });
        }
        let values: Vec<u64> = taken.numbers.iter().map(|number| number.value).collect();
        draft.stamp(&values);
        Ok(taken)
    }

    fn counter(
        &mut self,
        connection: &Connection,
        names: &mut Names,
        series: &Series,
    ) -> rusqlite::Result<&mut Counter> {
        if !self.known.contains_key(series) {
            let partner = names.number(connection, series.partner.as_str())?;
            let name = names.number(connection, series.name.as_str())?;
            let (id, last) = if let Some(found) = find(connection, partner, name)? {
                found
            } else {
                let id = connection
                    .prepare_cached("INSERT INTO series (partner, name, last) VALUES (?1, ?2, 0)")?
                    .insert([partner, name])?;
                (id, 0)
            };
            let counter = Counter {
                id,
                last,
                moved: false,
            };
            self.known.insert(series.clone(), counter);
        }
        let counter = self.known.get_mut(series);
        Ok(counter.expect("the series was put there if it was missing"))
    }

    /// Stores the last number of each series that was used.
    pub(super) fn save(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for counter in self.known.values_mut().filter(|counter| counter.moved) {
            connection
                .prepare_cached("UPDATE series SET last = ?2 WHERE id = ?1")?
                .execute([counter.id, signed(counter.last)])?;
            counter.moved = false;
        }
        Ok(())
    }

    /// Forgets what a transaction counted that was rolled back.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

impl Taken {
    /// Stores which message carries the numbers, so that an acknowledgement finds it.
    pub(super) fn save(&self, connection: &Connection, carrier: OutboundId) -> rusqlite::Result<()> {
        for (series, number) in self.series.iter().zip(&self.numbers) {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO number (series, value, folio, outbound) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    series,
                    signed(number.value),
                    signed(carrier.folio.number()),
                    carrier.number
                ])?;
        }
        Ok(())
    }

    /// The column in which the message remembers its numbers: for each its series, then its value.
    pub(super) fn packed(&self) -> Option<Vec<u8>> {
        let pairs = self.series.iter().zip(&self.numbers);
        pack(pairs.flat_map(|(series, number)| [unsigned(*series), number.value]))
    }
}

/// The number of a series and the last number taken from it.
fn find(connection: &Connection, partner: i64, name: i64) -> rusqlite::Result<Option<(i64, u64)>> {
    connection
        .prepare_cached("SELECT id, last FROM series WHERE partner = ?1 AND name = ?2")?
        .query_row([partner, name], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))
        .optional()
}
