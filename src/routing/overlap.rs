//! Finds pairs of routes that cross: some messages match both, and each matches some that the other does not.
//!
//! Then the order decides, and whoever wrote the second route may not know. A route inside another is not told: the
//! exception above the rule is how one writes exceptions, and the other way round is a shadow.
//!
//! In a large table thousands of routes by payer cross thousands of routes by sender, all for the same reason. So pairs
//! are told by kind: the keys that the first looks at, and those that the second does.

use std::collections::BTreeMap;
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
    /// More pairs of the same kind; at most [`MOST_OTHERS`].
    pub others: Vec<(RouteId, RouteId)>,
}

impl Table {
    /// Crossing pairs, one of each kind, in the order of their second routes. Kinds that a message in `settled` shows to
    /// be meant are left out: the first route takes it, and the second would have.
    pub fn overlaps<'a>(&self, settled: impl IntoIterator<Item = &'a Facts>) -> Vec<Overlap> {
        let mut search = Crossings::new(self);
        for facts in settled {
            search.settle(facts);
        }
        for (position, route) in (0_u32..).zip(self.routes()) {
            search.find_above(RouteId(position), route);
            search.add(position, route);
        }
        let mut found: Vec<Overlap> = search.found.into_values().flatten().collect();
        found.sort_by_key(|overlap| (overlap.second, overlap.first));
        found
    }
}

/// The keys that two routes look at, one bit each.
type Kind = (u32, u32);

/// The routes looked at so far, by what they ask for.
struct Crossings<'a> {
    table: &'a Table,
    /// Every exact value of every key, and who asks for it.
    values: [HashMap<&'a Value, Vec<u32>>; Key::ALL.len()],
    /// Routes by the keys that they look at, those with a prefix among their patterns apart.
    plain: HashMap<u32, Vec<u32>>,
    prefixed: HashMap<u32, Vec<u32>>,
    /// What was found of each kind; nothing where a message has settled it.
    found: BTreeMap<Kind, Option<Overlap>>,
    compared: usize,
}

impl<'a> Crossings<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            table,
            values: Default::default(),
            plain: HashMap::new(),
            prefixed: HashMap::new(),
            found: BTreeMap::new(),
            compared: 0,
        }
    }

    /// A message shows what is meant for every pair that its route makes with one below that would have taken it.
    fn settle(&mut self, facts: &Facts) {
        let Some(first) = self.table.first_route(facts) else {
            return;
        };
        let Some(above) = self.table.routes().get(first.index()) else {
            return;
        };
        for below in self.table.routes().iter().skip(first.index() + 1) {
            if below.takes(facts) {
                self.found.insert((keys_of(above), keys_of(below)), None);
            }
        }
    }

    fn add(&mut self, position: u32, route: &'a Route) {
        let patterns =
            |condition: &'a Condition| condition.patterns.iter().map(|pattern| (condition.key, pattern));
        let mut prefixed = false;
        for (key, pattern) in route.when.conditions().iter().flat_map(patterns) {
            match pattern.shape() {
                Shape::Exact(value) => {
                    if let Some(values) = self.values.get_mut(key.index()) {
                        values.entry(value).or_default().push(position);
                    }
                }
                Shape::Prefix(_) => prefixed = true,
            }
        }
        let by_keys = if prefixed {
            &mut self.prefixed
        } else {
            &mut self.plain
        };
        by_keys.entry(keys_of(route)).or_default().push(position);
    }

    /// Finds routes above that cross this one.
    fn find_above(&mut self, second: RouteId, route: &'a Route) {
        for position in self.candidates(route) {
            if self.compared >= MOST_COMPARED {
                return;
            }
            let first = RouteId(position);
            let Some(above) = self.table.routes().get(first.index()) else {
                continue;
            };
            let kind = (keys_of(above), keys_of(route));
            if self.is_told(kind) {
                continue;
            }
            self.compared += 1;
            if above.to == route.to
                || !may_meet(above, route)
                || contains(above, route)
                || contains(route, above)
            {
                continue;
            }
            let Some(example) = self.example(first, above, route) else {
                continue;
            };
            match self.found.entry(kind).or_insert(None) {
                Some(known) => known.others.push((first, second)),
                fresh => {
                    let others = Vec::new();
                    *fresh = Some(Overlap {
                        first,
                        second,
                        example,
                        others,
                    });
                }
            }
        }
    }

    /// Whether nothing more is wanted of a kind.
    fn is_told(&self, kind: Kind) -> bool {
        self.found.get(&kind).is_some_and(|found| {
            found
                .as_ref()
                .is_none_or(|overlap| overlap.others.len() >= MOST_OTHERS)
        })
    }

    /// Routes that may cross this one, topmost first: those that share its rarest value, and some of each kind that
    /// looks at other keys or has prefixes.
    fn candidates(&self, route: &Route) -> Vec<u32> {
        let keys = keys_of(route);
        let rarest = self.sharing_rarest(route);
        let mut candidates: Vec<u32> = Vec::new();
        for (of_plain, by_keys) in [(true, &self.plain), (false, &self.prefixed)] {
            for (class, members) in by_keys {
                // Routes that look at all these keys and have whole values share the rarest value, or do not meet.
                let covered = of_plain && rarest.is_some() && class & keys == keys;
                if !covered && !self.is_told((*class, keys)) {
                    let most = if rarest.is_some() || members.len() > MOST_OF_CLASS {
                        MOST_OF_CLASS
                    } else {
                        members.len()
                    };
                    candidates.extend(members.iter().take(most));
                }
            }
        }
        candidates.extend(rarest.unwrap_or_default());
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// The routes above that ask for one of the values of the condition whose values the fewest ask for; nothing if
    /// every condition has a prefix.
    fn sharing_rarest(&self, route: &Route) -> Option<Vec<u32>> {
        let conditions = route
            .when
            .conditions()
            .iter()
            .filter_map(|condition| self.sharing(condition));
        let rarest = conditions.min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>())?;
        Some(
            rarest
                .into_iter()
                .flatten()
                .copied()
                .take(MOST_OF_CLASS * 8)
                .collect(),
        )
    }

    /// The routes above that ask for one of the values of a condition; nothing if it has a prefix.
    fn sharing(&self, condition: &Condition) -> Option<Vec<&[u32]>> {
        let values = self.values.get(condition.key.index())?;
        let mut lists = Vec::with_capacity(condition.patterns.len());
        for pattern in &condition.patterns {
            match pattern.shape() {
                Shape::Exact(value) => lists.push(values.get(value).map_or(&[][..], Vec::as_slice)),
                Shape::Prefix(_) => return None,
            }
        }
        Some(lists)
    }

    /// A message that both routes match and that the upper one takes.
    fn example(&self, first: RouteId, above: &Route, route: &Route) -> Option<Facts> {
        let mut others: Vec<&Route> = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let example = both(above, route, &others)?;
            let taker = self.table.first_route(&example)?;
            if taker == first {
                return Some(example);
            }
            others.push(self.table.routes().get(taker.index())?);
        }
        None
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

/// How many more pairs are told of a kind.
pub const MOST_OTHERS: usize = 3;

/// How many pairs are compared in one table.
const MOST_COMPARED: usize = 200_000;

/// How many routes are tried of each kind that may cross the route at hand without sharing a value with it.
const MOST_OF_CLASS: usize = 64;

/// How many routes above may take an example before it is given up.
const MOST_ROUNDS: usize = 20;
