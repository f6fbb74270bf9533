//! Which finding weighs how much: the caller's choice, partner by partner.

use crate::Code;
use crate::Finding;
use crate::Severity;

/// Weighs findings by their code. Without any choice, each keeps the weight it was made with.
///
/// A third of the sample files that can be found in public carry a wrong SE01, so a partner who always gets it wrong is
/// better warned than refused:
///
/// ```
/// use x12_parser::{Code, Policy, Severity, TransactionError};
///
/// let lenient = Policy::default().with(Code::Transaction(TransactionError::SegmentCount), Severity::Warning);
/// assert_eq!(lenient.severity(Code::Transaction(TransactionError::SegmentCount)), Some(Severity::Warning));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Policy {
    choices: Vec<(Code, Severity)>,
}

impl Policy {
    /// Chooses a weight for a code; a later choice replaces an earlier one.
    #[must_use]
    pub fn with(mut self, code: Code, severity: Severity) -> Self {
        self.choices.retain(|(known, _)| *known != code);
        self.choices.push((code, severity));
        self
    }

    /// The weight chosen for a code.
    #[must_use]
    pub fn severity(&self, code: Code) -> Option<Severity> {
        self.choices
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, severity)| *severity)
    }

    /// Weighs a finding. A rule of weak evidence can warn at most, whatever was chosen.
    #[must_use]
    pub fn weigh(&self, finding: Finding) -> Finding {
        let Some(chosen) = self.severity(finding.code) else {
            return finding;
        };
        let most = if finding.weak {
            Severity::Warning
        } else {
            Severity::Error
        };
        finding.weighing(chosen.min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementError;
    use crate::Place;
    use crate::SegmentId;

    fn finding(weak: bool) -> Finding {
        let code = Code::Element(ElementError::InvalidCode);
        let made = Finding::at(code, Place::default(), SegmentId::of(b"REF"));
        if weak { made.weakly_founded() } else { made }
    }

    #[test]
    fn without_a_choice_the_weight_stays() {
        assert_eq!(Policy::default().weigh(finding(false)).severity, Severity::Error);
        assert_eq!(Policy::default().weigh(finding(true)).severity, Severity::Note);
    }

    #[test]
    fn a_choice_holds_for_its_code_and_the_last_one_counts() {
        let code = Code::Element(ElementError::InvalidCode);
        let policy = Policy::default()
            .with(code, Severity::Error)
            .with(code, Severity::Note);
        assert_eq!(policy.weigh(finding(false)).severity, Severity::Note);
        assert_eq!(policy.severity(Code::Element(ElementError::TooLong)), None);
    }

    #[test]
    fn weak_evidence_never_refuses() {
        let policy = Policy::default().with(Code::Element(ElementError::InvalidCode), Severity::Error);
        assert_eq!(policy.weigh(finding(true)).severity, Severity::Warning);
    }
}
