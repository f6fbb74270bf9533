use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::DuplexStream;
use tokio::io::duplex;

use super::*;

fn gate(room: usize) -> (Gate<DuplexStream>, DuplexStream, CancellationToken) {
    let (ours, theirs) = duplex(room);
    let draining = CancellationToken::new();
    let gate = Gate::new(ours, Dialect::X12, Patience::USUAL, draining.clone());
    (gate, theirs, draining)
}

/// What is read behind the gate until it says that there is no more, when all of `sent` came before.
async fn passed(sent: &[u8]) -> (Vec<u8>, Gate<DuplexStream>, DuplexStream) {
    let (mut gate, mut theirs, _) = gate(1 << 20);
    theirs.write_all(sent).await.unwrap();
    theirs.shutdown().await.unwrap();
    let mut read = Vec::new();
    gate.read_to_end(&mut read).await.unwrap();
    (read, gate, theirs)
}

/// What the client hears when the gate is shut down.
async fn heard(mut gate: Gate<DuplexStream>, mut theirs: DuplexStream) -> String {
    let listen = async {
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).await.unwrap();
        String::from_utf8(heard).unwrap()
    };
    let (heard, ended) = tokio::join!(listen, gate.shutdown());
    ended.unwrap();
    heard
}

#[tokio::test]
async fn sound_requests_pass_as_they_are() {
    let sent = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloPOST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n";
    let (read, gate, theirs) = passed(sent).await;
    assert_eq!(read, sent);
    assert_eq!(heard(gate, theirs).await, "");
}

#[tokio::test]
async fn what_follows_a_sound_request_is_judged_by_itself() {
    let good = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    let sent = [good.as_slice(), b"GET /b HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"].concat();
    let (read, gate, theirs) = passed(&sent).await;
    assert_eq!(read, good);
    let said = heard(gate, theirs).await;
    assert!(
        said.starts_with("HTTP/1.1 400 Bad Request\r\n") && said.ends_with("there are two hosts\n"),
        "{said}"
    );
}

#[tokio::test]
async fn an_empty_line_before_a_request_is_forgiven() {
    let (read, ..) = passed(b"\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(read, b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n");
}

#[tokio::test]
async fn a_head_without_end_is_refused_before_it_fills_memory() {
    let sent = [
        b"GET /c HTTP/1.1\r\nHost: x\r\nX: ".as_slice(),
        &vec![b'a'; 64 * 1024],
    ]
    .concat();
    let (read, gate, theirs) = passed(&sent).await;
    assert!(read.is_empty());
    assert!(heard(gate, theirs).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn a_bad_chunk_ends_the_body_and_nothing_behind_it_passes() {
    let sent = b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n";
    let (read, ..) = passed(sent).await;
    assert!(String::from_utf8(read).unwrap().ends_with("chunked\r\n\r\n"));
}

#[tokio::test]
async fn the_preface_of_http_2_is_known() {
    let (mut gate, mut theirs, _) = gate(1024);
    theirs.write_all(PREFACE).await.unwrap();
    assert_eq!(gate.listen_first().await.unwrap(), Version::Http2);
    let mut read = vec![0; PREFACE.len()];
    gate.read_exact(&mut read).await.unwrap();
    assert_eq!(read, PREFACE);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_refused_after_its_time() {
    let (mut gate, mut theirs, _) = gate(1024);
    let started = Instant::now();
    let drip = async {
        theirs.write_all(b"GET /").await.unwrap();
        for _ in 0..9 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            theirs.write_all(b"a").await.unwrap();
        }
    };
    let mut read = Vec::new();
    let (first, ()) = tokio::join!(gate.listen_first(), drip);
    assert_eq!(first.unwrap(), Version::Http1);
    gate.read_to_end(&mut read).await.unwrap();
    assert!(read.is_empty());
    assert_eq!(started.elapsed().as_secs(), 10);
    assert!(heard(gate, theirs).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_let_go_without_a_word() {
    let (mut gate, theirs, _) = gate(1024);
    let started = Instant::now();
    assert_eq!(gate.listen_first().await.unwrap(), Version::Http1);
    assert_eq!(started.elapsed().as_secs(), 75);
    assert_eq!(heard(gate, theirs).await, "");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_given_up() {
    let (mut gate, _theirs, _) = gate(16);
    let started = Instant::now();
    let error = gate.write_all(&[0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn a_drain_lets_go_who_waits_and_hears_who_has_begun() {
    let (mut waits, _client, draining) = gate(1024);
    draining.cancel();
    let mut read = Vec::new();
    waits.read_to_end(&mut read).await.unwrap();
    assert!(read.is_empty());

    let (mut begun, mut client, draining) = gate(1024);
    client.write_all(b"GET /a HTTP/1.1\r\n").await.unwrap();
    draining.cancel();
    client.write_all(b"Host: x\r\n\r\n").await.unwrap();
    begun.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
}
