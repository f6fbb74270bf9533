//! Finds the few routes that a message might take, so that ten thousand routes cost about what ten do.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hash;
use std::hash::Hasher;

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
    /// By a digest of the value. Two values may share a digest, because whoever looks here reads the route as well; so
    /// a look costs one place in memory and not the value's too.
    exact: HashMap<u64, Filed, BuildHasherDefault<Digest>>,
    prefixes: Trie,
    any_prefix: bool,
}

/// The routes filed under one value: usually one.
#[derive(Clone, Debug)]
enum Filed {
    One(u32),
    Several(Vec<u32>),
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
        self.each_list(facts, |routes| {
            for route in routes {
                if best.is_some_and(|best| *route >= best) {
                    break;
                }
                if takes(*route) {
                    best = Some(*route);
                    break;
                }
            }
        });
        best
    }

    /// The routes that the facts might match, from the top: their rarest key is as they want it.
    pub(super) fn candidates(&self, facts: &Facts) -> Vec<u32> {
        let mut candidates = Vec::new();
        self.each_list(facts, |routes| candidates.extend_from_slice(routes));
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// Hands over every list in which a route for these facts may be.
    fn each_list(&self, facts: &Facts, mut look: impl FnMut(&[u32])) {
        look(&self.always);
        for fact in facts.all() {
            let Some(drawer) = self.keys.get(fact.key.index()) else {
                continue;
            };
            if !drawer.exact.is_empty() {
                match drawer.exact.get(&digest(&fact.value)) {
                    Some(Filed::One(route)) => look(std::slice::from_ref(route)),
                    Some(Filed::Several(routes)) => look(routes),
                    None => {}
                }
            }
            if let (true, Some(text)) = (drawer.any_prefix, fact.value.as_str()) {
                drawer.prefixes.prefixes_of(text).for_each(&mut look);
            }
        }
    }

    fn file(&mut self, condition: &Condition, route: u32) {
        let Some(drawer) = self.keys.get_mut(condition.key.index()) else {
            return;
        };
        for pattern in &condition.patterns {
            match pattern.shape() {
                Shape::Exact(value) => {
                    drawer
                        .exact
                        .entry(digest(value))
                        .and_modify(|filed| filed.add(route))
                        .or_insert(Filed::One(route));
                }
                Shape::Prefix(start) => {
                    drawer.prefixes.add(start, route);
                    drawer.any_prefix = true;
                }
            }
        }
    }
}

impl Filed {
    /// Adds a route, unless it is there: routes are filed from the top down.
    fn add(&mut self, route: u32) {
        match self {
            Self::One(first) if *first == route => {}
            Self::One(first) => *self = Self::Several(vec![*first, route]),
            Self::Several(routes) if routes.last() == Some(&route) => {}
            Self::Several(routes) => routes.push(route),
        }
    }
}

/// A number for a value, spread over all 64 bits.
fn digest(value: &Value) -> u64 {
    let mut digest = Digest::default();
    value.hash(&mut digest);
    digest.finish()
}

/// The digest of a value, and the identity for digests.
///
/// What is filed comes from the configuration, so nobody outside can crowd a list.
#[derive(Clone, Debug, Default)]
struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Eight bytes at a time, mixed by the multiplier of splitmix64.
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.0 = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            self.0 ^= self.0 >> 29;
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
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
