//! The courier with real sockets: partners that are sick on the wire, and one that is well (ROB-015).

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use cartage::base::clock::SystemClock;
use cartage::flow::courier::Settings;
use cartage::ledger::found::Standing;
use cartage::upstream::address::Address;
use cartage::upstream::carrier::Carrier;
use cartage::upstream::limits::Limits;
use cartage::upstream::web::WebAddress;

use crate::scene::Scene;

/// How a partner treats a connection: what it answers to each request; `None` is that it never answers.
type Answer = Option<&'static [u8]>;

const WELL: Answer = Some(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

async fn partner(answer: Answer) -> Address {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = WebAddress::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, answer));
        }
    });
    Address::Fhir { base, bearer: None }
}

async fn serve(mut stream: TcpStream, answer: Answer) {
    let mut bytes = Vec::new();
    loop {
        // Each request ends with the two octets of its body.
        while !bytes.ends_with(b"{}") {
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        bytes.clear();
        let Some(answer) = answer else {
            return std::future::pending().await;
        };
        if stream.write_all(answer).await.is_err()
            || !answer.starts_with(b"HTTP/1.1 200 OK\r\nContent-Length: 0")
        {
            return;
        }
    }
}

#[tokio::test]
async fn sick_partners_on_the_wire_hold_up_nobody() {
    let sick: [(&str, Answer); 6] = [
        ("silent", None),
        ("cut", Some(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")),
        (
            "garbage",
            Some(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
        ),
        (
            "two-ends",
            Some(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        (
            "busy",
            Some(b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"),
        ),
        ("noise", Some(b"\x16\x03\x01\x00\x05")),
    ];
    let names: Vec<&str> = sick.iter().map(|(name, _)| *name).chain(["well"]).collect();
    let mut scene = Scene::new(&names);
    for (name, answer) in sick.iter().chain([&("well", WELL)]) {
        let address = partner(*answer).await;
        scene
            .clerk
            .addresses
            .lock()
            .unwrap()
            .insert((*name).to_owned(), address);
    }
    let limits = Limits {
        answer: Duration::from_millis(500),
        ..Limits::default()
    };
    let carrier = Carrier::new(limits, Arc::new(SystemClock::start()));
    let running = scene.run_with(
        Settings {
            drain: Duration::from_millis(100),
            ..Settings::default()
        },
        Arc::new(carrier),
    );
    let mut failing = Vec::new();
    for (name, _) in &sick {
        for _ in 0..20 {
            failing.push(scene.put(name).await);
        }
    }
    let mut going = Vec::new();
    for _ in 0..100 {
        going.push(scene.put("well").await);
    }
    for id in going {
        scene.until(id, Standing::Delivered).await;
    }
    for id in failing {
        assert_eq!(scene.standing(id).await, Standing::Waiting);
    }
    running.stop().await;
}
