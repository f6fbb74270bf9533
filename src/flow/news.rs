//! What the log is told of a message that comes in: that it was kept, repeated or refused. What is in it stands in the ledger
//! and nowhere else.

use serde_json::Value;
use x12_parser::InterchangeReceipt;
use x12_parser::Verdict;

use crate::base::clock::Tick;
use crate::fhir::issue::IssueType;
use crate::flow::door::Caller;
use crate::flow::door::Media;
use crate::flow::door::Reply;
use crate::flow::gateway::Gateway;
use crate::flow::inspect::Inspected;
use crate::flow::meaning::list;
use crate::flow::meaning::text;
use crate::ledger::entry::Entry;
use crate::ledger::found::Outcome;
use crate::ledger::ids::EntryId;
use crate::observe::event::Event;
use crate::observe::name::ConfiguredName;
use crate::routing::key::Message;

/// What is told of a message when it is committed.
#[derive(Debug)]
pub(crate) struct News {
    partner: ConfiguredName,
    door: ConfiguredName,
    /// When its first byte came.
    began: Tick,
    /// What it is.
    message: &'static str,
    /// Why it waits for a person, if it does.
    parked: Option<&'static str>,
    /// What its answer refuses.
    refused: Option<Refused>,
}

/// What the answer to a message refuses, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refused {
    /// The whole of it.
    Whole(&'static str),
    /// Some of it.
    Part(&'static str),
}

impl Refused {
    /// What the answer to an interchange refuses.
    pub(crate) fn of(receipt: &InterchangeReceipt) -> Option<Self> {
        if receipt.verdict() == Verdict::Rejected {
            return Some(Self::Whole("rejected"));
        }
        let mut groups = receipt.groups.iter();
        let group = groups.any(|group| group.verdict() == Verdict::Rejected);
        let sets = || receipt.groups.iter().flat_map(|group| &group.transactions);
        if group || sets().any(|set| set.verdict() == Verdict::Rejected) {
            return Some(Self::Part("rejected"));
        }
        let contested = sets().any(|set| set.content_verdict() == Verdict::Rejected);
        contested.then_some(Self::Part("content"))
    }
}

impl News {
    /// A message that is taken.
    pub(crate) fn of(caller: &Caller, began: Tick, message: &'static str) -> Self {
        Self {
            partner: ConfiguredName::configured(&caller.partner),
            door: ConfiguredName::configured(&caller.door),
            began,
            message,
            parked: None,
            refused: None,
        }
    }

    /// It waits for a person, if there is a reason.
    pub(crate) const fn parked(mut self, why: Option<&'static str>) -> Self {
        self.parked = why;
        self
    }

    /// Its answer refuses it, or some of it.
    pub(crate) const fn refused(mut self, refused: Option<Refused>) -> Self {
        self.refused = refused;
        self
    }

    /// Tells what became of it.
    pub(crate) fn tell(self, gateway: &Gateway, outcome: &Outcome, bytes: u64) {
        let journal = gateway.journal();
        let Self { partner, door, .. } = self;
        let kept = match outcome {
            Outcome::Committed(kept) => kept.entry.number(),
            Outcome::Repeated(seen) => {
                let entry = seen.entry.number();
                journal.tell(Event::Repeated { partner, door, entry });
                return;
            }
        };
        if !matches!(self.refused, Some(Refused::Whole(_))) {
            let took = gateway.parts().clock.tick().since(self.began);
            journal.tell(Event::Accepted {
                partner: partner.clone(),
                door: door.clone(),
                message: self.message,
                entry: kept,
                bytes,
                took,
            });
        }
        if let Some(code) = self.parked {
            journal.tell(Event::Parked {
                partner: partner.clone(),
                entry: kept,
                code,
            });
        }
        if let Some(Refused::Whole(code) | Refused::Part(code)) = self.refused {
            journal.tell(Event::Refused {
                partner: Some(partner),
                door,
                code,
                status: None,
            });
        }
    }
}

/// Tells of a message that came again and gets the answer of the first time.
pub(crate) fn repeated(gateway: &Gateway, caller: &Caller, first: EntryId) {
    gateway.journal().tell(Event::Repeated {
        partner: ConfiguredName::configured(&caller.partner),
        door: ConfiguredName::configured(&caller.door),
        entry: first.number(),
    });
}

/// Tells of a message of which nothing was kept, by what its sender is answered.
pub(crate) fn refused(gateway: &Gateway, caller: &Caller, reply: &Reply) {
    if reply.status < 400 {
        return;
    }
    gateway.journal().tell(Event::Refused {
        partner: Some(ConfiguredName::configured(&caller.partner)),
        door: ConfiguredName::configured(&caller.door),
        code: code_of(reply),
        status: Some(reply.status),
    });
}

/// The first reason of a refusal: what its outcome says, or else what its status does.
fn code_of(reply: &Reply) -> &'static str {
    let outcome: Option<Value> = match reply.media {
        Media::Fhir => serde_json::from_slice(&reply.body).ok(),
        Media::X12 | Media::Text => None,
    };
    let said = outcome.as_ref().and_then(|outcome| {
        let mut errors =
            list(outcome, "issue").filter(|issue| matches!(text(issue, "severity"), Some("error" | "fatal")));
        errors
            .next()
            .and_then(|issue| text(issue, "code"))
            .and_then(IssueType::parse)
    });
    match (said, reply.status) {
        (Some(code), _) => code.as_str(),
        (None, 403) => "forbidden",
        (None, 408) => "timeout",
        (None, 413) => "too-long",
        (None, 503 | 507) => "transient",
        (None, 500..) => "exception",
        (None, _) => "structure",
    }
}

/// What an interchange is, by the first in it that has a name.
pub(crate) fn kind_of(inspected: &Inspected) -> &'static str {
    let mut messages = inspected.transactions.iter();
    let message = messages.find_map(|arrived| arrived.facts.message());
    match message {
        Some(message) => message.as_str(),
        // A TA1 stands in no transaction.
        None if !inspected.acknowledged.is_empty() => Message::Ack.as_str(),
        None => "x12",
    }
}

/// How many bytes of a message an entry keeps.
pub(crate) fn length(entry: &Entry) -> u64 {
    entry.received.as_ref().map_or(0, |received| received.body.len())
}
