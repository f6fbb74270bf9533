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
use tokio::io::AsyncWriteExt;
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
    let mut tries = 0;
    while Heard::of(&send_close(&door).await).status != 200 {
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
