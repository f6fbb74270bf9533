//! Events of invented conversations, and an exchange that takes them one after another.

use std::time::Duration;

use cartage::exchange::delivery::Standing;
use cartage::exchange::effect::Effect;
use cartage::exchange::effect::Reply;
use cartage::exchange::effect::Taken;
use cartage::exchange::event::Answer;
use cartage::exchange::event::Event;
use cartage::exchange::event::HandOver;
use cartage::exchange::event::Move;
use cartage::exchange::event::Mover;
use cartage::exchange::event::Purpose;
use cartage::exchange::event::Request;
use cartage::exchange::event::Submission;
use cartage::exchange::event::TaskHome;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::ids::Code;
use cartage::exchange::ids::ContentDigest;
use cartage::exchange::ids::DeliveryId;
use cartage::exchange::ids::Item;
use cartage::exchange::ids::Line;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::moment::Moment;
use cartage::exchange::refusal::Refusal;
use cartage::exchange::state::Exchange;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Terms;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Kinds of documents that the scenes ask for.
pub(crate) const CODES: [&str; 5] = ["11506-3", "18842-5", "34117-2", "11504-8", "57133-1"];

/// When the scenes begin.
pub(crate) fn start() -> Moment {
    Moment::from_millis(1_790_000_000_000)
}

/// When the answers are due.
pub(crate) fn due() -> Moment {
    start().after(30 * DAY)
}

pub(crate) fn digest(number: u32) -> ContentDigest {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ContentDigest::new(bytes)
}

pub(crate) fn item(number: usize) -> Item {
    Item::new(Line::Number(1), Code::parse(CODES[number]).unwrap())
}

pub(crate) fn delivery(number: u32) -> DeliveryId {
    DeliveryId::new(number)
}

/// Asks for the first `items` kinds of documents, by a Task that we host and a 277 that we send.
pub(crate) fn request(items: usize) -> Request {
    Request {
        digest: digest(9_999),
        purpose: Purpose::Claim,
        wanted: (0..items).map(item).collect(),
        due: Some(due()),
        several: true,
        hand_over: HandOver::Pushed,
        task: TaskHome::Hosted,
    }
}

/// A document of kind `number` in answer to a request.
pub(crate) fn part(number: usize, last: bool) -> Submission {
    Submission {
        digest: digest(u32::try_from(number).unwrap()),
        answers: vec![Answer {
            line: Line::Number(1),
            code: Some(Code::parse(CODES[number % CODES.len()]).unwrap()),
        }],
        last,
        sequence: None,
        solicited: true,
    }
}

/// A document that nobody asked for.
pub(crate) fn unasked(number: usize, last: bool) -> Submission {
    Submission {
        solicited: false,
        ..part(number, last)
    }
}

pub(crate) fn receipt(number: u32, rung: Rung, verdict: Verdict) -> What {
    What::Receipt {
        delivery: delivery(number),
        rung,
        verdict,
    }
}

/// The closing acknowledgement of a delivery under the usual terms.
pub(crate) fn accepted(number: u32) -> What {
    receipt(number, Rung::Application, Verdict::Accepted)
}

pub(crate) fn refused(number: u32) -> What {
    receipt(number, Rung::Application, Verdict::Rejected)
}

pub(crate) fn moved(to: Move) -> What {
    What::Moved {
        by: Mover::Source,
        to,
    }
}

/// An exchange, the time, and all that was to be done so far.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) exchange: Exchange,
    pub(crate) now: Moment,
    pub(crate) effects: Vec<Effect>,
    pub(crate) taken: Vec<Event>,
}

impl Scene {
    pub(crate) fn under(terms: Terms) -> Self {
        Self {
            exchange: Exchange::open(terms),
            now: start(),
            effects: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Takes an event that is not refused; gives what is to be done about it.
    #[track_caller]
    pub(crate) fn take(&mut self, what: What) -> Vec<Effect> {
        let event = what.kind();
        match self.attempt(what) {
            Ok(effects) => effects,
            Err(refusal) => panic!("{event:?} in {:?}: {refusal:?}", self.exchange.kind()),
        }
    }

    /// Takes an event or leaves the exchange as it was.
    pub(crate) fn attempt(&mut self, what: What) -> Result<Vec<Effect>, Refusal> {
        let event = Event::new(self.now, what);
        let (exchange, effects) = self.exchange.step(&event)?;
        self.exchange = exchange;
        self.effects.extend(effects.iter().cloned());
        self.taken.push(event);
        Ok(effects)
    }

    #[track_caller]
    pub(crate) fn refuse(&mut self, what: What, expected: Refusal) {
        let before = self.exchange.clone();
        assert_eq!(self.attempt(what).unwrap_err(), expected);
        assert_eq!(self.exchange, before);
    }

    /// Lets time pass without anything happening.
    pub(crate) fn pass(&mut self, wait: Duration) {
        self.now = self.now.after(wait);
    }

    /// Lets time pass and fires what the exchange waits for on the way.
    #[track_caller]
    pub(crate) fn live(&mut self, wait: Duration) -> Vec<Timer> {
        let end = self.now.after(wait);
        let mut fired = Vec::new();
        while let Some((at, timer)) = self.exchange.wakes()
            && at <= end
        {
            self.now = self.now.max(at);
            self.take(What::Elapsed(timer));
            fired.push(timer);
        }
        self.now = end;
        fired
    }

    #[track_caller]
    pub(crate) fn stands(&self, kind: Kind) {
        assert_eq!(self.exchange.kind(), kind);
    }

    #[track_caller]
    pub(crate) fn task_is(&self, status: TaskStatus, business: Option<&str>) {
        let task = self.exchange.task().unwrap();
        assert_eq!(task.status, status);
        assert_eq!(task.business.map(|business| business.text()).as_deref(), business);
    }

    /// The statuses of all versions of the Task that were written.
    pub(crate) fn history(&self) -> Vec<&'static str> {
        let written = self.effects.iter().filter_map(|effect| match effect {
            Effect::WriteTask(view) => Some(view.status.code()),
            _ => None,
        });
        written.collect()
    }

    /// The deliveries that were put in the outbox, each time they were.
    pub(crate) fn sent(&self) -> Vec<u32> {
        let sent = self.effects.iter().filter_map(|effect| match effect {
            Effect::Send { delivery } => Some(delivery.number()),
            _ => None,
        });
        sent.collect()
    }

    pub(crate) fn standing(&self, number: u32) -> Standing {
        self.exchange.delivery(delivery(number)).unwrap().standing
    }
}

/// The reply among `effects`.
#[track_caller]
pub(crate) fn reply(effects: &[Effect]) -> &Reply {
    let mut replies = effects.iter().filter_map(|effect| match effect {
        Effect::Reply(reply) => Some(reply),
        _ => None,
    });
    let found = replies.next().unwrap();
    assert_eq!(replies.next(), None);
    found
}

#[track_caller]
pub(crate) fn assert_reply(effects: &[Effect], outcome: Taken) {
    assert_eq!(*reply(effects), Reply::plain(outcome));
}
