//! What happens by itself in a run: what partners write, when the gateway dies, when clocks are set.

use std::time::Duration;

use super::CALM;
use super::CLOCK_STEPS;
use super::Happening;
use super::World;
use crate::letters::Letter;
use crate::letters::Says;
use crate::plan::DAY;
use crate::plan::HOUR;
use crate::plan::Plan;
use crate::plan::PlanKind;

impl World {
    /// Puts into the queue what will happen by itself.
    pub(super) fn lay_out(&mut self) {
        self.later(Duration::ZERO, Happening::Restart);
        for plan in self.plans.clone() {
            let begin = self.dice.within(10 * DAY);
            if plan.is_solicited() {
                let bytes = self.dice.bytes();
                self.write(begin, Letter::new(Says::Request(plan.id), bytes));
            }
            if plan.kind != PlanKind::Solicited {
                let wait = self.dice.within(12 * DAY);
                self.answer(&plan, wait);
            }
            if plan.kind == PlanKind::Held && self.dice.chance(85) {
                let wait = self.dice.within(45 * DAY);
                let bytes = self.dice.bytes();
                self.write(wait, Letter::new(Says::Claim(plan.id), bytes));
            }
        }
        for _ in 0..self.dice.below(12) {
            let wait = self.dice.within(60 * DAY);
            self.later(wait, Happening::Crash);
        }
        for _ in 0..self.dice.below(1 + CLOCK_STEPS as usize) {
            let wait = self.dice.within(60 * DAY);
            self.later(wait, Happening::ClockStep);
        }
        for day in [30, 60] {
            self.later(day * DAY, Happening::Operator { thorough: false });
        }
        self.later(CALM + 10 * DAY, Happening::Operator { thorough: true });
    }

    /// The clinic writes the parts of its answer, in any order.
    pub(super) fn answer(&mut self, plan: &Plan, wait: Duration) {
        if !self.answered.insert(plan.id) {
            return;
        }
        let mut numbers: Vec<usize> = (0..plan.parts).collect();
        if self.dice.chance(70) {
            self.dice.shuffle(&mut numbers);
        }
        let says_so = self.dice.chance(85);
        let mut wait = wait;
        for number in numbers {
            wait += self.dice.within(6 * HOUR);
            let last = says_so && number + 1 == plan.parts;
            let bytes = self.dice.bytes();
            let plan = plan.id;
            self.write(wait, Letter::new(Says::Part { plan, number, last }, bytes));
        }
    }

    pub(super) fn write(&mut self, wait: Duration, mut letter: Letter) {
        let number = self.letters.len();
        // No two letters say the same by chance.
        letter
            .bytes
            .splice(0..4, u32::try_from(number).unwrap().to_le_bytes());
        self.letters.push(letter);
        self.later(wait, Happening::LetterSent(number));
    }
}
