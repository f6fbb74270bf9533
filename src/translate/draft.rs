//! The target while it is made: one flat list of nodes over one text.
//!
//! A node knows the rule that made it and the cell of the source that it came from, so that a leaf without lineage
//! cannot be written.

use super::books::Cell;
use crate::base::place::SegmentId;
use crate::mapping::Variable;
use crate::mapping::program::MouldId;
use crate::mapping::program::RuleId;
use crate::mapping::program::SliceId;
use crate::mapping::program::TextId;
use crate::x12::LoopName;

/// Which node of a draft.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub(super) u32);

/// What a node is called by the one above it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Key {
    /// The whole message, by its kind.
    Document(TextId),
    /// A member of an object.
    Member(TextId),
    /// An item of a list.
    Item(u16),
    /// An item of a list that looks like a slice.
    Slice(SliceId, u16),
    /// An item of a list, or a loop or segment, that only its number tells from others.
    Fresh(u32),
    Loop(LoopName),
    /// A segment with what its elements are fixed to: start and length of the run.
    Segment(SegmentId, u32, u32),
    /// An element and a component.
    Cell(u8, u8),
}

/// What a node is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Content {
    /// A message, an object, or an item that is one.
    Object,
    List,
    Loop(LoopName),
    Segment(SegmentId),
    /// Text in the draft.
    Text(Span),
    /// A number, `true` or `false` in the draft.
    Bare(Span),
    /// Text of the mapping.
    Known(TextId),
    /// A number, `true` or `false` of the mapping.
    KnownBare(TextId),
    /// A JSON value in the draft, written as it is.
    Raw(Span),
    /// A number that follows from the shape of the transaction once it is whole.
    Count,
    /// The octets of a `BDS` or `BIN`, by their number among those of the draft.
    Octets(u32),
}

/// A part of a draft's text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

/// Where the value of a node came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    /// From the source.
    Source(Cell),
    /// From what the gateway knows.
    Variable(Variable),
    /// From the mapping: a constant or a default.
    Mapping,
    /// From the mapping, as a part of what makes a slice or a segment what it is.
    Shape,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    pub(super) content: Content,
    pub(super) rule: RuleId,
    pub(super) origin: Origin,
    /// Whether something better may take its place: it was filled without knowing.
    pub(super) weak: bool,
    /// What it is cast in, as long as nobody looks below it: members that stand before those that hang there.
    pub(super) mould: Option<MouldId>,
    /// Whether it is a leaf or has one below it.
    pub(super) full: bool,
    attached: bool,
    parent: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) next: u32,
}

impl Node {
    /// Whether it has one node directly below it and no more.
    pub(super) const fn is_single(&self) -> bool {
        self.first == self.last && self.first != NONE
    }
}

/// A target in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) nodes: Vec<Node>,
    pub(super) text: Vec<u8>,
    /// Attachments, each in memory of its own, so that a transaction takes them over without a copy.
    pub(super) octets: Vec<Vec<u8>>,
    pub(super) documents: Vec<NodeId>,
    /// How many leaves were written that are no constants.
    pub(super) earned: usize,
    fresh: u32,
}

/// A moment to which a draft can go back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    nodes: usize,
    text: usize,
    octets: usize,
    pub(super) earned: usize,
}

/// No node.
pub(super) const NONE: u32 = u32::MAX;

