//! Entries such as the gateway makes.

use std::time::Duration;
use std::time::SystemTime;

use cartage::ledger::body;
use cartage::ledger::body::Body;
use cartage::ledger::body::NumberPlace;
use cartage::ledger::body::NumberUse;
use cartage::ledger::digest::Digest;
use cartage::ledger::entry::AuditEvent;
use cartage::ledger::entry::Direction;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::FolioChange;
use cartage::ledger::entry::Handle;
use cartage::ledger::entry::Key;
use cartage::ledger::entry::Once;
use cartage::ledger::entry::Outbound;
use cartage::ledger::entry::Received;
use cartage::ledger::ids::FolioId;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::OutboundId;
use cartage::ledger::ids::Series;
use cartage::ledger::ids::SeriesName;
use cartage::ledger::ids::TenantId;
use cartage::ledger::opaque::Opaque;

/// How much an entry holds.
#[derive(Clone, Copy)]
pub enum Shape {
    /// 4 KiB received, facts, decision, key, answer and an audit event.
    Plain,
    /// The same, a folio with three handles, and a message of 4 KiB with three control numbers.
    Whole,
}

impl Shape {
    /// For file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Whole => "whole",
        }
    }

    /// For the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "accept 4 KiB, kept and audited",
            Self::Whole => "accept 4 KiB, folio and 4 KiB outbound",
        }
    }
}

/// What entries are made of.
pub struct Draft {
    shape: Shape,
    now: SystemTime,
    from: TenantId,
    to: TenantId,
    lane: LaneId,
    series: Vec<Series>,
}

impl Draft {
    /// Of this shape.
    pub fn new(shape: Shape) -> Self {
        let tenant = |name| TenantId::parse(name).expect("the name is one");
        let series = ["isa13", "gs06", "st02"].map(|name| Series {
            partner: tenant("payer-01"),
            name: SeriesName::parse(name).expect("the name is one"),
        });
        Self {
            shape,
            now: SystemTime::now(),
            from: tenant("mercy"),
            to: tenant("payer-01"),
            lane: LaneId::parse("payer-01").expect("the name is one"),
            series: series.into(),
        }
    }

    /// The entry of this number.
    pub fn entry(&self, number: usize) -> Entry {
        let number = u64::try_from(number).expect("a bench does not run so often");
        let now = self.now + Duration::from_micros(number * 50);
        let mut payload = vec![b'x'; 4096];
        payload.splice(..8, number.to_le_bytes());
        let mut entry = Entry::new(self.from.clone(), now);
        entry.key = Some(Once {
            key: Key::of(
                &self.from,
                &self.to,
                Direction::Inbound,
                &[b"bench", &number.to_le_bytes()],
            ),
            content: Digest::of(&payload),
        });
        entry.received = Some(Received {
            body: Body::inline(payload),
            facts: Opaque::new(vec![b'f'; 400]),
            decision: Opaque::new(vec![b'd'; 300]),
        });
        entry.answer = Some(Body::inline(vec![b'a'; 250]).into());
        entry.audit.push(AuditEvent {
            tenant: self.from.clone(),
            content: Opaque::new(vec![b'e'; 250]),
        });
        match self.shape {
            Shape::Plain => {}
            Shape::Whole => self.add_rest(&mut entry, now, number),
        }
        entry
    }

    fn add_rest(&self, entry: &mut Entry, now: SystemTime, number: u64) {
        let chance = u32::try_from(number & 0xf_ffff).expect("20 bits");
        let folio = FolioId::made(now, chance);
        let handle = |kind| Handle::of(&self.from, kind, &number.to_le_bytes());
        entry.folios.push(FolioChange {
            id: folio,
            from: None,
            kind: 1,
            owner: self.from.clone(),
            peer: Some(self.to.clone()),
            content: Opaque::new(vec![b's'; 500]),
            handles: Some(["tracking", "claim", "member"].map(handle).into()),
            wake: Some(now + Duration::from_hours(72)),
            open: true,
            keep_past: false,
        });
        let numbers = self.series.iter().enumerate().map(|(at, series)| NumberUse {
            series: series.clone(),
            width: 9,
            first: 1,
            places: [at * 10, 4000 + at * 10]
                .map(|offset| NumberPlace { part: 0, offset })
                .into(),
        });
        entry.outbound.push(Outbound {
            id: OutboundId { folio, number: 1 },
            lane: self.lane.clone(),
            to: self.to.clone(),
            draft: body::Draft {
                body: Body::inline(vec![b'o'; 4096]),
                numbers: numbers.collect(),
            },
            facts: Opaque::new(vec![b'h'; 150]),
            due: now,
            expires: now + Duration::from_hours(72),
        });
    }
}
