//! A generation of the configuration as the parts of the gateway are told it.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use super::dialing::Dialing;
use super::fault::Fault;
use super::partner;
use crate::app::mappings;
use crate::config::reload::Generation;
use crate::config::reload::Retiring;
use crate::config::settings;
use crate::config::settings::Delivery;
use crate::config::settings::DoorKind;
use crate::config::settings::Role;
use crate::config::settings::Settings;
use crate::config::settings::Usage;
use crate::config::source::Disk;
use crate::edge::settings::Endpoint;
use crate::edge::settings::Facade;
use crate::edge::settings::Folder;
use crate::edge::settings::Speaks;
use crate::edge::settings::Terms;
use crate::flow;
use crate::ledger::ids::TenantId;
use crate::mapping::Library;
use crate::mapping::guides::Guides;
use crate::routing::partner::Speaks as Language;
use crate::trust::bearer::Tokens;
use crate::trust::door::CertificateNames;
use crate::trust::door::ClientIssuers;
use crate::trust::door::DoorTls;
use crate::trust::door::Revoked;
use crate::trust::secret::Secret;
use crate::trust::secret::SecretPlace;
use crate::trust::tls::Identity;

/// What the parts of a gateway are told.
#[derive(Debug)]
pub(super) struct Plan {
    /// The flow.
    pub(super) flow: flow::settings::Settings,
    /// Doors on the network.
    pub(super) endpoints: Vec<(Endpoint, Terms)>,
    /// Folders.
    pub(super) folders: Vec<Folder>,
}

/// Where the names of files lead, and what is compiled once for all generations.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) disk: &'a Disk,
    pub(super) library: Arc<Library>,
    pub(super) guides: Arc<Guides>,
    /// When this generation is taken up.
    pub(super) now: SystemTime,
    /// How partners are dialled.
    pub(super) dialing: Dialing,
}

impl Ground<'_> {
    /// Where a name in the configuration leads: relative names begin at the folder of its main file.
    pub(super) fn path(&self, named: &Path) -> PathBuf {
        self.disk.path(&named.to_string_lossy())
    }

    /// Where a secret is kept.
    pub(super) fn place(&self, place: &settings::Secret) -> SecretPlace {
        match place {
            settings::Secret::File(file) => SecretPlace::File(self.path(file)),
            settings::Secret::Variable(name) => SecretPlace::Variable(name.clone()),
        }
    }

    /// Reads a secret.
    pub(super) fn secret(&self, place: &settings::Secret, whose: &str) -> Result<Secret, Fault> {
        self.place(place).read().map_err(|cause| Fault::Secret {
            whose: whose.to_owned(),
            cause,
        })
    }
}

/// The mappings, with those of a folder of the configuration in their place, and the guides.
pub(super) fn knowledge(folder: Option<&Path>, disk: &Disk) -> Result<(Arc<Library>, Arc<Guides>), Fault> {
    let folder = folder.map(|folder| disk.path(&folder.to_string_lossy()));
    // One after the other: on threads of their own they would be there some milliseconds sooner, and what each of them
    // needs while it reads would stay with the process.
    let library = mappings::load(folder.as_deref()).map_err(Fault::Mappings)?;
    let guides = Guides::embedded().map_err(|fault| Fault::Mappings(fault.to_string()))?;
    Ok((Arc::new(library), Arc::new(guides)))
}

impl Plan {
    /// What follows from a generation.
    pub(super) fn of(generation: &Generation, ground: &Ground<'_>) -> Result<Self, Fault> {
        let settings = &generation.settings;
        let tokens = Arc::new(tokens(generation, ground)?);
        let names = Arc::new(names(generation)?);
        let facade = facade(generation, ground.now);
        let mut endpoints = Vec::new();
        let mut folders = Vec::new();
        for door in &settings.doors {
            let (told, speaks) = match &door.kind {
                DoorKind::Fhir(told) => (told, Speaks::Fhir),
                DoorKind::Core(told) => (told, Speaks::X12),
                DoorKind::Folder(told) => {
                    folders.push(folder(settings, door, told, ground)?);
                    continue;
                }
            };
            let endpoint = Endpoint {
                name: door.name.clone(),
                speaks,
                address: told.address,
            };
            let terms = Terms {
                from: door.from.clone(),
                tokens: Arc::clone(&tokens),
                names: Arc::clone(&names),
                body: told.body,
                clients: usize::try_from(told.clients).unwrap_or(usize::MAX),
                per_address: usize::try_from(told.per_address).unwrap_or(usize::MAX),
                timeout: told.timeout,
                tls: told
                    .tls
                    .as_ref()
                    .map(|tls| door_tls(&door.name, tls, ground))
                    .transpose()?,
                facade: facade.clone(),
            };
            endpoints.push((endpoint, terms));
        }
        Ok(Self {
            flow: flow_settings(generation, ground)?,
            endpoints,
            folders,
        })
    }
}

/// What is agreed with all who may still speak to us: the partners, and those that are being given up.
fn agreements(generation: &Generation) -> impl Iterator<Item = &settings::Agreement> {
    let retiring = generation.retiring.iter().map(|retiring| &retiring.agreement);
    generation.settings.partners.iter().chain(retiring)
}

