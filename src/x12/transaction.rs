//! One transaction set in memory of its own.

use std::fmt;

use super::Frame;
use super::LoopName;
use super::Payload;
use super::frame;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;

/// Which loop of a transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LoopIndex(pub(super) u32);

/// Which segment of a transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SegmentIndex(pub(super) u32);

/// Which element of a transaction, counted over all its segments.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ElementIndex(u32);

impl SegmentIndex {
    /// The number itself.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The segment of a number that [`SegmentIndex::number`] gave.
    pub const fn of(number: u32) -> Self {
        Self(number)
    }
}

impl ElementIndex {
    /// The number itself, for books that are kept in a list.
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// The element of a number that [`ElementIndex::number`] gave.
    pub const fn of(number: u32) -> Self {
        Self(number)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) length: u32,
}

#[derive(Clone, Copy)]
pub(super) struct SegmentNode {
    pub(super) id: SegmentId,
    pub(super) in_loop: LoopIndex,
    pub(super) first: u32,
    pub(super) count: u32,
    /// The next segment of the same loop.
    pub(super) next: u32,
    /// Which payload belongs to it; `NONE` for nearly all.
    pub(super) payload: u32,
    /// Where it stood in the input, and as which segment of its transaction; zero where it was not read.
    pub(super) offset: u64,
    pub(super) position: u32,
}

#[derive(Clone, Copy)]
pub(super) struct LoopNode {
    pub(super) name: LoopName,
    pub(super) parent: u32,
    pub(super) first_child: u32,
    pub(super) last_child: u32,
    pub(super) next: u32,
    /// The levels of the hierarchy below it are a list of their own, because there may be thousands of them.
    pub(super) first_level: u32,
    pub(super) last_level: u32,
    /// The loop's own segments, as a list.
    pub(super) first_segment: u32,
    pub(super) last_segment: u32,
}

pub(super) const NONE: u32 = u32::MAX;

/// One `ST` to `SE` with the `ISA` and `GS` that held it, as a tree.
///
/// The root loop has no name and begins with `ISA`, `GS` and `ST`; the loops of the guide hang below it, and last a loop
/// with the `SE`.
#[derive(Clone)]
pub struct Transaction {
    pub(super) frame: &'static Frame,
    pub(super) text: Vec<u8>,
    pub(super) elements: Vec<Span>,
    pub(super) segments: Vec<SegmentNode>,
    pub(super) loops: Vec<LoopNode>,
    pub(super) payloads: Vec<Payload>,
    pub(super) component: u8,
    /// Interchange, group and transaction by number.
    pub(super) numbers: (u32, u32, u32),
    /// Segments whose place among the loops is a guess.
    pub(super) misplaced: Vec<SegmentIndex>,
}

impl Transaction {
    /// The loop that holds all others.
    pub const ROOT: LoopIndex = LoopIndex(0);

