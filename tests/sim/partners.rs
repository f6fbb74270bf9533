//! The partners: what they do with what reaches them, and what they saw with their own eyes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use cartage::exchange::keys::ControlNumber;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::moment::Moment;
use cartage::exchange::retry::Failure;
use cartage::exchange::retry::Why;

use crate::courier::Attempt;
use crate::courier::Ended;
use crate::dice::Dice;
use crate::letters::Says;
use crate::plan::DAY;
use crate::plan::HOUR;
use crate::plan::Plan;

/// What a partner received under one number.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) contents: Vec<Vec<u8>>,
    pub(crate) refused: bool,
}

/// A partner at the end of a lane.
#[derive(Debug, Default)]
pub(crate) struct Partner {
    pub(crate) received: BTreeMap<ControlNumber, Received>,
    /// When it is out of reach.
    outages: Vec<(Moment, Moment)>,
}

/// What comes of a delivery: the answer, if it answers, and letters that follow.
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    pub(crate) follows: Vec<(Duration, Says)>,
    /// The partner has it now, and had not before.
    pub(crate) is_new: bool,
    pub(crate) complaint: Option<String>,
}

impl Partner {
    pub(crate) fn roll(dice: &mut Dice, start: Moment) -> Self {
        let outages = (0..dice.below(4)).map(|_| {
            let from = start.after(dice.within(50 * DAY));
            (from, from.after(dice.within(5 * DAY)))
        });
        Self {
            received: BTreeMap::new(),
            outages: outages.collect(),
        }
    }

    /// The numbers and contents that it has and did not refuse.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (&ControlNumber, &Received)> {
        self.received.iter().filter(|(_, received)| !received.refused)
    }

    pub(crate) fn contents(&self) -> BTreeSet<&[u8]> {
        let all = self.received.values().flat_map(|received| &received.contents);
        all.map(Vec::as_slice).collect()
    }

    /// Takes an attempt the way a partner with bad days does; `closes` is its last acknowledgement of it.
    pub(crate) fn take(
        &mut self,
        attempt: &Attempt,
        (plan, closes): (&Plan, Rung),
        now: Moment,
        dice: &mut Dice,
    ) -> Outcome {
        if self.outages.iter().any(|(from, to)| (*from..*to).contains(&now)) {
            return Outcome::failed(Why::Unreachable, None);
        }
        match dice.below(100) {
            0..5 => return Outcome::failed(Why::Status(503), Some(dice.within(HOUR))),
            5..8 => return Outcome::failed(Why::Status(500), None),
            8..10 => return Outcome::failed(Why::Garbled, None),
            10..12 => return Outcome::failed(Why::Status(422), None),
            _ => {}
        }
        let is_fhir = closes == Rung::Application && plan.hosted;
        let ended = Ended::Delivered(if is_fhir {
            Rung::Application
        } else {
            Rung::Transport
        });
        let mut outcome = Outcome {
            ended,
            follows: Vec::new(),
            is_new: false,
            complaint: None,
        };
        let known = self.received.get_mut(&attempt.number);
        if let Some(known) = known {
            if known.contents != attempt.contents {
                outcome.complaint = Some(format!("{:?} carries other bytes than before", attempt.number));
            }
            if !known.refused {
                if !is_fhir && dice.chance(50) {
                    let about = attempt.number;
                    let (rung, verdict) = (Rung::Interchange, Verdict::AlreadyThere);
                    let wait = dice.within(HOUR);
                    outcome
                        .follows
                        .push((wait, Says::Receipt { about, rung, verdict }));
                }
                return outcome;
            }
        }
        outcome.is_new = true;
        let mut refused = false;
        if !is_fhir {
            (refused, outcome.follows) = acknowledgements(attempt.number, closes, dice);
        }
        self.received.insert(
            attempt.number,
            Received {
                contents: attempt.contents.clone(),
                refused,
            },
        );
        outcome
    }
}

/// The acknowledgements of one delivery, in any order, some of them twice; whether they end in a refusal.
fn acknowledgements(about: ControlNumber, closes: Rung, dice: &mut Dice) -> (bool, Vec<(Duration, Says)>) {
    let mut follows = Vec::new();
    for rung in [Rung::Interchange, Rung::Functional, Rung::Application] {
        if rung != closes && dice.chance(40) {
            continue;
        }
        let refused = rung != Rung::Interchange && dice.chance(6);
        let verdict = match (refused, dice.chance(10)) {
            (true, _) => Verdict::Rejected,
            (false, true) => Verdict::WithErrors,
            (false, false) => Verdict::Accepted,
        };
        for _ in 0..=usize::from(dice.chance(10)) {
            follows.push((dice.within(2 * DAY), Says::Receipt { about, rung, verdict }));
        }
        if refused {
            return (true, follows);
        }
    }
    (false, follows)
}

impl Outcome {
    const fn failed(why: Why, pause: Option<Duration>) -> Self {
        Self {
            ended: Ended::Failed(Failure { why, pause }),
            follows: Vec::new(),
            is_new: false,
            complaint: None,
        }
    }
}
