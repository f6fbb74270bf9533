//! What a simulated partner is, and how it behaves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::fault::Fault;
use super::interchange::Release;
use super::interchange::Signature;

/// Which side a partner is on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// It asks for documents and takes them.
    Payer,
    /// It is asked for documents and sends them.
    Provider,
}

/// What a partner speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Speaks {
    /// 277, 275, 999 and so on, by POST of application/edi-x12 or in folders
    X12,
    /// Task and $submit-attachment
    Fhir,
}

/// The folders of a partner that exchanges files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folders {
    /// Where the gateway leaves files for it.
    pub inbox: PathBuf,
    /// Where the gateway picks up what it sends.
    pub outbox: PathBuf,
}

/// What a simulated partner is, and how it behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What its events call it.
    pub name: String,
    /// Which side it is on.
    pub role: Role,
    /// What it speaks.
    pub speaks: Speaks,
    /// Where it waits for connections; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where its messages go: the address of an X12 door, or the base of a FHIR one. See `Partner::reach`.
    pub gateway: String,
    /// The bearer token that it shows there.
    pub token: Option<String>,
    /// How it signs its envelopes.
    pub own: Signature,
    /// How the gateway signs its own.
    pub other: Signature,
    /// The payer: itself, or the one that it sends documents to unasked.
    pub payer_id: String,
    /// The provider: itself, or the one that it asks.
    pub npi: String,
    /// The release of X12 that it writes.
    pub release: Release,
    /// The first number of its interchanges and cases; a gateway takes a number that it knows for a repeat.
    pub first: u32,
    /// How it misbehaves.
    pub fault: Option<Fault>,
    /// The wait of whatever waits: faults, and tries after the first.
    pub pace: Duration,
    /// Whether a payer over X12 sends an 824 after its 999.
    pub advises: bool,
    /// The folders, if it exchanges files instead of calls.
    pub folders: Option<Folders>,
}

impl Settings {
    /// A partner that behaves, on a free port of this machine.
    pub fn new(role: Role, speaks: Speaks) -> Self {
        let (name, id) = match role {
            Role::Payer => ("payer", "HARBORPLAN"),
            Role::Provider => ("provider", "NORTHCLINIC"),
        };
        let signature = |id: &str| Signature {
            qualifier: "ZZ".to_owned(),
            id: id.to_owned(),
        };
        Self {
            name: name.to_owned(),
            role,
            speaks,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            gateway: String::new(),
            token: None,
            own: signature(id),
            other: signature("GATEWAY"),
            payer_id: "60601".to_owned(),
            npi: "1234567893".to_owned(),
            release: Release::default(),
            first: 1,
            fault: None,
            pace: Duration::from_secs(2),
            advises: false,
            folders: None,
        }
    }
}
