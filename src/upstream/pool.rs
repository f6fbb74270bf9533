//! Connections to peers: made, lent to one request at a time, kept for a while.

use std::collections::HashMap;
use std::error::Error as _;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::upstream::attempt::Trouble;
use crate::upstream::limits::Limits;
use crate::upstream::outgoing::Outgoing;
use crate::upstream::web::WebAddress;

/// Connections that nobody uses, by address: two that differ in their proofs of who we are share none.
#[derive(Debug)]
pub(crate) struct Pool {
    limits: Limits,
    clock: Arc<dyn Clock>,
    idle: Mutex<HashMap<WebAddress, Vec<Idle>>>,
}

#[derive(Debug)]
struct Idle {
    line: Line,
    since: Tick,
}

/// One connection, for one request at a time. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) sender: http1::SendRequest<Outgoing>,
    driver: JoinHandle<hyper::Result<()>>,
    /// Whether it carried a request before: its peer may have closed it since.
    pub(crate) is_used: bool,
}

impl Pool {
    /// A pool without connections.
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits,
            clock,
            idle: Mutex::default(),
        }
    }

    /// A connection that was kept and is still good, as far as that is known.
    pub(crate) fn take(&self, to: &WebAddress) -> Option<Line> {
        let now = self.clock.tick();
        let mut idle = self.lock();
        let kept = idle.get_mut(to)?;
        while let Some(found) = kept.pop() {
            if now.since(found.since) < self.limits.idle && found.line.sender.is_ready() {
                return Some(found.line);
            }
        }
        idle.remove(to);
        None
    }

    /// Keeps a connection whose request was answered in full.
    pub(crate) fn keep(&self, to: &WebAddress, mut line: Line) {
        line.is_used = true;
        let since = self.clock.tick();
        let mut idle = self.lock();
        // Peers that were taken out of the configuration leave lists behind; their connections end by themselves.
        if !idle.contains_key(to) && idle.len() >= PEERS {
            idle.clear();
        }
        let kept = idle.entry(to.clone()).or_default();
        kept.retain(|idle| !idle.line.sender.is_closed() && since.since(idle.since) < self.limits.idle);
        if kept.len() < self.limits.idle_most {
            kept.push(Idle { line, since });
        }
    }

    /// A new connection.
    pub(crate) async fn dial(&self, to: &WebAddress) -> Result<Line, Trouble> {
        let line = self.dial_where(to, |_| true).await?;
        line.ok_or(Trouble::NoSuchHost)
    }

    /// A new connection to an address of the host that `may` be dialled; nothing if it has others only.
    pub(crate) async fn dial_where(
        &self,
        to: &WebAddress,
        may: impl Fn(IpAddr) -> bool,
    ) -> Result<Option<Line>, Trouble> {
        match timeout(self.limits.connect, connect(to, may)).await {
            Ok(line) => line,
            Err(_) => Err(Trouble::ConnectSlow),
        }
    }

    /// Whether somebody takes a connection, which is closed again at once.
    pub(crate) async fn reach(&self, to: &WebAddress) -> Result<(), Trouble> {
        match timeout(self.limits.connect, reach(to)).await {
            Ok(reached) => reached,
            Err(_) => Err(Trouble::ConnectSlow),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WebAddress, Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Line {
    /// Whoever is done with a connection is done with its peer, even if that still has something to read.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Line {
    /// Waits until the connection is free for the next request.
    ///
    /// `Ok(None)` if it cannot carry another one.
    ///
    /// # Errors
    /// The peer sent more than its answer: what that was meant to be nobody can tell.
    pub(crate) async fn rest(mut self) -> Result<Option<Self>, Trouble> {
        match timeout(SETTLING, self.sender.ready()).await {
            Ok(Ok(())) => Ok(Some(self)),
            Err(_) => Ok(None),
            Ok(Err(_)) => match timeout(SETTLING, &mut self.driver).await {
                Ok(Ok(Err(fault))) if is_surplus(&fault) => Err(Trouble::Framing),
                // It closed, be it with a reset: the answer was whole before.
                _ => Ok(None),
            },
        }
    }
}

/// Whether the connection ended because of bytes that belong to no answer.
fn is_surplus(fault: &hyper::Error) -> bool {
    let is_io = fault
        .source()
        .is_some_and(<dyn std::error::Error>::is::<io::Error>);
    !(is_io
        || fault.is_incomplete_message()
        || fault.is_canceled()
        || fault.is_closed()
        || fault.is_body_write_aborted())
}

async fn connect(to: &WebAddress, may: impl Fn(IpAddr) -> bool) -> Result<Option<Line>, Trouble> {
    let found = lookup_host((to.host(), to.port())).await;
    let found: Vec<SocketAddr> = found.map_err(|_| Trouble::NoSuchHost)?.collect();
    if found.is_empty() {
        return Err(Trouble::NoSuchHost);
    }
    let mut trouble = None;
    // What was judged is what is dialled: the name is not looked up a second time.
    for address in found.into_iter().filter(|found| may(found.ip())) {
        trouble = Some(Trouble::NoConnection);
        let Ok(stream) = TcpStream::connect(address).await else {
            continue;
        };
        // Requests are written in one go; waiting for more would only delay their last piece.
        let _ = stream.set_nodelay(true);
        let line = match to.tls() {
            None => begin(stream).await,
            // A certificate that is not trusted on one address is no reason to ask the next.
            Some(tls) => begin(tls.connect(to.host(), stream).await.map_err(|_| Trouble::Tls)?).await,
        };
        if line.is_some() {
            return Ok(line);
        }
    }
    trouble.map_or(Ok(None), Err)
}

async fn reach(to: &WebAddress) -> Result<(), Trouble> {
    let found = lookup_host((to.host(), to.port())).await;
    let found: Vec<SocketAddr> = found.map_err(|_| Trouble::NoSuchHost)?.collect();
    match TcpStream::connect(&*found).await {
        Ok(_) => Ok(()),
        Err(_) if found.is_empty() => Err(Trouble::NoSuchHost),
        Err(_) => Err(Trouble::NoConnection),
    }
}

/// Begins to speak HTTP.
async fn begin<S>(stream: S) -> Option<Line>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut protocol = http1::Builder::new();
    protocol.max_headers(HEADERS).max_buf_size(BUFFER);
    let (sender, connection) = protocol.handshake(TokioIo::new(stream)).await.ok()?;
    Some(Line {
        sender,
        driver: tokio::spawn(connection),
        is_used: false,
    })
}

/// Headers of a reply, at most.
const HEADERS: usize = 100;

/// Bytes of a connection's buffer, and so of the head of a reply.
const BUFFER: usize = 64 * 1024;

/// Peers whose connections are kept, at most.
const PEERS: usize = 4096;

/// How long a connection may take from the last byte of an answer to being free.
const SETTLING: Duration = Duration::from_secs(1);
