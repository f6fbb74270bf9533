//! The FHIR façade: what partners ask of it over whatever wire a door speaks.

mod create;
mod read;
mod search;
mod submit;
mod tell;
mod update;

use bytes::Bytes;
use serde_json::Value;
use serde_json::json as value;

use crate::base::clock::Tick;
use crate::fhir::issue::IssueSeverity;
use crate::fhir::issue::IssueType;
use crate::fhir::json;
use crate::flow::arrival::begin;
use crate::flow::arrival::status_of;
use crate::flow::arrival::trouble_status;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Broken;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::facade::tell::Telling;
use crate::flow::gateway::Gateway;
use crate::flow::gateway::LATER;
use crate::flow::news;
use crate::flow::news::News;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::EntryId;

/// A request to the façade, with who makes it.
pub(crate) struct Asking<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) caller: &'a Caller,
    pub(crate) prefer: Prefer,
    /// When its first byte came.
    pub(crate) began: Tick,
}

impl Asking<'_> {
    /// What the log is told of a message that is taken.
    fn news(&self, message: &'static str) -> News {
        News::of(self.caller, self.began, message)
    }

    /// Tells of a message that gets the answer of the first time.
    fn tell_repeated(&self, first: EntryId) {
        news::repeated(self.gateway, self.caller, first);
    }
}

/// Does what somebody asks.
pub(crate) async fn serve(
    gateway: &Gateway,
    caller: &Caller,
    what: Interaction,
    prefer: Prefer,
    body: &mut dyn Incoming,
) -> Reply {
    let asking = Asking {
        gateway,
        caller,
        prefer,
        began: gateway.parts().clock.tick(),
    };
    let kind = kind_of(&what);
    let reply = answered(&asking, kind, what, body).await;
    if !is_read(kind) {
        news::refused(gateway, caller, &reply);
    }
    reply
}

async fn answered(
    asking: &Asking<'_>,
    kind: &'static str,
    what: Interaction,
    body: &mut dyn Incoming,
) -> Reply {
    let done = match what {
        Interaction::SubmitAttachment => match begin(body).await {
            Ok((bytes, true)) => submit::take(asking, &bytes).await,
            Ok((head, false)) => submit::take_heavy(asking, head, body).await,
            Err(broken) => return undelivered(broken),
        },
        Interaction::CreateTask { unless } => match received(body).await {
            Ok((bytes, resource)) => create::take(asking, unless, &bytes, resource).await,
            Err(refused) => Ok(refused),
        },
        Interaction::UpdateTask { id, version } => match received(body).await {
            Ok((bytes, resource)) => update::take(asking, &id, version, &bytes, resource).await,
            Err(refused) => Ok(refused),
        },
        Interaction::ReadTask { id } => read::now(asking, &id).await,
        Interaction::ReadVersion { id, version } => read::version(asking, &id, version).await,
        Interaction::History { id, query } => read::history(asking, &id, &query).await,
        Interaction::SearchTasks { query } => search::serve(asking, &query).await,
    };
    let done = match done {
        Ok(reply) => audited(asking, kind, reply).await,
        Err(trouble) => Err(trouble),
    };
    done.unwrap_or_else(|trouble| troubled(&trouble))
}

/// Notes reads and refusals in the audit; what was taken is noted with it (CDEX-853).
async fn audited(asking: &Asking<'_>, kind: &'static str, reply: Reply) -> Result<Reply, LedgerError> {
    let Some(caller) = tenant(&asking.caller.partner).filter(|_| is_read(kind) || reply.status >= 400) else {
        return Ok(reply);
    };
    let mut desk = Desk::open(asking.gateway, caller);
    desk.note(&value!({
        "event": if reply.status < 400 { "shown" } else { "refused" },
        "door": asking.caller.door, "partner": asking.caller.partner, "interaction": kind,
        "status": reply.status, "what": reply.location, "why": tell::errors_in(reply.status, &reply.body),
    }));
    desk.commit().await?;
    Ok(reply)
}

