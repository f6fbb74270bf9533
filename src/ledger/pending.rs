//! An answer that comes when the work is on disk.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use tokio::sync::oneshot;

use crate::ledger::error::LedgerError;

/// The answer to something asked of the ledger: a future for async code, [`wait`](Self::wait) for a thread.
///
/// Dropping it changes nothing: what was asked is done all the same, only nobody hears of it.
#[derive(Debug)]
#[must_use = "an answer that nobody looks at may be a refusal"]
pub struct Pending<T>(oneshot::Receiver<Result<T, LedgerError>>);

/// Whoever owes an answer. If it is dropped, the one who waits hears [`LedgerError::Closed`].
#[derive(Debug)]
pub struct Promise<T>(oneshot::Sender<Result<T, LedgerError>>);

impl<T> Pending<T> {
    /// An answer to wait for, and the promise to give it.
    pub fn new() -> (Promise<T>, Self) {
        let (sender, receiver) = oneshot::channel();
        (Promise(sender), Self(receiver))
    }

    /// An answer that is there already.
    pub fn ready(answer: Result<T, LedgerError>) -> Self {
        let (promise, pending) = Self::new();
        promise.keep(answer);
        pending
    }

    /// Waits for the answer on this thread; not for async code.
    ///
    /// # Errors
    /// Says why what was asked was not done.
    ///
    /// # Panics
    /// If it is called where async code runs.
    pub fn wait(self) -> Result<T, LedgerError> {
        self.0.blocking_recv().unwrap_or(Err(LedgerError::Closed))
    }
}

impl<T> Promise<T> {
    /// Gives the answer. It does not matter whether anybody still waits.
    pub fn keep(self, answer: Result<T, LedgerError>) {
        // The other side may have stopped waiting: a client that hung up.
        let _ = self.0.send(answer);
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, LedgerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(LedgerError::Closed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_arrives_and_a_broken_promise_is_heard() {
        assert_eq!(Pending::ready(Ok(7)).wait().unwrap(), 7);
        let (promise, pending) = Pending::<()>::new();
        drop(promise);
        assert!(matches!(pending.wait(), Err(LedgerError::Closed)));
    }

    #[test]
    fn nobody_need_wait() {
        let (promise, pending) = Pending::new();
        drop(pending);
        promise.keep(Ok(()));
    }
}
