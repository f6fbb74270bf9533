//! The way out over real sockets and folders, with peers that are well and peers that are not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "upstream/fetching.rs"]
mod fetching;
#[path = "upstream/folders.rs"]
mod folders;
#[path = "upstream/peer.rs"]
mod peer;
#[path = "upstream/replies.rs"]
mod replies;
#[path = "upstream/requests.rs"]
mod requests;
#[path = "upstream/secure.rs"]
mod secure;

use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;

use cartage::base::clock::SystemClock;
use cartage::trust::secret::Secret;
use cartage::upstream::address::Address;
use cartage::upstream::carrier::Carrier;
use cartage::upstream::errand::Errand;
use cartage::upstream::limits::Limits;
use cartage::upstream::parcel::Content;
use cartage::upstream::parcel::Parcel;
use cartage::upstream::parcel::Pieces;
use cartage::upstream::parcel::Unreadable;
use cartage::upstream::web::WebAddress;

use peer::Peer;

/// A message in pieces, of which one may be missing.
#[derive(Clone, Debug)]
struct Letter {
    pieces: Vec<Bytes>,
    length: u64,
    breaks: bool,
}

struct Reading {
    left: std::vec::IntoIter<Bytes>,
    breaks: bool,
}

impl Letter {
    fn of(text: &[u8]) -> Self {
        Self {
            pieces: text.chunks(7).map(Bytes::copy_from_slice).collect(),
            length: text.len() as u64,
            breaks: false,
        }
    }
}

impl Content for Letter {
    fn length(&self) -> u64 {
        self.length
    }

    fn open(&self) -> Box<dyn Pieces> {
        Box::new(Reading {
            left: self.pieces.clone().into_iter(),
            breaks: self.breaks,
        })
    }
}

impl Pieces for Reading {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unreadable>>> {
        Poll::Ready(match self.left.next() {
            Some(piece) => Some(Ok(piece)),
            None if self.breaks => Some(Err(Unreadable)),
            None => None,
        })
    }
}

fn carrier(limits: Limits) -> Carrier {
    Carrier::new(limits, Arc::new(SystemClock::start()))
}

/// Limits for peers that are well.
fn patient() -> Limits {
    Limits::default()
}

/// Limits for peers that keep us waiting for ever.
fn impatient() -> Limits {
    Limits {
        connect: Duration::from_millis(300),
        stall: Duration::from_millis(300),
        answer: Duration::from_millis(300),
        ..Limits::default()
    }
}

fn web(peer: &Peer, path: &str) -> WebAddress {
    WebAddress::parse(&format!("http://{}{path}", peer.address)).unwrap()
}

fn fhir(peer: &Peer) -> Address {
    Address::Fhir {
        base: web(peer, "/r4"),
        bearer: Some(Secret::parse("t0ken").unwrap()),
    }
}

fn x12(peer: &Peer) -> Address {
    Address::X12Http {
        url: web(peer, ""),
        bearer: None,
    }
}

fn parcel(errand: Errand, content: Letter) -> Parcel {
    Parcel {
        id: "x1a/0".to_owned(),
        errand,
        control: Some(42),
        partner: "payer".to_owned(),
        content: Box::new(content),
    }
}

fn submission() -> Parcel {
    parcel(
        Errand::SubmitAttachment,
        Letter::of(br#"{"resourceType":"Parameters"}"#),
    )
}

fn interchange(text: &[u8]) -> Parcel {
    let errand = Errand::X12 {
        message: "275".to_owned(),
        made: 1_795_181_400_000,
    };
    parcel(errand, Letter::of(text))
}