impl Draft {
    /// An empty draft with room for so many nodes, and for what so many bytes of a source become, as a rule.
    pub(super) fn with_room(nodes: usize, bytes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
            text: Vec::with_capacity(bytes + bytes / 2),
            ..Self::default()
        }
    }

    /// About how many bytes the documents have in JSON.
    pub(super) fn size(&self) -> usize {
        self.nodes.len() * 24 + self.text.len()
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        self.nodes
            .get(id.0 as usize)
            .expect("a node's number is used with the draft that gave it")
    }

    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = self.node(id).first;
        std::iter::from_fn(move || {
            let node = self.nodes.get(next as usize)?;
            let found = NodeId(next);
            next = node.next;
            Some(found)
        })
    }

    /// The nodes directly below one, with their numbers.
    #[inline]
    pub(super) fn nodes_below(&self, node: &Node) -> impl Iterator<Item = (NodeId, &Node)> + '_ + use<'_> {
        let mut next = node.first;
        std::iter::from_fn(move || {
            let node = self.nodes.get(next as usize)?;
            let found = NodeId(next);
            next = node.next;
            Some((found, node))
        })
    }

    #[inline]
    pub(super) fn child(&self, parent: NodeId, key: Key) -> Option<NodeId> {
        let mut nodes = self.nodes_below(self.node(parent));
        nodes.find(|(_, child)| child.key == key).map(|(id, _)| id)
    }

    /// Adds a node that hangs below `parent` at once.
    pub(super) fn add(
        &mut self,
        parent: NodeId,
        key: Key,
        content: Content,
        rule: RuleId,
        origin: Origin,
    ) -> NodeId {
        let id = self.detached(Some(parent), key, content, rule, origin);
        self.attach(id);
        id
    }

    /// Adds a node that knows its parent and is not known by it yet.
    pub(super) fn detached(
        &mut self,
        parent: Option<NodeId>,
        key: Key,
        content: Content,
        rule: RuleId,
        origin: Origin,
    ) -> NodeId {
        let id = self.next();
        self.nodes.push(Node {
            key,
            content,
            rule,
            origin,
            weak: origin == Origin::Mapping,
            full: !matches!(
                content,
                Content::Object | Content::List | Content::Loop(_) | Content::Segment(_)
            ),
            attached: false,
            mould: None,
            parent: parent.map_or(NONE, |parent| parent.0),
            first: NONE,
            last: NONE,
            next: NONE,
        });
        id
    }

    /// Hangs a detached node below its parent, or among the documents if it has none.
    pub(super) fn attach(&mut self, id: NodeId) {
        self.hang(id);
        let Some(parent) = self.parent(id) else {
            self.documents.push(id);
            return;
        };
        let Some(holder) = self.nodes.get_mut(parent.0 as usize) else {
            return;
        };
        let before = std::mem::replace(&mut holder.last, id.0);
        if before == NONE {
            holder.first = id.0;
        } else if let Some(sibling) = self.nodes.get_mut(before as usize) {
            sibling.next = id.0;
        }
    }

    /// Hangs a detached node below its parent, before one that hangs there.
    pub(super) fn attach_before(&mut self, id: NodeId, sibling: NodeId) {
        self.hang(id);
        let Some(parent) = self.parent(sibling) else {
            return;
        };
        let before = self.children(parent).take_while(|child| *child != sibling).last();
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.next = sibling.0;
        }
        match before {
            Some(before) => {
                if let Some(node) = self.nodes.get_mut(before.0 as usize) {
                    node.next = id.0;
                }
            }
            None => {
                if let Some(node) = self.nodes.get_mut(parent.0 as usize) {
                    node.first = id.0;
                }
            }
        }
    }

    /// Gives a leaf another value and origin.
    pub(super) fn replace(&mut self, id: NodeId, content: Content, rule: RuleId, origin: Origin) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            (node.content, node.rule, node.origin) = (content, rule, origin);
        }
    }

    /// Says that something better may take the place of a leaf.
    pub(super) fn weaken(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.weak = true;
        }
    }

    /// Notes that a node hangs below its parent, and if it is full, that all above it are.
    fn hang(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.attached = true;
            if node.full {
                self.fill_above(id);
            }
        }
    }

    /// Notes that all above a full node are full, as far as it hangs below them.
    pub(super) fn fill_above(&mut self, id: NodeId) {
        let mut here = id;
        while let Some(node) = self.nodes.get(here.0 as usize)
            && node.attached
            && node.parent != NONE
        {
            here = NodeId(node.parent);
            match self.nodes.get_mut(here.0 as usize) {
                Some(above) if !above.full => above.full = true,
                Some(_) | None => return,
            }
        }
    }

    /// Whether a node is no leaf and has none below it.
    #[inline]
    pub(super) fn is_empty(&self, id: NodeId) -> bool {
        !self.node(id).full
    }

    /// The number that the next node will have.
    pub(super) fn next(&self) -> NodeId {
        NodeId(u32::try_from(self.nodes.len()).unwrap_or(NONE))
    }

    /// A key that no other node has.
    pub(super) fn fresh(&mut self) -> Key {
        self.fresh += 1;
        Key::Fresh(self.fresh)
    }

    /// Appends text and says where it is.
    pub(super) fn say(&mut self, text: &[u8]) -> Span {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        self.said_since(start)
    }

    /// Appends X12 text, as UTF-8; old systems send Latin-1, in which each byte is the character of its number.
    pub(super) fn say_text(&mut self, text: &[u8]) -> Span {
        if std::str::from_utf8(text).is_ok() {
            return self.say(text);
        }
        let read: String = text.iter().map(|byte| char::from(*byte)).collect();
        self.say(read.as_bytes())
    }

    /// Takes an attachment in.
    pub(super) fn enclose(&mut self, octets: Vec<u8>) -> Content {
        self.octets.push(octets);
        Content::Octets(u32::try_from(self.octets.len() - 1).unwrap_or(NONE))
    }

    /// An attachment by its number.
    pub(super) fn enclosed(&self, number: u32) -> &[u8] {
        self.octets.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// Everything appended since the text had this length.
    pub(super) fn said_since(&self, start: usize) -> Span {
        let place = |length: usize| u32::try_from(length).unwrap_or(NONE);
        Span {
            start: place(start),
            end: place(self.text.len()),
        }
    }

    pub(super) fn said(&self, span: Span) -> &[u8] {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// The moment at hand.
    pub(super) fn now(&self) -> Moment {
        Moment {
            nodes: self.nodes.len(),
            text: self.text.len(),
            octets: self.octets.len(),
            earned: self.earned,
        }
    }

    /// Forgets all nodes and text since a moment; none of them may have been attached to an older one.
    pub(super) fn undo(&mut self, moment: Moment) {
        self.nodes.truncate(moment.nodes);
        self.text.truncate(moment.text);
        self.octets.truncate(moment.octets);
        self.earned = moment.earned;
    }
}
