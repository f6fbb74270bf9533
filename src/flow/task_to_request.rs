//! Journey 4: a payer posts a Task, which we host for both sides, and the provider that speaks X12 gets a 277.
//!
//! The provider's 275 then completes the Task and is handed on to the payer (journey 3). For a provider that speaks FHIR the
//! Task is posted to its server, with our door for the answer, or waits with us until it is read.

use serde_json::Value;

use crate::exchange::event::Purpose;
use crate::flow::asking::Question;
use crate::flow::asking::Taken;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Caller;
use crate::flow::dossier::Origin;
use crate::flow::facts;
use crate::flow::material::Document;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::meaning::Asked;
use crate::flow::routes;
use crate::flow::routes::Way;
use crate::ledger::ids::FolioId;
use crate::routing::facts::Facts;
use crate::routing::key::Message;

/// What became of a Task.
pub(crate) struct Went {
    pub(crate) way: Way,
    pub(crate) facts: Facts,
    /// The Task that we host; none if it was refused.
    pub(crate) task: Option<FolioId>,
    /// Whether the exchange had it already.
    pub(crate) is_repeat: bool,
}

/// Takes a Task.
///
/// # Errors
/// Says why not; the desk is then not to be committed.
pub(crate) async fn take(
    desk: &mut Desk<'_>,
    caller: &Caller,
    resource: Value,
    text: &str,
) -> Result<Went, Declined> {
    let mut facts = facts::fhir::read(&resource).ok_or(Declined::Unrouted)?;
    routes::introduce(&mut facts, caller);
    let way = routes::decide(&desk.world, &facts, None);
    let (Some(source), Some(delivery)) = (way.partner().map(str::to_owned), way.delivery()) else {
        return park(desk, caller, resource, way, facts);
    };
    let asked = Asked::of(&resource, &desk.world.key);
    if asked.purpose == Purpose::DocumentQuery && delivery.sends != Message::Task {
        // X12 has no word for a request for data.
        return Err(Unfit::NoMapping.into());
    }
    let question = Question {
        asked,
        material: Material {
            came: Message::Task,
            transaction: None,
            delimiters: None,
            cuts: Vec::new(),
            raw: None,
            document: Some(Document(text.to_owned())),
        },
        requester: caller.partner.clone(),
        source,
        held: delivery.held,
        decided: way.decided().to_owned(),
        origin: Origin {
            message: Message::Task.as_str().to_owned(),
            ..Origin::default()
        },
        hosted: Some(resource),
    };
    let Taken { task, reply, .. } = desk.ask(question).await?;
    let repeat = crate::exchange::effect::Taken::Repeat;
    Ok(Went {
        way,
        facts,
        task,
        is_repeat: reply.is_some_and(|reply| reply.outcome == repeat),
    })
}

/// Hosts a Task of which nobody knows yet who it is for.
fn park(
    desk: &mut Desk<'_>,
    caller: &Caller,
    resource: Value,
    way: Way,
    facts: Facts,
) -> Result<Went, Declined> {
    let mut task = None;
    if routes::holds(&desk.world) {
        let owner = tenant(&caller.partner).ok_or(Declined::Unrouted)?;
        let id = desk.host(resource, owner, None, None);
        let now = desk.now;
        if let Some(hosted) = desk.tasks.last_mut() {
            hosted.write(now);
        }
        task = Some(id);
    }
    Ok(Went {
        way,
        facts,
        task,
        is_repeat: false,
    })
}
