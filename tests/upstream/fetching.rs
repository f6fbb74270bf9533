//! Contents out of messages: read from servers of the configuration, each of which has its own room (GW-16, SEC-024).

use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Waker;

use cartage::base::clock::SystemClock;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::fetch::Fetcher;
use cartage::upstream::fetch::NotThere;
use cartage::upstream::target::Source;
use cartage::upstream::target::Target;
use cartage::upstream::web::WebAddress;

use crate::impatient;
use crate::patient;
use crate::peer::Manner;
use crate::peer::Peer;

/// A content on a server that the configuration calls `host`.
fn on(host: &str, peer: &Peer) -> Target {
    let base = format!("http://{host}:{}", peer.address.port());
    let source = Source {
        base: WebAddress::parse(&base).unwrap(),
        bearer: None,
        is_home: false,
    };
    Target::find(&format!("{base}/1"), &[source]).unwrap()
}

/// A content whose octets never come.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";

#[tokio::test]
async fn a_slow_server_takes_its_own_room_and_nobody_elses() {
    let (slow, other) = (
        Peer::of(&[Manner::Answers(HEAD)]).await,
        Peer::of(&[Manner::Answers(HEAD)]).await,
    );
    let fetcher = Fetcher::new(patient(), Arc::new(SystemClock::start()));
    let (at_slow, at_other) = (on("127.0.0.1", &slow), on("127.0.0.1", &other));
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(fetcher.open(&at_slow, None).await.unwrap());
    }
    let mut next = pin!(fetcher.open(&at_slow, None));
    assert!(
        next.as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert_eq!(
        slow.connections(),
        16,
        "the next waits for its turn before it dials"
    );
    fetcher.open(&at_other, None).await.unwrap();
    open.pop();
    next.await.unwrap();
    assert_eq!(slow.connections(), 17);
}

#[tokio::test]
async fn what_stops_coming_is_given_up() {
    for (manner, trouble) in [
        (Manner::Silent, Trouble::AnswerSlow),
        (Manner::Closes, Trouble::Cut),
    ] {
        let peer = Peer::of(&[manner]).await;
        let fetcher = Fetcher::new(impatient(), Arc::new(SystemClock::start()));
        let refused = fetcher.open(&on("127.0.0.1", &peer), None).await;
        assert_eq!(refused.err(), Some(NotThere::Trouble(trouble)));
    }
    let peer = Peer::of(&[Manner::Answers(HEAD)]).await;
    let fetcher = Fetcher::new(impatient(), Arc::new(SystemClock::start()));
    let mut download = fetcher.open(&on("127.0.0.1", &peer), None).await.unwrap();
    assert_eq!(download.next().await, Err(NotThere::Trouble(Trouble::Stalled)));
}

/// SEC-024: the address that is judged is the one that is dialled.
#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_dialled_only_if_it_says_so() {
    let peer = Peer::of(&[Manner::Answers(HEAD)]).await;
    let fetcher = Fetcher::new(patient(), Arc::new(SystemClock::start()));
    // Resolvers read numbers in more ways than we do.
    for host in ["127.1", "2130706433", "0x7f.0.0.1", "017700000001", "0"] {
        let refused = fetcher.open(&on(host, &peer), None).await.err();
        assert!(refused.is_some(), "{host}");
    }
    assert_eq!(peer.connections(), 0);
    fetcher.open(&on("localhost", &peer), None).await.unwrap();
    assert_eq!(peer.connections(), 1);
}
