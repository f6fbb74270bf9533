//! What we send.

use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::errand::Errand;

use crate::Letter;
use crate::carrier;
use crate::fhir;
use crate::interchange;
use crate::parcel;
use crate::patient;
use crate::peer::Manner;
use crate::peer::Peer;
use crate::submission;
use crate::x12;

const CREATED: &[u8] =
    b"HTTP/1.1 201 Created\r\nLocation: /r4/Task/7/_history/1\r\nContent-Length: 0\r\n\r\n";
const TAKEN: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/edi-x12\r\nContent-Length: 7\r\n\r\nISA*00*";

#[tokio::test]
async fn a_task_is_created_once_however_often_it_is_posted() {
    let peer = Peer::of(&[Manner::Answers(CREATED)]).await;
    let unless = Some("identifier=http://payer.example%7CT-1".to_owned());
    let task = parcel(
        Errand::CreateTask { unless },
        Letter::of(br#"{"resourceType":"Task"}"#),
    );
    let carrier = carrier(patient());
    for _ in 0..2 {
        let attempt = carrier.carry(&fhir(&peer), &task).await;
        let Attempt::Answered {
            status,
            location,
            body,
            ..
        } = attempt
        else {
            panic!("{attempt:?}");
        };
        assert_eq!((status, body.len()), (201, 0));
        assert_eq!(location.as_deref(), Some("/r4/Task/7/_history/1"));
    }
    let read = peer.read();
    assert_eq!(read.len(), 2);
    assert_eq!(peer.connections(), 1, "the connection is used again");
    for request in &read {
        assert!(
            request.head.starts_with("POST /r4/Task HTTP/1.1\r\n"),
            "{}",
            request.head
        );
        let header = |name| request.header(name);
        assert_eq!(header("host"), Some(&*peer.address.to_string()));
        assert_eq!(header("content-type"), Some("application/fhir+json"));
        assert_eq!(header("accept"), Some("application/fhir+json"));
        assert_eq!(header("authorization"), Some("Bearer t0ken"));
        assert_eq!(header("prefer"), Some("return=minimal"));
        assert_eq!(header("x-request-id"), Some("x1a/0"));
        assert_eq!(
            header("if-none-exist"),
            Some("identifier=http://payer.example%7CT-1")
        );
        assert_eq!(header("transfer-encoding"), None);
        assert_eq!(request.body, br#"{"resourceType":"Task"}"#);
    }
}

#[tokio::test]
async fn an_attachment_is_submitted_by_the_operation() {
    let peer = Peer::of(&[Manner::Answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]).await;
    let attempt = carrier(patient()).carry(&fhir(&peer), &submission()).await;
    assert!(
        matches!(attempt, Attempt::Answered { status: 200, .. }),
        "{attempt:?}"
    );
    let request = &peer.read()[0];
    assert!(
        request
            .head
            .starts_with("POST /r4/$submit-attachment HTTP/1.1\r\n")
    );
    assert_eq!(request.header("prefer"), Some("return=OperationOutcome"));
    assert_eq!(request.header("if-none-exist"), None);
}

#[tokio::test]
async fn an_interchange_is_posted_and_its_answer_is_whole() {
    let peer = Peer::of(&[Manner::Answers(TAKEN)]).await;
    let attempt = carrier(patient())
        .carry(&x12(&peer), &interchange(b"ISA*00*~IEA*1~"))
        .await;
    let Attempt::Answered {
        status: 200,
        media,
        body,
        ..
    } = attempt
    else {
        panic!("{attempt:?}");
    };
    assert_eq!(media.as_deref(), Some("application/edi-x12"));
    assert_eq!(body, b"ISA*00*");
    let request = &peer.read()[0];
    assert!(request.head.starts_with("POST / HTTP/1.1\r\n"));
    assert_eq!(request.header("content-type"), Some("application/edi-x12"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.body, b"ISA*00*~IEA*1~");
}

#[tokio::test]
async fn a_kept_connection_that_died_costs_no_attempt() {
    let peer = Peer::of(&[Manner::AnswersAndCloses(CREATED), Manner::Answers(CREATED)]).await;
    let carrier = carrier(patient());
    for _ in 0..3 {
        let attempt = carrier.carry(&fhir(&peer), &submission()).await;
        assert!(
            matches!(attempt, Attempt::Answered { status: 201, .. }),
            "{attempt:?}"
        );
    }
    assert_eq!(peer.connections(), 2);
    assert_eq!(peer.read().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_read_whole_never_reaches_the_peer_whole() {
    let whole = Letter::of(b"0123456789");
    let broken = Letter {
        breaks: true,
        length: 20,
        ..whole.clone()
    };
    let short = Letter {
        length: 20,
        ..whole.clone()
    };
    let long = Letter { length: 8, ..whole };
    for content in [broken, short, long] {
        let peer = Peer::of(&[Manner::Answers(CREATED)]).await;
        let message = parcel(Errand::SubmitAttachment, content.clone());
        let attempt = carrier(patient()).carry(&fhir(&peer), &message).await;
        assert_eq!(attempt, Attempt::failed(Trouble::Unreadable), "{content:?}");
        assert!(peer.read().is_empty());
    }
}

#[tokio::test]
async fn an_errand_that_does_not_suit_the_address_is_not_sent() {
    let peer = Peer::of(&[Manner::Answers(CREATED)]).await;
    let attempt = carrier(patient()).carry(&x12(&peer), &submission()).await;
    assert_eq!(attempt, Attempt::failed(Trouble::Unsuited));
    let attempt = carrier(patient()).carry(&fhir(&peer), &interchange(b"ISA")).await;
    assert_eq!(attempt, Attempt::failed(Trouble::Unsuited));
    assert_eq!(peer.connections(), 0);
}
