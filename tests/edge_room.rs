//! How many a door lets in, and how it closes: over real sockets (ROB-017, ROB-018), and X12 by `POST`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod edge_support;

use std::time::Duration;

use cartage::edge::settings::Speaks;
use cartage::edge::settings::Terms;
use cartage::flow::door::Reply;
use edge_support::Heard;
use edge_support::Script;
use edge_support::ask;
use edge_support::good;
use edge_support::hear;
use edge_support::open;
use edge_support::receipt;
use edge_support::send;
use edge_support::terms;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;

const READ: &[u8] = b"GET /fhir/Task/a HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn beyond_its_clients_a_door_asks_to_come_again() {
    let script = Script::holding(good());
    let door = open(
        Speaks::Fhir,
        Terms {
            clients: 2,
            ..terms()
        },
        script.clone(),
    )
    .await;
    let mut inside = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        stream.write_all(READ).await.unwrap();
        script.arrived.acquire().await.unwrap().forget();
        inside.push(stream);
    }
    let turned_away = Heard::of(&send(&door, READ).await);
    assert_eq!(
        (turned_away.status, turned_away.field("retry-after")),
        (503, Some("2"))
    );
    assert_eq!(turned_away.issue(), "throttled");
    script.may_answer.add_permits(2);
    for mut stream in inside {
        stream.shutdown().await.unwrap();
        assert!(hear(&mut stream).await.starts_with("HTTP/1.1 200 "));
    }
    // Room is free again once they have gone; the door notices each by itself.
    script.may_answer.add_permits(100);
    room_becomes_free(&door).await;
}

