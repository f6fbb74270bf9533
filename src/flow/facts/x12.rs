//! The facts of X12 transactions, gathered while their events go by.

mod party;

use x12_parser::Event;
use x12_parser::Place as Spot;
use x12_parser::Reader;
use x12_parser::Segment;

use self::party::Party;
use crate::base::ids::Loinc;
use crate::base::place::Place;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::guide;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::value::Value;

/// The facts of every transaction in `input`, and of every TA1.
///
/// Reading goes as far as it can: a transaction that breaks off yields the facts found until then.
pub fn read(input: &[u8]) -> Vec<Facts> {
    let mut reader = Reader::default();
    let mut gathering = Gathering::default();
    let mut found = Vec::new();
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        found.extend(gathering.see(&event));
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        found.extend(gathering.see(&event));
    }
    found.extend(gathering.finish());
    found
}

/// Facts on their way: give it every event of an input in order.
#[derive(Debug, Default)]
pub struct Gathering {
    interchange: Vec<Spoken>,
    group: Vec<Spoken>,
    guide: Option<Spoken>,
    transaction: Option<Transaction>,
}

/// A value as it stands in an envelope.
#[derive(Clone, Debug)]
struct Spoken {
    key: Key,
    text: String,
    place: Place,
}

/// What is known of the transaction at hand.
#[derive(Debug)]
struct Transaction {
    facts: Facts,
    set: Set,
    /// The party whose loop the segment at hand is in.
    party: Party,
    /// Whether the details have begun: the claim of a 277, the `LX` of a 275.
    in_detail: bool,
    /// Whether a 277 has come to a line of its claim.
    in_line: bool,
}

/// The transaction sets that say more than their envelope.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Set {
    Request277,
    Attachment275,
    Review278,
    Other,
}

impl Gathering {
    /// Looks at the next event; yields the facts of a transaction when it ends.
    pub fn see(&mut self, event: &Event<'_>) -> Option<Facts> {
        match event {
            Event::InterchangeStart(segment) => {
                let broken_off = self.finish();
                self.open_interchange(segment);
                broken_off
            }
            Event::GroupStart(segment) => {
                let broken_off = self.finish();
                self.open_group(segment);
                broken_off
            }
            Event::TransactionStart(segment) => {
                let broken_off = self.finish();
                self.transaction = Some(self.open_transaction(segment));
                broken_off
            }
            Event::Segment(segment) if segment.id() == b"TA1" && !segment.place().in_transaction() => {
                let mut facts = self.enveloped();
                facts.add(Key::Message, Value::from(Message::Ack), said(segment, None, 0));
                Some(facts)
            }
            Event::Segment(segment) => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.see(segment);
                }
                None
            }
            Event::TransactionEnd(_) | Event::GroupEnd(_) | Event::InterchangeEnd(_) => self.finish(),
            Event::BinaryStart(_) | Event::BinaryChunk(_) | Event::BinaryEnd(_) | Event::Fault(_) => None,
        }
    }

    /// Says that no more events will come; yields the facts of a transaction that has not ended.
    pub fn finish(&mut self) -> Option<Facts> {
        self.transaction.take().map(|transaction| transaction.facts)
    }

    fn open_interchange(&mut self, segment: &Segment<'_>) {
        self.group.clear();
        self.guide = None;
        self.interchange = [(Key::IsaSender, 5), (Key::IsaReceiver, 7)]
            .into_iter()
            .filter_map(|(key, qualifier)| {
                let text = format!("{}:{}", text(segment, qualifier)?, text(segment, qualifier + 1)?);
                Some(Spoken {
                    key,
                    text,
                    place: place(segment, None, qualifier + 1),
                })
            })
            .collect();
    }

    fn open_group(&mut self, segment: &Segment<'_>) {
        let spoken = |key, element| {
            let text = text(segment, element)?.to_owned();
            Some(Spoken {
                key,
                text,
                place: place(segment, None, element),
            })
        };
        self.group = [spoken(Key::GsSender, 2), spoken(Key::GsReceiver, 3)]
            .into_iter()
            .flatten()
            .collect();
        self.guide = spoken(Key::Version, 8);
    }

    fn open_transaction(&self, segment: &Segment<'_>) -> Transaction {
        let mut facts = self.enveloped();
        let set = match segment.value(1) {
            b"277" => Set::Request277,
            b"275" => Set::Attachment275,
            b"278" => Set::Review278,
            _ => Set::Other,
        };
        let message = match (set, segment.value(1)) {
            (Set::Request277, _) => Some(Message::Request277),
            (Set::Attachment275, _) => Some(Message::Attachment275),
            (Set::Review278, _) => Some(Message::Review278),
            (Set::Other, b"997" | b"999" | b"824") => Some(Message::Ack),
            (Set::Other, _) => None,
        };
        if let Some(message) = message {
            facts.add(Key::Message, Value::from(message), said(segment, None, 1));
        }
        match (text(segment, 3), &self.guide) {
            (Some(own), _) => facts.read(Key::Version, own, said(segment, None, 3)),
            (None, Some(of_group)) => {
                facts.read(Key::Version, &of_group.text, Source::Read(of_group.place.clone()));
            }
            (None, None) => {}
        }
        let supports = facts
            .first(Key::Version)
            .and_then(guide::find)
            .and_then(|guide| guide.attach_to);
        if let Some(supports) = supports {
            facts.read(Key::AttachTo, supports, Source::Known("by its guide"));
        }
        if matches!(set, Set::Attachment275 | Set::Review278 | Set::Other) {
            facts.in_conversation(Conversation::Unknown);
        }
        Transaction {
            facts,
            set,
            party: Party::default(),
            in_detail: false,
            in_line: false,
        }
    }

    /// The facts of the envelopes around whatever comes next.
    fn enveloped(&self) -> Facts {
        let mut facts = Facts::default();
        for Spoken { key, text, place } in self.interchange.iter().chain(&self.group) {
            facts.read(*key, text, Source::Read(place.clone()));
        }
        facts
    }
}

