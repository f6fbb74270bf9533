//! Points in time as events carry them.

use std::time::Duration;
use std::time::SystemTime;

/// A point in time: milliseconds since 1970 in UTC, as [`Steady`](super::steady::Steady) tells them.
///
/// It is a plain number so that it can be stored, and so that no code of this module can ask a clock.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Moment(u64);

impl Moment {
    /// The point that many milliseconds after the start of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The point a time of day names; what lies before 1970 is 1970.
    pub fn of(time: SystemTime) -> Self {
        let passed = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Self(millis(passed))
    }

    /// Milliseconds since the start of 1970.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The time of day at this point; `None` beyond what the machine can name.
    pub fn time_of_day(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0))
    }

    /// The point `wait` after this one, at most the end of the scale.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(millis(wait)))
    }

    /// The time from `earlier` to this point; zero if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Whole milliseconds, at most the end of the scale.
pub(super) fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_has_ends_and_nothing_runs_over_them() {
        let end = Moment::from_millis(u64::MAX);
        assert_eq!(end.after(Duration::MAX), end);
        assert_eq!(Moment::default().since(end), Duration::ZERO);
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Moment::of(before), Moment::default());
    }

    #[test]
    fn a_moment_is_a_time_of_day() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123);
        assert_eq!(Moment::of(time).millis(), 1_790_000_000_123);
        assert_eq!(Moment::of(time).time_of_day(), Some(time));
    }
}
