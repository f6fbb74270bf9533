//! The chain of the audit: each event is linked to the one before by a SHA-256 over both (SEC-032).

use crate::ledger::digest::Digest;
use crate::ledger::digest::Hasher;
use crate::ledger::found::AuditFault;
use crate::ledger::found::AuditId;
use crate::ledger::ids::TenantId;

/// What is chained of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) id: AuditId,
    pub(crate) tenant: &'a TenantId,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) content: &'a [u8],
}

/// The link that binds `event` to the one whose link is `before`.
pub(crate) fn link(before: Digest, event: &Event<'_>) -> Digest {
    let mut hasher = Hasher::default();
    hasher.field(b"cartage audit 1");
    hasher.field(before.as_bytes());
    hasher.field(&event.id.chain.to_le_bytes());
    hasher.field(&event.id.number.to_le_bytes());
    hasher.field(&event.at.to_le_bytes());
    hasher.field(event.tenant.as_str().as_bytes());
    hasher.field(event.content);
    hasher.finish()
}

/// Walks along one chain and notes what is wrong.
#[derive(Debug)]
pub(crate) struct Walk {
    chain: u32,
    /// The number of the last event seen.
    last: u64,
    /// The link of that event as it is stored, and as it should be; the next event agrees with one of them.
    stored: Digest,
    due: Digest,
    /// Whether the last event could not be read.
    blind: bool,
    pub(crate) faults: Vec<AuditFault>,
}

/// A gap of more events than this is reported by its first ones.
const MOST_MISSING: usize = 1000;

impl Walk {
    /// Begins after event `last`, whose link is known.
    pub(crate) const fn after(chain: u32, last: u64, link: Digest) -> Self {
        Self {
            chain,
            last,
            stored: link,
            due: link,
            blind: false,
            faults: Vec::new(),
        }
    }

    /// Notes the events that are missing before this one; whether there are none, so that it can be judged.
    fn advance(&mut self, number: u64) -> bool {
        let missing = self.last + 1..number;
        let whole = missing.is_empty() && !self.blind;
        let chain = self.chain;
        let named = missing.take(MOST_MISSING);
        let named = named.map(|number| AuditFault::Missing(AuditId { chain, number }));
        self.faults.extend(named);
        self.last = number;
        self.blind = false;
        whole
    }

    /// Notes an event that cannot even be read: the one behind it cannot be judged.
    pub(crate) fn unreadable(&mut self, number: u64) {
        self.advance(number);
        self.blind = true;
        let chain = self.chain;
        self.faults.push(AuditFault::Altered(AuditId { chain, number }));
    }

    /// Judges the next event, and the link stored with it.
    pub(crate) fn step(&mut self, event: &Event<'_>, stored: Digest) {
        let whole = self.advance(event.id.number);
        let candidates = [link(self.stored, event), link(self.due, event)];
        let sound = candidates.contains(&stored);
        // Behind a gap no event can be judged by the one before; it is taken as it is.
        if whole && !sound {
            self.faults.push(AuditFault::Altered(event.id));
        }
        self.due = if sound || !whole { stored } else { candidates[0] };
        self.stored = stored;
    }

    /// Judges the end of the chain: its last event as the running totals have it.
    pub(crate) fn end(&mut self, last: u64, link: Digest) {
        let id = AuditId {
            chain: self.chain,
            number: last,
        };
        if self.last < last {
            self.faults.push(AuditFault::CutShort(id));
        } else if (self.last, self.stored) != (last, link) && !self.faults.contains(&AuditFault::Altered(id))
        {
            self.faults.push(AuditFault::Altered(id));
        }
    }

    /// The last event seen and its link.
    pub(crate) const fn head(&self) -> (AuditId, Digest) {
        let id = AuditId {
            chain: self.chain,
            number: self.last,
        };
        (id, self.stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Digest = Digest::new([0; 32]);

    fn chain(events: &[(u64, &str)]) -> Vec<(u64, String, Digest)> {
        let tenant = TenantId::parse("mercy").unwrap();
        let mut before = START;
        let linked = events.iter().map(|(number, content)| {
            before = link(before, &event(*number, &tenant, content));
            (*number, (*content).to_owned(), before)
        });
        linked.collect()
    }

    fn event<'a>(number: u64, tenant: &'a TenantId, content: &'a str) -> Event<'a> {
        Event {
            id: AuditId { chain: 0, number },
            tenant,
            at: 7,
            content: content.as_bytes(),
        }
    }

    fn id(number: u64) -> AuditId {
        AuditId { chain: 0, number }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Vec<(u64, String, Digest)>), expected: &[AuditFault]) {
        let mut rows = chain(&[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")]);
        let end = (5, rows[4].2);
        change(&mut rows);
        let tenant = TenantId::parse("mercy").unwrap();
        let mut walk = Walk::after(0, 0, START);
        for (number, content, link) in &rows {
            walk.step(&event(*number, &tenant, content), *link);
        }
        walk.end(end.0, end.1);
        assert_eq!(walk.faults, expected);
    }

    #[test]
    fn a_sound_chain_has_no_faults() {
        check(|_| (), &[]);
    }

    #[test]
    fn an_altered_event_is_named_and_no_other() {
        for place in 0..5 {
            check(
                |rows| rows[place].1 = "x".to_owned(),
                &[AuditFault::Altered(id(place as u64 + 1))],
            );
        }
    }

    #[test]
    fn an_altered_link_is_named_and_no_other() {
        for place in 0..5 {
            check(
                |rows| rows[place].2 = Digest::of(b"x"),
                &[AuditFault::Altered(id(place as u64 + 1))],
            );
        }
    }

    #[test]
    fn an_event_that_was_rewritten_with_its_link_breaks_the_chain_behind_it() {
        check(
            |rows| {
                let tenant = TenantId::parse("mercy").unwrap();
                rows[2].1 = "x".to_owned();
                rows[2].2 = link(rows[1].2, &event(3, &tenant, "x"));
            },
            &[AuditFault::Altered(id(4))],
        );
    }

    #[test]
    fn a_missing_event_is_named() {
        check(
            |rows| {
                rows.remove(2);
            },
            &[AuditFault::Missing(id(3))],
        );
        check(|rows| rows.truncate(3), &[AuditFault::CutShort(id(5))]);
    }
}
