//! The times that an exchange waits for: a function of its state, so that none is forgotten or left behind.

use crate::exchange::delivery::Standing;
use crate::exchange::event::Timer;
use crate::exchange::moment::Moment;
use crate::exchange::state::Exchange;
use crate::exchange::state::Phase;

impl Exchange {
    /// What it waits for, and when each is over.
    ///
    /// When one is, [`Elapsed`](crate::exchange::event::What::Elapsed) is to be taken; one that came too early is
    /// refused, so a clock that jumps ends nothing.
    pub fn timers(&self) -> Vec<(Timer, Moment)> {
        let mut timers = Vec::new();
        let deadline = self.deadline.map(|at| (Timer::Deadline, at));
        match self.phase {
            Phase::Held { until, .. } => timers.push((Timer::Hold, until)),
            Phase::Requested => {
                let alert = (Timer::HandOver, self.opened.after(self.terms.hand_over));
                timers.extend((!self.warned).then_some(alert));
                timers.extend(deadline);
            }
            Phase::Working => {
                timers.extend(self.settle.map(|at| (Timer::Settle, at)));
                timers.extend(deadline);
            }
            Phase::Accepted | Phase::OnHold(_) => timers.extend(deadline),
            Phase::New
            | Phase::Delivering
            | Phase::Completed
            | Phase::Rejected(_)
            | Phase::Failed(_)
            | Phase::Withdrawn { .. } => {}
        }
        // Whether the source acknowledged a request matters until it shows that it has it.
        let requested = self.phase == Phase::Requested;
        let awaited = self.deliveries.iter().filter(|delivery| {
            delivery.standing == Standing::Sent && (requested || delivery.carries_parts())
        });
        timers.extend(awaited.filter_map(|delivery| Some((Timer::Receipt(delivery.id), delivery.overdue?))));
        timers
    }

    /// When it is next to be woken, and what for.
    pub fn wakes(&self) -> Option<(Moment, Timer)> {
        let all = self.timers().into_iter();
        all.map(|(timer, at)| (at, timer)).min()
    }
}
