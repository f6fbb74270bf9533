//! A gateway with five partners, and the hands that a courier would have.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Waker;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::exchange::state::Exchange;
use cartage::flow::chance::Chance;
use cartage::flow::door::Broken;
use cartage::flow::door::Caller;
use cartage::flow::door::Incoming;
use cartage::flow::door::Interaction;
use cartage::flow::door::Prefer;
use cartage::flow::door::Reply;
use cartage::flow::dossier;
use cartage::flow::dossier::Dossier;
use cartage::flow::gateway::Gateway;
use cartage::flow::gateway::Parts;
use cartage::flow::settings::Agreement;
use cartage::ledger::blobs::BlobStore;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::FolioChange;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::forgetful::ForgetfulBlobs;
use cartage::ledger::found::Claim;
use cartage::ledger::found::Claimed;
use cartage::ledger::found::Search;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::opaque::Opaque;
use cartage::ledger::store::Store;
use cartage::observe::event::Kind;
use cartage::observe::journal::Journal;
use cartage::routing::table::Park;
use cartage::upstream::attempt::Attempt;
use serde_json::Value;

pub(crate) use crate::partners::HARBOR;
pub(crate) use crate::partners::LAKE;
pub(crate) use crate::partners::NORTH;
pub(crate) use crate::partners::OLDEN;
pub(crate) use crate::partners::SOUTH;
pub(crate) use crate::partners::SUMMIT;
use crate::partners::settings;

