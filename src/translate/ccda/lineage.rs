//! Which element of the source each value of the output came from, and by which rule.

use std::fmt::Write;

use serde_json::Value;

use super::json::Slot;
use crate::ccda::NodeId;
use crate::ccda::Tree;

/// One value of the output and where it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leaf {
    /// The value's place in its resource, such as `code.coding[0].system`.
    pub path: String,
    /// The resource, as the output numbers its entries.
    pub resource: usize,
    /// The XPath of the element of the source.
    pub source: String,
    /// The rule that wrote it.
    pub rule: String,
}

/// The way to the value that is being written.
#[derive(Default)]
pub(super) struct Trail {
    path: String,
    /// The length of the path before each open object or list, and how many elements a list has so far.
    steps: Vec<(usize, Option<usize>)>,
    pub(super) source: Option<NodeId>,
    pub(super) rule: String,
    pub(super) resource: usize,
    leaves: Vec<Stepped>,
}

/// Where a trail was, to come back to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot {
    leaves: usize,
    /// How many elements the innermost list had.
    count: Option<usize>,
}

/// A leaf whose source is not spelled out yet.
struct Stepped {
    path: String,
    resource: usize,
    source: Option<NodeId>,
    rule: String,
}

impl Trail {
    fn dot(&mut self) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
    }

    fn step(&mut self, slot: Slot<'_>) {
        match slot {
            Slot::Key(one, two) => {
                self.dot();
                self.path.push_str(one);
                self.path.push_str(two);
            }
            Slot::Choice(base) => {
                self.dot();
                self.path.push_str(base);
            }
            Slot::Element => {
                if let Some((_, Some(count))) = self.steps.last() {
                    // Writing to a String cannot fail.
                    let _ = write!(self.path, "[{count}]");
                }
            }
        }
    }

    pub(super) fn enter(&mut self, slot: Slot<'_>) {
        let before = self.path.len();
        self.step(slot);
        self.steps.push((before, None));
    }

    pub(super) fn enter_list(&mut self, slot: Slot<'_>) {
        let before = self.path.len();
        self.step(slot);
        self.steps.push((before, Some(0)));
    }

    pub(super) fn leave(&mut self, kept: bool) {
        if let Some((before, _)) = self.steps.pop() {
            self.path.truncate(before);
        }
        if kept {
            self.count();
        }
    }

    fn count(&mut self) {
        if let Some((_, Some(count))) = self.steps.last_mut() {
            *count += 1;
        }
    }

    pub(super) fn leaf(&mut self, slot: Slot<'_>) {
        let before = self.path.len();
        self.step(slot);
        self.leaves.push(Stepped {
            path: self.path.clone(),
            resource: self.resource,
            source: self.source,
            rule: self.rule.clone(),
        });
        self.path.truncate(before);
        if matches!(slot, Slot::Element) {
            self.count();
        }
    }

    /// The leaves of a value that is JSON already.
    pub(super) fn json(&mut self, slot: Slot<'_>, json: &str) {
        match serde_json::from_str(json) {
            Ok(value) => self.value(slot, &value),
            Err(_) => self.leaf(slot),
        }
    }

    fn value(&mut self, slot: Slot<'_>, value: &Value) {
        match value {
            Value::Object(members) => {
                self.enter(slot);
                for (key, member) in members {
                    self.value(Slot::Key(key, ""), member);
                }
                self.leave(true);
            }
            Value::Array(elements) => {
                self.enter_list(slot);
                for element in elements {
                    self.value(Slot::Element, element);
                }
                self.leave(true);
            }
            _ => self.leaf(slot),
        }
    }

    /// Where it is now.
    pub(super) fn spot(&self) -> Spot {
        Spot {
            leaves: self.leaves.len(),
            count: self.steps.last().and_then(|(_, count)| *count),
        }
    }

    /// Forgets what came after `spot`, which was taken at the same depth.
    pub(super) fn rewind(&mut self, spot: Spot) {
        self.leaves.truncate(spot.leaves);
        if let (Some((_, count)), Some(before)) = (self.steps.last_mut(), spot.count) {
            *count = Some(before);
        }
    }

    /// All leaves, with the `XPaths` of their sources; of a resource that was written twice, the last writing counts.
    ///
    /// `places` says which entry of the Bundle each resource became.
    pub(super) fn leaves(self, tree: &Tree<'_>, places: &[Option<usize>]) -> Vec<Leaf> {
        let spelled = |stepped: Stepped| {
            let resource = places.get(stepped.resource).copied().flatten()?;
            Some(Leaf {
                path: stepped.path,
                resource,
                source: stepped
                    .source
                    .map_or_else(|| "/".to_owned(), |id| tree.node(id).xpath()),
                rule: stepped.rule,
            })
        };
        self.leaves.into_iter().filter_map(spelled).collect()
    }

    /// Starts over for the next resource.
    pub(super) fn begin(&mut self, resource: usize, kind: &str) {
        self.path.clear();
        self.steps.clear();
        self.resource = resource;
        // What no row of a table writes is written by the part of the program that knows this kind.
        self.rule.clear();
        self.rule.push_str("program: ");
        self.rule.push_str(kind);
        self.leaves.retain(|leaf| leaf.resource != resource);
    }
}
