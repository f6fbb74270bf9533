//! `PUT Task/[id]`: by whom cdex.md §4 allows it. The source moves the status and adds outputs (GW-31); the requester may at
//! most cancel, where that was agreed (GW-30).

use serde_json::Value;
use serde_json::json;

use crate::exchange::event::Move;
use crate::exchange::event::Mover;
use crate::exchange::event::What;
use crate::fhir::issue::IssueType;
use crate::flow::arrival::TRIES;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::desk::tenant;
use crate::flow::door::Reply;
use crate::flow::facade::Asking;
use crate::flow::facade::not_found;
use crate::flow::facade::preferred;
use crate::flow::facade::shown;
use crate::flow::facade::tell;
use crate::flow::facade::tell::Telling;
use crate::flow::hosted;
use crate::flow::hosted::OwnWords;
use crate::flow::hosted::version_of;
use crate::flow::meaning::list;
use crate::flow::meaning::text;
use crate::flow::stow;
use crate::ledger::body::Body;
use crate::ledger::entry::Received;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;

/// Takes a Task in another state.
pub(super) async fn take(
    asking: &Asking<'_>,
    id: &str,
    version: Option<u64>,
    bytes: &[u8],
    resource: Value,
) -> Result<Reply, LedgerError> {
    if text(&resource, "resourceType") != Some("Task") || text(&resource, "id") != Some(id) {
        let told = Telling::error(
            IssueType::Value,
            "the body is not the task that the address names",
        );
        return Ok(told.reply(400));
    }
    let (Some(task), Some(caller)) = (hosted::folio_of(id), tenant(&asking.caller.partner)) else {
        return Ok(not_found());
    };
    for _ in 0..TRIES {
        match work(asking, &caller, task, version, bytes, &resource).await {
            Err(LedgerError::Stale { .. }) => {}
            other => return other,
        }
    }
    Err(LedgerError::Busy)
}

async fn work(
    asking: &Asking<'_>,
    caller: &TenantId,
    task: FolioId,
    version: Option<u64>,
    bytes: &[u8],
    wanted: &Value,
) -> Result<Reply, LedgerError> {
    let mut desk = Desk::open(asking.gateway, caller.clone());
    let viewer = desk.viewer();
    let Some(at) = desk.fetch_task(&viewer, task).await? else {
        return Ok(not_found());
    };
    // Judged is what the desk holds and nothing that was read before: the commit fails if that is not the last version.
    let Some(task) = desk.task_mut(at) else {
        return Ok(not_found());
    };
    let current = task.resource.clone();
    let is_requester = task.owner == *caller && task.peer.as_ref() != Some(caller);
    let exchange = task.exchange;
    if version.is_some_and(|version| version != version_of(&current)) {
        let told = Telling::error(IssueType::Conflict, "the task has another version by now");
        return Ok(told.reply(412));
    }
    let status = text(wanted, "status").unwrap_or_default();
    if is_requester && status != "cancelled" {
        let told = Telling::error(IssueType::Forbidden, "only the source moves a task");
        return Ok(told.reply(403));
    }
    let Some(exchange) = exchange else {
        let told = Telling::error(
            IssueType::BusinessRule,
            "the task waits for a person to say who it is for",
        );
        return Ok(told.reply(422));
    };
    let Some(file) = desk.fetch(&viewer, exchange).await? else {
        return Ok(not_found());
    };
    let moved = if is_requester {
        desk.step(file, What::CancelAsked).await.map(|_| ())
    } else {
        if let Some(refused) = edit(&mut desk, at, &current, wanted) {
            return Ok(refused);
        }
        by_source(&mut desk, file, &current, wanted).await
    };
    if let Err(declined) = moved {
        return tell::declined(declined);
    }
    finish(asking, desk, at, caller, bytes).await
}

