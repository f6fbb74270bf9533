//! Submissions, and how they become a set that is delivered.

use super::Turn;
use crate::exchange::delivery::Cargo;
use crate::exchange::delivery::Standing;
use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Note;
use crate::exchange::effect::Reply;
use crate::exchange::effect::Taken;
use crate::exchange::event::Purpose;
use crate::exchange::event::Submission;
use crate::exchange::ids::PartId;
use crate::exchange::refusal::Refusal;
use crate::exchange::set::Wholeness;
use crate::exchange::state::Awaited;
use crate::exchange::state::Ending;
use crate::exchange::state::MOST;
use crate::exchange::state::Part;
use crate::exchange::state::Phase;
use crate::exchange::terms::Assembly;
use crate::exchange::terms::Tolerance;

impl Turn {
    /// The source hands in a part or all of the answer.
    pub(super) fn submitted(&mut self, submission: &Submission) -> Result<(), Refusal> {
        if let Some(notes) = self.fate(submission) {
            let outcome = if self.ends_with_a_repeat(submission) {
                Taken::Accepted
            } else {
                Taken::Repeat
            };
            self.effects.push(Effect::Reply(Reply { outcome, notes }));
            return Ok(());
        }
        self.check(submission)?;
        let mut notes = Vec::new();
        let outcome = match self.exchange.phase {
            Phase::New | Phase::Failed(Ending::HoldExpired) => self.first(submission),
            Phase::Held { .. } => {
                self.keep(submission);
                Taken::Held
            }
            Phase::Withdrawn { .. } | Phase::Failed(Ending::Cancelled) => {
                let part = self.keep(submission);
                self.bury(vec![part], DeadReason::NoLongerWanted);
                Taken::NoLongerWanted
            }
            Phase::Requested | Phase::Accepted | Phase::Working | Phase::OnHold(_) => {
                self.tolerate(submission, &mut notes)?;
                self.keep(submission);
                self.gather();
                Taken::Accepted
            }
            Phase::Delivering | Phase::Completed => {
                self.tolerate(submission, &mut notes)?;
                self.amend(submission, &mut notes)?;
                Taken::Accepted
            }
            Phase::Rejected(_) | Phase::Failed(_) => {
                self.tolerate(submission, &mut notes)?;
                self.allow_grace();
                self.alert(Alert::AnsweredAfterEnd);
                notes.push(Note::Reopened);
                self.keep(submission);
                self.gather();
                Taken::Accepted
            }
        };
        self.effects.push(Effect::Reply(Reply { outcome, notes }));
        Ok(())
    }

    /// What became of this very content when it was here before; `None` if it was not.
    fn fate(&self, submission: &Submission) -> Option<Vec<Note>> {
        let mut parts = self.exchange.parts.iter();
        let part = parts.find(|part| part.digest == submission.digest)?;
        let delivery = part.delivery.and_then(|id| self.exchange.delivery(id));
        Some(match delivery.map(|delivery| delivery.standing) {
            Some(Standing::Refused) => vec![Note::WasRefused],
            Some(Standing::Dead | Standing::Stopped) => vec![Note::WasNotDelivered],
            Some(Standing::Queued | Standing::Sent | Standing::Accepted) | None => Vec::new(),
        })
    }

    /// Takes the word of a repeat that it is the last, where nothing has said so yet.
    ///
    /// A provider that forgot `Final` sends the same once more with it; the set would otherwise wait for nothing.
    fn ends_with_a_repeat(&mut self, submission: &Submission) -> bool {
        let gathering = matches!(
            self.exchange.phase,
            Phase::Held { .. } | Phase::Working | Phase::OnHold(_)
        );
        if !gathering || !submission.last || self.exchange.has_last() {
            return false;
        }
        let live: Vec<PartId> = self.exchange.live_parts().map(|part| part.id).collect();
        let mut parts = self.exchange.parts.iter_mut();
        let repeated = parts.find(|part| part.digest == submission.digest && live.contains(&part.id));
        let Some(part) = repeated else {
            return false;
        };
        part.last = true;
        if !matches!(self.exchange.phase, Phase::Held { .. }) {
            self.gather();
        }
        true
    }

    /// Refuses what no terms allow.
    fn check(&self, submission: &Submission) -> Result<(), Refusal> {
        if self.exchange.wants(Purpose::DocumentQuery) {
            return Err(Refusal::WrongAnswer);
        }
        if self.exchange.parts.len() >= MOST || submission.answers.len() > MOST {
            return Err(Refusal::TooMany);
        }
        let mut live = self.exchange.live_parts();
        match submission.sequence {
            Some(number) if live.any(|part| part.sequence == Some(number)) => Err(Refusal::Conflict),
            _ => Ok(()),
        }
    }

