//! A few threads that do what is queued, each with a tool of its own.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::thread;
use std::thread::JoinHandle;

use crate::ledger::error::LedgerError;

type Work<T> = Box<dyn FnOnce(&mut T) + Send>;

/// Threads that share one bounded queue. A crew of one does its work in the order in which it was asked.
pub(crate) struct Crew<T> {
    desk: Desk<T>,
    threads: Vec<JoinHandle<()>>,
}

/// Where work is handed in; it may outlive the crew, and then refuses.
pub(crate) struct Desk<T> {
    /// `None` ends a thread.
    queue: SyncSender<Option<Work<T>>>,
}

/// So much work may wait.
const WAITING_MOST: usize = 1024;

impl<T: Send + 'static> Crew<T> {
    /// A thread for each tool.
    pub(crate) fn start(name: &str, tools: Vec<T>) -> io::Result<Self> {
        let (queue, work) = mpsc::sync_channel(WAITING_MOST);
        let work = Arc::new(Mutex::new(work));
        let mut crew = Self {
            desk: Desk { queue },
            threads: Vec::with_capacity(tools.len()),
        };
        for (number, mut tool) in tools.into_iter().enumerate() {
            let work = Arc::clone(&work);
            let thread = thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || {
                    while let Some(work) = next(&work) {
                        work(&mut tool);
                    }
                })?;
            crew.threads.push(thread);
        }
        Ok(crew)
    }

    /// Where to hand in work.
    pub(crate) fn desk(&self) -> Desk<T> {
        self.desk.clone()
    }
}

impl<T> Desk<T> {
    /// Queues some work, unless too much waits.
    pub(crate) fn ask(&self, work: impl FnOnce(&mut T) + Send + 'static) -> Result<(), LedgerError> {
        self.queue
            .try_send(Some(Box::new(work)))
            .map_err(|refusal| match refusal {
                TrySendError::Full(_) => LedgerError::Busy,
                TrySendError::Disconnected(_) => LedgerError::Closed,
            })
    }
}

fn next<T>(work: &Mutex<Receiver<Option<Work<T>>>>) -> Option<Work<T>> {
    let work = work.lock().unwrap_or_else(PoisonError::into_inner);
    work.recv().ok().flatten()
}

impl<T> Drop for Crew<T> {
    /// Waits until all that was queued is done; what comes later is refused.
    fn drop(&mut self) {
        for _ in &self.threads {
            // If nobody receives, the threads have ended already.
            let _ = self.desk.queue.send(None);
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has broken the promises of its work, and whoever waited knows.
            let _ = thread.join();
        }
    }
}

impl<T> Clone for Desk<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<T> fmt::Debug for Crew<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crew of {}", self.threads.len())
    }
}

impl<T> fmt::Debug for Desk<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}
