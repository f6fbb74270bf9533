//! Turns the draft of a transaction into a transaction: in the order of the guide, with hierarchy and counts.

use std::borrow::Cow;

use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::NodeId;
use crate::base::place::SegmentId;
use crate::mapping::Program;
use crate::x12::Composer;
use crate::x12::ElementIndex;
use crate::x12::Filter;
use crate::x12::Frame;
use crate::x12::LoopIndex;
use crate::x12::LoopName;
use crate::x12::Transaction;

/// A transaction, and which node each of its elements and components came from.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) transaction: Transaction,
    pub(super) leaves: Vec<(NodeId, ElementIndex, u32)>,
}

struct Composition<'d> {
    draft: &'d Draft,
    /// The attachments of the draft, which go over into the transaction.
    octets: &'d mut [Vec<u8>],
    program: &'d Program,
    frame: &'static Frame,
    /// Whether the guide has a hierarchy of levels.
    has_levels: bool,
    composer: Composer,
    leaves: Vec<(NodeId, ElementIndex, u32)>,
    levels: u32,
    entries: u32,
    segments: u32,
    /// `ST02`, which `SE02` says again.
    control: Vec<u8>,
    /// Room for the cells of a segment, used again and again.
    cells: Vec<(u8, u8, NodeId)>,
}

/// Where a loop hangs in the hierarchy.
#[derive(Clone, Copy)]
struct Level {
    above: u32,
    own: u32,
    has_below: bool,
    /// Octets of the attachment in the segment at hand.
    octets: u32,
}

/// Composes the documents of a draft; its attachments go over into the transactions.
pub(super) fn compose(draft: &mut Draft, program: &Program, frame: &'static Frame) -> Vec<Composed> {
    let mut octets = std::mem::take(&mut draft.octets);
    let documents = draft.documents.iter();
    documents
        .map(|document| compose_one(draft, &mut octets, program, frame, *document))
        .collect()
}

fn compose_one(
    draft: &Draft,
    octets: &mut [Vec<u8>],
    program: &Program,
    frame: &'static Frame,
    document: NodeId,
) -> Composed {
    // Of several documents none has more than its share, or else there is room for one.
    let share = draft.nodes.len() / draft.documents.len().max(1);
    let mut composition = Composition {
        draft,
        octets,
        program,
        frame,
        has_levels: frame.has_levels(),
        composer: Composer::with_room(frame, share),
        leaves: Vec::with_capacity(share),
        levels: 0,
        entries: 0,
        segments: 0,
        control: Vec::new(),
        cells: Vec::new(),
    };
    composition.content(document, LoopName::ROOT, Transaction::ROOT, 0);
    Composed {
        transaction: composition.composer.finish(),
        leaves: composition.leaves,
    }
}

impl<'d> Composition<'d> {
    /// The segments and loops inside of a loop, in the order of the guide.
    fn content(&mut self, node: NodeId, name: LoopName, into: LoopIndex, above: u32) {
        let (draft, frame) = (self.draft, self.frame);
        let mut segments = Vec::new();
        let mut loops = Vec::new();
        let own = frame.find(name).map(|(_, rule)| rule);
        for child in draft.children(node) {
            match draft.node(child).content {
                Content::Segment(id) => {
                    let rank = own.map_or(usize::MAX, |rule| rule.rank(id));
                    segments.push((rank, child, id));
                }
                Content::Loop(name) => {
                    let rank = frame.find(name).map_or(usize::MAX, |(rank, _)| rank);
                    loops.push((rank, child, name));
                }
                _ => {}
            }
        }
        segments.sort_by_key(|(rank, ..)| *rank);
        loops.sort_by_key(|(rank, ..)| *rank);
        let has_levels = self.has_levels;
        let leveled = |node| has_levels && draft.children(node).any(|child| is_level(draft, child));
        let mut level = Level {
            above,
            own: above,
            has_below: loops.iter().any(|(_, child, _)| leveled(*child)),
            octets: 0,
        };
        if has_levels && segments.iter().any(|(_, child, _)| is_level(draft, *child)) {
            self.levels += 1;
            level.own = self.levels;
        }
        for (_, child, id) in segments {
            self.segment(child, id, into, level);
        }
        for (_, child, name) in loops {
            if !draft.is_empty(child) {
                let inner = self.composer.open(into, name);
                self.content(child, name, inner, level.own);
            }
        }
    }

