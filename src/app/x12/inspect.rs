//! One input from its first byte to its report.

use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::Framing;
use x12_parser::GroupReceipt;
use x12_parser::GuideSet;
use x12_parser::InterchangeReceipt;
use x12_parser::Matched;
use x12_parser::Place;
use x12_parser::Terms;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;
use x12_parser::Watch;

use super::answers::Answerer;
use super::answers::Answers;
use super::excerpt::Underlined;
use super::recent::Recent;
use super::report::Findings;
use super::report::LISTED;
use super::report::Report;
use super::report::Totals;
use super::report::Transaction;

/// What is shown of the segments that findings point to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Excerpts {
    /// Nothing.
    None,
    /// Their shape.
    Masked,
    /// Their text.
    Plain,
}

/// What is shown of the findings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Showing {
    /// The most that are listed.
    pub(crate) limit: usize,
    /// What of their segments.
    pub(crate) excerpts: Excerpts,
}

/// A check under way.
pub(crate) struct Inspection<'a> {
    checker: Checker<'a>,
    notebook: Notebook<'a>,
}

/// What is written down on the way.
struct Notebook<'a> {
    /// Writes the answers, where they are wanted.
    answerer: Option<&'a mut Answerer>,
    answers: Answers,
    excerpts: Excerpts,
    recent: Recent,
    report: Report,
    /// The guide of the group that is open.
    guide: String,
    /// Whether a finding waits for its segment to come.
    early: bool,
}

impl<'a> Inspection<'a> {
    /// A check of the input called `name`, on `terms` and by `guides`.
    pub(crate) fn new(name: String, terms: Terms, guides: &'a GuideSet, showing: Showing) -> Self {
        let report = Report {
            name,
            interchanges: 0,
            transactions: Vec::new(),
            totals: Totals::default(),
            findings: Findings::new(showing.limit),
            repaired: false,
            verdict: Verdict::Accepted,
        };
        Self {
            checker: Checker::new(terms, guides),
            notebook: Notebook {
                answerer: None,
                answers: Answers::default(),
                excerpts: showing.excerpts,
                recent: Recent::default(),
                report,
                guide: String::new(),
                early: false,
            },
        }
    }

    /// Lets each interchange be answered when it is over; the terms must then keep every transaction.
    pub(crate) const fn answered_by(mut self, answerer: &'a mut Answerer) -> Self {
        self.notebook.answerer = Some(answerer);
        self
    }

    /// Takes the next bytes of the input.
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        self.checker.feed(chunk, &mut self.notebook);
    }

    /// Ends the input, judges it as a whole and tells what would be answered.
    pub(crate) fn finish(mut self) -> (Report, Answers) {
        self.checker.finish(&mut self.notebook);
        self.notebook.report.findings.sort();
        (self.notebook.report, self.notebook.answers)
    }

    /// Stops where the input could not be read any further; what is missing is then not the sender's fault.
    pub(crate) fn abandon(self) -> Report {
        self.notebook.report
    }
}

impl Watch for Notebook<'_> {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        if self.excerpts != Excerpts::None {
            self.recent.remember(event);
            if self.early && event.segment().is_some() {
                self.early = false;
                self.show_late();
            }
        }
        match event {
            Event::InterchangeStart(_) => self.report.interchanges += 1,
            Event::GroupStart(segment) => GroupReceipt::of(segment)
                .gs08
                .as_str()
                .clone_into(&mut self.guide),
            Event::BinaryEnd(end) => self.report.repaired |= end.framing == Framing::Repaired,
            Event::TransactionStart(_)
            | Event::Segment(_)
            | Event::BinaryStart(_)
            | Event::BinaryChunk(_)
            | Event::TransactionEnd(_)
            | Event::GroupEnd(_)
            | Event::InterchangeEnd(_)
            | Event::Fault(_) => {}
        }
        self.ending(findings);
    }

    fn ending(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.found(finding);
        }
    }

    fn transaction(&mut self, receipt: &TransactionReceipt, _place: Place) {
        let verdict = receipt.verdict().max(receipt.content_verdict());
        self.report.totals.add(verdict);
        if self.report.transactions.len() >= LISTED {
            return;
        }
        let guide = if receipt.st03.is_empty() {
            self.guide.clone()
        } else {
            receipt.st03.to_string()
        };
        self.report.transactions.push(Transaction {
            set: receipt.st01.to_string(),
            guide,
            control: receipt.st02.to_string(),
            verdict,
        });
    }

    fn interchange(&mut self, receipt: InterchangeReceipt) {
        if let Some(answerer) = &mut self.answerer {
            answerer.answer(&receipt, &mut self.answers);
        }
    }
}

