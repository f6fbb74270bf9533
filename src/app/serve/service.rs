//! A gateway that runs: ledger, doors, courier and timers around one flow.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::admin;
use super::chance::Dice;
use super::dialing::Dialing;
use super::doors::Announced;
use super::doors::Doors;
use super::doors::House;
use super::fault::Fault;
use super::plan::Ground;
use super::plan::Plan;
use super::plan::knowledge;
use super::supervise;
use super::upkeep;
use crate::base::clock::Clock;
use crate::config::document::Document;
use crate::config::quantity::Day;
use crate::config::reload::Candidate;
use crate::config::reload::Circumstances;
use crate::config::reload::Generation;
use crate::config::reload::Generations;
use crate::config::reload::Refusal;
use crate::config::reload::Store;
use crate::config::report::Report;
use crate::config::settings::Settings;
use crate::config::show::fingerprint;
use crate::config::source::Disk;
use crate::config::source::Sources;
use crate::edge::Behind;
use crate::flow::chance::Chance;
use crate::flow::courier;
use crate::flow::courier::Courier;
use crate::flow::dossier;
use crate::flow::gateway::Gateway;
use crate::flow::gateway::Parts;
use crate::ledger::found::Search;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Viewer;
use crate::ledger::local;
use crate::ledger::local::Ledger;
use crate::mapping::Library;
use crate::mapping::guides::Guides;
use crate::observe::event::Event;
use crate::observe::journal::Journal;
use crate::trust::key::key_in;
use crate::upstream::carrier::Carrier;
use crate::upstream::fetch::Fetcher;
use crate::upstream::limits::Limits;

