//! The doors that are open, and how they follow the configuration.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::plan::Plan;
use super::supervise::keep_going;
use crate::base::clock::Clock;
use crate::edge::Behind;
use crate::edge::folder::Watch;
use crate::edge::network::Door;
use crate::edge::settings::Endpoint;
use crate::edge::settings::Folder;
use crate::edge::settings::Speaks;
use crate::edge::settings::Terms;
use crate::observe::event::Event;
use crate::observe::journal::Journal;
use crate::observe::name::ConfiguredName;

/// A door as it is announced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Announced {
    /// What it is called.
    pub name: String,
    /// What comes through it: `fhir`, `core`, `folder`.
    pub kind: &'static str,
    /// Where it is.
    pub place: Spot,
}

/// Where a door is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Spot {
    /// At an address of this machine.
    Address(SocketAddr),
    /// At a folder.
    Folder(PathBuf),
}

impl Spot {
    /// What kind of place it is and which, as scripts read it.
    pub(super) fn told(&self) -> (&'static str, String) {
        match self {
            Self::Address(address) => ("address", address.to_string()),
            Self::Folder(path) => ("path", path.display().to_string()),
        }
    }
}

/// Who is behind the doors, and who hears of them.
#[derive(Debug)]
pub(super) struct House {
    pub(super) behind: Arc<dyn Behind>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) journal: Journal,
    /// Tells the requests of this start from those of another.
    pub(super) mark: u64,
}

/// The doors that are open.
#[derive(Debug, Default)]
pub(super) struct Doors {
    network: BTreeMap<String, Door>,
    folders: BTreeMap<String, Watched>,
}

#[derive(Debug)]
struct Watched {
    settings: Folder,
    closing: CancellationToken,
    task: JoinHandle<()>,
}

/// Doors that a plan wants and that were bound for it; they do not serve yet. Dropped, they close again.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    network: Vec<Door>,
    folders: Vec<Watch>,
}

impl Doors {
    /// Opens what a plan wants and is not open, before anything else changes.
    pub(super) async fn prepare(&self, plan: &Plan, house: &House) -> Result<Prepared, Fault> {
        let mut prepared = Prepared::default();
        for (endpoint, terms) in &plan.endpoints {
            let stands = self
                .network
                .get(&endpoint.name)
                .is_some_and(|door| door.endpoint() == endpoint);
            if stands {
                continue;
            }
            let opened = self.open(plan, endpoint, terms, house).await;
            prepared.network.push(opened.map_err(|cause| Fault::Door {
                door: endpoint.name.clone(),
                cause,
            })?);
        }
        for folder in &plan.folders {
            let stands = self
                .folders
                .get(&folder.name)
                .is_some_and(|watched| watched.settings == *folder);
            if stands {
                continue;
            }
            let opened = Watch::open(
                folder.clone(),
                Arc::clone(&house.behind),
                Arc::clone(&house.clock),
            );
            prepared.folders.push(opened.map_err(|cause| Fault::Door {
                door: folder.name.clone(),
                cause,
            })?);
        }
        Ok(prepared)
    }

    /// Binds a door, or has it listen where one does that the plan has no more.
    async fn open(&self, plan: &Plan, endpoint: &Endpoint, terms: &Terms, house: &House) -> io::Result<Door> {
        let goes = |door: &&Door| {
            door.address() == endpoint.address
                && !plan.endpoints.iter().any(|(wanted, _)| wanted == door.endpoint())
        };
        let behind = || Arc::clone(&house.behind);
        let successor = self
            .network
            .values()
            .find(goes)
            .and_then(|door| door.successor(endpoint.clone(), terms.clone(), behind(), house.mark));
        match successor {
            Some(door) => Ok(door),
            None => Door::bind(endpoint.clone(), terms.clone(), behind(), house.mark).await,
        }
    }

