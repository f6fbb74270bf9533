//! A gateway with five partners, and the hands that a courier would have.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::base::ids::Npi;
use cartage::base::ids::PayerId;
use cartage::exchange::retry::RetryRule;
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
use cartage::flow::settings::FhirTerms;
use cartage::flow::settings::Own;
use cartage::flow::settings::Settings;
use cartage::flow::settings::X12Terms;
use cartage::ledger::blobs::BlobStore;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::forgetful::ForgetfulBlobs;
use cartage::ledger::found::Claim;
use cartage::ledger::found::Claimed;
use cartage::ledger::found::Search;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::TenantId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::store::Store;
use cartage::mapping::Library;
use cartage::mapping::guides::Guides;
use cartage::routing;
use cartage::routing::key::Message;
use cartage::routing::partner::FhirAbilities;
use cartage::routing::partner::Partner;
use cartage::routing::partner::Speaks;
use cartage::routing::table::Park;
use cartage::routing::value::IsaId;
use cartage::upstream::attempt::Attempt;
use serde_json::Value;

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
    park: Park,
}

/// A payer that speaks X12.
pub(crate) const HARBOR: &str = "harbor";
/// A payer that speaks FHIR and has a server.
pub(crate) const SUMMIT: &str = "summit";
/// A provider that speaks FHIR and has a server.
pub(crate) const NORTH: &str = "north";
/// A provider that speaks FHIR and reads its Tasks with us.
pub(crate) const LAKE: &str = "lake";
/// A payer that speaks the X12 of 5010.
pub(crate) const OLDEN: &str = "olden";
/// A provider that speaks X12.
pub(crate) const SOUTH: &str = "south";

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Park::Hold)
    }

    pub(crate) fn with(park: Park) -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_165_200);
        let clock = Arc::new(ManualClock::at(start));
        let store = Forgetful::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let blobs = ForgetfulBlobs::default();
        let chance = Arc::new(Counting::default());
        let gateway = open(&store, &blobs, &clock, &chance, park);
        Self {
            store,
            blobs,
            clock,
            gateway,
            chance,
            park,
        }
    }

    /// The process dies and starts again over the same ledger.
    pub(crate) fn restart(&mut self) {
        self.store.crash();
        self.gateway = open(&self.store, &self.blobs, &self.clock, &self.chance, self.park);
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
            lane: LaneId::parse(partner).unwrap(),
            now: self.clock.now(),
            most: 100,
            lease: Duration::from_secs(60),
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

fn settings(park: Park) -> Settings {
    let x12 = |name: &str, isa: &str| (name.to_owned(), isa.to_owned(), None);
    let fhir = |name: &str, hosted: bool| (name.to_owned(), String::new(), Some(hosted));
    let all = [
        x12(HARBOR, "HARBORPLAN"),
        fhir(SUMMIT, false),
        fhir(NORTH, false),
        fhir(LAKE, true),
        x12(SOUTH, "SOUTHCLINIC"),
        x12(OLDEN, "OLDENPLAN"),
    ];
    let mut partners = Vec::new();
    let mut agreements = Vec::new();
    for (name, isa, fhir) in all {
        let isa = IsaId::parse(&format!("ZZ:{isa}")).ok();
        partners.push(partner(&name, isa.clone(), fhir));
        agreements.push(Agreement {
            name: TenantId::parse(&name).unwrap(),
            x12: isa.map(|isa| X12Terms {
                gs: isa.as_str().trim_start_matches("ZZ:").to_owned(),
                isa,
                guides: if name == OLDEN {
                    vec!["005010X213", "005010X210", "005010X211"]
                } else {
                    vec!["006020X313", "006020X314", "006020X316"]
                },
                policy: x12_parser::Policy::default(),
                repair: false,
                own_guides: None,
            }),
            fhir: fhir.map(|hosted| FhirTerms {
                cdex: "2.1".to_owned(),
                hosted,
            }),
            address: None,
            retry: RetryRule::default(),
            terms: Agreement::usual_terms(fhir.is_none()),
        });
    }
    Settings {
        generation: 1,
        own: Own {
            name: TenantId::parse("cartage").unwrap(),
            isa: IsaId::parse("ZZ:CARTAGE").unwrap(),
            gs: "CARTAGE".to_owned(),
            production: false,
            facade: "https://cartage.example/fhir".to_owned(),
        },
        routing: routing::table::Settings {
            partners,
            routes: Vec::new(),
            park,
        },
        partners: agreements,
        library: Arc::new(Library::built_in().unwrap()),
        guides: Arc::new(Guides::embedded().unwrap()),
    }
}

fn partner(name: &str, isa: Option<IsaId>, fhir: Option<bool>) -> Partner {
    let npi = |text: &str| vec![Npi::parse(text).unwrap()];
    let payer = |text: &str| vec![PayerId::parse(text).unwrap()];
    Partner {
        name: name.into(),
        payer_ids: match name {
            HARBOR => payer("60601"),
            SUMMIT => payer("70702"),
            OLDEN => payer("50501"),
            _ => Vec::new(),
        },
        npis: match name {
            NORTH => npi("1234567893"),
            LAKE => npi("1999999992"),
            SOUTH => npi("1245319599"),
            _ => Vec::new(),
        },
        tins: Vec::new(),
        gs: None,
        isa,
        speaks: match fhir {
            None => Speaks::X12 {
                messages: vec![Message::Request277, Message::Attachment275],
            },
            Some(hosted) => Speaks::Fhir(FhirAbilities {
                server: !hosted,
                tasks: !hosted,
                query: false,
                hosted,
            }),
        },
    }
}
