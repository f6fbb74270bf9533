//! Finds pairs of routes that cross: some messages match both, and each matches some that the other does not.
//!
//! Then the order decides, and whoever wrote the second route may not know. A route inside another is not told: the
//! exception above the rule is how one writes exceptions, and the other way round is a shadow.

use std::collections::HashMap;

use crate::routing::facts::Facts;
use crate::routing::key::Key;
use crate::routing::route::Condition;
use crate::routing::route::Quantifier;
use crate::routing::route::Route;
use crate::routing::route::RouteId;
use crate::routing::table::Table;
use crate::routing::value::Pattern;
use crate::routing::value::Shape;
use crate::routing::value::Value;
use crate::routing::witness::both;

/// Two routes to different partners that cross.
#[derive(Debug)]
pub struct Overlap {
    /// The route that takes what both match.
    pub first: RouteId,
    /// The route that does not.
    pub second: RouteId,
    /// A message that both match and that the first takes.
    pub example: Facts,
}

impl Table {
    /// Crossing pairs in the order of their second route, at most `most` of them and a few of each route.
    ///
    /// In a table of thousands of routes that look at different keys, a sample of those is compared.
    pub fn overlaps(&self, most: usize) -> Vec<Overlap> {
        let mut search = Crossings::new(self);
        let mut found = Vec::new();
        for (position, route) in (0_u32..).zip(self.routes()) {
            if found.len() >= most {
                break;
            }
            found.extend(search.above(RouteId(position), route));
            search.add(position, route);
        }
        found.truncate(most);
        found
    }
}

/// The routes looked at so far, by what they ask for.
struct Crossings<'a> {
    table: &'a Table,
    /// Every exact value of every key, and who asks for it.
    values: HashMap<(Key, &'a Value), Vec<u32>>,
    /// Routes with a prefix among their patterns.
    prefixed: Vec<u32>,
    /// Routes by the set of keys that they look at.
    classes: HashMap<u32, Vec<u32>>,
    compared: usize,
}

impl<'a> Crossings<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            table,
            values: HashMap::new(),
            prefixed: Vec::new(),
            classes: HashMap::new(),
            compared: 0,
        }
    }

    fn add(&mut self, position: u32, route: &'a Route) {
        let patterns =
            |condition: &'a Condition| condition.patterns.iter().map(|pattern| (condition.key, pattern));
        let mut prefixed = false;
        for (key, pattern) in route.when.conditions().iter().flat_map(patterns) {
            match pattern.shape() {
                Shape::Exact(value) => self.values.entry((key, value)).or_default().push(position),
                Shape::Prefix(_) => prefixed = true,
            }
        }
        if prefixed {
            self.prefixed.push(position);
        }
        self.classes.entry(keys_of(route)).or_default().push(position);
    }

    /// Up to [`MOST_PER_ROUTE`] routes above that cross this one.
    fn above(&mut self, second: RouteId, route: &'a Route) -> Vec<Overlap> {
        let mut found = Vec::new();
        for position in self.candidates(route) {
            if found.len() >= MOST_PER_ROUTE || self.compared >= MOST_COMPARED {
                break;
            }
            self.compared += 1;
            let first = RouteId(position);
            let Some(above) = self.table.routes().get(first.index()) else {
                continue;
            };
            if above.to == route.to
                || !may_meet(above, route)
                || contains(above, route)
                || contains(route, above)
            {
                continue;
            }
            if let Some(example) = both(above, route)
                && self.table.first_route(&example) == Some(first)
            {
                found.push(Overlap {
                    first,
                    second,
                    example,
                });
            }
        }
        found
    }

    /// Routes that may cross this one, topmost first: those that share its rarest value, those with prefixes, and some
    /// of each class of routes that look at other keys.
    fn candidates(&self, route: &Route) -> Vec<u32> {
        let sharing = |condition: &Condition| {
            let exact = condition.patterns.iter().map(|pattern| match pattern.shape() {
                Shape::Exact(value) => self
                    .values
                    .get(&(condition.key, value))
                    .map_or(&[][..], Vec::as_slice),
                Shape::Prefix(_) => &[],
            });
            let whole = condition
                .patterns
                .iter()
                .all(|pattern| matches!(pattern.shape(), Shape::Exact(_)));
            (whole, exact.flatten().copied().collect::<Vec<u32>>())
        };
        let keys = keys_of(route);
        let rarest = route
            .when
            .conditions()
            .iter()
            .map(sharing)
            .filter(|(whole, _)| *whole)
            .map(|(_, who)| who);
        let rarest = rarest.min_by_key(Vec::len);
        let mut candidates: Vec<u32> = match rarest {
            Some(sharing) => {
                let elsewhere = self.classes.iter().filter(|(class, _)| **class & keys != keys);
                sharing
                    .into_iter()
                    .chain(elsewhere.flat_map(|(_, members)| members.iter().take(MOST_OF_CLASS).copied()))
                    .collect()
            }
            None => self.classes.values().flatten().copied().collect(),
        };
        candidates.extend(&self.prefixed);
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

/// The keys that a route looks at, one bit each.
fn keys_of(route: &Route) -> u32 {
    route
        .when
        .conditions()
        .iter()
        .fold(0, |keys, condition| keys | 1 << condition.key.index())
}

/// Whether no key keeps the two apart; most pairs fail here, so it is cheap.
fn may_meet(one: &Route, other: &Route) -> bool {
    let apart = |one: &Condition, other: &Condition| {
        let meets = |pattern: &Pattern| other.patterns.iter().any(|other| other.meets(pattern));
        one.key == other.key && !one.patterns.iter().any(meets)
    };
    let others = other.when.conditions();
    !one.when
        .conditions()
        .iter()
        .any(|one| others.iter().any(|other| apart(one, other)))
}

/// Whether every message that matches `inner` matches `outer` too, condition by condition; exceptions aside.
fn contains(outer: &Route, inner: &Route) -> bool {
    let covered = |wide: &Condition| {
        inner.when.conditions().iter().any(|narrow| {
            let comparable = wide.key == narrow.key
                && (wide.quantifier == Quantifier::Any || narrow.quantifier == Quantifier::All);
            let within = |pattern| wide.patterns.iter().any(|wide| wide.covers(pattern));
            comparable && narrow.patterns.iter().all(within)
        })
    };
    outer.when.conditions().iter().all(covered)
}

/// How many pairs are compared in one table.
const MOST_COMPARED: usize = 200_000;

/// How many pairs are told of one route.
const MOST_PER_ROUTE: usize = 3;

/// How many routes are tried of each class that does not look at all keys of the route at hand.
const MOST_OF_CLASS: usize = 32;
