//! Where a message would go, and what each step found, in words.

use std::fmt::Write;

use crate::base::place::Place;
use crate::base::place::X12Place;
use crate::config::check::Checked;
use crate::routing::delivery::Delivery;
use crate::routing::facts::Conversation;
use crate::routing::facts::Fact;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::partner::Owner;
use crate::routing::partner::PartnerId;
use crate::routing::route::Condition;
use crate::routing::route::Miss;
use crate::routing::route::Quantifier;
use crate::routing::route::Route;
use crate::routing::table::Addressed;
use crate::routing::table::By;
use crate::routing::table::Park;
use crate::routing::table::Unrouted;
use crate::routing::trace::Trace;
use crate::routing::value::Pattern;
use crate::routing::value::Value;

/// A decision with everything that led to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// What the message says: key, value, where.
    pub facts: Vec<[String; 3]>,
    /// What stood where a fact belongs and is none.
    pub remarks: Vec<String>,
    /// Whether an open conversation decided, and why.
    pub conversation: Step,
    /// The routes that were looked at, with their numbers and names.
    pub routes: Vec<(usize, String, Step)>,
    /// How many routes were looked at and are not listed, because what tells them from others is not in the message.
    pub unlike: usize,
    /// Who is addressed; nothing where an earlier step decided.
    pub addressee: Option<Step>,
    /// What comes of it.
    pub result: Vec<String>,
    /// Whether the message goes anywhere.
    pub routed: bool,
}

/// What a step found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Whether it decided.
    pub decides: bool,
    /// Why, or why not.
    pub why: String,
}

/// Explains where a message with these facts would go. Lists every route if `all` is asked for, and otherwise only as
/// many as one can read.
pub fn explain(checked: &Checked, facts: &Facts, all: bool) -> Explanation {
    let trace = checked.table.explain(facts);
    let words = Words { checked, facts };
    let routes = words.routes(&trace);
    let looked_at = routes.len();
    let near = if all || looked_at <= MOST_LISTED {
        None
    } else {
        Some(checked.table.near_routes(facts))
    };
    let is_near = |(number, ..): &(usize, &Route, Option<Miss>)| {
        near.as_ref().is_none_or(|near| {
            near.binary_search_by_key(&(number - 1), |route| route.index())
                .is_ok()
        })
    };
    let listed: Vec<_> = routes.into_iter().filter(is_near).collect();
    Explanation {
        facts: facts
            .all()
            .iter()
            .map(|fact| [fact.key.to_string(), shown(fact), place(&fact.source)])
            .collect(),
        remarks: facts
            .remarks()
            .iter()
            .map(|remark| format!("what stands at {} is no {}", place(&remark.source), remark.key))
            .collect(),
        conversation: words.conversation(),
        unlike: looked_at - listed.len(),
        routes: listed
            .into_iter()
            .map(|(number, route, miss)| (number, route.name.to_string(), words.route(route, miss)))
            .collect(),
        addressee: trace
            .addressee
            .as_ref()
            .map(|addressee| words.addressee(addressee)),
        result: words.result(&trace),
        routed: trace.decision.to.is_some() || trace.conversation,
    }
}

/// What the words are about.
struct Words<'a> {
    checked: &'a Checked,
    facts: &'a Facts,
}

