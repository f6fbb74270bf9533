//! The answer to what transactions say, as opposed to how they are written: accepted or not, and why.
//!
//! Like the 999, an 824 repeats nothing of the input but the numbers of its envelopes and the sender's own reference of the
//! transaction: TED07, the copy of the bad element, is never sent, and all words are our own constants.

use super::Limits;
use super::ta1::is_told;
use crate::Code;
use crate::ContentError;
use crate::Delimiters;
use crate::Detail;
use crate::Finding;
use crate::GroupReceipt;
use crate::Sink;
use crate::Stamp;
use crate::TransactionReceipt;
use crate::Verdict;
use crate::WriteError;
use crate::Writer;

/// Groups that are themselves answers: acknowledgments and advice.
const ANSWERS: [&str; 2] = ["FA", "AG"];
/// Who says what a code in RED06 means: the receiver of the answered transaction (RED03), in the list of the insurance
/// business (RED05).
const AGENCY: &str = "94";
const CODE_LIST: &str = "IBP";
/// Most characters in TED02.
const MAX_MESSAGE: usize = 60;

/// The guide that an 824 follows.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum AdviceGuide {
    /// `005010X186A1`, for what came under a guide of 005010.
    X186A1,
    /// `006020X257`, for what came under a guide of 006020.
    #[default]
    X257,
}

impl AdviceGuide {
    /// The id of the guide.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X186A1 => "005010X186A1",
            Self::X257 => "006020X257",
        }
    }

    /// The guide that goes with the one of a received group (GS08).
    #[must_use]
    pub fn answering(guide: &str) -> Self {
        if guide.starts_with("004") || guide.starts_with("005") {
            Self::X186A1
        } else {
            Self::X257
        }
    }
}

/// One of the two organisations that an 824 names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Correspondent<'a> {
    /// N102, up to sixty characters; may be empty.
    pub name: &'a str,
    /// N104: the electronic transmitter identification number.
    pub id: &'a str,
}

/// What an 824 says that is not in the receipts.
#[derive(Clone, Copy, Debug)]
pub struct Advice<'a> {
    /// Which guide to follow.
    pub guide: AdviceGuide,
    /// Our reference of the 824; its control number is added to it, so that several in one interchange differ (BGN02).
    pub reference: &'a str,
    /// Date and time of the answer.
    pub stamp: Stamp,
    /// Who answers (N1*41).
    pub submitter: Correspondent<'a>,
    /// Who is answered (N1*40).
    pub receiver: Correspondent<'a>,
    /// Codes of the receiver's list of business errors (RED06), for those errors that have one.
    pub business_codes: &'a [(ContentError, &'a str)],
    /// How much is told.
    pub limits: Limits,
}

/// Writes the 824 for a group as one transaction with this control number; the writer must stand in a group of advice
/// (GS01 `AG`).
///
/// Transactions that the 999 refused are left out, because nothing was read of them. Where none is left, as in a group that
/// itself holds answers, nothing is written and the answer is `false`.
///
/// # Errors
/// Refuses what the [`Writer`] refuses.
pub fn write_824<S: Sink>(
    group: &GroupReceipt,
    control: &str,
    advice: &Advice<'_>,
    writer: &mut Writer<S>,
) -> Result<bool, WriteError> {
    let advised = advised(group);
    if advised.is_empty() {
        return Ok(false);
    }
    writer.transaction("824", control, Some(advice.guide.as_str()))?;
    let original = match advised.as_slice() {
        [only] => only.reference.between(writer.delimiters()),
        _ => "",
    };
    writer
        .segment("BGN")
        .element("11")
        .element(&format!("{}{control}", advice.reference))
        .element(advice.stamp.date())
        .element(advice.stamp.time())
        .element("")
        .element(original)
        .element("")
        .element(action(group, &advised))
        .end()?;
    write_correspondent("41", advice.submitter, writer)?;
    write_correspondent("40", advice.receiver, writer)?;
    for transaction in advised {
        write_transaction(group, transaction, advice, writer)?;
    }
    writer.end_transaction()?;
    Ok(true)
}

/// The transactions that an 824 speaks of.
pub(super) fn advised(group: &GroupReceipt) -> Vec<&TransactionReceipt> {
    if ANSWERS.contains(&group.gs01.as_str()) || group.verdict() == Verdict::Rejected {
        return Vec::new();
    }
    let read = |one: &&TransactionReceipt| one.verdict() != Verdict::Rejected;
    group.transactions.iter().filter(read).collect()
}

