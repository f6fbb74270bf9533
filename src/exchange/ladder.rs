//! The acknowledgements that a delivery climbs, from the transport to the claim system.

use crate::exchange::coding::stored_enum;
use crate::exchange::coding::stored_struct;

/// One kind of acknowledgement; a higher one can only come if the lower ones were good.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rung {
    /// The bytes were taken: an HTTP 2xx that says no more, a receipt of the envelope, a file in its folder.
    Transport,
    /// TA1.
    Interchange,
    /// 999.
    Functional,
    /// 824; or what a FHIR server answered to `$submit-attachment` or to a new Task.
    Application,
    /// A 277 with the status of the claim.
    Status,
}

/// What an acknowledgement says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// Good.
    Accepted,
    /// Good, with errors noted.
    WithErrors,
    /// The receiver says that it has this already: a repeat of ours reached it twice (TA1 025, a duplicate set).
    ///
    /// That is evidence of receipt and nothing more, so it stands for [`Rung::Transport`] whatever rung it came on.
    AlreadyThere,
    /// Refused, and sending it again unaltered will not help.
    Rejected,
}

/// The acknowledgements of one delivery so far, in whatever order they came.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ladder {
    transport: Option<Verdict>,
    interchange: Option<Verdict>,
    functional: Option<Verdict>,
    application: Option<Verdict>,
    status: Option<Verdict>,
}

/// What one more acknowledgement changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Climb {
    /// It was known, or changes nothing.
    Known,
    /// A step on the way.
    Step,
    /// The closing rung is reached.
    Closed,
    /// It is refused.
    Refused,
    /// It was closed and is refused on a higher rung.
    Overturned,
    /// It contradicts an earlier one, which stands.
    Contradicts,
}

impl Rung {
    /// All rungs, from the lowest.
    pub const ALL: [Self; 5] = [
        Self::Transport,
        Self::Interchange,
        Self::Functional,
        Self::Application,
        Self::Status,
    ];
}

impl Verdict {
    /// Whether this is good news.
    pub const fn is_good(self) -> bool {
        match self {
            Self::Accepted | Self::WithErrors | Self::AlreadyThere => true,
            Self::Rejected => false,
        }
    }
}

impl Ladder {
    /// What was said on `rung`.
    pub const fn said(&self, rung: Rung) -> Option<Verdict> {
        match rung {
            Rung::Transport => self.transport,
            Rung::Interchange => self.interchange,
            Rung::Functional => self.functional,
            Rung::Application => self.application,
            Rung::Status => self.status,
        }
    }

    /// The highest rung with good news.
    pub fn highest_good(&self) -> Option<Rung> {
        let good = |rung: &Rung| self.said(*rung).is_some_and(Verdict::is_good);
        Rung::ALL.into_iter().rev().find(good)
    }

    /// The rung that refused.
    pub fn refused_at(&self) -> Option<Rung> {
        let refused = |rung: &Rung| self.said(*rung) == Some(Verdict::Rejected);
        Rung::ALL.into_iter().find(refused)
    }

    /// Takes one more acknowledgement; `closes` is the rung at which the delivery is done.
    pub(super) fn climb(&mut self, rung: Rung, verdict: Verdict, closes: Rung) -> Climb {
        let rung = if verdict == Verdict::AlreadyThere {
            Rung::Transport
        } else {
            rung
        };
        let was_closed = self.is_closed(closes);
        let change = match (self.said(rung), verdict) {
            (Some(before), after) if before.is_good() == after.is_good() => return Climb::Known,
            (Some(_), _) => Climb::Contradicts,
            (None, Verdict::Rejected) if self.highest_good() > Some(rung) => Climb::Contradicts,
            (None, Verdict::Rejected) if self.refused_at().is_some() => Climb::Step,
            (None, Verdict::Rejected) if was_closed => Climb::Overturned,
            (None, Verdict::Rejected) => Climb::Refused,
            (None, _) if self.refused_at().is_some_and(|refused| refused <= rung) => Climb::Contradicts,
            (None, _) if !was_closed && rung >= closes && self.refused_at().is_none() => Climb::Closed,
            (None, _) => Climb::Step,
        };
        if change != Climb::Contradicts {
            *self.place(rung) = Some(verdict);
        }
        change
    }

    fn is_closed(&self, closes: Rung) -> bool {
        self.refused_at().is_none() && self.highest_good().is_some_and(|highest| highest >= closes)
    }

    const fn place(&mut self, rung: Rung) -> &mut Option<Verdict> {
        match rung {
            Rung::Transport => &mut self.transport,
            Rung::Interchange => &mut self.interchange,
            Rung::Functional => &mut self.functional,
            Rung::Application => &mut self.application,
            Rung::Status => &mut self.status,
        }
    }
}

stored_enum!(Rung { 0 => Transport, 1 => Interchange, 2 => Functional, 3 => Application, 4 => Status });
stored_enum!(Verdict { 0 => Accepted, 1 => WithErrors, 2 => AlreadyThere, 3 => Rejected });
stored_struct!(Ladder {
    transport,
    interchange,
    functional,
    application,
    status
});

#[cfg(test)]
mod tests {
    use super::*;
    use Climb::*;
    use Rung::*;
    use Verdict::*;

    /// Climbs a ladder that closes at the 824 and compares each step.
    #[track_caller]
    fn check(steps: &[(Rung, Verdict, Climb)]) {
        let mut ladder = Ladder::default();
        for (number, &(rung, verdict, expected)) in steps.iter().enumerate() {
            assert_eq!(
                ladder.climb(rung, verdict, Application),
                expected,
                "step {number}"
            );
        }
    }

    #[test]
    fn acknowledgements_in_order_close_at_the_rung_agreed() {
        check(&[
            (Transport, Accepted, Step),
            (Interchange, Accepted, Step),
            (Functional, WithErrors, Step),
            (Application, Accepted, Closed),
            (Status, Accepted, Step),
        ]);
    }

    #[test]
    fn a_higher_one_stands_for_those_below_that_come_later() {
        check(&[
            (Application, Accepted, Closed),
            (Functional, Accepted, Step),
            (Transport, Accepted, Step),
            (Application, WithErrors, Known),
        ]);
    }

    #[test]
    fn a_refusal_stands() {
        check(&[
            (Transport, Accepted, Step),
            (Functional, Rejected, Refused),
            (Functional, Rejected, Known),
            (Functional, Accepted, Contradicts),
            (Application, Accepted, Contradicts),
            (Interchange, Accepted, Step),
            (Application, Rejected, Step),
        ]);
    }

    #[test]
    fn a_refusal_below_good_news_contradicts_it() {
        check(&[
            (Functional, Accepted, Step),
            (Interchange, Rejected, Contradicts),
            (Application, Accepted, Closed),
        ]);
    }

    #[test]
    fn a_higher_refusal_overturns_what_was_closed() {
        check(&[
            (Application, Accepted, Closed),
            (Status, Rejected, Overturned),
            (Status, Rejected, Known),
        ]);
    }

    #[test]
    fn a_repeat_that_arrived_twice_is_evidence_of_receipt_only() {
        check(&[
            (Interchange, AlreadyThere, Step),
            (Interchange, Accepted, Step),
            (Transport, Accepted, Known),
            (Application, AlreadyThere, Known),
            (Application, Accepted, Closed),
        ]);
    }
}
