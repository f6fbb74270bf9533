//! The parts of an answer as a set: what is there, what is missing, whether it is whole.

use std::collections::BTreeSet;

use crate::exchange::delivery::Delivery;
use crate::exchange::ids::Item;
use crate::exchange::ids::PartId;
use crate::exchange::state::Exchange;
use crate::exchange::state::Part;

/// How whole a set is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wholeness {
    /// The last part is here, and all that was asked for or counted is.
    Whole,
    /// The last part is here; others may be missing, or it cannot be told.
    LastSeen,
    /// All that was asked for is here; whether more will come is not known.
    NothingMissing,
    /// More is to come.
    Open,
}

impl Exchange {
    /// What was asked for and is not among the parts that are with the requester or on their way.
    pub fn missing(&self) -> Vec<Item> {
        let wanted = self.request.iter().flat_map(|request| &request.wanted);
        wanted.filter(|item| !self.is_met(item)).cloned().collect()
    }

    fn is_met(&self, item: &Item) -> bool {
        let mut answers = self.live_parts().flat_map(|part| &part.answers);
        answers.any(|answer| {
            let code = answer.code.as_ref();
            code.is_some_and(|code| item.is_met_by(answer.line, code))
        })
    }

    /// The parts that wait, are on their way, or have arrived.
    pub(super) fn live_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| match part.delivery {
            Some(id) => self.delivery(id).is_some_and(Delivery::is_live),
            None => true,
        })
    }

    /// The parts that wait for others.
    pub(super) fn waiting_parts(&self) -> Vec<PartId> {
        let waiting = self.parts.iter().filter(|part| part.delivery.is_none());
        waiting.map(|part| part.id).collect()
    }

    /// Whether a sender has said that nothing more will come.
    pub(super) fn has_last(&self) -> bool {
        self.live_parts().any(|part| part.last)
    }

    pub(super) fn wholeness(&self) -> Wholeness {
        let asked = self
            .request
            .as_ref()
            .is_some_and(|request| !request.wanted.is_empty());
        let nothing_missing = asked && self.missing().is_empty();
        if !self.has_last() {
            return if nothing_missing {
                Wholeness::NothingMissing
            } else {
                Wholeness::Open
            };
        }
        if self.is_counted_out().unwrap_or(nothing_missing) {
            Wholeness::Whole
        } else {
            Wholeness::LastSeen
        }
    }

    /// Whether all numbers up to that of the last part are here; `None` if the sender does not count.
    fn is_counted_out(&self) -> Option<bool> {
        let last = self.live_parts().filter(|part| part.last);
        let most = last.filter_map(|part| part.sequence).max()?;
        let here: BTreeSet<u32> = self.live_parts().filter_map(|part| part.sequence).collect();
        Some((1..=most).eq(here.range(1..=most).copied()))
    }
}