fn is_read(kind: &str) -> bool {
    matches!(kind, "read" | "vread" | "history" | "search")
}

const fn kind_of(what: &Interaction) -> &'static str {
    match what {
        Interaction::SubmitAttachment => "submit-attachment",
        Interaction::CreateTask { .. } => "create",
        Interaction::UpdateTask { .. } => "update",
        Interaction::ReadTask { .. } => "read",
        Interaction::ReadVersion { .. } => "vread",
        Interaction::History { .. } => "history",
        Interaction::SearchTasks { .. } => "search",
    }
}

/// The body of a Task as it came, and as JSON. A Task is held; long documents travel in `$submit-attachment`.
async fn received(body: &mut dyn Incoming) -> Result<(Vec<u8>, Value), Reply> {
    let mut bytes = Vec::new();
    loop {
        match body.next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(broken) => return Err(undelivered(broken)),
        }
        if bytes.len() > LONGEST_TASK {
            return Err(undelivered(Broken::TooLong));
        }
    }
    match json::read(&bytes) {
        Ok(resource) => Ok((bytes, resource)),
        Err(refusal) => Err(Telling::refusal(&refusal).reply(400)),
    }
}

/// What the sender of a body is told that did not arrive.
fn undelivered(broken: Broken) -> Reply {
    let (kind, message) = match broken {
        Broken::TooLong => (
            IssueType::TooLong,
            "the body is longer than this door takes; send the documents in several submissions",
        ),
        Broken::TooSlow => (IssueType::Timeout, "the body came too slowly"),
        Broken::Cut => (IssueType::Structure, "the body ended before its end"),
    };
    Telling::error(kind, message).reply(status_of(broken))
}

/// The longest Task, in bytes: it is kept in the entry with its versions.
const LONGEST_TASK: usize = 1024 * 1024;

/// Nothing was kept, so nothing is acknowledged.
fn troubled(trouble: &LedgerError) -> Reply {
    if matches!(trouble, LedgerError::Malformed(_)) {
        // What one message brings about goes down in one commit, which has a bound.
        let told = Telling::error(
            IssueType::TooLong,
            "the message brings more than can be kept at once",
        );
        return told.reply(413);
    }
    let telling = Telling::error(
        IssueType::Transient,
        "nothing was kept; the same may be sent again later",
    );
    let mut reply = telling.reply(trouble_status(trouble));
    reply.retry_after = Some(LATER);
    reply
}

/// There is no such Task, or none that the caller may know of (SEC-005).
fn not_found() -> Reply {
    Telling::error(IssueType::NotFound, "there is no such task").reply(404)
}

/// A resource as a reply with its version.
fn shown(status: u16, task: &Value) -> Reply {
    let text = |pointer: &str| task.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let version = crate::flow::hosted::version_of(task);
    let changed = crate::flow::calendar::span(text("/meta/lastUpdated"));
    Reply {
        status,
        version: Some(version),
        changed: changed.and_then(|(at, _)| at.time_of_day()),
        location: Some(format!("Task/{}/_history/{version}", text("/id"))),
        body: Bytes::from(json::text(task)),
        ..Reply::default()
    }
}

/// The same as the caller wants to see it after a write.
fn preferred(asking: &Asking<'_>, mut reply: Reply, done: &'static str) -> Reply {
    match asking.prefer {
        Prefer::Representation => {}
        Prefer::Minimal => reply.body = Bytes::new(),
        Prefer::Outcome => {
            reply.body = Telling::default()
                .say(IssueSeverity::Information, IssueType::Informational, done)
                .body();
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_commit_is_not_to_be_sent_again_later() {
        let reply = troubled(&LedgerError::Malformed("an entry would hold too much"));
        assert_eq!((reply.status, reply.retry_after), (413, None));
        let reply = troubled(&LedgerError::Busy);
        assert_eq!((reply.status, reply.retry_after), (503, Some(LATER)));
    }
}
