//! The partners of the bench, and what is agreed with them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::OnceLock;

use cartage::base::ids::Npi;
use cartage::base::ids::PayerId;
use cartage::exchange::retry::RetryRule;
use cartage::flow::settings::Agreement;
use cartage::flow::settings::Contents;
use cartage::flow::settings::FhirTerms;
use cartage::flow::settings::Own;
use cartage::flow::settings::Settings;
use cartage::flow::settings::Takes;
use cartage::flow::settings::X12Terms;
use cartage::ledger::ids::TenantId;
use cartage::mapping::Library;
use cartage::mapping::guides::Guides;
use cartage::routing;
use cartage::routing::key::Message;
use cartage::routing::partner::FhirAbilities;
use cartage::routing::partner::Partner;
use cartage::routing::partner::Speaks;
use cartage::routing::table::Park;
use cartage::routing::value::IsaId;

/// A payer that speaks X12.
pub(crate) const HARBOR: &str = "harbor";
/// A payer that speaks FHIR and has a server.
pub(crate) const SUMMIT: &str = "summit";
/// A provider that speaks FHIR and has a server.
pub(crate) const NORTH: &str = "north";
/// A provider that speaks FHIR and reads its Tasks with us.
pub(crate) const LAKE: &str = "lake";
/// A payer that speaks the X12 of 5010.
pub(crate) const OLDEN: &str = "olden";
/// A provider that speaks X12.
pub(crate) const SOUTH: &str = "south";

/// The tables are compiled once for all tests.
static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
static GUIDES: OnceLock<Arc<Guides>> = OnceLock::new();

/// All that a gateway of the bench is told.
pub(crate) fn settings(park: Park) -> Settings {
    let x12 = |name: &str, isa: &str| (name.to_owned(), isa.to_owned(), None);
    let fhir = |name: &str, hosted: bool| (name.to_owned(), String::new(), Some(hosted));
    let all = [
        x12(HARBOR, "HARBORPLAN"),
        fhir(SUMMIT, false),
        fhir(NORTH, false),
        fhir(LAKE, true),
        x12(SOUTH, "SOUTHCLINIC"),
        x12(OLDEN, "OLDENPLAN"),
    ];
    let mut partners = Vec::new();
    let mut agreements = Vec::new();
    for (name, isa, fhir) in all {
        let isa = IsaId::parse(&format!("ZZ:{isa}")).ok();
        partners.push(partner(&name, isa.clone(), fhir));
        agreements.push(Agreement {
            name: TenantId::parse(&name).unwrap(),
            x12: isa.map(|isa| X12Terms {
                gs: isa.as_str().trim_start_matches("ZZ:").to_owned(),
                isa,
                guides: if name == OLDEN {
                    vec!["005010X213", "005010X210", "005010X211"]
                } else {
                    vec!["006020X313", "006020X314", "006020X316"]
                },
                policy: x12_parser::Policy::default(),
                repair: false,
                own_guides: None,
            }),
            fhir: fhir.map(|hosted| FhirTerms {
                cdex: "2.1".to_owned(),
                hosted,
            }),
            address: None,
            takes: Takes::default(),
            contents: Contents::default(),
            retry: RetryRule::default(),
            terms: Agreement::usual_terms(fhir.is_none()),
        });
    }
    Settings {
        generation: 1,
        own: Own {
            name: TenantId::parse("cartage").unwrap(),
            isa: IsaId::parse("ZZ:CARTAGE").unwrap(),
            gs: "CARTAGE".to_owned(),
            production: false,
            facade: "https://cartage.example/fhir".to_owned(),
        },
        routing: routing::table::Settings {
            partners,
            routes: Vec::new(),
            park,
        },
        partners: agreements,
        retiring: BTreeSet::new(),
        library: Arc::clone(LIBRARY.get_or_init(|| Arc::new(Library::built_in().unwrap()))),
        guides: Arc::clone(GUIDES.get_or_init(|| Arc::new(Guides::embedded().unwrap()))),
    }
}

fn partner(name: &str, isa: Option<IsaId>, fhir: Option<bool>) -> Partner {
    let npi = |text: &str| vec![Npi::parse(text).unwrap()];
    let payer = |text: &str| vec![PayerId::parse(text).unwrap()];
    Partner {
        name: name.into(),
        payer_ids: match name {
            HARBOR => payer("60601"),
            SUMMIT => payer("70702"),
            OLDEN => payer("50501"),
            _ => Vec::new(),
        },
        npis: match name {
            NORTH => npi("1234567893"),
            LAKE => npi("1999999992"),
            SOUTH => npi("1245319599"),
            _ => Vec::new(),
        },
        tins: Vec::new(),
        gs: None,
        isa,
        speaks: match fhir {
            None => Speaks::X12 {
                messages: vec![Message::Request277, Message::Attachment275],
            },
            Some(hosted) => Speaks::Fhir(FhirAbilities {
                server: !hosted,
                tasks: !hosted,
                query: false,
                hosted,
            }),
        },
    }
}
