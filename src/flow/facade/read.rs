//! Reads of Tasks: as they are now, as they were, and all that they were.

use std::ops::ControlFlow;

use bytes::Bytes;
use serde_json::Value;
use serde_json::json;

use crate::exchange::event::HandOver;
use crate::exchange::event::What;
use crate::exchange::state::Kind;
use crate::fhir::issue::IssueType;
use crate::fhir::json as fhir_json;
use crate::flow::arrival::TRIES;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Reply;
use crate::flow::dossier;
use crate::flow::facade::Asking;
use crate::flow::facade::not_found;
use crate::flow::facade::shown;
use crate::flow::facade::tell::Telling;
use crate::flow::hosted;
use crate::flow::hosted::StoredTask;
use crate::flow::hosted::version_of;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Folio;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;

/// Who reads. A caller that is no partner sees nothing.
pub(super) fn viewer(asking: &Asking<'_>) -> Viewer {
    tenant(&asking.caller.partner).map_or_else(nobody, Viewer::Tenant)
}

fn nobody() -> Viewer {
    Viewer::Tenant(TenantId::parse("-").expect("a dash is a printable name"))
}

/// A Task as it is now. Its source thereby has it.
pub(super) async fn now(asking: &Asking<'_>, id: &str) -> Result<Reply, LedgerError> {
    let Some(folio) = folio(asking, id).await? else {
        return Ok(not_found());
    };
    let current = picked_up(asking, folio).await?;
    Ok(current.map_or_else(not_found, |task| shown(200, &task)))
}

/// The folio of a Task that the caller may see.
pub(super) async fn folio(asking: &Asking<'_>, id: &str) -> Result<Option<Folio>, LedgerError> {
    let Some(id) = hosted::folio_of(id) else {
        return Ok(None);
    };
    let found = asking.gateway.parts().store.folio(&viewer(asking), id).await?;
    Ok(found.filter(|folio| folio.kind == dossier::TASK))
}

/// The current version of a Task, after its source has been given it.
pub(super) async fn picked_up(asking: &Asking<'_>, folio: Folio) -> Result<Option<Value>, LedgerError> {
    let StoredTask { exchange, versions } = hosted::stored(&folio)?;
    let is_source = folio
        .peer
        .as_ref()
        .is_some_and(|peer| peer.as_str() == asking.caller.partner);
    let Some(exchange) = exchange.filter(|_| is_source) else {
        return Ok(versions.into_iter().next_back());
    };
    let waits = versions
        .last()
        .and_then(|task| task.get("status"))
        .and_then(Value::as_str)
        == Some("requested");
    if !waits {
        return Ok(versions.into_iter().next_back());
    }
    let id = folio.id;
    for _ in 0..TRIES {
        match pick_up(asking, exchange).await {
            Err(LedgerError::Stale { .. }) => {}
            Err(trouble) => return Err(trouble),
            Ok(()) => {
                let folio = asking.gateway.parts().store.folio(&viewer(asking), id).await?;
                return match folio {
                    Some(folio) => Ok(hosted::stored(&folio)?.versions.pop()),
                    None => Ok(None),
                };
            }
        }
    }
    Err(LedgerError::Busy)
}

async fn pick_up(asking: &Asking<'_>, exchange: FolioId) -> Result<(), LedgerError> {
    let Viewer::Tenant(tenant) = viewer(asking) else {
        return Ok(());
    };
    let mut desk = Desk::open(asking.gateway, tenant);
    let viewer = desk.viewer();
    let Some(file) = desk.fetch(&viewer, exchange).await? else {
        return Ok(());
    };
    let state = &desk.file(file).exchange;
    let shown = state
        .request()
        .is_some_and(|request| request.hand_over == HandOver::Shown);
    if !shown || state.kind() != Kind::Requested {
        return Ok(());
    }
    match desk.step(file, What::PickedUp).await {
        Err(Declined::Ledger(trouble)) => return Err(trouble),
        Err(_) => return Ok(()),
        Ok(_) => {}
    }
    desk.commit().await.map(|_| ())
}

