//! The timeline of one exchange: every entry of the ledger about it, with its messages and its events of the audit.
//!
//! Only names of the configuration, ids of ours, codes and counts are told. What may identify a person is masked, and
//! fields that are not known here are not shown at all.

use std::time::SystemTime;

use serde_json::Value;

use super::query;
use super::query::Hop;
use super::query::Sent;
use super::query::Told;
use super::query::time;
use crate::exchange::state::Exchange;
use crate::flow::dossier;
use crate::flow::dossier::Dossier;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Standing;
use crate::ledger::found::StoredEntry;
use crate::ledger::found::StoredOutbound;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;
use crate::ledger::store::Store;
use crate::upstream::errand::Errand;

/// All that is told of an exchange; `None` if there is none of this name.
pub(super) async fn show(store: &dyn Store, id: FolioId) -> Result<Option<Told>, LedgerError> {
    let viewer = Viewer::Operator;
    let Some(folio) = store.folio(&viewer, id).await? else {
        return Ok(None);
    };
    if folio.kind != dossier::EXCHANGE {
        return Ok(None);
    }
    let mut told = Told {
        exchange: query::line(&folio),
        ..Told::default()
    };
    if let Ok((exchange, dossier)) = dossier::decode(&folio.content) {
        told.names = names(&dossier);
        told.pinned = pinned(&exchange, &dossier);
    }
    let mut after = None;
    while let Some(last) = page(store, id, after, &mut told.hops).await? {
        after = Some(last);
        if told.hops.len() >= MOST_HOPS {
            break;
        }
    }
    let sent = store.outbound_of(&viewer, id).await?;
    told.sent = sent.iter().map(sent_line).collect();
    Ok(Some(told))
}

/// What one entry says; `None` if there is none of this name.
pub(super) async fn entry(store: &dyn Store, id: EntryId) -> Result<Option<Vec<Hop>>, LedgerError> {
    let Some(entry) = store.entry(&Viewer::Operator, id).await? else {
        return Ok(None);
    };
    let mut hops = Vec::new();
    entry_hops(&entry, None, &mut hops);
    audit_hops(store, &entry, None, &mut hops).await?;
    Ok(Some(hops))
}

