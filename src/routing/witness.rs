//! Looks for a message that one route takes and some others do not.
//!
//! Values that no pattern tells apart behave alike, so one of each kind stands for all of them and the search is finite.
//! What is open is only *which* condition of each other route fails; values need no guessing, because a set of values
//! still allowed, and a list of sets from which one must be there, say all about a key.

use std::collections::HashSet;

use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::guide;
use crate::routing::guide::Guide;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::route::Condition;
use crate::routing::route::Quantifier;
use crate::routing::route::Route;
use crate::routing::route::Terms;
use crate::routing::value::Pattern;
use crate::routing::value::Shape;
use crate::routing::value::Value;

/// How a search ended.
#[derive(Debug)]
pub(super) enum Search {
    /// This message shows it.
    Found(Facts),
    /// There is no such message.
    None,
    /// The search was given up; nothing is known.
    GivenUp,
}

/// Looks for a message that `taken` takes and none of `others` does.
pub(super) fn search(taken: &Route, others: &[&Route]) -> Search {
    let universe = Universe::of(std::iter::once(taken).chain(others.iter().copied()));
    let Some(state) = taken
        .when
        .conditions()
        .iter()
        .try_fold(universe.start(), |state, condition| {
            state.with(&universe, condition)
        })
    else {
        return Search::None;
    };
    let mut goals = Vec::with_capacity(others.len() + 1);
    if !taken.unless.is_empty() {
        goals.push(Goal::NotHold(&taken.unless));
    }
    goals.extend(others.iter().map(|other| Goal::NotTake(other)));
    let mut effort = MOST_EFFORT;
    match pursue(&universe, state, &goals, &mut effort) {
        Some(state) => Search::Found(state.facts(&universe)),
        None if effort == 0 => Search::GivenUp,
        None => Search::None,
    }
}

/// A message that both routes match and none of `others` takes, with one value of a key at most.
///
/// A message with several LOINCs meets any two routes that ask for one each; nobody wants to be told so.
pub(super) fn both(one: &Route, other: &Route, others: &[&Route]) -> Option<Facts> {
    let universe = Universe::of([one, other].into_iter().chain(others.iter().copied()));
    let mut conditions = one.when.conditions().iter().chain(other.when.conditions());
    let state = conditions.try_fold(universe.start(), |state, condition| {
        state.with(&universe, condition)
    })?;
    let state = state.with_one_value_each()?;
    let excepted = [&one.unless, &other.unless]
        .into_iter()
        .filter(|unless| !unless.is_empty());
    let goals: Vec<Goal<'_>> = excepted
        .map(Goal::NotHold)
        .chain(others.iter().map(|other| Goal::NotTake(other)))
        .collect();
    let mut effort = MOST_EFFORT;
    Some(pursue(&universe, state, &goals, &mut effort)?.facts(&universe))
}

