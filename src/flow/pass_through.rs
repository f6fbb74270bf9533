//! Journey 5: X12 for a partner that speaks X12 goes on unchanged but for its envelopes, as one exchange for the transaction.
//!
//! It is read by way of FHIR where that is possible, and by its trace numbers alone where it is not: what cannot be translated
//! can still be passed on.

use std::collections::BTreeMap;

use crate::exchange::event::Purpose;
use crate::exchange::event::Submission;
use crate::exchange::ids::ContentDigest;
use crate::fhir::json;
use crate::flow::dossier::StoredNames;
use crate::flow::heavy::Cut;
use crate::flow::material::Document;
use crate::flow::meaning::Asked;
use crate::flow::meaning::Handed;
use crate::flow::world::World;
use crate::ledger::digest::Hasher;
use crate::routing::guide;
use crate::x12::Transaction;

/// What a request means as a whole; `documents` are the Tasks that it would become.
pub(crate) fn asked(world: &World, transaction: &Transaction, documents: &[Document]) -> Asked {
    let tasks = documents
        .iter()
        .filter_map(|document| json::read(document.0.as_bytes()).ok());
    let mut read = tasks.map(|task| Asked::of(&task, &world.key));
    let mut whole = read.next().unwrap_or_else(|| Asked {
        names: traces(transaction, 'R'),
        variables: BTreeMap::new(),
        purpose: match purpose(transaction) {
            "preauthorization" => Purpose::PriorAuthorization,
            _ => Purpose::Claim,
        },
        wanted: Vec::new(),
        due: None,
        several: true,
        digest: digest(transaction, &[]),
        payer_url: None,
    });
    for more in read {
        whole.names.tracking.extend(more.names.tracking);
        whole.wanted.extend(more.wanted);
        // Claims of several patients are no one's in particular.
        whole.names.member = None;
        whole.names.provider_claim = None;
        whole.due = whole.due.max(more.due);
    }
    whole.several = true;
    whole.digest = digest(transaction, &[]);
    whole
}

/// What a 275 means as a whole; `documents` are the submissions that it would become.
pub(crate) fn handed(
    world: &World,
    transaction: &Transaction,
    solicited: bool,
    documents: &[Document],
    cuts: &[Cut],
) -> Handed {
    let parameters = documents
        .iter()
        .filter_map(|document| json::read(document.0.as_bytes()).ok());
    let mut read = parameters.map(|parameters| Handed::of(&parameters, solicited, &world.key));
    let mut whole = read.next().unwrap_or_else(|| Handed {
        names: traces(transaction, if solicited { 'R' } else { 'S' }),
        submission: Submission {
            digest: digest(transaction, cuts),
            answers: Vec::new(),
            last: true,
            sequence: None,
            solicited,
        },
        purpose: purpose(transaction),
        organization: String::new(),
    });
    for more in read {
        whole.names.tracking.extend(more.names.tracking);
        whole.submission.answers.extend(more.submission.answers);
    }
    whole.submission.digest = digest(transaction, cuts);
    whole
}

/// The trace numbers of a transaction.
fn traces(transaction: &Transaction, maker: char) -> StoredNames {
    let traces = transaction
        .all_segments()
        .filter(|segment| transaction.id(*segment).as_str() == "TRN");
    let numbers = traces.filter_map(|segment| {
        let element = transaction.element(segment, 2)?;
        let number = std::str::from_utf8(transaction.text(element)).ok()?.trim();
        (!number.is_empty()).then(|| (number.to_owned(), maker))
    });
    StoredNames {
        tracking: numbers.collect(),
        ..StoredNames::default()
    }
}

fn purpose(transaction: &Transaction) -> &'static str {
    let guide = guide::find(transaction.guide());
    guide.and_then(|guide| guide.attach_to).unwrap_or("claim")
}

/// The content of a transaction without what only names this sending of it: the same again under other numbers is a repeat.
fn digest(transaction: &Transaction, cuts: &[Cut]) -> ContentDigest {
    let mut hasher = Hasher::default();
    for segment in transaction.all_segments() {
        let id = transaction.id(segment);
        if matches!(id.as_str(), "ISA" | "GS" | "ST" | "BGN" | "BHT" | "SE") {
            continue;
        }
        hasher.field(id.as_str().as_bytes());
        for element in transaction.elements(segment) {
            hasher.field(transaction.text(element));
        }
        if let Some(payload) = transaction.payload(segment) {
            let cut = cuts.iter().find(|cut| cut.stands_as(&payload.octets));
            hasher.field(cut.map_or(&*payload.octets, |cut| cut.digest.as_bytes()));
        }
    }
    ContentDigest::new(*hasher.finish().as_bytes())
}