impl Transaction {
    fn see(&mut self, segment: &Segment<'_>) {
        match (self.set, segment.id()) {
            (Set::Request277 | Set::Review278, b"HL") => {
                self.party = Party::of_level(segment.value(3), self.set == Set::Review278);
                self.in_detail = false;
                self.in_line = false;
            }
            (Set::Attachment275, b"LX") => self.in_detail = true,
            (Set::Attachment275, b"NM1") if !self.in_detail => {
                self.party = Party::of_entity(segment.value(1));
                self.name_party(segment);
            }
            (Set::Request277 | Set::Review278, b"NM1") if !self.in_detail => self.name_party(segment),
            (Set::Request277, b"TRN") => {
                self.in_detail = true;
                self.in_line = false;
            }
            (Set::Request277, b"SVC") => self.in_line = true,
            (Set::Attachment275 | Set::Request277 | Set::Review278, b"REF") if !self.in_detail => {
                self.note_tax_id(segment);
            }
            (Set::Attachment275, b"BGN") => self.note_purpose(segment),
            (Set::Attachment275, b"TRN") => self.note_trace(segment),
            (Set::Attachment275 | Set::Request277, b"STC") => self.note_status(segment),
            (Set::Review278, b"HI") => self.note_information(segment),
            _ => {}
        }
    }

    /// `NM1`: who a party is, by its qualifier and id.
    fn name_party(&mut self, segment: &Segment<'_>) {
        let Some(id) = text(segment, 9) else { return };
        let loop_id = self.party.name_loop(self.set);
        let key = match (self.party, segment.value(8)) {
            (Party::Payer, _) => Key::PayerId,
            (Party::Submitter | Party::Requester | Party::Provider, b"FI") => Key::Tin,
            (Party::Submitter | Party::Requester, _) => Key::Organization,
            (Party::Provider, b"XX") => Key::ProviderNpi,
            (Party::Provider | Party::Patient | Party::Nobody, _) => return,
        };
        self.facts.read(key, id, said(segment, loop_id, 9));
    }

    /// `REF*EI`: a provider's tax id.
    fn note_tax_id(&mut self, segment: &Segment<'_>) {
        let of_provider = matches!(self.party, Party::Submitter | Party::Requester | Party::Provider);
        if let (true, b"EI", Some(id)) = (of_provider, segment.value(1), text(segment, 2)) {
            let loop_id = self.party.name_loop(self.set);
            self.facts.read(Key::Tin, id, said(segment, loop_id, 2));
        }
    }

