//! Dice of the machine.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::flow::chance::Chance;

/// Draws from the hasher that the standard library seeds from the system for each process.
#[derive(Debug, Default)]
pub(super) struct Dice {
    seed: RandomState,
    drawn: AtomicU64,
}

impl Chance for Dice {
    fn draw(&self) -> u64 {
        self.seed.hash_one(self.drawn.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_and_two_processes_differ() {
        let dice = Dice::default();
        assert_ne!(dice.draw(), dice.draw());
        assert_ne!(Dice::default().draw(), Dice::default().draw());
    }
}
