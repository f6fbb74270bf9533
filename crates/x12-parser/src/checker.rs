//! One check of one input: reader, envelope, guides and policy joined, and a receipt for each interchange.

mod tally;

use crate::Code;
use crate::Detail;
use crate::Envelope;
use crate::Event;
use crate::Events;
use crate::Finding;
use crate::GuideSet;
use crate::GuideValidator;
use crate::InterchangeError;
use crate::InterchangeReceipt;
use crate::Matched;
use crate::Note;
use crate::Place;
use crate::Policy;
use crate::Reader;
use crate::Segment;
use crate::SegmentId;
use crate::Settings;
use crate::TransactionReceipt;
use tally::Tally;

/// Looks on while an input is checked. Every method may be left as it is.
pub trait Watch {
    /// Sees each event with the findings it brought, weighed already.
    ///
    /// A finding may concern an earlier segment: that a trailer is missing shows only behind its place.
    /// `place` tells what the guide makes of a segment, where there is a guide and it has a place for it.
    fn event(&mut self, _event: &Event<'_>, _place: Option<Matched<'_>>, _findings: &[Finding]) {}

    /// Sees what was found at the very end, where no event is left.
    fn ending(&mut self, _findings: &[Finding]) {}

    /// Sees each transaction when it is over; `place` is that of its `ST`.
    fn transaction(&mut self, _receipt: &TransactionReceipt, _place: Place) {}

    /// Takes the receipt of each interchange when it is over.
    fn interchange(&mut self, _receipt: InterchangeReceipt) {}
}

/// Looks at nothing.
impl Watch for () {}

/// Which transactions a receipt keeps.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Keep {
    /// All, so that a 999 can name each of them. Memory then grows with their number.
    #[default]
    All,
    /// Those of which there is something to tell; the others are only counted.
    Faulty,
}

/// How an input is checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Terms {
    /// How the reader treats what it meets.
    pub settings: Settings,
    /// Which finding weighs how much.
    pub policy: Policy,
    /// Which transactions the receipts keep.
    pub keep: Keep,
    /// Most findings kept for one envelope; the verdict counts all of them nevertheless.
    pub max_findings: usize,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            policy: Policy::default(),
            keep: Keep::All,
            max_findings: 1000,
        }
    }
}

/// A check under way.
///
/// ```
/// use x12_parser::{Checker, InterchangeReceipt, Terms, Verdict, Watch};
///
/// #[derive(Default)]
/// struct Desk(Vec<InterchangeReceipt>);
///
/// impl Watch for Desk {
///     fn interchange(&mut self, receipt: InterchangeReceipt) {
///         self.0.push(receipt);
///     }
/// }
///
/// let input = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
/// GS*HN*CLINIC*PLAN*20261120*0900*1*X*006020X313~ST*277*0001*006020X313~BHT*0085~SE*4*0001~GE*1*1~IEA*1*000000001~";
/// let mut desk = Desk::default();
/// let guides = x12_parser::GuideSet::default();
/// let mut checker = Checker::new(Terms::default(), &guides);
/// checker.feed(input, &mut desk);
/// checker.finish(&mut desk);
/// let [receipt] = desk.0.as_slice() else { panic!("one interchange") };
/// assert_eq!(receipt.verdict(), Verdict::Accepted);
/// assert_eq!(receipt.groups[0].transactions[0].verdict(), Verdict::Rejected);
/// ```
#[derive(Debug)]
pub struct Checker<'g> {
    reader: Reader,
    inspector: Inspector<'g>,
}

/// Everything of a check but the reader, whose events borrow it.
#[derive(Debug)]
struct Inspector<'g> {
    envelope: Envelope,
    guides: &'g GuideSet,
    /// The guide of the transaction at hand; kept for the next one of the same kind.
    validator: Option<GuideValidator<'g>>,
    /// Whether the transaction at hand has a guide.
    guided: bool,
    /// GS08, for transactions that name no guide.
    group_guide: Vec<u8>,
    policy: Policy,
    tally: Tally,
    /// Findings of the event at hand; kept for its memory.
    found: Vec<Finding>,
}

