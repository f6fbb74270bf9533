//! From FHIR to FHIR: the words of another version of CDex, and what PAS asks for as Tasks of CDex.

use super::documents;
use super::documents::Batch;
use super::told::Refusal;
use super::told::Told;
use super::workshop::Aim;
use super::workshop::Delivery;
use super::workshop::Made;
use super::workshop::See;
use super::workshop::Workshop;
use super::workshop::faulty;
use super::workshop::kind_of;
use super::workshop::refusal;
use crate::fhir::json;
use crate::fhir::version::CdexVersion;
use crate::translate::revision;

impl Workshop {
    /// Says each resource of a batch in the words of the version that is asked for.
    pub(super) fn revise(&self, batch: &Batch<'_>, see: &mut See<'_>) {
        if batch.findings.iter().any(Told::refuses) && !self.lenient {
            let reason = "its profile refuses it; with --lenient it is translated all the same";
            return see(Err(refusal(batch, reason.to_owned())));
        }
        let context = self.context();
        let version = context
            .named("version")
            .and_then(CdexVersion::parse)
            .unwrap_or_default();
        for value in &batch.values {
            let url = context.named("payer-url");
            let revised = match self.aim {
                Aim::Pas => revision::for_pas(value, url),
                Aim::Fhir | Aim::Guide(_) | Aim::Other => revision::revise(value, version, url),
            };
            let revisions = match revised {
                Ok(revisions) => revisions,
                Err(refused) => {
                    return see(Err(Refusal {
                        findings: Vec::new(),
                        ..refusal(batch, refused.to_string())
                    }));
                }
            };
            let (mut messages, mut produced) = (Vec::new(), Vec::new());
            for made in &revisions.made {
                messages.extend_from_slice(made.text.as_bytes());
                messages.push(b'\n');
                match json::read(made.text.as_bytes()) {
                    Ok(value) => produced.extend(documents::findings(kind_of(&value), &value)),
                    Err(refusal) => produced.push(Told::from(&refusal.finding())),
                }
            }
            if !self.lenient && produced.iter().any(Told::refuses) {
                return see(Err(faulty(&batch.subject, produced)));
            }
            see(Ok(Delivery {
                subject: &batch.subject,
                made: Made::Revised(&revisions, std::slice::from_ref(value)),
                findings: &batch.findings,
                produced,
                messages,
            }));
        }
    }
}
