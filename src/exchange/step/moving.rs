//! Moves of the Task by the source, and its outputs.

use super::Turn;
use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;
use crate::exchange::event::Move;
use crate::exchange::event::Mover;
use crate::exchange::event::Purpose;
use crate::exchange::event::TaskHome;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Ending;
use crate::exchange::state::OnHold;
use crate::exchange::state::Phase;

impl Turn {
    /// Somebody wants the Task elsewhere.
    ///
    /// Where we hold the Task, a move that makes no sense is refused.
    /// Where a poll found the Task elsewhere, there is nobody to refuse, and what is behind our own knowledge changes
    /// nothing.
    pub(super) fn moved(&mut self, by: Mover, to: Move) -> Result<(), Refusal> {
        let Some(request) = &self.exchange.request else {
            return Err(Refusal::OutOfTurn);
        };
        if by == Mover::Requester {
            return Err(Refusal::NotYours);
        }
        let asked = by == Mover::Operator || request.task == TaskHome::Hosted;
        match (self.exchange.phase, to) {
            (Phase::Requested, Move::Accepted) => self.handed_over(),
            (Phase::Requested | Phase::Accepted, Move::Rejected) => {
                self.end_request(Ending::BySource, DeadReason::SourceEnded);
            }
            (Phase::Requested | Phase::Accepted, Move::InProgress) => {
                self.handed_over();
                self.exchange.phase = Phase::Working;
            }
            (Phase::Requested | Phase::Accepted | Phase::Working, Move::OnHold) => {
                self.handed_over();
                self.exchange.settle = None;
                self.exchange.phase = Phase::OnHold(OnHold::BySource);
            }
            (Phase::Requested | Phase::Accepted, Move::Failed)
            | (Phase::Working | Phase::OnHold(_), Move::Failed | Move::Rejected) => {
                self.handed_over();
                self.fail(Ending::BySource, DeadReason::SourceEnded);
            }
            (Phase::Requested | Phase::Accepted | Phase::Working | Phase::OnHold(_), Move::Completed) => {
                return self.completed_by_source(asked);
            }
            (Phase::OnHold(cause), Move::InProgress) if asked || cause == OnHold::BySource => self.resume(),
            (Phase::Completed | Phase::Rejected(_) | Phase::Failed(_), Move::InProgress) if asked => {
                self.reopened(self.at);
            }
            (Phase::Accepted, Move::Accepted)
            | (Phase::Working, Move::InProgress)
            | (Phase::OnHold(_), Move::OnHold)
            | (Phase::Delivering, Move::InProgress | Move::Completed)
            | (Phase::Completed, Move::Completed)
            | (Phase::Rejected(_), Move::Rejected)
            | (Phase::Failed(_), Move::Failed) => {}
            _ if asked => return Err(Refusal::NoSuchMove),
            _ => {}
        }
        Ok(())
    }

    /// The source says that it has answered.
    fn completed_by_source(&mut self, asked: bool) -> Result<(), Refusal> {
        if self.exchange.wants(Purpose::DocumentQuery) && self.exchange.outputs > 0 {
            self.handed_over();
            self.exchange.phase = Phase::Completed;
            return Ok(());
        }
        // A request for attachments is completed by what the requester says to them (GW-34).
        if asked {
            return Err(Refusal::NothingHandedIn);
        }
        self.handed_over();
        if self.exchange.phase == Phase::Accepted {
            self.exchange.phase = Phase::Working;
        }
        if self.exchange.live_parts().next().is_none() {
            self.alert(Alert::CompletedWithoutAnswer);
        }
        Ok(())
    }

    /// The Task was given outputs.
    pub(super) fn outputs_added(&mut self, count: u32) -> Result<(), Refusal> {
        if self.exchange.request.is_none() {
            return Err(Refusal::OutOfTurn);
        }
        self.exchange.outputs = self.exchange.outputs.saturating_add(count);
        self.handed_over();
        if self.exchange.phase == Phase::Accepted {
            self.exchange.phase = Phase::Working;
        }
        Ok(())
    }
}
