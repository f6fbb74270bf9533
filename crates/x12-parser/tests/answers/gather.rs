//! Receipts for inputs, with findings that a test adds to those of the checker.

use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::InterchangeReceipt;
use x12_parser::Matched;
use x12_parser::Segment;
use x12_parser::Terms;
use x12_parser::TransactionReceipt;
use x12_parser::Watch;

/// Checks an input; `judge` says what is wrong with each segment of a transaction besides.
pub fn receipts(input: &[u8], judge: fn(&Segment<'_>) -> Vec<Finding>) -> Vec<InterchangeReceipt> {
    let mut desk = Desk {
        judge,
        found: Vec::new(),
        receipts: Vec::new(),
    };
    let guides = GuideSet::default();
    let mut checker = Checker::new(Terms::default(), &guides);
    checker.feed(input, &mut desk);
    checker.finish(&mut desk);
    desk.receipts
}

struct Desk {
    judge: fn(&Segment<'_>) -> Vec<Finding>,
    found: Vec<Finding>,
    receipts: Vec<InterchangeReceipt>,
}

impl Watch for Desk {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, _findings: &[Finding]) {
        if let Event::Segment(segment) = event {
            self.found.extend((self.judge)(segment));
        }
    }

    fn interchange(&mut self, mut receipt: InterchangeReceipt) {
        for finding in self.found.drain(..) {
            if let Some(transaction) = concerned(&mut receipt, &finding) {
                transaction.findings.push(finding);
            }
        }
        self.receipts.push(receipt);
    }
}

/// The transaction that a finding speaks of.
fn concerned<'r>(
    receipt: &'r mut InterchangeReceipt,
    finding: &Finding,
) -> Option<&'r mut TransactionReceipt> {
    let index = |number: u32| usize::try_from(number).ok()?.checked_sub(1);
    let group = receipt.groups.get_mut(index(finding.place.group)?)?;
    group.transactions.get_mut(index(finding.place.transaction)?)
}
