//! What routing knows of the trading partners: what they own and what they can be sent.

use std::collections::HashMap;

use crate::base::ids::Npi;
use crate::base::ids::PayerId;
use crate::base::ids::Tin;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::value::IsaId;
use crate::routing::value::Value;

/// Position of a partner among all of them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartnerId(u32);

impl PartnerId {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The partner at this position.
    ///
    /// # Panics
    /// If there are more than four thousand million.
    pub fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a configuration of that many partners does not fit memory"))
    }
}

/// One trading partner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Partner {
    /// What people and the configuration call it.
    pub name: Box<str>,
    /// The payer ids it answers for.
    pub payer_ids: Vec<PayerId>,
    /// The providers it answers for.
    pub npis: Vec<Npi>,
    /// The tax ids it answers for.
    pub tins: Vec<Tin>,
    /// What it signs interchanges with.
    pub isa: Option<IsaId>,
    /// What it signs functional groups with.
    pub gs: Option<Box<str>>,
    /// What it is sent.
    pub speaks: Speaks,
}

/// The language a partner is spoken to in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Speaks {
    /// X12, by these guides.
    X12 {
        /// Kinds of message that the guides describe.
        messages: Vec<Message>,
    },
    /// FHIR.
    Fhir(FhirAbilities),
}

/// What a FHIR partner can do.
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FhirAbilities {
    /// It has a server of its own.
    pub server: bool,
    /// It takes Tasks that ask for attachments.
    pub tasks: bool,
    /// It answers reads and searches.
    pub query: bool,
    /// It has no server: what is for it waits in our façade.
    pub hosted: bool,
}

impl Speaks {
    /// The word for the language.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::X12 { .. } => "x12",
            Self::Fhir(_) => "fhir",
        }
    }

    /// The language as a sentence names it.
    pub const fn spoken(&self) -> &'static str {
        match self {
            Self::X12 { .. } => "X12",
            Self::Fhir(_) => "FHIR",
        }
    }
}

/// All partners, and who owns what.
///
/// Where two own the same identifier, the first one does; the configuration refuses that.
#[derive(Clone, Debug, Default)]
pub struct Partners {
    all: Vec<Partner>,
    names: HashMap<Box<str>, PartnerId>,
    payers: HashMap<Box<str>, PartnerId>,
    npis: HashMap<Npi, PartnerId>,
    tins: HashMap<Tin, PartnerId>,
    senders: HashMap<IsaId, Vec<PartnerId>>,
}

/// What a partner answers for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// The key whose value it owns.
    pub key: Key,
    /// The value.
    pub value: Value,
    /// Who owns it.
    pub partner: PartnerId,
}

impl Partners {
    /// Looks up who owns what, once.
    pub fn new(all: Vec<Partner>) -> Self {
        let mut partners = Self::default();
        for (index, partner) in all.iter().enumerate() {
            let id = PartnerId::at(index);
            partners.names.entry(partner.name.clone()).or_insert(id);
            for payer in &partner.payer_ids {
                partners.payers.entry(payer.as_str().into()).or_insert(id);
            }
            for npi in &partner.npis {
                partners.npis.entry(*npi).or_insert(id);
            }
            for tin in &partner.tins {
                partners.tins.entry(*tin).or_insert(id);
            }
            if let Some(isa) = &partner.isa {
                partners.senders.entry(isa.clone()).or_default().push(id);
            }
        }
        partners.all = all;
        partners
    }

    /// All of them, in the order of their positions.
    pub fn all(&self) -> &[Partner] {
        &self.all
    }

    /// The partner at a position.
    pub fn partner(&self, id: PartnerId) -> Option<&Partner> {
        self.all.get(id.index())
    }

    /// The partner of this name.
    pub fn named(&self, name: &str) -> Option<PartnerId> {
        self.names.get(name).copied()
    }

    /// Who owns a value of a key; only payer ids, NPIs and tax ids are owned, and an organisation goes by its NPI.
    pub fn owner(&self, key: Key, value: &Value) -> Option<PartnerId> {
        match (key, value) {
            (Key::PayerId, Value::Text(id)) => self.payers.get(id).copied(),
            (Key::ProviderNpi | Key::Organization, Value::Text(id)) => {
                self.npis.get(&Npi::parse(id).ok()?).copied()
            }
            (Key::Tin, Value::Tin(tin)) => self.tins.get(tin).copied(),
            _ => None,
        }
    }

    /// The partner that signs interchanges like this; the functional group decides between several.
    pub fn sender(&self, isa: &IsaId, gs: Option<&str>) -> Option<PartnerId> {
        let candidates = self.senders.get(isa)?;
        let by_group = candidates.iter().copied().find(|id| {
            let signs = self.partner(*id).and_then(|partner| partner.gs.as_deref());
            signs.is_some() && signs == gs
        });
        by_group.or(match candidates.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// Adds to `facts` who sent the message, where the interchange says it and nobody has said it before.
    pub fn recognise(&self, facts: &mut Facts) {
        if !facts.about(Key::From).is_empty() {
            return;
        }
        let Some(isa) = facts
            .first(Key::IsaSender)
            .and_then(|text| IsaId::parse(text).ok())
        else {
            return;
        };
        let sender = self.sender(&isa, facts.first(Key::GsSender));
        if let Some(partner) = sender.and_then(|id| self.partner(id)) {
            facts.read(
                Key::From,
                &partner.name,
                Source::Known("the partner with that isa-sender"),
            );
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::routing) fn partner(name: &str) -> Partner {
        Partner {
            name: name.into(),
            payer_ids: Vec::new(),
            npis: Vec::new(),
            tins: Vec::new(),
            isa: None,
            gs: None,
            speaks: Speaks::X12 {
                messages: vec![Message::Request277, Message::Attachment275],
            },
        }
    }

    fn isa(text: &str) -> IsaId {
        IsaId::parse(text).unwrap()
    }

    #[test]
    fn the_group_tells_partners_with_one_interchange_id_apart() {
        let mut all = [partner("north"), partner("south"), partner("alone")];
        all[0].isa = Some(isa("ZZ:SHARED"));
        all[0].gs = Some("NORTH".into());
        all[1].isa = Some(isa("ZZ:SHARED"));
        all[1].gs = Some("SOUTH".into());
        all[2].isa = Some(isa("ZZ:ALONE"));
        let partners = Partners::new(all.to_vec());
        let name = |found: Option<PartnerId>| {
            found
                .and_then(|id| partners.partner(id))
                .map(|found| &*found.name)
        };
        assert_eq!(
            name(partners.sender(&isa("ZZ:SHARED"), Some("SOUTH"))),
            Some("south")
        );
        assert_eq!(name(partners.sender(&isa("ZZ:SHARED"), Some("WEST"))), None);
        assert_eq!(name(partners.sender(&isa("ZZ:SHARED"), None)), None);
        assert_eq!(
            name(partners.sender(&isa("ZZ:ALONE"), Some("ANY"))),
            Some("alone")
        );
    }

    #[test]
    fn an_organisation_is_owned_by_its_npi() {
        let mut clinic = partner("clinic");
        clinic.npis = vec![Npi::parse("1234567893").unwrap()];
        let partners = Partners::new(vec![clinic]);
        let value = Value::read(Key::Organization, "1234567893").unwrap();
        assert!(partners.owner(Key::Organization, &value).is_some());
        let other = Value::read(Key::Organization, "ETIN01").unwrap();
        assert!(partners.owner(Key::Organization, &other).is_none());
    }
}