impl Words<'_> {
    /// The routes that were looked at: number, route, why it did not take the message.
    fn routes(&self, trace: &Trace) -> Vec<(usize, &Route, Option<Miss>)> {
        let misses = trace
            .misses
            .iter()
            .map(|miss| Some(*miss))
            .chain(trace.taken.map(|_| None));
        let routes = self.checked.table.routes().iter().enumerate();
        routes
            .zip(misses)
            .map(|((position, route), miss)| (position + 1, route, miss))
            .collect()
    }

    fn conversation(&self) -> Step {
        let begins = matches!(self.facts.message(), Some(Message::Request277 | Message::Task));
        let (decides, why) = match self.facts.conversation() {
            Conversation::Open(Some(asker)) => {
                (true, format!("it answers a request of {asker} that we carried"))
            }
            Conversation::Open(None) => (true, "it answers a request that we carried".to_owned()),
            Conversation::Unknown => (
                false,
                "only a running gateway knows which requests are open".to_owned(),
            ),
            Conversation::Unnamed if begins => (false, "a request begins a conversation".to_owned()),
            Conversation::Unnamed => (false, "no tracking id given".to_owned()),
        };
        Step { decides, why }
    }

    fn route(&self, route: &Route, miss: Option<Miss>) -> Step {
        let condition = |at: usize| route.when.conditions().get(at);
        let why = match miss {
            None => self.matched(route.when.conditions(), ", "),
            Some(Miss::Absent(at)) => {
                format!(
                    "{}: message has none",
                    condition(at.index()).map_or("", Condition::name)
                )
            }
            Some(Miss::Differs(at)) => {
                condition(at.index()).map_or(String::new(), |condition| self.differs(condition))
            }
            Some(Miss::Unless) => format!("unless {}", self.matched(route.unless.conditions(), " and ")),
        };
        Step {
            decides: miss.is_none(),
            why,
        }
    }

    /// The values for which the conditions hold.
    fn matched(&self, conditions: &[Condition], between: &str) -> String {
        if conditions.is_empty() {
            return "it takes every message".to_owned();
        }
        let matched = |condition: &Condition| {
            let values = self.facts.about(condition.key).iter();
            let matching = values.filter(|fact| {
                condition
                    .patterns
                    .iter()
                    .any(|pattern| pattern.matches(&fact.value))
            });
            format!("{} {}", condition.name(), few(matching.map(shown)))
        };
        conditions.iter().map(matched).collect::<Vec<_>>().join(between)
    }

    fn differs(&self, condition: &Condition) -> String {
        let values = few(self.facts.about(condition.key).iter().map(shown));
        let patterns: Vec<&str> = condition.patterns.iter().map(Pattern::written).collect();
        let wanted = match patterns.as_slice() {
            [first, .., last] if patterns.len() > 5 => {
                format!("any of {} from {first} to {last}", patterns.len())
            }
            _ => patterns.join(" or "),
        };
        match condition.quantifier {
            Quantifier::Any => format!("{} {values} is not {wanted}", condition.key),
            Quantifier::All => format!("{} {values}: not all are {wanted}", condition.key),
        }
    }

    fn addressee(&self, addressee: &Result<Addressed, Unrouted>) -> Step {
        match addressee {
            Ok(Addressed::Owned(owner)) => {
                let value = self.value(owner.key, &owner.value);
                let name = self.name(owner.partner);
                let at = self
                    .owned_at(owner)
                    .map(|at| format!(" ({at})"))
                    .unwrap_or_default();
                Step {
                    decides: true,
                    why: format!("{} {value} is owned by partner {name}{at}", owner.key),
                }
            }
            Ok(Addressed::Named(partner)) => Step {
                decides: true,
                why: format!("the path names partner {}", self.name(*partner)),
            },
            Err(why) => Step {
                decides: false,
                why: self.unrouted(why),
            },
        }
    }

    fn unrouted(&self, why: &Unrouted) -> String {
        let spoken = self.facts.message().map_or("message", Message::spoken);
        match why {
            Unrouted::UnknownMessage => "the message is of no kind that is carried here".to_owned(),
            Unrouted::NothingToAnswer => {
                format!("an {spoken} answers something we sent, and nothing open is known here")
            }
            Unrouted::NoAddressee => match self.facts.message() {
                Some(Message::Request277 | Message::Task) => format!("the {spoken} names no provider"),
                Some(Message::FhirRead | Message::FhirSearch) => {
                    format!("the path of the {spoken} names no partner")
                }
                _ => format!("the {spoken} names no payer"),
            },
            Unrouted::NoOwner(key) => {
                let values = few(self.facts.about(*key).iter().map(shown));
                format!("{key} {values} is owned by nobody here")
            }
            Unrouted::SeveralOwners(one, other) => {
                format!(
                    "its identifiers belong to different partners: {} and {}",
                    self.name(*one),
                    self.name(*other)
                )
            }
            Unrouted::NoSuchPartner => "the path names a partner that does not exist".to_owned(),
            Unrouted::CannotSend(partner, lack) => {
                format!(
                    "it is for {}, who cannot be sent a {spoken}: {}",
                    self.name(*partner),
                    lack.lacks()
                )
            }
        }
    }

    fn result(&self, trace: &Trace) -> Vec<String> {
        match (&trace.decision.to, &trace.decision.by) {
            (Some((partner, delivery)), _) => self.delivered(*partner, *delivery),
            (None, By::Conversation) => vec!["back to whoever asked".to_owned()],
            (None, By::Park(why)) => {
                let why = self.unrouted(why);
                match self.checked.table.park() {
                    Park::Hold => {
                        vec![
                            format!("parked: {why}"),
                            "kept and shown until a person decides; nothing is dropped".to_owned(),
                        ]
                    }
                    Park::Reject => vec![
                        format!("refused: {why}"),
                        "the sender is told; nothing is kept for later".to_owned(),
                    ],
                }
            }
            (None, By::Route(_) | By::Addressee(_)) => vec!["parked".to_owned()],
        }
    }

    fn delivered(&self, partner: PartnerId, delivery: Delivery) -> Vec<String> {
        let speaks = self
            .checked
            .table
            .partners()
            .partner(partner)
            .map_or("", |partner| partner.speaks.as_str());
        let mut first = format!("to {}, speaks {speaks}: ", self.name(partner));
        if delivery.came == delivery.sends {
            let _ = write!(first, "{} stays as it is", delivery.came.spoken());
        } else {
            let _ = write!(
                first,
                "{} becomes {}",
                delivery.came.spoken(),
                delivery.sends.spoken()
            );
        }
        if let Some(mapping) = delivery.mapping() {
            let _ = write!(first, ", mapping {mapping}");
        }
        if delivery.held {
            first.push_str("; held with us until it is fetched");
        }
        let needs: Vec<String> = delivery
            .needs()
            .iter()
            .map(|(what, at)| format!("{what} ({at})"))
            .collect();
        let reply = format!("reply to sender: {}", delivery.reply());
        let second = if needs.is_empty() {
            reply
        } else {
            format!("needs: {}; {reply}", needs.join(", "))
        };
        vec![first, second]
    }

    fn name(&self, partner: PartnerId) -> &str {
        self.checked
            .table
            .partners()
            .partner(partner)
            .map_or("", |partner| &partner.name)
    }

    /// Where the configuration says that a partner owns an identifier.
    fn owned_at(&self, owner: &Owner) -> Option<String> {
        let (_, partner) = self
            .checked
            .document
            .tree
            .named("partner")
            .nth(owner.partner.index())?;
        let name = match owner.key {
            Key::PayerId => "payer-ids",
            Key::Tin => "tin",
            _ => "npi",
        };
        let is_it = |text: &str| Value::read(owner.key, text).is_ok_and(|value| value == owner.value);
        let node = partner
            .each(name)
            .iter()
            .find(|node| node.text().is_some_and(is_it))?;
        Some(self.checked.document.files.reference(node.origin))
    }

    /// A value as it was given.
    fn value(&self, key: Key, value: &Value) -> String {
        let fact = self.facts.about(key).iter().find(|fact| fact.value == *value);
        fact.map_or_else(|| value.to_string(), shown)
    }
}

