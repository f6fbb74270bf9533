//! What is agreed with a partner, as the flow is told it.

use std::sync::Arc;

use x12_parser::Policy;
use x12_parser::Severity;

use super::fault::Fault;
use super::plan::Ground;
use crate::app::x12::policy;
use crate::config::settings;
use crate::config::settings::Auth;
use crate::config::settings::Delivery;
use crate::config::settings::Weighs;
use crate::exchange::retry::RetryRule;
use crate::exchange::terms::Terms;
use crate::flow::settings::Agreement;
use crate::flow::settings::Contents;
use crate::flow::settings::FhirTerms;
use crate::flow::settings::Takes;
use crate::flow::settings::X12Terms;
use crate::ledger::ids::TenantId;
use crate::trust::secret::Secret;
use crate::trust::tls::Identity;
use crate::upstream::address::Address;
use crate::upstream::file_name::NameTemplate;

/// What the flow is told of one partner. `speaks_x12` is what routing knows of it.
pub(super) fn agreement(
    ground: &Ground<'_>,
    told: &settings::Agreement,
    speaks_x12: bool,
) -> Result<Agreement, Fault> {
    let wrong = |what: String| Fault::Partner {
        partner: told.name.clone(),
        what,
    };
    let name = TenantId::parse(&told.name).map_err(|fault| wrong(fault.to_string()))?;
    Ok(Agreement {
        name,
        x12: told
            .x12
            .as_ref()
            .map(|x12| terms_of_x12(ground, told, x12))
            .transpose()?,
        fhir: told.fhir.as_ref().map(|fhir| FhirTerms {
            cdex: short_version(&fhir.cdex),
            hosted: fhir.hosted,
        }),
        address: address(ground, told, speaks_x12)?,
        takes: takes(told, speaks_x12),
        contents: contents(ground, told)?,
        retry: RetryRule {
            first: told.retry.first,
            longest: told.retry.up_to,
            life: told.retry.in_all,
        },
        terms: Terms {
            life: told.answer_within,
            receipt: told.ack_within,
            ..Agreement::usual_terms(speaks_x12)
        },
    })
}

/// A version as mappings have it: `2.1` of `2.1.0`, since patches differ in nothing on the wire.
fn short_version(told: &str) -> String {
    let numbers: Vec<&str> = told.split(['.', '-']).take(2).collect();
    numbers.join(".")
}

fn terms_of_x12(
    ground: &Ground<'_>,
    told: &settings::Agreement,
    x12: &settings::X12,
) -> Result<X12Terms, Fault> {
    let own_guides = (!x12.rules.is_empty())
        .then(|| ground.guides.with_companion(&x12.rules))
        .transpose()
        .map_err(|misfits| Fault::Partner {
            partner: told.name.clone(),
            what: misfits
                .first()
                .map_or_else(|| "its rules do not fit".to_owned(), ToString::to_string),
        })?;
    let mut weights = Policy::default();
    for (code, weighs) in &x12.severity {
        let code = policy::parse(code).map_err(|what| Fault::Partner {
            partner: told.name.clone(),
            what,
        })?;
        let severity = match weighs {
            Weighs::Reject => Severity::Error,
            Weighs::AcceptWithErrors => Severity::Warning,
            Weighs::Accept => Severity::Note,
        };
        weights = weights.with(code, severity);
    }
    Ok(X12Terms {
        isa: x12.isa.clone(),
        gs: x12.gs.clone(),
        guides: x12.guides.clone(),
        policy: weights,
        repair: x12.repair,
        own_guides: own_guides.map(Arc::new),
    })
}

fn address(
    ground: &Ground<'_>,
    told: &settings::Agreement,
    speaks_x12: bool,
) -> Result<Option<Address>, Fault> {
    let identity = match &told.auth {
        Some(Auth::Mtls { cert, key }) => Some(Identity {
            cert: ground.path(cert),
            key: ground.place(key),
        }),
        None | Some(Auth::SmartBackend { .. } | Auth::Bearer(_)) => None,
    };
    let ca = told.ca.as_ref().map(|path| ground.path(path));
    let dialled = |text: &str| {
        ground
            .dialing
            .address(&told.name, ca.clone(), identity.clone(), text)
    };
    if !speaks_x12 {
        let server = told.fhir.as_ref().and_then(|fhir| fhir.url.as_ref());
        let Some(url) = server else { return Ok(None) };
        return Ok(Some(Address::Fhir {
            base: dialled(url.as_str())?,
            bearer: bearer(ground, told)?,
        }));
    }
    match &told.deliver {
        None => Ok(None),
        Some(Delivery::Core { url, .. }) => Ok(Some(Address::X12Http {
            url: dialled(url.as_str())?,
            bearer: bearer(ground, told)?,
        })),
        Some(Delivery::Folder { path, name }) => {
            let template = NameTemplate::parse(name).map_err(|fault| Fault::Partner {
                partner: told.name.clone(),
                what: fault.to_string(),
            })?;
            Ok(Some(Address::Folder {
                path: ground.path(path),
                name: template,
            }))
        }
    }
}

/// What attachments it takes in the form in which it is sent them.
fn takes(told: &settings::Agreement, speaks_x12: bool) -> Takes {
    let takes = if speaks_x12 {
        told.x12.as_ref().map(|x12| &x12.takes)
    } else {
        told.fhir.as_ref().map(|fhir| &fhir.takes)
    };
    takes.cloned().unwrap_or_default()
}

/// From where contents are fetched; no certificate of ours is shown there, because it is shown to the partner only.
fn contents(ground: &Ground<'_>, told: &settings::Agreement) -> Result<Contents, Fault> {
    let ca = told.ca.as_ref().map(|path| ground.path(path));
    let from = told
        .fetch
        .from
        .iter()
        .map(|url| ground.dialing.address(&told.name, ca.clone(), None, url.as_str()));
    Ok(Contents {
        from: from.collect::<Result<_, _>>()?,
        most: told.fetch.most,
        within: told.fetch.within,
    })
}

/// Our token at a partner.
fn bearer(ground: &Ground<'_>, told: &settings::Agreement) -> Result<Option<Secret>, Fault> {
    match &told.auth {
        // A certificate is shown while the connection is made.
        None | Some(Auth::Mtls { .. }) => Ok(None),
        Some(Auth::Bearer(place)) => ground.secret(place, &told.name).map(Some),
        Some(Auth::SmartBackend { .. }) => Err(Fault::Unfit {
            whose: format!("partner {}", told.name),
            what: "this release has no SMART Backend Services yet",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::program::Versions;

    #[test]
    fn every_version_of_the_configuration_is_one_of_the_mappings() {
        for (told, expected) in [
            ("1.1.0", "1.1"),
            ("2.0.0", "2.0"),
            ("2.1.0", "2.1"),
            ("3.0.0-ballot", "3.0"),
        ] {
            assert_eq!(short_version(told), expected);
            assert!(Versions::parse(expected).is_some());
        }
    }
}
