//! X12 read once: checked by the guides, assembled into transactions, with the receipts that answer it.

use bytes::Bytes;
use x12_parser::BinaryChunk;
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

use crate::fhir::json::CutId;
use crate::fhir::json::Seal;
use crate::flow::facts::x12::Gathering;
use crate::flow::heavy::CUT_OVER;
use crate::flow::heavy::Op;
use crate::flow::heavy::Passing;
use crate::flow::heavy::Wire;
use crate::flow::settings::X12Terms;
use crate::flow::world::World;
use crate::routing::facts::Facts;
use crate::translate::stream::Held;
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
    let mut inspection = Inspection::whole(world.guides(sender), sender);
    inspection.checker.feed(input, &mut inspection.look);
    // Whoever reads a whole input has divided it before, so there is one interchange in it.
    inspection.finish().0.unwrap_or_default()
}

/// An interchange being read.
pub(crate) struct Inspection<'g> {
    checker: Checker<'g>,
    look: Look,
}

impl<'g> Inspection<'g> {
    /// One of which everything is kept.
    pub(crate) fn whole(guides: &'g GuideSet, sender: Option<&X12Terms>) -> Self {
        Self {
            checker: Checker::new(terms(sender), guides),
            look: Look::default(),
        }
    }

    /// One of which long payloads are cut out.
    pub(crate) fn cutting(guides: &'g GuideSet, sender: Option<&X12Terms>, seal: Seal) -> Self {
        let mut inspection = Self::whole(guides, sender);
        inspection.look.cutter = Some(Cutter {
            seal,
            next: 0,
            piece: Bytes::new(),
            base: 0,
            cut_out: 0,
            held: 0,
            ops: Vec::new(),
            open: None,
        });
        inspection
    }

    /// Reads the next piece; gives what is to be done with the payloads in it.
    pub(crate) fn cut(&mut self, piece: &Bytes) -> Vec<Op> {
        if let Some(cutter) = &mut self.look.cutter {
            cutter.base += cutter.piece.len() as u64;
            cutter.piece = piece.clone();
        }
        self.checker.feed(piece, &mut self.look);
        self.look.ops()
    }

    /// How much is held of what was read.
    pub(crate) fn weight(&self) -> u64 {
        let cutter = self.look.cutter.as_ref();
        cutter.map_or(0, |cutter| {
            let read = cutter.base + cutter.piece.len() as u64;
            read.saturating_sub(cutter.cut_out) + cutter.held
        })
    }

    /// Ends the input; gives what was read unless it was more than one interchange.
    pub(crate) fn finish(self) -> (Option<Inspected>, Vec<Op>) {
        let Self { checker, mut look } = self;
        checker.finish(&mut look);
        let ops = look.ops();
        (look.inspected(), ops)
    }
}

/// Takes long payloads out of what is read.
struct Cutter {
    seal: Seal,
    /// The number of the next payload.
    next: u32,
    /// What is being read, and where in the input it begins.
    piece: Bytes,
    base: u64,
    /// How much was cut out, and how much is held of that.
    cut_out: u64,
    held: u64,
    ops: Vec<Op>,
    open: Option<Long>,
}

/// A long payload, until it has passed by.
struct Long {
    passing: Passing,
    /// Where it begins, once some of it has come.
    begins: Option<(u64, Place)>,
}

impl Cutter {
    fn begin(&mut self, held: Held) {
        self.open = Some(Long {
            passing: Passing::new(CutId::new(self.next), held),
            begins: None,
        });
        self.next = self.next.saturating_add(1);
        self.ops.push(Op::Begin);
    }

    /// Takes octets of a long payload; false if they are not of one.
    fn pass(&mut self, chunk: &BinaryChunk<'_>) -> bool {
        let Some(open) = &mut self.open else { return false };
        open.begins.get_or_insert((chunk.offset, chunk.place));
        open.passing.take(chunk.bytes);
        self.cut_out += chunk.bytes.len() as u64;
        let start = usize::try_from(chunk.offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let at = start..start.saturating_add(chunk.bytes.len());
        let as_sent = self.piece.get(at.clone()) == Some(chunk.bytes);
        self.ops.push(if as_sent && chunk.offset >= self.base {
            Op::AsSent(at)
        } else {
            Op::As(chunk.bytes.to_vec(), 0)
        });
        true
    }
}

impl Look {
    fn ops(&mut self) -> Vec<Op> {
        self.cutter
            .as_mut()
            .map(|cutter| std::mem::take(&mut cutter.ops))
            .unwrap_or_default()
    }

    fn inspected(self) -> Option<Inspected> {
        let Self {
            mut receipts,
            mut arrived,
            acks,
            delimiters,
            ..
        } = self;
        if receipts.len() > 1 {
            return None;
        }
        let receipt = receipts.pop().unwrap_or_default();
        let whole = receipt.verdict() == Verdict::Rejected;
        for transaction in &mut arrived {
            let group = receipt.groups.get(transaction.group);
            let told = group.and_then(|group| group.transactions.get(transaction.place));
            transaction.rejected = whole
                || group.is_none_or(|group| group.verdict() == Verdict::Rejected)
                || told.is_none_or(|told| told.verdict().max(told.content_verdict()) == Verdict::Rejected);
        }
        Some(Inspected {
            receipt,
            transactions: arrived,
            acknowledged: acks.finish(),
            delimiters,
        })
    }

    /// Sees an event in which a long payload is only its stand-in.
    fn see(&mut self, event: &Event<'_>) {
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
}

/// The first thing in what we wrote ourselves for which its receiver would refuse it.
pub(crate) fn first_fault(written: &[u8], world: &World, receiver: Option<&X12Terms>) -> Option<String> {
    let mut faults = Faults::default();
    let mut checker = Checker::new(terms(receiver), world.guides(receiver));
    checker.feed(written, &mut faults);
    checker.finish(&mut faults);
    faults.first
}

fn terms(partner: Option<&X12Terms>) -> Terms {
    let mut terms = Terms::default();
    if let Some(partner) = partner {
        terms.settings = terms.settings.with_repair(partner.repair);
        terms.policy = partner.policy.clone();
    }
    terms
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
    cutter: Option<Cutter>,
}

impl Watch for Look {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, _findings: &[Finding]) {
        let Some(cutter) = &mut self.cutter else {
            return self.see(event);
        };
        match event {
            Event::BinaryStart(head) => {
                if head.declared > CUT_OVER {
                    cutter.begin(match head.filter() {
                        Some(b"B64") => Held::Base64,
                        _ => Held::Octets,
                    });
                }
                self.see(event);
            }
            Event::BinaryChunk(chunk) => {
                if !cutter.pass(chunk) {
                    self.see(event);
                }
            }
            Event::BinaryEnd(_) => {
                if let Some(Long { passing, begins }) = cutter.open.take() {
                    // One that cannot be recognised can still be passed on.
                    let (ended, _) = passing.finish(&cutter.seal, Wire::X12);
                    cutter.held += ended.weight();
                    let bytes = ended.stand_in().to_vec();
                    cutter.ops.push(Op::End(Box::new(ended)));
                    if let Some((offset, place)) = begins {
                        let bytes = &bytes;
                        self.see(&Event::BinaryChunk(BinaryChunk { bytes, offset, place }));
                    }
                }
                self.see(event);
            }
            _ => self.see(event),
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