fn flow_settings(generation: &Generation, ground: &Ground<'_>) -> Result<flow::settings::Settings, Fault> {
    let settings = &generation.settings;
    let mut routing = settings.routing.clone();
    let mut partners = Vec::new();
    for (position, told) in settings.partners.iter().enumerate() {
        let known = settings.routing.partners.get(position);
        let speaks_x12 = known.is_some_and(|known| matches!(known.speaks, Language::X12 { .. }));
        partners.push(partner::agreement(ground, told, speaks_x12)?);
    }
    for retiring in &generation.retiring {
        let speaks_x12 = matches!(retiring.speaks, Language::X12 { .. });
        partners.push(partner::agreement(ground, &retiring.agreement, speaks_x12)?);
        routing.partners.push(retiring.unaddressed());
    }
    let gateway = &settings.gateway;
    Ok(flow::settings::Settings {
        generation: u64::from(generation.number),
        own: flow::settings::Own {
            name: TenantId::parse(OWN_NAME).map_err(|fault| Fault::Partner {
                partner: OWN_NAME.to_owned(),
                what: fault.to_string(),
            })?,
            isa: gateway.isa.clone(),
            gs: gateway.gs.clone(),
            production: gateway.usage == Usage::Production,
            facade: base(settings),
        },
        routing,
        partners,
        retiring: generation.retiring.iter().map(name_of).collect(),
        library: Arc::clone(&ground.library),
        guides: Arc::clone(&ground.guides),
    })
}

fn name_of(retiring: &Retiring) -> String {
    retiring.agreement.name.clone()
}

fn tokens(generation: &Generation, ground: &Ground<'_>) -> Result<Tokens, Fault> {
    let mut tokens = Tokens::default();
    for partner in agreements(generation) {
        if let Some(place) = &partner.token {
            let token = ground.secret(place, &format!("partner {}", partner.name))?;
            tokens = tokens.with(token.reveal().as_bytes(), &partner.name);
        }
    }
    Ok(tokens)
}

fn names(generation: &Generation) -> Result<CertificateNames, Fault> {
    let mut names = CertificateNames::default();
    for partner in agreements(generation) {
        if let Some(name) = &partner.tls_name {
            names = names.with(name, &partner.name).map_err(|fault| Fault::Partner {
                partner: partner.name.clone(),
                what: fault.to_string(),
            })?;
        }
    }
    Ok(names)
}

fn facade(generation: &Generation, now: SystemTime) -> Facade {
    let settings = &generation.settings;
    let has = |roles: &[Role]| agreements(generation).any(|partner| roles.contains(&partner.role));
    Facade {
        base: base(settings),
        title: settings.gateway.name.clone(),
        takes_attachments: has(&[Role::Payer, Role::Hub]),
        keeps_tasks: has(&[Role::Provider, Role::Hub]),
        payers: settings
            .routing
            .partners
            .iter()
            .flat_map(|partner| &partner.payer_ids)
            .map(|payer| payer.as_str().to_owned())
            .collect(),
        since: now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs(),
    }
}

/// The base of the façade, without a slash at its end.
fn base(settings: &Settings) -> String {
    settings
        .gateway
        .public_url
        .as_str()
        .trim_end_matches('/')
        .to_owned()
}

fn door_tls(door: &str, told: &settings::Tls, ground: &Ground<'_>) -> Result<DoorTls, Fault> {
    let identity = Identity {
        cert: ground.path(&told.cert),
        key: ground.place(&told.key),
    };
    let clients = told.client_ca.as_ref().map(|ca| ClientIssuers {
        ca: ground.path(ca),
        revoked: told.revoked.as_ref().map(|revoked| Revoked {
            lists: ground.path(&revoked.lists),
            unlisted: revoked.unlisted,
        }),
    });
    DoorTls::build(&identity, clients.as_ref()).map_err(|cause| Fault::DoorTls {
        door: door.to_owned(),
        cause,
    })
}

fn folder(
    settings: &Settings,
    door: &settings::Door,
    told: &settings::Folder,
    ground: &Ground<'_>,
) -> Result<Folder, Fault> {
    let Some(from) = door.from.clone() else {
        return Err(Fault::Unfit {
            whose: format!("door {}", door.name),
            what: "nothing says whose files these are; add `from`",
        });
    };
    let path = ground.path(&told.path);
    let of_partner = settings
        .partners
        .iter()
        .find(|partner| partner.name == from)
        .and_then(|partner| partner.deliver.as_ref());
    let answers = match of_partner {
        Some(Delivery::Folder { path, .. }) => ground.path(path),
        Some(Delivery::Core { .. }) | None => path.join("answers"),
    };
    let or_inside = |said: &Option<PathBuf>, inside: &str| {
        said.as_ref()
            .map_or_else(|| path.join(inside), |said| ground.path(said))
    };
    Ok(Folder {
        name: door.name.clone(),
        from,
        pattern: told.pattern.clone(),
        settle: told.settle,
        archive: or_inside(&told.archive, "archive"),
        errors: or_inside(&told.errors, "errors"),
        answers,
        body: LONGEST_FILE,
        path,
    })
}

/// The tenant that is the gateway itself; no partner can have this name, because names have no stars.
const OWN_NAME: &str = "*gateway*";

/// The longest file that is picked up: as long as any attachment that we promise to carry, with room for base64.
const LONGEST_FILE: u64 = 1 << 30;
