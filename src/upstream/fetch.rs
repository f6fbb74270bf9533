//! Reads one content from a server of the configuration, as a stream (GW-16).
//!
//! No redirect is followed, every wait has an end, and a content whose end is in doubt is none. How much is taken in all,
//! and for how long, is for whoever reads.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::base::clock::Clock;
use crate::trust::tls::is_of_tls;
use crate::upstream::attempt::Trouble;
use crate::upstream::fhir::authorization;
use crate::upstream::http::Letter;
use crate::upstream::http::broken;
use crate::upstream::inquiry::Nothing;
use crate::upstream::limits::Limits;
use crate::upstream::outgoing::Outgoing;
use crate::upstream::pool::Line;
use crate::upstream::pool::Pool;
use crate::upstream::reach::may_dial;
use crate::upstream::reply::Head;
use crate::upstream::target::Target;
use crate::upstream::web::WebAddress;

/// Reads contents from servers of partners.
#[derive(Debug)]
pub struct Fetcher {
    limits: Limits,
    clock: Arc<dyn Clock>,
    pool: Pool,
    /// The room at each server, so that a slow one takes nobody else's.
    rooms: Mutex<HashMap<WebAddress, Arc<Semaphore>>>,
}

/// A content on its way to us; dropping it closes its connection.
pub struct Download {
    /// `Content-Type`, without parameters and in lower case.
    pub media: Option<String>,
    /// How many octets were announced.
    pub length: Option<u64>,
    body: Incoming,
    limits: Limits,
    _line: Line,
    _turn: OwnedSemaphorePermit,
}

/// Why a content is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotThere {
    /// The name of the server leads to a machine that is never meant (SEC-024).
    #[error("the server is no machine that may be dialled")]
    Forbidden,
    /// The server sends us elsewhere.
    #[error("the server redirects")]
    Redirected,
    /// The server answers with this status.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The content is packed in a way that nobody asked for.
    #[error("the content is encoded in transfer")]
    Encoded,
    /// The way there is broken.
    #[error("the server cannot be read from: {0}")]
    Trouble(Trouble),
}

impl From<Trouble> for NotThere {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Fetcher {
    /// Has fetched nothing yet.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            pool: Pool::new(limits, Arc::clone(&clock)),
            limits,
            clock,
            rooms: Mutex::default(),
        }
    }

    /// Asks for a content; `media` is what it should be. Each is read on a connection of its own, and waits for its turn
    /// if many are read from the same server. How long that may take is for whoever calls.
    ///
    /// Cancelling it closes the connection.
    ///
    /// # Errors
    /// Says why it is not there.
    pub async fn open(&self, target: &Target, media: Option<&str>) -> Result<Download, NotThere> {
        let turn = self.room_at(&target.server).acquire_owned().await;
        let turn = turn.map_err(|_| Trouble::NoConnection)?;
        let letter = Letter {
            method: Method::GET,
            to: &target.server,
            path: &target.path,
            headers: headers(target, media).ok_or(Trouble::Unsuited)?,
            content: &Nothing,
            most: 0,
        };
        let (nothing, _) = Outgoing::of(&Nothing);
        let request = letter.request(nothing)?;
        let host = target.server.host();
        let dialled = self
            .pool
            .dial_where(&target.server, |found| may_dial(host, found));
        let mut line = dialled.await?.ok_or(NotThere::Forbidden)?;
        let answered = timeout(self.limits.answer, line.sender.send_request(request));
        let response = match answered.await {
            Ok(Ok(response)) => response,
            Ok(Err(fault)) if fault.is_parse() => return Err(Trouble::Framing.into()),
            Ok(Err(fault)) if is_of_tls(&fault) => return Err(Trouble::Tls.into()),
            Ok(Err(_)) => return Err(Trouble::Cut.into()),
            Err(_) => return Err(Trouble::AnswerSlow.into()),
        };
        let (parts, body) = response.into_parts();
        let head = Head::read(&parts, self.clock.now())?;
        if parts.status.is_redirection() {
            return Err(NotThere::Redirected);
        }
        if parts.status != StatusCode::OK {
            return Err(NotThere::Status(head.status));
        }
        let encoding = parts.headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err(NotThere::Encoded);
        }
        if !head.is_framed {
            return Err(Trouble::Framing.into());
        }
        let length = parts.headers.get(header::CONTENT_LENGTH);
        Ok(Download {
            media: head.media,
            length: length.and_then(|length| length.to_str().ok()?.parse().ok()),
            body,
            limits: self.limits,
            _line: line,
            _turn: turn,
        })
    }
}

impl Fetcher {
    fn room_at(&self, server: &WebAddress) -> Arc<Semaphore> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        // Servers that were taken out of the configuration leave their rooms behind, with nobody in them.
        if rooms.len() >= SERVERS && !rooms.contains_key(server) {
            rooms.retain(|_, room| room.available_permits() < AT_ONCE);
        }
        let room = rooms
            .entry(server.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
        Arc::clone(room)
    }
}

impl Download {
    /// The next octets; `None` after the last, which is the last that was announced.
    ///
    /// # Errors
    /// Says why the rest is not there.
    pub async fn next(&mut self) -> Result<Option<Bytes>, NotThere> {
        loop {
            let frame = timeout(self.limits.stall, self.body.frame());
            match frame.await.map_err(|_| Trouble::Stalled)? {
                None => return Ok(None),
                Some(Err(fault)) => return Err(broken(&fault).into()),
                Some(Ok(frame)) => {
                    if let Ok(octets) = frame.into_data() {
                        return Ok(Some(octets));
                    }
                }
            }
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

fn headers(target: &Target, media: Option<&str>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    // A FHIR server gives the octets of a Binary only to who asks for their type; others have one form of it anyway.
    let accept = match media {
        Some(media) => HeaderValue::from_str(&format!("{media}, */*;q=0.1")).ok()?,
        None => HeaderValue::from_static("*/*"),
    };
    headers.insert(header::ACCEPT, accept);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if let Some(bearer) = &target.bearer {
        headers.insert(header::AUTHORIZATION, authorization(bearer)?);
    }
    Some(headers)
}

/// How many contents are read at once from one server.
const AT_ONCE: usize = 16;

/// How many servers are remembered that nobody reads from.
const SERVERS: usize = 4096;
