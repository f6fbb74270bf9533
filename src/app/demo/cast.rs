//! Who takes part in the demo: a gateway as any other, and seven partners that do not exist around it.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::serve::Service;
use crate::app::serve::Spot;
use crate::app::serve::Start;
use crate::app::simulate::Event;
use crate::app::simulate::Folders;
use crate::app::simulate::Partner;
use crate::app::simulate::Release;
use crate::app::simulate::Role;
use crate::app::simulate::Settings;
use crate::app::simulate::Signature;
use crate::app::simulate::Speaks;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::observe::event::Weight;
use crate::observe::journal::Form;
use crate::observe::journal::Journal;
use crate::observe::journal::Outputs;

/// One of the cast, before it is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// What the configuration and the events call it.
    pub(super) name: &'static str,
    role: Role,
    pub(super) speaks: Speaks,
    /// Its payer id or its NPI.
    pub(super) id: &'static str,
    isa: &'static str,
    release: Release,
    reached: Reached,
}

/// How the gateway reaches somebody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reached {
    /// It has a server.
    Server,
    /// It has none, and reads its Tasks with the gateway.
    Hosted,
    /// It has none, and fetches and drops files.
    Folders,
    /// Not at all: it is not in the configuration.
    Nowhere,
}

/// A payer on X12 of today.
pub(super) const HARBOR: Part = payer("harbor", Speaks::X12, "60601", "HARBORPLAN", Release::V6020);
/// A payer on X12 of the version before.
pub(super) const ATLAS: Part = payer("atlas", Speaks::X12, "60602", "ATLASHEALTH", Release::V5010);
/// A payer on FHIR.
pub(super) const BEACON: Part = payer("beacon", Speaks::Fhir, "60603", "BEACONLIFE", Release::V6020);
/// A clinic on X12.
pub(super) const NORTH: Part = provider("north", Speaks::X12, "1234567893", "NORTHCLINIC", Reached::Server);
/// A hospital with a FHIR server.
pub(super) const LAKESIDE: Part = provider(
    "lakeside",
    Speaks::Fhir,
    "1888888884",
    "LAKESIDE",
    Reached::Server,
);
/// A practice without a server.
pub(super) const ELM: Part = provider("elm", Speaks::Fhir, "1777777776", "ELMSTREET", Reached::Hosted);
/// A clinic on X12 that knows only folders.
pub(super) const MARSH: Part = provider(
    "marsh",
    Speaks::X12,
    "1666666668",
    "MARSHCLINIC",
    Reached::Folders,
);
/// Somebody of whom the gateway was never told, and who is not there.
pub(super) const NOBODY: Part = provider("nobody", Speaks::X12, "1555555550", "NOBODY", Reached::Nowhere);

/// Everybody.
pub(super) const CAST: [Part; 7] = [HARBOR, ATLAS, BEACON, NORTH, LAKESIDE, ELM, MARSH];

const fn payer(
    name: &'static str,
    speaks: Speaks,
    id: &'static str,
    isa: &'static str,
    release: Release,
) -> Part {
    Part {
        name,
        role: Role::Payer,
        speaks,
        id,
        isa,
        release,
        reached: Reached::Server,
    }
}

const fn provider(
    name: &'static str,
    speaks: Speaks,
    id: &'static str,
    isa: &'static str,
    reached: Reached,
) -> Part {
    Part {
        name,
        role: Role::Provider,
        speaks,
        id,
        isa,
        release: Release::V6020,
        reached,
    }
}

impl Part {
    /// What people read of it.
    pub(super) fn caption(&self) -> String {
        let what = match (self.role, self.speaks, self.release, self.reached) {
            (.., Reached::Nowhere) => return "somebody whom nobody knows".to_owned(),
            (.., Reached::Folders) => "clinic, X12 in folders",
            (Role::Payer, Speaks::X12, Release::V6020, _) => "payer, X12 6020",
            (Role::Payer, Speaks::X12, Release::V5010, _) => "payer, X12 5010",
            (Role::Payer, Speaks::Fhir, ..) => "payer, FHIR",
            (Role::Provider, Speaks::X12, ..) => "clinic, X12",
            (Role::Provider, Speaks::Fhir, _, Reached::Hosted) => "practice, no server",
            (Role::Provider, Speaks::Fhir, ..) => "hospital, FHIR",
        };
        format!("{} ({what})", self.name)
    }

    /// Whether the gateway was told of it.
    pub(super) fn is_known(&self) -> bool {
        self.reached != Reached::Nowhere
    }

    /// Whether it looks for what is there for it, because nothing is brought.
    pub(super) fn fetches(&self) -> bool {
        matches!(self.reached, Reached::Hosted | Reached::Folders)
    }