/// The source's words and outputs go into the Task; nothing else of it may change.
fn edit(desk: &mut Desk<'_>, at: usize, current: &Value, wanted: &Value) -> Option<Reply> {
    let others = |task: &Value| {
        let mut task = task.clone();
        for member in THEIRS {
            hosted::set(&mut task, member, None);
        }
        task
    };
    if others(current) != others(wanted) {
        let told = Telling::error(
            IssueType::BusinessRule,
            "the source changes status, its reasons and outputs of a task, and nothing else",
        );
        return Some(told.reply(422));
    }
    let kept = list(current, "contained").all(|one| list(wanted, "contained").any(|other| other == one));
    if !kept {
        let told = Telling::error(IssueType::BusinessRule, "what a task contains stays in it");
        return Some(told.reply(422));
    }
    let before = list(current, "output").count();
    let outputs: Vec<&Value> = list(wanted, "output").collect();
    if outputs.iter().copied().take(before).ne(list(current, "output")) {
        let told = Telling::error(
            IssueType::BusinessRule,
            "outputs are added to a task and not taken away",
        );
        return Some(told.reply(422));
    }
    if let Some(task) = desk.task_mut(at) {
        for member in ["output", "contained", "note"] {
            hosted::set(&mut task.resource, member, wanted.get(member).cloned());
        }
        let own = |member: &str| {
            let said = wanted
                .get(member)
                .filter(|said| Some(*said) != current.get(member));
            said.cloned()
        };
        let (reason, business) = (own("statusReason"), own("businessStatus"));
        // Where the status stays as it is, the exchange has no version to write, and the words go in at once.
        if text(current, "status") == text(wanted, "status") {
            for (member, said) in [("statusReason", &reason), ("businessStatus", &business)] {
                if said.is_some() {
                    hosted::set(&mut task.resource, member, said.clone());
                }
            }
        }
        task.said = Some(OwnWords {
            status: text(wanted, "status").unwrap_or_default().to_owned(),
            reason,
            business,
        });
    }
    None
}

/// What the source may change; `contained` may hold outputs.
const THEIRS: [&str; 9] = [
    "meta",
    "status",
    "statusReason",
    "businessStatus",
    "output",
    "contained",
    "note",
    "lastModified",
    "text",
];

/// Moves the exchange as the source wants it.
async fn by_source(
    desk: &mut Desk<'_>,
    file: FileId,
    current: &Value,
    wanted: &Value,
) -> Result<(), Declined> {
    let added = list(wanted, "output")
        .count()
        .saturating_sub(list(current, "output").count());
    if let Ok(count) = u32::try_from(added)
        && count > 0
    {
        desk.step(file, What::OutputsAdded { count }).await?;
    }
    let to = match text(wanted, "status") {
        Some("accepted") => Move::Accepted,
        Some("rejected") => Move::Rejected,
        Some("in-progress") => Move::InProgress,
        Some("on-hold") => Move::OnHold,
        Some("failed") => Move::Failed,
        Some("completed") => Move::Completed,
        Some("requested") if text(current, "status") == Some("requested") => return Ok(()),
        _ => return Err(crate::exchange::refusal::Refusal::NoSuchMove.into()),
    };
    let by = Mover::Source;
    desk.step(file, What::Moved { by, to }).await.map(|_| ())
}

async fn finish(
    asking: &Asking<'_>,
    mut desk: Desk<'_>,
    at: usize,
    caller: &TenantId,
    bytes: &[u8],
) -> Result<Reply, LedgerError> {
    let now = desk.now;
    let Some(task) = desk.task_mut(at) else {
        return Ok(not_found());
    };
    // Words and outputs are a version of their own where the status stays as it was.
    if !task.is_written() {
        task.write(now);
    }
    let resource = task.resource.clone();
    let partner = &asking.caller.partner;
    desk.note(&json!({"event": "received", "door": asking.caller.door, "partner": partner, "message": "task-update"}));
    desk.news = Some(asking.news("task-update"));
    desk.entry.received = Some(Received {
        body: Body {
            parts: vec![stow::keep(&*asking.gateway.parts().blobs, caller, bytes).await?],
        },
        facts: Opaque::new(
            json!({"door": asking.caller.door, "partner": partner})
                .to_string()
                .into_bytes(),
        ),
        decision: Opaque::default(),
    });
    desk.commit().await?;
    Ok(preferred(asking, shown(200, &resource), "the task was updated"))
}
