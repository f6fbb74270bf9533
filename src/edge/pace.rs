//! How busy a connection is, which tells when it has had its time: HTTP/2 has no end of its own.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::sleep_until;

/// The requests of one connection: how many are under way, and when the last one began or ended.
#[derive(Debug)]
pub(super) struct Pace(Mutex<Steps>);

#[derive(Clone, Copy, Debug)]
struct Steps {
    under_way: usize,
    last: Instant,
}

/// A request that is under way until this is dropped.
#[derive(Debug)]
pub(super) struct Step(Arc<Pace>);

impl Pace {
    /// A connection that begins now.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Steps {
            under_way: 0,
            last: Instant::now(),
        })))
    }

    /// A request begins.
    pub(super) fn step(self: &Arc<Self>) -> Step {
        self.note(|under_way| under_way.saturating_add(1));
        Step(Arc::clone(self))
    }

    /// Waits until for so long, from now on, nothing has been under way. Cancelling it changes nothing.
    pub(super) async fn idle(&self, limit: Duration) {
        let began = Instant::now();
        loop {
            let Steps { under_way, last } = self.steps();
            let from = if under_way > 0 {
                Instant::now()
            } else {
                last.max(began)
            };
            let end = from + limit;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }

    /// Waits until for so long no request has begun or ended. Cancelling it changes nothing.
    pub(super) async fn still(&self, limit: Duration) {
        loop {
            let end = self.steps().last + limit;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }

    fn steps(&self) -> Steps {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, change: impl Fn(usize) -> usize) {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.under_way = change(steps.under_way);
        steps.last = Instant::now();
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.note(|under_way| under_way.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn who_asks_nothing_is_idle_and_who_is_worked_for_is_not() {
        let began = Instant::now();
        let pace = Pace::new();
        pace.idle(LIMIT).await;
        assert_eq!(began.elapsed(), LIMIT);
        let step = pace.step();
        assert!(
            tokio::time::timeout(LIMIT * 10, pace.idle(LIMIT)).await.is_err(),
            "a request is under way"
        );
        drop(step);
        let ended = Instant::now();
        pace.idle(LIMIT).await;
        assert_eq!(ended.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_no_sign_of_life() {
        let pace = Pace::new();
        let _step = pace.step();
        let began = Instant::now();
        pace.still(LIMIT).await;
        assert_eq!(began.elapsed(), LIMIT);
    }
}