/// Dice that count.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Chance for Counting {
    fn draw(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// A body in pieces.
#[derive(Debug)]
struct Pieces(VecDeque<Result<Bytes, Broken>>);

impl Incoming for Pieces {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>> {
        let next = self.0.pop_front().transpose();
        Box::pin(async move { next })
    }
}

pub(crate) struct Bench {
    pub(crate) store: Forgetful,
    pub(crate) blobs: ForgetfulBlobs,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) gateway: Gateway,
    chance: Arc<Counting>,
    journal: Journal,
    park: Park,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Park::Hold)
    }

    pub(crate) fn with(park: Park) -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_hours(498_657);
        let clock = Arc::new(ManualClock::at(start));
        let store = Forgetful::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let blobs = ForgetfulBlobs::default();
        let chance = Arc::new(Counting::default());
        let journal = Journal::silent(Arc::clone(&clock) as Arc<dyn Clock>);
        let gateway = open(&store, &blobs, &clock, &chance, park).with_journal(journal.clone());
        Self {
            store,
            blobs,
            clock,
            gateway,
            chance,
            journal,
            park,
        }
    }

    /// The process dies and starts again over the same ledger.
    pub(crate) fn restart(&mut self) {
        self.store.crash();
        self.gateway = open(&self.store, &self.blobs, &self.clock, &self.chance, self.park);
    }

    /// Reloads the configuration with a change.
    pub(crate) fn reload(&self, change: impl Fn(&mut Agreement)) {
        let mut settings = settings(self.park);
        settings.partners.iter_mut().for_each(change);
        self.gateway.swap(settings);
    }

    pub(crate) fn wait(&self, passed: Duration) {
        self.clock.advance(passed);
    }

    /// Hands X12 in; the status and the answer.
    pub(crate) fn x12(&self, partner: &str, text: &str) -> (u16, String) {
        let reply = run(self.gateway.x12(&caller(partner), &mut pieces(text.as_bytes())));
        (reply.status, String::from_utf8(reply.body.to_vec()).unwrap())
    }

    /// Asks the façade for something; the status and the resource.
    pub(crate) fn ask(&self, partner: &str, what: Interaction, body: &str) -> (Reply, Value) {
        self.ask_preferring(partner, what, Prefer::default(), body)
    }

    pub(crate) fn ask_preferring(
        &self,
        partner: &str,
        what: Interaction,
        prefer: Prefer,
        body: &str,
    ) -> (Reply, Value) {
        let reply = run(self
            .gateway
            .facade(&caller(partner), what, prefer, &mut pieces(body.as_bytes())));
        let resource = if reply.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&reply.body).unwrap()
        };
        (reply, resource)
    }

    /// Hands submissions in at the same time: none is answered before all wait to be committed.
    pub(crate) fn submit_at_once(&self, partner: &str, bodies: &[String]) -> Vec<Reply> {
        self.at_once(partner, &Interaction::SubmitAttachment, bodies)
    }

    /// The same for whatever is asked of the façade.
    pub(crate) fn at_once(&self, partner: &str, what: &Interaction, bodies: &[String]) -> Vec<Reply> {
        self.store.hold();
        run(async {
            let caller = caller(partner);
            let mut waiting = Vec::new();
            for body in bodies {
                let (caller, what) = (caller.clone(), what.clone());
                waiting.push(async move {
                    let mut body = pieces(body.as_bytes());
                    self.gateway
                        .facade(&caller, what, Prefer::default(), &mut body)
                        .await
                });
            }
            let mut waiting: Vec<_> = waiting.into_iter().map(Box::pin).collect();
            // Each goes as far as its commit, which is held.
            let mut context = Context::from_waker(Waker::noop());
            for one in &mut waiting {
                assert!(one.as_mut().poll(&mut context).is_pending());
            }
            assert_eq!(self.store.waiting(), bodies.len());
            self.store.release();
            let mut replies = Vec::new();
            for one in waiting {
                replies.push(one.await);
            }
            replies
        })
    }

    /// Hands a submission in, and the process dies while it waits: before its commit, or after it and before the answer.
    pub(crate) fn submit_and_die(&mut self, partner: &str, body: &str, is_committed: bool) -> u16 {
        self.store.hold();
        let status = run(async {
            let caller = caller(partner);
            let mut pieces = pieces(body.as_bytes());
            let what = Interaction::SubmitAttachment;
            let mut one = Box::pin(self.gateway.facade(&caller, what, Prefer::default(), &mut pieces));
            assert!(
                one.as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            if is_committed {
                self.store.commit_unheard(usize::MAX);
            }
            self.store.crash();
            one.await.status
        });
        self.store.release();
        self.restart();
        status
    }

    /// A body that breaks off.
    pub(crate) fn broken(&self, partner: &str, what: Interaction, broken: Broken) -> Reply {
        let mut body = Pieces([Ok(Bytes::from_static(b"{")), Err(broken)].into());
        run(self
            .gateway
            .facade(&caller(partner), what, Prefer::default(), &mut body))
    }

    pub(crate) fn submit(&self, partner: &str, body: &str) -> (Reply, Value) {
        self.ask(partner, Interaction::SubmitAttachment, body)
    }

    pub(crate) fn create(&self, partner: &str, body: &str) -> (Reply, Value) {
        self.ask(partner, Interaction::CreateTask { unless: None }, body)
    }

    pub(crate) fn read(&self, partner: &str, id: &str) -> (Reply, Value) {
        let what = Interaction::ReadTask { id: id.to_owned() };
        self.ask(partner, what, "")
    }

    pub(crate) fn search(&self, partner: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let query = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let what = Interaction::SearchTasks {
            query: query.collect(),
        };
        let (reply, bundle) = self.ask(partner, what, "");
        assert_eq!(reply.status, 200, "{bundle}");
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries
            .into_iter()
            .map(|entry| entry["resource"].clone())
            .collect()
    }

    /// What waits for a partner now, as text.
    pub(crate) fn out(&self, partner: &str) -> Vec<(Claimed, String)> {
        let claim = Claim {
            spent_by: None,
            lane: LaneId::parse(partner).unwrap(),
            now: self.clock.now(),
            most: 100,
            lease: Duration::from_mins(1),
        };
        let claimed = self.store.claim(claim).wait().unwrap();
        claimed
            .into_iter()
            .map(|claimed| {
                let text = self.text(claimed.message.body.as_ref().unwrap());
                (claimed, text)
            })
            .collect()
    }

    /// The one message that waits for a partner.
    pub(crate) fn only(&self, partner: &str) -> (Claimed, String) {
        let mut out = self.out(partner);
        assert_eq!(
            out.len(),
            1,
            "{:?}",
            out.iter().map(|(_, text)| text).collect::<Vec<_>>()
        );
        out.remove(0)
    }

    /// What was received for an exchange at first, and the same as text.
    pub(crate) fn received(&self, claimed: &Claimed) -> (Body, String) {
        let folio = claimed.message.id.folio;
        let about = self.store.entries_about(&Viewer::Operator, folio, None, 100);
        for entry in about.wait().unwrap() {
            let entry = self.store.entry(&Viewer::Operator, entry).wait().unwrap();
            if let Some(received) = entry.and_then(|entry| entry.received) {
                let text = self.text(&received.body);
                return (received.body, text);
            }
        }
        (Body::default(), String::new())
    }

    fn text(&self, body: &Body) -> String {
        let mut bytes = Vec::new();
        for part in &body.parts {
            match part {
                Part::Inline(inline) => bytes.extend_from_slice(inline.as_bytes()),
                Part::Blob(blob) => {
                    let blobs: &dyn BlobStore = &self.blobs;
                    bytes.extend(read_whole(blobs, blob, 1 << 30).unwrap());
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn settle(&self, claimed: Claimed, attempt: Attempt) {
        run(self.gateway.settle(claimed, attempt)).unwrap();
    }

    /// A partner on HTTP says this.
    pub(crate) fn answer(&self, claimed: Claimed, status: u16, body: &str) {
        let attempt = Attempt::Answered {
            status,
            media: None,
            location: None,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        };
        self.settle(claimed, attempt);
    }

    /// All exchanges, newest first.
    pub(crate) fn exchanges(&self) -> Vec<(Exchange, Dossier)> {
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            ..Search::default()
        };
        let found = self.store.find(&Viewer::Operator, search).wait().unwrap();
        found
            .iter()
            .map(|folio| dossier::decode(&folio.content).unwrap())
            .collect()
    }

    /// The stored content of an exchange is damaged.
    pub(crate) fn damage(&self, tracking: &str) {
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            ..Search::default()
        };
        let found = self.store.find(&Viewer::Operator, search).wait().unwrap();
        let folio = found.into_iter().find(|folio| {
            let (_, dossier) = dossier::decode(&folio.content).unwrap();
            dossier
                .names
                .tracking
                .iter()
                .any(|(number, _)| number == tracking)
        });
        let folio = folio.unwrap();
        let mut entry = Entry::new(folio.owner.clone(), self.clock.now());
        entry.folios.push(FolioChange {
            id: folio.id,
            from: Some(folio.version),
            kind: folio.kind,
            owner: folio.owner,
            peer: folio.peer,
            content: Opaque::new(b"damaged".to_vec()),
            handles: None,
            wake: folio.wake,
            open: folio.open,
            keep_past: false,
        });
        self.store.commit(entry).wait().unwrap();
    }

    /// How often the log was told of such a thing.
    pub(crate) fn told(&self, kind: Kind) -> u64 {
        self.journal.tally().of(kind)
    }

    pub(crate) fn parked(&self) -> usize {
        self.store
            .parked(&Viewer::Operator, None, 100)
            .wait()
            .unwrap()
            .len()
    }

    pub(crate) fn standing(&self, standing: Standing, partner: &str) -> usize {
        let lane = LaneId::parse(partner).unwrap();
        let found = self
            .store
            .standing(&Viewer::Operator, standing, Some(&lane), None, 100);
        found.wait().unwrap().len()
    }

    /// All that the audit says, as text.
    pub(crate) fn audit(&self) -> String {
        let events = self.store.audit(&Viewer::Operator, None, 10_000).wait().unwrap();
        let texts = events
            .iter()
            .map(|event| String::from_utf8_lossy(event.content.as_bytes()).into_owned());
        texts.collect::<Vec<_>>().join("\n")
    }
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

pub(crate) fn caller(partner: &str) -> Caller {
    Caller {
        door: "front".to_owned(),
        partner: partner.to_owned(),
    }
}

fn pieces(bytes: &[u8]) -> Pieces {
    Pieces(
        bytes
            .chunks(1_000)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect(),
    )
}

fn open(
    store: &Forgetful,
    blobs: &ForgetfulBlobs,
    clock: &Arc<ManualClock>,
    chance: &Arc<Counting>,
    park: Park,
) -> Gateway {
    let parts = Parts {
        store: Arc::new(store.clone()),
        blobs: Arc::new(blobs.clone()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance: Arc::clone(chance) as Arc<dyn Chance>,
        key: [7; 32],
    };
    Gateway::new(parts, settings(park))
}
