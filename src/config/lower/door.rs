//! Doors.

use std::path::PathBuf;
use std::time::Duration;

use super::Look;
use super::secret;
use crate::config::settings::Door;
use crate::config::settings::DoorKind;
use crate::config::settings::Endpoint;
use crate::config::settings::Folder;
use crate::config::settings::Revoked;
use crate::config::settings::Tls;
use crate::config::shape::door::LIMITS;
use crate::config::shape::door::LISTEN;
use crate::config::tree::Table;

/// A door, unless what it needs is missing.
pub(super) fn one(name: &str, table: &Table) -> Option<Door> {
    let kind = match table.text("kind")? {
        "fhir" => DoorKind::Fhir(endpoint(table)?),
        "core" => DoorKind::Core(endpoint(table)?),
        _ => DoorKind::Folder(folder(table)?),
    };
    Some(Door {
        name: name.to_owned(),
        kind,
        from: table.text("from").map(str::to_owned),
    })
}

fn endpoint(table: &Table) -> Option<Endpoint> {
    let look = Look::at(Some(table), &LISTEN);
    let limits = Look::at(table.table("limits"), &LIMITS);
    let tls = match table.table("tls") {
        Some(tls) => Some(Tls {
            cert: PathBuf::from(tls.text("cert")?),
            key: secret(tls.table("key")?)?,
            client_ca: tls.text("client-ca").map(PathBuf::from),
            revoked: tls.text("crl").map(|lists| Revoked {
                lists: PathBuf::from(lists),
                unlisted: tls.text("unlisted") == Some("accept"),
            }),
        }),
        None => None,
    };
    let clients = limits.number("clients")?;
    Some(Endpoint {
        address: look.address("address")?,
        tls,
        body: limits.size("body")?,
        clients,
        per_address: limits.number("per-address").unwrap_or(clients.div_ceil(2)),
        timeout: limits.duration("timeout")?,
    })
}

fn folder(table: &Table) -> Option<Folder> {
    let look = Look::at(Some(table), &LISTEN);
    Some(Folder {
        path: look.path("path")?,
        pattern: look.string("pattern").unwrap_or_else(|| "*".to_owned()),
        settle: look.duration("settle").unwrap_or(Duration::from_secs(2)),
        archive: look.path("archive"),
        errors: look.path("errors"),
    })
}
