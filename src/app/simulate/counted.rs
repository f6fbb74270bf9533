//! How often a partner was handed each message, whatever envelope or number it came under: once is what it wants.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::Case;
use super::partner::REMEMBERED;
use crate::ledger::digest::Digest;
use crate::x12::Transaction;

/// Messages that a partner took, by what is in them.
#[derive(Debug, Default)]
pub(super) struct Counter {
    taken: BTreeMap<(&'static str, [u8; 32]), u32>,
    /// What its own 275s are called, and the case of each: an 824 names them so.
    references: BTreeMap<String, String>,
}

/// How many messages a partner took.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counted {
    /// So many different ones.
    pub messages: usize,
    /// So many times one that it had already.
    pub again: u32,
}

impl Counter {
    /// Counts a message: its kind, and what tells it from others of this kind.
    fn count(&mut self, message: &'static str, parts: &[&[u8]]) {
        let mut all = Vec::new();
        for part in parts {
            all.extend_from_slice(&part.len().to_be_bytes());
            all.extend_from_slice(part);
        }
        let name = (message, *Digest::of(&all).as_bytes());
        if self.taken.len() < REMEMBERED || self.taken.contains_key(&name) {
            *self.taken.entry(name).or_default() += 1;
        }
    }

    /// Counts a request about a case.
    pub(super) fn request(&mut self, message: &'static str, case: &Case) {
        self.count(message, &[case.tracking.as_bytes()]);
    }

    /// Counts a 275: what it is about, and its documents.
    pub(super) fn attachment(&mut self, case: &Case, transaction: &Transaction) {
        let mut parts = vec![case.tracking.as_bytes()];
        parts.extend(
            transaction
                .payloads()
                .iter()
                .map(|payload| payload.octets.as_slice()),
        );
        self.count("275", &parts);
    }

    /// Counts the Parameters of `$submit-attachment`: what they are about, and their documents.
    pub(super) fn submission(&mut self, case: &Case, parameters: &Value) {
        let all = parameters.get("parameter").and_then(Value::as_array);
        let attachments = all
            .into_iter()
            .flatten()
            .filter(|one| one.get("name").and_then(Value::as_str) == Some("Attachment"));
        let texts: Vec<String> = attachments.map(Value::to_string).collect();
        let mut parts = vec![case.tracking.as_bytes()];
        parts.extend(texts.iter().map(String::as_bytes));
        self.count("submit-attachment", &parts);
    }

    /// Remembers what a 275 is called that is about to be sent.
    pub(super) fn refer(&mut self, reference: String, case: &Case) {
        if self.references.len() < REMEMBERED {
            self.references.insert(reference, case.label().to_owned());
        }
    }

    /// Counts an 824, by what it says of what, such as `TA ATT000000007`; the case of that 275.
    pub(super) fn advice(&mut self, said: &str) -> String {
        self.count("824", &[said.as_bytes()]);
        let known = said
            .split_once(' ')
            .and_then(|(_, name)| self.references.get(name));
        known.cloned().unwrap_or_default()
    }

    pub(super) fn counted(&self) -> Counted {
        Counted {
            messages: self.taken.len(),
            again: self.taken.values().map(|times| times - 1).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_is_counted_again_and_another_beside_it() {
        let case = |tracking: &str| Case {
            tracking: tracking.to_owned(),
            ..Case::default()
        };
        let mut counter = Counter::default();
        counter.request("277", &case("A"));
        counter.request("277", &case("B"));
        counter.request("task", &case("A"));
        let again = counter.counted().again;
        assert_eq!((counter.counted().messages, again), (3, 0));
        counter.request("277", &case("A"));
        let parts = |document: &str| json!({"parameter": [{"name": "Attachment", "part": document}]});
        counter.submission(&case("A"), &parts("one"));
        counter.submission(&case("A"), &parts("other"));
        assert_eq!(
            counter.counted(),
            Counted {
                messages: 5,
                again: 1
            }
        );
        counter.submission(&case("A"), &parts("one"));
        assert_eq!(
            counter.counted(),
            Counted {
                messages: 5,
                again: 2
            }
        );
    }
}
