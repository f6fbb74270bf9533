//! How an engine writes into its draft.

use super::draft::Content;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::engine::container;
use super::tree::Tree;
use crate::mapping::Why;
use crate::mapping::program::Constant;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::SliceId;
use crate::mapping::program::TargetStep;

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

    /// Writes a leaf.
    pub(super) fn write(
        &mut self,
        target: NodeId,
        steps: &[TargetStep],
        content: Content,
        rule: RuleId,
        origin: Origin,
    ) -> Result<Written, Why> {
        let Some((last, way)) = steps.split_last() else {
            return Ok(Written::There(target));
        };
        let holder = self.reach(target, way, rule)?;
        let key = self.key(*last);
        if let Some(there) = self.draft.child(holder, key) {
            return Ok(Written::There(there));
        }
        Ok(Written::New(self.draft.add(holder, key, content, rule, origin)))
    }

    /// Whether a leaf is there already; nothing is made on the way to it.
    pub(super) fn is_written(&mut self, target: NodeId, steps: &[TargetStep]) -> bool {
        let mut at = target;
        for step in steps {
            let key = self.key(*step);
            match self.draft.child(at, key) {
                Some(child) => at = child,
                None => return false,
            }
        }
        true
    }

    /// Goes down to a node that holds others, and makes what is not there.
    pub(super) fn reach(
        &mut self,
        target: NodeId,
        steps: &[TargetStep],
        rule: RuleId,
    ) -> Result<NodeId, Why> {
        let mut at = target;
        for step in steps {
            if let TargetStep::Shape(slice) = step {
                if self.draft.children(at).next().is_none() {
                    self.shape(at, *slice)?;
                }
                continue;
            }
            let key = self.key(*step);
            if let Some(child) = self.draft.child(at, key) {
                at = child;
                continue;
            }
            if let TargetStep::Slice(slice, _) = step {
                // Nothing is begun that this version cannot say.
                self.form(*slice)?;
            }
            at = self.draft.add(at, key, container(*step), rule, Origin::Mapping);
            self.dress(at, *step, rule)?;
        }
        Ok(at)
    }

    /// Writes what belongs to a new node: the marks of a slice, the fixed elements of a segment.
    pub(super) fn dress(&mut self, node: NodeId, step: TargetStep, rule: RuleId) -> Result<(), Why> {
        match step {
            TargetStep::Slice(slice, _) | TargetStep::Shape(slice) => self.shape(node, slice),
            TargetStep::Segment(_, fixed) => {
                let program = self.program;
                for fixed in fixed.of(&program.fixed) {
                    let key = self.key(TargetStep::Cell(fixed.element, fixed.component));
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

    fn shape(&mut self, node: NodeId, slice: SliceId) -> Result<(), Why> {
        let form = self.form(slice)?;
        let slice = self.program.slice(slice);
        self.constants(form, slice.rule, node, Origin::Shape);
        self.constants(slice.also, slice.rule, node, Origin::Shape);
        Ok(())
    }

    /// The constants that make a slice in the version of the partner.
    fn form(&self, slice: SliceId) -> Result<Run, Why> {
        let mut forms = self.program.slice(slice).forms.iter();
        forms
            .find(|form| form.versions.hold(self.version))
            .map(|form| form.constants)
            .ok_or(Why::Version)
    }

    /// Writes constants below a node, where nothing stands yet.
    pub(super) fn constants(&mut self, constants: Run, rule: RuleId, target: NodeId, origin: Origin) {
        let program = self.program;
        for Constant { to, value, quoted } in constants.of(&program.constants) {
            let content = if *quoted {
                Content::Known(*value)
            } else {
                Content::KnownBare(*value)
            };
            // A constant in a slice that the version lacks is of no use there, and nobody misses it.
            let _ = self.write(target, to.of(&program.targets), content, rule, origin);
        }
    }
}
