//! What retention does from time to time: prunes, erases, and sweeps up what nobody refers to.

use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::ledger::blobs::BlobStore;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Pruned;
use crate::ledger::found::Retention;
use crate::ledger::store::Store;

/// One round: prunes what may go, erases what nothing refers to any more, and removes what was never referred to.
///
/// Nothing that is unacknowledged goes: see [`prune`](Store::prune).
/// It does a bounded amount of work; if [`Pruned::more`] says so, call it again.
/// `now` is best taken from a [`Calendar`].
/// It may be cancelled at any time: what was done stays done, and the rest is found by the next round.
///
/// # Errors
/// Fails as the stores do; the next round goes on where this one ended.
pub async fn retain_once(
    store: &dyn Store,
    blobs: &dyn BlobStore,
    retention: Retention,
    now: SystemTime,
) -> Result<Pruned, LedgerError> {
    let mut pruned = store.prune(retention, now).await?;
    let gone = store.discarded(DISCARDED_MOST).await?;
    if !gone.is_empty() {
        let names: Vec<_> = gone.iter().map(|blob| blob.id).collect();
        blobs.erase(names.clone()).await?;
        // Only now may they be forgotten: until then a crash finds them again.
        store.forget(names).await?;
        pruned.more |= gone.len() == DISCARDED_MOST;
    }
    for range in blobs.idle() {
        if !store.refers_to(range).await? {
            blobs.drop_range(range).await?;
        }
    }
    Ok(pruned)
}

/// So many blobs are erased in one round.
const DISCARDED_MOST: usize = 256;

/// The time of day as retention may believe it: a clock that is set forward makes nothing older (ROB-021).
///
/// What retention removes is gone for good, so it never believes in more time than has passed since this process
/// began; after a clock was set right, the next start catches up.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    began: SystemTime,
    tick: Tick,
}

impl Calendar {
    /// Begins with what the clock says now.
    pub fn begin(clock: &dyn Clock) -> Self {
        Self {
            began: clock.now(),
            tick: clock.tick(),
        }
    }

    /// The time of day, or the time that it can be at most.
    pub fn now(&self, clock: &dyn Clock) -> SystemTime {
        let most = self.began.checked_add(clock.tick().since(self.tick));
        most.map_or(self.began, |most| most.min(clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::ManualClock;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_forward_makes_nothing_older() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
        let hour = Duration::from_hours(1);
        let clock = ManualClock::at(start);
        let calendar = Calendar::begin(&clock);
        clock.advance(hour);
        assert_eq!(calendar.now(&clock), start + hour);
        clock.set(start + Duration::from_hours(87_600));
        assert_eq!(calendar.now(&clock), start + hour);
        clock.set(start - hour);
        assert_eq!(calendar.now(&clock), start - hour);
    }
}
