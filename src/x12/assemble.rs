//! Makes transactions of what the reader tells.

use std::collections::HashMap;

use x12_parser::BinaryHead;
use x12_parser::Event;
use x12_parser::Framing;
use x12_parser::Reader;
use x12_parser::Segment;

use super::Filter;
use super::Frame;
use super::LoopIndex;
use super::LoopName;
use super::Payload;
use super::SegmentIndex;
use super::Transaction;
use super::frame::LoopRule;
use super::transaction::LoopNode;
use super::transaction::NONE;
use super::transaction::SegmentNode;
use super::transaction::Span;
use crate::base::place::SegmentId;

/// Gathers the events of a reader into transactions, one at a time.
///
/// Sets of a guide that no [`Frame`] knows are passed over.
#[derive(Debug)]
pub struct Assembler {
    /// The most octets of an attachment that are kept.
    most: usize,
    interchange: Vec<u8>,
    group: Vec<u8>,
    building: Option<Building>,
}

/// Reads all transactions of a whole input; faults of the envelope are the business of those who answer the sender.
pub fn read(input: &[u8], settings: x12_parser::Settings) -> Vec<Transaction> {
    let mut reader = Reader::new(settings);
    let mut assembler = Assembler::default();
    let mut found = Vec::new();
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        found.extend(assembler.take(&event));
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        found.extend(assembler.take(&event));
    }
    found
}

/// As [`read`], with the usual settings.
pub fn read_plainly(input: &[u8]) -> Vec<Transaction> {
    read(input, x12_parser::Settings::default())
}

impl Default for Assembler {
    fn default() -> Self {
        Self::keeping(usize::MAX)
    }
}

impl Assembler {
    /// Keeps at most so many octets of each attachment; whoever needs the others takes them from the events.
    ///
    /// A transaction that lacks some is not to be translated before [`Transaction::put_away`].
    pub const fn keeping(most: usize) -> Self {
        Self {
            most,
            interchange: Vec::new(),
            group: Vec::new(),
            building: None,
        }
    }

    /// Takes the next event; gives the transaction that it ends.
    pub fn take(&mut self, event: &Event<'_>) -> Option<Transaction> {
        match event {
            Event::InterchangeStart(segment) => {
                self.building = None;
                self.group.clear();
                keep(&mut self.interchange, segment);
            }
            Event::GroupStart(segment) => keep(&mut self.group, segment),
            Event::TransactionStart(segment) => self.building = self.begin(segment),
            Event::Segment(segment) => {
                if let Some(building) = &mut self.building {
                    building.add(segment);
                }
            }
            Event::BinaryStart(head) => {
                if let Some(building) = &mut self.building {
                    building.add_binary(head);
                }
            }
            Event::BinaryChunk(chunk) => {
                let most = self.most;
                if let Some(payload) = self.payload() {
                    let room = most.saturating_sub(payload.octets.len());
                    let (kept, more) = chunk.bytes.split_at_checked(room).unwrap_or((chunk.bytes, &[]));
                    payload.octets.extend_from_slice(kept);
                    payload.withheld += more.len() as u64;
                }
            }
            Event::BinaryEnd(end) => {
                if let Some(payload) = self.payload() {
                    payload.repaired = end.framing == Framing::Repaired;
                    payload.broken = end.framing == Framing::Broken;
                }
            }
            Event::TransactionEnd(segment) => {
                let mut building = self.building.take()?;
                building.add(segment);
                return Some(building.done);
            }
            Event::GroupEnd(_) | Event::InterchangeEnd(_) | Event::Fault(_) => {}
        }
        None
    }

    /// Starts a transaction if its guide is one that we know the shape of.
    fn begin(&self, start: &Segment<'_>) -> Option<Building> {
        let element = start.delimiters().element();
        let of_group = self.group.split(|byte| *byte == element).nth(8);
        let named = match start.value(3).trim_ascii() {
            b"" => of_group.unwrap_or_default().trim_ascii(),
            named => named,
        };
        let frame = Frame::of_guide(std::str::from_utf8(named).ok()?)?;
        let place = start.place();
        let mut building = Building::new(frame, start);
        building.done.numbers = (place.interchange, place.group, place.transaction);
        let delimiters = start.delimiters();
        for envelope in [&self.interchange, &self.group] {
            building.add_to(
                Transaction::ROOT,
                &Segment::new(envelope, delimiters, x12_parser::Place::default()),
            );
        }
        building.add(start);
        Some(building)
    }

    fn payload(&mut self) -> Option<&mut Payload> {
        self.building.as_mut()?.done.payloads.last_mut()
    }
}

fn keep(kept: &mut Vec<u8>, segment: &Segment<'_>) {
    kept.clear();
    kept.extend_from_slice(segment.raw());
}

