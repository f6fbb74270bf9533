//! Follows the envelopes of an input: what was opened, and whether it was closed with the right counts and numbers.

mod control;
mod fault;
mod header;

use crate::Code;
use crate::Detail;
use crate::Element;
use crate::ElementPlace;
use crate::Event;
use crate::Finding;
use crate::GroupError;
use crate::InterchangeError;
use crate::Note;
use crate::Place;
use crate::Segment;
use crate::SegmentError;
use crate::SegmentId;
use crate::Severity;
use crate::TransactionError;
use control::Seen;
use control::Text;

/// Checks counts, control numbers and nesting along the event stream, in memory that does not grow with the input.
///
/// ```
/// use x12_parser::{Envelope, Reader};
///
/// let input = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
/// GS*HN*CLINIC*PLAN*20261120*0900*1*X*006020X313~ST*277*0001*006020X313~BHT*0085~SE*4*0001~GE*1*1~IEA*1*000000001~";
/// let (mut reader, mut envelope, mut found) = (Reader::default(), Envelope::default(), Vec::new());
/// let mut events = reader.feed(input);
/// while let Some(event) = events.advance() {
///     envelope.observe(&event, &mut |finding| found.push(finding));
/// }
/// envelope.finish(reader.consumed(), &mut |finding| found.push(finding));
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].code.to_string(), "IK502-4");
/// ```
#[derive(Debug, Default)]
pub struct Envelope {
    interchange: Option<Interchange>,
    group: Option<Group>,
    transaction: Option<Transaction>,
    interchanges: Seen,
    /// How many interchanges have begun.
    begun: u64,
    /// Whether the current run of segments out of place has been told.
    astray: bool,
}

#[derive(Debug)]
struct Interchange {
    place: Place,
    control: Text<9>,
    groups: u64,
    numbers: Seen,
}

#[derive(Debug)]
struct Group {
    place: Place,
    control: Text<9>,
    guide: Text<12>,
    functional: Text<2>,
    transactions: u64,
    numbers: Seen,
}

#[derive(Debug)]
struct Transaction {
    place: Place,
    control: Text<9>,
}

/// Takes findings as they are made.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(Finding);

