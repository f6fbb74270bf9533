//! How the ledger is, known to all its threads: sound, full, or failed for good.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use crate::ledger::error::LedgerError;
use crate::ledger::found::Health;

/// How the ledger is. Rows and blobs share it: when one cannot be stored, nothing can.
#[derive(Debug, Default)]
pub(crate) struct State {
    rows_full: AtomicBool,
    blobs_full: AtomicBool,
    failed: OnceLock<LedgerError>,
}

impl State {
    /// How the ledger is.
    pub(crate) fn health(&self) -> Health {
        match self.failed.get() {
            Some(failure) => Health::Failed(failure.clone()),
            None if self.is_full() => Health::Full,
            None => Health::Sound,
        }
    }

    /// The failure that ended everything, if there was one.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        match self.failed.get() {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    /// Ends everything: the first failure stays the reason (ROB-003).
    pub(crate) fn fail(&self, failure: &LedgerError) {
        let _ = self.failed.set(failure.clone());
    }

    /// Whether new messages are refused.
    pub(crate) fn is_full(&self) -> bool {
        self.rows_are_full() || self.blobs_are_full()
    }

    pub(crate) fn blobs_are_full(&self) -> bool {
        self.blobs_full.load(Ordering::Acquire)
    }

    pub(crate) fn rows_are_full(&self) -> bool {
        self.rows_full.load(Ordering::Acquire)
    }

    pub(crate) fn set_rows_full(&self, full: bool) {
        self.rows_full.store(full, Ordering::Release);
    }

    pub(crate) fn set_blobs_full(&self, full: bool) {
        self.blobs_full.store(full, Ordering::Release);
    }
}

/// Watches over a thread that others wait for: if it panics, the ledger has failed, and readiness says so.
#[derive(Debug)]
pub(crate) struct Watch(Arc<State>);

impl Watch {
    pub(crate) fn over(state: &Arc<State>) -> Self {
        Self(Arc::clone(state))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(&LedgerError::Closed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panics_is_a_failure() {
        let state = Arc::new(State::default());
        let watched = Arc::clone(&state);
        thread::spawn(move || drop(Watch::over(&watched))).join().unwrap();
        assert!(matches!(state.health(), Health::Sound));
        let watched = Arc::clone(&state);
        let ended = thread::spawn(move || {
            let _watch = Watch::over(&watched);
            panic!("on purpose");
        });
        ended.join().unwrap_err();
        assert!(matches!(state.health(), Health::Failed(_)));
    }
}
