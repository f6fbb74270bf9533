//! Loops that must not end: after a panic, which is told, they begin again.

use std::future::Future;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::observe::event::Event;
use crate::observe::journal::Journal;

/// Runs what `begin` begins to its end. If it panics, tells `trouble` and begins it again, unless it is time to stop.
pub(super) async fn keep_going<F>(
    trouble: Event,
    journal: Journal,
    stop: CancellationToken,
    mut begin: impl FnMut() -> F + Send,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match tokio::spawn(begin()).await {
            Ok(()) => return,
            // The runtime ends.
            Err(ended) if ended.is_cancelled() => return,
            Err(_) => journal.tell(trouble.clone()),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(BREATH) => {}
        }
    }
}

/// The pause before something that panicked begins again.
const BREATH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;
    use std::time::SystemTime;

    use super::*;
    use crate::base::clock::ManualClock;
    use crate::observe::event::Kind;

    #[tokio::test(start_paused = true)]
    async fn what_panics_is_told_and_begins_again() {
        let journal = Journal::silent(Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH)));
        let begun = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&begun);
        keep_going(
            Event::Fault { code: "test" },
            journal.clone(),
            CancellationToken::new(),
            move || {
                let number = counted.fetch_add(1, Ordering::Relaxed);
                async move { assert!(number >= 2, "it fails twice") }
            },
        )
        .await;
        assert_eq!(begun.load(Ordering::Relaxed), 3);
        assert_eq!(journal.tally().of(Kind::Fault), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_begin_again_when_it_is_time_to_stop() {
        let journal = Journal::silent(Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH)));
        let stop = CancellationToken::new();
        stop.cancel();
        let begun = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&begun);
        keep_going(Event::Fault { code: "test" }, journal, stop, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async { panic!("it fails") }
        })
        .await;
        assert_eq!(begun.load(Ordering::Relaxed), 1);
    }
}