/// Shows the versions of a Task below `below`, newest first, until `see` has seen enough; few are held at a time.
async fn walk(
    asking: &Asking<'_>,
    task: FolioId,
    below: u64,
    mut see: impl FnMut(Value) -> ControlFlow<()> + Send,
) -> Result<(), LedgerError> {
    let store = &asking.gateway.parts().store;
    // Each change of the folio wrote one version of the Task at least: none is in a change of a greater number.
    let mut changes = u32::try_from(below).ok().and_then(Version::new);
    loop {
        let page = store.versions(&viewer(asking), task, changes, PAGE).await?;
        for folio in &page {
            for version in hosted::stored(folio)?.versions.into_iter().rev() {
                if version_of(&version) < below && see(version).is_break() {
                    return Ok(());
                }
            }
        }
        changes = page.last().map(|folio| folio.version);
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

/// A Task as it was.
pub(super) async fn version(asking: &Asking<'_>, id: &str, version: u64) -> Result<Reply, LedgerError> {
    let Some(folio) = folio(asking, id).await? else {
        return Ok(not_found());
    };
    let mut found = None;
    // The first below the next is the one, if it is kept.
    walk(asking, folio.id, version.saturating_add(1), |task| {
        found = Some(task);
        ControlFlow::Break(())
    })
    .await?;
    let found = found.filter(|task| version_of(task) == version);
    Ok(found.map_or_else(not_found, |task| shown(200, &task)))
}

/// All that a Task was, newest first, in pages.
pub(super) async fn history(
    asking: &Asking<'_>,
    id: &str,
    query: &[(String, String)],
) -> Result<Reply, LedgerError> {
    let Some(folio) = folio(asking, id).await? else {
        return Ok(not_found());
    };
    let (mut count, mut below) = (50_usize, u64::MAX);
    for (name, value) in query {
        match (name.as_str(), value.parse::<u64>()) {
            ("_count", Ok(number)) => count = usize::try_from(number).unwrap_or(usize::MAX).clamp(1, 200),
            ("_page", Ok(number)) => below = number,
            ("_format", _) => {}
            _ => return Ok(unknown_parameter()),
        }
    }
    // Versions are numbered without gaps, and all are kept.
    let total = hosted::stored(&folio)?.versions.last().map_or(0, version_of);
    let mut page: Vec<Value> = Vec::new();
    let mut more = false;
    walk(asking, folio.id, below, |task| {
        more = page.len() == count;
        if more {
            return ControlFlow::Break(());
        }
        page.push(task);
        ControlFlow::Continue(())
    })
    .await?;
    let base = &asking.gateway.world().settings.own.facade;
    let mut links = vec![json!({"relation": "self", "url": format!("{base}/Task/{id}/_history")})];
    if let (true, Some(last)) = (more, page.last()) {
        let url = format!(
            "{base}/Task/{id}/_history?_count={count}&_page={}",
            version_of(last)
        );
        links.push(json!({"relation": "next", "url": url}));
    }
    let entries: Vec<Value> = page
        .into_iter()
        .map(|task| {
            let number = version_of(&task);
            let (method, status) = if number == 1 {
                ("POST", "201")
            } else {
                ("PUT", "200")
            };
            json!({
                "fullUrl": format!("{base}/Task/{id}"), "resource": task,
                "request": {"method": method, "url": format!("Task/{id}")},
                "response": {"status": status, "etag": format!("W/\"{number}\"")},
            })
        })
        .collect();
    let bundle = json!({
        "resourceType": "Bundle", "type": "history", "total": total, "link": links, "entry": entries,
    });
    Ok(Reply {
        status: 200,
        body: Bytes::from(fhir_json::text(&bundle)),
        ..Reply::default()
    })
}

/// What is not understood is refused: a search that leaves a condition out finds what was not asked for.
pub(super) fn unknown_parameter() -> Reply {
    Telling::error(
        IssueType::NotSupported,
        "a parameter is not known here, or its value is none that it takes",
    )
    .reply(400)
}

/// How many changes of a Task are held at a time; one may hold several versions of 1 MiB.
const PAGE: usize = 4;