    fn segment(&mut self, node: NodeId, id: SegmentId, into: LoopIndex, mut level: Level) {
        let draft = self.draft;
        for cell in draft.children(node) {
            if let Content::Octets(number) = draft.node(cell).content {
                let length = self.octets.get(number as usize).map_or(0, Vec::len);
                level.octets = u32::try_from(length).unwrap_or(u32::MAX);
            }
        }
        if draft.is_empty(node) {
            return;
        }
        self.composer.segment(into, id);
        self.segments += 1;
        let mut room = std::mem::take(&mut self.cells);
        room.clear();
        room.extend(
            draft
                .children(node)
                .filter_map(|cell| match draft.node(cell).key {
                    Key::Cell(element, component) => Some((element, component, cell)),
                    _ => None,
                }),
        );
        if !room.is_sorted_by_key(|(element, component, _)| (*element, *component)) {
            room.sort_by_key(|(element, component, _)| (*element, *component));
        }
        let mut next = 1;
        let mut cells = room.as_slice();
        while let Some((element, _, cell)) = cells.first().copied() {
            while next < element {
                self.composer.element([&[][..]]);
                next += 1;
            }
            let count = cells.iter().take_while(|(other, ..)| *other == element).count();
            let (own, rest) = cells.split_at_checked(count).unwrap_or((cells, &[]));
            cells = rest;
            next = element + 1;
            if let Content::Octets(number) = draft.node(cell).content {
                let octets = self.octets.get_mut(number as usize).map(std::mem::take);
                let filter = match id.letters() {
                    b"BIN" => Filter::Absent,
                    _ => self.filter(node),
                };
                let index = self.composer.octets(filter, octets.unwrap_or_default());
                self.leaves.push((cell, index, 0));
            } else {
                self.element(own, id, level);
            }
        }
        self.cells = room;
    }

    /// One element: a value, or the components of one.
    fn element(&mut self, cells: &[(u8, u8, NodeId)], id: SegmentId, level: Level) {
        let index = if let [(element, 0 | 1, cell)] = cells {
            let value = self.value(*cell, id, *element, level);
            self.composer.element([value.as_ref()])
        } else {
            let mut components: Vec<Cow<'d, [u8]>> = Vec::new();
            for (element, component, cell) in cells {
                let at = usize::from(component.saturating_sub(1));
                while components.len() <= at {
                    components.push(Cow::default());
                }
                let value = self.value(*cell, id, *element, level);
                if let Some(component) = components.get_mut(at) {
                    *component = value;
                }
            }
            self.composer.element(components.iter().map(AsRef::as_ref))
        };
        for (_, component, cell) in cells {
            self.leaves.push((*cell, index, u32::from(*component)));
        }
    }

    fn value(&mut self, cell: NodeId, id: SegmentId, element: u8, level: Level) -> Cow<'d, [u8]> {
        let (draft, program) = (self.draft, self.program);
        let value: Cow<'d, [u8]> = match draft.node(cell).content {
            Content::Text(span) | Content::Bare(span) => draft.said(span).into(),
            Content::Known(text) | Content::KnownBare(text) => program.text(text).as_bytes().into(),
            Content::Count => self.count(id, element, level).into(),
            _ => Cow::default(),
        };
        if (id.letters(), element) == (b"ST ", 2) {
            self.control = value.to_vec();
        }
        value
    }

    /// A number that follows from the shape of the transaction.
    fn count(&mut self, id: SegmentId, element: u8, level: Level) -> Vec<u8> {
        let number = match (id.letters(), element) {
            (b"HL ", 1) => level.own,
            (b"HL ", 2) if level.above == 0 => return Vec::new(),
            (b"HL ", 2) => level.above,
            (b"HL ", 4) => u32::from(level.has_below),
            (b"LX ", _) => {
                self.entries += 1;
                self.entries
            }
            (b"BDS" | b"BIN", _) => level.octets,
            (b"SE ", 1) => self.segments,
            (b"SE ", _) => return self.control.clone(),
            _ => return Vec::new(),
        };
        number.to_string().into_bytes()
    }

    fn filter(&self, node: NodeId) -> Filter {
        let draft = self.draft;
        let code = draft
            .child(node, Key::Cell(1, 0))
            .map(|cell| draft.node(cell).content);
        match code {
            Some(Content::Known(text)) => Filter::of(self.program.text(text).as_bytes()),
            Some(Content::Text(span)) => Filter::of(draft.said(span)),
            _ => Filter::Unfiltered,
        }
    }
}

fn is_level(draft: &Draft, node: NodeId) -> bool {
    matches!(draft.node(node).content, Content::Segment(id) if id.letters() == b"HL ")
}
