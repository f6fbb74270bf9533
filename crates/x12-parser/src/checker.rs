//! One check of one input: reader, envelope, guides and policy joined, and a receipt for each interchange.

mod tally;

use crate::Code;
use crate::Detail;
use crate::Envelope;
use crate::Event;
use crate::Events;
use crate::Finding;
use crate::InterchangeError;
use crate::InterchangeReceipt;
use crate::Place;
use crate::Policy;
use crate::Reader;
use crate::SegmentId;
use crate::Settings;
use crate::TransactionReceipt;
use tally::Tally;

/// Looks on while an input is checked. Every method may be left as it is.
pub trait Watch {
    /// Sees each event with the findings it brought, weighed already.
    ///
    /// A finding may concern an earlier segment: that a trailer is missing shows only behind its place.
    fn event(&mut self, _event: &Event<'_>, _findings: &[Finding]) {}

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
/// let mut checker = Checker::new(Terms::default());
/// checker.feed(input, &mut desk);
/// checker.finish(&mut desk);
/// let [receipt] = desk.0.as_slice() else { panic!("one interchange") };
/// assert_eq!(receipt.verdict(), Verdict::Accepted);
/// assert_eq!(receipt.groups[0].transactions[0].verdict(), Verdict::Rejected);
/// ```
#[derive(Debug)]
pub struct Checker {
    reader: Reader,
    inspector: Inspector,
}

/// Everything of a check but the reader, whose events borrow it.
#[derive(Debug)]
struct Inspector {
    envelope: Envelope,
    policy: Policy,
    tally: Tally,
    /// Findings of the event at hand; kept for its memory.
    found: Vec<Finding>,
}

impl Checker {
    /// A check on `terms`, at the start of an input.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            reader: Reader::new(terms.settings),
            inspector: Inspector {
                envelope: Envelope::default(),
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

impl Inspector {
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
            self.tally.take(&event, &self.found, watch);
            watch.event(&event, &self.found);
        }
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
