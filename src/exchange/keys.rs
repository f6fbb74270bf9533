//! What makes two messages the same: idempotency keys, and the names by which acknowledgements find a delivery.
//!
//! The keys of ROB-010, one constructor each; all are made of what the message says, never of when it came.
//! A key is bytes, in which every field has its length in front, so that two different keys cannot have the same
//! bytes, whatever a sender puts into a field.

use std::fmt;

use crate::base::ids::TrackingId;
use crate::exchange::ids::ContentDigest;
use crate::exchange::ids::PartnerName;

/// The identity of a message, between two tenants, in one direction.
///
/// Keys are compared and stored; `Debug` shows only what kind of message it is of.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageKey(Box<[u8]>);

/// Between whom a key is unique.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Between {
    /// Who sends.
    pub from: PartnerName,
    /// Who receives.
    pub to: PartnerName,
    /// Which way it goes through the gateway.
    pub direction: Direction,
}

/// Which way a message goes through the gateway.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// It is received.
    Inbound,
    /// It is sent.
    Outbound,
}

/// A name that stands in a message, as it stands there: 1 to 500 bytes without control characters.
///
/// It may be of a person, so `Debug` does not show it.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct WireName(Box<str>);

/// A control number of X12: 1 to 999999999.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ControlNumber(u32);

/// The control numbers that name an X12 message: an interchange, and a set in it if it is about one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct X12Name {
    /// ISA05 and ISA06.
    pub sender: WireName,
    /// ISA07 and ISA08.
    pub receiver: WireName,
    /// ISA13.
    pub interchange: ControlNumber,
    /// GS06 and ST02.
    pub set: Option<(ControlNumber, WireName)>,
}

/// What an acknowledgement says it is about; the ledger keeps these for all that was sent.
///
/// A TA1 is about all deliveries of an interchange, a 999 about a group or a set, an 824 about a set or a reference.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ReceiptKey {
    /// TA101: the interchange of this number.
    Interchange(ControlNumber),
    /// AK102: the group of this number.
    Group(ControlNumber),
    /// AK102 and AK202, or OTI08 and OTI09: the set of this group and number.
    Set(ControlNumber, WireName),
    /// OTI03: the set whose BGN02 or BHT03 this was.
    Reference(WireName),
}

/// What a ledger knows of a message that it is shown.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Sameness {
    /// It is new.
    New,
    /// It was here, byte for byte: it gets the answer that was given then.
    Repeat,
    /// Its identity was used for something else: it is refused, and nothing is overwritten.
    Conflict,
}

impl MessageKey {
    /// Of an X12 interchange or set.
    pub fn x12(between: &Between, name: &X12Name) -> Self {
        let mut key = Fields::begin(b'x', between);
        key.add(name.sender.bytes());
        key.add(name.receiver.bytes());
        key.number(name.interchange.0);
        if let Some((group, set)) = &name.set {
            key.number(group.0);
            key.add(set.bytes());
        }
        key.end()
    }

    /// Of one attachment of a set: its control number, and its place among those of the set.
    pub fn attachment(between: &Between, control: &TrackingId, sequence: u32) -> Self {
        let mut key = Fields::begin(b'a', between);
        key.add(control.as_str().as_bytes());
        key.number(sequence);
        key.end()
    }

    /// Of a `$submit-attachment`; `organization` is the provider where no organisation is named.
    pub fn submission(
        between: &Between,
        organization: &WireName,
        tracking: &TrackingId,
        content: ContentDigest,
    ) -> Self {
        let mut key = Fields::begin(b's', between);
        key.add(organization.bytes());
        key.add(tracking.as_str().as_bytes());
        key.add(content.as_bytes());
        key.end()
    }

    /// Of a Task: a business identifier and who asks.
    pub fn task(between: &Between, identifier: &WireName, requester: &WireName) -> Self {
        let mut key = Fields::begin(b't', between);
        key.add(identifier.bytes());
        key.add(requester.bytes());
        key.end()
    }

    /// Of an AS2 message: `AS2-From` and `Message-ID`.
    pub fn as2(between: &Between, from: &WireName, message: &WireName) -> Self {
        let mut key = Fields::begin(b'2', between);
        key.add(from.bytes());
        key.add(message.bytes());
        key.end()
    }

