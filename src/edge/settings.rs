//! What a door is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::trust::bearer::Tokens;
use crate::trust::door::CertificateNames;
use crate::trust::door::DoorTls;

/// A door on the network: what cannot change while it is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// What the door is called.
    pub name: String,
    /// What comes through it.
    pub speaks: Speaks,
    /// Where it listens; port 0 is any free one.
    pub address: SocketAddr,
}

/// What comes through a door on the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speaks {
    /// FHIR.
    Fhir,
    /// X12 by `POST`.
    X12,
}

/// What holds at a door, and can change while it is open.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The partner that everything through the door is from, if it is one.
    pub from: Option<String>,
    /// By whose token a caller is known.
    pub tokens: Arc<Tokens>,
    /// By whose client certificate a caller is known.
    pub names: Arc<CertificateNames>,
    /// The largest message, in octets.
    pub body: u64,
    /// The most clients at a time.
    pub clients: usize,
    /// The most clients at a time from one address, which may have as many requests worked on as well.
    pub per_address: usize,
    /// How long a client may keep us waiting.
    pub timeout: Duration,
    /// How TLS is spoken there; a door without it speaks in the clear.
    pub tls: Option<DoorTls>,
    /// What the façade says of itself; a door for X12 does not need it.
    pub facade: Facade,
}

impl Terms {
    /// Whether whoever was let in under these is who they would be under those: a certificate is looked at only once.
    pub(super) fn admits_as(&self, other: &Self) -> bool {
        match (&self.tls, &other.tls) {
            (None, None) => true,
            (Some(one), Some(other_tls)) => one == other_tls && self.names == other.names,
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

/// What a façade says of itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facade {
    /// Its base address as partners reach it, without a slash at the end.
    pub base: String,
    /// What people call the gateway.
    pub title: String,
    /// Whether attachments can be submitted: there is somebody who takes them.
    pub takes_attachments: bool,
    /// Whether Tasks can be posted and read: there is somebody who is asked by them.
    pub keeps_tasks: bool,
    /// Payers that are reached through it, by their ids.
    pub payers: Vec<String>,
    /// When it came to be so, in seconds since 1970.
    pub since: u64,
}

/// A folder that is watched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folder {
    /// What the door is called.
    pub name: String,
    /// The partner that everything in it is from.
    pub from: String,
    /// Where files are picked up.
    pub path: PathBuf,
    /// Which files, with stars.
    pub pattern: String,
    /// How long a file must not change before it is taken.
    pub settle: Duration,
    /// Where files go that were taken.
    pub archive: PathBuf,
    /// Where files go that could not be, with the reason beside them.
    pub errors: PathBuf,
    /// Where answers go.
    pub answers: PathBuf,
    /// The largest file, in octets.
    pub body: u64,
}
