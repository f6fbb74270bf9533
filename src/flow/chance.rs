//! Randomness as something that is handed in, so that a simulator can say what the dice show.

use std::fmt;

/// Rolls dice. What it gives need not be secret, only spread.
pub trait Chance: fmt::Debug + Send + Sync {
    /// A number, drawn anew each time.
    fn draw(&self) -> u64;
}
