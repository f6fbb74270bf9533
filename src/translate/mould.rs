//! Nodes that are cast in a mould: what every item of a slice begins with, without a node for each part of it.
//!
//! As long as nobody looks below such a node, its parts are the mould's text. A row that writes there, or a report that
//! tells where every leaf came from, has them made.

use std::borrow::Cow;

use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::NONE;
use super::draft::NodeId;
use super::draft::Origin;
use super::write::container;
use crate::mapping::Program;
use crate::mapping::program::APPEND;
use crate::mapping::program::MouldId;
use crate::mapping::program::TargetStep;

impl Draft {
    /// Makes a node look as a mould says.
    pub(super) fn cast(&mut self, program: &Program, id: NodeId, mould: MouldId) {
        if self.node(id).mould.is_some() || self.node(id).first != NONE || program.mould(mould).text.is_none()
        {
            self.break_mould(program, id);
            self.grow(program, id, mould);
            return;
        }
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.mould = Some(mould);
            node.full = true;
        }
        self.fill_above(id);
    }

    /// The child of a key; a mould that has it is broken.
    #[inline]
    pub(super) fn child_in(&mut self, program: &Program, parent: NodeId, key: Key) -> Option<NodeId> {
        if let Some(mould) = self.node(parent).mould
            && let Key::Member(name) = key
        {
            let template = program.mould(mould).template.of(&program.templates);
            let mut members = template.iter().filter(|node| node.above == 0);
            if members.any(
                |node| matches!(node.step, TargetStep::Member(own) | TargetStep::List(own) if own == name),
            ) {
                self.break_mould(program, parent);
            }
        }
        self.child(parent, key)
    }

    /// The same draft with every mould broken.
    pub(super) fn whole(&self, program: &Program) -> Cow<'_, Self> {
        if self.nodes.iter().all(|node| node.mould.is_none()) {
            return Cow::Borrowed(self);
        }
        let mut whole = self.clone();
        for id in 0..self.next().0 {
            whole.break_mould(program, NodeId(id));
        }
        Cow::Owned(whole)
    }

    /// Makes the nodes that a mould stands for, before those that hang there.
    fn break_mould(&mut self, program: &Program, id: NodeId) {
        let (mut mould, mut first, mut last) = (None, NONE, NONE);
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            mould = node.mould.take();
            if mould.is_some() {
                (first, last) = (node.first, node.last);
                (node.first, node.last) = (NONE, NONE);
            }
        }
        let Some(mould) = mould else { return };
        self.grow(program, id, mould);
        if first == NONE {
            return;
        }
        let Some(node) = self.nodes.get_mut(id.0 as usize) else {
            return;
        };
        let grown = std::mem::replace(&mut node.last, last);
        match self.nodes.get_mut(grown as usize) {
            Some(grown) => grown.next = first,
            None => {
                if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                    node.first = first;
                }
            }
        }
    }

    /// Adds the nodes of a mould behind those that hang there.
    fn grow(&mut self, program: &Program, id: NodeId, mould: MouldId) {
        let mould = program.mould(mould);
        let first = self.next();
        for made in mould.template.of(&program.templates) {
            let above = match made.above {
                0 => id,
                number => NodeId(first.0 + u32::from(number) - 1),
            };
            let key = self.key(made.step);
            let content = match made.value {
                Some(text) => Content::Known(text),
                None => container(made.step),
            };
            self.add(above, key, content, mould.rule, Origin::Shape);
        }
    }

    /// The key of a step.
    pub(super) fn key(&mut self, step: TargetStep) -> Key {
        match step {
            TargetStep::Document(kind) => Key::Document(kind),
            TargetStep::Member(name) | TargetStep::List(name) => Key::Member(name),
            TargetStep::Item(APPEND) | TargetStep::Slice(_, APPEND) => self.fresh(),
            TargetStep::Item(index) => Key::Item(index),
            TargetStep::Slice(slice, index) => Key::Slice(slice, index),
            // Never asked for: a shape is no step down.
            TargetStep::Shape(slice) => Key::Slice(slice, 0),
            TargetStep::Loop(name) => Key::Loop(name),
            TargetStep::Segment(id, fixed) => Key::Segment(id, fixed.start, fixed.length),
            TargetStep::Cell(element, component) => Key::Cell(element, component),
        }
    }
}
