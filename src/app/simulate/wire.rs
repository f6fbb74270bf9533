//! HTTP as a simulated partner speaks it: a small server, a small client.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::header;
use http_body::Body;
use http_body::Frame;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most of a body that is taken.
const MOST: usize = 64 << 20;

/// The most connections that are served at once.
const CONNECTIONS: usize = 64;

/// How long the other side may take for a request or an answer as a whole.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a connection may stand without a request.
const IDLE: Duration = Duration::from_secs(75);

/// A request that came in whole.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: http::Method,
    pub(super) path: String,
    pub(super) body: Bytes,
}

/// What is answered to it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
    pub(super) manner: Manner,
}

/// How an answer is brought.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Manner {
    /// At once.
    #[default]
    Plain,
    /// In ten pieces, with this wait before each.
    Slow(Duration),
    /// Half of it; then the connection breaks.
    Cut,
}

/// What came back for a request of ours.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Why a request of ours got no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("the address is no http:// address")]
    Address,
    #[error("nobody answers at the address")]
    Refused,
    #[error("the connection broke")]
    Broken,
    #[error("the answer did not come in time")]
    Late,
}

/// Whoever answers requests.
pub(super) trait Answers: Send + Sync + 'static {
    /// Answers one request.
    fn answer(self: Arc<Self>, asked: Asked) -> impl Future<Output = Answer> + Send;
}

impl Answer {
    pub(super) fn new(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            media,
            location: None,
            body: body.into(),
            manner: Manner::Plain,
        }
    }

    fn response(self) -> Response<Paced> {
        let mut response = Response::builder().status(self.status);
        if !self.media.is_empty() {
            response = response.header(header::CONTENT_TYPE, self.media);
        }
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        // The length is that of the whole answer, so that a part of it is seen to be one.
        response = response.header(header::CONTENT_LENGTH, self.body.len());
        response
            .body(Paced::new(self.body, self.manner))
            .unwrap_or_else(|_| {
                let mut bare = Response::new(Paced::new(Bytes::new(), Manner::Plain));
                *bare.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                bare
            })
    }
}

/// The body of an answer, brought in its manner.
#[derive(Debug)]
struct Paced {
    rest: Bytes,
    piece: usize,
    pieces_gone: u32,
    manner: Manner,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    fn new(body: Bytes, manner: Manner) -> Self {
        let piece = match manner {
            Manner::Plain => body.len(),
            Manner::Slow(_) => body.len().div_ceil(10),
            Manner::Cut => body.len() / 2,
        };
        let wait = match manner {
            Manner::Slow(wait) => Some(Box::pin(tokio::time::sleep(wait))),
            Manner::Plain | Manner::Cut => None,
        };
        Self {
            rest: body,
            piece: piece.max(1),
            pieces_gone: 0,
            manner,
            wait,
        }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(wait) = &mut self.wait {
            if wait.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.wait = None;
        }
        if self.manner == Manner::Cut && self.pieces_gone > 0 {
            return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
        }
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        self.pieces_gone += 1;
        if let Manner::Slow(wait) = self.manner {
            self.wait = Some(Box::pin(tokio::time::sleep(wait)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Serves until it is told to stop, and then ends what is under way.
pub(super) async fn serve(
    listener: TcpListener,
    host: Arc<impl Answers>,
    tracker: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let (stream, place) = tokio::select! {
            () = stop.cancelled() => return,
            next = accept(&listener, &places) => match next {
                Some(next) => next,
                None => continue,
            },
        };
        let (host, stop) = (Arc::clone(&host), stop.clone());
        tracker.spawn(async move {
            let service = service_fn(move |request| {
                let host = Arc::clone(&host);
                async move { Ok::<_, Infallible>(respond(host, request).await.response()) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(IDLE)
                .serve_connection(TokioIo::new(stream), service);
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(PATIENCE, connection).await;
                }
            }
            drop(place);
        });
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(_) => {
            // The machine has no more files to give; it may have some again soon.
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn respond(host: Arc<impl Answers>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let whole = timeout(PATIENCE, Limited::new(body, MOST).collect()).await;
    let Ok(Ok(whole)) = whole else {
        return Answer::new(
            StatusCode::BAD_REQUEST,
            "text/plain",
            "the body did not come whole",
        );
    };
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        body: whole.to_bytes(),
    };
    host.answer(asked).await
}

/// Sends one request over a connection of its own.
///
/// # Errors
/// Whatever keeps an answer from coming; an answer of any status is none.
pub(super) async fn send(
    method: http::Method,
    url: &str,
    media: &'static str,
    token: Option<&str>,
    body: Bytes,
) -> Result<Reply, Unanswered> {
    let uri: Uri = url.parse().map_err(|_| Unanswered::Address)?;
    if uri.scheme_str() != Some("http") {
        return Err(Unanswered::Address);
    }
    let authority = uri.authority().ok_or(Unanswered::Address)?.clone();
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().unwrap_or(80);
    let mut request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, authority.as_str())
        .header(header::ACCEPT, media);
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, media);
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(body)).map_err(|_| Unanswered::Address)?;
    timeout(PATIENCE, exchange(&host, port, request))
        .await
        .unwrap_or(Err(Unanswered::Late))
}

async fn exchange(host: &str, port: u16, request: Request<Full<Bytes>>) -> Result<Reply, Unanswered> {
    let stream = TcpStream::connect((host, port))
        .await
        .map_err(|_| Unanswered::Refused)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Unanswered::Broken)?;
    let answered = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(|_| Unanswered::Broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST).collect().await;
        let body = body.map_err(|_| Unanswered::Broken)?.to_bytes();
        Ok(Reply { status, body })
    };
    let mut answered = std::pin::pin!(answered);
    tokio::select! {
        // The connection may end as soon as the answer is in it, so the answer is asked first and last.
        biased;
        answer = answered.as_mut() => answer,
        _ = connection => answered.await,
    }
}

/// A listener on the address, and the address that it got.
///
/// # Errors
/// As the system says.
pub(super) async fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
