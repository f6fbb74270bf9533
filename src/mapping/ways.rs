//! Ways down in a target, shared by the rows of a scope, and what new items of slices are made of.

use super::compiler::Compiler;
use super::compiler::append;
use super::compiler::count;
use super::program::APPEND;
use super::program::Constant;
use super::program::Leaf;
use super::program::Mould;
use super::program::MouldId;
use super::program::RuleId;
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

    /// What a new item is cast in so that it holds some constants.
    pub(super) fn mould(&mut self, constants: &[Constant], rule: RuleId) -> MouldId {
        let nodes = self.template(constants);
        let text = self.told(&nodes, 0).map(Into::into);
        let template = append(&mut self.program.templates, nodes);
        let moulds = &mut self.program.moulds;
        moulds.push(Mould { rule, template, text });
        MouldId(u16::try_from(moulds.len() - 1).unwrap_or(u16::MAX))
    }

    /// What stands below a node of a template, in JSON: members each behind a comma, or items with commas between them.
    /// Nothing if there is something else, or if the items are not in the order of their numbers.
    fn told(&self, nodes: &[TemplateNode], above: u16) -> Option<String> {
        let mut text = String::new();
        let mut before = None;
        for (number, node) in (1..).zip(nodes).filter(|(_, node)| node.above == above) {
            match node.step {
                TargetStep::Member(name) | TargetStep::List(name) => {
                    text.extend([",", &quoted(self.program.text(name)), ":"]);
                }
                TargetStep::Item(index) if index != APPEND && before < Some(index) => {
                    text.push_str(if before.is_some() { "," } else { "" });
                    before = Some(index);
                }
                TargetStep::Document(_)
                | TargetStep::Item(_)
                | TargetStep::Slice(..)
                | TargetStep::Shape(_)
                | TargetStep::Loop(_)
                | TargetStep::Segment(..)
                | TargetStep::Cell(..) => return None,
            }
            match (node.value, node.step) {
                (Some(value), _) => text.push_str(&quoted(self.program.text(value))),
                (None, TargetStep::List(_)) => text.extend(["[", &self.told(nodes, number)?, "]"]),
                (None, _) => {
                    let members = self.told(nodes, number)?;
                    text.extend(["{", members.strip_prefix(',')?, "}"]);
                }
            }
        }
        Some(text)
    }

    fn template(&mut self, constants: &[Constant]) -> Vec<TemplateNode> {
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
        nodes
    }
}

/// A text as JSON says it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
