//! The answer to a functional group: which transactions are accepted, and where the others are wrong.
//!
//! Two things that a 999 could carry are never sent, because both are values out of the input and the input is about
//! patients: IK404, the copy of the bad element; and the `CTX` that names a business unit, whose reference is by definition
//! a patient's claim, member or trace number. Position, data element and code tell a sender who has the file enough.

mod group;
mod segments;

use super::Limits;
use super::ta1::is_told;
use crate::Code;
use crate::Finding;
use crate::GroupReceipt;
use crate::Sink;
use crate::TransactionError;
use crate::TransactionReceipt;
use crate::Verdict;
use crate::WriteError;
use crate::Writer;

/// The guide that a 999 follows.
pub const GUIDE_999: &str = "005010X231A1";

/// Most codes in IK502 to IK506, and in AK905 to AK909.
const CODES: usize = 5;

/// Writes the 999 for a group as one transaction with this control number; the writer must stand in a group of
/// acknowledgments (GS01 `FA`).
///
/// A group of acknowledgments is not answered: nothing is written then, and the answer is `false`.
///
/// # Errors
/// Refuses what the [`Writer`] refuses.
pub fn write_999<S: Sink>(
    group: &GroupReceipt,
    control: &str,
    limits: Limits,
    writer: &mut Writer<S>,
) -> Result<bool, WriteError> {
    if group.is_acknowledgment() {
        return Ok(false);
    }
    writer.transaction("999", control, Some(GUIDE_999))?;
    writer
        .segment("AK1")
        .element(group.gs01.or("ZZ"))
        .element(group.gs06.or("0"))
        .element(group.gs08.or("000000"))
        .end()?;
    let refused = group.verdict() == Verdict::Rejected;
    for transaction in &group.transactions {
        let verdict = transaction.verdict();
        // In a refused group no transaction is accepted. One that has no fault of its own is left out, because none of
        // the codes of IK502 would be true of it; AK905 says what is wrong.
        if refused && verdict == Verdict::Accepted {
            continue;
        }
        let verdict = if refused { Verdict::Rejected } else { verdict };
        write_transaction(transaction, verdict, limits, writer)?;
    }
    group::write(group, writer)?;
    writer.end_transaction()?;
    Ok(true)
}

fn write_transaction<S: Sink>(
    transaction: &TransactionReceipt,
    verdict: Verdict,
    limits: Limits,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let control = transaction.st02.between(writer.delimiters());
    writer
        .segment("AK2")
        .element(transaction.st01.or("000"))
        .element(if control.is_empty() { "0000" } else { control })
        .element(transaction.st03.as_str())
        .end()?;
    segments::write(&transaction.findings, limits, writer)?;
    let code = match verdict {
        Verdict::Accepted => "A",
        Verdict::AcceptedWithErrors => "E",
        Verdict::Rejected => "R",
    };
    let mut segment = writer.segment("IK5").element(code);
    if verdict != Verdict::Accepted {
        for error in errors(&transaction.findings) {
            segment = segment.element(error.as_str());
        }
    }
    segment.end()
}

/// The codes of IK502 to IK506: first those of the transaction itself, errors before warnings, then those that stand for
/// its segments. Where the verdict has no finding to show for, as when the caller kept only some, code 5 stands for it.
fn errors(findings: &[Finding]) -> Vec<TransactionError> {
    let mut told: Vec<&Finding> = findings.iter().filter(|finding| is_told(finding)).collect();
    told.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let own = told.iter().filter_map(|finding| match finding.code {
        Code::Transaction(error) => Some(error),
        Code::Interchange(_)
        | Code::Group(_)
        | Code::Segment(_)
        | Code::Element(_)
        | Code::Content(_)
        | Code::Note(_) => None,
    });
    let of_segments = told.iter().filter_map(|finding| match finding.code {
        Code::Segment(error) => Some(by_guide(error.as_str())),
        Code::Element(error) => Some(by_guide(error.as_str())),
        Code::Interchange(_) | Code::Group(_) | Code::Transaction(_) | Code::Content(_) | Code::Note(_) => {
            None
        }
    });
    let mut errors = first_of_each(own.chain(of_segments));
    if errors.is_empty() {
        errors.push(TransactionError::SegmentsInError);
    }
    errors
}

/// Codes that begin with an `I` say that the guide is broken, all others that the standard is.
fn by_guide(code: &str) -> TransactionError {
    if code.starts_with('I') {
        TransactionError::GuideSegmentsInError
    } else {
        TransactionError::SegmentsInError
    }
}

/// The first five different ones, in order.
fn first_of_each<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if kept.len() < CODES && !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