    /// Of a CORE envelope: `SenderID` and `PayloadID`.
    pub fn core(between: &Between, sender: &WireName, payload: &WireName) -> Self {
        let mut key = Fields::begin(b'c', between);
        key.add(sender.bytes());
        key.add(payload.bytes());
        key.end()
    }

    /// The key as bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.first() {
            Some(b'x') => "MessageKey(x12)",
            Some(b'a') => "MessageKey(attachment)",
            Some(b's') => "MessageKey(submission)",
            Some(b't') => "MessageKey(task)",
            Some(b'2') => "MessageKey(as2)",
            _ => "MessageKey(core)",
        })
    }
}

impl WireName {
    /// Reads a name; blanks at its ends are padding.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let sound = (1..=500).contains(&text.len()) && !text.chars().any(char::is_control);
        sound.then(|| Self(text.into()))
    }

    /// Reads a name and the system that it is a name in, which together are one name.
    pub fn in_system(system: &str, value: &str) -> Option<Self> {
        let (system, value) = (Self::parse(system)?, Self::parse(value)?);
        // No system and no value has a control character, so this separates them.
        Some(Self(format!("{}\n{}", system.0, value.0).into()))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for WireName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[name]")
    }
}

impl ControlNumber {
    /// The first one of a partner.
    pub const FIRST: Self = Self(1);

    const LAST: u32 = 999_999_999;

    /// The control number of this value.
    pub const fn new(number: u32) -> Option<Self> {
        match number {
            1..=Self::LAST => Some(Self(number)),
            _ => None,
        }
    }

    /// The value.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The one after it; after the last comes the first.
    #[must_use]
    pub const fn following(self) -> Self {
        if self.0 == Self::LAST {
            Self::FIRST
        } else {
            Self(self.0 + 1)
        }
    }
}

impl ReceiptKey {
    /// The key as bytes for an index of what was sent to `partner`: different keys have different bytes.
    pub fn bytes(&self, partner: &PartnerName) -> Vec<u8> {
        let (kind, number, text) = match self {
            Self::Interchange(number) => (b'i', number.0, None),
            Self::Group(number) => (b'g', number.0, None),
            Self::Set(group, set) => (b's', group.0, Some(set)),
            Self::Reference(reference) => (b'r', 0, Some(reference)),
        };
        let mut fields = Fields(vec![kind]);
        fields.add(partner.as_str().as_bytes());
        fields.number(number);
        fields.add(text.map_or(&[], WireName::bytes));
        fields.0
    }
}

impl Sameness {
    /// Judges a message of content `seen` whose key was last used for content `kept`.
    pub fn judge(kept: Option<ContentDigest>, seen: ContentDigest) -> Self {
        match kept {
            None => Self::New,
            Some(kept) if kept == seen => Self::Repeat,
            Some(_) => Self::Conflict,
        }
    }
}

/// A key being put together.
struct Fields(Vec<u8>);

impl Fields {
    fn begin(kind: u8, between: &Between) -> Self {
        let direction = match between.direction {
            Direction::Inbound => b'i',
            Direction::Outbound => b'o',
        };
        let mut fields = Self(vec![kind, direction]);
        fields.add(between.from.as_str().as_bytes());
        fields.add(between.to.as_str().as_bytes());
        fields
    }

    fn add(&mut self, field: &[u8]) {
        let length = u16::try_from(field.len()).expect("names have a bound far below this");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(field);
    }

    fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn end(self) -> MessageKey {
        MessageKey(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str, direction: Direction) -> Between {
        let name = |text| PartnerName::parse(text).unwrap();
        Between {
            from: name(from),
            to: name(to),
            direction,
        }
    }

    fn name(text: &str) -> WireName {
        WireName::parse(text).unwrap()
    }

    fn control(number: u32) -> ControlNumber {
        ControlNumber::new(number).unwrap()
    }

    fn x12(sender: &str, receiver: &str, interchange: u32, set: Option<(u32, &str)>) -> X12Name {
        X12Name {
            sender: name(sender),
            receiver: name(receiver),
            interchange: control(interchange),
            set: set.map(|(group, set)| (control(group), name(set))),
        }
    }

    #[test]
    fn different_messages_have_different_keys_and_the_same_has_the_same() {
        let us = &between("clinic", "payer", Direction::Inbound);
        let tracking = |text| TrackingId::parse(text).unwrap();
        let digest = |byte| ContentDigest::new([byte; 32]);
        let all = || {
            vec![
                MessageKey::x12(us, &x12("ZZA", "ZZB", 1, None)),
                MessageKey::x12(us, &x12("ZZA", "ZZB", 2, None)),
                MessageKey::x12(us, &x12("ZZ", "AZZB", 1, None)),
                MessageKey::x12(us, &x12("ZZA", "ZZB", 1, Some((1, "0001")))),
                MessageKey::x12(us, &x12("ZZA", "ZZB", 1, Some((1, "0002")))),
                MessageKey::x12(
                    &between("clinicpayer", "x", Direction::Inbound),
                    &x12("ZZA", "ZZB", 1, None),
                ),
                MessageKey::x12(
                    &between("clinic", "payer", Direction::Outbound),
                    &x12("ZZA", "ZZB", 1, None),
                ),
                MessageKey::attachment(us, &tracking("T1"), 1),
                MessageKey::attachment(us, &tracking("T1"), 2),
                MessageKey::attachment(us, &tracking("T11"), 1),
                MessageKey::submission(us, &name("org"), &tracking("T1"), digest(1)),
                MessageKey::submission(us, &name("org"), &tracking("T1"), digest(2)),
                MessageKey::submission(us, &name("orgT"), &tracking("1"), digest(1)),
                MessageKey::task(us, &name("id"), &name("who")),
                MessageKey::task(us, &WireName::in_system("urn:a", "id").unwrap(), &name("who")),
                MessageKey::as2(us, &name("id"), &name("who")),
                MessageKey::core(us, &name("id"), &name("who")),
            ]
        };
        let keys = all();
        for (number, key) in keys.iter().enumerate() {
            assert!(!keys[..number].contains(key), "{number} {key:?}");
        }
        assert_eq!(keys, all());
    }

    #[test]
    fn padding_is_not_part_of_a_name_and_nothing_is_shown() {
        assert_eq!(name("PAYER01        "), name("PAYER01"));
        for text in ["", "   ", "a\nb", &"x".repeat(501)] {
            assert_eq!(WireName::parse(text), None);
        }
        let us = &between("clinic", "payer", Direction::Inbound);
        let key = MessageKey::core(us, &name("CANARY"), &name("CANARY"));
        assert_eq!(format!("{key:?} {:?}", name("CANARY")), "MessageKey(core) [name]");
    }

    #[test]
    fn control_numbers_rise_and_begin_again() {
        assert_eq!(control(1).following(), control(2));
        assert_eq!(control(999_999_999).following(), ControlNumber::FIRST);
        assert_eq!(ControlNumber::new(0), None);
        assert_eq!(ControlNumber::new(1_000_000_000), None);
    }

    #[test]
    fn acknowledgements_are_told_apart() {
        let partner = PartnerName::parse("payer").unwrap();
        let keys = [
            ReceiptKey::Interchange(control(1)),
            ReceiptKey::Group(control(1)),
            ReceiptKey::Set(control(1), name("0001")),
            ReceiptKey::Set(control(1), name("0002")),
            ReceiptKey::Reference(name("0001")),
        ];
        let mut bytes: Vec<_> = keys.iter().map(|key| key.bytes(&partner)).collect();
        bytes.sort();
        bytes.dedup();
        assert_eq!(bytes.len(), keys.len());
    }

    #[test]
    fn the_same_key_is_a_repeat_or_a_conflict() {
        let digest = |byte| ContentDigest::new([byte; 32]);
        assert_eq!(Sameness::judge(None, digest(1)), Sameness::New);
        assert_eq!(Sameness::judge(Some(digest(1)), digest(1)), Sameness::Repeat);
        assert_eq!(Sameness::judge(Some(digest(1)), digest(2)), Sameness::Conflict);
    }
}