/// A gateway that runs.
#[derive(Debug)]
pub struct Service {
    disk: Disk,
    main: String,
    generations: Generations,
    gateway: Arc<Gateway>,
    dice: Arc<dyn Chance>,
    ledger: Ledger,
    library: Arc<Library>,
    guides: Arc<Guides>,
    house: House,
    /// Held while the doors change, so that two reloads do not cross.
    doors: tokio::sync::Mutex<Doors>,
    /// Why the last change was refused, until one is not.
    refused: Mutex<Option<String>>,
    socket: PathBuf,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What a gateway is started with.
#[derive(Debug)]
pub struct Start {
    /// The main file of the configuration.
    pub main: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where events are told.
    pub journal: Journal,
}

impl Service {
    /// Checks the configuration, takes the data folder, opens the doors and begins to work.
    ///
    /// # Errors
    /// Says what the operator has to mend; then nothing runs.
    pub async fn start(start: Start) -> Result<Arc<Self>, Fault> {
        let (disk, main) = Disk::around(&start.main);
        let now = start.clock.now();
        let candidate = Candidate::read(&disk, &main, Day::at(now))?;
        let settings = candidate.settings();
        let folder = disk.path(&settings.gateway.data_dir.to_string_lossy());
        // The ledger first: whoever has it locked keeps this process from touching anything.
        let (ledger, library, guides) = foundation(settings, &disk, &folder, &start.clock).await?;
        let key_file = folder.join("key");
        let key = key_in(&key_file).map_err(own(&key_file))?;
        let kept = Store::in_folder(folder.join("generations"));
        let generations = Generations::start(candidate, Some(kept))?;
        let plan = Plan::of(
            &generations.current(),
            &Ground {
                disk: &disk,
                library: Arc::clone(&library),
                guides: Arc::clone(&guides),
                now,
                dialing: Dialing::default(),
            },
        )?;
        let dice: Arc<dyn Chance> = Arc::new(Dice::default());
        let gateway = gateway(&ledger, &start, &dice, key, &plan);
        let house = House {
            behind: Arc::clone(&gateway) as Arc<dyn Behind>,
            clock: start.clock,
            journal: start.journal,
            mark: dice.draw(),
        };
        let socket = folder.join(admin::SOCKET);
        let listener = admin::listen(&socket).map_err(own(&socket))?;
        let mut doors = Doors::default();
        let prepared = doors.prepare(&plan, &house).await?;
        house.journal.tell(Event::Started {
            version: env!("CARGO_PKG_VERSION"),
            generation: plan.flow.generation,
        });
        doors.follow(&plan, prepared, &house).await;
        let service = Arc::new(Self {
            dice,
            disk,
            main,
            generations,
            gateway,
            ledger,
            library,
            guides,
            house,
            doors: tokio::sync::Mutex::new(doors),
            refused: Mutex::new(None),
            socket,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        service.begin(listener);
        Ok(service)
    }

    /// Begins what goes on by itself.
    fn begin(self: &Arc<Self>, listener: tokio::net::UnixListener) {
        let listener = Arc::new(listener);
        self.keep("admin panicked", move |service| {
            admin::serve(Arc::clone(&listener), Arc::clone(service), service.stop.clone())
        });
        self.keep("timers panicked", |service| {
            let journal = service.house.journal.clone();
            upkeep::timers(Arc::clone(&service.gateway), journal, service.stop.clone())
        });
        self.keep("outbox panicked", |service| {
            let journal = service.house.journal.clone();
            upkeep::deliver(service.courier(), journal, service.stop.clone())
        });
        let generation = self.generations.current();
        let retention = upkeep::retention(generation.settings.ledger);
        self.keep("retention panicked", move |service| {
            let House { clock, journal, .. } = &service.house;
            upkeep::order(
                service.ledger.clone(),
                retention,
                Arc::clone(clock),
                journal.clone(),
                service.stop.clone(),
            )
        });
        if generation.settings.gateway.watches_files {
            self.keep("watch panicked", |service| {
                upkeep::watch(Arc::clone(service), service.stop.clone())
            });
        }
    }

    /// Keeps something going until it is time to stop.
    fn keep<F>(self: &Arc<Self>, code: &'static str, begin: impl Fn(&Arc<Self>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let service = Arc::clone(self);
        let (journal, stop) = (self.house.journal.clone(), self.stop.clone());
        self.tasks.spawn(supervise::keep_going(
            Event::Fault { code },
            journal,
            stop,
            move || begin(&service),
        ));
    }

    fn courier(&self) -> Courier {
        let clock = &self.house.clock;
        let parts = courier::Parts {
            store: self.ledger.store(),
            blobs: self.ledger.blobs(),
            clock: Arc::clone(clock),
            chance: Arc::clone(&self.dice),
            principal: Arc::clone(&self.gateway) as Arc<dyn courier::Principal>,
            carriage: Arc::new(Carrier::new(Limits::default(), Arc::clone(clock))),
            bell: self.gateway.bell(),
            journal: self.house.journal.clone(),
        };
        let settings = courier::Settings {
            drain: LAST_ATTEMPTS,
            ..courier::Settings::default()
        };
        Courier::new(parts, settings)
    }

    /// The flow, for whoever calls it without a door.
    pub const fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// The ledger, for whoever looks into it.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The generation in force.
    pub fn generation(&self) -> Arc<Generation> {
        self.generations.current()
    }

    /// The doors that are open.
    pub async fn doors(&self) -> Vec<Announced> {
        self.doors.lock().await.announced()
    }

    /// Why the last change of the configuration was refused, if it was.
    pub fn refused(&self) -> Option<String> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The files of the configuration in force, as they are on disk.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let generation = self.generations.current();
        let files = generation.configuration().document.files.all().iter();
        files.map(|file| PathBuf::from(&file.shown)).collect()
    }

    /// Reads the configuration anew and puts it in force.
    ///
    /// # Errors
    /// Says why it is refused; then everything is as it was.
    pub async fn reload(&self, retire: BTreeSet<String>) -> Result<u32, Fault> {
        let changed = self.change(&self.disk, &self.main, retire).await;
        self.note(changed)
    }

    /// Puts a generation in force again that is kept.
    ///
    /// # Errors
    /// Says why it is refused; then everything is as it was.
    pub async fn go_back(&self, number: u32, retire: BTreeSet<String>) -> Result<u32, Fault> {
        let changed = match self.generations.kept(number) {
            Ok((main, texts)) => self.change(&texts, &main, retire).await,
            Err(refusal) => Err(refusal.into()),
        };
        self.note(changed)
    }

    fn note(&self, changed: Result<Arc<Generation>, Fault>) -> Result<u32, Fault> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match changed {
            Ok(generation) => {
                *refused = None;
                self.house.journal.tell(Event::Reloaded {
                    generation: u64::from(generation.number),
                });
                Ok(generation.number)
            }
            Err(fault) => {
                *refused = Some(fault.told());
                self.house.journal.tell(Event::ReloadRefused {
                    faults: faults(&fault),
                });
                Err(fault)
            }
        }
    }

    /// Whether the configuration in force is what the files say.
    pub(super) fn is_as_written(&self) -> bool {
        let written = Document::read(&self.disk, &self.main, &mut Report::default());
        fingerprint(&written) == self.generations.current().fingerprint
    }

    /// Reads a configuration once, opens the doors that it wants, puts it in force, and lets the old doors go. All that can
    /// fail comes before it is in force.
    async fn change<S: Sources + Sync>(
        &self,
        sources: &S,
        main: &str,
        retire: BTreeSet<String>,
    ) -> Result<Arc<Generation>, Fault> {
        let mut doors = self.doors.lock().await;
        let now = self.house.clock.now();
        let candidate = Candidate::read(sources, main, Day::at(now))?;
        let circumstances = self.circumstances(candidate.settings(), retire).await?;
        let generation = self.generations.propose(candidate, &circumstances)?;
        let plan = Plan::of(&generation, &self.ground(now))?;
        let prepared = doors.prepare(&plan, &self.house).await?;
        self.generations.put(&generation)?;
        // The flow knows the new partners before any door lets them in.
        self.gateway.swap(plan.flow.clone());
        doors.follow(&plan, prepared, &self.house).await;
        Ok(generation)
    }

