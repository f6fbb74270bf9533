//! Partners that the configuration has no more and that are still waited for: who they are, and what was agreed with them.

use super::Circumstances;
use super::Generation;
use super::Refusal;
use super::store::Store;
use crate::config::document::Document;
use crate::config::lower::Lowered;
use crate::config::report::Report;
use crate::config::settings::Agreement;
use crate::routing::partner::Partner;
use crate::routing::partner::Speaks;
use crate::routing::table::Table as RoutingTable;

/// A partner that is being given up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Retiring {
    /// What was agreed with it.
    pub agreement: Agreement,
    /// How it is spoken to.
    pub speaks: Speaks,
    /// The last generation that had it.
    pub generation: u32,
}

impl Retiring {
    /// The partner as routing may know it: it is answered, and nothing is for it.
    pub fn unaddressed(&self) -> Partner {
        Partner {
            name: self.agreement.name.as_str().into(),
            payer_ids: Vec::new(),
            npis: Vec::new(),
            tins: Vec::new(),
            isa: None,
            gs: None,
            speaks: self.speaks.clone(),
        }
    }

    pub(super) fn remembered_as(&self) -> (String, u32) {
        (self.agreement.name.clone(), self.generation)
    }

    /// A partner of these; what is agreed stands where the partner stands.
    fn of(name: &str, agreements: &[Agreement], partners: &[Partner], generation: u32) -> Option<Self> {
        let position = agreements.iter().position(|told| told.name == name)?;
        Some(Self {
            agreement: agreements.get(position)?.clone(),
            speaks: partners.get(position)?.speaks.clone(),
            generation,
        })
    }
}

/// The partners that are gone in the next generation and still have something open: those that are given up now, and
/// those that were before.
pub(super) fn following(
    current: &Generation,
    next: &RoutingTable,
    circumstances: &Circumstances,
) -> Vec<Retiring> {
    let settings = &current.settings;
    let given_up = circumstances.retire.iter().filter_map(|name| {
        Retiring::of(
            name,
            &settings.partners,
            &settings.routing.partners,
            current.number,
        )
    });
    let waited_for = |retiring: &Retiring| {
        let name = &retiring.agreement.name;
        let open = circumstances.open_exchanges.get(name);
        open.is_some_and(|open| *open > 0) && next.partners().named(name).is_none()
    };
    let before = current.retiring.iter().cloned();
    before.chain(given_up).filter(waited_for).collect()
}

/// The partners that were being given up when the newest generation was kept, as far as the next one has them not again.
///
/// # Errors
/// Refuses if it is not known any more what was agreed with one of them.
pub(super) fn remembered(store: &Store, newest: u32, next: &RoutingTable) -> Result<Vec<Retiring>, Refusal> {
    let Some(kept) = store.load(newest).map_err(Refusal::Store)? else {
        return Ok(Vec::new());
    };
    let gone = kept
        .retiring
        .into_iter()
        .filter(|(name, _)| next.partners().named(name).is_none());
    gone.map(|(name, number)| {
        let found = store.load(number).ok().flatten().and_then(|kept| {
            // It was good when it was in force; what a later program thinks of it does not matter.
            let mut report = Report::default();
            let document = Document::read(&kept.texts, &kept.main, &mut report);
            let lowered = Lowered::of(&document, &mut report);
            Retiring::of(&name, &lowered.partners, &lowered.routing.partners, number)
        });
        found.ok_or(Refusal::Forgotten(name, number))
    })
    .collect()
}
