//! Puts back what waited in extensions.

use super::attach::rewrapped;
use super::books::About;
use super::books::Cell;
use super::books::Loss;
use super::draft::Content;
use super::draft::Key;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::tree::PutAway;
use super::tree::Tree;
use super::x12_tree::LAST_NUMBER;
use crate::base::place::SegmentId;
use crate::mapping::Why;
use crate::mapping::program::Row;
use crate::mapping::program::RuleId;
use crate::mapping::program::Side;
use crate::x12::Filter;
use crate::x12::LoopName;

/// The names of the steps of a recipe.
const RECIPE: [&str; 7] = ["head", "tail", "body", "lines", "raw", "bare", "resource"];

/// Which element and component, and what it holds.
type Value<'v> = (u8, u8, &'v [u8]);

impl<T: Tree> Engine<'_, T> {
    /// Takes out what was put away at the places of a row, and puts it where it was.
    pub(super) fn restore(&mut self, row: &Row, target: Option<NodeId>) {
        let Some(target) = target else { return };
        let program = self.program;
        for place in row.from.of(&program.places) {
            for segment in self.tree.put_away(program, place, &self.stack) {
                if let Some(kept_out) = self.put_back(&segment, row.rule, target) {
                    self.fire(row.rule);
                    for cell in segment.marks {
                        self.books.consult(cell, row.rule);
                    }
                    for (cell, ..) in &segment.cells {
                        if !kept_out.contains(cell) {
                            self.books.consult(*cell, row.rule);
                        }
                    }
                }
            }
        }
    }

    /// Puts one segment back; nothing if the place it names does not exist. Gives the cells that found their places taken.
    fn put_back(&mut self, put_away: &PutAway<'_>, rule: RuleId, target: NodeId) -> Option<Vec<Cell>> {
        let (way, segment) = match put_away.place.rsplit_once('/') {
            Some((way, segment)) => (way, segment),
            None => ("", put_away.place),
        };
        let holder = self.way(way, rule, target)?;
        let (id, number) = numbered(segment)?;
        let id = SegmentId::parse(id.as_bytes())?;
        let mut cells: Vec<(Cell, Value<'_>)> = Vec::new();
        let mut recipe = Vec::new();
        for (cell, name, value) in &put_away.cells {
            if let Some(step) = RECIPE.iter().find(|step| **step == *name) {
                recipe.push((*step, String::from_utf8(value.to_vec()).ok()?));
                continue;
            }
            let (element, component) = name.split_once('-').unwrap_or((name, "0"));
            let (element, component): (u8, u8) = (element.parse().ok()?, component.parse().ok()?);
            if !(1..=LAST_NUMBER).contains(&element) || component > LAST_NUMBER {
                return None;
            }
            cells.push((*cell, (element, component, value)));
        }
        let twins: Vec<NodeId> = self
            .draft
            .children(holder)
            .filter(|child| self.draft.node(*child).content == Content::Segment(id))
            .collect();
        let mut kept_out = Vec::new();
        let node = if let Some(node) = self.segment_for(&twins, number, &cells) {
            node
        } else if let Some(only) = twins.first().copied().filter(|_| self.opens(holder, id)) {
            // What the gateway knows stands where the value was, and a loop begins but once.
            cells.retain(|(cell, value)| {
                let fits = self.may_hold(only, *value);
                if !fits {
                    kept_out.push(*cell);
                }
                fits
            });
            only
        } else {
            let key = self.draft.fresh();
            let content = Content::Segment(id);
            let node = self
                .draft
                .detached(Some(holder), key, content, rule, Origin::Mapping);
            match twins.get(number.saturating_sub(1)) {
                Some(sibling) => self.draft.attach_before(node, *sibling),
                None => self.draft.attach(node),
            }
            node
        };
        for (cell, value) in cells {
            self.put_back_cell(node, cell, value, rule);
        }
        self.rewrap(node, id, &recipe);
        Some(kept_out)
    }

    /// Whether a loop begins with a segment of this kind.
    fn opens(&self, holder: NodeId, id: SegmentId) -> bool {
        let (Side::X12(frame), Content::Loop(name)) = (&self.program.to, self.draft.node(holder).content)
        else {
            return false;
        };
        let rule = frame.find(name).map(|(_, rule)| rule);
        rule.is_some_and(|rule| rule.opens.iter().any(|opening| opening.segment == id.as_str()))
    }

    /// Puts one value into a segment; what stood there is a part of it, or is the same said with less.
    fn put_back_cell(
        &mut self,
        node: NodeId,
        cell: Cell,
        (element, component, value): Value<'_>,
        rule: RuleId,
    ) {
        let key = Key::Cell(element, component);
        let there = self.draft.child(node, key);
        if there.is_some_and(|there| self.text_of(there) == value) {
            return;
        }
        let content = Content::Text(self.draft.say(value));
        let origin = Origin::Source(cell);
        let Some(there) = there else {
            self.draft.add(node, key, content, rule, origin);
            return;
        };
        let before = self.draft.node(there);
        if let Origin::Source(cell) = before.origin {
            // It arrived too.
            self.books.also(cell, before.rule);
        }
        self.draft.replace(there, content, rule, origin);
        // It is not a default any more.
        let is_default = |loss: &Loss| loss.about == About::Target(there) && loss.why == Why::Defaulted;
        self.books.losses.retain(|loss| !is_default(loss));
    }

    /// Wraps the attachment of a segment as it was wrapped before; a filter may have come back beside it.
    fn rewrap(&mut self, node: NodeId, id: SegmentId, recipe: &[(&'static str, String)]) {
        let filter = match id.as_str() {
            "BDS" => self.draft.child(node, Key::Cell(1, 0)),
            "BIN" => None,
            _ => return,
        };
        let filter = Filter::of(filter.map(|cell| self.text_of(cell)).unwrap_or_default());
        let mut cells = self.draft.children(node);
        let octets = cells.find_map(|cell| match self.draft.node(cell).content {
            Content::Octets(number) => Some((cell, number)),
            _ => None,
        });
        drop(cells);
        let Some((cell, number)) = octets else { return };
        // The attachment was wrapped for base 64, or for no filter in a `BIN`.
        let written = match id.as_str() {
            "BDS" => Filter::Base64,
            _ => Filter::Absent,
        };
        if let Some(octets) = rewrapped(written, filter, self.draft.enclosed(number), recipe) {
            let content = self.draft.enclose(octets);
            let node = self.draft.node(cell);
            let (rule, origin) = (node.rule, node.origin);
            self.draft.replace(cell, content, rule, origin);
        }
    }

    /// Goes to the loop that a way names, and makes those on it that are missing.
    fn way(&mut self, way: &str, rule: RuleId, target: NodeId) -> Option<NodeId> {
        let mut steps = way.split('/').filter(|step| !step.is_empty());
        let Some(first) = steps.next() else {
            let mut here = target;
            while let Some(parent) = self.draft.parent(here) {
                here = parent;
            }
            return Some(here);
        };
        let first = LoopName::parse(first)?;
        let mut here = self.around(target, first)?;
        for step in steps {
            let (name, number) = numbered(step)?;
            let name = LoopName::parse(name)?;
            let twins = self.draft.children(here);
            let mut twins = twins.filter(|child| self.draft.node(*child).content == Content::Loop(name));
            let there = twins.nth(number.checked_sub(1)?);
            drop(twins);
            here = if let Some(there) = there {
                there
            } else {
                let key = self.draft.fresh();
                self.draft
                    .add(here, key, Content::Loop(name), rule, Origin::Mapping)
            };
        }
        Some(here)
    }

    /// The loop of a name around the target, or directly inside of one of those.
    fn around(&self, target: NodeId, name: LoopName) -> Option<NodeId> {
        let mut next = Some(target);
        while let Some(here) = next {
            if self.draft.node(here).content == Content::Loop(name) {
                return Some(here);
            }
            let mut inside = self.draft.children(here);
            let found = inside.find(|child| self.draft.node(*child).content == Content::Loop(name));
            if found.is_some() {
                return found;
            }
            next = self.draft.parent(here);
        }
        None
    }

    /// The segment that the values belong to: the one of the number, or else one that holds some of them.
    fn segment_for(&self, twins: &[NodeId], number: usize, cells: &[(Cell, Value<'_>)]) -> Option<NodeId> {
        let values = || cells.iter().map(|(_, value)| *value);
        let fits = |node: NodeId| values().all(|value| self.may_hold(node, value));
        let holds_some = |node: NodeId| {
            values().any(|(element, component, value)| {
                let cell = self.draft.child(node, Key::Cell(element, component));
                cell.is_some_and(|cell| self.text_of(cell) == value)
            })
        };
        let numbered = twins.get(number.checked_sub(1)?).copied();
        numbered.filter(|node| fits(*node)).or_else(|| {
            let mut others = twins.iter().copied();
            others.find(|node| fits(*node) && holds_some(*node))
        })
    }

    /// Whether a cell is free, holds the value or a part of it, or was filled without knowing better.
    fn may_hold(&self, node: NodeId, (element, component, value): Value<'_>) -> bool {
        let Some(cell) = self.draft.child(node, Key::Cell(element, component)) else {
            return true;
        };
        let there = self.text_of(cell);
        let is_part = !there.is_empty() && value.windows(there.len()).any(|part| part == there);
        is_part || self.draft.node(cell).weak
    }
}

/// Takes `REF[2]` apart.
fn numbered(step: &str) -> Option<(&str, usize)> {
    let (name, number) = step.strip_suffix(']')?.split_once('[')?;
    Some((name, number.parse().ok()?))
}
