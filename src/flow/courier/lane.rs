//! What the courier knows of one destination.

use crate::exchange::breaker::Breaker;
use crate::exchange::breaker::BreakerRule;
use crate::exchange::breaker::Permit;
use crate::exchange::moment::Moment;
use crate::exchange::retry::Why;
use crate::flow::courier::judgement::Judgement;
use crate::upstream::address::Address;

/// What is known of one destination.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Attempts under way.
    pub(super) busy: usize,
    breaker: Breaker,
    /// The breaker as it was before the probe that is under way.
    unprobed: Option<Breaker>,
    /// Where it was reached when it was last tried.
    address: Option<Address>,
}

/// How the health of a destination changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// Not.
    None,
    /// It is held to be sick from now on.
    Rests,
    /// It is well again.
    Healed,
}

impl Lane {
    /// Whether something may be sent now. A sick destination that was given another address is taken to be well.
    pub(super) fn permit(&self, now: Moment, address: impl FnOnce() -> Option<Address>) -> Permit {
        match self.breaker.permit(now) {
            Permit::Wait { .. } if address() != self.address => Permit::Free,
            permit => permit,
        }
    }

    /// Something is being sent to `address`, as `permit` said.
    pub(super) fn begin(
        &mut self,
        permit: Permit,
        address: Option<Address>,
        rule: &BreakerRule,
        now: Moment,
    ) {
        if address != self.address {
            self.address = address;
            self.breaker = Breaker::healthy();
            self.unprobed = None;
        } else if permit == Permit::Probe {
            self.unprobed = Some(self.breaker);
            self.breaker = self.breaker.probing(rule, now);
        }
        self.busy += 1;
    }

    /// An attempt is over; `judgement` is what is known of it, if anything is.
    pub(super) fn end(
        &mut self,
        judgement: Option<Judgement>,
        rule: &BreakerRule,
        now: Moment,
        roll: u64,
    ) -> Change {
        self.busy = self.busy.saturating_sub(1);
        let was_open = self.breaker.is_open();
        let unprobed = self.unprobed.take();
        self.breaker = match judgement {
            Some(Judgement::Taken) => self.breaker.answered(),
            Some(Judgement::NotTaken(failure)) if failure.why != Why::Unsent => {
                self.breaker.failed(rule, failure, now, roll)
            }
            // Nothing was learnt of the destination: another message may find out at once.
            Some(Judgement::NotTaken(_)) | None => unprobed.unwrap_or(self.breaker),
        };
        match (was_open, self.breaker.is_open()) {
            (false, true) => Change::Rests,
            (true, false) => Change::Healed,
            (false, false) | (true, true) => Change::None,
        }
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_plain(&self) -> bool {
        self.busy == 0 && self.breaker == Breaker::healthy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::time::Duration;

    use crate::exchange::retry::Failure;
    use crate::upstream::file_name::NameTemplate;

    const RULE: BreakerRule = BreakerRule {
        trip: 1,
        rest: Duration::from_secs(30),
        longest: Duration::from_mins(10),
    };

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn folder(path: &str) -> Option<Address> {
        Some(Address::Folder {
            path: PathBuf::from(path),
            name: NameTemplate::parse("{control}").unwrap(),
        })
    }

    fn failed(why: Why) -> Option<Judgement> {
        Some(Judgement::NotTaken(Failure { why, pause: None }))
    }

    fn sick() -> Lane {
        let mut lane = Lane::default();
        lane.begin(Permit::Free, folder("a"), &RULE, at(0));
        assert_eq!(lane.end(failed(Why::Cut), &RULE, at(0), 0), Change::Rests);
        lane
    }

    #[test]
    fn a_sick_destination_rests_until_a_probe_heals_it() {
        let mut lane = sick();
        assert_eq!(lane.permit(at(1), || folder("a")), Permit::Wait { until: at(30) });
        assert_eq!(lane.permit(at(30), || folder("a")), Permit::Probe);
        lane.begin(Permit::Probe, folder("a"), &RULE, at(30));
        assert!(matches!(lane.permit(at(31), || folder("a")), Permit::Wait { .. }));
        assert_eq!(lane.end(Some(Judgement::Taken), &RULE, at(31), 0), Change::Healed);
        assert!(lane.is_plain());
    }

    #[test]
    fn another_address_is_tried_at_once() {
        let mut lane = sick();
        let permit = lane.permit(at(1), || folder("b"));
        assert_eq!(permit, Permit::Free);
        lane.begin(permit, folder("b"), &RULE, at(1));
        assert_eq!(lane.permit(at(1), || folder("b")), Permit::Free);
    }

    #[test]
    fn a_message_that_could_not_be_sent_says_nothing_of_its_destination() {
        let mut lane = sick();
        lane.begin(Permit::Probe, folder("a"), &RULE, at(30));
        assert_eq!(lane.end(failed(Why::Unsent), &RULE, at(31), 0), Change::None);
        assert_eq!(lane.permit(at(31), || folder("a")), Permit::Probe);
        lane.begin(Permit::Probe, folder("a"), &RULE, at(31));
        assert_eq!(lane.end(None, &RULE, at(32), 0), Change::None);
        assert_eq!(lane.permit(at(32), || folder("a")), Permit::Probe);
    }
}