impl Envelope {
    /// Takes one event of the reader, in order.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: nearly all segments need two comparisons and no call"
    )]
    pub fn observe(&mut self, event: &Event<'_>, found: Sink<'_>) {
        match event {
            Event::Segment(segment) => self.segment(segment, found),
            other => self.observe_other(*other, found),
        }
    }

    #[inline(never)]
    fn observe_other(&mut self, event: Event<'_>, found: Sink<'_>) {
        match &event {
            Event::Segment(segment) => self.segment(segment, found),
            Event::BinaryStart(head) => self.segment(&head.segment, found),
            Event::BinaryChunk(_) | Event::BinaryEnd(_) => {}
            Event::TransactionStart(segment) => self.open_transaction(segment, found),
            Event::TransactionEnd(segment) => self.close_transaction(segment, found),
            Event::GroupStart(segment) => self.open_group(segment, found),
            Event::GroupEnd(segment) => self.close_group(segment, found),
            Event::InterchangeStart(segment) => self.open_interchange(segment, found),
            Event::InterchangeEnd(segment) => self.close_interchange(segment, found),
            Event::Fault(fault) => fault::tell(fault, found),
        }
    }

    /// Says what is still open at the end of the input, which is `length` bytes long.
    pub fn finish(&mut self, length: u64, found: Sink<'_>) {
        self.abandon_interchange(length, found);
        if self.begun == 0 && length > 0 {
            let code = Code::Interchange(InterchangeError::ControlStructure);
            let detail = Detail::Clause("no interchange was found");
            found(Finding::at(code, Place::default(), SegmentId::of(b"ISA")).with_detail(detail));
        }
    }

    #[inline]
    fn segment(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        if segment.has_well_formed_id() && segment.place().in_transaction() && !self.astray {
            return;
        }
        self.odd_segment(*segment, found);
    }

    #[inline(never)]
    fn odd_segment(&mut self, segment: Segment<'_>, found: Sink<'_>) {
        let place = segment.place();
        let id = SegmentId::of(segment.id());
        self.astray &= !place.in_transaction();
        if !id.is_well_formed() && place.in_transaction() {
            let finding = Finding::at(Code::Segment(SegmentError::Unrecognized), place, id);
            found(finding.spanning(place.offset, segment.id().len().max(1) as u64));
        }
        if place.in_transaction() || (place.group == 0 && id.as_str() == "TA1") {
            return;
        }
        // One finding for a whole run: a missing GS or ST puts everything behind it in the wrong place.
        if !std::mem::replace(&mut self.astray, true) {
            let code = Code::Interchange(InterchangeError::Content);
            let clause = "a segment stands outside any transaction";
            found(
                Finding::at(code, place, id)
                    .with_detail(Detail::Clause(clause))
                    .spanning(place.offset, segment.raw().len() as u64),
            );
        }
    }

    fn open_transaction(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        let place = segment.place();
        self.abandon_transaction(place.offset, found);
        self.astray = false;
        let control = segment.value(2);
        if !matches!(segment.value(1), [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_digit())) {
            found(on(segment, 1, Code::Transaction(TransactionError::SetId)));
        }
        if !(4..=9).contains(&control.len()) || !control.iter().all(u8::is_ascii_alphanumeric) {
            found(on(segment, 2, Code::Transaction(TransactionError::ControlNumber)));
        }
        match &mut self.group {
            None => found(on(segment, 1, Code::Transaction(TransactionError::NotInGroup))),
            Some(group) => {
                group.transactions += 1;
                if !group.numbers.add(control) {
                    found(on(
                        segment,
                        2,
                        Code::Transaction(TransactionError::DuplicateControlNumber),
                    ));
                }
                guide_reference(segment, group, found);
            }
        }
        self.transaction = Some(Transaction {
            place,
            control: Text::of(control),
        });
    }

    fn close_transaction(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        let place = segment.place();
        let Some(open) = self.transaction.take() else {
            return self.nothing_to_close(segment, found);
        };
        let counted = u64::from(place.position);
        count(
            segment,
            counted,
            Code::Transaction(TransactionError::SegmentCount),
            found,
        );
        if open.control != segment.value(2) {
            found(on(
                segment,
                2,
                Code::Transaction(TransactionError::ControlNumbersDiffer),
            ));
        }
    }

    fn open_group(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        let place = segment.place();
        self.abandon_group(place.offset, found);
        self.astray = false;
        let control = segment.value(6);
        if control.is_empty() || control.len() > 9 || !control.iter().all(u8::is_ascii_digit) {
            found(on(segment, 6, Code::Group(GroupError::ControlNumber)));
        }
        if let Some(interchange) = &mut self.interchange {
            interchange.groups += 1;
            if !interchange.numbers.add(control) {
                found(on(segment, 6, Code::Group(GroupError::DuplicateControlNumber)));
            }
        }
        self.group = Some(Group {
            place,
            control: Text::of(control),
            guide: Text::of(segment.value(8)),
            functional: Text::of(segment.value(1)),
            transactions: 0,
            numbers: Seen::default(),
        });
    }

    fn close_group(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        self.abandon_transaction(segment.place().offset, found);
        self.astray = false;
        let Some(open) = self.group.take() else {
            return self.nothing_to_close(segment, found);
        };
        count(
            segment,
            open.transactions,
            Code::Group(GroupError::TransactionCount),
            found,
        );
        if !open.control.same_number(segment.value(2)) {
            found(on(segment, 2, Code::Group(GroupError::ControlNumbersDiffer)));
        }
    }

    fn open_interchange(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        self.abandon_interchange(segment.place().offset, found);
        self.astray = false;
        self.begun += 1;
        header::check(segment, found);
        let control = segment.value(13);
        let identity: Vec<u8> = [5, 6, 7, 8, 13]
            .into_iter()
            .flat_map(|n| segment.value(n))
            .copied()
            .collect();
        if !self.interchanges.add(&identity) {
            found(on(
                segment,
                13,
                Code::Interchange(InterchangeError::DuplicateControlNumber),
            ));
        }
        self.interchange = Some(Interchange {
            place: segment.place(),
            control: Text::of(control),
            groups: 0,
            numbers: Seen::default(),
        });
    }

    fn close_interchange(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        self.abandon_group(segment.place().offset, found);
        self.astray = false;
        let Some(open) = self.interchange.take() else {
            return self.nothing_to_close(segment, found);
        };
        count(
            segment,
            open.groups,
            Code::Interchange(InterchangeError::GroupCount),
            found,
        );
        if open.control != segment.value(2) {
            found(on(
                segment,
                2,
                Code::Interchange(InterchangeError::ControlNumbersDiffer),
            ));
        }
    }

    fn nothing_to_close(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        self.astray = true;
        let code = Code::Interchange(InterchangeError::ControlStructure);
        let detail = Detail::Clause("a trailer stands without its header");
        found(Finding::at(code, segment.place(), SegmentId::of(segment.id())).with_detail(detail));
    }

    fn abandon_transaction(&mut self, offset: u64, found: Sink<'_>) {
        if let Some(open) = self.transaction.take() {
            let code = Code::Transaction(TransactionError::TrailerMissing);
            found(Finding::at(code, open.place, SegmentId::of(b"SE")).spanning(offset, 0));
        }
    }

    fn abandon_group(&mut self, offset: u64, found: Sink<'_>) {
        self.abandon_transaction(offset, found);
        if let Some(open) = self.group.take() {
            let code = Code::Group(GroupError::TrailerMissing);
            found(Finding::at(code, open.place, SegmentId::of(b"GE")).spanning(offset, 0));
        }
    }

    fn abandon_interchange(&mut self, offset: u64, found: Sink<'_>) {
        self.abandon_group(offset, found);
        if let Some(open) = self.interchange.take() {
            let code = Code::Interchange(InterchangeError::PrematureEnd);
            let detail = Detail::Clause("the IEA is missing");
            found(
                Finding::at(code, open.place, SegmentId::of(b"IEA"))
                    .spanning(offset, 0)
                    .with_detail(detail),
            );
        }
    }
}

