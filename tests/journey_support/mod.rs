//! A gateway as a process with five partners around it: what the journeys are walked with.
#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::base::clock::SystemClock;
use cartage::fhir::json;
use serde_json::Value;

#[path = "../flow/messages.rs"]
pub(crate) mod messages;
pub(crate) mod older;
pub(crate) mod peer;
#[path = "../serve_support/mod.rs"]
pub(crate) mod serve_support;

use self::peer::Peer;
use self::peer::Say;
use self::serve_support::Ground;
use self::serve_support::Running;
use self::serve_support::ask;

pub(crate) const NORTH_NPI: &str = "1234567893";
pub(crate) const LAKE_NPI: &str = "1999999992";
pub(crate) const SOUTH_NPI: &str = "1245319599";
pub(crate) const EAST_NPI: &str = "1555555550";
pub(crate) const HARBOR_ID: &str = "60601";
pub(crate) const SUMMIT_ID: &str = "70702";
pub(crate) const OLDEN_ID: &str = "50501";

const JSON: &str = "Content-Type: application/fhir+json\r\n";
const X12: &str = "Content-Type: application/edi-x12\r\n";

/// What a FHIR server says of a good submission.
pub(crate) const FINE: &str =
    r#"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#;

/// The gateway and its partners.
pub(crate) struct Stage {
    pub(crate) ground: Ground,
    running: Option<Running>,
    /// A payer that speaks X12.
    pub(crate) harbor: Peer,
    /// A payer that speaks the X12 of 5010.
    pub(crate) olden: Peer,
    /// A provider that speaks X12.
    pub(crate) south: Peer,
    /// A provider that speaks the X12 of 5010.
    pub(crate) east: Peer,
    /// A payer that speaks FHIR and has a server.
    pub(crate) summit: Peer,
    /// A provider that speaks FHIR and has a server. `lake` has none, and reads its Tasks with us.
    pub(crate) north: Peer,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// With more lines under `[gateway]`.
    pub(crate) fn with(lines: &str) -> Self {
        Self::edited(lines, |text| text)
    }

    /// With a configuration that is changed before it is read.
    pub(crate) fn edited(lines: &str, edit: impl FnOnce(String) -> String) -> Self {
        let quiet = || Peer::saying(Say::Status(200, String::new()));
        let (harbor, south) = (quiet(), quiet());
        let (olden, east) = (quiet(), quiet());
        let summit = Peer::saying(Say::Status(200, FINE.to_owned()));
        let north = Peer::saying(Say::Status(201, String::new()));
        let ground = Ground::new();
        ground.file(
            "gateway.toml",
            &edit(configuration(
                lines,
                [&harbor, &south, &summit, &north, &olden, &east],
            )),
        );
        let running = Some(Running::start(&ground));
        Self {
            ground,
            running,
            harbor,
            olden,
            south,
            east,
            summit,
            north,
        }
    }

