//! How often each kind of event was told, for metrics.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::observe::event::Kind;

/// Counts of events since the start.
#[derive(Debug)]
pub struct Tally {
    counts: Vec<AtomicU64>,
    dropped: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            counts: Kind::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            dropped: AtomicU64::new(0),
        }
    }
}

impl Tally {
    /// How often an event of this kind was told.
    pub fn of(&self, kind: Kind) -> u64 {
        self.counts
            .get(kind as usize)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// How many events were not written because too many waited.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, kind: Kind) {
        if let Some(count) = self.counts.get(kind as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}
