//! The settings made ready for use: routes compiled, partners found by name, mappings by what they turn into what.

use x12_parser::GuideSet;

use crate::exchange::ids::PartnerName;
use crate::exchange::moment::Moment;
use crate::flow::calendar;
use crate::flow::fingerprint::FingerprintKey;
use crate::flow::settings::Agreement;
use crate::flow::settings::Settings;
use crate::flow::settings::X12Terms;
use crate::mapping::Program;
use crate::routing::guide;
use crate::routing::key::Message;
use crate::routing::partner::PartnerId;
use crate::routing::table::Table;
use crate::translate::Context;

/// The settings of one generation, ready for use.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) table: Table,
    pub(crate) key: FingerprintKey,
}

impl World {
    pub(crate) fn new(settings: Settings, key: FingerprintKey) -> Self {
        Self {
            table: Table::new(settings.routing.clone()),
            settings,
            key,
        }
    }

    /// What is agreed with a partner.
    pub(crate) fn partner(&self, name: &str) -> Option<&Agreement> {
        self.settings
            .partners
            .iter()
            .find(|partner| partner.name.as_str() == name)
    }

    /// What is agreed with the partner at a position of the routing table.
    pub(crate) fn chosen(&self, id: PartnerId) -> Option<&Agreement> {
        let partner = self.table.partners().partner(id)?;
        self.partner(&partner.name)
    }

    /// The mapping of an id, such as `task-from-277`.
    pub(crate) fn program(&self, id: &str) -> Option<&Program> {
        self.settings.library.program(id)
    }

    /// The guides by which X12 of a partner is checked.
    pub(crate) fn guides<'w>(&'w self, partner: Option<&'w X12Terms>) -> &'w GuideSet {
        let own = partner.and_then(|partner| partner.own_guides.as_ref());
        own.map_or_else(|| self.settings.guides.set(), |own| own.set())
    }

    /// Where answers to what we ask are handed in.
    pub(crate) fn answer_url(&self) -> String {
        format!("{}/$submit-attachment", self.settings.own.facade)
    }
}

impl Agreement {
    /// What translations for this partner know: its version, and the day.
    pub(crate) fn context(&self, now: Moment) -> Context {
        let stamp = calendar::stamp(now);
        let context = Context::new()
            .with("date", stamp.date())
            .with("time", stamp.time());
        match &self.fhir {
            Some(fhir) => context.with("version", &fhir.cdex),
            None => context,
        }
    }
}

impl X12Terms {
    /// The guide by which a partner is sent such a message; `purpose` is `claim` or `preauthorization`.
    pub(crate) fn guide(&self, message: Message, purpose: &str) -> Option<&'static str> {
        let known = self.guides.iter().filter_map(|id| guide::find(id));
        let mut fitting = known.filter(|guide| {
            guide.message == message && guide.attach_to.is_none_or(|attach_to| attach_to == purpose)
        });
        fitting.next().map(|guide| guide.id)
    }
}

/// A partner as exchanges name it; the configuration's names always are such names.
pub(crate) fn partner_name(name: &str) -> Option<PartnerName> {
    PartnerName::parse(name).ok()
}