    /// `BGN`: whether a 275 answers a request. Other codes are in use and say neither.
    fn note_purpose(&mut self, segment: &Segment<'_>) {
        match segment.value(1) {
            b"11" => self.facts.read(Key::Solicited, "true", said(segment, None, 1)),
            b"02" => self.facts.read(Key::Solicited, "false", said(segment, None, 1)),
            _ => {}
        }
    }

    /// `TRN` in a 275: where its `BGN` does not tell, whose number it carries says whether it answers a request.
    fn note_trace(&mut self, segment: &Segment<'_>) {
        let told = !self.facts.about(Key::Solicited).is_empty();
        match (told, segment.value(1)) {
            (false, b"2") => self
                .facts
                .read(Key::Solicited, "true", said(segment, Some("2000A"), 1)),
            (false, b"1") => self
                .facts
                .read(Key::Solicited, "false", said(segment, Some("2000A"), 1)),
            _ => {}
        }
    }

    /// `STC`: the documents asked for or sent, in its three composites.
    fn note_status(&mut self, segment: &Segment<'_>) {
        let loop_id = match self.set {
            Set::Attachment275 => Some("2000A"),
            Set::Request277 if self.in_line => Some("2220D"),
            Set::Request277 => Some("2200D"),
            Set::Review278 | Set::Other => None,
        };
        for number in [1_u8, 10, 11] {
            let Some(composite) = segment.element(usize::from(number)) else {
                continue;
            };
            let [first, second] = [1, 2].map(|component| as_text(composite.component(component)));
            let qualified = composite.component(4) == b"LOI";
            // CDex's own table puts the code of a 275 into the first component, so that is read where it is one.
            let code = match (second, first) {
                (Some(second), _) if qualified || Loinc::parse(second).is_ok() => second,
                (_, Some(first)) if Loinc::parse(first).is_ok() => first,
                _ => continue,
            };
            if number > 1 && is_request_modifier(code) {
                continue;
            }
            self.facts.read(Key::Loinc, code, said(segment, loop_id, number));
        }
    }

    /// `HI*LOI:…`: the documents that a 278 asks for.
    fn note_information(&mut self, segment: &Segment<'_>) {
        for (number, element) in (1_u8..).zip(segment.elements()) {
            if let (b"LOI", Some(code)) = (element.component(1), as_text(element.component(2))) {
                self.facts.read(Key::Loinc, code, said(segment, None, number));
            }
        }
    }
}

/// Whether a LOINC says which of the documents asked for are meant (by time, or which items), and is none itself.
fn is_request_modifier(code: &str) -> bool {
    let number = code.split_once('-').and_then(|(number, _)| number.parse().ok());
    number.is_some_and(|number: u32| (18_789..=18_807).contains(&number))
}

/// An element as text, without the blanks that pad it; nothing if it is empty or no text.
fn text<'a>(segment: &Segment<'a>, element: u8) -> Option<&'a str> {
    as_text(segment.value(usize::from(element)))
}

fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end_matches(' ');
    (!text.is_empty()).then_some(text)
}

fn said(segment: &Segment<'_>, loop_id: Option<&'static str>, element: u8) -> Source {
    Source::Read(place(segment, loop_id, element))
}

fn place(segment: &Segment<'_>, loop_id: Option<&'static str>, element: u8) -> Place {
    let Spot {
        offset,
        ordinal,
        position,
        interchange,
        group,
        transaction,
    } = segment.place();
    let known = |number: u32| (number > 0).then_some(number);
    Place::from(X12Place {
        offset,
        interchange: known(interchange),
        group: known(group),
        transaction: known(transaction),
        ordinal: Some(if position > 0 {
            u64::from(position)
        } else {
            ordinal
        }),
        segment: SegmentId::parse(segment.id()),
        loop_id: loop_id.map(Into::into),
        element: (element > 0).then_some(u16::from(element)),
        ..X12Place::default()
    })
}

#[cfg(test)]
mod tests;
