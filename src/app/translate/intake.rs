//! X12 as it comes in: checked by its guides and assembled into transactions in one reading.

use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::InterchangeReceipt;
use x12_parser::Keep;
use x12_parser::Matched;
use x12_parser::Place;
use x12_parser::Settings;
use x12_parser::Terms;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;
use x12_parser::Watch;

use super::told::Subject;
use super::told::Told;
use crate::x12::Assembler;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// Findings kept of one transaction.
const MOST_FINDINGS: usize = 1000;

/// A transaction with what its check found.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// What it is.
    pub(crate) subject: Subject,
    /// The transaction, if its shape is one that we know and its end came.
    pub(crate) transaction: Option<Transaction>,
    /// What was found in it and in the envelopes around it.
    pub(crate) findings: Vec<Told>,
    /// Whether the check refuses it.
    pub(crate) rejected: bool,
}

/// Everything that was in an input.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    assembler: Assembler,
    /// Whether the event at hand ended something: a receipt comes before the event that it is for.
    ended: bool,
    /// The guide of the group that is open.
    guide: String,
    /// Findings since the last transaction ended.
    findings: Vec<Told>,
    /// Transactions of the interchange that is open, each with the number of its group.
    open: Vec<(u32, Arrived)>,
    arrived: Vec<Arrived>,
    /// What was found outside of all transactions that arrived.
    around: Vec<Told>,
}

/// Reads a whole input; gives its transactions and what was found where there is none.
pub(crate) fn read(input: &[u8], guides: &GuideSet, repair: bool) -> (Vec<Arrived>, Vec<Told>) {
    let mut terms = Terms::default();
    terms.settings = Settings::default().with_repair(repair);
    terms.keep = Keep::Faulty;
    terms.max_findings = 0;
    let mut intake = Intake::default();
    let mut checker = Checker::new(terms, guides);
    checker.feed(input, &mut intake);
    checker.finish(&mut intake);
    // An interchange without a receipt cannot be; should one be left, it was not accepted.
    intake.close(|_| true);
    intake.around.append(&mut intake.findings);
    // A receipt that keeps no findings does not know those of the content.
    for arrived in &mut intake.arrived {
        arrived.rejected |= arrived.findings.iter().any(Told::refuses);
    }
    (intake.arrived, intake.around)
}

impl Watch for Intake {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        if let Event::GroupStart(segment) = event {
            x12_parser::GroupReceipt::of(segment)
                .gs08
                .as_str()
                .clone_into(&mut self.guide);
        }
        if let Some(transaction) = self.assembler.take(event) {
            self.attach(transaction);
        }
        let ended = std::mem::take(&mut self.ended);
        match self.newest() {
            Some(newest) if ended => keep(&mut newest.findings, findings),
            _ => keep(&mut self.findings, findings),
        }
    }

    fn ending(&mut self, findings: &[Finding]) {
        let ended = std::mem::take(&mut self.ended);
        match self.newest() {
            Some(newest) if ended => keep(&mut newest.findings, findings),
            _ => keep(&mut self.findings, findings),
        }
    }

    fn transaction(&mut self, receipt: &TransactionReceipt, place: Place) {
        let guide = receipt.st03.as_str();
        let guide = if guide.is_empty() {
            self.guide.as_str()
        } else {
            guide
        };
        let arrived = Arrived {
            subject: Subject {
                kind: receipt.st01.to_string(),
                guide: guide.to_owned(),
                control: receipt.st02.to_string(),
                numbers: Some([place.interchange, place.group, place.transaction]),
                documents: None,
            },
            transaction: None,
            findings: std::mem::take(&mut self.findings),
            rejected: receipt.verdict().max(receipt.content_verdict()) == Verdict::Rejected,
        };
        self.open.push((place.group, arrived));
        self.ended = true;
    }

    fn interchange(&mut self, receipt: InterchangeReceipt) {
        let whole = receipt.verdict() == Verdict::Rejected;
        let group_rejected = |group: u32| {
            let at = usize::try_from(group).unwrap_or(0).checked_sub(1);
            let found = at.and_then(|at| receipt.groups.get(at));
            found.is_none_or(|group| group.verdict() == Verdict::Rejected)
        };
        self.ended = !self.open.is_empty();
        self.close(|group| whole || group_rejected(group));
    }
}

impl Intake {
    /// Gives a transaction to what arrived under its numbers.
    fn attach(&mut self, transaction: Transaction) {
        let place = transaction.place(SegmentIndex::of(0));
        let numbers = [place.interchange, place.group, place.transaction].map(Option::unwrap_or_default);
        if let Some(newest) = self
            .newest()
            .filter(|newest| newest.subject.numbers == Some(numbers))
        {
            newest.transaction = Some(transaction);
        }
    }

    /// The transaction that ended last.
    fn newest(&mut self) -> Option<&mut Arrived> {
        match self.open.last_mut() {
            Some((_, arrived)) => Some(arrived),
            None => self.arrived.last_mut(),
        }
    }

    /// Ends an interchange: a transaction is worth no more than the envelopes around it.
    fn close(&mut self, rejected: impl Fn(u32) -> bool) {
        let nothing_open = self.open.is_empty();
        for (group, mut arrived) in self.open.drain(..) {
            if rejected(group) && !arrived.rejected {
                arrived.rejected = true;
            }
            self.arrived.push(arrived);
        }
        // What was found behind the last transaction belongs to the envelopes, and so to the last one to tell it by.
        match self.arrived.last_mut() {
            Some(last) if !nothing_open => last.findings.append(&mut self.findings),
            _ => self.around.append(&mut self.findings),
        }
    }
}

fn keep(kept: &mut Vec<Told>, findings: &[Finding]) {
    let room = MOST_FINDINGS.saturating_sub(kept.len());
    kept.extend(findings.iter().take(room).map(Told::from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::guides::Guides;

    const REQUEST: &str = include_str!("../../../tests/data/x12/demo-277-request.x12");

    #[track_caller]
    fn check(input: &str, rejected: &[bool], around: bool) {
        let guides = Guides::embedded().unwrap();
        let (arrived, found) = read(input.as_bytes(), guides.set(), false);
        let told: Vec<bool> = arrived.iter().map(|arrived| arrived.rejected).collect();
        assert_eq!(told, rejected, "{arrived:?}");
        assert_eq!(found.iter().any(Told::refuses), around, "{found:?}");
    }

    #[test]
    fn a_sound_transaction_arrives() {
        check(REQUEST, &[false], false);
    }

    #[test]
    fn a_transaction_is_worth_no_more_than_its_envelope() {
        check(&REQUEST.replace("IEA*1*", "IEA*2*"), &[true], false);
        check(&REQUEST.replace("GE*1*", "GE*7*"), &[true], false);
        let cut = REQUEST.split("IEA").next().unwrap();
        check(cut, &[true], false);
    }

    #[test]
    fn what_is_no_interchange_is_told_beside() {
        check("ISA*00*x", &[], true);
    }

    #[test]
    fn two_interchanges_do_not_share_their_fate() {
        let broken = REQUEST
            .replace("IEA*1*", "IEA*2*")
            .replace("000002201", "000000777");
        check(&format!("{broken}{REQUEST}"), &[true, false], false);
    }
}
