//! Searches of Tasks: by id, identifier, status, code, owner, requester, patient and time, in pages.

use std::time::SystemTime;

use bytes::Bytes;
use serde_json::Value;
use serde_json::json;

use crate::fhir::json as fhir_json;
use crate::flow::calendar;
use crate::flow::door::Reply;
use crate::flow::dossier;
use crate::flow::facade::Asking;
use crate::flow::facade::read;
use crate::flow::hosted;
use crate::flow::hosted::Parameter;
use crate::ledger::entry::Handle;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Search;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Viewer;

/// Answers a search.
pub(super) async fn serve(asking: &Asking<'_>, query: &[(String, String)]) -> Result<Reply, LedgerError> {
    let Some(wanted) = wanted(asking, query) else {
        return Ok(read::unknown_parameter());
    };
    let mut search = wanted.search;
    // One more than is shown tells whether there is another page.
    search.most = wanted.count + 1;
    let store = &asking.gateway.parts().store;
    let mut found = store.find(&read::viewer(asking), search).await?;
    let more = found.len() > wanted.count;
    found.truncate(wanted.count);
    let last = found.last().map(|folio| folio.id);
    let base = asking.gateway.world().settings.own.facade.clone();
    let mut entries = Vec::new();
    for folio in found {
        let id = hosted::task_id(folio.id);
        if let Some(task) = read::picked_up(asking, folio).await? {
            entries.push(json!({
                "fullUrl": format!("{base}/Task/{id}"), "resource": task, "search": {"mode": "match"},
            }));
        }
    }
    let conditions = encoded(query);
    let mut links = vec![json!({"relation": "self", "url": format!("{base}/Task?{conditions}")})];
    if let (true, Some(last)) = (more, last) {
        let and = if conditions.is_empty() { "" } else { "&" };
        let url = format!("{base}/Task?{conditions}{and}_page={last}");
        links.push(json!({"relation": "next", "url": url}));
    }
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links});
    if !entries.is_empty() {
        hosted::set(&mut bundle, "entry", Some(Value::Array(entries)));
    }
    Ok(Reply {
        status: 200,
        body: Bytes::from(fhir_json::text(&bundle)),
        ..Reply::default()
    })
}

/// At most so many Tasks that match, as they are; or the refusal of the query.
pub(super) async fn all(
    asking: &Asking<'_>,
    query: &[(String, String)],
    most: usize,
) -> Result<Result<Vec<Value>, Reply>, LedgerError> {
    let Some(wanted) = wanted(asking, query).filter(|wanted| !wanted.search.all_of.is_empty()) else {
        return Ok(Err(read::unknown_parameter()));
    };
    let mut search = wanted.search;
    search.most = most;
    let store = &asking.gateway.parts().store;
    let found = store.find(&read::viewer(asking), search).await?;
    let mut tasks = Vec::new();
    for folio in &found {
        tasks.extend(hosted::stored(folio)?.versions.pop());
    }
    Ok(Ok(tasks))
}

struct Wanted {
    search: Search,
    count: usize,
}

/// The query as the ledger understands it; nothing if it asks for what cannot be told.
fn wanted(asking: &Asking<'_>, query: &[(String, String)]) -> Option<Wanted> {
    let Viewer::Tenant(tenant) = read::viewer(asking) else {
        return None;
    };
    let mut search = Search {
        kind: Some(dossier::TASK),
        ..Search::default()
    };
    let mut count = 50;
    for (name, value) in query {
        match name.as_str() {
            "_count" => count = value.parse::<usize>().ok()?.clamp(1, 200),
            "_page" => search.below = Some(hosted::folio_of(value)?),
            "_lastUpdated" => between(&mut search, value)?,
            "_format" => {}
            _ => search
                .all_of
                .push(alternatives(asking, &tenant, parameter(name)?, value)),
        }
    }
    Some(Wanted { search, count })
}

fn parameter(name: &str) -> Option<Parameter> {
    Some(match name {
        "_id" => Parameter::Id,
        "identifier" => Parameter::Identifier,
        "status" => Parameter::Status,
        "code" => Parameter::Code,
        "owner" | "owner:identifier" | "owner.identifier" => Parameter::Owner,
        "requester" | "requester:identifier" | "requester.identifier" => Parameter::Requester,
        "patient:identifier" | "patient.identifier" | "subject:identifier" | "for:identifier" => {
            Parameter::Patient
        }
        _ => return None,
    })
}

/// Values with commas between them are alternatives.
fn alternatives(asking: &Asking<'_>, tenant: &TenantId, parameter: Parameter, value: &str) -> Vec<Handle> {
    let world = asking.gateway.world();
    let tokens = value.split(',').map(str::trim).filter(|token| !token.is_empty());
    let mut handles: Vec<Handle> = tokens
        .map(|token| hosted::handle(tenant, parameter, token, &world.key))
        .collect();
    if handles.is_empty() {
        // A condition without a value is one that nothing meets.
        handles.push(hosted::handle(tenant, parameter, "", &world.key));
    }
    handles
}

/// Narrows a search by a time with its prefix; nothing if it is no time.
fn between(search: &mut Search, value: &str) -> Option<()> {
    let prefix = value
        .get(..2)
        .filter(|prefix| prefix.bytes().all(|byte| byte.is_ascii_lowercase()));
    let text = match prefix {
        Some(prefix) => value.strip_prefix(prefix)?,
        None => value,
    };
    let (from, until) = calendar::span(text)?;
    let (from, until) = (from.time_of_day()?, until.time_of_day()?);
    let since = |search: &mut Search, at: SystemTime| {
        search.since = Some(search.since.map_or(at, |before| before.max(at)));
    };
    let before = |search: &mut Search, at: SystemTime| {
        search.until = Some(search.until.map_or(at, |before| before.min(at)));
    };
    match prefix.unwrap_or("eq") {
        "eq" => {
            since(search, from);
            before(search, until);
        }
        "ge" => since(search, from),
        "gt" | "sa" => since(search, until),
        "le" => before(search, until),
        "lt" | "eb" => before(search, from),
        _ => return None,
    }
    Some(())
}

/// The conditions of a query as they stand in an address, without the page.
fn encoded(query: &[(String, String)]) -> String {
    let conditions = query.iter().filter(|(name, _)| name != "_page");
    let pairs: Vec<String> = conditions
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("&")
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(char::from_digit(u32::from(byte >> 4), 16).map(|digit| digit.to_ascii_uppercase()));
            out.extend(char::from_digit(u32::from(byte & 15), 16).map(|digit| digit.to_ascii_uppercase()));
        }
    }
    out
}