    pub(crate) fn gateway(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// The power goes, and comes back.
    pub(crate) fn crash(&mut self) {
        let running = self.running.take().unwrap();
        running.signal("KILL");
        running.end();
        self.running = Some(Running::start(&self.ground));
    }

    /// An operator stops it and starts it again.
    pub(crate) fn restart(&mut self) {
        self.running.take().unwrap().stop();
        self.running = Some(Running::start(&self.ground));
    }

    /// An operator stops it for good: the log.
    pub(crate) fn finish(&mut self) -> String {
        self.running.take().unwrap().stop()
    }

    /// The exchanges that the gateway tells of, the newest first.
    #[track_caller]
    pub(crate) fn exchanges(&self) -> Vec<Value> {
        let list = r#"{"command":"exchanges","query":{"list":{"state":null,"partner":null,"before":null,"most":100}}}"#;
        let said = self.admin(list);
        said["exchanges"]["list"]["exchanges"].as_array().unwrap().clone()
    }

    /// All that is told of an exchange.
    #[track_caller]
    pub(crate) fn exchange(&self, id: &str) -> Value {
        let said = self.admin(&format!(
            r#"{{"command":"exchanges","query":{{"show":{{"id":"{id}"}}}}}}"#
        ));
        said["exchanges"]["exchange"].clone()
    }

    /// Looks at the newest exchange until it stands so; its id.
    #[track_caller]
    pub(crate) fn until_newest(&self, state: &str) -> String {
        let mut last = Vec::new();
        let found = wait_for(|| {
            last = self.exchanges();
            last.first().is_some_and(|newest| newest["state"] == state)
        });
        assert!(found, "{last:?}");
        last[0]["id"].as_str().unwrap().to_owned()
    }

    /// Asks at the admin socket.
    #[track_caller]
    pub(crate) fn admin(&self, question: &str) -> Value {
        let mut stream = UnixStream::connect(self.ground.path("data/admin.sock")).unwrap();
        writeln!(stream, "{question}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        json::read(answer.trim().as_bytes()).unwrap()
    }

    /// Hands X12 in at a partner's door: the acknowledgements.
    #[track_caller]
    pub(crate) fn x12(&self, partner: &str, text: &str) -> String {
        let (status, answer) = ask(self.gateway().address(partner), "POST /", X12, text);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Posts at a partner's door of the façade.
    #[track_caller]
    pub(crate) fn post(&self, partner: &str, path: &str, body: &Value) -> (u16, Value) {
        self.request(partner, &format!("POST /fhir/{path}"), JSON, &body.to_string())
    }

    #[track_caller]
    pub(crate) fn request(&self, partner: &str, line: &str, fields: &str, body: &str) -> (u16, Value) {
        let (status, text) = ask(self.gateway().address(partner), line, fields, body);
        let said = if text.is_empty() {
            Value::Null
        } else {
            json::read(text.as_bytes()).unwrap()
        };
        (status, said)
    }

    #[track_caller]
    pub(crate) fn read(&self, partner: &str, id: &str) -> (u16, Value) {
        self.request(partner, &format!("GET /fhir/Task/{id}"), "", "")
    }

    /// The Tasks that a partner finds.
    #[track_caller]
    pub(crate) fn search(&self, partner: &str, query: &str) -> Vec<Value> {
        let (status, bundle) = self.request(partner, &format!("GET /fhir/Task?{query}"), "", "");
        assert_eq!(status, 200, "{bundle}");
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["resource"].clone()).collect()
    }

    /// Reads a Task until it has this status.
    #[track_caller]
    pub(crate) fn until_status(&self, partner: &str, id: &str, status: &str) -> Value {
        let mut last = Value::Null;
        let found = wait_for(|| {
            last = self.read(partner, id).1;
            last["status"] == status
        });
        assert!(found, "{last}");
        last
    }

    /// The texts of the files in a folder of the ground, once there are so many.
    #[track_caller]
    pub(crate) fn files(&self, folder: &str, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        let found = wait_for(|| {
            let entries = fs::read_dir(self.ground.path(folder)).into_iter().flatten();
            let names = entries.map(|entry| entry.unwrap().path());
            let seen = names.filter(|path| {
                path.is_file() && !path.file_name().unwrap().to_str().unwrap().starts_with('.')
            });
            texts = seen.filter_map(|path| fs::read_to_string(path).ok()).collect();
            texts.len() >= count
        });
        assert!(found, "{texts:?}");
        texts
    }
}

/// Looks until it is so, but not for ever.
pub(crate) fn wait_for(mut is_so: impl FnMut() -> bool) -> bool {
    let clock = SystemClock::start();
    let began = clock.tick();
    while clock.tick().since(began) < Duration::from_mins(1) {
        if is_so() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

fn configuration(lines: &str, peers: [&Peer; 6]) -> String {
    let [harbor, south, summit, north, olden, east] = peers.map(|peer| peer.address);
    let fhir = |name: &str| {
        format!("[listen.{name}]\nkind = \"fhir\"\naddress = \"127.0.0.1:0\"\nfrom = \"{name}\"\n")
    };
    let core = |name: &str| {
        format!("[listen.{name}]\nkind = \"core\"\naddress = \"127.0.0.1:0\"\nfrom = \"{name}\"\n")
    };
    let doors = [
        core("harbor"),
        core("south"),
        core("olden"),
        core("east"),
        fhir("summit"),
        fhir("north"),
        fhir("lake"),
    ]
    .concat();
    let by_x12 = [
        x12_partner("harbor", &owns_payer(HARBOR_ID), "HARBORPLAN", &NEWER, harbor),
        x12_partner("olden", &owns_payer(OLDEN_ID), "OLDENPLAN", &OLDER, olden),
        x12_partner("east", &owns_provider(EAST_NPI), "EASTCLINIC", &OLDER, east),
        x12_partner("south", &owns_provider(SOUTH_NPI), "SOUTHCLINIC", &NEWER, south),
    ]
    .concat();
    format!(
        r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
{lines}
{doors}
{by_x12}[partner.summit]
role = "payer"
payer-ids = ["{SUMMIT_ID}"]
speaks = "fhir"
fhir = {{ url = "http://{summit}/r4", attachments = "task" }}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
[partner.north]
role = "provider"
npi = ["{NORTH_NPI}"]
speaks = "fhir"
fhir = {{ url = "http://{north}/r4", attachments = "task" }}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
[partner.lake]
role = "provider"
npi = ["{LAKE_NPI}"]
speaks = "fhir"
fhir = {{ hosted = true }}
"#
    )
}

/// The guides of a partner, for requests, attachments to claims and attachments to reviews.
type Guides = [&'static str; 3];
const NEWER: Guides = ["006020X313", "006020X314", "006020X316"];
const OLDER: Guides = ["005010X213", "005010X210", "005010X211"];

fn owns_payer(id: &str) -> String {
    format!("role = \"payer\"\npayer-ids = [\"{id}\"]")
}

fn owns_provider(npi: &str) -> String {
    format!("role = \"provider\"\nnpi = [\"{npi}\"]")
}

fn x12_partner(name: &str, owns: &str, isa: &str, guides: &Guides, at: SocketAddr) -> String {
    format!(
        r#"[partner.{name}]
{owns}
speaks = "x12"
x12 = {{ isa = "ZZ:{isa}", gs = "{isa}", guides = {guides:?} }}
deliver = {{ core = "http://{at}/x12" }}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
"#
    )
}
