//! The circuit breaker of one destination (ROB-015): while it is sick, one delivery at a time finds out.
//!
//! Pure: the time and the roll of the dice are handed in, and each change gives a new value.

use std::time::Duration;

use crate::exchange::moment::Moment;
use crate::exchange::retry::Failure;
use crate::exchange::retry::doubled;
use crate::exchange::retry::jittered;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BreakerRule {
    /// Failures in a row that open it.
    pub trip: u32,
    /// How long it rests the first time; it doubles while the destination stays sick.
    pub rest: Duration,
    /// The longest rest.
    pub longest: Duration,
}

/// What is known of the health of one destination.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Breaker {
    state: State,
}

/// Whether something may be sent now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permit {
    /// As much as there is.
    Free,
    /// One delivery, to find out; say [`Breaker::probing`] before it is sent.
    Probe,
    /// Nothing.
    Wait {
        /// Until then.
        until: Moment,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Closed { failures: u32 },
    Open { until: Moment, rests: u32 },
    Probing { until: Moment, rests: u32 },
}

impl Default for BreakerRule {
    /// Five failures, half a minute, ten minutes.
    fn default() -> Self {
        Self {
            trip: 5,
            rest: Duration::from_secs(30),
            longest: Duration::from_mins(10),
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::healthy()
    }
}

impl Breaker {
    /// Of a destination of which nothing bad is known.
    pub const fn healthy() -> Self {
        Self {
            state: State::Closed { failures: 0 },
        }
    }

    /// Whether the destination is held to be sick.
    pub const fn is_open(&self) -> bool {
        match self.state {
            State::Closed { .. } => false,
            State::Open { .. } | State::Probing { .. } => true,
        }
    }

    /// Whether something may be sent at `now`.
    ///
    /// A probe of which nothing was heard for the length of a rest was lost, and another may be sent.
    pub fn permit(&self, now: Moment) -> Permit {
        match self.state {
            State::Closed { .. } => Permit::Free,
            State::Open { until, .. } | State::Probing { until, .. } if now < until => Permit::Wait { until },
            State::Open { .. } | State::Probing { .. } => Permit::Probe,
        }
    }

    /// A probe is being sent.
    #[must_use]
    pub fn probing(self, rule: &BreakerRule, now: Moment) -> Self {
        let rests = match self.state {
            State::Closed { .. } => return self,
            State::Open { rests, .. } | State::Probing { rests, .. } => rests,
        };
        let until = now.after(rule.longest);
        Self {
            state: State::Probing { until, rests },
        }
    }

    /// The destination answered like one that is well, be it with a refusal.
    #[must_use]
    pub const fn answered(self) -> Self {
        Self::healthy()
    }

    /// An attempt failed.
    ///
    /// A failure that is not the destination's shows that it is well.
    /// A destination that asks for a pause gets it at once.
    #[must_use]
    pub fn failed(self, rule: &BreakerRule, failure: Failure, now: Moment, roll: u64) -> Self {
        if !failure.why.is_of_destination() {
            return Self::healthy();
        }
        let rests = match self.state {
            State::Closed { failures } => {
                let failures = failures.saturating_add(1);
                if failures < rule.trip {
                    return match failure.pause {
                        // It says itself how long; one failure is no reason to wait longer than that.
                        Some(pause) if !pause.is_zero() => Self::resting(now, pause.min(LONGEST_PAUSE), 0),
                        Some(_) | None => Self {
                            state: State::Closed { failures },
                        },
                    };
                }
                0
            }
            // Attempts that began before it opened say nothing new.
            State::Open { until, .. } if now < until && failure.pause.is_none() => return self,
            State::Open { rests, .. } => rests,
            State::Probing { rests, .. } => rests.saturating_add(1),
        };
        let rest = doubled(rule.rest, rests).min(rule.longest);
        let rest = jittered(rest, roll).max(failure.pause.unwrap_or_default().min(LONGEST_PAUSE));
        Self::resting(now, rest, rests)
    }

    fn resting(now: Moment, rest: Duration, rests: u32) -> Self {
        Self {
            state: State::Open {
                until: now.after(rest),
                rests,
            },
        }
    }
}

/// A destination that asks for more is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::retry::Why;

    const RULE: BreakerRule = BreakerRule {
        trip: 3,
        rest: Duration::from_secs(30),
        longest: Duration::from_mins(10),
    };
    const TIMED_OUT: Failure = Failure {
        why: Why::TimedOut,
        pause: None,
    };

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn tripped() -> Breaker {
        (0..3).fold(Breaker::healthy(), |breaker, _| {
            breaker.failed(&RULE, TIMED_OUT, at(0), 0)
        })
    }

    #[test]
    fn it_opens_after_failures_in_a_row() {
        let twice = (0..2).fold(Breaker::healthy(), |breaker, _| {
            breaker.failed(&RULE, TIMED_OUT, at(0), 0)
        });
        assert_eq!(twice.permit(at(0)), Permit::Free);
        let healed = twice.answered().failed(&RULE, TIMED_OUT, at(0), 0);
        assert_eq!(healed.permit(at(0)), Permit::Free);
        assert_eq!(tripped().permit(at(29)), Permit::Wait { until: at(30) });
        assert!(tripped().is_open());
    }

    #[test]
    fn one_probe_at_a_time_decides() {
        let breaker = tripped();
        assert_eq!(breaker.permit(at(30)), Permit::Probe);
        let probing = breaker.probing(&RULE, at(30));
        assert_eq!(probing.permit(at(31)), Permit::Wait { until: at(630) });
        assert_eq!(probing.answered().permit(at(31)), Permit::Free);
        let sick = probing.failed(&RULE, TIMED_OUT, at(40), 0);
        assert_eq!(sick.permit(at(40)), Permit::Wait { until: at(100) });
        assert_eq!(
            probing.permit(at(630)),
            Permit::Probe,
            "a lost probe does not close it forever"
        );
    }

    #[test]
    fn rests_double_up_to_the_longest() {
        let mut breaker = tripped();
        let mut now = 30;
        for rest in [60, 120, 240, 480, 600, 600] {
            breaker = breaker
                .probing(&RULE, at(now))
                .failed(&RULE, TIMED_OUT, at(now), 0);
            assert_eq!(
                breaker.permit(at(now)),
                Permit::Wait {
                    until: at(now + rest)
                }
            );
            now += rest;
        }
    }

    #[test]
    fn a_pause_is_given_at_once_and_refusals_show_health() {
        let pause = Failure {
            why: Why::Status(503),
            pause: Some(Duration::from_mins(2)),
        };
        let paused = Breaker::healthy().failed(&RULE, pause, at(0), 0);
        assert_eq!(paused.permit(at(0)), Permit::Wait { until: at(120) });
        let at_once = Failure {
            why: Why::TimedOut,
            pause: Some(Duration::ZERO),
        };
        let hurried = Breaker::healthy().failed(&RULE, at_once, at(0), 0);
        assert_eq!(
            hurried.permit(at(0)),
            Permit::Free,
            "it may be tried again at once"
        );
        let refusal = Failure {
            why: Why::Status(422),
            pause: None,
        };
        let probed = tripped().probing(&RULE, at(30)).failed(&RULE, refusal, at(31), 0);
        assert_eq!(probed.permit(at(31)), Permit::Free);
    }

    #[test]
    fn stragglers_do_not_lengthen_the_rest() {
        let breaker = tripped().failed(&RULE, TIMED_OUT, at(20), 0);
        assert_eq!(breaker.permit(at(20)), Permit::Wait { until: at(30) });
    }
}
