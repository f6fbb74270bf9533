//! The body of a request as hyper takes it, and how far it has come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;

use crate::upstream::parcel::Content;
use crate::upstream::parcel::Pieces;
use crate::upstream::parcel::Unreadable;

/// The body of a request: exactly as many bytes as were announced, or an error that breaks the connection off.
pub(crate) struct Outgoing {
    pieces: Box<dyn Pieces>,
    left: u64,
    progress: Arc<Progress>,
}

/// How far a body has come; written by the connection, read by whoever waits.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    taken: AtomicU64,
    whole: AtomicBool,
    unreadable: AtomicBool,
}

impl Outgoing {
    /// A body of `content` from its first byte, and its progress.
    pub(crate) fn of(content: &dyn Content) -> (Self, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        let left = content.length();
        progress.whole.store(left == 0, Ordering::Release);
        let outgoing = Self {
            pieces: content.open(),
            left,
            progress: Arc::clone(&progress),
        };
        (outgoing, progress)
    }

    fn breaks(&self) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        self.progress.unreadable.store(true, Ordering::Release);
        Poll::Ready(Some(Err(Unreadable)))
    }
}

impl Progress {
    /// How many bytes were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// Whether all of it was taken.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Acquire)
    }

    /// Whether it was broken off because it could not be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.unreadable.load(Ordering::Acquire)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        let piece = match self.pieces.poll_next(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(piece) => piece,
        };
        let piece = match piece {
            None if self.left == 0 => return Poll::Ready(None),
            None | Some(Err(Unreadable)) => return self.breaks(),
            Some(Ok(piece)) => piece,
        };
        // More than was announced would be read as the beginning of the next request.
        let Some(left) = self.left.checked_sub(piece.len() as u64) else {
            return self.breaks();
        };
        self.left = left;
        self.progress
            .taken
            .fetch_add(piece.len() as u64, Ordering::AcqRel);
        self.progress.whole.store(left == 0, Ordering::Release);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
