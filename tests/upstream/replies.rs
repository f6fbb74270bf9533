//! What we make of what comes back (ROB-015, SEC-010).

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;

use bytes::Bytes;

use cartage::upstream::address::Address;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::REPLY_MOST;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::errand::Errand;
use cartage::upstream::limits::Limits;
use cartage::upstream::web::WebAddress;

use crate::Letter;
use crate::carrier;
use crate::fhir;
use crate::impatient;
use crate::interchange;
use crate::parcel;
use crate::patient;
use crate::peer::Manner;
use crate::peer::Peer;
use crate::submission;
use crate::x12;

async fn attempt(manner: Manner, limits: Limits) -> Attempt {
    let peer = Peer::of(&[manner]).await;
    carrier(limits).carry(&fhir(&peer), &submission()).await
}

async fn check(manner: Manner, limits: Limits, expected: Trouble) {
    let found = attempt(manner.clone(), limits).await;
    assert_eq!(found, Attempt::failed(expected), "{manner:?}");
}

#[tokio::test]
async fn a_reply_with_two_ends_is_none() {
    for reply in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: zip\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
        b"not HTTP at all, but very much of something else\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ] {
        check(Manner::Answers(reply), patient(), Trouble::Framing).await;
    }
}

#[tokio::test]
async fn bytes_after_the_answer_make_it_doubtful() {
    for reply in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..],
        b"HTTP/1.1 204 No Content\r\n\r\nsurplus",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nsurplus",
    ] {
        check(Manner::Answers(reply), patient(), Trouble::Framing).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_is_none() {
    for reply in [
        &b""[..],
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"resource",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"resource",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        check(Manner::AnswersAndCloses(reply), patient(), Trouble::Cut).await;
    }
    check(Manner::Closes, patient(), Trouble::Cut).await;
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_the_connection_and_must_make_sense() {
    let whole = attempt(
        Manner::AnswersAndCloses(b"HTTP/1.1 200 OK\r\n\r\n{\"resourceType\":\"OperationOutcome\"}"),
        patient(),
    );
    assert!(matches!(whole.await, Attempt::Answered { status: 200, .. }));
    let cut = Manner::AnswersAndCloses(b"HTTP/1.1 200 OK\r\n\r\n{\"resourceType\":\"Operation");
    check(cut, patient(), Trouble::Garbled).await;
}

#[tokio::test]
async fn garbage_under_a_good_status_is_no_success() {
    for reply in [
        &b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"[..],
        b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n\0\x01\x02\x03",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 3\r\n\r\n{]}",
    ] {
        check(Manner::Answers(reply), patient(), Trouble::Garbled).await;
    }
    let peer = Peer::of(&[Manner::Answers(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
    )])
    .await;
    let found = carrier(patient())
        .carry(&x12(&peer), &interchange(b"ISA*00*~"))
        .await;
    assert_eq!(found, Attempt::failed(Trouble::Garbled));
}

#[tokio::test]
async fn a_busy_peer_says_when_to_come_back() {
    let busy = Manner::Answers(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy",
    );
    let found = attempt(busy, patient()).await;
    let Attempt::Answered {
        status: 503,
        retry_after,
        body,
        ..
    } = found
    else {
        panic!("{found:?}");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
    assert_eq!(body, b"busy");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Peer::of(&[Manner::Silent]).await;
    let text = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n",
        elsewhere.address
    );
    // A test process is short: the text lives as long as it does.
    let reply: &'static [u8] = text.leak().as_bytes();
    let found = attempt(Manner::Answers(reply), patient()).await;
    assert!(
        matches!(found, Attempt::Answered { status: 307, .. }),
        "{found:?}"
    );
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn informational_answers_are_passed_over() {
    let found = attempt(
        Manner::Answers(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        ),
        patient(),
    );
    assert!(matches!(found.await, Attempt::Answered { status: 200, .. }));
}

#[tokio::test]
async fn a_peer_that_never_answers_is_given_up() {
    check(Manner::Silent, impatient(), Trouble::AnswerSlow).await;
}

#[tokio::test]
async fn a_peer_that_answers_a_byte_at_a_time_is_given_up() {
    let head = Manner::Trickles(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    check(head, impatient(), Trouble::AnswerSlow).await;
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_given_up() {
    let peer = Peer::of(&[Manner::Deaf]).await;
    // More than the buffers of two sockets hold.
    let piece = Bytes::from(vec![b'7'; 64 * 1024]);
    let content = Letter {
        pieces: vec![piece; 1024],
        length: 64 * 1024 * 1024,
        breaks: false,
    };
    let message = parcel(Errand::SubmitAttachment, content);
    let found = carrier(impatient()).carry(&fhir(&peer), &message).await;
    assert_eq!(found, Attempt::failed(Trouble::Stalled));
}

#[tokio::test]
async fn a_reply_that_is_too_long_is_not_kept() {
    let mut text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", REPLY_MOST + 1);
    text.extend(std::iter::repeat_n('7', REPLY_MOST + 1));
    let reply: &'static [u8] = text.leak().as_bytes();
    check(Manner::Answers(reply), patient(), Trouble::ReplyTooLong).await;
}

#[tokio::test]
async fn a_door_that_is_closed_is_no_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let base = WebAddress::parse(&format!("http://{address}")).unwrap();
    let found = carrier(patient())
        .carry(&Address::Fhir { base, bearer: None }, &submission())
        .await;
    assert_eq!(found, Attempt::failed(Trouble::NoConnection));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_peer_that_takes_no_connection_is_given_up() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Connections that nobody accepts fill its queue; then the system leaves new ones without an answer.
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        waiting.spawn(tokio::net::TcpStream::connect(address));
    }
    let mut made = vec![waiting.join_next().await];
    made.push(waiting.join_next().await);
    let base = WebAddress::parse(&format!("http://{address}")).unwrap();
    let found = carrier(impatient())
        .carry(&Address::Fhir { base, bearer: None }, &submission())
        .await;
    assert_eq!(found, Attempt::failed(Trouble::ConnectSlow));
}

#[tokio::test]
async fn a_peer_that_refuses_early_is_believed_and_hung_up_on() {
    let found = answered_early("413 Content Too Large").await;
    assert!(
        matches!(found, Attempt::Answered { status: 413, .. }),
        "{found:?}"
    );
}

/// Nobody can have taken what was not sent.
#[tokio::test]
async fn a_peer_that_takes_a_message_before_it_has_it_is_not_believed() {
    let found = answered_early("200 OK").await;
    let cut = Attempt::failed(Trouble::Cut);
    assert_eq!(format!("{found:?}"), format!("{cut:?}"));
}

/// What comes of 64 MiB to a peer that answers at the first octets; the rest must not be sent.
async fn answered_early(status: &'static str) -> Attempt {
    const LENGTH: u64 = 64 * 1024 * 1024;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = WebAddress::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 64 * 1024];
        let mut heard = stream.read(&mut buffer).await.unwrap() as u64;
        stream
            .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())
            .await
            .unwrap();
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return heard,
                Ok(count) => heard += count as u64,
            }
        }
    });
    let piece = Bytes::from(vec![b'7'; 64 * 1024]);
    let content = Letter {
        pieces: vec![piece; 1024],
        length: LENGTH,
        breaks: false,
    };
    let message = parcel(Errand::SubmitAttachment, content);
    let found = carrier(patient())
        .carry(&Address::Fhir { base, bearer: None }, &message)
        .await;
    assert!(heard.await.unwrap() < LENGTH, "the rest is not sent");
    found
}
