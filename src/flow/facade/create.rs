//! `POST Task`: checked, hosted, answered with what was kept.

use serde_json::Value;
use serde_json::json;

use crate::exchange::keys::Between;
use crate::exchange::keys::Direction;
use crate::exchange::keys::MessageKey;
use crate::exchange::keys::WireName;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;
use crate::fhir::issue::IssueType;
use crate::fhir::json as fhir_json;
use crate::fhir::outcome;
use crate::flow::arrival::TRIES;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Reply;
use crate::flow::facade::Asking;
use crate::flow::facade::preferred;
use crate::flow::facade::search;
use crate::flow::facade::shown;
use crate::flow::facade::tell;
use crate::flow::facade::tell::Telling;
use crate::flow::hosted;
use crate::flow::meaning::list;
use crate::flow::meaning::text;
use crate::flow::routes;
use crate::flow::stow;
use crate::flow::task_to_request;
use crate::flow::task_to_request::Went;
use crate::flow::world::World;
use crate::flow::world::partner_name;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::digest::Digest;
use crate::ledger::entry;
use crate::ledger::entry::Key;
use crate::ledger::entry::Once;
use crate::ledger::entry::Received;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Outcome;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;

/// Takes a new Task; `unless` is the search that must find nothing.
pub(super) async fn take(
    asking: &Asking<'_>,
    unless: Option<Vec<(String, String)>>,
    bytes: &[u8],
    resource: Value,
) -> Result<Reply, LedgerError> {
    let Some(sender) = tenant(&asking.caller.partner) else {
        return Ok(Telling::error(IssueType::Forbidden, "the caller is no partner").reply(403));
    };
    if let Some(refused) = unsound(&resource) {
        return Ok(refused);
    }
    let content = Digest::of(bytes);
    let once = Once {
        key: key(&asking.gateway.world(), &sender, &resource, content),
        content,
    };
    if let Some(seen) = asking.gateway.parts().store.seen(once.key).await? {
        if seen.content == content {
            asking.tell_repeated(seen.entry);
            return created(asking, seen.answer).await;
        }
        return Ok(conflict());
    }
    if let Some(query) = unless {
        match search::all(asking, &query, 2).await? {
            Err(refused) => return Ok(refused),
            Ok(found) => match found.as_slice() {
                [] => {}
                [only] => return Ok(preferred(asking, shown(200, only), "the task is there already")),
                _ => {
                    let told = Telling::error(IssueType::Duplicate, "several tasks match the condition");
                    return Ok(told.reply(412));
                }
            },
        }
    }
    for _ in 0..TRIES {
        match work(asking, &sender, bytes, resource.clone(), once).await? {
            Worked::Refused(reply) => return Ok(reply),
            Worked::Kept(answer) => return created(asking, answer).await,
            Worked::Overtaken => {}
        }
    }
    Err(LedgerError::Busy)
}

/// The refusal of what is no Task that may be created.
fn unsound(resource: &Value) -> Option<Reply> {
    if text(resource, "resourceType") != Some("Task") {
        return Some(Telling::error(IssueType::Value, "only a Task can be created here").reply(422));
    }
    let findings = check::task(resource, CodeLists::embedded());
    let status = outcome::status(&findings);
    if status >= 400 {
        return Some(Telling::findings(&findings).reply(status));
    }
    if text(resource, "status") != Some("requested") {
        let told = Telling::error(IssueType::Value, "a new task has the status requested");
        return Some(told.reply(422));
    }
    None
}

fn conflict() -> Reply {
    Telling::error(
        IssueType::Conflict,
        "a task with this identifier and requester is there, and differs",
    )
    .reply(409)
}

/// How far a try came.
enum Worked {
    Refused(Reply),
    Kept(Option<Body>),
    /// Others moved the same exchange meanwhile.
    Overtaken,
}

