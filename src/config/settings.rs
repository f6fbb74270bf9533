//! The configuration as plain values, for whoever builds and runs the gateway.
//!
//! Nothing here can be written to or read from a file: the text is for operators and changes with them, this is for
//! code. Where a module of the gateway comes to own such settings, they move there.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::quantity::Url;
use crate::flow::settings::Takes;
use crate::mapping::guides::companion::CompanionRule;
use crate::routing::key::Message;
use crate::routing::table::Settings as RoutingSettings;
use crate::routing::value::IsaId;

/// Everything that a gateway is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The gateway itself.
    pub gateway: Gateway,
    /// The doors, by name.
    pub doors: Vec<Door>,
    /// What is agreed with each partner; at the same positions as the partners of `routing`.
    pub partners: Vec<Agreement>,
    /// Partners, routes and what becomes of the rest.
    pub routing: RoutingSettings,
    /// The cache of FHIR reads, if there is one.
    pub cache: Option<Cache>,
    /// What is kept.
    pub ledger: Ledger,
    /// The operators' console, if there is one.
    pub console: Option<Console>,
    /// Metrics, audit and log.
    pub observe: Observe,
}

/// The gateway itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gateway {
    /// What people call it.
    pub name: String,
    /// Where FHIR partners reach it.
    pub public_url: Url,
    /// Where messages and generations are kept.
    pub data_dir: PathBuf,
    /// How its own interchanges are signed.
    pub isa: IsaId,
    /// How its own groups are signed.
    pub gs: String,
    /// Test or production.
    pub usage: Usage,
    /// Whether changed files are taken up by themselves.
    pub watches_files: bool,
    /// A folder of mappings in place of those in the program.
    pub mappings_dir: Option<PathBuf>,
}

/// What ISA15 says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usage {
    /// `T`.
    Test,
    /// `P`.
    Production,
}

/// A door.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Door {
    /// What it is called.
    pub name: String,
    /// What comes through it.
    pub kind: DoorKind,
    /// The partner that everything through it is from, if it is one.
    pub from: Option<String>,
}

/// What comes through a door.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DoorKind {
    /// FHIR.
    Fhir(Endpoint),
    /// X12 over HTTPS.
    Core(Endpoint),
    /// X12 in files.
    Folder(Folder),
}

/// A door on the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate; none for a plain door, which is on loopback or was accepted to be plain.
    pub tls: Option<Tls>,
    /// The largest message, in bytes.
    pub body: u64,
    /// The most clients at a time.
    pub clients: u64,
    /// The most clients at a time from one address.
    pub per_address: u64,
    /// How long a client may keep us waiting.
    pub timeout: Duration,
}

/// The certificate of a door.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tls {
    /// Our certificate and those of its issuers.
    pub cert: PathBuf,
    /// The key of the certificate.
    pub key: Secret,
    /// Whose certificates clients must have.
    pub client_ca: Option<PathBuf>,
    /// Which of those were taken back, if there are lists.
    pub revoked: Option<Revoked>,
}

/// Certificates that were taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revoked {
    /// The lists of their issuers.
    pub lists: PathBuf,
    /// Whether clients are let in whose issuer has no list there, or one that is out of date.
    pub unlisted: bool,
}

/// A watched folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folder {
    /// Where files are picked up.
    pub path: PathBuf,
    /// Which files.
    pub pattern: String,
    /// How long a file must not change before it is taken.
    pub settle: Duration,
    /// Where files go that were taken.
    pub archive: Option<PathBuf>,
    /// Where files go that could not be.
    pub errors: Option<PathBuf>,
}

/// Where a secret is kept. The secret itself is read by whoever needs it, when it is needed.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Secret {
    /// In a file.
    File(PathBuf),
    /// In the environment.
    Variable(String),
}

/// What is agreed with a partner, apart from what routing needs to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Agreement {
    /// What the partner is called.
    pub name: String,
    /// What it is to us.
    pub role: Role,
    /// How it does X12.
    pub x12: Option<X12>,
    /// How it does FHIR.
    pub fhir: Option<Fhir>,
    /// Contents that it names by address.
    pub fetch: Fetch,
    /// How X12 reaches it.
    pub deliver: Option<Delivery>,
    /// The issuers of its servers' certificates, if not those that the system trusts.
    pub ca: Option<PathBuf>,
    /// How we prove to it who we are.
    pub auth: Option<Auth>,
    /// The bearer token by which it proves who it is.
    pub token: Option<Secret>,
    /// The name in its client certificate.
    pub tls_name: Option<String>,
    /// How a delivery is tried again.
    pub retry: Retry,
    /// How long its acknowledgement may take.
    pub ack_within: Duration,
    /// How long a request without a due date stays open.
    pub answer_within: Duration,
}

