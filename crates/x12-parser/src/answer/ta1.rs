//! The answer to an interchange as such.

use crate::Code;
use crate::Finding;
use crate::InterchangeError;
use crate::InterchangeReceipt;
use crate::Severity;
use crate::Sink;
use crate::Verdict;
use crate::WriteError;
use crate::Writer;

/// TA105 has room for one note, so where several findings weigh the same, the one that explains most is told: first what
/// made the rest unreadable, then what makes the whole interchange the wrong one, then single fields from left to right.
const GRAVEST_FIRST: [InterchangeError; 27] = [
    InterchangeError::PrematureEnd,
    InterchangeError::ControlStructure,
    InterchangeError::ElementSeparator,
    InterchangeError::ComponentSeparator,
    InterchangeError::TerminatorInvalid,
    InterchangeError::DuplicateControlNumber,
    InterchangeError::ControlNumbersDiffer,
    InterchangeError::ControlNumber,
    InterchangeError::GroupCount,
    InterchangeError::StandardUnsupported,
    InterchangeError::VersionUnsupported,
    InterchangeError::StandardId,
    InterchangeError::Version,
    InterchangeError::ReceiverUnknown,
    InterchangeError::AuthorizationQualifier,
    InterchangeError::AuthorizationValue,
    InterchangeError::SecurityQualifier,
    InterchangeError::SecurityValue,
    InterchangeError::SenderQualifier,
    InterchangeError::SenderId,
    InterchangeError::ReceiverQualifier,
    InterchangeError::ReceiverId,
    InterchangeError::Date,
    InterchangeError::Time,
    InterchangeError::AcknowledgmentRequest,
    InterchangeError::UsageIndicator,
    InterchangeError::Content,
];

/// What a TA1 says about an interchange, whatever becomes of its groups.
///
/// ```
/// use x12_parser::{Code, Finding, InterchangeError, InterchangeReceipt, Place, SegmentId, Ta1, Verdict};
///
/// let code = Code::Interchange(InterchangeError::ControlNumbersDiffer);
/// let receipt = InterchangeReceipt {
///     findings: vec![Finding::at(code, Place::default(), SegmentId::of(b"IEA"))],
///     ..InterchangeReceipt::default()
/// };
/// let ta1 = Ta1::of(&receipt).expect("the interchange is not one of TA1s");
/// assert!(ta1.is_due());
/// assert_eq!(ta1.verdict(), Verdict::Rejected);
/// assert_eq!(ta1.note().map(InterchangeError::as_str), Some("001"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ta1<'r> {
    receipt: &'r InterchangeReceipt,
    note: Option<InterchangeError>,
}

impl<'r> Ta1<'r> {
    /// The TA1 for an interchange. There is none for an interchange that itself only carries TA1s: acknowledgments are
    /// not acknowledged.
    #[must_use]
    pub fn of(receipt: &'r InterchangeReceipt) -> Option<Self> {
        let only_acknowledges = receipt.acknowledgments > 0 && receipt.groups.is_empty();
        (!only_acknowledges).then(|| Self {
            receipt,
            note: note(receipt),
        })
    }

    /// TA104: whether the interchange is accepted.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.receipt.verdict()
    }

    /// TA105: the gravest of what was found; nothing where the interchange is accepted.
    #[must_use]
    pub const fn note(&self) -> Option<InterchangeError> {
        self.note
    }

    /// Whether the sender must be told without asking, or has asked (ISA14).
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.receipt.isa14 || self.verdict() == Verdict::Rejected
    }

    /// Writes the TA1, for which the writer must stand between `ISA` and the first `GS`.
    ///
    /// A number, date or time that could not be kept is told as zeros.
    ///
    /// # Errors
    /// Refuses what the [`Writer`] refuses.
    pub fn write<S: Sink>(&self, writer: &mut Writer<S>) -> Result<(), WriteError> {
        let verdict = match self.verdict() {
            Verdict::Accepted => "A",
            Verdict::AcceptedWithErrors => "E",
            Verdict::Rejected => "R",
        };
        writer
            .segment("TA1")
            .element(self.receipt.isa13.or("000000000"))
            .element(self.receipt.isa09.or("000000"))
            .element(self.receipt.isa10.or("0000"))
            .element(verdict)
            .element(self.note.map_or("000", InterchangeError::as_str))
            .end()
    }
}

fn note(receipt: &InterchangeReceipt) -> Option<InterchangeError> {
    let verdict = receipt.verdict();
    if verdict == Verdict::Accepted {
        return None;
    }
    let grave = |finding: &&Finding| Verdict::of(finding.severity) == verdict;
    let gravest = receipt
        .findings
        .iter()
        .filter(grave)
        .map(|finding| as_note(finding.code))
        .min_by_key(|error| GRAVEST_FIRST.iter().position(|one| one == error));
    // A verdict without a finding of its weight comes from a caller who kept fewer findings than there were.
    Some(gravest.unwrap_or(InterchangeError::Content))
}

/// A finding of another kind between the groups concerns what the interchange holds.
const fn as_note(code: Code) -> InterchangeError {
    match code {
        Code::Interchange(error) => error,
        Code::Group(_)
        | Code::Transaction(_)
        | Code::Segment(_)
        | Code::Element(_)
        | Code::Content(_)
        | Code::Note(_) => InterchangeError::Content,
    }
}

/// Whether the sender is told of a finding at all.
pub(super) fn is_told(finding: &Finding) -> bool {
    finding.severity > Severity::Note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use crate::SegmentId;

    fn receipt(findings: &[(InterchangeError, Severity)]) -> InterchangeReceipt {
        let finding = |(error, severity): &(InterchangeError, Severity)| {
            Finding::at(Code::Interchange(*error), Place::default(), SegmentId::of(b"ISA"))
                .weighing(*severity)
        };
        InterchangeReceipt {
            findings: findings.iter().map(finding).collect(),
            ..InterchangeReceipt::default()
        }
    }

    #[track_caller]
    fn check(findings: &[(InterchangeError, Severity)], verdict: Verdict, note: Option<InterchangeError>) {
        let receipt = receipt(findings);
        let ta1 = Ta1::of(&receipt).expect("no TA1 is answered here");
        assert_eq!((ta1.verdict(), ta1.note()), (verdict, note));
    }

    #[test]
    fn the_order_of_gravity_holds_every_error_once() {
        let mut sorted = GRAVEST_FIRST;
        sorted.sort_unstable();
        assert_eq!(sorted, InterchangeError::ALL);
    }

    #[test]
    fn the_gravest_finding_is_told() {
        use InterchangeError as Error;
        check(&[], Verdict::Accepted, None);
        check(&[(Error::Date, Severity::Note)], Verdict::Accepted, None);
        check(
            &[
                (Error::ControlStructure, Severity::Warning),
                (Error::Time, Severity::Error),
            ],
            Verdict::Rejected,
            Some(Error::Time),
        );
        check(
            &[
                (Error::Date, Severity::Warning),
                (Error::GroupCount, Severity::Warning),
            ],
            Verdict::AcceptedWithErrors,
            Some(Error::GroupCount),
        );
    }

    #[test]
    fn an_interchange_of_nothing_but_ta1_is_not_answered() {
        let mut receipt = receipt(&[(InterchangeError::Date, Severity::Error)]);
        receipt.isa14 = true;
        receipt.acknowledgments = 1;
        assert!(Ta1::of(&receipt).is_none());
        receipt.groups.push(crate::GroupReceipt::default());
        assert!(Ta1::of(&receipt).is_some());
    }
}