/// BGN08: all refused, all accepted, or some of each. A transaction of which no receipt was kept is accepted.
fn action(group: &GroupReceipt, advised: &[&TransactionReceipt]) -> &'static str {
    let refused = |one: &&TransactionReceipt| one.content_verdict() == Verdict::Rejected;
    let left_out = group.received > group.transactions.len() as u64;
    match advised.iter().copied().filter(refused).count() {
        0 => "WQ",
        all if all == advised.len() && !left_out => "U",
        _ => "CP",
    }
}

fn write_correspondent<S: Sink>(
    entity: &str,
    correspondent: Correspondent<'_>,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    writer
        .segment("N1")
        .element(entity)
        .element(correspondent.name)
        .element("46")
        .element(correspondent.id)
        .end()
}

fn write_transaction<S: Sink>(
    group: &GroupReceipt,
    transaction: &TransactionReceipt,
    advice: &Advice<'_>,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let delimiters = writer.delimiters();
    let outcome = match transaction.content_verdict() {
        Verdict::Accepted => "TA",
        Verdict::AcceptedWithErrors => "TE",
        Verdict::Rejected => "TR",
    };
    let reference = transaction.reference.between(delimiters);
    let control = transaction.st02.between(delimiters);
    writer
        .segment("OTI")
        .element(outcome)
        .element("TN")
        .element(if reference.is_empty() { "NA" } else { reference })
        .element("")
        .element("")
        .element(group.gs04.as_str())
        .element(group.gs05.as_str())
        .element(group.gs06.or("0"))
        .element(if control.is_empty() { "0000" } else { control })
        .element(transaction.st01.as_str())
        .element(group.gs08.as_str())
        .end()?;
    let told = transaction
        .findings
        .iter()
        .filter_map(|finding| match finding.code {
            Code::Content(error) if is_told(finding) => Some((finding, error)),
            Code::Interchange(_)
            | Code::Group(_)
            | Code::Transaction(_)
            | Code::Segment(_)
            | Code::Element(_)
            | Code::Content(_)
            | Code::Note(_) => None,
        });
    for (finding, error) in told.take(advice.limits.segments) {
        write_error(finding, error, advice, writer)?;
    }
    Ok(())
}

/// One TED, and a RED where the error has a business code.
fn write_error<S: Sink>(
    finding: &Finding,
    error: ContentError,
    advice: &Advice<'_>,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let message = message(finding, error, writer.delimiters());
    let part = |number: u8| match number {
        0 => String::new(),
        number => number.min(99).to_string(),
    };
    let element = finding.element.unwrap_or_default();
    let place = finding.segment.is_well_formed().then_some(finding.place.position);
    let position = place.filter(|position| *position > 0);
    let mut segment = writer.segment("TED").element(error.as_str()).element(&message);
    if let Some(position) = position {
        segment = segment
            .element(finding.segment.as_str())
            .number(u64::from(position))
            .element(&part(element.element));
    }
    if position.is_some() && element.element > 0 {
        let dictionary = element.dictionary.filter(|number| (1..=9999).contains(number));
        segment = segment
            .component(&part(element.component))
            .component(&part(element.repetition))
            .element(&dictionary.map(|number| number.to_string()).unwrap_or_default());
    }
    segment.end()?;
    let Some((_, code)) = advice.business_codes.iter().find(|(known, _)| *known == error) else {
        return Ok(());
    };
    writer
        .segment("RED")
        .element(&message)
        .element("")
        .element(AGENCY)
        .element("")
        .element(CODE_LIST)
        .element(code)
        .end()
}

/// What is wrong, in capitals, which every receiver can read: our own clause where there is one, else what the code says.
fn message(finding: &Finding, error: ContentError, delimiters: Delimiters) -> String {
    let clause = match finding.detail {
        Detail::Clause(clause) => clause,
        Detail::None | Detail::Counts { .. } | Detail::Length { .. } | Detail::Expected(_) => error.meaning(),
    };
    let letters = clause.chars().take(MAX_MESSAGE);
    letters
        .map(|letter| match u8::try_from(letter) {
            Ok(byte) if delimiters.contains(byte) || byte.is_ascii_control() => ' ',
            _ => letter.to_ascii_uppercase(),
        })
        .collect()
}
