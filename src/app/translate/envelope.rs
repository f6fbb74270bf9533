//! Puts envelopes around transactions that a translation made.

use x12_parser::Address;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::LineEnd;
use x12_parser::Stamp;
use x12_parser::Usage;
use x12_parser::Version;
use x12_parser::WriteError;
use x12_parser::Writer;

use super::knowledge::Envelope;
use super::knowledge::Party;
use crate::x12::Transaction;

/// Writes transactions of one guide as an interchange with one group.
///
/// # Errors
/// Refuses what the writer refuses: an id that does not fit, or a text that no separators leave room for.
pub(crate) fn write(
    transactions: &[Transaction],
    guide: &str,
    envelope: &Envelope,
    stamp: Stamp,
    control: u32,
) -> Result<Vec<u8>, WriteError> {
    let mut head = InterchangeHead::new(
        address(&envelope.sender),
        address(&envelope.receiver),
        stamp,
        control,
    );
    head.version = guide.get(..5).and_then(Version::parse).unwrap_or(Version::V00602);
    head.delimiters = Transaction::separators(transactions);
    head.line_end = LineEnd::Lf;
    if envelope.production {
        head.usage = Usage::Production;
    }
    let mut writer = Writer::new(Vec::new());
    writer.interchange(&head)?;
    writer.group(&GroupHead {
        functional_id: functional_id(transactions),
        sender: &envelope.sender.id,
        receiver: &envelope.receiver.id,
        stamp,
        control,
        guide,
    })?;
    for transaction in transactions {
        transaction.write(&mut writer)?;
    }
    writer.end_group()?;
    writer.end_interchange()?;
    writer.finish()
}

fn address(party: &Party) -> Address<'_> {
    Address {
        qualifier: &party.qualifier,
        id: &party.id,
    }
}

/// GS01 of a transaction set.
fn functional_id(transactions: &[Transaction]) -> &'static str {
    match transactions.first().map(|transaction| transaction.frame().name) {
        Some("275") => "PI",
        Some("278") => "HI",
        _ => "HN",
    }
}