    /// The structure that the loops follow.
    pub const fn frame(&self) -> &'static Frame {
        self.frame
    }

    /// The guide that the sender names: `ST03`, or `GS08` where that is absent, without blanks around it.
    pub fn guide(&self) -> &str {
        let named = |segment: &[u8], element| {
            let found = self
                .segments_in(Self::ROOT)
                .find(|index| self.id(*index).as_str().as_bytes() == segment);
            let text = found
                .and_then(|index| self.element(index, element))
                .map(|index| self.text(index));
            std::str::from_utf8(text.unwrap_or_default())
                .unwrap_or_default()
                .trim()
        };
        match named(b"ST", 3) {
            "" => named(b"GS", 8),
            guide => guide,
        }
    }

    /// The name of a loop.
    pub fn name(&self, index: LoopIndex) -> LoopName {
        self.loop_node(index).map_or(LoopName::ROOT, |node| node.name)
    }

    /// The loop around a loop.
    pub fn parent(&self, index: LoopIndex) -> Option<LoopIndex> {
        let parent = self.loop_node(index)?.parent;
        (parent != NONE).then_some(LoopIndex(parent))
    }

    /// The loops directly inside a loop: those of its own, then the levels of the hierarchy below it, each in order.
    pub fn children(&self, index: LoopIndex) -> impl Iterator<Item = LoopIndex> + '_ {
        self.own_children(index).chain(self.levels(index))
    }

    /// The loops directly inside a loop that are no levels of the hierarchy.
    #[inline]
    pub fn own_children(&self, index: LoopIndex) -> impl Iterator<Item = LoopIndex> + '_ {
        self.siblings(self.loop_node(index).map_or(NONE, |node| node.first_child))
    }

    /// The levels of the hierarchy directly below a loop.
    #[inline]
    pub fn levels(&self, index: LoopIndex) -> impl Iterator<Item = LoopIndex> + '_ {
        self.siblings(self.loop_node(index).map_or(NONE, |node| node.first_level))
    }

    #[inline]
    fn siblings(&self, first: u32) -> impl Iterator<Item = LoopIndex> + '_ {
        let mut next = first;
        std::iter::from_fn(move || {
            let here = self.loops.get(next as usize)?;
            let found = LoopIndex(next);
            next = here.next;
            Some(found)
        })
    }

    /// A loop's own segments, in order.
    #[inline]
    pub fn segments_in(&self, index: LoopIndex) -> impl Iterator<Item = SegmentIndex> + '_ {
        let mut next = self.loop_node(index).map_or(NONE, |node| node.first_segment);
        std::iter::from_fn(move || {
            let here = self.segments.get(next as usize)?;
            let found = SegmentIndex(next);
            next = here.next;
            Some(found)
        })
    }

    /// All segments, in order.
    pub fn all_segments(&self) -> impl Iterator<Item = SegmentIndex> + use<> {
        (0..u32::try_from(self.segments.len()).unwrap_or(NONE)).map(SegmentIndex)
    }

    /// How many elements there are.
    pub fn element_count(&self) -> usize {
        self.elements.len()
    }

    /// What a segment calls itself.
    ///
    /// # Panics
    /// If the index is of another transaction.
    pub fn id(&self, index: SegmentIndex) -> SegmentId {
        self.segments
            .get(index.0 as usize)
            .expect("an index is used with the transaction that gave it")
            .id
    }

    /// The loop that a segment is in.
    pub fn loop_of(&self, index: SegmentIndex) -> LoopIndex {
        self.segments
            .get(index.0 as usize)
            .map_or(Self::ROOT, |segment| segment.in_loop)
    }

    /// The segment that an element is in.
    pub fn segment_of(&self, index: ElementIndex) -> SegmentIndex {
        let after = self.segments.partition_point(|segment| segment.first <= index.0);
        SegmentIndex(u32::try_from(after.saturating_sub(1)).unwrap_or(NONE))
    }

    /// An element by its number from one; nothing where the segment ends before it.
    #[inline]
    pub fn element(&self, index: SegmentIndex, number: u32) -> Option<ElementIndex> {
        let segment = self.segments.get(index.0 as usize)?;
        (1..=segment.count)
            .contains(&number)
            .then(|| ElementIndex(segment.first + number - 1))
    }

    /// All elements of a segment, in order.
    pub fn elements(&self, index: SegmentIndex) -> impl Iterator<Item = ElementIndex> + use<> {
        let (first, count) = self
            .segments
            .get(index.0 as usize)
            .map_or((0, 0), |segment| (segment.first, segment.count));
        (first..first + count).map(ElementIndex)
    }

    /// The number of an element in its segment, from one.
    pub fn number_of(&self, index: ElementIndex) -> u32 {
        let segment = self.segments.get(self.segment_of(index).0 as usize);
        segment.map_or(0, |segment| index.0 - segment.first + 1)
    }

    /// The bytes of an element; empty for the octets of a payload, which are kept apart.
    #[inline]
    pub fn text(&self, index: ElementIndex) -> &[u8] {
        self.elements
            .get(index.0 as usize)
            .and_then(|span| {
                let start = span.start as usize;
                self.text.get(start..start + span.length as usize)
            })
            .unwrap_or_default()
    }

    /// Whether the element of a number is one that the standard makes of components, and has several.
    ///
    /// Elsewhere the separator is a part of the text, as in an address that begins with `https:`.
    #[inline]
    pub fn is_composite(&self, segment: SegmentIndex, number: u32) -> bool {
        self.composites(segment) >> number.min(31) & 1 == 1
            && self
                .element(segment, number)
                .is_some_and(|element| self.is_composed(element))
    }

    /// The elements of a segment that the standard makes of components: bit n for element n.
    #[inline]
    pub fn composites(&self, segment: SegmentIndex) -> u32 {
        frame::composites(self.id(segment))
    }

    /// Whether the separator of components stands in an element.
    #[inline]
    pub fn is_composed(&self, element: ElementIndex) -> bool {
        self.text(element).contains(&self.component)
    }

    /// Whether all text is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }

    /// The components of an element; one that is not composite has one.
    ///
    /// Of an element that repeats, the last component takes in the other repetitions.
    pub fn components(&self, index: ElementIndex) -> impl Iterator<Item = &[u8]> {
        self.text(index).split(|byte| *byte == self.component)
    }

    /// A component of an element by its number from one; empty where there is none.
    #[inline]
    pub fn component(&self, index: ElementIndex, number: u32) -> &[u8] {
        let mut components = self.components(index);
        components
            .nth(number.saturating_sub(1) as usize)
            .unwrap_or_default()
    }

    /// The attachment of a segment.
    pub fn payload(&self, index: SegmentIndex) -> Option<&Payload> {
        let segment = self.segments.get(index.0 as usize)?;
        self.payloads.get(segment.payload as usize)
    }

    /// Which of the transaction's attachments a segment has, from zero.
    pub fn payload_number(&self, index: SegmentIndex) -> Option<usize> {
        let number = self.segments.get(index.0 as usize)?.payload;
        (number != NONE).then_some(number as usize)
    }

    /// All attachments, in order.
    pub fn payloads(&self) -> &[Payload] {
        &self.payloads
    }

    /// Puts a stand-in for an attachment in its place, counted from zero.
    pub fn put_away(&mut self, number: usize, stand_in: Vec<u8>) {
        if let Some(payload) = self.payloads.get_mut(number) {
            payload.octets = stand_in;
            payload.withheld = 0;
        }
    }

    /// The segments whose place among the loops had to be guessed, because the hierarchy that they name is broken.
    pub fn misplaced(&self) -> &[SegmentIndex] {
        &self.misplaced
    }

    /// Where a segment stands.
    pub fn place(&self, index: SegmentIndex) -> X12Place {
        let Some(segment) = self.segments.get(index.0 as usize) else {
            return X12Place::default();
        };
        let name = self.name(segment.in_loop);
        let (interchange, group, transaction) = self.numbers;
        let known = |number: u32| (number > 0).then_some(number);
        X12Place {
            offset: segment.offset,
            interchange: known(interchange),
            group: known(group),
            transaction: known(transaction),
            ordinal: known(segment.position).map(u64::from),
            segment: Some(segment.id),
            loop_id: (name != LoopName::ROOT).then(|| name.as_str().into()),
            ..X12Place::default()
        }
    }

    /// Where an element stands; a component of zero means the whole of it.
    pub fn element_place(&self, index: ElementIndex, component: u32) -> X12Place {
        let segment = self.segment_of(index);
        let mut place = self.place(segment);
        let before = self.elements(segment).take_while(|other| *other < index);
        let skipped: usize = before.map(|other| self.text(other).len() + 1).sum();
        place.offset += (self.id(segment).as_str().len() + 1 + skipped) as u64;
        let small = |number: u32| u16::try_from(number).ok().filter(|number| *number > 0);
        place.element = small(self.number_of(index));
        place.component = small(component);
        place
    }

    fn loop_node(&self, index: LoopIndex) -> Option<&LoopNode> {
        self.loops.get(index.0 as usize)
    }
}

/// Shows guide and sizes only: a transaction names a person.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("frame", &self.frame.name)
            .field("loops", &self.loops.len())
            .field("segments", &self.segments.len())
            .field("payloads", &self.payloads)
            .finish_non_exhaustive()
    }
}