/// A finding about one element of an envelope segment.
fn on(segment: &Segment<'_>, element: u8, code: Code) -> Finding {
    let found = segment.element(usize::from(element));
    let end = segment.place().offset + segment.raw().len() as u64;
    let offset = found.as_ref().map_or(end, Element::offset);
    let length = found.map_or(0, |found| found.raw().len() as u64);
    Finding::at(code, segment.place(), SegmentId::of(segment.id()))
        .on_element(ElementPlace {
            element,
            ..ElementPlace::default()
        })
        .spanning(offset, length)
}

/// Compares the count in a trailer's first element.
fn count(segment: &Segment<'_>, counted: u64, code: Code, found: Sink<'_>) {
    let declared = segment.value(1);
    match control::number(declared) {
        Some(declared) if declared == counted => {}
        Some(declared) => found(on(segment, 1, code).with_detail(Detail::Counts { declared, counted })),
        None => found(on(segment, 1, code).with_detail(Detail::Clause("the count is not a number"))),
    }
}

/// ST03 and GS08 must name the same guide, and the set must belong in the group.
fn guide_reference(segment: &Segment<'_>, group: &Group, found: Sink<'_>) {
    let guide = segment.value(3);
    let modern = group.guide.as_bytes() >= b"005".as_slice();
    if guide.is_empty() {
        if modern {
            found(on(segment, 3, Code::Note(Note::GuideMissing)));
        }
    } else if group.guide != guide.trim_ascii() {
        found(on(
            segment,
            3,
            Code::Transaction(TransactionError::GuideUnsupported),
        ));
    }
    let belongs = header::belongs(group.functional.as_bytes(), segment.value(1));
    if !belongs {
        // The pairing is told by guides outside our scope too, so it is said and not held against the sender.
        let finding = on(segment, 1, Code::Transaction(TransactionError::NotInGroup));
        found(finding.weighing(Severity::Warning));
    }
}

#[cfg(test)]
mod tests;
