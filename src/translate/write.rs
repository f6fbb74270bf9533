//! How an engine writes into its draft.

use super::draft::Content;
use super::draft::Key;
use super::draft::NONE;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::tree::Tree;
use crate::mapping::Why;
use crate::mapping::program::APPEND;
use crate::mapping::program::Leaf;
use crate::mapping::program::MouldId;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::SliceId;
use crate::mapping::program::TargetStep;
use crate::mapping::program::Way;
use crate::mapping::program::WayId;

/// What the node of a step is.
pub(super) fn container(step: TargetStep) -> Content {
    match step {
        TargetStep::List(_) => Content::List,
        TargetStep::Loop(name) => Content::Loop(name),
        TargetStep::Segment(id, _) => Content::Segment(id),
        TargetStep::Document(_)
        | TargetStep::Member(_)
        | TargetStep::Item(_)
        | TargetStep::Slice(..)
        | TargetStep::Shape(_)
        | TargetStep::Cell(..) => Content::Object,
    }
}

/// What became of a leaf that was to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    /// It is there now.
    New(NodeId),
    /// Another one was there and stays.
    There(NodeId),
}

impl<T: Tree> Engine<'_, T> {
    /// The text of a leaf.
    pub(super) fn text_of(&self, node: NodeId) -> &[u8] {
        self.text_in(self.draft.node(node).content)
    }

    /// The text of what a leaf is, or is to be.
    pub(super) fn text_in(&self, content: Content) -> &[u8] {
        match content {
            Content::Text(span) | Content::Bare(span) => self.draft.said(span),
            Content::Known(text) | Content::KnownBare(text) => self.program.text(text).as_bytes(),
            _ => &[],
        }
    }

    /// Writes a leaf, unless one stands there.
    pub(super) fn write(
        &mut self,
        target: NodeId,
        leaf: Leaf,
        content: Content,
        rule: RuleId,
        origin: Origin,
    ) -> Result<Written, Why> {
        let holder = self.holder(target, leaf.way, rule)?;
        let key = self.draft.key(leaf.last);
        if let Some(there) = self.draft.child_in(self.program, holder, key) {
            return Ok(Written::There(there));
        }
        Ok(Written::New(self.draft.add(holder, key, content, rule, origin)))
    }

    /// Whether a leaf is there already; nothing is made on the way to it.
    pub(super) fn is_written(&mut self, target: NodeId, leaf: Leaf) -> bool {
        let mut steps = vec![leaf.last];
        let mut way = leaf.way;
        while let Some(id) = way {
            let step = self.way_of(id);
            steps.push(step.step);
            way = step.above;
        }
        let mut at = target;
        for step in steps.into_iter().rev() {
            let key = self.draft.key(step);
            match self.draft.child_in(self.program, at, key) {
                Some(child) => at = child,
                None => return false,
            }
        }
        true
    }

    fn way_of(&self, id: WayId) -> Way {
        *self
            .program
            .ways
            .get(id.0 as usize)
            .expect("a way's number is used with the program that gave it")
    }

    /// Goes down a way, and makes what is not there.
    pub(super) fn holder(&mut self, target: NodeId, way: Option<WayId>, rule: RuleId) -> Result<NodeId, Why> {
        let Some(id) = way else { return Ok(target) };
        if let Some((activation, node)) = self.reached.get(id.0 as usize)
            && *activation == self.activation
        {
            return Ok(*node);
        }
        let Way { above, step } = self.way_of(id);
        let above = self.holder(target, above, rule)?;
        let node = self.step(above, step, rule)?;
        let is_new_each_time = matches!(step, TargetStep::Item(APPEND) | TargetStep::Slice(_, APPEND));
        if let Some(reached) = self.reached.get_mut(id.0 as usize)
            && !is_new_each_time
        {
            *reached = (self.activation, node);
        }
        Ok(node)
    }

    /// Goes one step down, and makes what is not there.
    fn step(&mut self, at: NodeId, step: TargetStep, rule: RuleId) -> Result<NodeId, Why> {
        if let TargetStep::Shape(slice) = step {
            let node = self.draft.node(at);
            if node.first == NONE && node.mould.is_none() {
                self.shape(at, slice)?;
            }
            return Ok(at);
        }
        let key = self.draft.key(step);
        if let Some(child) = self.draft.child_in(self.program, at, key) {
            return Ok(child);
        }
        if let TargetStep::Slice(slice, _) = step {
            // Nothing is begun that this version cannot say.
            self.form(slice)?;
        }
        let node = self.draft.add(at, key, container(step), rule, Origin::Mapping);
        self.dress(node, step, rule)?;
        Ok(node)
    }

    /// Writes what belongs to a new node: the marks of a slice, the fixed elements of a segment.
    pub(super) fn dress(&mut self, node: NodeId, step: TargetStep, rule: RuleId) -> Result<(), Why> {
        match step {
            TargetStep::Slice(slice, _) | TargetStep::Shape(slice) => self.shape(node, slice),
            TargetStep::Segment(_, fixed) => {
                let program = self.program;
                for fixed in fixed.of(&program.fixed) {
                    let key = Key::Cell(fixed.element, fixed.component);
                    let content = Content::Known(fixed.text);
                    self.draft.add(node, key, content, rule, Origin::Shape);
                }
                Ok(())
            }
            TargetStep::Document(_)
            | TargetStep::Member(_)
            | TargetStep::List(_)
            | TargetStep::Item(_)
            | TargetStep::Loop(_)
            | TargetStep::Cell(..) => Ok(()),
        }
    }

    /// Makes a node look like a slice.
    pub(super) fn shape(&mut self, node: NodeId, slice: SliceId) -> Result<(), Why> {
        let mould = self.form(slice)?;
        self.draft.cast(self.program, node, mould);
        Ok(())
    }

    /// What makes a slice in the version of the partner.
    fn form(&self, slice: SliceId) -> Result<MouldId, Why> {
        let mut forms = self.program.slice(slice).forms.iter();
        forms
            .find(|form| form.versions.hold(self.version))
            .map(|form| form.mould)
            .ok_or(Why::Version)
    }

    /// Writes the constants of a row, where nothing stands yet; says whether any was.
    pub(super) fn constants(&mut self, constants: Run, rule: RuleId, target: NodeId) -> bool {
        let program = self.program;
        let mut some = false;
        for constant in constants.of(&program.leaves) {
            let content = if constant.quoted {
                Content::Known(constant.value)
            } else {
                Content::KnownBare(constant.value)
            };
            // A constant in a slice that the version lacks is of no use there, and nobody misses it.
            let written = self.write(target, constant.leaf, content, rule, Origin::Mapping);
            some |= matches!(written, Ok(Written::New(_)));
        }
        some
    }
}
