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
use crate::config::settings::Agreement;
use crate::config::settings::Settings;
use crate::config::show::fingerprint;
use crate::config::source::InMemory;
use crate::config::source::Sources;
use crate::routing::table::Table as RoutingTable;

mod store;

pub use self::store::Store;

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
    /// What was agreed with partners that are given up: they are spoken to while something is open, and get nothing new.
    pub retiring: Vec<Agreement>,
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
}

impl Refusal {
    /// The code that explains it; an unsound configuration has codes of its own.
    pub fn code(&self) -> Option<&'static Code> {
        match self {
            Self::NeedsRestart(_) => Some(&code::generation::NEEDS_RESTART),
            Self::NotKept(_) => Some(&code::generation::NO_GENERATION),
            Self::OpenExchanges(_) => Some(&code::generation::OPEN_EXCHANGES),
            Self::Unsound(_) | Self::Store(_) => None,
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
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(fault) => Some(fault),
            Self::Unsound(_) | Self::NeedsRestart(_) | Self::OpenExchanges(_) | Self::NotKept(_) => None,
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
    /// Puts the first generation in force. With a store, it is kept there, and its number goes on from the last one.
    ///
    /// # Errors
    /// Refuses a configuration that has errors or cannot be kept.
    pub fn start(
        sources: &dyn Sources,
        main: &str,
        today: Day,
        store: Option<Store>,
    ) -> Result<Self, Refusal> {
        let number = match &store {
            Some(store) => store
                .newest()
                .map_err(Refusal::Store)?
                .map_or(1, |newest| newest.saturating_add(1)),
            None => 1,
        };
        let generation = build(number, sources, main, today)?;
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

    /// Reads the configuration anew and puts it in force; returns the generation that then is. One that equals what is
    /// in force changes nothing.
    ///
    /// # Errors
    /// Says why it is refused; then nothing has changed.
    pub fn reload(
        &self,
        sources: &dyn Sources,
        main: &str,
        today: Day,
        circumstances: &Circumstances,
    ) -> Result<Arc<Generation>, Refusal> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace(changing.as_ref(), sources, main, today, circumstances)
    }

    /// Puts a generation in force again that is kept; it gets a number of its own.
    ///
    /// # Errors
    /// Says why it is refused; then nothing has changed.
    pub fn roll_back(
        &self,
        number: u32,
        today: Day,
        circumstances: &Circumstances,
    ) -> Result<Arc<Generation>, Refusal> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let store = changing.as_ref().ok_or(Refusal::NotKept(number))?;
        let (main, texts) = store
            .load(number)
            .map_err(Refusal::Store)?
            .ok_or(Refusal::NotKept(number))?;
        self.replace(changing.as_ref(), &texts, &main, today, circumstances)
    }

    fn replace(
        &self,
        store: Option<&Store>,
        sources: &dyn Sources,
        main: &str,
        today: Day,
        circumstances: &Circumstances,
    ) -> Result<Arc<Generation>, Refusal> {
        let current = self.current();
        let mut next = build(current.number.saturating_add(1), sources, main, today)?;
        next.retiring = retiring(&current, &next, circumstances);
        if next.fingerprint == current.fingerprint && next.retiring == current.retiring {
            return Ok(current);
        }
        permit(&current, &next, circumstances)?;
        keep(store, &next)?;
        let next = Arc::new(next);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        Ok(next)
    }
}

impl Generation {
    /// The configuration that it was made of.
    pub const fn configuration(&self) -> &Checked {
        &self.checked
    }
}

/// Reads, checks and compiles a configuration.
fn build(number: u32, sources: &dyn Sources, main: &str, today: Day) -> Result<Generation, Refusal> {
    // Every file is read once, so that what is checked is what is kept.
    let recorded = store::Recorder::new(sources);
    let checked = check(&recorded, main, today);
    let Some(settings) = checked.lowered.settings().filter(|_| checked.is_sound()) else {
        return Err(Refusal::Unsound(Box::new(checked)));
    };
    Ok(Generation {
        number,
        fingerprint: fingerprint(&checked.document),
        table: checked.table.clone(),
        settings,
        retiring: Vec::new(),
        checked,
        texts: recorded.into_texts(),
        main: main.to_owned(),
    })
}

/// The partners of the current generation that are gone in the next and still have something open: those that are given
/// up now, and those that were before.
fn retiring(current: &Generation, next: &Generation, circumstances: &Circumstances) -> Vec<Agreement> {
    let waited_for = |agreement: &&Agreement| {
        let open = circumstances
            .open_exchanges
            .get(&agreement.name)
            .is_some_and(|open| *open > 0);
        open && next.table.partners().named(&agreement.name).is_none()
    };
    let given_up = current
        .settings
        .partners
        .iter()
        .filter(|agreement| circumstances.retire.contains(&agreement.name));
    current
        .retiring
        .iter()
        .chain(given_up)
        .filter(waited_for)
        .cloned()
        .collect()
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
            .keep(generation.number, &generation.main, &generation.texts)
            .map_err(Refusal::Store),
        None => Ok(()),
    }
}
