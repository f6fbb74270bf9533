//! One input from its first byte to its report.

use x12_parser::Code;
use x12_parser::Detail;
use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::Events;
use x12_parser::Finding;
use x12_parser::Framing;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeError;
use x12_parser::Place;
use x12_parser::Policy;
use x12_parser::Reader;
use x12_parser::Segment;
use x12_parser::SegmentId;
use x12_parser::Settings;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;

use super::excerpt::Underlined;
use super::recent::Recent;
use super::report::Findings;
use super::report::LISTED;
use super::report::Report;
use super::report::Totals;
use super::report::Transaction;

/// How an input is checked.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// How the reader treats what it meets.
    pub(crate) settings: Settings,
    /// Which finding weighs how much.
    pub(crate) policy: Policy,
    /// The most findings that are kept.
    pub(crate) limit: usize,
    /// What is shown of the segments that findings point to.
    pub(crate) excerpts: Excerpts,
}

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

/// A check under way.
pub(crate) struct Inspection {
    reader: Reader,
    envelope: Envelope,
    notebook: Notebook,
}

/// What is written down on the way.
struct Notebook {
    policy: Policy,
    excerpts: Excerpts,
    recent: Recent,
    report: Report,
    /// Whether a finding waits for its segment to come.
    early: bool,
    /// The transaction that is open and the guide of its group.
    open: Option<Transaction>,
    guide: String,
}

impl Inspection {
    /// A check of the input called `name`, on `terms`.
    pub(crate) fn new(name: String, terms: &Terms) -> Self {
        let report = Report {
            name,
            interchanges: 0,
            transactions: Vec::new(),
            totals: Totals::default(),
            findings: Findings::new(terms.limit),
            repaired: false,
            verdict: Verdict::Accepted,
        };
        Self {
            reader: Reader::new(terms.settings),
            envelope: Envelope::default(),
            notebook: Notebook {
                policy: terms.policy.clone(),
                excerpts: terms.excerpts,
                recent: Recent::default(),
                report,
                early: false,
                open: None,
                guide: String::new(),
            },
        }
    }

    /// Takes the next bytes of the input.
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        follow(self.reader.feed(chunk), &mut self.envelope, &mut self.notebook);
    }

    /// Ends the input and judges it as a whole.
    pub(crate) fn finish(mut self) -> Report {
        follow(self.reader.finish(), &mut self.envelope, &mut self.notebook);
        let length = self.reader.consumed();
        self.envelope
            .finish(length, &mut |finding| self.notebook.found(finding));
        if length == 0 {
            self.notebook.found(empty());
        }
        self.notebook.close();
        self.notebook.report
    }

    /// Stops where the input could not be read any further; what is missing is then not the sender's fault.
    pub(crate) fn abandon(mut self) -> Report {
        self.notebook.close();
        self.notebook.report
    }
}

/// An input without a byte is no interchange either.
fn empty() -> Finding {
    let code = Code::Interchange(InterchangeError::ControlStructure);
    Finding::at(code, Place::default(), SegmentId::of(b"ISA"))
        .with_detail(Detail::Clause("the input is empty"))
}

fn follow(mut events: Events<'_, '_>, envelope: &mut Envelope, notebook: &mut Notebook) {
    while let Some(event) = events.advance() {
        notebook.see(&event);
        envelope.observe(&event, &mut |finding| notebook.found(finding));
        if let Event::TransactionEnd(_) = event {
            notebook.close();
        }
    }
}

impl Notebook {
    fn see(&mut self, event: &Event<'_>) {
        if self.excerpts != Excerpts::None {
            self.recent.remember(event);
            if event.segment().is_some() && std::mem::take(&mut self.early) {
                let (excerpts, recent) = (self.excerpts, &self.recent);
                self.report
                    .findings
                    .show_late(|finding| underline(finding, excerpts, recent));
            }
        }
        match event {
            Event::InterchangeStart(_) => self.report.interchanges += 1,
            Event::GroupStart(segment) => GroupReceipt::of(segment)
                .gs08
                .as_str()
                .clone_into(&mut self.guide),
            Event::TransactionStart(segment) => self.open(segment),
            Event::BinaryEnd(end) => self.report.repaired |= end.framing == Framing::Repaired,
            Event::Segment(_)
            | Event::BinaryStart(_)
            | Event::BinaryChunk(_)
            | Event::TransactionEnd(_)
            | Event::GroupEnd(_)
            | Event::InterchangeEnd(_)
            | Event::Fault(_) => {}
        }
    }

    fn open(&mut self, segment: &Segment<'_>) {
        self.close();
        let receipt = TransactionReceipt::of(segment);
        let guide = if receipt.st03.is_empty() {
            self.guide.clone()
        } else {
            receipt.st03.to_string()
        };
        self.open = Some(Transaction {
            set: receipt.st01.to_string(),
            guide,
            control: receipt.st02.to_string(),
            verdict: Verdict::Accepted,
        });
    }

    fn close(&mut self) {
        let Some(closed) = self.open.take() else { return };
        self.report.totals.add(closed.verdict);
        if self.report.transactions.len() < LISTED {
            self.report.transactions.push(closed);
        }
    }

    fn found(&mut self, finding: Finding) {
        let finding = self.policy.weigh(finding);
        let verdict = Verdict::of(finding.severity);
        self.report.verdict = self.report.verdict.max(verdict);
        if let Some(open) = &mut self.open
            && finding.place.in_transaction()
        {
            open.verdict = open.verdict.max(verdict);
        }
        let shown = self
            .report
            .findings
            .add(&finding, || underline(&finding, self.excerpts, &self.recent));
        self.early |= !shown;
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
