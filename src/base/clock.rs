//! Time as something that is handed in.
//!
//! Code that needs the time takes a `&dyn Clock`; this file holds the only place that asks the machine.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

/// Tells the time of day, which may jump, and the time elapsed, which may not.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day, for stamps that people and partners read.
    fn now(&self) -> SystemTime;

    /// A point on a scale that never runs backwards, for measuring how long something took or may take.
    fn tick(&self) -> Tick;
}

/// A point on the never-backwards scale of one clock; points of different clocks do not compare.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tick(Duration);

impl Tick {
    /// The time from `earlier` to this point; zero if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The point `wait` after this one, at most the end of the scale.
    #[must_use]
    pub const fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose scale starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine"
    )]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn tick(&self) -> Tick {
        Tick(self.started.elapsed())
    }
}

/// A clock that moves only when it is told to, for tests and for the simulator.
#[derive(Debug)]
pub struct ManualClock {
    reading: Mutex<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    now: SystemTime,
    tick: Tick,
}

impl ManualClock {
    /// A clock that shows `now` and has just started.
    pub const fn at(now: SystemTime) -> Self {
        Self {
            reading: Mutex::new(Reading {
                now,
                tick: Tick(Duration::ZERO),
            }),
        }
    }

    /// Lets `passed` go by on both scales.
    pub fn advance(&self, passed: Duration) {
        self.change(|reading| {
            // A time of day past the end of the scale stays where it is, as `Tick` does.
            reading.now = reading.now.checked_add(passed).unwrap_or(reading.now);
            reading.tick = reading.tick.after(passed);
        });
    }

    /// Moves the time of day, forwards or back, as an operator or a time server would; no time passes.
    pub fn set(&self, now: SystemTime) {
        self.change(|reading| reading.now = now);
    }

    fn change(&self, change: impl FnOnce(&mut Reading)) {
        change(&mut self.reading.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read(&self) -> Reading {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.read().now
    }

    fn tick(&self) -> Tick {
        self.read().tick
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(SystemTime::UNIX_EPOCH);
        let before = clock.tick();
        assert_eq!(clock.tick().since(before), Duration::ZERO);
        clock.advance(MINUTE);
        assert_eq!(clock.tick().since(before), MINUTE);
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + MINUTE);
    }

    #[test]
    fn setting_the_time_of_day_passes_no_time() {
        let clock = ManualClock::at(SystemTime::UNIX_EPOCH + MINUTE);
        let before = clock.tick();
        clock.set(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH);
        assert_eq!(clock.tick(), before);
    }

    #[test]
    fn elapsed_time_is_never_negative() {
        let clock = ManualClock::at(SystemTime::UNIX_EPOCH);
        let early = clock.tick();
        clock.advance(MINUTE);
        assert_eq!(early.since(clock.tick()), Duration::ZERO);
        assert_eq!(
            early.after(Duration::MAX).after(MINUTE),
            early.after(Duration::MAX)
        );
    }

    #[test]
    fn the_system_clock_does_not_run_backwards() {
        let clock: &dyn Clock = &SystemClock::start();
        let first = clock.tick();
        assert!(clock.tick() >= first);
        assert!(clock.now() > SystemTime::UNIX_EPOCH);
    }
}
