//! The checker: findings reach the envelope they concern, and receipts tell what became of it.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    reason = "a test may stop, and need not be fast"
)]

use x12_parser::Checker;
use x12_parser::Code;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::InterchangeReceipt;
use x12_parser::Keep;
use x12_parser::Matched;
use x12_parser::Note;
use x12_parser::Place;
use x12_parser::Policy;
use x12_parser::Severity;
use x12_parser::Terms;
use x12_parser::TransactionError;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;
use x12_parser::Watch;

const ISA: &str = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~";

/// Writes everything down.
#[derive(Default)]
struct Notebook {
    receipts: Vec<InterchangeReceipt>,
    transactions: Vec<(String, Verdict, u32)>,
    events: usize,
    findings: usize,
}

impl Watch for Notebook {
    fn event(&mut self, _event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        self.events += 1;
        self.findings += findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .count();
    }

    fn ending(&mut self, findings: &[Finding]) {
        self.findings += findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .count();
    }

    fn transaction(&mut self, receipt: &TransactionReceipt, place: Place) {
        let control = receipt.st02.as_str().to_owned();
        self.transactions
            .push((control, receipt.verdict(), place.transaction));
    }

    fn interchange(&mut self, receipt: InterchangeReceipt) {
        self.receipts.push(receipt);
    }
}

fn check(input: &str, terms: &Terms, size: usize) -> Notebook {
    let mut notebook = Notebook::default();
    let guides = GuideSet::default();
    let mut checker = Checker::new(terms.clone(), &guides);
    for chunk in input.as_bytes().chunks(size) {
        checker.feed(chunk, &mut notebook);
    }
    checker.finish(&mut notebook);
    notebook
}

/// A group of 277s whose SE01 is what is given for each.
fn group(counts: &[u32]) -> String {
    let mut text = "GS*HN*CLINIC*PLAN*20261120*0900*1*X*006020X313~".to_owned();
    for (number, count) in (1..).zip(counts) {
        text += &format!("ST*277*{number:04}*006020X313~BHT*0085*48*INV-{number}~SE*{count}*{number:04}~");
    }
    text + &format!("GE*{}*1~", counts.len())
}

fn whole(groups: &str) -> String {
    format!("{ISA}{groups}IEA*1*000000001~")
}

#[test]
fn each_transaction_has_its_own_verdict() {
    for size in [1, 7, 10_000] {
        let seen = check(&whole(&group(&[3, 9, 3])), &Terms::default(), size);
        let verdicts: Vec<_> = seen.transactions.iter().map(|(_, verdict, _)| *verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Accepted, Verdict::Rejected, Verdict::Accepted]
        );
        let receipt = &seen.receipts[0];
        assert_eq!(receipt.verdict(), Verdict::Accepted);
        assert_eq!(
            (receipt.groups[0].received, receipt.groups[0].declared),
            (3, Some(3))
        );
        assert_eq!(receipt.groups[0].transactions[1].reference.as_str(), "INV-2");
        assert_eq!(seen.findings, 1);
    }
}

#[test]
fn a_missing_trailer_is_held_against_the_transaction_it_belongs_to() {
    let text = whole(&group(&[3, 3])).replace("SE*3*0001~", "");
    let receipt = &check(&text, &Terms::default(), 50).receipts[0];
    let [first, second] = receipt.groups[0].transactions.as_slice() else {
        panic!("two transactions")
    };
    let codes: Vec<_> = first.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(
        codes,
        [
            Code::Note(Note::NoGuide),
            Code::Transaction(TransactionError::TrailerMissing)
        ]
    );
    assert_eq!(second.verdict(), Verdict::Accepted);
}

#[test]
fn the_policy_decides_what_refuses() {
    let code = Code::Transaction(TransactionError::SegmentCount);
    let mut terms = Terms::default();
    terms.policy = Policy::default().with(code, Severity::Warning);
    let seen = check(&whole(&group(&[9])), &terms, 50);
    assert_eq!(seen.transactions[0].1, Verdict::AcceptedWithErrors);
}

#[test]
fn receipts_may_leave_out_what_is_sound() {
    let mut terms = Terms::default();
    terms.keep = Keep::Faulty;
    let receipt = &check(&whole(&group(&[3, 9, 3])), &terms, 50).receipts[0];
    assert_eq!(receipt.groups[0].received, 3);
    assert_eq!(receipt.groups[0].transactions.len(), 1);
}

#[test]
fn kept_findings_are_bounded_and_the_verdict_is_not() {
    let mut terms = Terms::default();
    terms.max_findings = 2;
    let text = whole(&group(&[3])).replace("BHT*0085*48*INV-1~", &"x*1~".repeat(50));
    let receipt = &check(&text, &terms, 64).receipts[0];
    let transaction = &receipt.groups[0].transactions[0];
    assert_eq!(transaction.findings.len(), 2);
    assert_eq!(transaction.verdict(), Verdict::Rejected);
}

#[test]
fn an_input_that_breaks_off_still_gives_its_receipt() {
    let text = whole(&group(&[3]));
    let cut = text.split_at(text.len() - 40).0;
    let seen = check(cut, &Terms::default(), 30);
    assert_eq!(seen.receipts.len(), 1);
    assert_eq!(seen.receipts[0].verdict(), Verdict::Rejected);
    assert_eq!(seen.receipts[0].isa13.as_str(), "000000001");
}

#[test]
fn nothing_at_all_is_told_and_not_answered() {
    let seen = check("", &Terms::default(), 1);
    assert_eq!((seen.receipts.len(), seen.findings, seen.events), (0, 1, 0));
}

#[test]
fn ta1_are_counted() {
    let text = format!("{ISA}TA1*000000009*261120*0900*A*000~IEA*0*000000001~");
    let receipt = &check(&text, &Terms::default(), 9).receipts[0];
    assert_eq!((receipt.acknowledgments, receipt.groups.len()), (1, 0));
}
