//! Receipts for inputs, made the plain way: envelopes are checked, and anything else is found where a test says so.

use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::Events;
use x12_parser::Finding;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeReceipt;
use x12_parser::Reader;
use x12_parser::Segment;
use x12_parser::TransactionReceipt;

/// Reads an input; `judge` says what is wrong with each segment of a transaction.
pub fn receipts(input: &[u8], judge: impl Fn(&Segment<'_>) -> Vec<Finding>) -> Vec<InterchangeReceipt> {
    let mut reader = Reader::default();
    let mut envelope = Envelope::default();
    let mut gathered = Vec::new();
    gather(reader.feed(input), &mut envelope, &mut gathered, &judge);
    gather(reader.finish(), &mut envelope, &mut gathered, &judge);
    let mut last = Vec::new();
    envelope.finish(reader.consumed(), &mut |finding| last.push(finding));
    for finding in last {
        place(finding, &mut gathered);
    }
    gathered
}

fn gather(
    mut events: Events<'_, '_>,
    envelope: &mut Envelope,
    gathered: &mut Vec<InterchangeReceipt>,
    judge: &impl Fn(&Segment<'_>) -> Vec<Finding>,
) {
    while let Some(event) = events.advance() {
        let mut found = Vec::new();
        envelope.observe(&event, &mut |finding| found.push(finding));
        match event {
            Event::InterchangeStart(isa) => gathered.push(InterchangeReceipt::of(&isa)),
            Event::GroupStart(gs) => {
                if let Some(interchange) = gathered.last_mut() {
                    interchange.groups.push(GroupReceipt::of(&gs));
                }
            }
            Event::GroupEnd(ge) => {
                if let Some(group) = group(gathered) {
                    group.declared = String::from_utf8_lossy(ge.value(1)).parse().ok();
                }
            }
            Event::TransactionStart(st) => {
                if let Some(group) = group(gathered) {
                    group.received += 1;
                    group.transactions.push(TransactionReceipt::of(&st));
                }
            }
            Event::Segment(segment) if segment.id() == b"TA1" => {
                if let Some(interchange) = gathered.last_mut() {
                    interchange.acknowledgments += 1;
                }
            }
            Event::Segment(segment) => {
                if let Some(transaction) = group(gathered).and_then(|group| group.transactions.last_mut()) {
                    transaction.refer(&segment);
                }
                found.extend(judge(&segment));
            }
            Event::TransactionEnd(_)
            | Event::InterchangeEnd(_)
            | Event::BinaryStart(_)
            | Event::BinaryChunk(_)
            | Event::BinaryEnd(_)
            | Event::Fault(_) => {}
        }
        for finding in found {
            place(finding, gathered);
        }
    }
}

fn group(gathered: &mut [InterchangeReceipt]) -> Option<&mut GroupReceipt> {
    gathered.last_mut()?.groups.last_mut()
}

/// Puts a finding where its place says.
fn place(finding: Finding, gathered: &mut [InterchangeReceipt]) {
    let here = finding.place;
    let Some(interchange) = nth(gathered, here.interchange) else {
        return;
    };
    let Some(group) = nth(&mut interchange.groups, here.group) else {
        interchange.findings.push(finding);
        return;
    };
    let Some(transaction) = nth(&mut group.transactions, here.transaction) else {
        group.findings.push(finding);
        return;
    };
    transaction.findings.push(finding);
}

fn nth<T>(all: &mut [T], number: u32) -> Option<&mut T> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    all.get_mut(index)
}
