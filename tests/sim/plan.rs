//! What the partners of a run intend: conversations of all kinds.

use std::time::Duration;

use cartage::base::ids::TrackingId;
use cartage::exchange::correlation::Maker;
use cartage::exchange::correlation::Names;
use cartage::exchange::correlation::Tracking;
use cartage::exchange::event::Answer;
use cartage::exchange::event::HandOver;
use cartage::exchange::event::Purpose;
use cartage::exchange::event::Request;
use cartage::exchange::event::Submission;
use cartage::exchange::event::TaskHome;
use cartage::exchange::ids::Code;
use cartage::exchange::ids::Item;
use cartage::exchange::ids::Line;
use cartage::exchange::ids::PartnerName;
use cartage::exchange::ladder::Rung;
use cartage::exchange::moment::Moment;
use cartage::exchange::terms::Assembly;
use cartage::exchange::terms::Terms;

use crate::dice::Dice;
use crate::letters::digest;

pub(crate) type PlanId = usize;

pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// One conversation that partners intend to have.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) id: PlanId,
    pub(crate) kind: PlanKind,
    pub(crate) parts: usize,
    pub(crate) terms: Terms,
    pub(crate) hosted: bool,
    /// Days from the start of the run until the answer is due.
    pub(crate) due: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PlanKind {
    /// The provider answers what it was asked.
    Solicited,
    /// The provider knows of the request by another way and answers when it likes.
    Eager,
    Unsolicited,
    /// The gateway holds what comes until the claim is known.
    Held,
}

const CODES: [&str; 5] = ["11506-3", "18842-5", "34117-2", "11504-8", "57133-1"];

impl Plan {
    pub(crate) fn roll(id: PlanId, dice: &mut Dice) -> Self {
        let kind = [
            PlanKind::Solicited,
            PlanKind::Solicited,
            PlanKind::Eager,
            PlanKind::Unsolicited,
            PlanKind::Held,
        ][dice.below(5)];
        let mut terms = Terms {
            request_closes: [Rung::Functional, Rung::Application][dice.below(2)],
            answer_closes: [Rung::Functional, Rung::Application][dice.below(2)],
            assembly: [Assembly::Whole, Assembly::Streamed][dice.below(2)],
            stragglers: [Duration::ZERO, 12 * HOUR][dice.below(2)],
            ..Terms::default()
        };
        terms.hold.for_claim = kind == PlanKind::Held;
        Self {
            id,
            kind,
            parts: 1 + dice.below(CODES.len()),
            terms,
            hosted: dice.chance(60),
            due: 10 + u32::try_from(dice.below(30)).unwrap(),
        }
    }

    pub(crate) const fn is_solicited(&self) -> bool {
        matches!(self.kind, PlanKind::Solicited | PlanKind::Eager)
    }

    /// What messages of this conversation go by.
    pub(crate) fn names(&self) -> Names {
        let number = TrackingId::parse(&format!("T{}", self.id)).unwrap();
        Names {
            tracking: vec![Tracking {
                number,
                maker: Maker::Unknown,
                system: None,
            }],
            ..Names::of(PartnerName::parse("clinic").unwrap())
        }
    }

    pub(crate) fn request(&self, bytes: &[u8], start: Moment) -> Request {
        let item = |number: usize| Item::new(Line::Whole, code(number));
        Request {
            digest: digest(bytes),
            purpose: Purpose::Claim,
            wanted: (0..self.parts).map(item).collect(),
            due: Some(start.after(self.due * DAY)),
            several: true,
            hand_over: HandOver::Pushed,
            task: if self.hosted {
                TaskHome::Hosted
            } else {
                TaskHome::Elsewhere
            },
        }
    }

    pub(crate) fn submission(&self, bytes: &[u8], number: usize, last: bool) -> Submission {
        Submission {
            digest: digest(bytes),
            answers: vec![Answer {
                line: Line::Whole,
                code: Some(code(number)),
            }],
            last,
            sequence: None,
            solicited: self.is_solicited(),
        }
    }
}

fn code(number: usize) -> Code {
    Code::parse(CODES[number % CODES.len()]).unwrap()
}