impl Notebook<'_> {
    fn found(&mut self, finding: &Finding) {
        let verdict = Verdict::of(finding.severity);
        self.report.verdict = self.report.verdict.max(verdict);
        let shown = self
            .report
            .findings
            .add(finding, || underline(finding, self.excerpts, &self.recent));
        self.early |= !shown;
    }

    fn show_late(&mut self) {
        let (excerpts, recent) = (self.excerpts, &self.recent);
        self.report
            .findings
            .show_late(|finding| underline(finding, excerpts, recent));
    }
}

/// The segment that `finding` points to, with the fault underlined, if that is wanted and the segment is known.
fn underline(finding: &Finding, excerpts: Excerpts, recent: &Recent) -> Option<Underlined> {
    let masked = match excerpts {
        Excerpts::None => return None,
        Excerpts::Masked => true,
        Excerpts::Plain => false,
    };
    let (excerpt, at) = recent.find(finding.offset, masked)?;
    let length = usize::try_from(finding.length).unwrap_or(usize::MAX);
    Some(excerpt.underline(at, length))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::app::x12::json;
    use crate::app::x12::json::Besides;
    use crate::mapping::guides::Guides;

    const ATTACHMENT: &[u8] = include_bytes!("../../../tests/data/x12/demo-275-attachment.x12");
    const SHOWING: Showing = Showing {
        limit: 1000,
        excerpts: Excerpts::None,
    };
    /// Values of the sample that name a person or a claim, and the start of its payload.
    const PRIVATE: [&str; 5] = ["MARLOWE", "HP0042117", "NC-2026-0417", "CASE-88123", "PD94bWwg"];

    /// All that a program is told of a message, the answer included.
    fn told(message: &[u8], guides: &Guides) -> String {
        let mut answerer = Answerer::at(UNIX_EPOCH);
        let inspection = Inspection::new(String::new(), Terms::default(), guides.set(), SHOWING);
        let mut inspection = inspection.answered_by(&mut answerer);
        inspection.feed(message);
        let (report, answers) = inspection.finish();
        let ack = String::from_utf8(answers.bytes).unwrap();
        let besides = Besides {
            ack: Some(&ack),
            error: None,
        };
        let mut line = Vec::new();
        json::write(&report, besides, &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn no_program_is_told_a_value_whatever_is_broken() {
        let guides = Guides::embedded().unwrap();
        let mut message = ATTACHMENT.to_vec();
        let mut marks = b"*~:^A0 \n".iter().cycle();
        for (at, byte) in ATTACHMENT.iter().enumerate() {
            for mark in marks.by_ref().take(2) {
                message[at] = *mark;
                let told = told(&message, &guides);
                for value in PRIVATE {
                    assert!(!told.contains(value), "{value} is told where byte {at} is {mark}");
                }
            }
            message[at] = *byte;
        }
    }

    #[test]
    fn a_report_does_not_depend_on_the_chunks() {
        let guides = Guides::embedded().unwrap();
        let showing = Showing {
            excerpts: Excerpts::Plain,
            ..SHOWING
        };
        let broken = String::from_utf8_lossy(ATTACHMENT)
            .replace("*XX*1234567893", "*XX*1234567890")
            .replace("SE*16", "SE*x");
        let report = |size| {
            let mut inspection = Inspection::new(String::new(), Terms::default(), guides.set(), showing);
            for chunk in broken.as_bytes().chunks(size) {
                inspection.feed(chunk);
            }
            format!("{:?}", inspection.finish().0)
        };
        let whole = report(broken.len());
        assert!(whole.contains("^^^^^^^^^^"), "{whole}");
        for size in [1, 7, 100] {
            assert_eq!(report(size), whole);
        }
    }
}
