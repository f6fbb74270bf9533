//! One entry, written: everything is checked before anything is changed, so that a refusal leaves no trace.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::base::clock::Clock;
use crate::ledger::blobs::BlobRef;
use crate::ledger::body::Body;
use crate::ledger::chain;
use crate::ledger::entry::AuditEvent;
use crate::ledger::entry::Entry;
use crate::ledger::entry::Once;
use crate::ledger::error::LedgerError;
use crate::ledger::found::AuditId;
use crate::ledger::found::Claim;
use crate::ledger::found::Claimed;
use crate::ledger::found::Outcome;
use crate::ledger::found::Pruned;
use crate::ledger::found::Receipt;
use crate::ledger::found::Retention;
use crate::ledger::found::Seen;
use crate::ledger::found::Stamped;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::Trouble;
use crate::ledger::leases::Leases;
use crate::ledger::moment::millis;
use crate::ledger::opaque::Opaque;
use crate::ledger::sqlite::book::Book;
use crate::ledger::sqlite::columns;
use crate::ledger::sqlite::columns::pack;
use crate::ledger::sqlite::columns::pack_outbound;
use crate::ledger::sqlite::columns::signed;
use crate::ledger::sqlite::folios;
use crate::ledger::sqlite::halt::Halt;
use crate::ledger::sqlite::known::Known;
use crate::ledger::sqlite::names::Names;
use crate::ledger::sqlite::numbers::Counters;
use crate::ledger::sqlite::outbox;
use crate::ledger::sqlite::prune;
use crate::ledger::sqlite::prune::Round;
use crate::ledger::sqlite::read;

/// The number of the audit chain: this engine has its data to itself, so there is one.
pub(super) const CHAIN: u32 = 0;

/// What the writer remembers from batch to batch.
#[derive(Debug)]
pub(super) struct Writer {
    clock: Arc<dyn Clock>,
    known: Arc<Known>,
    names: Names,
    counters: Counters,
    leases: Leases,
    book: Book,
    round: Round,
    /// The book as it is stored.
    saved: Book,
}

impl Writer {
    /// A writer for the tables as they are.
    pub(super) fn new(
        connection: &Connection,
        clock: Arc<dyn Clock>,
        known: Arc<Known>,
    ) -> rusqlite::Result<Self> {
        let book = Book::load(connection)?;
        Ok(Self {
            clock,
            known,
            names: Names::default(),
            counters: Counters::default(),
            leases: Leases::default(),
            saved: book.clone(),
            book,
            round: Round::default(),
        })
    }

    /// Stores what is kept in memory during a batch; the last thing before the commit.
    pub(super) fn end_batch(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.counters.save(connection)?;
        if self.book != self.saved {
            self.book.save(connection)?;
        }
        Ok(())
    }

    /// After the commit.
    pub(super) fn committed(&mut self) {
        self.saved = self.book.clone();
        self.leases.committed();
    }

    /// After the batch was rolled back.
    pub(super) fn rolled_back(&mut self) {
        self.book = self.saved.clone();
        self.round = Round::default();
        self.names.forget();
        self.counters.forget();
        self.leases.rolled_back();
    }

    /// Gives out messages of one lane.
    pub(super) fn claim(&mut self, connection: &Connection, claim: &Claim) -> Result<Vec<Claimed>, Halt> {
        let tick = self.clock.tick();
        let leases = outbox::claim(connection, &mut self.leases, tick, claim)?;
        let mut claimed = Vec::with_capacity(leases.len());
        for lease in leases {
            match read::outbox::claimed(connection, &lease) {
                Ok(message) => claimed.push(message),
                // A message whose row is damaged can never be sent; left where it is, it would hold up its lane.
                Err(Halt::Refused(_)) => {
                    outbox::bury(connection, &mut self.names, lease.outbound, &damaged())?;
                    self.leases.end(lease.outbound);
                }
                Err(halt) => return Err(halt),
            }
        }
        Ok(claimed)
    }

