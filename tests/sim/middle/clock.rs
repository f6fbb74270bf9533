//! A clock that goes with the paused time of the runtime, and whose wall somebody may set.

use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::base::clock::Tick;
use tokio::time::Instant;

#[derive(Debug)]
pub(crate) struct RuntimeClock {
    shown: Mutex<(Instant, ManualClock)>,
}

impl RuntimeClock {
    pub(crate) fn start() -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_hours(498_657);
        Self {
            shown: Mutex::new((Instant::now(), ManualClock::at(start))),
        }
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step(&self, by: Duration, is_ahead: bool) {
        self.read(|clock| {
            let now = clock.now();
            clock.set(if is_ahead { now + by } else { now - by });
        });
    }

    fn read<T>(&self, read: impl FnOnce(&ManualClock) -> T) -> T {
        let mut shown = self.shown.lock().unwrap();
        let now = Instant::now();
        shown.1.advance(now - shown.0);
        shown.0 = now;
        read(&shown.1)
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        self.read(Clock::now)
    }

    fn tick(&self) -> Tick {
        self.read(Clock::tick)
    }
}
