//! One exception: when a message looks like this, unless it looks like that, it goes to that partner.

use crate::routing::facts::Fact;
use crate::routing::facts::Facts;
use crate::routing::key::Key;
use crate::routing::partner::PartnerId;
use crate::routing::value::Pattern;

/// Position of a route, counted from zero from the top.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RouteId(pub(super) u32);

impl RouteId {
    /// The route at this position.
    ///
    /// # Panics
    /// If there are more than four thousand million.
    pub fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a configuration of that many routes does not fit memory"))
    }

    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// What people call it.
    pub name: Box<str>,
    /// What a message must look like.
    pub when: Terms,
    /// What it must not look like; without any condition, nothing is excepted.
    pub unless: Terms,
    /// Where it goes.
    pub to: PartnerId,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Terms(Vec<Condition>);

/// What one key must be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Condition {
    /// The key.
    pub key: Key,
    /// How many of the message's values must match.
    pub quantifier: Quantifier,
    /// What they are compared with; one match is enough.
    pub patterns: Vec<Pattern>,
}

/// How many of the values that a message has of a key must match.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quantifier {
    /// One is enough.
    Any,
    /// All, and there must be one.
    All,
}

/// The first condition that does not hold, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Miss {
    /// The message has no value of the key.
    Absent(Condit),
    /// It has, and they do not match.
    Differs(Condit),
    /// The exception holds.
    Unless,
}

/// Position of a condition in its terms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Condit(pub(super) u16);

impl Condit {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Route {
    /// Whether the route takes a message with these facts.
    pub fn takes(&self, facts: &Facts) -> bool {
        self.when.hold(facts) && !self.excepts(facts)
    }

    /// Why it does not take it; `None` if it does.
    pub fn miss(&self, facts: &Facts) -> Option<Miss> {
        for (position, condition) in (0_u16..).zip(&self.when.0) {
            let values = facts.about(condition.key);
            if values.is_empty() {
                return Some(Miss::Absent(Condit(position)));
            }
            if !condition.holds_for(values) {
                return Some(Miss::Differs(Condit(position)));
            }
        }
        self.excepts(facts).then_some(Miss::Unless)
    }

    fn excepts(&self, facts: &Facts) -> bool {
        !self.unless.0.is_empty() && self.unless.hold(facts)
    }
}

impl Terms {
    /// Terms of these conditions.
    pub const fn new(conditions: Vec<Condition>) -> Self {
        Self(conditions)
    }

    /// The conditions as they were written.
    pub fn conditions(&self) -> &[Condition] {
        &self.0
    }

    /// Whether there is no condition.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all conditions hold.
    pub fn hold(&self, facts: &Facts) -> bool {
        self.0
            .iter()
            .all(|condition| condition.holds_for(facts.about(condition.key)))
    }
}

impl Condition {
    /// The name as it is written: the key, or `all-` and the key.
    pub fn name(&self) -> &'static str {
        match self.quantifier {
            Quantifier::Any => self.key.as_str(),
            Quantifier::All => ALL_LOINC,
        }
    }

    /// Whether the condition holds for the values that a message has of its key.
    pub fn holds_for(&self, values: &[Fact]) -> bool {
        let matched = |fact: &Fact| self.patterns.iter().any(|pattern| pattern.matches(&fact.value));
        match self.quantifier {
            Quantifier::Any => values.iter().any(matched),
            Quantifier::All => !values.is_empty() && values.iter().all(matched),
        }
    }
}

/// The one condition that asks for all values instead of one.
pub const ALL_LOINC: &str = "all-loinc";
