//! What partners that speak X12 are told later: what became of what they handed in, or asked, as an 824.

use x12_parser::Advice;
use x12_parser::AdviceGuide;
use x12_parser::AnswerHead;
use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::Correspondent;
use x12_parser::Detail;
use x12_parser::Echo;
use x12_parser::Finding;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeHead;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::Place;
use x12_parser::SegmentId;
use x12_parser::TransactionReceipt;
use x12_parser::Writer;
use x12_parser::advise;

use crate::exchange::delivery::Cargo;
use crate::exchange::effect::DeadReason;
use crate::exchange::effect::Outcome;
use crate::exchange::effect::Side;
use crate::exchange::ids::DeliveryId;
use crate::flow::calendar;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::dossier::EnvelopeNames;
use crate::flow::dossier::Origin;
use crate::flow::envelope;
use crate::flow::settings::Own;
use crate::flow::settings::X12Terms;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::OutboundId;

/// The first number of a message that is a report and no delivery.
pub(crate) const FIRST_REPORT: u32 = 1 << 30;

/// What a report says of a transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said {
    Accepted,
    Refused(&'static str),
}

impl Desk<'_> {
    /// Tells a side that speaks X12 what became of something; what FHIR sides are told stands in the Task.
    pub(super) async fn report(&mut self, id: FileId, to: Side, outcome: Outcome) -> Result<(), Declined> {
        let dossier = &self.file(id).dossier;
        let (name, other) = match to {
            Side::Requester => (&dossier.requester, &dossier.source),
            Side::Source => (&dossier.source, &dossier.requester),
        };
        let world = std::sync::Arc::clone(&self.world);
        let Some(partner) = world.partner(name) else {
            return Ok(());
        };
        let Some(x12) = &partner.x12 else {
            return Ok(());
        };
        // The 999 of a payer says that it can read an answer, and not that it takes it.
        let is_final = world.partner(other).is_some_and(|other| other.x12.is_none());
        let (origins, said) = match outcome {
            Outcome::Accepted { delivery } if is_final => (self.carried(id, delivery), Said::Accepted),
            Outcome::HandedOver | Outcome::Accepted { .. } => return Ok(()),
            Outcome::Refused { delivery, .. } => (
                self.carried(id, delivery),
                Said::Refused("the payer refused the attachment"),
            ),
            Outcome::NotDelivered { delivery, why } => {
                (self.carried(id, delivery), Said::Refused(undelivered(why)))
            }
            Outcome::NotHandedOver => (
                self.file(id).dossier.request.clone().into_iter().collect(),
                Said::Refused("the request was not taken by the provider"),
            ),
            Outcome::Failed => (
                self.file(id).dossier.request.clone().into_iter().collect(),
                Said::Refused("the request was not answered"),
            ),
        };
        let envelopes: Vec<EnvelopeNames> =
            origins.into_iter().filter_map(|origin| origin.envelope).collect();
        if envelopes.is_empty() {
            return Ok(());
        }
        let written = self.advice(&envelopes, said, x12)?;
        if written.is_empty() {
            return Ok(());
        }
        let draft = envelope::numbered(written, &partner.name);
        let file = self.file_mut(id);
        let number = FIRST_REPORT.saturating_add(file.dossier.reports);
        file.dossier.reports += 1;
        let outbound = OutboundId {
            folio: file.id,
            number,
        };
        let errand = self.x12_errand("824");
        self.put_out(outbound, partner, draft, &errand).await?;
        Ok(())
    }

    /// Where the parts of a delivery came from.
    fn carried(&self, id: FileId, delivery: DeliveryId) -> Vec<Origin> {
        let file = self.file(id);
        let cargo = file.exchange.delivery(delivery).map(|delivery| &delivery.cargo);
        let Some(Cargo::Parts(parts)) = cargo else {
            return Vec::new();
        };
        parts
            .iter()
            .filter_map(|part| file.dossier.parts.get(part.number() as usize).cloned())
            .collect()
    }

    fn advice(&self, envelopes: &[EnvelopeNames], said: Said, to: &X12Terms) -> Result<Vec<u8>, LedgerError> {
        let own = &self.world.settings.own;
        let receipt = InterchangeReceipt {
            groups: envelopes.iter().map(|names| group(names, said)).collect(),
            ..InterchangeReceipt::default()
        };
        let guide = envelopes.first().map_or("", |names| names.gs08.as_str());
        write(&receipt, guide, own, to, calendar::stamp(self.now))
    }
}

