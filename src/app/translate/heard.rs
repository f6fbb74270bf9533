//! Answers of partners: each becomes an `OperationOutcome`.

use super::intake::Arrived;
use super::told::Refusal;
use super::told::Subject;
use super::workshop::Delivery;
use super::workshop::Made;
use super::workshop::See;
use super::workshop::Workshop;
use crate::translate::reply::Crossing;
use crate::translate::reply::Replies;
use crate::x12::Answer;
use crate::x12::AnswerKind;

impl Workshop {
    /// What partners answer becomes an outcome each, unless a check refuses the transactions that hold the answers.
    pub(super) fn tell_answers(&self, answers: &[Answer], arrived: &[Arrived], see: &mut See<'_>) {
        if let Some(refused) = arrived.iter().find(|arrived| arrived.rejected)
            && !self.lenient
        {
            let findings = refused.findings.iter().filter(|told| told.refuses());
            return see(Err(Refusal {
                subject: refused.subject.clone(),
                reason: "its check refuses it; with --lenient it is translated all the same".to_owned(),
                findings: findings.cloned().collect(),
            }));
        }
        let replies = match Replies::of(&self.library) {
            Ok(replies) => replies,
            Err(wrong) if !answers.is_empty() => return see(Err(Refusal::whole(wrong.to_string()))),
            Err(_) => return,
        };
        for answer in answers {
            let mut messages = replies.outcome(answer, &Crossing::default()).text().into_bytes();
            messages.push(b'\n');
            see(Ok(Delivery {
                subject: &Subject {
                    kind: named(answer.kind).to_owned(),
                    control: answer.transaction.clone(),
                    ..Subject::default()
                },
                made: Made::Heard(answer),
                findings: &[],
                produced: Vec::new(),
                messages,
            }));
        }
    }
}

/// Whether a transaction is of a kind that answers are made of.
pub(super) fn is_answer(arrived: &Arrived) -> bool {
    arrived.transaction.is_none() && ["999", "997", "824", "277"].contains(&arrived.subject.kind.as_str())
}

/// What people call a kind of answer.
const fn named(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Ta1 => "TA1",
        AnswerKind::Acknowledgement => "999",
        AnswerKind::Advice => "824",
        AnswerKind::ClaimAcknowledgement => "277CA",
    }
}
