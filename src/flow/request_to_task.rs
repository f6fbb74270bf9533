//! Journey 1: a 277 (or 278) asks for attachments, and becomes Tasks for a provider that speaks FHIR.
//!
//! The Tasks are posted to the provider's server, or wait in our façade; each is an exchange of its own, and its payer-url is
//! our own door, so that the answer comes back the way it was asked. For a provider that speaks X12 the transaction goes on as
//! it is.

use x12_parser::Delimiters;

use crate::flow::asking::Question;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::dossier::EnvelopeNames;
use crate::flow::dossier::Origin;
use crate::flow::material;
use crate::flow::material::Material;
use crate::flow::meaning::Asked;
use crate::flow::pass_through;
use crate::flow::settings::Agreement;
use crate::routing::delivery::Delivery;
use crate::routing::key::Message;
use crate::x12::Transaction;

/// A transaction that was routed.
pub(crate) struct Routed<'t> {
    pub(crate) transaction: &'t Transaction,
    pub(crate) delimiters: Option<Delimiters>,
    /// Its number among those of its interchange.
    pub(crate) number: usize,
    pub(crate) envelope: EnvelopeNames,
    /// Who sent it.
    pub(crate) from: &'t str,
    /// Who it is for.
    pub(crate) to: &'t Agreement,
    pub(crate) delivery: Delivery,
    pub(crate) decided: &'t str,
}

impl Routed<'_> {
    fn origin(&self, document: usize) -> Origin {
        Origin {
            message: self.delivery.came.as_str().to_owned(),
            transaction: self.number,
            document,
            envelope: Some(self.envelope.clone()),
        }
    }
}

/// Takes a request in X12.
///
/// # Errors
/// Says why not; the desk is then to be put back as it was.
pub(crate) async fn take(desk: &mut Desk<'_>, routed: &Routed<'_>) -> Result<(), Declined> {
    let documents = material::tasks(&desk.world, routed.transaction, routed.to, desk.now);
    if routed.delivery.sends != Message::Task {
        let asked = pass_through::asked(
            &desk.world,
            routed.transaction,
            documents.as_deref().unwrap_or_default(),
        );
        let document = documents.ok().and_then(|documents| documents.into_iter().next());
        let question = question(routed, asked, document, 0);
        return desk.ask(question).await.map(|_| ());
    }
    for (number, document) in documents?.into_iter().enumerate() {
        let task = crate::fhir::json::read(document.0.as_bytes()).map_err(|_| material::Unfit::NotJson)?;
        let asked = Asked::of(&task, &desk.world.key);
        let mut question = question(routed, asked, Some(document), number);
        question.hosted = routed.delivery.held.then_some(task);
        desk.ask(question).await?;
    }
    Ok(())
}

fn question(
    routed: &Routed<'_>,
    asked: Asked,
    document: Option<material::Document>,
    number: usize,
) -> Question {
    Question {
        asked,
        material: Material {
            came: routed.delivery.came,
            transaction: Some(routed.transaction.clone()),
            delimiters: routed.delimiters,
            cuts: Vec::new(),
            raw: None,
            document,
        },
        requester: routed.from.to_owned(),
        source: routed.to.name.to_string(),
        held: routed.delivery.held,
        decided: routed.decided.to_owned(),
        origin: routed.origin(number),
        hosted: None,
    }
}
