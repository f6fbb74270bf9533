//! The last messages that a gateway received, as far as it keeps what decided about them: to be sent through another
//! configuration.

use std::path::Path;

use serde_json::Value as Json;
use serde_json::json;

use crate::app::serve::admin;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::Viewer;
use crate::ledger::store::Store;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;

/// The last messages of a gateway.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// What is known of each, the newest first, with a name for it.
    pub(super) messages: Vec<(String, Facts)>,
    /// Of so many something is not kept that could decide: a tax id.
    pub(super) partial: usize,
    /// So many answered what had been asked, and go back to whoever asked under any configuration.
    pub(super) answers: usize,
}

/// A page of what was received, the newest first, out of the ledger.
pub(in crate::app) async fn page(store: &dyn Store, before: Option<u64>) -> Result<Json, LedgerError> {
    let viewer = Viewer::Operator;
    let ids = store.latest(&viewer, before.map(EntryId::new), PAGE).await?;
    let mut entries = Vec::new();
    for id in &ids {
        let received = store.entry(&viewer, *id).await?.and_then(|entry| entry.received);
        if let Some(received) = received {
            let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Json::Null);
            let facts = read(received.facts.as_bytes());
            entries.push(json!({
                "entry": id.to_string(),
                "door": facts.get("door"),
                "partner": facts.get("partner"),
                "messages": facts.get("messages"),
                "decisions": read(received.decision.as_bytes()),
            }));
        }
    }
    let last = ids.last().filter(|_| ids.len() == PAGE);
    Ok(json!({"ok": true, "entries": entries, "older": last.map(|id| id.number())}))
}

/// Asks the running gateway, page by page.
pub(super) fn ask(data: &Path) -> Result<Recent, String> {
    let mut recent = Recent::default();
    let mut before: Option<u64> = None;
    for _ in 0..PAGES {
        let question = json!({"command": "recent", "before": before});
        let answer = admin::ask(&data.join(admin::SOCKET), &question)
            .map_err(|fault| format!("the gateway that runs did not answer: {fault}"))?;
        let Some(entries) = answer.get("entries").and_then(Json::as_array) else {
            let why = answer.get("error").and_then(Json::as_str);
            return Err(why
                .unwrap_or("the gateway that runs is of another release")
                .to_owned());
        };
        for entry in entries {
            recent.add(entry);
        }
        before = answer.get("older").and_then(Json::as_u64);
        if before.is_none() || recent.messages.len() >= MOST {
            break;
        }
    }
    recent.messages.truncate(MOST);
    Ok(recent)
}

impl Recent {
    fn add(&mut self, entry: &Json) {
        let messages = list(entry.get("messages"));
        let decisions = list(entry.get("decisions"));
        let is_answer =
            |decision: &Json| decision.get("decided").and_then(Json::as_str) == Some("conversation");
        for (position, message) in messages.iter().enumerate() {
            // Of a message that was refused no decision is kept, so they go by position only where none was.
            let answers = if decisions.len() == messages.len() {
                decisions.get(position).is_some_and(is_answer)
            } else {
                decisions.iter().any(is_answer)
            };
            let (facts, partial) = facts(message, entry);
            match facts.message() {
                None | Some(Message::Ack) => {}
                Some(_) if answers => self.answers += 1,
                Some(_) => {
                    let name = entry.get("entry").and_then(Json::as_str).unwrap_or_default();
                    let name = match messages.len() {
                        1 => name.to_owned(),
                        _ => format!("{name}, message {}", position + 1),
                    };
                    self.partial += usize::from(partial);
                    self.messages.push((name, facts));
                }
            }
        }
    }
}

/// The facts of a message as they were kept, and whether one of them was kept without its value.
fn facts(message: &Json, entry: &Json) -> (Facts, bool) {
    let mut facts = Facts::default();
    let mut partial = false;
    for fact in list(Some(message)) {
        let part = |position: usize| fact.get(position).and_then(Json::as_str);
        if let (Some(key), Some(text)) = (part(0).and_then(Key::parse), part(1)) {
            partial |= key == Key::Tin;
            facts.read(key, text, Source::Known("the ledger"));
        }
    }
    for (key, name) in [(Key::From, "partner"), (Key::Listener, "door")] {
        if let Some(text) = entry.get(name).and_then(Json::as_str) {
            facts.read(key, text, Source::Known("the ledger"));
        }
    }
    (facts, partial)
}

fn list(value: Option<&Json>) -> &[Json] {
    value
        .and_then(Json::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Entries of the ledger in one answer, what was sent and settled included.
const PAGE: usize = 200;

/// The most answers that are asked for.
const PAGES: usize = 500;

/// The most messages that are compared.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_acknowledgements_are_not_compared() {
        let mut recent = Recent::default();
        let entry = |messages: Json, decisions: Json| json!({"entry": "e7", "door": "harbor", "partner": "harbor", "messages": messages, "decisions": decisions});
        let attachment = json!([["message", "275"], ["payer-id", "60601"], ["tin", "[private]"]]);
        let acknowledgement = json!([["message", "ack"]]);
        let by = |decided: &str| json!({"decided": decided});
        recent.add(&entry(
            json!([attachment, attachment, acknowledgement]),
            json!([by("addressee by payer-id"), by("conversation"), by("parked")]),
        ));
        recent.add(&entry(
            json!([attachment, attachment]),
            json!([by("conversation")]),
        ));
        recent.add(&entry(json!([]), json!([])));
        recent.add(&json!({}));
        assert_eq!((recent.messages.len(), recent.partial, recent.answers), (1, 1, 3));
        let (name, facts) = &recent.messages[0];
        assert_eq!(name, "e7, message 1");
        assert_eq!(facts.first(Key::PayerId), Some("60601"));
        assert_eq!(
            (facts.first(Key::From), facts.first(Key::Listener)),
            (Some("harbor"), Some("harbor"))
        );
        assert!(facts.about(Key::Tin).is_empty());
    }
}
