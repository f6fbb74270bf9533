//! Ways down in a target, shared by the rows of a scope, and what new items of slices are made of.

use super::compiler::Compiler;
use super::compiler::append;
use super::compiler::count;
use super::program::Constant;
use super::program::Leaf;
use super::program::Run;
use super::program::ScopeTarget;
use super::program::TargetStep;
use super::program::TemplateNode;
use super::program::Way;
use super::program::WayId;

impl Compiler<'_> {
    /// The leaf at the end of some steps, seen from what a scope made.
    pub(super) fn leaf_of(&mut self, scope: usize, steps: &[TargetStep]) -> Option<Leaf> {
        let (last, way) = steps.split_last()?;
        let mut above = None;
        for step in way {
            above = Some(self.way(scope, above, *step));
        }
        Some(Leaf {
            way: above,
            last: *last,
        })
    }

    /// What a scope makes at the end of some steps.
    pub(super) fn scope_target(&mut self, scope: usize, steps: &[TargetStep]) -> Option<ScopeTarget> {
        // What a member is made to look like is no step of its own.
        let (steps, shape) = match steps {
            [steps @ .., TargetStep::Shape(slice)] => (steps, Some(*slice)),
            steps => (steps, None),
        };
        let leaf = self.leaf_of(scope, steps)?;
        Some(ScopeTarget { leaf, shape })
    }

    fn way(&mut self, scope: usize, above: Option<WayId>, step: TargetStep) -> WayId {
        if let Some(id) = self.ways.get(&(scope, above, step)) {
            return *id;
        }
        let id = WayId(count(self.program.ways.len()));
        self.program.ways.push(Way { above, step });
        self.ways.insert((scope, above, step), id);
        id
    }

    /// What a new item is made of so that it holds some constants.
    pub(super) fn template(&mut self, constants: &[Constant]) -> Run {
        let mut nodes: Vec<TemplateNode> = Vec::new();
        for constant in constants {
            let steps = constant.to.of(&self.program.targets);
            let mut above = 0;
            for (number, step) in steps.iter().enumerate() {
                let is_leaf = number + 1 == steps.len();
                let known = |node: &TemplateNode| node.above == above && node.step == *step && !is_leaf;
                let at = nodes.iter().position(known).unwrap_or_else(|| {
                    nodes.push(TemplateNode {
                        above,
                        step: *step,
                        value: is_leaf.then_some(constant.value),
                    });
                    nodes.len() - 1
                });
                above = u16::try_from(at + 1).unwrap_or(u16::MAX);
            }
        }
        append(&mut self.program.templates, nodes)
    }
}
