//! What partners answer to our X12: TA1, 999 (and 997), 824 and 277CA, read for their codes and places.
//!
//! An answer repeats bad data (IK404, TED07), names claims and members (CTX, TRN) and may hold words of a person (TED02,
//! RED01). None of that is read: codes, positions, names of loops and the numbers of envelopes are, each only in the form
//! that its element has. What was left unread is listed by its place.

mod acknowledgement;
mod advice;
mod remark;

use x12_parser::Echo;
use x12_parser::Event;
use x12_parser::Reader;
use x12_parser::Segment;

pub use self::remark::CodeList;
pub use self::remark::Objection;
pub use self::remark::Remark;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AnswerKind {
    /// A TA1, about an interchange.
    Ta1,
    /// A 999 or 997, about a functional group or one of its transactions.
    Acknowledgement,
    /// An 824, about what a transaction says.
    Advice,
    /// A 277CA, about claims.
    ClaimAcknowledgement,
}

/// How what we sent fared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Ruling {
    /// Accepted.
    #[default]
    Accepted,
    /// Accepted, with remarks or in parts.
    AcceptedWithErrors,
    /// Refused.
    Rejected,
}

/// What a partner says of one thing that we sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// What kind of answer it is.
    pub kind: AnswerKind,
    /// How the thing fared.
    pub ruling: Ruling,
    /// The number of the interchange that is answered (TA101); empty where the answer does not say.
    pub interchange: String,
    /// The number of the group that is answered (AK102, OTI08).
    pub group: String,
    /// The number of the transaction that is answered (AK202, OTI09); empty where the answer is about more than one.
    pub transaction: String,
    /// Our own reference of the transaction (OTI03).
    pub reference: String,
    /// What is said of it.
    pub remarks: Vec<Remark>,
    /// Where in the answer something stands that was not read.
    pub unread: Vec<X12Place>,
}

impl Answer {
    fn new(kind: AnswerKind) -> Self {
        Self {
            kind,
            ruling: Ruling::Accepted,
            interchange: String::new(),
            group: String::new(),
            transaction: String::new(),
            reference: String::new(),
            remarks: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        self.ruling = self.ruling.max(ruling);
    }

    /// Lists the elements of a segment, from the first one given, that hold something and are not read.
    fn pass_over(&mut self, segment: &Segment<'_>, from: usize) {
        for (number, element) in segment
            .elements()
            .enumerate()
            .map(|(at, element)| (at + 1, element))
        {
            if number >= from && !element.is_empty() {
                self.unread.push(spot(segment, number));
            }
        }
    }
}

/// Every answer in an input, in order; what is no answer is passed over.
pub fn answers(input: &[u8]) -> Vec<Answer> {
    let mut hearing = Hearing::default();
    let mut reader = Reader::default();
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        hearing.take(&event);
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        hearing.take(&event);
    }
    hearing.answers
}

/// Which transaction is at hand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Set {
    #[default]
    Other,
    Acknowledgement,
    Advice,
    /// A 277, until its head says that it acknowledges claims.
    Status,
    ClaimAcknowledgement,
}

/// The answers so far, and what was read of the one at hand.
#[derive(Debug, Default)]
struct Hearing {
    answers: Vec<Answer>,
    set: Set,
    /// The answer about the group, while its transactions are told of one by one.
    of_group: Option<Answer>,
}

impl Hearing {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::TransactionStart(segment) => {
                self.set = match segment.value(1) {
                    b"999" | b"997" => Set::Acknowledgement,
                    b"824" => Set::Advice,
                    b"277" => Set::Status,
                    _ => Set::Other,
                };
            }
            Event::TransactionEnd(_) => {
                self.answers.extend(self.of_group.take());
                self.set = Set::Other;
            }
            Event::Segment(segment) if segment.id() == b"TA1" && !segment.place().in_transaction() => {
                self.interchange(segment);
            }
            Event::Segment(segment) => match self.set {
                Set::Acknowledgement => self.acknowledge(segment),
                Set::Advice => self.advise(segment),
                Set::Status if segment.id() == b"BHT" && is_claim_acknowledgement(segment) => {
                    self.set = Set::ClaimAcknowledgement;
                    self.answers.push(Answer::new(AnswerKind::ClaimAcknowledgement));
                }
                Set::ClaimAcknowledgement => self.acknowledge_claims(segment),
                Set::Status | Set::Other => {}
            },
            Event::InterchangeStart(_)
            | Event::GroupStart(_)
            | Event::BinaryStart(_)
            | Event::BinaryChunk(_)
            | Event::BinaryEnd(_)
            | Event::GroupEnd(_)
            | Event::InterchangeEnd(_)
            | Event::Fault(_) => {}
        }
    }

    /// A TA1: the interchange by its number, how it fared and why.
    fn interchange(&mut self, segment: &Segment<'_>) {
        let mut answer = Answer::new(AnswerKind::Ta1);
        answer.interchange = number(segment.value(1));
        answer.rule(ruling(segment.value(4)));
        let code = code(segment.value(5));
        if !code.is_empty() && code != "000" {
            answer.remarks.push(Remark::new(
                CodeList::Interchange,
                &code,
                X12Place::default(),
                spot(segment, 5),
            ));
        }
        self.answers.push(answer);
    }

    /// The answer at hand.
    fn last(&mut self) -> Option<&mut Answer> {
        self.answers.last_mut()
    }
}

/// The place of an element in the answer.
fn spot(segment: &Segment<'_>, number: usize) -> X12Place {
    let place = segment.place();
    let element = segment.element(number);
    X12Place {
        offset: element.map_or(place.offset, |element| element.offset()),
        ordinal: place.in_transaction().then_some(u64::from(place.position)),
        segment: SegmentId::parse(segment.id()),
        element: u16::try_from(number).ok(),
        ..X12Place::default()
    }
}

/// X214 says so in its head; a 277 that asks for information says something else there.
fn is_claim_acknowledgement(head: &Segment<'_>) -> bool {
    head.value(2) == b"08" && head.value(6) == b"TH"
}

/// What TA104, IK501 and AK901 say; a word that nobody knows is no acceptance.
fn ruling(code: &[u8]) -> Ruling {
    match code {
        b"A" => Ruling::Accepted,
        b"E" | b"P" => Ruling::AcceptedWithErrors,
        _ => Ruling::Rejected,
    }
}

fn number(value: &[u8]) -> String {
    Echo::number(value, 1..=9).as_str().to_owned()
}

fn code(value: &[u8]) -> String {
    Echo::code(value, 1..=3).as_str().to_owned()
}

/// A position, as far as it is a number.
fn position(value: &[u8]) -> Option<u64> {
    let digits = Echo::number(value, 1..=10);
    digits.as_str().parse().ok().filter(|position| *position > 0)
}

#[cfg(test)]
mod tests;
