//! What the sender of an interchange is answered: TA1, 999, and an 824 where content was refused.

use x12_parser::AnswerHead;
use x12_parser::InterchangeHead;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::Party;
use x12_parser::Ta1Wish;
use x12_parser::Usage;
use x12_parser::Verdict;
use x12_parser::WriteError;
use x12_parser::Writer;
use x12_parser::acknowledge;

use crate::flow::calendar;
use crate::flow::desk::Desk;
use crate::flow::envelope;
use crate::flow::reports;
use crate::ledger::body::Draft;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;

/// TA1 and 999 where they are due, and an 824 where content was refused.
pub(crate) fn answer(
    desk: &Desk<'_>,
    sender: &TenantId,
    receipt: &InterchangeReceipt,
) -> Result<Draft, LedgerError> {
    let stamp = calendar::stamp(desk.now);
    let written = acknowledged(receipt, stamp);
    let mut bytes = written.map_err(|_| LedgerError::Malformed("an acknowledgement cannot be written"))?;
    let contested = receipt.groups.iter().flat_map(|group| &group.transactions);
    let contested = contested
        .filter(|one| one.verdict() != Verdict::Rejected)
        .any(|one| one.content_verdict() != Verdict::Accepted);
    let partner = desk.world.partner(sender.as_str());
    if let (true, Some(x12)) = (contested, partner.and_then(|partner| partner.x12.as_ref())) {
        let guide = receipt.groups.first().map_or("", |group| group.gs08.as_str());
        bytes.extend(reports::write(
            receipt,
            guide,
            &desk.world.settings.own,
            x12,
            stamp,
        )?);
    }
    Ok(envelope::numbered(bytes, sender))
}

/// The receiver answers the sender, in the interchange and in the group.
fn acknowledged(receipt: &InterchangeReceipt, stamp: x12_parser::Stamp) -> Result<Vec<u8>, WriteError> {
    let (own, other) = (&receipt.receiver, &receipt.sender);
    let mut interchange = InterchangeHead::new(address(own), address(other), stamp, envelope::PLACEHOLDER);
    interchange.usage = match receipt.isa15.as_str() {
        "P" => Usage::Production,
        "I" => Usage::Information,
        _ => Usage::Test,
    };
    let group = receipt.groups.first();
    let head = AnswerHead {
        interchange,
        sender: group.map_or(own.id.as_str(), |group| group.gs03.or(own.id.as_str())),
        receiver: group.map_or(other.id.as_str(), |group| group.gs02.or(other.id.as_str())),
        group_control: envelope::PLACEHOLDER,
        first_transaction: 1,
    };
    let mut writer = Writer::new(Vec::new());
    let answered = acknowledge(receipt, &head, Ta1Wish::WhenDue, Limits::default(), &mut writer)?;
    if answered.is_anything() {
        writer.finish()
    } else {
        Ok(Vec::new())
    }
}

fn address(party: &Party) -> x12_parser::Address<'_> {
    x12_parser::Address {
        qualifier: party.qualifier.as_str(),
        id: party.id.as_str(),
    }
}
