//! Where values go.

use super::RuleId;
use super::Run;
use super::SliceId;
use super::TextId;
use crate::base::place::SegmentId;
use crate::x12::LoopName;

/// Where a value goes: down a way from what the scope made, and one step further.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leaf {
    /// The way; none if the leaf is directly in what the scope made.
    pub way: Option<WayId>,
    /// The last step.
    pub last: TargetStep,
}

/// What a scope makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScopeTarget {
    /// Where it stands.
    pub leaf: Leaf,
    /// What it is made to look like.
    pub shape: Option<SliceId>,
}

/// Which of a program's ways.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct WayId(pub u32);

/// A way down in the target of a scope. Rows that have the beginning of their way in common share it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Way {
    /// The way without its last step.
    pub above: Option<WayId>,
    /// The last step.
    pub step: TargetStep,
}

/// A constant of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ConstantLeaf {
    /// Where it goes.
    pub leaf: Leaf,
    /// The value.
    pub value: TextId,
    /// Whether the value is text; otherwise it is a number, `true` or `false`.
    pub quoted: bool,
}

/// A node of what a slice is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TemplateNode {
    /// The node above it: zero for the item itself, then the nodes of the template, from one.
    pub above: u16,
    /// The step that leads to it.
    pub step: TargetStep,
    /// The text that it is, if it is a leaf.
    pub value: Option<TextId>,
}

/// Which of a program's moulds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MouldId(pub u16);

/// What new items of a slice are cast in, in some versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mould {
    /// The rule that stands for it.
    pub rule: RuleId,
    /// The nodes.
    pub template: Run,
    /// The members in JSON, each behind a comma; none if the nodes are not all members and numbered items.
    pub text: Option<Box<str>>,
}

/// Instead of the number of an item: a new one each time.
pub const APPEND: u16 = u16::MAX;

/// One step down in a target, made if it is not there.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TargetStep {
    /// A whole message: a resource or a transaction.
    Document(TextId),
    /// A member of an object.
    Member(TextId),
    /// A member of an object that is a list.
    List(TextId),
    /// An item of a list, from zero, or [`APPEND`].
    Item(u16),
    /// The item of a list that looks like this; of several the one of this number, from zero, or [`APPEND`].
    Slice(SliceId, u16),
    /// The same object, which is made to look like this.
    Shape(SliceId),
    /// A loop.
    Loop(LoopName),
    /// A segment, told from others by what its elements are set to.
    Segment(SegmentId, Run),
    /// An element or component.
    Cell(u8, u8),
}

/// What an element of a segment is set to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fixed {
    /// The element, from one.
    pub element: u8,
    /// The component, from one; zero for the whole element.
    pub component: u8,
    /// The value.
    pub text: TextId,
}

/// A leaf that belongs to a slice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Constant {
    /// Where it goes.
    pub to: Run,
    /// The value.
    pub value: TextId,
}