/// SEC-013: an address that takes all it can get leaves room for the others, and for others only.
#[tokio::test]
async fn a_stranger_with_many_connections_starves_nobody() {
    let script = Script::answering(good());
    let door = open(
        Speaks::Fhir,
        Terms {
            clients: 100,
            per_address: 3,
            ..terms()
        },
        script,
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        stream.write_all(READ).await.unwrap();
        let mut begun = [0; 13];
        stream.read_exact(&mut begun).await.unwrap();
        assert_eq!(&begun, b"HTTP/1.1 200 ");
        held.push(stream);
    }
    let turned_away = Heard::of(&send(&door, READ).await);
    assert_eq!(
        (turned_away.status, turned_away.field("retry-after")),
        (503, Some("2"))
    );
    // Many more than are told so: they are closed without a word, and nobody waits behind them.
    let mut crowd = Vec::new();
    for _ in 0..300 {
        crowd.push(TcpStream::connect(door.address()).await.unwrap());
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(door.address()).await.unwrap();
    other.write_all(READ).await.unwrap();
    other.shutdown().await.unwrap();
    assert!(hear(&mut other).await.starts_with("HTTP/1.1 200 "));
    drop(crowd);
    // Whoever leaves makes room for the next of the same address.
    drop(held);
    room_becomes_free(&door).await;
}

/// One connection with many requests has no more of a door than many connections with one each.
#[tokio::test]
async fn the_requests_of_one_address_are_bounded_as_its_connections_are() {
    let script = Script::holding(good());
    let door = open(
        Speaks::Fhir,
        Terms {
            clients: 100,
            per_address: 2,
            ..terms()
        },
        script.clone(),
    )
    .await;
    let stream = TcpStream::connect(door.address()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(executor, hyper_util::rt::TokioIo::new(stream))
            .await
            .unwrap();
    let running = tokio::spawn(connection);
    let mut ask = || {
        let request = http::Request::get("http://x/fhir/Task/a");
        sender.send_request(
            request
                .body(http_body_util::Empty::<bytes::Bytes>::new())
                .unwrap(),
        )
    };
    let held = [tokio::spawn(ask()), tokio::spawn(ask())];
    for _ in 0..2 {
        script.arrived.acquire().await.unwrap().forget();
    }
    assert_eq!(ask().await.unwrap().status(), 503);
    script.may_answer.add_permits(100);
    for answer in held {
        assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(ask().await.unwrap().status(), 200);
    drop(sender);
    running.await.unwrap().unwrap();
}

/// Asks until there is room again: the door notices by itself who has gone.
async fn room_becomes_free(door: &cartage::edge::network::Door) {
    let mut tries = 0;
    while Heard::of(&send_close(door).await).status != 200 {
        tries += 1;
        assert!(tries < 1000, "no room became free");
    }
}

async fn send_close(door: &cartage::edge::network::Door) -> String {
    send(
        door,
        b"GET /fhir/Task/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await
}

#[tokio::test]
async fn a_door_that_closes_answers_what_was_begun_and_takes_nothing_new() {
    let script = Script::holding(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let mut working = TcpStream::connect(door.address()).await.unwrap();
    working.write_all(READ).await.unwrap();
    script.arrived.acquire().await.unwrap().forget();
    let mut waiting = TcpStream::connect(door.address()).await.unwrap();
    let mut begun = TcpStream::connect(door.address()).await.unwrap();
    begun.write_all(b"GET /fhir/Task/a HTTP/1.1\r\n").await.unwrap();
    door.close();
    assert_eq!(
        hear(&mut waiting).await,
        "",
        "who waited is let go without a word"
    );
    begun.write_all(b"Host: x\r\n\r\n").await.unwrap();
    script.may_answer.add_permits(2);
    for mut stream in [working, begun] {
        let heard = Heard::of(&hear(&mut stream).await);
        assert_eq!((heard.status, heard.field("connection")), (200, Some("close")));
    }
    door.closed().await;
    assert!(TcpStream::connect(door.address()).await.is_err());
}

#[tokio::test]
async fn http_2_is_served_and_drained() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let stream = TcpStream::connect(door.address()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(executor, hyper_util::rt::TokioIo::new(stream))
            .await
            .unwrap();
    let running = tokio::spawn(connection);
    let request = http::Request::get("http://x/fhir/Task/a")
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(answer);
    door.close();
    door.closed().await;
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn interchanges_are_posted_and_acknowledged_in_the_answer() {
    let script = Script::answering(receipt());
    let door = open(Speaks::X12, terms(), script.clone()).await;
    for media in [
        "application/edi-x12",
        "application/EDI-X12",
        "text/plain",
        "application/octet-stream",
    ] {
        let heard = ask(&door, "POST /", &format!("Content-Type: {media}\r\n"), "ISA*00~").await;
        assert_eq!(
            (heard.status, heard.field("content-type")),
            (200, Some("application/edi-x12"))
        );
        assert_eq!(heard.body, "TA1*000000001*261120*1330*A*000~");
    }
    assert_eq!(
        ask(&door, "POST /x12", "Content-Type: application/edi-x12\r\n", "ISA")
            .await
            .status,
        200
    );
    let took = script.took();
    assert_eq!(
        (took[0].body.as_slice(), took[0].caller.partner.as_str()),
        (b"ISA*00~".as_slice(), "mercy")
    );
}

#[tokio::test]
async fn a_door_for_interchanges_refuses_in_a_line_of_text() {
    let door = open(
        Speaks::X12,
        Terms { body: 10, ..terms() },
        Script::answering(receipt()),
    )
    .await;
    let x12 = "Content-Type: application/edi-x12\r\n";
    for (line, fields, body, status) in [
        ("GET /", "", "", 405),
        ("POST /other", x12, "ISA", 404),
        ("POST /", "Content-Type: application/json\r\n", "{}", 415),
        ("POST /", x12, "ISA*00*too long", 413),
    ] {
        let heard = ask(&door, line, fields, body).await;
        assert_eq!(
            (heard.status, heard.field("content-type")),
            (status, Some("text/plain; charset=utf-8")),
            "{line}"
        );
        assert_eq!(heard.body.lines().count(), 1);
    }
    let closed = open(
        Speaks::X12,
        Terms {
            from: None,
            ..terms()
        },
        Script::answering(receipt()),
    )
    .await;
    assert_eq!(ask(&closed, "POST /", x12, "ISA").await.status, 401);
}

#[tokio::test]
async fn a_reply_from_behind_without_words_is_told_in_text() {
    let full = Reply {
        status: 507,
        retry_after: Some(Duration::from_secs(1)),
        ..Reply::default()
    };
    let door = open(Speaks::X12, terms(), Script::answering(full)).await;
    let heard = ask(&door, "POST /", "Content-Type: application/edi-x12\r\n", "ISA").await;
    assert_eq!(
        (heard.status, heard.body.as_str()),
        (507, "the message was not taken\n")
    );
}
