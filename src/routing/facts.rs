//! What a message says about itself, each value with the place it came from.

use crate::base::place::Place;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::value::Value;
use crate::routing::value::ValueFault;

/// Everything that routing may know of one message.
///
/// A fact is a [`Key`] and a checked [`Value`]; there is no key for a person, so nothing of a person can be a fact.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    all: Vec<Fact>,
    remarks: Vec<Remark>,
    conversation: Conversation,
    named_partner: Option<Box<str>>,
}

/// One value of one key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fact {
    /// What it is about.
    pub key: Key,
    /// What it is.
    pub value: Value,
    /// Where it was found.
    pub source: Source,
}

/// Where a fact was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// Somebody said so, in these words: on the command line, or in a test of the configuration.
    Given(Box<str>),
    /// It stands in the message.
    Read(Place),
    /// The configuration knows it; the clause says how.
    Known(&'static str),
}

/// Something that stood where a fact belongs and is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// The key it would have been a value of.
    pub key: Key,
    /// Why it is not.
    pub fault: ValueFault,
    /// Where it stands.
    pub source: Source,
}

/// Whether the message belongs to an exchange that is under way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Conversation {
    /// It names none.
    #[default]
    Unnamed,
    /// It names one that we do not know to be open.
    Unknown,
    /// It answers a request that we carried; the partner who asked, if that was told.
    Open(Option<Box<str>>),
}

impl Facts {
    /// Most values that are kept of one key; more than any sound message has.
    const MOST_VALUES: usize = 1_000;

    /// Reads `text` as a value of `key` and keeps it; what is no such value is kept as a remark.
    pub fn read(&mut self, key: Key, text: &str, source: Source) {
        match Value::read(key, text) {
            Ok(value) => self.add(key, value, source),
            Err(fault) => self.remarks.push(Remark { key, fault, source }),
        }
    }

    /// Keeps a value, unless the message has it already.
    pub fn add(&mut self, key: Key, value: Value, source: Source) {
        let mut known = 0;
        for fact in self.about(key) {
            known += 1;
            if fact.value == value {
                return;
            }
        }
        if known < Self::MOST_VALUES {
            // Sorted by key, so that the values of one stand together.
            let at = self.all.partition_point(|fact| fact.key <= key);
            self.all.insert(at, Fact { key, value, source });
        }
    }

    /// The values of one key.
    pub fn about(&self, key: Key) -> &[Fact] {
        let from = self.all.partition_point(|fact| fact.key < key);
        let rest = self.all.get(from..).unwrap_or_default();
        let until = rest.partition_point(|fact| fact.key == key);
        rest.get(..until).unwrap_or_default()
    }

    /// All facts, in the order of their keys.
    pub fn all(&self) -> &[Fact] {
        &self.all
    }

    /// What was found and is no fact.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The kind of message, if it is one that the gateway carries.
    pub fn message(&self) -> Option<Message> {
        self.first(Key::Message).and_then(Message::parse)
    }

    /// The first value of a key that may be shown.
    pub fn first(&self, key: Key) -> Option<&str> {
        self.about(key).first().and_then(|fact| fact.value.as_str())
    }

    /// Whether it belongs to an exchange under way.
    pub const fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Says whether it belongs to an exchange under way.
    pub fn in_conversation(&mut self, conversation: Conversation) {
        self.conversation = conversation;
    }

    /// The partner whose resources a read or search is for.
    pub fn named_partner(&self) -> Option<&str> {
        self.named_partner.as_deref()
    }

    /// Says for whose resources a read or search is.
    pub fn for_partner(&mut self, name: &str) {
        self.named_partner = Some(name.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Source {
        Source::Given(text.into())
    }

    #[test]
    fn the_values_of_a_key_stand_together_and_once() {
        let mut facts = Facts::default();
        for (key, text) in [
            (Key::Loinc, "18842-5"),
            (Key::Message, "275"),
            (Key::Loinc, "11506-3"),
            (Key::Loinc, "18842-5"),
        ] {
            facts.read(key, text, given(text));
        }
        let loincs: Vec<_> = facts
            .about(Key::Loinc)
            .iter()
            .map(|fact| fact.value.to_string())
            .collect();
        assert_eq!(loincs, ["18842-5", "11506-3"]);
        assert_eq!(facts.message(), Some(Message::Attachment275));
        assert!(facts.about(Key::Tin).is_empty());
    }

    #[test]
    fn what_is_no_value_becomes_a_remark() {
        let mut facts = Facts::default();
        facts.read(Key::ProviderNpi, "1234567890", given(""));
        assert!(facts.about(Key::ProviderNpi).is_empty());
        assert_eq!(facts.remarks().len(), 1);
    }

    #[test]
    fn a_message_cannot_fill_the_memory() {
        let mut facts = Facts::default();
        for number in 0..2_000 {
            facts.read(Key::Version, &format!("V{number}"), given(""));
        }
        assert_eq!(facts.about(Key::Version).len(), Facts::MOST_VALUES);
    }
}