/// An 824 of ours for a partner; nothing where there is nothing to say.
pub(crate) fn write(
    receipt: &InterchangeReceipt,
    guide: &str,
    own: &Own,
    to: &X12Terms,
    stamp: x12_parser::Stamp,
) -> Result<Vec<u8>, LedgerError> {
    let mut interchange = InterchangeHead::new(
        envelope::address(&own.isa),
        envelope::address(&to.isa),
        stamp,
        envelope::PLACEHOLDER,
    );
    interchange.version = envelope::version(guide);
    interchange.usage = envelope::usage(own);
    let head = AnswerHead {
        interchange,
        sender: &own.gs,
        receiver: &to.gs,
        group_control: envelope::PLACEHOLDER,
        first_transaction: 1,
    };
    let advice = Advice {
        guide: AdviceGuide::answering(guide),
        reference: "ADVICE",
        stamp,
        submitter: Correspondent {
            name: "",
            id: &own.gs,
        },
        receiver: Correspondent { name: "", id: &to.gs },
        business_codes: &[],
        limits: Limits::default(),
    };
    let unwritable = |_| LedgerError::Malformed("an advice cannot be written to this partner");
    let mut writer = Writer::new(Vec::new());
    let answered = advise(receipt, &head, &advice, &mut writer).map_err(unwritable)?;
    if !answered.is_anything() {
        return Ok(Vec::new());
    }
    writer.finish().map_err(unwritable)
}

/// The receipt of a group that holds one transaction, as far as an 824 needs it.
fn group(names: &EnvelopeNames, said: Said) -> GroupReceipt {
    let mut transaction = TransactionReceipt {
        st01: Echo::code(names.st01.as_bytes(), 3..=3),
        st02: Echo::control(names.st02.as_bytes()),
        reference: Echo::name(names.reference.as_bytes(), 1..=50),
        ..TransactionReceipt::default()
    };
    if let Said::Refused(why) = said {
        transaction.findings.push(content(ContentError::Other, why));
    }
    GroupReceipt {
        gs01: Echo::code(names.gs01.as_bytes(), 2..=2),
        gs04: Echo::number(names.gs04.as_bytes(), 8..=8),
        gs05: Echo::number(names.gs05.as_bytes(), 4..=8),
        gs06: Echo::number(names.gs06.as_bytes(), 1..=9),
        gs08: Echo::code(names.gs08.as_bytes(), 1..=12),
        received: 1,
        transactions: vec![transaction],
        ..GroupReceipt::default()
    }
}

/// What is wrong with what a transaction says.
pub(crate) fn content(error: ContentError, why: &'static str) -> Finding {
    Finding::at(Code::Content(error), Place::default(), SegmentId::of(b"ST")).with_detail(Detail::Clause(why))
}

const fn undelivered(why: DeadReason) -> &'static str {
    match why {
        DeadReason::LifeSpent => "the attachment could not be delivered in time",
        DeadReason::Refused { .. } => "the payer refused the attachment",
        DeadReason::HoldExpired => "nothing is known that the attachment belongs to",
        DeadReason::SetExpired => "the set of attachments was not finished in time",
        DeadReason::NoLongerWanted => "the attachment is no longer wanted",
        DeadReason::SourceEnded => "the request had been ended by the provider",
        DeadReason::Abandoned => "an operator ended the exchange",
    }
}
