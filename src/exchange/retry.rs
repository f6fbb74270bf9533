//! When the courier tries again, and when it gives up (ROB-014).
//!
//! Pure: the time and the roll of the dice are handed in.

use std::time::Duration;

use crate::exchange::moment::Moment;
use crate::exchange::moment::millis;

/// How deliveries to one destination are tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetryRule {
    /// The wait after the first failure; it doubles with each.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// How long a delivery is tried, from when it was put in the outbox.
    pub life: Duration,
}

/// What was tried so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attempts {
    /// When the delivery was put in the outbox, or last replayed.
    pub queued: Moment,
    /// How many attempts were made, the one that just failed included.
    pub made: u32,
}

/// How an attempt ended that did not deliver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failure {
    /// Why.
    pub why: Why,
    /// How long the destination asks to be left alone (`Retry-After`).
    pub pause: Option<Duration>,
}

/// Why an attempt did not deliver.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Why {
    /// There was no connection: name, route, TLS.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The connection was cut before the answer was whole.
    Cut,
    /// There was an answer, and it makes no sense.
    Garbled,
    /// An HTTP status other than 2xx.
    Status(u16),
    /// Nothing could be sent, for a reason that lies with us and with this message alone.
    Unsent,
}

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Next {
    /// Try again.
    Again {
        /// Not before.
        at: Moment,
    },
    /// It will not heal: report a refusal on the rung of the answer.
    Refused,
    /// Its life is spent: report it as exhausted.
    Exhausted,
}

impl Default for RetryRule {
    /// Ten seconds, doubled up to an hour, for 72 hours.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(10),
            longest: Duration::from_hours(1),
            life: Duration::from_hours(72),
        }
    }
}

impl Why {
    /// Whether the same message may be taken another time (CDEX-422, CDEX-802).
    ///
    /// Besides all failures of transport and 5xx these are the statuses that are about us, our pace or our
    /// credentials and not about the message: 401, 403, 407, 408, 421, 423, 425, 429.
    /// 501 and 505 are about what the server is, which does not heal.
    pub const fn may_heal(self) -> bool {
        match self {
            Self::Unreachable
            | Self::TimedOut
            | Self::Cut
            | Self::Garbled
            | Self::Unsent
            | Self::Status(401 | 403 | 407 | 408 | 421 | 423 | 425 | 429) => true,
            Self::Status(501 | 505) => false,
            Self::Status(status) => status >= 500,
        }
    }

    /// Whether the destination itself is unwell, so that other deliveries to it had better wait too.
    pub const fn is_of_destination(self) -> bool {
        match self {
            // A body that was refused for its pace or its moment was refused alone.
            Self::Unsent | Self::Status(408 | 423 | 425) => false,
            Self::Unreachable | Self::TimedOut | Self::Cut | Self::Garbled | Self::Status(_) => {
                self.may_heal()
            }
        }
    }
}

impl RetryRule {
    /// What to do after `failure` at `now`; `roll` is any number, drawn anew each time.
    ///
    /// The wait lies between half and all of what the number of attempts gives, so that deliveries that failed
    /// together do not come back together.
    /// `Retry-After` is honoured within the life of the delivery; when that ends there is one last attempt, because
    /// after it only a person can help.
    pub fn next(&self, attempts: Attempts, failure: Failure, now: Moment, roll: u64) -> Next {
        if !failure.why.may_heal() {
            return Next::Refused;
        }
        let end = attempts.queued.after(self.life);
        if now >= end {
            return Next::Exhausted;
        }
        let wait = jittered(self.backoff(attempts.made), roll);
        let asked = failure.pause.unwrap_or_default();
        let spread = Duration::from_millis(roll % (millis(self.first).saturating_add(1)));
        let wait = if asked > wait {
            asked.saturating_add(spread)
        } else {
            wait
        };
        Next::Again {
            at: now.after(wait).min(end),
        }
    }

    /// The wait after that many attempts, before the dice.
    fn backoff(&self, made: u32) -> Duration {
        doubled(self.first, made.saturating_sub(1)).min(self.longest)
    }
}

/// `wait`, doubled `times` times, at most the end of the scale.
pub(super) fn doubled(wait: Duration, times: u32) -> Duration {
    let factor = 1_u32.checked_shl(times).unwrap_or(u32::MAX);
    wait.saturating_mul(factor)
}

/// Between half and all of `wait`.
pub(super) fn jittered(wait: Duration, roll: u64) -> Duration {
    let all = millis(wait);
    let half = all / 2;
    Duration::from_millis(all - roll % (half + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_hours(1);

    const fn unavailable(pause: Option<Duration>) -> Failure {
        Failure {
            why: Why::Status(503),
            pause,
        }
    }

    /// The wait after `made` attempts under the default rule, an hour after it was queued.
    #[track_caller]
    fn waits(made: u32, pause: Option<Duration>, roll: u64) -> Duration {
        let queued = Moment::from_millis(1_000_000);
        let now = queued.after(HOUR);
        match RetryRule::default().next(Attempts { queued, made }, unavailable(pause), now, roll) {
            Next::Again { at } => at.since(now),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_vary_by_half() {
        assert_eq!(waits(1, None, 0), 10 * SECOND);
        assert_eq!(waits(2, None, 0), 20 * SECOND);
        assert_eq!(waits(5, None, 0), 160 * SECOND);
        assert_eq!(waits(40, None, 0), HOUR);
        for roll in (0..u64::MAX).step_by(usize::MAX / 97) {
            let wait = waits(2, None, roll);
            assert!((10 * SECOND..=20 * SECOND).contains(&wait), "{wait:?}");
        }
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept() {
        let wait = waits(1, Some(HOUR), 12_345);
        assert!((HOUR..=HOUR + 10 * SECOND).contains(&wait), "{wait:?}");
        assert_eq!(waits(2, Some(SECOND), 0), 20 * SECOND);
    }

    #[test]
    fn there_is_one_last_attempt_when_life_ends_and_none_after() {
        let rule = RetryRule::default();
        let queued = Moment::from_millis(0);
        let attempts = Attempts { queued, made: 90 };
        let end = queued.after(rule.life);
        let late = queued.after(rule.life.saturating_sub(SECOND));
        let next = |now| rule.next(attempts, unavailable(Some(9 * HOUR)), now, 7);
        assert_eq!(next(late), Next::Again { at: end });
        assert_eq!(next(end), Next::Exhausted);
    }

    #[test]
    fn what_cannot_heal_is_not_tried_again() {
        let attempts = Attempts {
            queued: Moment::from_millis(0),
            made: 1,
        };
        let next = |status| {
            let failure = Failure {
                why: Why::Status(status),
                pause: None,
            };
            RetryRule::default().next(attempts, failure, Moment::from_millis(0), 0)
        };
        for status in [301, 400, 404, 405, 409, 410, 413, 415, 422, 501, 505] {
            assert_eq!(next(status), Next::Refused, "{status}");
        }
        for status in [401, 403, 408, 425, 429, 500, 502, 503, 504, 507, 599] {
            assert!(matches!(next(status), Next::Again { .. }), "{status}");
        }
    }
}
