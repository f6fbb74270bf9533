//! What stands between a socket and `hyper`: heads pass whole and checked, bodies by their framing, time is kept.
//!
//! `hyper` answers what it cannot read with a bare status, and reads some of what two readers could read in two ways.
//! So the gate reads first. What it refuses, `hyper` never sees: to it the connection just ends, and the refusal is
//! written when `hyper` has written all that it owes and shuts the connection down. A client that speaks HTTP/2 passes
//! as it is, because its frames leave nothing to interpret.

use std::fmt;
use std::future::Future;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::framing::Passing;
use super::head;
use super::refusal::Dialect;
use super::refusal::Refusal;

/// How long a connection may make us wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Patience {
    /// For the rest of a head that has begun.
    pub(super) head: Duration,
    /// For the next request.
    pub(super) idle: Duration,
    /// For a request that may be on its way when the door closes.
    pub(super) last_call: Duration,
    /// For the client to read.
    pub(super) stall: Duration,
    /// For a client to notice that it was refused, before the connection goes.
    pub(super) linger: Duration,
}

impl Patience {
    /// What SEC-013 asks.
    pub(super) const USUAL: Self = Self {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        last_call: Duration::from_millis(100),
        stall: Duration::from_secs(30),
        linger: Duration::from_secs(2),
    };
}

/// A connection as `hyper` sees it.
pub(super) struct Gate<S> {
    stream: S,
    /// What came and was not given on yet, and how much of its beginning may be.
    held: Vec<u8>,
    given: usize,
    cleared: usize,
    stage: Stage,
    dialect: Dialect,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    waits: Waits,
    /// When the client began not to read.
    stalled: Option<Pin<Box<Sleep>>>,
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    farewell: Farewell,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The head of a request, or the preface of HTTP/2.
    Head { first: bool },
    /// The rest of a body.
    Body(Passing),
    /// Frames of HTTP/2.
    Frames,
    /// Nothing: the connection ends here for whoever reads.
    Over,
}

/// What the timer is set for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Waits {
    Nothing,
    Request,
    Head,
    /// What a client has sent and the system has not told us of yet, now that the door closes.
    LastCall,
}

/// What is still to be said and heard at the end.
#[derive(Debug)]
enum Farewell {
    /// Nothing.
    Plain,
    /// This, from an offset on.
    Say(Vec<u8>, usize),
    /// All is said; what still comes is read and dropped, so that the last words are not lost to a reset.
    Listen { left: usize },
}

impl<S> Gate<S> {
    /// A gate before a stream. Once `draining` is cancelled, no request is waited for that has not begun.
    pub(super) fn new(stream: S, dialect: Dialect, patience: Patience, draining: CancellationToken) -> Self {
        Self {
            stream,
            held: Vec::new(),
            given: 0,
            cleared: 0,
            stage: Stage::Head { first: true },
            dialect,
            patience,
            timer: Box::pin(tokio::time::sleep(patience.idle)),
            waits: Waits::Nothing,
            stalled: None,
            draining: Box::pin(draining.cancelled_owned()),
            farewell: Farewell::Plain,
        }
    }

