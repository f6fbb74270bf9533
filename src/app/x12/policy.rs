//! Codes of findings as an operator writes them, and what he wants them to weigh.

use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::ElementError;
use x12_parser::GroupError;
use x12_parser::InterchangeError;
use x12_parser::Note;
use x12_parser::Policy;
use x12_parser::SegmentError;
use x12_parser::Severity;
use x12_parser::TransactionError;

/// The choices of the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Choices {
    /// Refuse for this finding, such as IK304-2; may be given more than once
    #[arg(long, value_name = "CODE", value_parser = parse, value_delimiter = ',')]
    reject: Vec<Code>,
    /// Accept in spite of this finding, such as IK502-4, and tell the sender of it
    #[arg(long, value_name = "CODE", value_parser = parse, value_delimiter = ',')]
    warn: Vec<Code>,
    /// Accept in spite of this finding and say nothing to the sender
    #[arg(long, value_name = "CODE", value_parser = parse, value_delimiter = ',')]
    accept: Vec<Code>,
}

impl Choices {
    /// The policy they make; where one code is given twice, the milder choice counts.
    pub(crate) fn policy(&self) -> Policy {
        let choices = [
            (&self.reject, Severity::Error),
            (&self.warn, Severity::Warning),
            (&self.accept, Severity::Note),
        ];
        let mut policy = Policy::default();
        for (codes, severity) in choices {
            for code in codes {
                policy = policy.with(*code, severity);
            }
        }
        policy
    }
}

/// Reads a code as reports print it.
pub(crate) fn parse(text: &str) -> Result<Code, String> {
    let wanted = text.trim();
    all()
        .find(|code| code.to_string().eq_ignore_ascii_case(wanted))
        .ok_or_else(|| "not a code of a finding, such as IK502-4, IK403-7, TA105-001 or AK905-5".to_owned())
}

fn all() -> impl Iterator<Item = Code> {
    let interchange = InterchangeError::ALL.iter().copied().map(Code::Interchange);
    let group = GroupError::ALL.iter().copied().map(Code::Group);
    let transaction = TransactionError::ALL.iter().copied().map(Code::Transaction);
    let segment = SegmentError::ALL.iter().copied().map(Code::Segment);
    let element = ElementError::ALL.iter().copied().map(Code::Element);
    let content = ContentError::ALL.iter().copied().map(Code::Content);
    let notes = Note::ALL.iter().copied().map(Code::Note);
    interchange
        .chain(group)
        .chain(transaction)
        .chain(segment)
        .chain(element)
        .chain(content)
        .chain(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_as_it_is_printed() {
        for code in all() {
            assert_eq!(parse(&code.to_string()), Ok(code));
        }
        assert_eq!(
            parse("ik502-i6"),
            Ok(Code::Transaction(TransactionError::GuideUnsupported))
        );
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for odd in ["", "IK502", "IK502-99", "SE01"] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_milder_of_two_choices_counts() {
        let code = Code::Transaction(TransactionError::SegmentCount);
        let choices = Choices {
            reject: vec![code],
            warn: Vec::new(),
            accept: vec![code],
        };
        assert_eq!(choices.policy().severity(code), Some(Severity::Note));
        assert_eq!(Choices::default().policy(), Policy::default());
    }
}
