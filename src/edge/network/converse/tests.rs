//! HTTP/2 on a stream in memory and on paused time: nobody keeps a place for ever.

use http_body_util::Empty;
use hyper::client::conn::http2::Builder;
use hyper::client::conn::http2::SendRequest;
use tokio::io::duplex;
use tokio::task::JoinHandle;

use super::*;
use crate::edge::Behind;
use crate::edge::Coming;
use crate::edge::settings::Endpoint;
use crate::edge::settings::Facade;
use crate::edge::settings::Speaks;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;

/// Answers everything with a Task, once it may.
#[derive(Debug)]
struct Answers(CancellationToken);

impl Behind for Answers {
    fn x12<'a>(&'a self, _: &'a Caller, _: &'a mut dyn Incoming) -> Coming<'a> {
        Box::pin(async { Reply::default() })
    }

    fn facade<'a>(&'a self, _: &'a Caller, _: Interaction, _: Prefer, _: &'a mut dyn Incoming) -> Coming<'a> {
        Box::pin(async {
            self.0.cancelled().await;
            Reply {
                status: 200,
                body: "{}".into(),
                ..Reply::default()
            }
        })
    }
}

/// A connection: the client's hand, and the ends of both sides.
struct Line {
    sender: SendRequest<Empty<Bytes>>,
    client: JoinHandle<hyper::Result<()>>,
    server: JoinHandle<()>,
    closing: CancellationToken,
    may_answer: CancellationToken,
}

async fn line(window: u32) -> Line {
    let may_answer = CancellationToken::new();
    let endpoint = Endpoint {
        name: "front".to_owned(),
        speaks: Speaks::Fhir,
        address: "127.0.0.1:0".parse().unwrap(),
    };
    let terms = Terms {
        from: Some("mercy".to_owned()),
        tokens: Arc::default(),
        names: Arc::default(),
        body: 1 << 20,
        clients: 10,
        per_address: 10,
        timeout: Duration::from_secs(30),
        tls: None,
        facade: Facade::default(),
    };
    let room = Room::new(endpoint, terms, Arc::new(Answers(may_answer.clone())), 7);
    let closing = room.closing.child_token();
    let client = Arc::new(Client {
        guest: room.crowd.enter("127.0.0.1".parse().unwrap(), 10).unwrap(),
        shown: None,
        closing: closing.clone(),
        pace: Pace::new(),
    });
    let (ours, theirs) = duplex(1 << 16);
    let server = tokio::spawn(async move { converse(ours, &room, client).await });
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(TokioIo::new(theirs))
        .await
        .unwrap();
    Line {
        sender,
        client: tokio::spawn(connection),
        server,
        closing,
        may_answer,
    }
}

fn read() -> http::Request<Empty<Bytes>> {
    http::Request::get("http://x/fhir/Task/a")
        .body(Empty::new())
        .unwrap()
}

/// The end, unless it never comes: then all the time in the world passes at once.
async fn ended<T>(task: JoinHandle<T>) -> bool {
    timeout(Duration::from_hours(24), task).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn who_asks_nothing_more_is_let_go() {
    let mut line = line(1 << 16).await;
    line.may_answer.cancel();
    let answer = line.sender.send_request(read()).await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(answer);
    assert!(ended(line.server).await);
    assert!(line.client.await.unwrap().is_ok(), "it is told before");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_take_its_answer_is_let_go() {
    let mut line = line(0).await;
    line.may_answer.cancel();
    let answer = line.sender.send_request(read()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(ended(line.server).await);
    drop(answer);
}

#[tokio::test(start_paused = true)]
async fn a_request_under_way_is_answered_although_the_door_closes() {
    let mut line = line(1 << 16).await;
    let answer = tokio::spawn(line.sender.send_request(read()));
    tokio::task::yield_now().await;
    // Idle is who waits for us least of all.
    tokio::time::sleep(Patience::USUAL.idle * 2).await;
    line.closing.cancel();
    tokio::time::sleep(Patience::USUAL.stall * 2).await;
    line.may_answer.cancel();
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    assert!(ended(line.server).await);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_does_not_hold_a_closed_door() {
    let mut line = line(1 << 16).await;
    let answer = tokio::spawn(line.sender.send_request(read()));
    tokio::task::yield_now().await;
    line.closing.cancel();
    assert!(ended(line.server).await);
    assert!(answer.await.unwrap().is_err());
}
