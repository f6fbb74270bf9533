//! X12 read once: checked by the guides, assembled into transactions, with the receipts that answer it.

use x12_parser::Checker;
use x12_parser::Delimiters;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::InterchangeReceipt;
use x12_parser::Matched;
use x12_parser::Place;
use x12_parser::Severity;
use x12_parser::Terms;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;
use x12_parser::Watch;

use crate::flow::facts::x12::Gathering;
use crate::flow::settings::X12Terms;
use crate::flow::world::World;
use crate::routing::facts::Facts;
use crate::x12::Assembler;
use crate::x12::Transaction;

/// One interchange, read.
#[derive(Debug, Default)]
pub(crate) struct Inspected {
    /// What answers it.
    pub(crate) receipt: InterchangeReceipt,
    /// Its transactions, in order.
    pub(crate) transactions: Vec<Arrived>,
    /// What its acknowledgements say.
    pub(crate) acknowledged: Vec<crate::flow::receipts::Acknowledged>,
    /// Its separators.
    pub(crate) delimiters: Option<Delimiters>,
}

/// A transaction of an interchange.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// Group and transaction, from zero, in the receipt.
    pub(crate) group: usize,
    /// Which transaction of the group, from zero.
    pub(crate) place: usize,
    /// What is in it, if its shape is one that we know; with its number among all such in the interchange, from zero.
    pub(crate) transaction: Option<(usize, Transaction)>,
    /// What routing may know.
    pub(crate) facts: Facts,
    /// Whether the check refuses it.
    pub(crate) rejected: bool,
}

/// Reads one interchange, under what was agreed with its sender.
pub(crate) fn read(input: &[u8], world: &World, sender: Option<&X12Terms>) -> Inspected {
    let mut look = Look::default();
    run(input, world, sender, &mut look);
    let Look {
        mut receipts,
        mut arrived,
        acks,
        delimiters,
        ..
    } = look;
    let receipt = if receipts.is_empty() {
        InterchangeReceipt::default()
    } else {
        receipts.remove(0)
    };
    let whole = receipt.verdict() == Verdict::Rejected;
    for transaction in &mut arrived {
        let group = receipt.groups.get(transaction.group);
        let told = group.and_then(|group| group.transactions.get(transaction.place));
        transaction.rejected = whole
            || group.is_none_or(|group| group.verdict() == Verdict::Rejected)
            || told.is_none_or(|told| told.verdict().max(told.content_verdict()) == Verdict::Rejected);
    }
    Inspected {
        receipt,
        transactions: arrived,
        acknowledged: acks.finish(),
        delimiters,
    }
}

/// The first thing in what we wrote ourselves for which its receiver would refuse it.
pub(crate) fn first_fault(written: &[u8], world: &World, receiver: Option<&X12Terms>) -> Option<String> {
    let mut faults = Faults::default();
    run(written, world, receiver, &mut faults);
    faults.first
}

fn run(input: &[u8], world: &World, partner: Option<&X12Terms>, watch: &mut dyn Watch) {
    let mut terms = Terms::default();
    let mut guides: &GuideSet = world.settings.guides.set();
    if let Some(partner) = partner {
        terms.settings = terms.settings.with_repair(partner.repair);
        terms.policy = partner.policy.clone();
        if let Some(own) = &partner.own_guides {
            guides = own.set();
        }
    }
    let mut checker = Checker::new(terms, guides);
    let mut watch = Lent(watch);
    checker.feed(input, &mut watch);
    checker.finish(&mut watch);
}

/// Lets one `run` serve all who look on.
struct Lent<'w>(&'w mut dyn Watch);

impl Watch for Lent<'_> {
    fn event(&mut self, event: &Event<'_>, place: Option<Matched<'_>>, findings: &[Finding]) {
        self.0.event(event, place, findings);
    }
    fn ending(&mut self, findings: &[Finding]) {
        self.0.ending(findings);
    }
    fn transaction(&mut self, receipt: &TransactionReceipt, place: Place) {
        self.0.transaction(receipt, place);
    }
    fn interchange(&mut self, receipt: InterchangeReceipt) {
        self.0.interchange(receipt);
    }
}

#[derive(Default)]
struct Faults {
    first: Option<String>,
}

impl Watch for Faults {
    fn event(&mut self, _event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        self.ending(findings);
    }
    fn ending(&mut self, findings: &[Finding]) {
        let wrong = findings
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        if self.first.is_none() {
            self.first = wrong.map(|finding| match finding.segment.to_string().as_str() {
                "" => finding.code.to_string(),
                segment => format!("{} at {segment}", finding.code),
            });
        }
    }
}

#[derive(Default)]
struct Look {
    assembler: Assembler,
    gathering: Gathering,
    acks: crate::flow::receipts::Reading,
    receipts: Vec<InterchangeReceipt>,
    arrived: Vec<Arrived>,
    /// How many transactions were put together.
    assembled: usize,
    delimiters: Option<Delimiters>,
}

impl Watch for Look {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, _findings: &[Finding]) {
        self.acks.see(event);
        if let Event::InterchangeStart(segment) = event {
            self.delimiters = Some(segment.delimiters());
        }
        let is_end = matches!(event, Event::TransactionEnd(_));
        let facts = self.gathering.see(event);
        let whole = self.assembler.take(event);
        if is_end && let Some(last) = self.arrived.last_mut() {
            // The receipt of a transaction comes before the event that ends it.
            last.facts = facts.unwrap_or_default();
            if let Some(transaction) = whole {
                last.transaction = Some((self.assembled, transaction));
                self.assembled += 1;
            }
        }
    }

    fn transaction(&mut self, _receipt: &TransactionReceipt, place: Place) {
        let from_one = |number: u32| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        self.arrived.push(Arrived {
            group: from_one(place.group),
            place: from_one(place.transaction),
            transaction: None,
            facts: Facts::default(),
            rejected: false,
        });
    }

    fn interchange(&mut self, receipt: InterchangeReceipt) {
        self.receipts.push(receipt);
    }
}

/// The separators of an interchange.
pub(crate) fn delimiters(input: &[u8]) -> Option<Delimiters> {
    let mut reader = x12_parser::Reader::default();
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        if let Event::InterchangeStart(segment) = event {
            return Some(segment.delimiters());
        }
    }
    None
}

/// Where each interchange of an input begins and ends: from one `ISA` to the next.
pub(crate) fn interchanges(input: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut reader = x12_parser::Reader::default();
    let mut see = |event: Event<'_>| {
        if let Event::InterchangeStart(segment) = event {
            starts.push(usize::try_from(segment.place().offset).unwrap_or(usize::MAX));
        }
    };
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        see(event);
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        see(event);
    }
    // What stands before the first belongs to it, so that nothing that was sent is left out of what is kept.
    if let Some(first) = starts.first_mut() {
        *first = 0;
    } else {
        starts.push(0);
    }
    let ends = starts.iter().skip(1).copied().chain([input.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| input.get(*start..end))
        .collect()
}