    /// Follows a plan: what was prepared is let stand, what stands is told the new terms, what the plan has no more is
    /// closed, and who has begun there is answered.
    pub(super) async fn follow(&mut self, plan: &Plan, prepared: Prepared, house: &House) {
        for (endpoint, terms) in &plan.endpoints {
            if let Some(door) = self.network.get(&endpoint.name) {
                door.tell(terms.clone());
            }
        }
        let stays = |name: &String| plan.endpoints.iter().any(|(endpoint, _)| endpoint.name == *name);
        let gone: Vec<String> = self.network.keys().filter(|name| !stays(name)).cloned().collect();
        // Before the old doors close, so that where one follows another somebody always listens.
        prepared.network.iter().for_each(Door::begin);
        for name in gone {
            if let Some(door) = self.network.remove(&name) {
                let_go(door, house);
            }
        }
        for door in prepared.network {
            let endpoint = door.endpoint();
            house.journal.tell(Event::DoorOpened {
                door: ConfiguredName::configured(&endpoint.name),
                kind: kind(endpoint.speaks),
                address: Some(door.address()),
            });
            if let Some(old) = self.network.insert(endpoint.name.clone(), door) {
                let_go(old, house);
            }
        }
        self.follow_folders(plan, prepared.folders, house).await;
    }

    async fn follow_folders(&mut self, plan: &Plan, prepared: Vec<Watch>, house: &House) {
        let mut stays = BTreeMap::new();
        let end = Instant::now() + LEAVING;
        for (name, watched) in std::mem::take(&mut self.folders) {
            if plan.folders.contains(&watched.settings) {
                stays.insert(name, watched);
            } else {
                // A folder is not watched twice, so the old one ends before another begins.
                watched.closing.cancel();
                let _ = timeout_at(end, watched.task).await;
                house.journal.tell(Event::DoorClosed {
                    door: ConfiguredName::configured(&name),
                });
            }
        }
        for watch in prepared {
            let settings = watch.settings().clone();
            house.journal.tell(Event::DoorOpened {
                door: ConfiguredName::configured(&settings.name),
                kind: "folder",
                address: None,
            });
            let closing = CancellationToken::new();
            let task = tokio::spawn(look_after(watch, house.journal.clone(), closing.clone()));
            let name = settings.name.clone();
            let watched = Watched {
                settings,
                closing,
                task,
            };
            stays.insert(name, watched);
        }
        self.folders = stays;
    }

    /// All doors, by name.
    pub(super) fn announced(&self) -> Vec<Announced> {
        let network = self.network.values().map(|door| Announced {
            name: door.endpoint().name.clone(),
            kind: kind(door.endpoint().speaks),
            place: Spot::Address(door.address()),
        });
        let folders = self.folders.values().map(|watched| Announced {
            name: watched.settings.name.clone(),
            kind: "folder",
            place: Spot::Folder(watched.settings.path.clone()),
        });
        let mut all: Vec<Announced> = network.chain(folders).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Closes all doors and waits for who is inside, but not beyond `end`; true if everybody has gone.
    pub(super) async fn close(&mut self, end: Instant) -> bool {
        self.network.values().for_each(Door::close);
        self.folders.values().for_each(|watched| watched.closing.cancel());
        let mut all_gone = true;
        for door in self.network.values() {
            all_gone &= timeout_at(end, door.closed()).await.is_ok();
        }
        for watched in self.folders.values_mut() {
            all_gone &= timeout_at(end, &mut watched.task).await.is_ok();
        }
        all_gone
    }
}

/// Watches a folder until its door is closed, whatever happens meanwhile.
async fn look_after(watch: Watch, journal: Journal, closing: CancellationToken) {
    let trouble = Event::DoorFailed {
        door: ConfiguredName::configured(&watch.settings().name),
        trouble: "panic",
    };
    let watch = Arc::new(tokio::sync::Mutex::new(watch));
    keep_going(trouble, journal.clone(), closing.clone(), move || {
        let (watch, journal, closing) = (Arc::clone(&watch), journal.clone(), closing.clone());
        async move { watch.lock().await.run(&closing, &journal).await }
    })
    .await;
}

/// Closes a door that the configuration has no more; whoever is inside is answered.
fn let_go(door: Door, house: &House) {
    door.close();
    house.journal.tell(Event::DoorClosed {
        door: ConfiguredName::configured(&door.endpoint().name),
    });
    tokio::spawn(async move {
        let _ = timeout_at(Instant::now() + LEAVING, door.closed()).await;
    });
}

const fn kind(speaks: Speaks) -> &'static str {
    match speaks {
        Speaks::Fhir => "fhir",
        Speaks::X12 => "core",
    }
}

/// How long whoever is inside a door that closes has to end.
const LEAVING: Duration = Duration::from_secs(30);