    /// Where it fetches and drops files, if it does.
    fn folders(&self, folder: &Path) -> Option<Folders> {
        (self.reached == Reached::Folders).then(|| Folders {
            inbox: folder.join(format!("to-{}", self.name)),
            outbox: folder.join(format!("from-{}", self.name)),
        })
    }

    /// What it is, as the simulation wants it. Numbers of the whole cast differ, so that nobody's case is another's.
    fn settings(&self, position: u32, folder: &Path) -> Settings {
        let usual = Settings::new(self.role, self.speaks);
        let signature = |id: &str| Signature::parse(&format!("ZZ:{id}"));
        let settings = Settings {
            name: self.name.to_owned(),
            token: Some(self.token()),
            own: signature(self.isa).unwrap_or_else(|| usual.own.clone()),
            other: signature(OWN_ISA).unwrap_or_else(|| usual.other.clone()),
            release: self.release,
            first: position * 1_000 + 1,
            pace: Duration::from_millis(200),
            folders: self.folders(folder),
            ..usual
        };
        match self.role {
            Role::Payer => Settings {
                payer_id: self.id.to_owned(),
                advises: true,
                ..settings
            },
            Role::Provider => Settings {
                npi: self.id.to_owned(),
                ..settings
            },
        }
    }

    /// What it shows at the gateway. The demo listens on this machine only, and its people do not exist.
    pub(super) fn token(&self) -> String {
        format!("demo-{}-token", self.name)
    }

    /// Its part of the configuration.
    fn configured(&self, partner: &Partner) -> String {
        let Self { name, id, isa, .. } = self;
        let owns = match self.role {
            Role::Payer => format!("role      = \"payer\"\npayer-ids = [\"{id}\"]"),
            Role::Provider => format!("role      = \"provider\"\nnpi       = [\"{id}\"]"),
        };
        let url = format!("http://{}", partner.address());
        let reached = match (self.speaks, self.release, self.reached) {
            (Speaks::X12, release, by) => {
                let delivered = match by {
                    Reached::Folders => format!("folder = \"to-{name}\""),
                    Reached::Server | Reached::Hosted | Reached::Nowhere => format!("core = \"{url}/x12\""),
                };
                let guides = match release {
                    Release::V5010 => "\"005010X213\", \"005010X210\", \"005010X211\"",
                    Release::V6020 => "\"006020X313\", \"006020X314\", \"006020X316\"",
                };
                format!(
                    "speaks    = \"x12\"\nx12       = {{ isa = \"ZZ:{isa}\", guides = [{guides}] }}\ndeliver   = {{ {delivered} }}"
                )
            }
            (Speaks::Fhir, _, Reached::Hosted) => {
                "speaks    = \"fhir\"\nfhir      = { hosted = true }".to_owned()
            }
            (Speaks::Fhir, ..) => {
                format!(
                    "speaks    = \"fhir\"\nfhir      = {{ url = \"{url}/fhir\", attachments = \"task\" }}"
                )
            }
        };
        if self.reached == Reached::Folders {
            // Whoever may write in its folder is it.
            return format!(
                "\n[partner.{name}]\n{owns}\n{reached}\n\n[listen.{name}]\nkind    = \"folder\"\npath    = \"from-{name}\"\npattern = \"*.edi\"\nsettle  = \"50ms\"\nfrom    = \"{name}\"\n"
            );
        }
        let door = match self.speaks {
            Speaks::X12 => {
                format!(
                    "\n[listen.{name}]\nkind    = \"core\"\naddress = \"127.0.0.1:0\"\nfrom    = \"{name}\"\n"
                )
            }
            Speaks::Fhir => String::new(),
        };
        format!(
            "\n[partner.{name}]\n{owns}\n{reached}\nretry     = {{ first = \"300ms\", up-to = \"2s\", for = \"1h\" }}\nknown-by  = {{ token = {{ file = \"{name}.token\" }} }}\n{door}"
        )
    }
}

/// The cast on the stage.
pub(super) struct Stage {
    pub(super) gateway: Arc<Service>,
    partners: Vec<(Part, Partner)>,
    /// What all partners tell, in the order in which it came.
    pub(super) events: mpsc::Receiver<Event>,
    /// The configuration, the data and the samples.
    pub(super) folder: PathBuf,
    /// The base of the façade.
    pub(super) facade: String,
}

/// How our own envelopes are signed.
const OWN_ISA: &str = "CARTAGEDEMO";

/// The most events that wait to be drawn.
const EVENTS: usize = 1_024;