    /// Refuses whatever comes; the answer goes out when the gate is shut down.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.farewell = Farewell::Say(refusal.octets(self.dialect), 0);
        self.stage = Stage::Over;
        self.held.clear();
        self.given = 0;
        self.cleared = 0;
    }

    fn wait_for(&mut self, waits: Waits) {
        if self.waits == waits {
            return;
        }
        self.waits = waits;
        let limit = match waits {
            Waits::Nothing => return,
            Waits::Request => self.patience.idle,
            Waits::Head => self.patience.head,
            Waits::LastCall => self.patience.last_call,
        };
        self.timer.as_mut().reset(Instant::now() + limit);
    }

    /// What is held and not cleared.
    fn unseen(&self) -> &[u8] {
        self.held.get(self.given + self.cleared..).unwrap_or_default()
    }

    /// Clears as much of what is held as its stage allows; false if more must come first.
    fn clear(&mut self) -> bool {
        match self.stage {
            Stage::Over => true,
            Stage::Frames => {
                self.cleared = self.unseen().len();
                self.cleared > 0
            }
            Stage::Body(passing) => {
                let Ok((taken, next)) = passing.advance(self.unseen()) else {
                    // The body ends too early for its reader, who answers that.
                    self.stage = Stage::Over;
                    self.farewell = Farewell::Say(Vec::new(), 0);
                    return true;
                };
                self.cleared = taken;
                self.stage = next.map_or(Stage::Head { first: false }, Stage::Body);
                taken > 0
            }
            Stage::Head { first } => self.clear_head(first),
        }
    }

    fn clear_head(&mut self, first: bool) -> bool {
        let unseen = self.unseen();
        if first && PREFACE.starts_with(unseen.get(..PREFACE.len()).unwrap_or(unseen)) {
            if unseen.len() < PREFACE.len() {
                return false;
            }
            self.stage = Stage::Frames;
            return self.clear();
        }
        // An empty line before a request is forgiven (RFC 9112, 2.2).
        if unseen.starts_with(b"\r\n") {
            self.given += 2;
            return self.clear_head(first);
        }
        let end = memchr::memmem::find(unseen, b"\r\n\r\n").map(|end| end + 4);
        let verdict = match end.and_then(|end| unseen.get(..end)) {
            Some(head) if head.len() <= head::LONGEST => {
                head::check(head).map(|framing| (head.len(), framing))
            }
            Some(_) => Err(Refusal::HeadTooLarge),
            None if head::is_damaged(unseen) => Err(Refusal::Head("a line does not end as lines do")),
            None if unseen.len() > head::LONGEST => Err(Refusal::HeadTooLarge),
            None => return false,
        };
        match verdict {
            Ok((length, framing)) => {
                self.cleared = length;
                self.stage = Passing::of(framing).map_or(Stage::Head { first: false }, Stage::Body);
            }
            Err(refusal) => self.refuse(refusal),
        }
        true
    }

    /// Gives out what is cleared; true if there was anything.
    fn give(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let some = self.cleared.min(buf.remaining());
        let Some(octets) = self
            .held
            .get(self.given..self.given + some)
            .filter(|octets| !octets.is_empty())
        else {
            return false;
        };
        buf.put_slice(octets);
        self.given += some;
        self.cleared -= some;
        if self.given == self.held.len() {
            self.held.clear();
            self.given = 0;
            if self.held.capacity() > MOST_KEPT {
                self.held = Vec::new();
            }
        }
        true
    }
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Version {
    /// HTTP/1.
    Http1,
    /// HTTP/2, by prior knowledge.
    Http2,
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Waits until it is clear what the client speaks, which its first octets say.
    ///
    /// A client that says nothing, or nothing that can be read, speaks HTTP/1: whoever serves that finds the end.
    pub(super) async fn listen_first(&mut self) -> io::Result<Version> {
        poll_fn(|cx| self.poll_first(cx)).await
    }

    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Version>> {
        loop {
            match self.stage {
                Stage::Frames => return Poll::Ready(Ok(Version::Http2)),
                Stage::Head { first: true } => {}
                Stage::Head { first: false } | Stage::Body(_) | Stage::Over => {
                    return Poll::Ready(Ok(Version::Http1));
                }
            }
            if !self.unseen().is_empty() && self.clear() {
                continue;
            }
            match self.fill(cx) {
                Poll::Ready(Ok(0)) => self.stage = Stage::Over,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => ready!(self.poll_patience(cx)),
            }
        }
    }

    /// Reads what is there into `held`; 0 octets at the end of the stream.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.given > 0 {
            self.held.drain(..self.given);
            self.given = 0;
        }
        let mut room = [0_u8; READS];
        let mut buf = ReadBuf::new(&mut room);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
        self.held.extend_from_slice(buf.filled());
        Poll::Ready(Ok(buf.filled().len()))
    }

    /// Whether to go on waiting for what has not come; `Ready` if not.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let between = matches!(self.stage, Stage::Head { .. }) && self.unseen().is_empty();
        let waits = match self.stage {
            Stage::Head { .. } if between && self.draining.as_mut().poll(cx).is_ready() => Waits::LastCall,
            Stage::Head { .. } if between => Waits::Request,
            Stage::Head { .. } => Waits::Head,
            Stage::Body(_) | Stage::Frames | Stage::Over => Waits::Nothing,
        };
        self.wait_for(waits);
        if waits == Waits::Nothing {
            return Poll::Pending;
        }
        ready!(self.timer.as_mut().poll(cx));
        if between {
            self.stage = Stage::Over;
        } else {
            self.refuse(Refusal::HeadTooSlow);
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        loop {
            if gate.give(buf) {
                gate.waits = Waits::Nothing;
                return Poll::Ready(Ok(()));
            }
            if gate.stage == Stage::Over || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if !gate.unseen().is_empty() && gate.clear() {
                continue;
            }
            // A body that leaves no room for anything behind it need not be copied.
            if let Stage::Body(Passing::Length(rest)) = gate.stage
                && rest > buf.remaining() as u64
            {
                let before = buf.filled().len();
                ready!(Pin::new(&mut gate.stream).poll_read(cx, buf))?;
                let came = buf.filled().len().saturating_sub(before) as u64;
                gate.stage = Stage::Body(Passing::Length(rest.saturating_sub(came)));
                return Poll::Ready(Ok(()));
            }
            match gate.fill(cx) {
                Poll::Ready(Ok(0)) => {
                    gate.stage = Stage::Over;
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => ready!(gate.poll_patience(cx)),
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Gate<S> {
    /// Fails a write that the client has not taken for too long.
    fn poll_stall<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.stalled = None;
            return wrote;
        }
        let limit = self.patience.stall;
        let timer = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        let wrote = Pin::new(&mut gate.stream).poll_write(cx, octets);
        gate.poll_stall(cx, wrote)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        let wrote = Pin::new(&mut gate.stream).poll_write_vectored(cx, octets);
        gate.poll_stall(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        let flushed = Pin::new(&mut gate.stream).poll_flush(cx);
        gate.poll_stall(cx, flushed)
    }

    /// Says what is still to be said, ends our side, and listens for a while if there may be something unread.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        loop {
            match &mut gate.farewell {
                Farewell::Plain => {
                    ready!(Pin::new(&mut gate.stream).poll_shutdown(cx))?;
                    if !matches!(gate.stage, Stage::Body(_)) {
                        return Poll::Ready(Ok(()));
                    }
                    gate.listen();
                }
                Farewell::Say(words, said) => {
                    let rest = words.get(*said..).unwrap_or_default();
                    if rest.is_empty() {
                        gate.listen();
                        continue;
                    }
                    let wrote = Pin::new(&mut gate.stream).poll_write(cx, rest);
                    if let Poll::Ready(Ok(wrote)) = wrote {
                        *said += wrote;
                    }
                    ready!(gate.poll_stall(cx, wrote))?;
                }
                Farewell::Listen { .. } => {
                    ready!(Pin::new(&mut gate.stream).poll_shutdown(cx))?;
                    return gate.poll_listen(cx);
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    fn listen(&mut self) {
        self.farewell = Farewell::Listen { left: LISTENS };
        self.timer.as_mut().reset(Instant::now() + self.patience.linger);
    }

    /// Reads and drops what comes, for a while. However that ends, the connection has ended well.
    fn poll_listen(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let Farewell::Listen { left } = &mut self.farewell else {
                return Poll::Ready(Ok(()));
            };
            let mut room = [0_u8; READS];
            let mut buf = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() && *left > 0 => {
                    *left = left.saturating_sub(buf.filled().len());
                }
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<S> fmt::Debug for Gate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// What a client sends first that speaks HTTP/2 without having been told that we do.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// So much is read at a time.
const READS: usize = 8 * 1024;

/// A larger buffer is not kept between two requests.
const MOST_KEPT: usize = 16 * 1024;

/// So much is listened to after the last word.
const LISTENS: usize = 1 << 20;

#[cfg(test)]
mod tests;
