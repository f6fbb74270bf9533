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
        self.held.insert(outbound, held);
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
        self.held.remove(&outbound);
    }
}
