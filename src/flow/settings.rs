//! What the flow is told: who we are, what is agreed with whom, and by which tables messages are translated.
//!
//! Plain values; the configuration lowers itself into them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use x12_parser::Policy;

use crate::exchange::ladder::Rung;
use crate::exchange::retry::RetryRule;
use crate::exchange::terms::Terms;
use crate::ledger::ids::TenantId;
use crate::mapping::Library;
use crate::mapping::guides::Guides;
use crate::routing;
use crate::routing::value::IsaId;
use crate::upstream::address::Address;
use crate::upstream::web::WebAddress;

/// Everything that the flow is told. A reload brings another one; what was begun under this one keeps its terms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The number of this state of the configuration.
    pub generation: u64,
    /// Who we are.
    pub own: Own,
    /// Partners, routes, and what becomes of the rest.
    pub routing: routing::table::Settings,
    /// What is agreed with each partner; at the same positions as the partners of `routing`.
    pub partners: Vec<Agreement>,
    /// Those of them that are being given up: they end what is open, and can begin nothing.
    pub retiring: BTreeSet<String>,
    /// The mappings.
    pub library: Arc<Library>,
    /// The guides by which X12 is checked.
    pub guides: Arc<Guides>,
}

/// Who we are to our partners.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Own {
    /// The tenant that is the gateway itself.
    pub name: TenantId,
    /// How our interchanges are signed.
    pub isa: IsaId,
    /// How our groups are signed.
    pub gs: String,
    /// Whether interchanges are for production (ISA15 `P`) or a test.
    pub production: bool,
    /// The base of our façade as partners reach it, without a slash at its end.
    pub facade: String,
}

/// What is agreed with a partner, apart from what routing needs to know.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The partner, by its name in the configuration.
    pub name: TenantId,
    /// How it does X12, if it does.
    pub x12: Option<X12Terms>,
    /// How it does FHIR, if it does.
    pub fhir: Option<FhirTerms>,
    /// Where messages for it go; none if they wait in our façade.
    pub address: Option<Address>,
    /// How a delivery to it is tried again, and for how long.
    pub retry: RetryRule,
    /// What attachments it takes.
    pub takes: Takes,
    /// From where contents are fetched that it names by address only.
    pub contents: Contents,
    /// What holds in exchanges in which it asks. Which rung closes an answer follows from what it speaks unless it says so.
    pub terms: Terms,
}

/// How a partner does X12.
#[derive(Clone, Debug)]
pub struct X12Terms {
    /// How it signs interchanges.
    pub isa: IsaId,
    /// How it signs groups.
    pub gs: String,
    /// The guides that it speaks, the preferred one of each kind first.
    pub guides: Vec<&'static str>,
    /// How its findings weigh.
    pub policy: Policy,
    /// Whether wrong lengths of binary data are repaired where that is safe.
    pub repair: bool,
    /// Guides with the partner's own rules in them, in place of the common ones.
    pub own_guides: Option<Arc<Guides>>,
}

/// How a partner does FHIR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FhirTerms {
    /// The version of CDex that it is sent, such as `2.1`.
    pub cdex: String,
    /// Whether it reads its Tasks with us.
    pub hosted: bool,
}

/// What attachments a partner takes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Takes {
    /// The largest, in octets.
    pub largest: Option<u64>,
    /// The most in one message.
    pub most: Option<u64>,
    /// Their media types; empty for all.
    pub media_types: Vec<String>,
}

/// From where contents are fetched that a partner names by address only, and within which limits (GW-16).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contents {
    /// Servers besides the partner's own.
    pub from: Vec<WebAddress>,
    /// The most octets for one submission.
    pub most: u64,
    /// How long all of it may take: its sender waits.
    pub within: Duration,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            from: Vec::new(),
            most: 64 << 20,
            within: Duration::from_secs(30),
        }
    }
}

impl Agreement {
    /// The terms of exchanges in which a partner asks that speaks X12, or FHIR.
    ///
    /// An X12 payer takes an answer with its 999, because not every one sends 824s; one that comes all the same and
    /// refuses overturns that.
    pub fn usual_terms(speaks_x12: bool) -> Terms {
        Terms {
            answer_closes: if speaks_x12 {
                Rung::Functional
            } else {
                Rung::Application
            },
            ..Terms::default()
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn own() -> Own {
        Own {
            name: TenantId::parse("cartage").unwrap(),
            isa: IsaId::parse("ZZ:CARTAGE").unwrap(),
            gs: "CARTAGE".to_owned(),
            production: false,
            facade: "https://cartage.example/fhir".to_owned(),
        }
    }

    pub(crate) fn x12_terms(id: &str) -> X12Terms {
        X12Terms {
            isa: IsaId::parse(&format!("ZZ:{id}")).unwrap(),
            gs: id.to_owned(),
            guides: vec!["006020X313", "006020X314"],
            policy: Policy::default(),
            repair: false,
            own_guides: None,
        }
    }
}
