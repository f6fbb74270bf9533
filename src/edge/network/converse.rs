//! One connection, from the first octet to the last. Whatever breaks it concerns nobody else.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::catch_panic::ResponseForPanic;
use tower_http::set_header::SetResponseHeaderLayer;

use super::Room;
use crate::edge::crowd::Guest;
use crate::edge::gate::Gate;
use crate::edge::gate::Patience;
use crate::edge::gate::Version;
use crate::edge::pace::Pace;
use crate::edge::refusal::Dialect;
use crate::edge::refusal::Refusal;
use crate::edge::reply;
use crate::edge::reply::Answer;
use crate::edge::settings::Terms;
use crate::trust::door::DoorStream;
use crate::trust::door::Holder;

/// Whoever is at the other end of a connection.
pub(super) struct Client {
    pub(super) guest: Guest,
    /// Whose certificate it showed.
    pub(super) shown: Option<Holder>,
    /// Cancelled when the connection is to end with the request that is under way.
    pub(super) closing: CancellationToken,
    pub(super) pace: Arc<Pace>,
}

/// A connection on which it is agreed how to speak.
pub(super) enum Spoken {
    Plain(TcpStream),
    Tls(Box<DoorStream>),
}

/// Agrees with a client on how to speak, if the door speaks TLS.
pub(super) async fn agree(stream: TcpStream, terms: &Terms) -> Option<Spoken> {
    let Some(tls) = &terms.tls else {
        return Some(Spoken::Plain(stream));
    };
    let agreed = timeout(Patience::USUAL.head, tls.accept(stream)).await;
    agreed.ok()?.ok().map(|stream| Spoken::Tls(Box::new(stream)))
}

/// Tells a client that there is no room.
pub(super) async fn turn_away<S: AsyncRead + AsyncWrite + Unpin>(stream: S, dialect: Dialect) {
    let mut gate = Gate::new(stream, dialect, Patience::USUAL, CancellationToken::new());
    gate.refuse(Refusal::Busy);
    // Whether the client hears it is its own affair.
    let _ = gate.shutdown().await;
}

/// Serves one connection to its end.
pub(super) async fn converse<S>(stream: S, room: &Arc<Room>, client: Arc<Client>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (closing, pace) = (client.closing.clone(), Arc::clone(&client.pace));
    let mut gate = Gate::new(stream, room.dialect(), Patience::USUAL, closing.clone());
    let Ok(spoken) = gate.listen_first().await else {
        return;
    };
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(CatchPanicLayer::custom(Sorry(room.dialect())))
        .service(tower::service_fn({
            let room = Arc::clone(room);
            move |request| {
                let (room, client) = (Arc::clone(&room), Arc::clone(&client));
                async move {
                    let _step = client.pace.step();
                    Ok::<_, Infallible>(room.answer(request, &client).await)
                }
            }
        }));
    let service = TowerToHyperService::new(service);
    let stream = TokioIo::new(gate);
    match spoken {
        Version::Http1 => {
            // Half-closed is not gone: who has sent a request gets its answer, and what is being kept is not cut off.
            let connection = http1::Builder::new()
                .half_close(true)
                .header_read_timeout(None)
                .max_buf_size(64 * 1024)
                .timer(TokioTimer::new())
                .serve_connection(stream, service);
            // The gate ends it: it knows when a request is waited for, and when the client does not read.
            let _ = connection.await;
        }
        Version::Http2 => {
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(128)
                .max_pending_accept_reset_streams(20)
                .max_local_error_reset_streams(64)
                .max_header_list_size(32 * 1024)
                .keep_alive_interval(Duration::from_secs(75))
                .keep_alive_timeout(Duration::from_secs(30))
                .serve_connection(stream, service);
            let mut connection = pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return,
                () = closing.cancelled() => {}
                () = pace.idle(Patience::USUAL.idle) => {}
            }
            connection.as_mut().graceful_shutdown();
            last_words(connection, &pace).await;
        }
    }
}

/// Waits for a connection that has been told to end; not for a client that does not read its answers, nor for a request
/// that never ends.
async fn last_words<T>(connection: impl Future<Output = T>, pace: &Pace) {
    tokio::select! {
        _ = connection => {}
        () = pace.idle(Patience::USUAL.stall) => {}
        () = pace.still(LONGEST_REQUEST) => {}
    }
}

/// Answers a request whose work failed as nothing should.
#[derive(Clone, Copy)]
struct Sorry(Dialect);

impl ResponseForPanic for Sorry {
    type ResponseBody = Full<Bytes>;

    fn response_for_panic(&mut self, _: Box<dyn Any + Send>) -> Answer {
        reply::refuse(Refusal::Failed, self.0)
    }
}

/// So long a connection that is to end is left to requests that were begun.
const LONGEST_REQUEST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests;
