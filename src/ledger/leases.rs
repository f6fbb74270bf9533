//! Who may send what, for how long. Kept in memory by an engine that has its data to itself: a process that died
//! holds nothing, so after a start everything may be sent at once.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::clock::Tick;
use crate::ledger::entry::Lease;
use crate::ledger::ids::OutboundId;

/// The leases that were given out, on the scale that never runs backwards (ROB-021).
#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: HashMap<OutboundId, Held>,
    last: u64,
    /// What was held before each change since the last commit, to be put back if that fails.
    before: Vec<(OutboundId, Option<Held>)>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    token: u64,
    until: Tick,
}

impl Leases {
    /// Whether somebody holds the message.
    pub(crate) fn is_held(&self, outbound: OutboundId, now: Tick) -> bool {
        self.held.get(&outbound).is_some_and(|held| held.until > now)
    }

    /// Gives out the message; earlier leases on it are void.
    pub(crate) fn give(&mut self, outbound: OutboundId, now: Tick, lease: Duration) -> Lease {
        self.last += 1;
        let held = Held {
            token: self.last,
            until: now.after(lease),
        };
        let before = self.held.insert(outbound, held);
        self.before.push((outbound, before));
        Lease {
            outbound,
            token: self.last,
        }
    }

    /// Whether the lease is the last that was given on its message and was not ended.
    ///
    /// One that has run out still holds as long as nobody else was given the message: what its holder knows is true.
    pub(crate) fn holds(&self, lease: &Lease) -> bool {
        self.held
            .get(&lease.outbound)
            .is_some_and(|held| held.token == lease.token)
    }

    /// Ends every lease on the message.
    pub(crate) fn end(&mut self, outbound: OutboundId) {
        let before = self.held.remove(&outbound);
        self.before.push((outbound, before));
    }

    /// After the commit: the changes stand.
    pub(crate) fn committed(&mut self) {
        self.before.clear();
    }

    /// After the batch was rolled back: as if nobody had been given anything, and nothing had been settled.
    pub(crate) fn rolled_back(&mut self) {
        for (outbound, before) in self.before.drain(..).rev() {
            match before {
                Some(held) => self.held.insert(outbound, held),
                None => self.held.remove(&outbound),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::clock::ManualClock;
    use crate::ledger::ids::FolioId;
    use std::time::SystemTime;

    #[test]
    fn what_is_rolled_back_never_was() {
        let tick = ManualClock::at(SystemTime::UNIX_EPOCH).tick();
        let [one, two] = [1, 2].map(|number| OutboundId {
            folio: FolioId::new(1).unwrap(),
            number,
        });
        let mut leases = Leases::default();
        let first = leases.give(one, tick, Duration::from_secs(1));
        leases.committed();
        let again = leases.give(one, tick, Duration::from_secs(1));
        leases.end(one);
        let other = leases.give(two, tick, Duration::from_secs(1));
        assert!(!leases.holds(&first) && !leases.holds(&again) && leases.holds(&other));
        leases.rolled_back();
        assert!(leases.holds(&first), "its holder may still say what became of it");
        assert!(!leases.holds(&again) && !leases.is_held(two, tick));
        leases.end(one);
        leases.committed();
        leases.rolled_back();
        assert!(!leases.holds(&first));
    }
}
