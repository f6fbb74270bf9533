//! Which segments there are that are no longer written to, and since when.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::ledger::blob_log::segment::Kind;

/// After this time whoever stored a blob has told the store of entries, or never will: a message may come slowly, and
/// its first blob is whole long before its end, but no door waits for one half as long.
const GRACE: Duration = Duration::from_hours(24);

/// So many segments are named at once: each of them is looked up among the entries.
const IDLE_MOST: usize = 1024;

/// The segments that are finished.
#[derive(Debug)]
pub(super) struct Shelf {
    clock: Arc<dyn Clock>,
    finished: Mutex<BTreeMap<u64, Finished>>,
    /// Where the next look for idle segments begins.
    next: AtomicU64,
}

#[derive(Clone, Copy, Debug)]
struct Finished {
    kind: Kind,
    /// `None` if it was finished before this process began.
    at: Option<Tick>,
}

impl Shelf {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            finished: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }

    /// A segment of the log is full.
    pub(super) fn sealed(&self, segment: u64) {
        self.put(segment, Kind::Log, Some(self.clock.tick()));
    }

    /// A blob with a segment of its own is whole.
    pub(super) fn whole(&self, segment: u64) {
        self.put(segment, Kind::Own, Some(self.clock.tick()));
    }

    /// A segment that was there when the log was opened.
    pub(super) fn found(&self, segment: u64, kind: Kind) {
        self.put(segment, kind, None);
    }

    /// Somebody is about to refer to what is in a segment.
    pub(super) fn renew(&self, segment: u64) {
        let now = self.clock.tick();
        if let Some(finished) = self.lock().get_mut(&segment) {
            finished.at = Some(now);
        }
    }

    /// Takes a segment off; what kind it was, if it was there.
    pub(super) fn take(&self, segment: u64) -> Option<Kind> {
        self.lock().remove(&segment).map(|finished| finished.kind)
    }

    /// Segments that nobody is about to refer to for the first time: some of them, and others with the next call.
    pub(super) fn idle(&self) -> Vec<u64> {
        let now = self.clock.tick();
        let is_idle = |finished: &Finished| finished.at.is_none_or(|at| now.since(at) >= GRACE);
        let finished = self.lock();
        let idle = finished.range(self.next.load(Ordering::Relaxed)..);
        let idle = idle.filter(|(_, finished)| is_idle(finished));
        let idle: Vec<u64> = idle.map(|(segment, _)| *segment).take(IDLE_MOST).collect();
        let last = idle.last().filter(|_| idle.len() == IDLE_MOST);
        let next = last.map_or(0, |last| last.saturating_add(1));
        self.next.store(next, Ordering::Relaxed);
        idle
    }

    /// All segments with their kind.
    pub(super) fn all(&self) -> Vec<(u64, Kind)> {
        let finished = self.lock();
        finished
            .iter()
            .map(|(segment, finished)| (*segment, finished.kind))
            .collect()
    }

    fn put(&self, segment: u64, kind: Kind, at: Option<Tick>) {
        self.lock().insert(segment, Finished { kind, at });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Finished>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::ManualClock;
    use std::time::SystemTime;

    #[test]
    fn what_is_renewed_is_not_idle() {
        let clock = Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH));
        let shelf = Shelf::new(Arc::clone(&clock) as Arc<dyn Clock>);
        shelf.whole(1);
        shelf.whole(2);
        for _ in 0..3 {
            clock.advance(GRACE / 2);
            shelf.renew(1);
            shelf.renew(3);
        }
        assert_eq!(shelf.idle(), [2]);
        clock.advance(GRACE);
        assert_eq!(shelf.idle(), [1, 2]);
    }

    #[test]
    fn every_idle_segment_is_named_in_turn() {
        let shelf = Shelf::new(Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH)));
        let all = 0..2 * IDLE_MOST as u64 + 10;
        for segment in all.clone() {
            shelf.found(segment, Kind::Own);
        }
        let rounds = [shelf.idle(), shelf.idle(), shelf.idle()];
        assert_eq!(rounds.concat(), all.collect::<Vec<u64>>());
        assert_eq!(shelf.idle().first(), Some(&0));
        shelf.whole(9_999);
        assert!(
            !shelf.idle().contains(&9_999),
            "somebody may be about to refer to it"
        );
    }
}