/// What a partner is to us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// It pays.
    Payer,
    /// It treats.
    Provider,
    /// It passes on.
    Hub,
}

/// How a partner does X12.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct X12 {
    /// How it signs interchanges.
    pub isa: IsaId,
    /// How it signs groups.
    pub gs: String,
    /// Guides that it speaks, the preferred one of each kind first.
    pub guides: Vec<&'static str>,
    /// What attachments it takes.
    pub takes: Takes,
    /// Whether wrong lengths of binary data are repaired where that is safe.
    pub repair: bool,
    /// Findings that weigh otherwise than usual, by their codes.
    pub severity: Vec<(String, Weighs)>,
    /// What it asks beyond the guides.
    pub rules: Vec<CompanionRule>,
}

/// How a finding weighs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weighs {
    /// It refuses the message.
    Reject,
    /// The sender is told and the message is taken.
    AcceptWithErrors,
    /// Nobody is told but us.
    Accept,
}

/// How a partner does FHIR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fhir {
    /// Its server.
    pub url: Option<Url>,
    /// Whether it takes Tasks that ask for attachments.
    pub tasks: bool,
    /// Whether it answers reads and searches.
    pub query: bool,
    /// Whether it reads its Tasks with us.
    pub hosted: bool,
    /// The version of CDex that it is sent.
    pub cdex: String,
    /// The version of US Core that it is sent.
    pub us_core: String,
    /// What attachments it takes.
    pub takes: Takes,
}

/// From where contents are fetched that a partner names by address, and how much of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fetch {
    /// Servers besides its own.
    pub from: Vec<Url>,
    /// The most bytes for one submission.
    pub most: u64,
    /// How long it may take.
    pub within: Duration,
}

/// How X12 reaches a partner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// Over HTTPS.
    Core {
        /// Where.
        url: Url,
        /// Whether it answers at once.
        realtime: bool,
    },
    /// As a file.
    Folder {
        /// Where.
        path: PathBuf,
        /// How files are named.
        name: String,
    },
}

/// How we prove to a partner who we are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Auth {
    /// SMART Backend Services.
    SmartBackend {
        /// Our client id there.
        client_id: String,
        /// Our key.
        key: Secret,
        /// Scopes that we ask for.
        scopes: Vec<String>,
        /// Where tokens come from.
        token_url: Option<Url>,
    },
    /// A client certificate.
    Mtls {
        /// Our certificate and those of its issuers.
        cert: PathBuf,
        /// The key of the certificate.
        key: Secret,
    },
    /// A bearer token.
    Bearer(Secret),
}

/// How a delivery is tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retry {
    /// The wait before the second try.
    pub first: Duration,
    /// The longest wait between two.
    pub up_to: Duration,
    /// How long in all.
    pub in_all: Duration,
}

/// The cache of FHIR reads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cache {
    /// The most that is kept, in bytes.
    pub memory: u64,
    /// How long an answer is good that does not say so itself.
    pub default_ttl: Duration,
    /// FHIR types that are never kept.
    pub never: Vec<String>,
}

/// What is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ledger {
    /// How long finished exchanges are kept.
    pub keep: Duration,
    /// The most that is kept, in bytes.
    pub max_size: Option<u64>,
}

/// The operators' console.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Console {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who may use it; nobody else than this machine's users, if that is not said.
    pub sign_in: Option<SignIn>,
}

/// Who may use the console.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignIn {
    /// By `OpenID` Connect.
    Oidc {
        /// The issuer.
        issuer: Url,
        /// Our client id there.
        client_id: String,
        /// Groups whose members may sign in; empty for all.
        groups: Vec<String>,
    },
    /// By a bearer token.
    Token(Secret),
}

/// Metrics, audit and log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Observe {
    /// Where metrics are served.
    pub metrics: Option<SocketAddr>,
    /// The file that audit lines are added to.
    pub audit: Option<PathBuf>,
    /// How much is logged.
    pub log: String,
}

impl Settings {
    /// The kinds of message that guides describe, each once.
    pub fn messages_of(guides: &[&'static str]) -> Vec<Message> {
        let mut messages: Vec<Message> = guides
            .iter()
            .filter_map(|id| crate::routing::guide::find(id))
            .map(|guide| guide.message)
            .collect();
        messages.sort_unstable();
        messages.dedup();
        messages
    }
}