/// How often a free port is looked for; another program may take it before the gateway does.
const TRIES: usize = 5;

impl Stage {
    /// Starts everybody: the partners first, since the gateway is told where they are.
    ///
    /// # Errors
    /// Whatever keeps one of them from starting.
    pub(super) async fn set(folder: &Path) -> io::Result<Self> {
        let (sender, events) = mpsc::channel(EVENTS);
        let mut partners = Vec::new();
        for (position, part) in (1..).zip(CAST) {
            if let Some(Folders { inbox, outbox }) = part.folders(folder) {
                fs::create_dir_all(inbox)?;
                fs::create_dir_all(outbox)?;
            }
            let (partner, mut told) = Partner::start(part.settings(position, folder)).await?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while let Some(event) = told.recv().await {
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
            });
            partners.push((part, partner));
        }
        let (gateway, facade) = open(folder, &partners).await?;
        let stage = Self {
            gateway,
            partners,
            events,
            folder: folder.to_owned(),
            facade,
        };
        stage.introduce().await?;
        Ok(stage)
    }

    /// Tells each partner where the gateway is.
    async fn introduce(&self) -> io::Result<()> {
        for (part, partner) in &self.partners {
            if part.reached == Reached::Folders {
                continue;
            }
            match part.speaks {
                Speaks::Fhir => partner.reach(&self.facade),
                Speaks::X12 => partner.reach(&format!("http://{}/", self.door(part.name).await?)),
            }
        }
        Ok(())
    }

    /// Where a door of the gateway is.
    ///
    /// # Errors
    /// If there is no such door.
    pub(super) async fn door(&self, name: &str) -> io::Result<std::net::SocketAddr> {
        let found = self
            .gateway
            .doors()
            .await
            .into_iter()
            .find(|door| door.name == name);
        match found.map(|door| door.place) {
            Some(Spot::Address(address)) => Ok(address),
            Some(Spot::Folder(_)) | None => Err(io::Error::other(format!("there is no door {name}"))),
        }
    }

    /// One of the cast.
    pub(super) fn partner(&self, part: Part) -> Option<&Partner> {
        let found = self.partners.iter().find(|(one, _)| one.name == part.name);
        found.map(|(_, partner)| partner)
    }

    /// Ends the play; true if nothing was broken off.
    pub(super) async fn close(self) -> bool {
        let whole = self.gateway.drain(Duration::from_secs(10)).await;
        for (_, partner) in self.partners {
            partner.stop().await;
        }
        whole
    }
}

/// Writes the configuration and starts the gateway on it.
async fn open(folder: &Path, partners: &[(Part, Partner)]) -> io::Result<(Arc<Service>, String)> {
    for (part, _) in partners {
        fs::write(folder.join(format!("{}.token", part.name)), part.token())?;
    }
    let mut last = io::Error::other("no port is free");
    for _ in 0..TRIES {
        let port = {
            let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
            listener.local_addr()?.port()
        };
        let facade = format!("http://127.0.0.1:{port}");
        let main = folder.join("gateway.toml");
        fs::write(&main, configuration(&facade, port, partners))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let start = Start {
            main,
            journal: journal(folder, &clock)?,
            clock,
        };
        match Service::start(start).await {
            Ok(gateway) => return Ok((gateway, facade)),
            Err(fault) => last = io::Error::other(fault.told()),
        }
    }
    Err(last)
}

/// The log of the gateway, as a file beside its configuration.
fn journal(folder: &Path, clock: &Arc<dyn Clock>) -> io::Result<Journal> {
    let outputs = Outputs {
        log: Box::new(fs::File::create(folder.join("gateway.log"))?),
        form: Form::Words,
        least: Weight::Info,
        audit: None,
    };
    // The thread that writes ends with the last of those who tell it something.
    Journal::open(outputs, EVENTS, Arc::clone(clock)).map(|(journal, _)| journal)
}

/// The configuration of the gateway of the demo, as an operator would write it.
fn configuration(facade: &str, port: u16, partners: &[(Part, Partner)]) -> String {
    let head = format!(
        "# What `cartage demo` runs on. All people, plans and clinics are invented.\nconfig-version = 1\n\n\
         [gateway]\nname       = \"Cartage demo\"\npublic-url = \"{facade}\"\ndata-dir   = \"data\"\n\
         isa        = \"ZZ:{OWN_ISA}\"\nusage      = \"T\"\n\n\
         [listen.fhir]\nkind    = \"fhir\"\naddress = \"127.0.0.1:{port}\"\n"
    );
    let parts = partners.iter().map(|(part, partner)| part.configured(partner));
    std::iter::once(head).chain(parts).collect()
}