    fn ground(&self, now: SystemTime) -> Ground<'_> {
        Ground {
            disk: &self.disk,
            library: Arc::clone(&self.library),
            guides: Arc::clone(&self.guides),
            now,
            dialing: Dialing::default(),
        }
    }

    /// What partners that would go have open.
    async fn circumstances(&self, next: &Settings, retire: BTreeSet<String>) -> Result<Circumstances, Fault> {
        let mut open_exchanges = BTreeMap::new();
        let current = self.generations.current();
        let retiring = current.retiring.iter().map(|retiring| &retiring.agreement);
        let known = current.settings.partners.iter().chain(retiring);
        for partner in known {
            if next.partners.iter().any(|stays| stays.name == partner.name) {
                continue;
            }
            let Ok(tenant) = TenantId::parse(&partner.name) else {
                continue;
            };
            let search = Search {
                kind: Some(dossier::EXCHANGE),
                open: true,
                most: MOST_COUNTED,
                ..Search::default()
            };
            let found = self.ledger.store().find(&Viewer::Tenant(tenant), search).await?;
            open_exchanges.insert(partner.name.clone(), found.len());
        }
        Ok(Circumstances {
            open_exchanges,
            retire,
        })
    }

    /// Lets nobody in any more, ends what was begun, and stops: all within `limit`. True if nothing was broken off.
    pub async fn drain(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        self.house.journal.tell(Event::Draining {});
        // What is accepted from now on is sent after the next start.
        self.stop.cancel();
        self.tasks.close();
        let left = self.doors.lock().await.close(end).await;
        let ended = timeout_at(end, self.tasks.wait()).await.is_ok();
        // Whoever finds no socket knows that nobody is there.
        let _ = std::fs::remove_file(&self.socket);
        left && ended
    }
}

fn own(path: &Path) -> impl FnOnce(io::Error) -> Fault {
    let path = path.to_owned();
    move |cause| Fault::Own { path, cause }
}

fn gateway(
    ledger: &Ledger,
    start: &Start,
    dice: &Arc<dyn Chance>,
    key: [u8; 32],
    plan: &Plan,
) -> Arc<Gateway> {
    let parts = Parts {
        store: ledger.store(),
        blobs: ledger.blobs(),
        clock: Arc::clone(&start.clock),
        chance: Arc::clone(dice),
        key,
    };
    let fetcher = Fetcher::new(Limits::default(), Arc::clone(&start.clock));
    let gateway = Gateway::new(parts, plan.flow.clone()).with_journal(start.journal.clone());
    Arc::new(gateway.fetching_by(Arc::new(fetcher)))
}

/// The ledger, and the mappings and guides, which are compiled while it waits for the disk.
async fn foundation(
    settings: &Settings,
    disk: &Disk,
    folder: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<(Ledger, Arc<Library>, Arc<Guides>), Fault> {
    let (mappings, around) = (settings.gateway.mappings_dir.clone(), disk.clone());
    let known = spawn_blocking(move || knowledge(mappings.as_deref(), &around));
    let ledger = open_ledger(folder.to_owned(), Arc::clone(clock)).await?;
    let (library, guides) = known.await.map_err(io::Error::other)??;
    Ok((ledger, library, guides))
}

/// Opens the ledger, which may have to read much of itself after a crash.
async fn open_ledger(folder: PathBuf, clock: Arc<dyn Clock>) -> Result<Ledger, Fault> {
    let opened = spawn_blocking(move || Ledger::open(&local::Settings::of(folder), &clock)).await;
    let (ledger, _) = opened.map_err(io::Error::other)??;
    Ok(ledger)
}

fn faults(fault: &Fault) -> u64 {
    match fault {
        Fault::Configuration(refusal) => match &**refusal {
            Refusal::Unsound(checked) => checked.report.errors() as u64,
            Refusal::NeedsRestart(_)
            | Refusal::OpenExchanges(_)
            | Refusal::NotKept(_)
            | Refusal::Store(_)
            | Refusal::Forgotten(..)
            | Refusal::Overtaken => 1,
        },
        _ => 1,
    }
}

/// How long attempts that are under way have to end when the gateway stops.
const LAST_ATTEMPTS: Duration = Duration::from_secs(20);

/// So many open exchanges of a partner are counted.
const MOST_COUNTED: usize = 10_000;
