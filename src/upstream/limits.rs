//! How long a peer may take, and how much of it we bear.

use std::time::Duration;

/// The patience that we have with one peer (ROB-022: every wait has an end).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// To make a connection, the look-up of the name included.
    pub connect: Duration,
    /// Between two pieces that the peer takes of a message.
    pub stall: Duration,
    /// For the head of the answer after the message was sent, and once more for its body.
    pub answer: Duration,
    /// The least pace, in bytes per second, at which a message must go out on the whole.
    pub slowest: u64,
    /// The longest attempt, whatever the length of the message.
    pub longest: Duration,
    /// How long a connection that nobody uses is kept.
    pub idle: Duration,
    /// The most connections that nobody uses, for one peer.
    pub idle_most: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            answer: Duration::from_mins(1),
            slowest: 64 * 1024,
            longest: Duration::from_hours(1),
            idle: Duration::from_secs(50),
            idle_most: 8,
        }
    }
}

impl Limits {
    /// How long an attempt with so many bytes may take on the whole.
    pub fn whole(&self, length: u64) -> Duration {
        let sending = Duration::from_secs(length.div_ceil(self.slowest.max(1)));
        let waiting = self.connect.saturating_add(self.answer.saturating_mul(2));
        waiting.saturating_add(sending).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_may_take_longer_and_not_for_ever() {
        let limits = Limits::default();
        assert_eq!(limits.whole(0), Duration::from_secs(130));
        assert_eq!(limits.whole(64 * 1024 * 100), Duration::from_secs(230));
        assert_eq!(limits.whole(u64::MAX), limits.longest);
    }
}
