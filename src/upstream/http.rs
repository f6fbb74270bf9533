//! One request to a peer, and all of its answer.
//!
//! No redirect is followed, no reply is believed whose end is in doubt, and every wait has an end.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::Uri;
use http::header;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::base::clock::Clock;
use crate::trust::tls::is_of_tls;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;
use crate::upstream::limits::Limits;
use crate::upstream::outgoing::Outgoing;
use crate::upstream::outgoing::Progress;
use crate::upstream::parcel::Content;
use crate::upstream::pool::Line;
use crate::upstream::pool::Pool;
use crate::upstream::reply::Head;
use crate::upstream::web::WebAddress;

/// Speaks HTTP to peers.
#[derive(Debug)]
pub(crate) struct Web {
    limits: Limits,
    clock: Arc<dyn Clock>,
    pool: Pool,
}

/// What is sent.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) method: Method,
    pub(crate) to: &'a WebAddress,
    /// What follows the path of the address.
    pub(crate) path: &'a str,
    pub(crate) headers: HeaderMap,
    pub(crate) content: &'a dyn Content,
    /// The longest body of an answer that is read, in bytes.
    pub(crate) most: usize,
}

/// Why a request has no answer.
enum Loss {
    /// The peer had closed a connection that was kept; on a new one it may be well.
    Stale,
    /// Anything else.
    Trouble(Trouble),
}

impl From<Trouble> for Loss {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Web {
    /// A client that has spoken to nobody yet.
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits,
            pool: Pool::new(limits, Arc::clone(&clock)),
            clock,
        }
    }

    /// Sends a letter.
    ///
    /// Cancelling it closes the connection; the peer may have the letter all the same.
    pub(crate) async fn send(&self, letter: &Letter<'_>) -> Attempt {
        let whole = self.limits.whole(letter.content.length());
        match timeout(whole, self.converse(letter)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(trouble)) => Attempt::failed(trouble),
            Err(_) => Attempt::failed(Trouble::AnswerSlow),
        }
    }

    /// Whether somebody takes a connection.
    pub(crate) async fn reach(&self, to: &WebAddress) -> Result<(), Trouble> {
        self.pool.reach(to).await
    }

    /// On a kept connection if there is one, and then once more on a new one if the kept one was dead.
    async fn converse(&self, letter: &Letter<'_>) -> Result<Attempt, Trouble> {
        if let Some(line) = self.pool.take(letter.to) {
            match self.speak(line, letter).await {
                Ok(answer) => return Ok(answer),
                Err(Loss::Trouble(trouble)) => return Err(trouble),
                Err(Loss::Stale) => {}
            }
        }
        let line = self.pool.dial(letter.to).await?;
        match self.speak(line, letter).await {
            Ok(answer) => Ok(answer),
            Err(Loss::Trouble(trouble)) => Err(trouble),
            Err(Loss::Stale) => Err(Trouble::Cut),
        }
    }

    async fn speak(&self, mut line: Line, letter: &Letter<'_>) -> Result<Attempt, Loss> {
        let (body, progress) = Outgoing::of(letter.content);
        let request = letter.request(body)?;
        let answered = line.sender.send_request(request);
        let response = match self.patiently(answered, &progress).await? {
            Ok(response) => response,
            Err(_) if progress.is_unreadable() => return Err(Trouble::Unreadable.into()),
            Err(fault) if fault.is_parse() => return Err(Trouble::Framing.into()),
            // With TLS 1.3 a peer that does not trust our certificate says so in place of an answer.
            Err(fault) if is_of_tls(&fault) => return Err(Trouble::Tls.into()),
            // Nothing of an answer came: a peer that closes idle connections may just have done so.
            Err(_) if line.is_used => return Err(Loss::Stale),
            Err(_) => return Err(Trouble::Cut.into()),
        };
        let (parts, body) = response.into_parts();
        let head = Head::read(&parts, self.clock.now())?;
        let body = match timeout(self.limits.answer, collect(body, letter.most)).await {
            Ok(body) => body?,
            Err(_) => return Err(Trouble::AnswerSlow.into()),
        };
        // Nobody can have taken what was not sent; a refusal may come early.
        if (200..300).contains(&head.status) && !progress.is_whole() {
            return Err(Trouble::Cut.into());
        }
        // A peer that answers before it has taken the whole message is not read on from.
        if head.is_framed
            && progress.is_whole()
            && let Some(line) = line.rest().await?
        {
            self.pool.keep(letter.to, line);
        }
        Ok(Attempt::Answered {
            status: head.status,
            media: head.media,
            location: head.location,
            retry_after: head.retry_after,
            body,
        })
    }

    /// Waits for the head of the answer as long as the peer takes the message, and then for a while.
    async fn patiently(
        &self,
        answered: impl Future<Output = hyper::Result<Response<Incoming>>>,
        progress: &Progress,
    ) -> Result<hyper::Result<Response<Incoming>>, Trouble> {
        let mut answered = std::pin::pin!(answered);
        loop {
            let (taken, is_whole) = (progress.taken(), progress.is_whole());
            let patience = if is_whole {
                self.limits.answer
            } else {
                self.limits.stall
            };
            if let Ok(response) = timeout(patience, &mut answered).await {
                return Ok(response);
            }
            if is_whole {
                return Err(Trouble::AnswerSlow);
            }
            if progress.taken() == taken {
                return Err(Trouble::Stalled);
            }
        }
    }
}

impl Letter<'_> {
    pub(crate) fn request(&self, body: Outgoing) -> Result<Request<Outgoing>, Trouble> {
        let target = format!("{}{}", self.to.path(), self.path);
        let target: Uri = target.parse().map_err(|_| Trouble::Unsuited)?;
        let request = Request::builder().method(&self.method).uri(target);
        let mut request = request.body(body).map_err(|_| Trouble::Unsuited)?;
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        let host = HeaderValue::from_str(self.to.authority()).map_err(|_| Trouble::Unsuited)?;
        headers.insert(header::HOST, host);
        // Some servers refuse a question that announces content, be it none.
        if self.method != Method::GET {
            headers.insert(header::CONTENT_LENGTH, self.content.length().into());
        }
        headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
        Ok(request)
    }
}

/// The body of a reply, as far as it is bearable.
async fn collect(mut body: Incoming, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|fault| broken(&fault))?;
        if let Ok(piece) = frame.into_data() {
            if whole.len() + piece.len() > most {
                return Err(Trouble::ReplyTooLong);
            }
            whole.extend_from_slice(&piece);
        }
    }
    Ok(whole)
}

/// What it means that a body broke off: its chunks make no sense, or the connection was cut.
pub(crate) fn broken(fault: &hyper::Error) -> Trouble {
    let cause = fault.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    let is_misframed = cause.is_some_and(|cause| {
        matches!(
            cause.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    });
    if is_misframed {
        Trouble::Framing
    } else {
        Trouble::Cut
    }
}

const AGENT: &str = concat!("cartage/", env!("CARGO_PKG_VERSION"));
