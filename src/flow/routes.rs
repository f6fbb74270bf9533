//! Decisions of routing as they are kept and explained.

use serde::Serialize;
use serde::Serializer;
use serde_json::Value;
use serde_json::json;

use crate::flow::door::Caller;
use crate::flow::world::World;
use crate::routing::delivery::Delivery;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::table::Addressed;
use crate::routing::table::By;
use crate::routing::table::Park;
use crate::routing::table::Unrouted;

/// Where a message goes, and how that was decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Way {
    to: Option<(String, Delivery)>,
    decided: String,
    parked: Option<&'static str>,
}

impl Way {
    /// Nobody can say without a person what it belongs to.
    pub(crate) fn unclear() -> Self {
        Self {
            to: None,
            decided: "candidates".to_owned(),
            parked: Some("it may belong to an exchange that it contradicts; a person decides"),
        }
    }

    /// It would begin something, and its sender is being given up.
    fn given_up() -> Self {
        Self {
            to: None,
            decided: "parked".to_owned(),
            parked: Some("its sender is being given up, and it belongs to nothing that is open"),
        }
    }

    /// The partner that gets it.
    pub(crate) fn partner(&self) -> Option<&str> {
        self.to.as_ref().map(|(partner, _)| partner.as_str())
    }

    /// How it gets there.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        self.to.as_ref().map(|(_, delivery)| *delivery)
    }

    /// What it gets.
    pub(crate) fn sends(&self) -> Option<Message> {
        self.delivery().map(|delivery| delivery.sends)
    }

    /// In what way that was decided.
    pub(crate) fn decided(&self) -> &str {
        &self.decided
    }

    /// Whether it goes nowhere.
    pub(crate) const fn is_parked(&self) -> bool {
        self.to.is_none()
    }

    /// Why it goes nowhere.
    pub(crate) fn why_parked(&self) -> &'static str {
        self.parked.unwrap_or("nothing says who it is for")
    }

    /// As it is kept with the message.
    pub(crate) fn kept(&self) -> Value {
        json!(self.told())
    }

    /// The same, to be written at once.
    pub(crate) fn told(&self) -> Told<'_> {
        Told {
            decided: &self.decided,
            to: self.partner(),
            sends: self.sends().map(Message::as_str),
            parked: self.parked,
        }
    }
}

/// A decision as it is kept.
#[derive(Serialize)]
pub(crate) struct Told<'w> {
    decided: &'w str,
    to: Option<&'w str>,
    sends: Option<&'static str>,
    parked: Option<&'static str>,
}

/// Says who sent a message and through which door.
pub(crate) fn introduce(facts: &mut Facts, caller: &Caller) {
    facts.read(Key::From, &caller.partner, Source::Known("the door or the token"));
    facts.read(Key::Listener, &caller.door, Source::Known("the door"));
}

/// Where a message goes; `asker` is who asked, if it answers a request that we carried or joins what was begun.
pub(crate) fn decide(world: &World, facts: &Facts, asker: Option<&str>) -> Way {
    let is_given_up = |from| world.settings.retiring.contains(from);
    if asker.is_none() && facts.first(Key::From).is_some_and(is_given_up) {
        return Way::given_up();
    }
    let joined = asker.map(|asker| {
        let mut facts = facts.clone();
        facts.in_conversation(Conversation::Open(Some(asker.into())));
        facts
    });
    let decision = world.table.decide(joined.as_ref().unwrap_or(facts));
    let (decided, parked) = match &decision.by {
        By::Conversation => ("conversation".to_owned(), None),
        By::Route(route) => {
            let name = world.table.routes().get(route.index()).map(|route| &*route.name);
            (format!("route {}", name.unwrap_or_default()), None)
        }
        By::Addressee(Addressed::Owned(owner)) => (format!("addressee by {}", owner.key), None),
        By::Addressee(Addressed::Named(_)) => ("addressee by name".to_owned(), None),
        By::Park(why) => ("parked".to_owned(), Some(words(why))),
    };
    let to = decision.to.and_then(|(partner, delivery)| {
        let agreement = world.chosen(partner)?;
        Some((agreement.name.to_string(), delivery))
    });
    Way {
        parked: parked.or_else(|| to.is_none().then_some("who asked is no partner any more")),
        to,
        decided,
    }
}

/// Whether what cannot be routed is kept for a person.
pub(crate) fn holds(world: &World) -> bool {
    world.table.park() == Park::Hold
}

/// The facts as they are kept; a tax id is not told.
pub(crate) fn kept(facts: &Facts) -> Value {
    json!(Kept(facts))
}

/// The same, to be written at once.
pub(crate) struct Kept<'f>(pub(crate) &'f Facts);

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = self.0.all().iter();
        serializer.collect_seq(facts.map(|fact| (fact.key.as_str(), fact.value.told())))
    }
}

const fn words(why: &Unrouted) -> &'static str {
    match why {
        Unrouted::UnknownMessage => "it is of no kind that the gateway carries",
        Unrouted::NothingToAnswer => "nothing is known that it answers",
        Unrouted::NoAddressee => "it names nobody that a message of its kind is for",
        Unrouted::NoOwner(_) => "nobody here owns the identifier that it names",
        Unrouted::SeveralOwners(..) => "it names identifiers of several partners",
        Unrouted::NoSuchPartner => "it names a partner that does not exist",
        Unrouted::CannotSend(..) => "the partner that it is for cannot be sent such a message",
    }
}