/// Adds the next entries; the last of them, if there may be more.
async fn page(
    store: &dyn Store,
    folio: FolioId,
    after: Option<EntryId>,
    hops: &mut Vec<Hop>,
) -> Result<Option<EntryId>, LedgerError> {
    let ids = store.entries_about(&Viewer::Operator, folio, after, PAGE).await?;
    for id in &ids {
        match store.entry(&Viewer::Operator, *id).await {
            Ok(Some(entry)) => {
                entry_hops(&entry, Some(folio), hops);
                audit_hops(store, &entry, Some(folio), hops).await?;
            }
            Ok(None) => {}
            // A damaged row must not hide the others.
            Err(LedgerError::Unreadable(_)) => hops.push(Hop {
                entry: id.to_string(),
                what: "unreadable".to_owned(),
                ..Hop::default()
            }),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(ids.last().copied().filter(|_| ids.len() == PAGE))
}

/// What an entry itself says, of one exchange or of all.
fn entry_hops(entry: &StoredEntry, folio: Option<FolioId>, hops: &mut Vec<Hop>) {
    let mut hop = |what: &str, details: Vec<(String, String)>| {
        hops.push(Hop {
            at: time(entry.at),
            entry: entry.id.to_string(),
            what: what.to_owned(),
            details,
        });
    };
    if let Some(received) = &entry.received {
        let mut details = vec![("from".to_owned(), entry.tenant.to_string())];
        details.extend(known(&received.facts, &["door", "answer"]));
        details.extend(messages(&received.facts));
        details.push(("bytes".to_owned(), entry.length.to_string()));
        details.extend(
            digests(&received.body)
                .into_iter()
                .map(|digest| ("sha256".to_owned(), digest)),
        );
        hop("received", details);
        for decision in decisions(&received.decision) {
            hop("decided", decision);
        }
    } else if entry.length > 0 {
        let bytes = ("bytes".to_owned(), entry.length.to_string());
        hop("received", vec![bytes, ("kept".to_owned(), "no more".to_owned())]);
    }
    if let Some(why) = &entry.parked {
        let why = words(&String::from_utf8_lossy(why.as_bytes()));
        hop("parked", vec![("why".to_owned(), why)]);
    }
    let is_meant = |about: FolioId| folio.is_none_or(|folio| folio == about);
    for outbound in entry.outbound.iter().filter(|outbound| is_meant(outbound.folio)) {
        hop("queued", vec![("message".to_owned(), outbound.to_string())]);
    }
    if let Some(answer) = &entry.answer {
        let mut details = vec![("bytes".to_owned(), answer.len().to_string())];
        details.extend(
            digests(answer)
                .into_iter()
                .map(|digest| ("sha256".to_owned(), digest)),
        );
        hop("answered", details);
    }
}

/// The events of the audit that an entry brought about, but for those of other exchanges.
async fn audit_hops(
    store: &dyn Store,
    entry: &StoredEntry,
    folio: Option<FolioId>,
    hops: &mut Vec<Hop>,
) -> Result<(), LedgerError> {
    for (at, event) in events(store, entry).await? {
        let name = event.get("event").and_then(Value::as_str).unwrap_or("event");
        let other = folio.is_some_and(|folio| {
            let about = event.get("exchange").and_then(Value::as_str);
            about.is_some_and(|exchange| exchange != folio.to_string())
        });
        // That it was received is told by the entry itself.
        if other || name == "received" {
            continue;
        }
        let names = [
            "exchange",
            "message",
            "interaction",
            "status",
            "why",
            "attempts",
            "outcome",
            "from",
            "to",
            "alerts",
            "interchange",
        ];
        let content = Opaque::new(event.to_string().into_bytes());
        // Which exchange it is about is known where one was asked for.
        let names = if folio.is_some() { &names[1..] } else { &names[..] };
        hops.push(Hop {
            at: time(at),
            entry: entry.id.to_string(),
            what: words(name),
            details: known(&content, names),
        });
    }
    Ok(())
}

/// The events of the audit that an entry brought about, each with its time.
pub(super) async fn events(
    store: &dyn Store,
    entry: &StoredEntry,
) -> Result<Vec<(SystemTime, Value)>, LedgerError> {
    let Some((first, count)) = entry.audit else {
        return Ok(Vec::new());
    };
    let before = crate::ledger::found::AuditId {
        number: first.number.saturating_sub(1),
        ..first
    };
    let most = usize::try_from(count).unwrap_or(PAGE).min(PAGE);
    let last = first.number + u64::from(count);
    let events = store.audit(&Viewer::Operator, Some(before), most).await?;
    // Where retention has removed them, others come that are not meant.
    let meant = events.iter().filter(|event| event.id.number < last);
    let read = meant.filter_map(|event| {
        let content: Value = serde_json::from_slice(event.content.as_bytes()).ok()?;
        content.is_object().then_some((event.at, content))
    });
    Ok(read.collect())
}

/// The members of an object that may be told, if they are texts, numbers or lists of texts.
pub(super) fn known(object: &Opaque, names: &[&str]) -> Vec<(String, String)> {
    let value: Value = serde_json::from_slice(object.as_bytes()).unwrap_or_default();
    let told = names.iter().filter_map(|name| {
        let text = match value.get(name)? {
            Value::String(text) => words(text),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(list) => {
                let texts: Vec<String> = list.iter().filter_map(Value::as_str).map(words).collect();
                texts.join(", ")
            }
            Value::Null | Value::Object(_) => return None,
        };
        (!text.is_empty()).then(|| ((*name).to_owned(), text))
    });
    told.collect()
}

/// The kinds and versions of the messages that came, out of the facts that were kept of each.
pub(super) fn messages(facts: &Opaque) -> Vec<(String, String)> {
    let value: Value = serde_json::from_slice(facts.as_bytes()).unwrap_or_default();
    let messages = value.get("messages").and_then(Value::as_array);
    let told = messages.into_iter().flatten().take(PAGE).filter_map(|message| {
        let facts = message.as_array()?;
        let one = |name: &str| {
            let fact = facts
                .iter()
                .find(|fact| fact.get(0).and_then(Value::as_str) == Some(name))?;
            fact.get(1).and_then(Value::as_str).map(words)
        };
        let kind = one("message")?;
        let version = one("version")
            .map(|version| format!(" {version}"))
            .unwrap_or_default();
        Some(("message".to_owned(), format!("{kind}{version}")))
    });
    told.collect()
}

/// Where each message of an entry goes and why.
fn decisions(decision: &Opaque) -> Vec<Vec<(String, String)>> {
    let value: Value = serde_json::from_slice(decision.as_bytes()).unwrap_or_default();
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let told = all.iter().take(PAGE).map(|one| {
        let one = Opaque::new(one.to_string().into_bytes());
        known(&one, &["decided", "to", "sends", "parked", "refused"])
    });
    told.filter(|details| !details.is_empty()).collect()
}

/// What an exchange goes by: whether it is known, and of numbers their last digits.
fn names(dossier: &Dossier) -> Vec<(String, String)> {
    let names = &dossier.names;
    let mut told = Vec::new();
    for (number, maker) in &names.tracking {
        let whose = match maker {
            'R' => "tracking number of the requester",
            'S' => "tracking number of the source",
            _ => "tracking number",
        };
        told.push((whose.to_owned(), masked(number)));
    }
    let others = [
        ("payer's number of the review", &names.admin_reference),
        ("payer's number of the claim", &names.payer_claim),
        ("provider's number of the claim", &names.provider_claim),
        ("member", &names.member),
        ("day of service", &names.service_day),
    ];
    for (what, value) in others {
        if value.is_some() {
            told.push((what.to_owned(), "[masked]".to_owned()));
        }
    }
    told
}

/// What was settled when it began.
fn pinned(exchange: &Exchange, dossier: &Dossier) -> Vec<(String, String)> {
    let mut told = vec![
        ("decided by".to_owned(), words(&dossier.decided)),
        ("generation".to_owned(), dossier.generation.to_string()),
    ];
    let mappings = dossier.mappings.iter();
    told.extend(mappings.map(|(mapping, hash)| (format!("mapping {}", words(mapping)), words(hash))));
    if let Some(task) = dossier.task.and_then(FolioId::new) {
        told.push(("hosted Task".to_owned(), task.to_string()));
    }
    for delivery in exchange.deliveries() {
        let rung = delivery.ladder.highest_good();
        let rung = rung.map_or_else(String::new, |rung| {
            format!(", acknowledged to {rung:?}").to_lowercase()
        });
        let standing = format!("{:?}", delivery.standing).to_lowercase();
        told.push((delivery.id.to_string(), format!("{standing}{rung}")));
    }
    told
}

fn sent_line(message: &StoredOutbound) -> Sent {
    let waiting = message.standing == Standing::Waiting;
    Sent {
        id: message.id.to_string(),
        to: message.to.to_string(),
        what: what_is_sent(&message.facts),
        standing: match message.standing {
            Standing::Waiting => "waiting",
            Standing::Delivered => "delivered",
            Standing::Dead => "dead",
            Standing::Stopped => "stopped",
        }
        .to_owned(),
        attempts: message.attempts,
        trouble: message.trouble.as_ref().map(ToString::to_string),
        due: waiting.then(|| time(message.due)),
        numbers: message
            .numbers
            .iter()
            .map(|number| (number.series.name.to_string(), number.value))
            .collect(),
        digests: message.body.as_ref().map(digests).unwrap_or_default(),
    }
}

fn what_is_sent(facts: &Opaque) -> String {
    match Errand::decode(facts.as_bytes()) {
        Ok(Errand::CreateTask { .. }) => "Task".to_owned(),
        Ok(Errand::SubmitAttachment) => "$submit-attachment".to_owned(),
        Ok(Errand::X12 { message, .. }) => words(&message),
        Err(_) => "message".to_owned(),
    }
}

/// The SHA-256 of each part of a message, in hexadecimal digits.
fn digests(body: &Body) -> Vec<String> {
    let digests = body.parts.iter().map(|part| match part {
        Part::Inline(bytes) => Digest::of(bytes.as_bytes()),
        Part::Blob(blob) => blob.digest,
    });
    digests.map(|digest| digest.to_hex()).collect()
}

/// A text of ours as it is told: on one line, and not long.
pub(super) fn words(text: &str) -> String {
    let told = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    told.take(LONGEST).collect()
}

/// A number of which only enough is shown to tell it from its neighbours.
fn masked(number: &str) -> String {
    let count = number.chars().count();
    let shown = if count >= 8 { 2 } else { 0 };
    let tail: String = number.chars().skip(count - shown).collect();
    format!("…{tail}")
}

/// So many entries are read in one step.
const PAGE: usize = 200;

/// The longest timeline; what came later is told by the state.
const MOST_HOPS: usize = 5_000;

/// The longest text that is told.
const LONGEST: usize = 200;