/// A transaction in the making.
#[derive(Debug)]
struct Building {
    done: Transaction,
    /// The loops that are open, outermost first, with their rules.
    open: Vec<(LoopIndex, &'static LoopRule)>,
    /// The levels by their numbers, the latest of each; made when one is looked for that is not open.
    levels: Option<HashMap<Box<[u8]>, LoopIndex>>,
}

impl Building {
    fn new(frame: &'static Frame, start: &Segment<'_>) -> Self {
        let done = Transaction {
            frame,
            text: Vec::new(),
            elements: Vec::new(),
            segments: Vec::new(),
            loops: Vec::new(),
            payloads: Vec::new(),
            component: start.delimiters().component(),
            numbers: (0, 0, 0),
            misplaced: Vec::new(),
        };
        let mut building = Self {
            done,
            open: Vec::new(),
            levels: None,
        };
        building.done.push_loop(LoopName::ROOT, NONE);
        let root = frame.loops.first().expect("a frame begins with its root");
        building.open.push((Transaction::ROOT, root));
        building
    }

    /// Adds a segment to the loop it opens or belongs to.
    fn add(&mut self, segment: &Segment<'_>) {
        let id = segment.id();
        let into = if id == b"HL" {
            self.open_level(segment)
        } else {
            match self.opened_by(segment) {
                Some((depth, rule)) => self.open_loop(depth, rule),
                None => self.home_of(id),
            }
        };
        self.add_to(into, segment);
    }

    fn add_binary(&mut self, head: &BinaryHead<'_>) {
        self.add(&head.segment);
        let number = self.done.payloads.len();
        self.done.payloads.push(Payload {
            filter: Filter::of(head.filter().unwrap_or_default()),
            ..Payload::default()
        });
        // The octets are an element too: an empty span that the payload stands for.
        let start = offset(self.done.text.len());
        self.done.elements.push(Span { start, length: 0 });
        if let Some(node) = self.done.segments.last_mut() {
            node.count += 1;
            node.payload = offset(number);
        }
    }