    /// Removes some of what may go.
    pub(super) fn prune(
        &mut self,
        connection: &Connection,
        retention: &Retention,
        now: i64,
    ) -> Result<Pruned, Halt> {
        prune::step(connection, &mut self.book, &mut self.round, retention, now)
    }

    /// Writes `entry`, or says why not.
    pub(super) fn commit(&mut self, connection: &Connection, entry: &mut Entry) -> Result<Outcome, Halt> {
        if let Some(once) = &entry.key
            && self.known.may_have_key(&once.key)
            && let Some(seen) = read::entries::seen(connection, &once.key)?
        {
            return repeated(once, seen);
        }
        folios::check(connection, &mut self.names, &self.known, entry)?;
        outbox::check(connection, &mut self.names, &self.leases, entry)?;
        check_blobs(connection, entry)?;
        Ok(Outcome::Committed(self.write(connection, entry)?))
    }

    fn write(&mut self, connection: &Connection, entry: &mut Entry) -> Result<Receipt, Halt> {
        self.book.last_entry += 1;
        let id = self.book.last_entry;
        let at = millis(entry.at);
        let tenant = self.names.number(connection, entry.tenant.as_str())?;
        let mut receipt = Receipt {
            entry: EntryId::new(id),
            answer: None,
            outbound: Vec::with_capacity(entry.outbound.len()),
        };
        for outbound in &mut entry.outbound {
            let taken = self
                .counters
                .stamp(connection, &mut self.names, &mut outbound.draft)?;
            outbox::add(
                connection,
                &mut self.names,
                (signed(id), tenant),
                outbound,
                &taken,
            )?;
            self.keep(connection, &outbound.draft.body)?;
            receipt.outbound.push(taken.numbers);
        }
        if let Some(answer) = &mut entry.answer {
            let taken = self.counters.stamp(connection, &mut self.names, answer)?;
            self.refer(connection, &answer.body)?;
            receipt.answer = Some(Stamped {
                body: answer.body.clone(),
                numbers: taken.numbers,
            });
        }
        self.write_entry(connection, entry, (signed(id), tenant))?;
        for change in &entry.folios {
            for handle in change.handles.iter().flatten() {
                self.known.note_handle(handle);
            }
            folios::write(connection, &mut self.names, at, change)?;
        }
        for settlement in &entry.settled {
            outbox::settle(
                connection,
                &mut self.names,
                &settlement.lease,
                &settlement.verdict,
            )?;
            self.leases.end(settlement.lease.outbound);
        }
        for moved in &entry.moved {
            outbox::shift(connection, &mut self.names, moved.outbound, &moved.to)?;
            self.leases.end(moved.outbound);
        }
        for unparked in &entry.unparked {
            connection
                .prepare_cached("UPDATE entry SET parked = NULL WHERE id = ?1")?
                .execute([signed(unparked.number())])?;
        }
        for event in &entry.audit {
            self.chain(connection, at, event)?;
        }
        Ok(receipt)
    }

