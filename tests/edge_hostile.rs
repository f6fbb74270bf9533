//! What no client should send, over real sockets (SEC-010, SEC-011, SEC-012).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod edge_support;

use cartage::edge::settings::Speaks;
use edge_support::Heard;
use edge_support::Script;
use edge_support::good;
use edge_support::open;
use edge_support::send;
use edge_support::terms;

const CHUNKS: &str = "5\r\nhello\r\n0\r\n\r\n";

/// Sends it, and expects this status with an OperationOutcome, the end of the connection, and that nothing of it was
/// taken behind the door.
async fn check(request: &str, status: u16) {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let heard = Heard::of(&send(&door, request.as_bytes()).await);
    assert_eq!(heard.status, status, "{request:?}\n{heard:?}");
    assert!(!heard.issue().is_empty());
    assert_eq!(heard.field("connection"), Some("close"), "{request:?}");
    assert!(!heard.body.contains("}HTTP/"), "one answer only: {heard:?}");
    assert_eq!(script.took(), []);
}

fn post(fields: &str, body: &str) -> String {
    format!(
        "POST /fhir/Task HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n{fields}\r\n{body}"
    )
}

#[tokio::test]
async fn a_body_with_two_ends_is_refused() {
    for (fields, body) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", CHUNKS),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNKS),
        ("Transfer-Encoding: chunked\t\r\nContent-Length: 5\r\n", "hello"),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
        ("Content-Length: +5\r\n", "hello"),
        ("Content-Length: 5, 5\r\n", "hello"),
        ("Transfer-Encoding: chunked, identity\r\n", CHUNKS),
        ("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "hello"),
    ] {
        check(&post(fields, body), 400).await;
    }
    check(
        "POST /fhir/Task HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    )
    .await;
}

#[tokio::test]
async fn a_coding_that_nobody_knows_is_refused() {
    check(&post("Transfer-Encoding: xchunked\r\n", CHUNKS), 501).await;
    check(&post("Transfer-Encoding: gzip, chunked\r\n", CHUNKS), 501).await;
}

#[tokio::test]
async fn a_damaged_chunk_is_the_fault_of_the_request() {
    let chunked = |chunks: &str| post("Transfer-Encoding: chunked\r\n", chunks);
    check(&chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), 400).await;
    check(&chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"), 400).await;
    check(&chunked("5\r\nhelloX\r\n0\r\n\r\n"), 400).await;
    check(&chunked("zz\r\nhello\r\n0\r\n\r\n"), 400).await;
}

#[tokio::test]
async fn a_head_that_can_be_read_twice_is_refused() {
    for head in [
        "POST /fhir/Task HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n",
        "POST /fhir/Task HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello",
        "GET /fhir/Task HTTP/1.1\r\nHost: x\r\nX-A: b\rX-Evil: 1\r\n\r\n",
        "GET /fhir/Task HTTP/1.1\r\nHost: x\r\nX-A: b\u{0}c\r\n\r\n",
        "GET /fhir/Task HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /fhir/Task HTTP/1.1\r\n\r\n",
        "GET http://evil/fhir/Task HTTP/1.1\r\nHost: x\r\n\r\n",
        "GE T /fhir/Task HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /fhir/Task HTTP/1.1\r\nHost: x\r\nConnection: close, Authorization\r\nAuthorization: Bearer z\r\n\r\n",
        "GET /fhir/Task HTTP/3.0\r\nHost: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\u{5}hello",
    ] {
        check(head, 400).await;
    }
}

#[tokio::test]
async fn a_head_has_its_bounds() {
    let fields: String = (0..101).map(|n| format!("X-{n}: 1\r\n")).collect();
    check(
        &format!("GET /fhir/Task HTTP/1.1\r\nHost: x\r\n{fields}\r\n"),
        431,
    )
    .await;
    let long = "a".repeat(64 * 1024);
    check(
        &format!("GET /fhir/Task HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\n\r\n"),
        431,
    )
    .await;
    check(&format!("GET /fhir/{long} HTTP/1.1\r\nHost: x\r\n\r\n"), 431).await;
}

#[tokio::test]
async fn a_path_has_one_form() {
    for path in [
        "/fhir/../admin",
        "/fhir/%2e%2e/admin",
        "/fhir%2f..%2fadmin",
        "/fhir//Task",
        "/fhir/Task;v=1",
        "/fhir/Task%00",
        "/fhir/Task%25",
        "/fhir/Task%5c",
        "/fhir/%ff",
        "/fhir/Task?identifier=%zz",
    ] {
        check(
            &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            400,
        )
        .await;
    }
}

#[tokio::test]
async fn what_came_before_a_refused_request_is_answered() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let two =
        "GET /fhir/Task/a HTTP/1.1\r\nHost: x\r\n\r\nGET /fhir/Task/b HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n";
    let heard = send(&door, two.as_bytes()).await;
    let answers: Vec<&str> = heard
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &heard[at..at + 12])
        .collect();
    assert_eq!(answers, ["HTTP/1.1 200", "HTTP/1.1 400"]);
    assert_eq!(script.took().len(), 1);
}

#[tokio::test]
async fn an_octet_beyond_ascii_in_a_field_is_harmless() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    let request = b"GET /fhir/Task/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: \x85\r\nX-Request-Id: a\x85\r\n\r\n";
    let heard = Heard::of(&send(&door, request).await);
    assert_eq!(heard.status, 200);
    assert_eq!(heard.field("x-request-id"), Some("7-0"));
}

#[tokio::test]
async fn what_a_stranger_says_of_the_way_here_changes_nothing() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let request = "GET /fhir/Task/a HTTP/1.1\r\nHost: x\r\nConnection: close, X-Auth\r\nX-Auth: 1\r\nX-Forwarded-For: 10.0.0.1\r\n\
                   Forwarded: for=10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nX-Client-Cert: AAA\r\n\r\n";
    assert_eq!(Heard::of(&send(&door, request.as_bytes()).await).status, 200);
    let took = script.took();
    assert_eq!(
        (took[0].caller.door.as_str(), took[0].caller.partner.as_str()),
        ("front", "mercy")
    );
}
