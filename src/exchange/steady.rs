//! A time of day that does not jump, for deadlines (ROB-021).
//!
//! The wall clock of a machine may be set by an hour or by ten years, on purpose or not.
//! Deadlines are days that partners agreed on, so they need a time of day; they must not pass because a clock was set.
//! So the time of day is asked once, at the very first start, and from there on what counts is the time that has
//! passed; between two runs, by how much the wall clock has moved since the ledger last noted it.
//! In doubt no time has passed: what ends late can still be helped.

use std::time::Duration;
use std::time::SystemTime;

use crate::base::clock::Tick;
use crate::exchange::moment::Moment;

/// What the ledger notes of the time with each commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Noted {
    /// The steady time.
    pub steady: Moment,
    /// What the wall clock showed.
    pub wall: Moment,
}

/// The steady time of one run of the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Steady {
    start: Moment,
    at: Tick,
}

/// How the wall clock differs from the steady time, by more than [`Steady::TOLERANCE`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// The wall clock shows an earlier time.
    Behind {
        /// By how much.
        by: Duration,
    },
    /// The wall clock shows a later time.
    Ahead {
        /// By how much.
        by: Duration,
    },
}

impl Steady {
    /// A difference to the wall clock that is nobody's business.
    pub const TOLERANCE: Duration = Duration::from_mins(5);

    /// The longest time that the gateway is believed to have stood still between two runs.
    pub const LONGEST_REST: Duration = Duration::from_hours(24 * 30);

    /// Begins a run: `wall` and `tick` are read together, `noted` is what the ledger noted last.
    ///
    /// A wall clock that has gone back since, or further ahead than a gateway rests, is not believed: the run then
    /// goes on where the last one was, and [`Steady::doubt`] says so until an operator decides.
    pub fn start(noted: Option<Noted>, wall: SystemTime, tick: Tick) -> Self {
        let wall = Moment::of(wall);
        let start = noted.map_or(wall, |noted| {
            let rest = wall.since(noted.wall);
            if rest > Self::LONGEST_REST {
                noted.steady
            } else {
                noted.steady.after(rest)
            }
        });
        Self { start, at: tick }
    }

    /// What the ledger is to note with the next commit.
    pub fn note(&self, wall: SystemTime, tick: Tick) -> Noted {
        Noted {
            steady: self.now(tick),
            wall: Moment::of(wall),
        }
    }

    /// The steady time at `tick`.
    pub fn now(&self, tick: Tick) -> Moment {
        self.start.after(tick.since(self.at))
    }

    /// What an operator is to be told of the wall clock, if anything.
    pub fn doubt(&self, wall: SystemTime, tick: Tick) -> Option<Doubt> {
        let (wall, now) = (Moment::of(wall), self.now(tick));
        if wall.since(now) > Self::TOLERANCE {
            Some(Doubt::Ahead { by: wall.since(now) })
        } else if now.since(wall) > Self::TOLERANCE {
            Some(Doubt::Behind { by: now.since(wall) })
        } else {
            None
        }
    }

    /// Takes the wall clock's word for the time, because an operator says that it is right.
    #[must_use]
    pub fn corrected(wall: SystemTime, tick: Tick) -> Self {
        Self::start(None, wall, tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::clock::ManualClock;

    const HOUR: Duration = Duration::from_hours(1);
    const TEN_YEARS: Duration = Duration::from_hours(24 * 3653);

    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
    }

    fn start(noted: Option<Noted>, clock: &ManualClock) -> Steady {
        Steady::start(noted, clock.now(), clock.tick())
    }

    #[test]
    fn a_step_of_the_wall_clock_moves_no_deadline() {
        let clock = ManualClock::at(noon());
        let steady = start(None, &clock);
        for (step, ahead) in [(HOUR, true), (HOUR, false), (TEN_YEARS, true), (TEN_YEARS, false)] {
            let stepped = if ahead { noon() + step } else { noon() - step };
            clock.set(stepped);
            let now = steady.now(clock.tick());
            assert_eq!(now, Moment::of(noon()));
            let expected = if ahead {
                Doubt::Ahead { by: step }
            } else {
                Doubt::Behind { by: step }
            };
            assert_eq!(steady.doubt(clock.now(), clock.tick()), Some(expected));
        }
    }

    #[test]
    fn time_that_passes_counts() {
        let clock = ManualClock::at(noon());
        let steady = start(None, &clock);
        clock.advance(HOUR);
        assert_eq!(steady.now(clock.tick()), Moment::of(noon() + HOUR));
        assert_eq!(steady.doubt(clock.now(), clock.tick()), None);
    }

    #[test]
    fn a_run_begins_no_earlier_than_the_last_one_ended_and_not_years_later() {
        let first = ManualClock::at(noon());
        let noted = start(None, &first).note(first.now(), first.tick());
        let begun = |wall: SystemTime| {
            let clock = ManualClock::at(wall);
            start(Some(noted), &clock).now(clock.tick())
        };
        assert_eq!(begun(noon() + HOUR), Moment::of(noon() + HOUR));
        assert_eq!(begun(noon() - HOUR), Moment::of(noon()));
        assert_eq!(begun(noon() + TEN_YEARS), Moment::of(noon()));
        let clock = ManualClock::at(noon() + TEN_YEARS);
        let corrected = Steady::corrected(clock.now(), clock.tick());
        assert_eq!(corrected.doubt(clock.now(), clock.tick()), None);
    }

    #[test]
    fn a_clock_that_was_set_right_between_two_runs_makes_no_time_pass() {
        let clock = ManualClock::at(noon() - TEN_YEARS);
        let wrong = start(None, &clock);
        let noted = wrong.note(clock.now(), clock.tick());
        clock.set(noon());
        let next = start(Some(noted), &clock);
        assert_eq!(next.now(clock.tick()), wrong.now(clock.tick()));
        let doubt = next.doubt(clock.now(), clock.tick());
        assert_eq!(doubt, Some(Doubt::Ahead { by: TEN_YEARS }));
    }
}
