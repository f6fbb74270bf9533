//! Generations: a configuration that is in force, the ones before it, and how one takes the place of another.
//!
//! A generation is built whole before anything changes, and the swap is one pointer, so whoever holds a generation
//! finishes with it. Whatever is wrong, the one in force stays.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;

use crate::config::check::Checked;
use crate::config::check::check;
use crate::config::code;
use crate::config::code::Code;
use crate::config::diff::diff;
use crate::config::quantity::Day;
use crate::config::settings::Settings;
use crate::config::show::fingerprint;
use crate::config::source::InMemory;
use crate::config::source::Sources;
use crate::routing::table::Table as RoutingTable;

mod retiring;
mod store;

pub use self::retiring::Retiring;
pub use self::store::Kept;
pub use self::store::Store;

/// A configuration that was read, is good, and is not in force yet.
#[derive(Debug)]
pub struct Candidate {
    fingerprint: u128,
    settings: Settings,
    checked: Checked,
    texts: InMemory,
    main: String,
}

impl Candidate {
    /// Reads and checks a configuration, its tests included.
    ///
    /// # Errors
    /// Refuses one that has errors.
    pub fn read(sources: &dyn Sources, main: &str, today: Day) -> Result<Self, Refusal> {
        // Every file is read once, so that what is checked is what is kept.
        let recorded = store::Recorder::new(sources);
        let checked = check(&recorded, main, today);
        let Some(settings) = checked.lowered.settings().filter(|_| checked.is_sound()) else {
            return Err(Refusal::Unsound(Box::new(checked)));
        };
        Ok(Self {
            fingerprint: fingerprint(&checked.document),
            settings,
            checked,
            texts: recorded.into_texts(),
            main: main.to_owned(),
        })
    }

    /// What the gateway would be told.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    fn numbered(self, number: u32, retiring: Vec<Retiring>) -> Generation {
        Generation {
            number,
            fingerprint: self.fingerprint,
            table: self.checked.table.clone(),
            settings: self.settings,
            retiring,
            checked: self.checked,
            texts: self.texts,
            main: self.main,
        }
    }
}

/// A configuration in force, unchangeable.
#[derive(Debug)]
pub struct Generation {
    /// Its number; each is one more than the one before.
    pub number: u32,
    /// Tells equal configurations from different ones.
    pub fingerprint: u128,
    /// What the gateway is told.
    pub settings: Settings,
    /// The routes and partners, compiled.
    pub table: RoutingTable,
    /// Partners that are given up: they are spoken to while something is open, and get nothing new.
    pub retiring: Vec<Retiring>,
    /// The configuration itself, for comparing.
    checked: Checked,
    /// The texts it was read from.
    texts: InMemory,
    main: String,
}

/// Why a configuration does not take the place of the one in force.
#[derive(Debug)]
pub enum Refusal {
    /// It has errors; these.
    Unsound(Box<Checked>),
    /// These settings change, and a running gateway cannot change them.
    NeedsRestart(Vec<String>),
    /// These partners would be gone, and have so many open exchanges.
    OpenExchanges(BTreeMap<String, usize>),
    /// No generation of this number is kept.
    NotKept(u32),
    /// It could not be kept.
    Store(io::Error),
    /// What was agreed with this partner, which is being given up, cannot be read from the generation of this number.
    Forgotten(String, u32),
    /// Another one took the place of the one that it was to follow.
    Overtaken,
}

impl Refusal {
    /// The code that explains it; an unsound configuration has codes of its own.
    pub fn code(&self) -> Option<&'static Code> {
        match self {
            Self::NeedsRestart(_) => Some(&code::generation::NEEDS_RESTART),
            Self::NotKept(_) => Some(&code::generation::NO_GENERATION),
            Self::OpenExchanges(_) => Some(&code::generation::OPEN_EXCHANGES),
            Self::Unsound(_) | Self::Store(_) | Self::Forgotten(..) | Self::Overtaken => None,
        }
    }
}

impl Refusal {
    /// The refusal as an operator reads it, with everything that is wrong.
    pub fn render(&self) -> String {
        match (self, self.code()) {
            (Self::Unsound(checked), _) => checked.report.render(&checked.document.files),
            (_, Some(code)) => format!("{}[{code}]: {self}\n", code.weight.as_str()),
            (_, None) => format!("error: {self}\n"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsound(checked) => write!(f, "the configuration has {} errors", checked.report.errors()),
            Self::NeedsRestart(names) => write!(f, "a restart is needed to change {}", names.join(", ")),
            Self::OpenExchanges(partners) => {
                f.write_str("partners with open exchanges would be removed:")?;
                for (name, open) in partners {
                    write!(f, " {name} ({open} open)")?;
                }
                Ok(())
            }
            Self::NotKept(number) => write!(f, "no generation {number} is kept"),
            Self::Store(_) => f.write_str("the generation cannot be kept"),
            Self::Forgotten(name, number) => write!(
                f,
                "generation {number} cannot be read, which says what was agreed with {name}, and {name} is still waited \
                 for; put the partner back into the configuration"
            ),
            Self::Overtaken => f.write_str("another configuration was put in force meanwhile"),
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(fault) => Some(fault),
            Self::Unsound(_)
            | Self::NeedsRestart(_)
            | Self::OpenExchanges(_)
            | Self::NotKept(_)
            | Self::Forgotten(..)
            | Self::Overtaken => None,
        }
    }
}

/// What the caller of a change knows and the configuration does not.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// How many exchanges each partner has open.
    pub open_exchanges: BTreeMap<String, usize>,
    /// Partners that are to be given up: they stay for what is open and get nothing new.
    pub retire: BTreeSet<String>,
}

