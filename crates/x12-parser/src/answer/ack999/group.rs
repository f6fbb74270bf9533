//! The last word about a group: AK9.

use super::first_of_each;
use crate::Code;
use crate::GroupError;
use crate::GroupReceipt;
use crate::Sink;
use crate::TransactionReceipt;
use crate::Verdict;
use crate::WriteError;
use crate::Writer;
use crate::answer::ta1::is_told;

/// Largest count of six digits (DE 97, DE 123, DE 2).
const MAX_COUNT: u64 = 999_999;

/// Writes the AK9: the verdict over the group with all its transactions, the counts, and what is wrong with the group.
pub(super) fn write<S: Sink>(group: &GroupReceipt, writer: &mut Writer<S>) -> Result<(), WriteError> {
    let received = group.received.max(group.transactions.len() as u64);
    let accepted = accepted(group, received);
    let mut segment = writer.segment("AK9").element(code(group, accepted));
    for count in [group.declared.unwrap_or(received), received, accepted] {
        segment = segment.number(count.min(MAX_COUNT));
    }
    for error in errors(group) {
        segment = segment.element(error.as_str());
    }
    segment.end()
}

/// How many transactions are accepted, with or without errors; none in a refused group. One of which no receipt was kept
/// had nothing to be told of.
fn accepted(group: &GroupReceipt, received: u64) -> u64 {
    if group.verdict() == Verdict::Rejected {
        return 0;
    }
    let refused = group
        .transactions
        .iter()
        .filter(|transaction| transaction.verdict() == Verdict::Rejected);
    received.saturating_sub(refused.count() as u64)
}

fn code(group: &GroupReceipt, accepted: u64) -> &'static str {
    let worst = group.transactions.iter().map(TransactionReceipt::verdict).max();
    let worst = worst.unwrap_or_default();
    match (group.verdict(), worst) {
        (Verdict::Rejected, _) => "R",
        (_, Verdict::Rejected) if accepted == 0 => "R",
        (_, Verdict::Rejected) => "P",
        (Verdict::AcceptedWithErrors, _) | (_, Verdict::AcceptedWithErrors) => "E",
        (Verdict::Accepted, Verdict::Accepted) => "A",
    }
}

fn errors(group: &GroupReceipt) -> Vec<GroupError> {
    let mut told: Vec<_> = group.findings.iter().filter(|finding| is_told(finding)).collect();
    told.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    first_of_each(told.into_iter().filter_map(|finding| match finding.code {
        Code::Group(error) => Some(error),
        Code::Interchange(_)
        | Code::Transaction(_)
        | Code::Segment(_)
        | Code::Element(_)
        | Code::Content(_)
        | Code::Note(_) => None,
    }))
}
