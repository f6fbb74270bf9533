//! The compiled table: facts in, decision out, in a time that does not grow with the table.

use crate::routing::delivery::CannotSend;
use crate::routing::delivery::Delivery;
use crate::routing::delivery::delivery;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::index::Index;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::partner::Owner;
use crate::routing::partner::Partner;
use crate::routing::partner::PartnerId;
use crate::routing::partner::Partners;
use crate::routing::route::Route;
use crate::routing::route::RouteId;

/// Everything that routing is told.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The trading partners.
    pub partners: Vec<Partner>,
    /// The routes, top to bottom.
    pub routes: Vec<Route>,
    /// What becomes of a message that cannot be routed.
    pub park: Park,
}

/// What becomes of a message that cannot be routed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Park {
    /// It is kept and shown until a person decides.
    #[default]
    Hold,
    /// The sender is answered with a refusal.
    Reject,
}

/// The routes and partners, ready for use.
#[derive(Clone, Debug, Default)]
pub struct Table {
    partners: Partners,
    routes: Vec<Route>,
    index: Index,
    park: Park,
}

/// Where a message goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Which of the four steps decided.
    pub by: By,
    /// Where it goes and as what; nothing if it is parked, or if the partner who asked is not told here.
    pub to: Option<(PartnerId, Delivery)>,
}

/// The step that decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum By {
    /// It answers a request that we carried, and goes back to whoever asked.
    Conversation,
    /// A route took it.
    Route(RouteId),
    /// Somebody owns an identifier in it.
    Addressee(Addressed),
    /// Nothing did, for this reason.
    Park(Unrouted),
}

/// What says who a message is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Addressed {
    /// An identifier with an owner.
    Owned(Owner),
    /// A read or search names the partner.
    Named(PartnerId),
}

/// Why a message cannot be routed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unrouted {
    /// It is of no kind that the gateway carries.
    UnknownMessage,
    /// This kind answers something we sent, and we sent nothing that it answers.
    NothingToAnswer,
    /// It names nobody that a message of its kind is for.
    NoAddressee,
    /// Nobody here owns what it names.
    NoOwner(Key),
    /// It names several identifiers, and different partners own them.
    SeveralOwners(PartnerId, PartnerId),
    /// It names a partner that does not exist.
    NoSuchPartner,
    /// The partner cannot be sent such a message.
    CannotSend(PartnerId, CannotSend),
}

impl Table {
    /// Compiles the table.
    pub fn new(settings: Settings) -> Self {
        Self {
            index: Index::new(&settings.routes),
            partners: Partners::new(settings.partners),
            routes: settings.routes,
            park: settings.park,
        }
    }

    /// The partners.
    pub const fn partners(&self) -> &Partners {
        &self.partners
    }

    /// The routes, top to bottom.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What becomes of a message that cannot be routed.
    pub const fn park(&self) -> Park {
        self.park
    }

    /// Decides where a message with these facts goes.
    pub fn decide(&self, facts: &Facts) -> Decision {
        let by = if let Conversation::Open(_) = facts.conversation() {
            By::Conversation
        } else if let Some(route) = self.first_route(facts) {
            By::Route(route)
        } else {
            self.addressee(facts).map_or_else(By::Park, By::Addressee)
        };
        self.settle(by, facts)
    }

    /// The first route that takes a message with these facts.
    pub fn first_route(&self, facts: &Facts) -> Option<RouteId> {
        let takes = |route: u32| {
            self.routes
                .get(route as usize)
                .is_some_and(|route| route.takes(facts))
        };
        self.index.first(facts, takes).map(RouteId)
    }

    /// The routes that a message with these facts comes near to, from the top: the condition that the fewest messages
    /// meet is met.
    pub fn near_routes(&self, facts: &Facts) -> Vec<RouteId> {
        self.index.candidates(facts).into_iter().map(RouteId).collect()
    }

    /// Turns the step that decided into the decision: what is sent, or why it cannot be.
    pub(super) fn settle(&self, by: By, facts: &Facts) -> Decision {
        let to = match &by {
            By::Conversation => match facts.conversation() {
                Conversation::Open(Some(asker)) => self.partners.named(asker),
                Conversation::Open(None) | Conversation::Unnamed | Conversation::Unknown => None,
            },
            By::Route(route) => self.routes.get(route.index()).map(|route| route.to),
            By::Addressee(Addressed::Owned(owner)) => Some(owner.partner),
            By::Addressee(Addressed::Named(partner)) => Some(*partner),
            By::Park(_) => None,
        };
        let Some((id, partner)) = to.and_then(|id| Some((id, self.partners.partner(id)?))) else {
            return Decision { by, to: None };
        };
        let Some(message) = facts.message() else {
            return Decision {
                by: By::Park(Unrouted::UnknownMessage),
                to: None,
            };
        };
        match delivery(message, &partner.speaks) {
            Ok(delivery) => Decision {
                by,
                to: Some((id, delivery)),
            },
            Err(lack) => Decision {
                by: By::Park(Unrouted::CannotSend(id, lack)),
                to: None,
            },
        }
    }

    /// Who a message is for by what it names: the payer for documents, the provider for a request.
    ///
    /// An NPI says more exactly who is meant than a tax id that several may share, so it is asked first.
    ///
    /// # Errors
    /// Says why nobody is.
    pub fn addressee(&self, facts: &Facts) -> Result<Addressed, Unrouted> {
        const PAYER: &[Key] = &[Key::PayerId];
        const PROVIDER: &[Key] = &[Key::ProviderNpi, Key::Organization, Key::Tin];
        let keys = match facts.message().ok_or(Unrouted::UnknownMessage)? {
            Message::Review278 if self.is_from_its_payer(facts) => PROVIDER,
            Message::Attachment275 | Message::SubmitAttachment | Message::Review278 => PAYER,
            Message::Request277 | Message::Task => PROVIDER,
            Message::FhirRead | Message::FhirSearch => return self.named_partner(facts),
            Message::Ack => return Err(Unrouted::NothingToAnswer),
        };
        for key in keys {
            let mut owners = facts.about(*key).iter().filter_map(|fact| {
                let partner = self.partners.owner(*key, &fact.value)?;
                Some(Owner {
                    key: *key,
                    value: fact.value.clone(),
                    partner,
                })
            });
            let Some(first) = owners.next() else { continue };
            return match owners.find(|owner| owner.partner != first.partner) {
                None => Ok(Addressed::Owned(first)),
                Some(other) => Err(Unrouted::SeveralOwners(first.partner, other.partner)),
            };
        }
        let said = keys.iter().find(|key| !facts.about(**key).is_empty());
        Err(said.map_or(Unrouted::NoAddressee, |key| Unrouted::NoOwner(*key)))
    }

    /// Whether a 278 comes from the partner that owns the payer id in it: then it answers, else it asks.
    fn is_from_its_payer(&self, facts: &Facts) -> bool {
        let sender = facts.first(Key::From).and_then(|name| self.partners.named(name));
        let payers = facts.about(Key::PayerId);
        sender.is_some()
            && payers
                .iter()
                .any(|fact| self.partners.owner(Key::PayerId, &fact.value) == sender)
    }

    fn named_partner(&self, facts: &Facts) -> Result<Addressed, Unrouted> {
        let name = facts.named_partner().ok_or(Unrouted::NoAddressee)?;
        self.partners
            .named(name)
            .map(Addressed::Named)
            .ok_or(Unrouted::NoSuchPartner)
    }
}

#[cfg(test)]
mod tests;
