//! Journey 2: `$submit-attachment` hands attachments in, and becomes a 275 for a payer that speaks X12.
//!
//! One that answers a request joins its exchange; another begins one. For a payer that speaks FHIR it goes on as it is.

use serde_json::Value;

use crate::exchange::effect::Reply;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::door::Caller;
use crate::flow::dossier::Origin;
use crate::flow::facts;
use crate::flow::fetching;
use crate::flow::heavy::Cut;
use crate::flow::material::Document;
use crate::flow::material::Material;
use crate::flow::meaning::Handed;
use crate::flow::routes;
use crate::flow::routes::Way;
use crate::flow::submitting::Belongs;
use crate::flow::submitting::Submitted;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::routing::facts::Facts;
use crate::routing::key::Message;

/// A submission as it came.
pub(crate) struct Letter<'r> {
    pub(crate) resource: &'r Value,
    /// What it means.
    pub(crate) handed: Handed,
    /// The same as text; exactly as it came, unless it is long.
    pub(crate) text: String,
    /// Long payloads that have stand-ins in it.
    pub(crate) cuts: Vec<Cut>,
    /// All of it as it came, if it is long.
    pub(crate) raw: Option<Body>,
    /// What was fetched for it, in the order in which it is named.
    pub(crate) contents: Vec<Part>,
}

/// How far a submission came.
pub(crate) enum Came {
    /// To its end.
    Whole(Went),
    /// Its receiver has to be sent contents that are named by address only; nothing was done yet.
    WantsContents,
}

/// What became of a submission.
pub(crate) struct Went {
    pub(crate) way: Way,
    pub(crate) facts: Facts,
    /// What its sender is told; nothing if it waits for a person.
    pub(crate) reply: Option<Reply>,
}

/// Takes a submission.
///
/// # Errors
/// Says why not; the desk is then not to be committed.
pub(crate) async fn take(
    desk: &mut Desk<'_>,
    caller: &Caller,
    letter: &Letter<'_>,
) -> Result<Came, Declined> {
    let mut facts = facts::fhir::read(letter.resource).ok_or(Declined::Unrouted)?;
    routes::introduce(&mut facts, caller);
    let belongs = desk.belonging(&caller.partner, &letter.handed.names).await?;
    let (file, asker) = match belongs {
        Belongs::To(file) => (Some(file), Some(desk.file(file).dossier.requester.clone())),
        Belongs::Nowhere => (None, None),
        Belongs::Unclear => {
            return Ok(Came::Whole(Went {
                way: Way::unclear(),
                facts,
                reply: None,
            }));
        }
    };
    let way = routes::decide(&desk.world, &facts, asker.as_deref());
    let Some(requester) = way.partner().map(str::to_owned) else {
        return Ok(Came::Whole(Went {
            way,
            facts,
            reply: None,
        }));
    };
    if fetching::is_wanted(letter, desk.world.partner(&requester)) {
        return Ok(Came::WantsContents);
    }
    let submitted = Submitted {
        handed: letter.handed.clone(),
        material: Material {
            came: Message::SubmitAttachment,
            transaction: None,
            delimiters: None,
            cuts: letter.cuts.clone(),
            raw: letter.raw.clone(),
            document: Some(Document(letter.text.clone())),
        },
        source: caller.partner.clone(),
        requester,
        decided: way.decided().to_owned(),
        origin: Origin {
            message: Message::SubmitAttachment.as_str().to_owned(),
            ..Origin::default()
        },
    };
    let (_, reply) = desk.submit(file, submitted).await?;
    Ok(Came::Whole(Went { way, facts, reply }))
}