async fn work(
    asking: &Asking<'_>,
    sender: &TenantId,
    bytes: &[u8],
    resource: Value,
    once: Once,
) -> Result<Worked, LedgerError> {
    let mut desk = Desk::open(asking.gateway, sender.clone());
    let body = std::str::from_utf8(bytes).unwrap_or_default();
    let went = match task_to_request::take(&mut desk, asking.caller, resource, body).await {
        Ok(went) => went,
        Err(declined) => return tell::declined(declined).map(Worked::Refused),
    };
    let Some(task) = went.task else {
        return Ok(Worked::Refused(tell::unrouted(went.way.why_parked()).reply(422)));
    };
    if went.is_repeat {
        return Ok(Worked::Refused(known(asking, task).await?));
    }
    keep(&mut desk, asking, sender, bytes, &went, once).await?;
    let at = desk.fetch_task(&Viewer::Operator, task).await?;
    let hosted = at.and_then(|at| desk.task_mut(at));
    let answer = hosted.map(|task| fhir_json::text(&task.resource).into_bytes());
    let answer = stow::keep(
        &*asking.gateway.parts().blobs,
        sender,
        &answer.unwrap_or_default(),
    )
    .await?;
    desk.entry.answer = Some(Draft::from(Body { parts: vec![answer] }));
    match desk.commit().await {
        Ok(Outcome::Committed(receipt)) => Ok(Worked::Kept(receipt.answer.map(|answer| answer.body))),
        Ok(Outcome::Repeated(seen)) => Ok(Worked::Kept(seen.answer)),
        Err(LedgerError::Conflict { .. }) => Ok(Worked::Refused(conflict())),
        Err(LedgerError::Stale { .. } | LedgerError::Exists { .. } | LedgerError::Taken(_)) => {
            Ok(Worked::Overtaken)
        }
        Err(trouble) => Err(trouble),
    }
}

async fn keep(
    desk: &mut Desk<'_>,
    asking: &Asking<'_>,
    sender: &TenantId,
    bytes: &[u8],
    went: &Went,
    once: Once,
) -> Result<(), LedgerError> {
    let caller = asking.caller;
    if went.way.is_parked() {
        desk.entry.parked = Some(Opaque::new(went.way.why_parked().as_bytes().to_vec()));
    }
    let links = std::mem::take(&mut desk.links);
    let facts = json!({
        "door": caller.door, "partner": caller.partner, "messages": [routes::kept(&went.facts)], "links": links,
    });
    desk.note(&json!({
        "event": "received", "door": caller.door, "partner": caller.partner, "message": "task",
        "parked": went.way.is_parked(),
    }));
    let parked = went.way.is_parked().then(|| went.way.why_parked());
    desk.news = Some(asking.news("task").parked(parked));
    desk.entry.key = Some(once);
    desk.entry.received = Some(Received {
        body: Body {
            parts: vec![stow::keep(&*asking.gateway.parts().blobs, sender, bytes).await?],
        },
        facts: Opaque::new(facts.to_string().into_bytes()),
        decision: Opaque::new(json!([went.way.kept()]).to_string().into_bytes()),
    });
    Ok(())
}

/// The Task of an exchange that knows this request.
async fn known(asking: &Asking<'_>, task: FolioId) -> Result<Reply, LedgerError> {
    let viewer = super::read::viewer(asking);
    let folio = asking.gateway.parts().store.folio(&viewer, task).await?;
    let current = match &folio {
        Some(folio) => hosted::stored(folio)?.versions.pop(),
        None => None,
    };
    Ok(current.map_or_else(conflict, |task| {
        preferred(asking, shown(200, &task), "the task is there already")
    }))
}

/// The answer that was kept: the first version of the Task.
async fn created(asking: &Asking<'_>, answer: Option<Body>) -> Result<Reply, LedgerError> {
    let body = match answer {
        Some(body) => stow::read(&*asking.gateway.parts().blobs, &body).await?,
        None => Vec::new(),
    };
    let task = serde_json::from_slice(&body).map_err(|_| LedgerError::Unreadable("the answer to a task"))?;
    Ok(preferred(asking, shown(201, &task), "the task was created"))
}

/// The key of a Task: its business identifier and who asks (ROB-010).
fn key(world: &World, sender: &TenantId, resource: &Value, content: Digest) -> Key {
    let us = &world.settings.own.name;
    let name = |identifier: &Value| {
        let system = text(identifier, "system").unwrap_or("-");
        WireName::in_system(system, text(identifier, "value")?)
    };
    let named = || {
        let between = Between {
            from: partner_name(sender.as_str())?,
            to: partner_name(us.as_str())?,
            direction: Direction::Inbound,
        };
        let identifier = list(resource, "identifier").find_map(name)?;
        let requester = name(resource.pointer("/requester/identifier")?)?;
        Some(MessageKey::task(&between, &identifier, &requester))
    };
    let name = named();
    let parts: [&[u8]; 2] = match &name {
        Some(name) => [b"task", name.as_bytes()],
        None => [b"content", content.as_bytes()],
    };
    Key::of(sender, us, entry::Direction::Inbound, &parts)
}