impl<'g> Checker<'g> {
    /// A check on `terms` by `guides`, at the start of an input. A transaction without a guide is checked by its envelope
    /// alone, and a note says so.
    #[must_use]
    pub fn new(terms: Terms, guides: &'g GuideSet) -> Self {
        Self {
            reader: Reader::new(terms.settings),
            inspector: Inspector {
                envelope: Envelope::default(),
                guides,
                validator: None,
                guided: false,
                group_guide: Vec::new(),
                policy: terms.policy,
                tally: Tally::new(terms.keep, terms.max_findings),
                found: Vec::new(),
            },
        }
    }

    /// Takes the next bytes of the input.
    pub fn feed(&mut self, chunk: &[u8], watch: &mut impl Watch) {
        self.inspector.follow(self.reader.feed(chunk), watch);
    }

    /// Ends the input.
    pub fn finish(mut self, watch: &mut impl Watch) {
        self.inspector.follow(self.reader.finish(), watch);
        self.inspector.finish(self.reader.consumed(), watch);
    }
}

impl Inspector<'_> {
    fn follow(&mut self, mut events: Events<'_, '_>, watch: &mut impl Watch) {
        while let Some(event) = events.advance() {
            self.found.clear();
            let Self {
                envelope,
                policy,
                found,
                ..
            } = self;
            envelope.observe(&event, &mut |finding| found.push(policy.weigh(finding)));
            self.observe(&event);
            self.tally.take(&event, &self.found, watch);
            let place = self
                .validator
                .as_ref()
                .filter(|_| self.guided)
                .and_then(GuideValidator::matched);
            watch.event(&event, place, &self.found);
            if matches!(event, Event::TransactionEnd(_)) {
                self.guided = false;
            }
        }
    }

    /// Checks an event by the guide of its transaction.
    #[inline]
    fn observe(&mut self, event: &Event<'_>) {
        match event {
            Event::TransactionStart(segment) => self.choose_guide(segment),
            Event::GroupStart(segment) => {
                self.leave_transaction();
                self.group_guide.clear();
                self.group_guide.extend_from_slice(segment.value(8).trim_ascii());
            }
            Event::GroupEnd(_) | Event::InterchangeStart(_) | Event::InterchangeEnd(_) => {
                self.leave_transaction();
            }
            Event::Segment(segment) if segment.place().group == 0 && segment.id() == b"TA1" => {
                self.choose("TA1", "TA1");
            }
            _ => {}
        }
        if let Some(validator) = self.validator.as_mut().filter(|_| self.guided) {
            let Self { policy, found, .. } = self;
            validator.observe(event, &mut |finding| found.push(policy.weigh(finding)));
        }
    }

    /// Takes the guide that a transaction names in ST03, else that of its group.
    fn choose_guide(&mut self, segment: &Segment<'_>) {
        self.leave_transaction();
        let named = segment.value(3).trim_ascii();
        let group = std::mem::take(&mut self.group_guide);
        let guide = if named.is_empty() { group.as_slice() } else { named };
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        let known = self.choose(text(segment.value(1)), text(guide));
        self.group_guide = group;
        if !known {
            let finding = Finding::at(Code::Note(Note::NoGuide), segment.place(), SegmentId::of(b"ST"));
            self.found.push(self.policy.weigh(finding));
        }
    }

    fn choose(&mut self, set: &str, id: &str) -> bool {
        let known = self
            .validator
            .as_ref()
            .is_some_and(|old| old.guide().set() == set && old.guide().serves(id));
        if !known {
            self.validator = GuideValidator::among(self.guides.find(set, id));
        }
        self.guided = self.validator.is_some();
        self.guided
    }

    /// Ends what the guide says of a transaction without trailer.
    fn leave_transaction(&mut self) {
        if let Some(validator) = self.validator.as_mut().filter(|_| self.guided) {
            let Self { policy, found, .. } = self;
            validator.finish(&mut |finding| found.push(policy.weigh(finding)));
        }
        self.guided = false;
    }

    fn finish(&mut self, length: u64, watch: &mut impl Watch) {
        self.found.clear();
        let Self {
            envelope,
            policy,
            found,
            ..
        } = self;
        envelope.finish(length, &mut |finding| found.push(policy.weigh(finding)));
        if length == 0 {
            let code = Code::Interchange(InterchangeError::ControlStructure);
            let detail = Detail::Clause("the input is empty");
            found.push(Finding::at(code, Place::default(), SegmentId::of(b"ISA")).with_detail(detail));
        }
        self.tally.end(&self.found, watch);
        watch.ending(&self.found);
    }
}