    /// The row of the entry itself, its content, its key, and the folios that it belongs to.
    fn write_entry(&mut self, connection: &Connection, entry: &Entry, row: (i64, i64)) -> Result<(), Halt> {
        let (id, tenant) = row;
        let folios = entry.belongs_to();
        let length = entry.received.as_ref().map_or(0, |received| received.body.len());
        connection
            .prepare_cached(
                "INSERT INTO entry (id, tenant, at, key, content, length, parked, folios, outbound, answer, \
                 audit_after, audited) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                id,
                tenant,
                millis(entry.at),
                entry.key.as_ref().map(|once| once.key.as_bytes()),
                entry.key.as_ref().map(|once| once.content.as_bytes()),
                signed(length),
                entry.parked.as_ref().map(Opaque::as_bytes),
                pack(folios.iter().map(|folio| folio.number())),
                pack_outbound(entry.outbound.iter().map(|outbound| outbound.id)),
                entry.answer.as_ref().map(|answer| answer.body.encode()),
                signed(self.book.audit_last),
                signed(entry.audit.len() as u64),
            ])?;
        if let Some(once) = &entry.key {
            self.known.note_key(&once.key);
            connection
                .prepare_cached("INSERT INTO once (key, entry) VALUES (?1, ?2)")?
                .execute(params![once.key.as_bytes(), id])?;
        }
        for folio in &folios {
            connection
                .prepare_cached("INSERT INTO about (folio, entry) VALUES (?1, ?2)")?
                .execute([signed(folio.number()), id])?;
        }
        if let Some(received) = &entry.received {
            connection
                .prepare_cached("INSERT INTO content (entry, facts, decision, body) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    id,
                    received.facts.as_bytes(),
                    received.decision.as_bytes(),
                    received.body.encode()
                ])?;
            self.keep(connection, &received.body)?;
        } else if !entry.outbound.is_empty() {
            // The row alone says that this entry still has contents to be pruned.
            connection
                .prepare_cached("INSERT INTO content (entry) VALUES (?1)")?
                .execute([id])?;
        }
        Ok(())
    }

    /// Counts a body that retention will remove.
    fn keep(&mut self, connection: &Connection, body: &Body) -> Result<(), Halt> {
        self.book.bytes = self.book.bytes.saturating_add(body.len());
        self.refer(connection, body)
    }

    /// Counts the blobs that a body refers to.
    fn refer(&mut self, connection: &Connection, body: &Body) -> Result<(), Halt> {
        for blob in body.blobs() {
            let owner = self.names.number(connection, blob.owner.as_str())?;
            connection
                .prepare_cached(
                    "INSERT INTO blob (id, refs, owner, length, digest) VALUES (?1, 1, ?2, ?3, ?4) \
                     ON CONFLICT (id) DO UPDATE SET refs = refs + 1",
                )?
                .execute(params![
                    blob.id.as_bytes(),
                    owner,
                    signed(blob.length),
                    blob.digest.as_bytes()
                ])?;
        }
        Ok(())
    }

    /// Adds an event to the audit.
    fn chain(&mut self, connection: &Connection, at: i64, event: &AuditEvent) -> Result<(), Halt> {
        let id = AuditId {
            chain: CHAIN,
            number: self.book.audit_last + 1,
        };
        let chained = chain::Event {
            id,
            tenant: &event.tenant,
            at,
            content: event.content.as_bytes(),
        };
        let link = chain::link(self.book.audit_link, &chained);
        let tenant = self.names.number(connection, event.tenant.as_str())?;
        connection
            .prepare_cached(
                "INSERT INTO audit (number, tenant, at, content, link) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                signed(id.number),
                tenant,
                at,
                event.content.as_bytes(),
                link.as_bytes()
            ])?;
        self.book.audit_last = id.number;
        self.book.audit_link = link;
        Ok(())
    }
}

/// Why a message is a dead letter whose row is not what was stored.
fn damaged() -> Trouble {
    Trouble::parse("damaged-row").expect("the name is printable and short")
}

/// The answer to an entry whose key is known.
fn repeated(once: &Once, seen: Seen) -> Result<Outcome, Halt> {
    if seen.content == once.content {
        Ok(Outcome::Repeated(seen))
    } else {
        Err(LedgerError::Conflict { first: seen.entry }.into())
    }
}

/// No entry may refer to a blob that is about to be erased.
fn check_blobs(connection: &Connection, entry: &Entry) -> Result<(), Halt> {
    for BlobRef { id, .. } in entry.bodies().flat_map(Body::blobs) {
        let refs: Option<i64> = connection
            .prepare_cached("SELECT refs FROM blob WHERE id = ?1")?
            .query_row([id.as_bytes()], |row| row.get(0))
            .optional()?;
        if refs == Some(0) {
            return Err(LedgerError::NoBlob(*id).into());
        }
    }
    Ok(())
}

const _: () = assert!(
    columns::WAITING == 0 && columns::DEAD == 2,
    "the partial indexes say these numbers"
);