    /// Applies what was agreed about late and partial submissions (GW-13).
    fn tolerate(&self, submission: &Submission, notes: &mut Vec<Note>) -> Result<(), Refusal> {
        let Some(request) = &self.exchange.request else {
            return Ok(());
        };
        if request.due.is_some_and(|due| self.at > due) {
            match self.exchange.terms.late {
                Tolerance::Refuse => return Err(Refusal::Late),
                Tolerance::Accept => notes.push(Note::Late),
            }
        }
        if !submission.last && !request.several {
            match self.exchange.terms.several {
                Tolerance::Refuse => return Err(Refusal::SeveralNotGranted),
                Tolerance::Accept => notes.push(Note::SeveralNotGranted),
            }
        }
        Ok(())
    }

    /// A submission that no request waits for.
    fn first(&mut self, submission: &Submission) -> Taken {
        let hold = self.exchange.terms.hold;
        let awaited = match submission.solicited {
            true if hold.for_request => Some(Awaited::Request),
            false if hold.for_claim => Some(Awaited::Claim),
            true | false => None,
        };
        self.exchange.opened = self.at;
        self.keep(submission);
        if let Some(awaited) = awaited {
            let until = self.at.after(hold.at_most);
            self.exchange.phase = Phase::Held { awaited, until };
            return Taken::Held;
        }
        let unfinished = self.at.after(self.exchange.terms.unfinished);
        self.exchange.deadline = Some(unfinished);
        self.gather();
        Taken::Accepted
    }

    /// More than was announced: what comes after the last is an amendment (GW-12); what comes without a last
    /// having been seen is simply more.
    fn amend(&mut self, submission: &Submission, notes: &mut Vec<Note>) -> Result<(), Refusal> {
        if self.exchange.has_last() {
            match self.exchange.terms.amendments {
                Tolerance::Refuse => return Err(Refusal::Conflict),
                Tolerance::Accept => notes.push(Note::Amendment),
            }
        }
        if self.exchange.phase == Phase::Completed {
            notes.push(Note::Reopened);
        }
        let part = self.keep(submission);
        self.send(Cargo::Parts(vec![part]));
        self.exchange.phase = Phase::Delivering;
        Ok(())
    }

    fn keep(&mut self, submission: &Submission) -> PartId {
        let number = u32::try_from(self.exchange.parts.len()).expect("parts are fewer than the most");
        let id = PartId::new(number);
        self.exchange.parts.push(Part {
            id,
            digest: submission.digest,
            answers: submission.answers.clone(),
            last: submission.last,
            sequence: submission.sequence,
            delivery: None,
            at: self.at,
        });
        id
    }

    /// Looks at the set after it has grown: delivers what can go, and closes it if nothing more is to come.
    pub(super) fn gather(&mut self) {
        // Who answers has the question.
        self.handed_over();
        self.exchange.phase = Phase::Working;
        if self.exchange.terms.assembly == Assembly::Streamed {
            for part in self.exchange.waiting_parts() {
                self.send(Cargo::Parts(vec![part]));
            }
        }
        let terms = &self.exchange.terms;
        let (close, settle) = match self.exchange.wholeness() {
            Wholeness::Whole => (true, None),
            Wholeness::LastSeen => {
                let over = self.at.after(terms.stragglers);
                let kept = self.exchange.settle.map_or(over, |before| before.min(over));
                (terms.stragglers.is_zero(), Some(kept))
            }
            Wholeness::NothingMissing => (terms.quiet.is_zero(), Some(self.at.after(terms.quiet))),
            Wholeness::Open => (false, None),
        };
        self.exchange.settle = settle;
        if close {
            self.close();
        }
    }

    /// Nothing more is to come: what waits goes out in one piece.
    pub(super) fn close(&mut self) {
        self.exchange.settle = None;
        let waiting = self.exchange.waiting_parts();
        if !waiting.is_empty() {
            self.send(Cargo::Parts(waiting));
        }
        self.exchange.phase = Phase::Delivering;
        self.finish_if_done();
    }

    /// The set is complete once nothing of it is on its way any more.
    pub(super) fn finish_if_done(&mut self) {
        let mut deliveries = self.exchange.deliveries.iter();
        let under_way = deliveries.any(|delivery| delivery.carries_parts() && delivery.is_open());
        if self.exchange.phase == Phase::Delivering && !under_way {
            self.exchange.phase = Phase::Completed;
        }
    }

    /// Goes on where it was before something stopped it.
    pub(super) fn resume(&mut self) {
        if self.exchange.has_last() {
            self.close();
        } else {
            self.gather();
        }
    }
}