/// Something that must not happen, and can be avoided in several ways.
#[derive(Clone, Copy)]
enum Goal<'a> {
    /// The terms do not hold.
    NotHold(&'a Terms),
    /// The route does not take the message.
    NotTake(&'a Route),
}

/// Tries each way to reach the first goal, and with it the others.
fn pursue(universe: &Universe, state: State, goals: &[Goal<'_>], effort: &mut usize) -> Option<State> {
    let Some((goal, rest)) = goals.split_first() else {
        return Some(state);
    };
    let terms = match goal {
        Goal::NotHold(terms) => *terms,
        Goal::NotTake(route) => &route.when,
    };
    for condition in terms.conditions() {
        for next in state.without(universe, condition) {
            *effort = effort.checked_sub(1)?;
            if let Some(found) = pursue(universe, next, rest, effort) {
                return Some(found);
            }
        }
    }
    if let Goal::NotTake(Route { unless, .. }) = goal
        && !unless.is_empty()
    {
        *effort = effort.checked_sub(1)?;
        let excepted = unless
            .conditions()
            .iter()
            .try_fold(state, |state, condition| state.with(universe, condition));
        return pursue(universe, excepted?, rest, effort);
    }
    None
}

/// One value for each kind of value that the routes at hand tell apart, key by key.
struct Universe {
    values: [Vec<Value>; Key::ALL.len()],
    /// For each value of the version, the guides that the routes do not tell from it: an example that names one reads
    /// better than one with a made-up id.
    guides: Vec<Vec<&'static Guide>>,
}

impl Universe {
    fn of<'a>(routes: impl Iterator<Item = &'a Route>) -> Self {
        let mut patterns: [Vec<&Pattern>; Key::ALL.len()] = Default::default();
        for route in routes {
            for condition in route.when.conditions().iter().chain(route.unless.conditions()) {
                if let Some(of_key) = patterns.get_mut(condition.key.index()) {
                    of_key.extend(&condition.patterns);
                }
            }
        }
        let mut values = patterns.each_ref().map(|of_key| representatives(of_key));
        // A route that wants all its LOINCs in a list can be escaped by one that is in no list at all.
        if let Some(values) = values.get_mut(Key::Loinc.index()) {
            let of_key = patterns
                .get(Key::Loinc.index())
                .map(Vec::as_slice)
                .unwrap_or_default();
            let mut strangers = (1_u32..10_000).map(|number| Value::Text(format!("{number}-X").into()));
            let is_strange = |value: &Value| !of_key.iter().any(|pattern| pattern.matches(value));
            values.extend(strangers.find(is_strange));
        }
        let of_version = patterns
            .get(Key::Version.index())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let versions = values.get(Key::Version.index()).into_iter().flatten();
        let guides = versions.map(|value| like(value, of_version)).collect();
        Self { values, guides }
    }

    fn start(&self) -> State {
        State {
            keys: self.values.each_ref().map(|values| KeyState {
                allowed: vec![true; values.len()],
                required: Vec::new(),
            }),
        }
    }

    /// The id of a guide that stands for the version at this position, and is one for this kind of message.
    fn version(&self, at: usize, message: Option<Message>) -> Option<Value> {
        let mut guides = self.guides.get(at)?.iter();
        let guide = guides.find(|guide| message.is_none_or(|message| message == guide.message))?;
        Some(Value::Text(guide.id.into()))
    }

    /// Which values of its key the condition's patterns match.
    fn matched(&self, condition: &Condition) -> Vec<bool> {
        let values = self
            .values
            .get(condition.key.index())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let matches = |value: &Value| condition.patterns.iter().any(|pattern| pattern.matches(value));
        values.iter().map(matches).collect()
    }
}

/// One value for each kind that the patterns tell apart.
fn representatives(patterns: &[&Pattern]) -> Vec<Value> {
    let mut values = Vec::new();
    let mut seen = HashSet::new();
    for pattern in patterns {
        let value = match pattern.shape() {
            Shape::Exact(value) => Some(value.clone()),
            Shape::Prefix(start) => plainest(start, patterns),
        };
        if let Some(value) = value
            && seen.insert(value.clone())
        {
            values.push(value);
        }
    }
    values
}

/// A value with this start that no pattern tells from the start itself: no longer prefix and no whole value matches.
fn plainest(start: &str, patterns: &[&Pattern]) -> Option<Value> {
    const TAILS: &str = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let tells_apart = |value: &Value| {
        patterns.iter().any(|pattern| match pattern.shape() {
            Shape::Exact(exact) => exact == value,
            Shape::Prefix(longer) => longer.len() > start.len() && pattern.matches(value),
        })
    };
    let single = TAILS.chars().map(String::from);
    let double = TAILS
        .chars()
        .flat_map(|one| TAILS.chars().map(move |two| format!("{one}{two}")));
    single
        .chain([String::new()])
        .chain(double)
        .map(|tail| Value::Text(format!("{start}{tail}").into()))
        .find(|value| !tells_apart(value))
}

/// The guides that no pattern tells from the value.
fn like(value: &Value, patterns: &[&Pattern]) -> Vec<&'static Guide> {
    let matched = |value: &Value| -> Vec<bool> {
        let each = patterns.iter().map(|pattern| pattern.matches(value));
        each.collect()
    };
    let own = matched(value);
    // Only requests and attachments are asked about by their purpose; a status response would be a strange example.
    let is_like = |guide: &&Guide| guide.attach_to.is_some() && matched(&Value::Text(guide.id.into())) == own;
    guide::KNOWN.iter().filter(is_like).collect()
}