    /// The loop that a segment opens, and how many open loops stay open around it.
    fn opened_by(&self, segment: &Segment<'_>) -> Option<(usize, &'static LoopRule)> {
        let id = segment.id();
        let mut best: Option<(usize, &'static LoopRule)> = None;
        for rule in self.done.frame.loops {
            let opens = rule.opens.iter().any(|opening| {
                is_same(opening.segment, id)
                    && (opening.any_of.is_empty() || {
                        let value = segment.value(opening.element as usize).trim_ascii();
                        opening.any_of.iter().any(|code| code.as_bytes() == value)
                    })
            });
            if !opens {
                continue;
            }
            let parent = self.open.iter().rposition(|(_, open)| open.name == rule.parent);
            let Some(depth) = parent.map(|parent| parent + 1) else {
                continue;
            };
            if best.is_none_or(|(deepest, _)| depth > deepest) {
                best = Some((depth, rule));
            }
        }
        // A loop that opens with either of two segments holds both: the second does not open another.
        let (depth, rule) = best?;
        let (open, current) = self.open.get(depth).copied().unzip();
        let continues = current.is_some_and(|current: &LoopRule| current.name == rule.name)
            && rule.opens.len() > 1
            && open.is_some_and(|open| !self.holds(open, id));
        (!continues).then_some((depth, rule))
    }

    fn holds(&self, index: LoopIndex, id: &[u8]) -> bool {
        let mut segments = self.done.segments_in(index);
        segments.any(|segment| self.done.id(segment).as_str().as_bytes() == id)
    }

    /// Closes what is deeper than `depth` and opens a loop there.
    fn open_loop(&mut self, depth: usize, rule: &'static LoopRule) -> LoopIndex {
        self.open.truncate(depth);
        let parent = self.open.last().map_or(Transaction::ROOT, |(parent, _)| *parent);
        let name = LoopName::parse(rule.name).unwrap_or_default();
        let index = self.done.push_loop(name, parent.0);
        self.open.push((index, rule));
        index
    }

    /// The innermost open loop that knows the segment, or else the innermost of all.
    fn home_of(&mut self, id: &[u8]) -> LoopIndex {
        let knows = |(_, rule): &(LoopIndex, &LoopRule)| rule.segments.iter().any(|known| is_same(known, id));
        if let Some(depth) = self.open.iter().rposition(knows) {
            self.open.truncate(depth + 1);
        }
        self.open.last().map_or(Transaction::ROOT, |(index, _)| *index)
    }

    /// Opens the loop of an `HL` below the one that its second element names.
    fn open_level(&mut self, segment: &Segment<'_>) -> LoopIndex {
        let level = segment.value(3).trim_ascii();
        let opens = |rule: &&LoopRule| {
            let mut openings = rule.opens.iter().filter(|opening| opening.segment == "HL");
            openings.any(|opening| opening.any_of.iter().any(|code| code.as_bytes() == level))
        };
        let Some(rule) = self.done.frame.loops.iter().find(opens) else {
            return self.home_of(b"HL");
        };
        let above = segment.value(2).trim_ascii();
        let named = self
            .level_named(above)
            .filter(|found| self.may_hold(*found, rule));
        let depth = if let Some(found) = named {
            self.reopen(found)
        } else {
            let parent = self.open.iter().rposition(|(_, open)| open.name == rule.parent);
            let top = rule.parent.is_empty() && above.is_empty();
            if !top {
                let index = SegmentIndex(offset(self.done.segments.len()));
                self.done.misplaced.push(index);
            }
            parent.map_or(1, |parent| parent + 1)
        };
        let index = self.open_loop(depth, rule);
        if let Some(levels) = &mut self.levels {
            levels.insert(segment.value(1).trim_ascii().into(), index);
        }
        index
    }

    /// The loop of the `HL` with this number; nearly always one of those that are open.
    fn level_named(&mut self, number: &[u8]) -> Option<LoopIndex> {
        if number.is_empty() {
            return None;
        }
        let mut open = self.open.iter().rev().map(|(index, _)| *index);
        if let Some(found) = open.find(|index| self.level_number(*index) == Some(number)) {
            return Some(found);
        }
        if self.levels.is_none() {
            let all = (1..offset(self.done.loops.len())).map(LoopIndex);
            let named = all.filter_map(|index| Some((self.level_number(index)?.into(), index)));
            self.levels = Some(named.collect());
        }
        self.levels.as_ref()?.get(number).copied()
    }

    /// The number in the `HL` that a loop begins with.
    fn level_number(&self, index: LoopIndex) -> Option<&[u8]> {
        let first = self.done.segments_in(index).next()?;
        let is_level = self.done.id(first).as_str() == "HL";
        let element = self.done.element(first, 1).filter(|_| is_level)?;
        Some(self.done.text(element).trim_ascii())
    }

    /// Whether a loop may hold another: its own parent, or a level in between that the guide leaves out at times.
    fn may_hold(&self, holder: LoopIndex, rule: &LoopRule) -> bool {
        let name = self.done.name(holder);
        if name.as_str() == rule.parent {
            return true;
        }
        let position = |wanted: &str| self.done.frame.loops.iter().position(|rule| rule.name == wanted);
        let between =
            position(rule.parent) < position(name.as_str()) && position(name.as_str()) < position(rule.name);
        between && self.done.parent(holder).is_some()
    }

    /// Makes `index` the innermost open loop; gives how many are then open.
    fn reopen(&mut self, index: LoopIndex) -> usize {
        if let Some(depth) = self.open.iter().rposition(|(open, _)| *open == index) {
            return depth + 1;
        }
        let mut path = Vec::new();
        let mut next = Some(index);
        while let Some(here) = next {
            if let Some((_, rule)) = self.done.frame.find(self.done.name(here)) {
                path.push((here, rule));
            }
            next = self.done.parent(here);
        }
        path.reverse();
        self.open = path;
        self.open.len()
    }

    fn add_to(&mut self, into: LoopIndex, segment: &Segment<'_>) {
        let Some(id) = SegmentId::parse(segment.id()) else {
            return;
        };
        self.done.push_segment(into, id);
        if let Some(node) = self.done.segments.last_mut() {
            node.offset = segment.place().offset;
            node.position = segment.place().position;
        }
        for element in segment.elements() {
            self.done.push_element(element.raw());
        }
    }
}

/// Whether two names of segments are the same; they are too short for a call.
#[inline]
fn is_same(known: &str, id: &[u8]) -> bool {
    known.len() == id.len() && known.bytes().zip(id).all(|(one, other)| one == *other)
}

/// A count as it is kept in the tree; a text beyond four gigabytes is not held in memory at all.
pub(super) fn offset(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

impl Transaction {
    pub(super) fn push_loop(&mut self, name: LoopName, parent: u32) -> LoopIndex {
        let is_level = self.frame.find(name).is_some_and(|(_, rule)| rule.is_level());
        let index = offset(self.loops.len());
        self.loops.push(LoopNode {
            name,
            parent,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
            first_level: NONE,
            last_level: NONE,
            first_segment: NONE,
            last_segment: NONE,
        });
        if let Some(holder) = self.loops.get_mut(parent as usize) {
            let (first, last) = if is_level {
                (&mut holder.first_level, &mut holder.last_level)
            } else {
                (&mut holder.first_child, &mut holder.last_child)
            };
            let before = std::mem::replace(last, index);
            if before == NONE {
                *first = index;
            } else if let Some(sibling) = self.loops.get_mut(before as usize) {
                sibling.next = index;
            }
        }
        LoopIndex(index)
    }

    pub(super) fn push_segment(&mut self, into: LoopIndex, id: SegmentId) {
        let index = offset(self.segments.len());
        self.segments.push(SegmentNode {
            id,
            in_loop: into,
            first: offset(self.elements.len()),
            count: 0,
            next: NONE,
            payload: NONE,
            offset: 0,
            position: 0,
        });
        if let Some(holder) = self.loops.get_mut(into.0 as usize) {
            let before = std::mem::replace(&mut holder.last_segment, index);
            if before == NONE {
                holder.first_segment = index;
            } else if let Some(sibling) = self.segments.get_mut(before as usize) {
                sibling.next = index;
            }
        }
    }

    pub(super) fn push_element(&mut self, text: &[u8]) {
        let start = offset(self.text.len());
        self.text.extend_from_slice(text);
        self.elements.push(Span {
            start,
            length: offset(text.len()),
        });
        if let Some(node) = self.segments.last_mut() {
            node.count += 1;
        }
    }
}
