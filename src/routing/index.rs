//! Finds the few routes that a message might take, so that ten thousand routes cost about what ten do.

use std::collections::HashMap;

use crate::routing::facts::Facts;
use crate::routing::key::Key;
use crate::routing::route::Condition;
use crate::routing::route::Route;
use crate::routing::trie::Trie;
use crate::routing::value::Pattern;
use crate::routing::value::Shape;
use crate::routing::value::Value;

/// Each route filed once: under its rarest key, by every pattern that it has there.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    keys: [Drawer; Key::ALL.len()],
    /// Routes without any condition.
    always: Vec<u32>,
}

/// The routes filed under one key; every list is sorted.
#[derive(Clone, Debug, Default)]
struct Drawer {
    exact: HashMap<Value, Vec<u32>>,
    prefixes: Trie,
    any_prefix: bool,
}

impl Index {
    /// Files all routes under the key that tells them best from the others.
    pub(super) fn new(routes: &[Route]) -> Self {
        let tally = Tally::new(routes);
        let mut index = Self::default();
        for (position, route) in (0_u32..).zip(routes) {
            let rarest = route
                .when
                .conditions()
                .iter()
                .min_by_key(|condition| tally.crowd(condition));
            match rarest {
                Some(condition) => index.file(condition, position),
                None => index.always.push(position),
            }
        }
        index
    }

    /// The lowest route that `takes` says yes to, among those that the facts might match.
    pub(super) fn first(&self, facts: &Facts, mut takes: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut best: Option<u32> = None;
        let mut look = |routes: &[u32]| {
            for route in routes {
                if best.is_some_and(|best| *route >= best) {
                    break;
                }
                if takes(*route) {
                    best = Some(*route);
                    break;
                }
            }
        };
        look(&self.always);
        for fact in facts.all() {
            let Some(drawer) = self.keys.get(fact.key.index()) else {
                continue;
            };
            if let Some(routes) = drawer.exact.get(&fact.value) {
                look(routes);
            }
            if let (true, Some(text)) = (drawer.any_prefix, fact.value.as_str()) {
                drawer.prefixes.prefixes_of(text).for_each(&mut look);
            }
        }
        best
    }

    fn file(&mut self, condition: &Condition, route: u32) {
        let Some(drawer) = self.keys.get_mut(condition.key.index()) else {
            return;
        };
        for pattern in &condition.patterns {
            match pattern.shape() {
                Shape::Exact(value) => {
                    let routes = drawer.exact.entry(value.clone()).or_default();
                    if routes.last() != Some(&route) {
                        routes.push(route);
                    }
                }
                Shape::Prefix(start) => {
                    drawer.prefixes.add(start, route);
                    drawer.any_prefix = true;
                }
            }
        }
    }
}

/// How many routes ask for each pattern.
struct Tally<'a> {
    routes: HashMap<(Key, &'a Shape), usize>,
}

impl<'a> Tally<'a> {
    fn new(all: &'a [Route]) -> Self {
        let mut routes = HashMap::new();
        for condition in all.iter().flat_map(|route| route.when.conditions()) {
            for pattern in &condition.patterns {
                *routes.entry((condition.key, pattern.shape())).or_insert(0) += 1;
            }
        }
        Self { routes }
    }

    /// How many routes would have to be looked at together with this one, at worst.
    ///
    /// A prefix counts more than a value, and a short one more than a long one, because more messages have it.
    fn crowd(&self, condition: &Condition) -> usize {
        let weigh = |pattern: &Pattern| {
            let same = self
                .routes
                .get(&(condition.key, pattern.shape()))
                .copied()
                .unwrap_or(0);
            match pattern.shape() {
                Shape::Exact(_) => same,
                Shape::Prefix(start) => same + LONGEST_COMMON.saturating_sub(start.len()),
            }
        };
        condition.patterns.iter().map(weigh).max().unwrap_or(usize::MAX)
    }
}

/// A prefix of this length is taken to be as telling as a whole value.
const LONGEST_COMMON: usize = 16;