/// What is still open about a message.
#[derive(Clone)]
struct State {
    keys: [KeyState; Key::ALL.len()],
}

/// What is still open about the values of one key.
#[derive(Clone)]
struct KeyState {
    /// The values that the message may have.
    allowed: Vec<bool>,
    /// Of each of these sets it must have one; for a key that does not repeat, one set at most.
    required: Vec<Vec<bool>>,
}

impl State {
    /// Makes the condition hold, if that is still possible.
    fn with(mut self, universe: &Universe, condition: &Condition) -> Option<Self> {
        let matched = universe.matched(condition);
        let key = self.keys.get_mut(condition.key.index())?;
        if condition.quantifier == Quantifier::All || !condition.key.repeats() {
            key.forbid(|at| !is_in(&matched, at));
        }
        key.required.push(matched);
        key.is_possible().then_some(self)
    }

    /// Leaves only values that meet all requirements of their key at once.
    fn with_one_value_each(mut self) -> Option<Self> {
        for key in &mut self.keys {
            let required = std::mem::take(&mut key.required);
            key.forbid(|at| !required.iter().all(|set| is_in(set, at)));
            key.required = required;
            if !key.is_possible() {
                return None;
            }
        }
        Some(self)
    }

    /// The ways to make the condition fail that are still possible.
    fn without(&self, universe: &Universe, condition: &Condition) -> Vec<Self> {
        let matched = universe.matched(condition);
        let changed = |change: &dyn Fn(&mut KeyState)| {
            let mut state = self.clone();
            let key = state.keys.get_mut(condition.key.index())?;
            change(key);
            key.is_possible().then_some(state)
        };
        let ways = match condition.quantifier {
            Quantifier::Any => [changed(&|key| key.forbid(|at| is_in(&matched, at))), None],
            Quantifier::All => [
                changed(&|key| key.forbid(|_| true)),
                changed(&|key| {
                    let others = matched.iter().map(|matched| !matched).collect();
                    key.required.push(others);
                }),
            ],
        };
        ways.into_iter().flatten().collect()
    }

    /// A message as small as the requirements allow.
    fn facts(&self, universe: &Universe) -> Facts {
        let mut facts = Facts::default();
        for (key, (state, values)) in Key::ALL.into_iter().zip(self.keys.iter().zip(&universe.values)) {
            for required in &state.required {
                let mut possible = values
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| is_in(required, *at) && is_in(&state.allowed, *at));
                if let Some((at, value)) = possible.next() {
                    let spoken = match key {
                        Key::Version => universe.version(at, facts.message()).unwrap_or(value.clone()),
                        _ => value.clone(),
                    };
                    facts.add(key, spoken, Source::Known("example"));
                }
            }
        }
        facts
    }
}

impl KeyState {
    fn forbid(&mut self, which: impl Fn(usize) -> bool) {
        for (at, allowed) in self.allowed.iter_mut().enumerate() {
            *allowed &= !which(at);
        }
    }

    fn is_possible(&self) -> bool {
        let met = |set: &Vec<bool>| {
            set.iter()
                .zip(&self.allowed)
                .any(|(wanted, allowed)| *wanted && *allowed)
        };
        self.required.iter().all(met)
    }
}

fn is_in(set: &[bool], at: usize) -> bool {
    set.get(at).copied().unwrap_or(false)
}

/// How many ways are tried before a search is given up; real tables need a handful.
const MOST_EFFORT: usize = 20_000;