/// The generation in force, and those before it.
#[derive(Debug)]
pub struct Generations {
    current: RwLock<Arc<Generation>>,
    /// Held while a change is made, so that two do not cross.
    changing: Mutex<Option<Store>>,
}

impl Generations {
    /// Puts the first generation in force. With a store, it is kept there, its number goes on from the last one, and who
    /// was being given up then still is, unless the configuration has it again.
    ///
    /// # Errors
    /// Refuses what cannot be kept, and what has forgotten a partner that is being given up.
    pub fn start(candidate: Candidate, store: Option<Store>) -> Result<Self, Refusal> {
        let mut number = 1;
        let mut retiring = Vec::new();
        if let Some(store) = &store
            && let Some(newest) = store.newest().map_err(Refusal::Store)?
        {
            number = newest.saturating_add(1);
            retiring = retiring::remembered(store, newest, &candidate.checked.table)?;
        }
        let generation = candidate.numbered(number, retiring);
        keep(store.as_ref(), &generation)?;
        Ok(Self {
            current: RwLock::new(Arc::new(generation)),
            changing: Mutex::new(store),
        })
    }

    /// The generation in force. Whoever holds it keeps it, whatever takes its place.
    pub fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The main file and the texts of a generation that is kept.
    ///
    /// # Errors
    /// Refuses if it is not, or cannot be read.
    pub fn kept(&self, number: u32) -> Result<(String, InMemory), Refusal> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let store = changing.as_ref().ok_or(Refusal::NotKept(number))?;
        let kept = store.load(number).map_err(Refusal::Store)?;
        kept.map(|kept| (kept.main, kept.texts))
            .ok_or(Refusal::NotKept(number))
    }

    /// The generation that would follow; nothing changes before it is [`put`](Self::put) in force. If it would equal the
    /// one in force, that one.
    ///
    /// # Errors
    /// Says why it may not follow.
    pub fn propose(
        &self,
        candidate: Candidate,
        circumstances: &Circumstances,
    ) -> Result<Arc<Generation>, Refusal> {
        let current = self.current();
        let retiring = retiring::following(&current, &candidate.checked.table, circumstances);
        if candidate.fingerprint == current.fingerprint && retiring == current.retiring {
            return Ok(current);
        }
        let next = candidate.numbered(current.number.saturating_add(1), retiring);
        permit(&current, &next, circumstances)?;
        Ok(Arc::new(next))
    }

    /// Keeps a generation that was proposed, and puts it in force.
    ///
    /// # Errors
    /// Says why not; then nothing has changed.
    pub fn put(&self, next: &Arc<Generation>) -> Result<(), Refusal> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current();
        if Arc::ptr_eq(&current, next) {
            return Ok(());
        }
        if next.number != current.number.saturating_add(1) {
            return Err(Refusal::Overtaken);
        }
        keep(changing.as_ref(), next)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(next);
        Ok(())
    }
}

impl Generation {
    /// The configuration that it was made of.
    pub const fn configuration(&self) -> &Checked {
        &self.checked
    }
}

/// Whether the next generation may take the place of the current one.
fn permit(current: &Generation, next: &Generation, circumstances: &Circumstances) -> Result<(), Refusal> {
    let difference = diff(&current.checked, &next.checked, &[]);
    if !difference.needs_restart.is_empty() {
        return Err(Refusal::NeedsRestart(difference.needs_restart));
    }
    let is_gone = |name: &str| {
        current.table.partners().named(name).is_some() && next.table.partners().named(name).is_none()
    };
    let open: BTreeMap<String, usize> = circumstances
        .open_exchanges
        .iter()
        .filter(|(name, open)| **open > 0 && is_gone(name) && !circumstances.retire.contains(*name))
        .map(|(name, open)| (name.clone(), *open))
        .collect();
    if open.is_empty() {
        Ok(())
    } else {
        Err(Refusal::OpenExchanges(open))
    }
}

fn keep(store: Option<&Store>, generation: &Generation) -> Result<(), Refusal> {
    match store {
        Some(store) => store
            .keep(
                generation.number,
                &Kept {
                    main: generation.main.clone(),
                    texts: generation.texts.clone(),
                    retiring: generation.retiring.iter().map(Retiring::remembered_as).collect(),
                },
            )
            .map_err(Refusal::Store),
        None => Ok(()),
    }
}