/// A value as it was given; one that was read and must not be shown stays private.
fn shown(fact: &Fact) -> String {
    match &fact.source {
        Source::Given(text) => text.to_string(),
        Source::Read(_) | Source::Known(_) => fact.value.to_string(),
    }
}

/// The first few of some values.
fn few(values: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = values.collect();
    match all.get(..5) {
        Some(first) if all.len() > 5 => format!("{} and {} more", first.join(", "), all.len() - 5),
        _ => all.join(", "),
    }
}

/// Where a fact was found.
fn place(source: &Source) -> String {
    match source {
        Source::Given(_) => "given".to_owned(),
        Source::Known(how) => (*how).to_owned(),
        Source::Read(Place::X12(place)) => x12_place(place),
        Source::Read(other) => other.to_string(),
    }
}

/// `1000A NM109, segment 7`.
fn x12_place(place: &X12Place) -> String {
    let mut shown = place
        .loop_id
        .as_deref()
        .map(|loop_id| format!("{loop_id} "))
        .unwrap_or_default();
    shown.extend(place.segment.map(|id| id.to_string()));
    if let Some(element) = place.element {
        let _ = write!(shown, "{element:02}");
    }
    if let Some(ordinal) = place.ordinal {
        let _ = write!(shown, ", segment {ordinal}");
    }
    shown
}

impl Explanation {
    /// The page that `cartage explain` prints.
    pub fn render(&self) -> String {
        let mut out = "facts\n".to_owned();
        let width = |column: usize, least: usize| {
            let lengths = self
                .facts
                .iter()
                .filter_map(|fact| fact.get(column))
                .map(|text| text.chars().count() + 2);
            lengths.max().unwrap_or(0).max(least)
        };
        let (keys, values) = (width(0, 11), width(1, 15));
        for [key, value, source] in &self.facts {
            let _ = writeln!(out, "  {key:keys$}{value:values$}{source}");
        }
        for remark in &self.remarks {
            let _ = writeln!(out, "  ({remark})");
        }
        let _ = writeln!(out, "conversation  {}", self.conversation.render());
        self.render_routes(&mut out);
        let addressee = self
            .addressee
            .as_ref()
            .map_or("-    not looked at".to_owned(), Step::render);
        let _ = writeln!(out, "addressee     {addressee}");
        out.push_str("result\n");
        for line in &self.result {
            let _ = writeln!(out, "  {line}");
        }
        out
    }
}

impl Explanation {
    fn render_routes(&self, out: &mut String) {
        out.push_str("routes\n");
        if self.routes.is_empty() && self.unlike == 0 {
            let why = if self.conversation.decides {
                "not looked at"
            } else {
                "there are none"
            };
            let _ = writeln!(out, "  {why}");
        }
        let digits = self
            .routes
            .last()
            .map_or(1, |(number, ..)| number.to_string().len());
        let names = self
            .routes
            .iter()
            .map(|(_, name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        for (number, name, step) in &self.routes {
            let verdict = if step.decides { "yes" } else { "no" };
            let _ = writeln!(
                out,
                "  {number:>digits$} {verdict:3}  {name:names$}   {}",
                step.why
            );
        }
        if self.unlike > 0 {
            let _ = writeln!(
                out,
                "  {} others ask for something else; --all lists them",
                self.unlike
            );
        }
    }
}

impl Step {
    fn render(&self) -> String {
        format!("{:3}  {}", if self.decides { "yes" } else { "no" }, self.why)
    }
}

/// The most routes that are listed without being asked for.
const MOST_LISTED: usize = 30;
