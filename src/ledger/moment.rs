//! Times as they are stored: milliseconds since the start of 1970 in UTC.

use std::time::Duration;
use std::time::SystemTime;

/// The milliseconds from the start of 1970 to `time`; what lies before 1970 is 1970.
pub(crate) fn millis(time: SystemTime) -> i64 {
    let passed = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
}

/// The time that many milliseconds after the start of 1970, as far as the machine can name it.
pub(crate) fn time(millis: i64) -> SystemTime {
    let passed = Duration::from_millis(millis.max(0).unsigned_abs());
    SystemTime::UNIX_EPOCH
        .checked_add(passed)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// `age` before `now`, in milliseconds since 1970.
pub(crate) fn before(now: SystemTime, age: Duration) -> i64 {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    millis(now).saturating_sub(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_milliseconds_come_back() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123);
        assert_eq!(time(millis(at)), at);
        assert_eq!(millis(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), 0);
        assert_eq!(before(at, Duration::from_millis(23)), 1_790_000_000_100);
        assert_eq!(time(-1), SystemTime::UNIX_EPOCH);
    }
}
