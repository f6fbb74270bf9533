//! Follows a transaction along its guide and tells what breaks it.

use crate::BinaryHead;
use crate::Code;
use crate::Delimiters;
use crate::Event;
use crate::Finding;
use crate::Place;
use crate::Segment;
use crate::SegmentError;
use crate::SegmentId;
use crate::envelope::Sink;
use crate::guide::Guide;
use crate::guide::course::Course;
use crate::guide::course::Fit;
use crate::guide::course::Sight;
use crate::guide::course::Spot;
use crate::guide::course::UNKNOWN;
use crate::guide::doubt::Doubt;
use crate::guide::fields::Classes;
use crate::guide::fields::Fields;
use crate::guide::fields::bit;
use crate::guide::grammar::Usage;
use crate::guide::matched::Matched;
use crate::guide::octets::Octets;
use crate::guide::resync;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::id_word;
use crate::guide::way::Way;

/// How many loops may be open beyond those that the guide can nest: such as were entered out of order.
const ASTRAY: usize = 8;
/// The end of a transaction, which nobody doubts.
const SE: u32 = u32::from_be_bytes([0, b'S', b'E', b' ']);

/// Checks transactions against a guide along the event stream, in memory bound by the depth of its loops.
///
/// What is missing is told where it was missed. A missing loop or segment is told when the loop around it closes, so
/// findings do not come strictly in the order of their places.
#[derive(Clone, Debug)]
pub struct GuideValidator<'g> {
    /// Those that share the id; which one it is shows in the second segment.
    guides: &'g [Guide],
    pub(super) guide: &'g Guide,
    pub(super) course: Course,
    pub(super) fields: Fields,
    pub(super) classes: Classes,
    /// The last `HL01`.
    pub(super) levels: u32,
    /// A segment that should have opened a loop but could not: what belongs to it is passed over too.
    pub(super) ghost: u32,
    /// The use and the loop of the last segment, where it had a place.
    pub(super) current: Option<(u16, u16)>,
    octets: Octets,
    /// A segment that is not believed to have its place before the next one fits behind it.
    pub(super) doubt: Option<Box<Doubt>>,
    running: bool,
    /// Whether the codes that usually tell a use are to be looked at, because they are wrong.
    pub(super) thorough: bool,
    /// Whether it is settled which of several guides holds.
    picked: bool,
}

/// How a segment comes to its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manner {
    /// Where it should.
    Due,
    /// Too late.
    Late,
    /// Once too often.
    Surplus,
}

impl<'g> GuideValidator<'g> {
    /// Checks against one guide.
    #[must_use]
    pub fn new(guide: &'g Guide) -> Self {
        Self::with(std::slice::from_ref(guide), guide)
    }

    /// Checks against the one of several guides that the second segment of a transaction picks, as
    /// [`GuideSet::find`](crate::GuideSet::find) yields them; nothing where there is none.
    #[must_use]
    pub fn among(guides: &'g [Guide]) -> Option<Self> {
        guides.first().map(|guide| Self::with(guides, guide))
    }

    fn with(guides: &'g [Guide], guide: &'g Guide) -> Self {
        Self {
            guides,
            guide,
            course: Course::default(),
            fields: Fields::default(),
            classes: Classes::new(Delimiters::USUAL),
            levels: 0,
            ghost: 0,
            current: None,
            octets: Octets::default(),
            doubt: None,
            running: false,
            thorough: false,
            picked: false,
        }
    }

    /// The guide at hand: the one picked, once the second segment has been seen.
    #[must_use]
    pub const fn guide(&self) -> &'g Guide {
        self.guide
    }

    /// The place in the guide of the segment last observed; nothing where it had none.
    #[must_use]
    pub fn matched(&self) -> Option<Matched<'g>> {
        self.current
            .map(|(used, number)| Matched::new(self.guide, used, number))
    }

    /// Takes one event of the reader, in order, and gives `found` what it has to tell.
    #[inline]
    pub fn observe(&mut self, event: &Event<'_>, found: Sink<'_>) {
        match event {
            Event::Segment(segment) if self.running => self.segment(segment, 0, found),
            Event::Segment(segment) => self.lone_segment(segment, found),
            Event::BinaryStart(head) => self.binary(head, found),
            Event::BinaryChunk(chunk) => self.octets.take(chunk),
            Event::BinaryEnd(end) => {
                let loop_id = self.current.and_then(|(_, number)| self.guide.loop_id(number));
                self.octets.close(end, loop_id, found);
            }
            Event::TransactionStart(segment) => {
                self.finish(found);
                if self.guide.is_lone() {
                    return;
                }
                self.begin();
                self.segment(segment, 0, found);
            }
            Event::TransactionEnd(segment) => {
                if self.running {
                    self.segment(segment, 0, found);
                    self.end(segment.place(), found);
                }
            }
            Event::GroupStart(_)
            | Event::GroupEnd(_)
            | Event::InterchangeStart(_)
            | Event::InterchangeEnd(_) => self.finish(found),
            Event::Fault(_) => {}
        }
    }

    /// Ends a transaction that has no trailer. What would have come later is not called missing.
    pub fn finish(&mut self, found: Sink<'_>) {
        if std::mem::take(&mut self.running) {
            if let Some(doubt) = self.doubt.take() {
                self.believe(*doubt, found);
            }
            while !self.course.frames.is_empty() {
                self.close(None, found);
            }
        }
        self.current = None;
    }

    fn begin(&mut self) {
        self.running = true;
        self.levels = 0;
        self.ghost = 0;
        self.doubt = None;
        self.picked = self.guides.len() < 2;
        self.guide = self.guides.first().unwrap_or(self.guide);
        self.course.restart(&self.guide.tables);
    }

    fn end(&mut self, place: Place, found: Sink<'_>) {
        while !self.course.frames.is_empty() {
            self.close(Some(place), found);
        }
        self.running = false;
    }

    /// A segment outside transactions, for a guide that is for one.
    fn lone_segment(&mut self, segment: &Segment<'_>, found: Sink<'_>) {
        self.current = None;
        if !self.guide.is_lone() || !self.guide.tables.owns(id_word(segment.id())) {
            return;
        }
        self.begin();
        self.segment(segment, 0, found);
        self.end(segment.place(), found);
    }

    fn binary(&mut self, head: &BinaryHead<'_>, found: Sink<'_>) {
        let length = if head.filter().is_some() { 2 } else { 1 };
        if self.running {
            // The reader has checked the length, and the payload is yet to come.
            let given = bit(length) | bit(length + 1);
            self.segment(&head.segment, given, found);
            self.octets.open(head, length + 1);
        }
    }

    #[inline]
    fn segment(&mut self, segment: &Segment<'_>, given: u64, found: Sink<'_>) {
        let id_bytes = segment.id();
        let id = id_word(id_bytes);
        self.current = None;
        self.classes.adopt(segment.delimiters());
        self.fields.cut(segment, id_bytes.len(), &self.classes);
        if !self.picked {
            self.pick(segment, id);
        }
        let guide = self.guide;
        let sight = Sight {
            tables: &guide.tables,
            segment,
            fields: &self.fields,
            id,
        };
        if self.doubt.is_some() && guide.tables.owns(id) {
            let believed = self.is_believable(sight);
            self.settle(believed, found);
        }
        let sight = Sight {
            tables: &guide.tables,
            segment,
            fields: &self.fields,
            id,
        };
        match self.course.locate(sight) {
            Fit::At(spot) => self.accept(spot, Manner::Due, segment, given, found),
            fit => self.resync(fit, segment, id, given, found),
        }
    }

    /// Several guides with one id: the second segment tells which of them it is.
    #[cold]
    fn pick(&mut self, segment: &Segment<'_>, id: u32) {
        if !self.guides.iter().any(|guide| guide.is_picked_in(id)) {
            return;
        }
        self.picked = true;
        let picked = self
            .guides
            .iter()
            .find(|guide| guide.is_picked_by(segment, &self.fields, id));
        if let Some(picked) = picked.filter(|picked| !std::ptr::eq(*picked, self.guide)) {
            self.guide = picked;
            self.doubt = None;
            self.course.restart(&picked.tables);
            let start = Spot { frame: 0, child: 0 };
            if let Some(child) = resync::child_at(&self.course, &picked.tables, start) {
                self.course.tally(start, child);
            }
        }
    }

    /// Puts a segment in its place and looks at it.
    #[inline]
    pub(super) fn accept(
        &mut self,
        spot: Spot,
        manner: Manner,
        segment: &Segment<'_>,
        given: u64,
        found: Sink<'_>,
    ) {
        let tables = &self.guide.tables;
        let Some(child) = resync::child_at(&self.course, tables, spot) else {
            return;
        };
        self.ghost = 0;
        let (group, own) = self
            .course
            .frames
            .get(spot.frame)
            .map_or((0, 0), |frame| (frame.group, frame.number));
        let behind = child.group < group;
        let leaves = child.group > group || self.course.frames.len() > spot.frame + 1;
        if manner == Manner::Due && leaves {
            let cost = self.course.cost(tables, spot, child.group);
            let doubtful = cost > 0 && tables.of_use(child.used).id != SE;
            let opens_level = child.opens != NONE && tables.of_loop(child.opens).level;
            if doubtful || (opens_level && !self.has_due_numbers(spot.frame, segment)) {
                self.hesitate(Way::Ahead(spot), cost, segment, given, found);
                return;
            }
            if child.usage == Usage::NotUsed && self.is_headless(segment, given, found) {
                return;
            }
        }
        if !behind {
            if leaves {
                let place = segment.place();
                while self.course.frames.len() > spot.frame + 1 {
                    self.close(Some(place), found);
                }
                self.course.advance(tables, spot, child.group, place);
            }
        } else if child.opens == NONE
            && let Some(frame) = self.course.frames.get_mut(spot.frame)
        {
            // What follows a misplaced segment most likely follows its place.
            frame.group = child.group.max(u16::from(spot.frame > 0));
        }
        let occurrence = self.course.tally(spot, child);
        let mut number = own;
        if child.opens != NONE {
            number = child.opens;
            if self.course.frames.len() < tables.depth + ASTRAY {
                self.course.push(tables, number);
            } else {
                number = own;
            }
        }
        self.current = Some((child.used, number));
        if matches!(manner, Manner::Late | Manner::Surplus) || child.usage == Usage::NotUsed {
            self.tell_manner(manner, child, number, segment, found);
        }
        self.inspect(child, number, occurrence, segment, given, found);
        if child.opens == number && tables.of_loop(number).level {
            self.open_level(manner, number, segment, found);
        }
    }

    /// Checks the numbers of an `HL` whose loop has been opened.
    fn open_level(&mut self, manner: Manner, number: u16, segment: &Segment<'_>, found: Sink<'_>) {
        let around = match manner {
            Manner::Due => self.course.level_around(self.course.frames.len() - 1),
            // Out of its order, nobody knows what should be around it.
            Manner::Late | Manner::Surplus => UNKNOWN,
        };
        let level = self.level(around, number, segment, found);
        if let Some(frame) = self.course.frames.last_mut() {
            frame.level = level;
        }
    }

    #[cold]
    pub(super) fn tell_manner(
        &self,
        manner: Manner,
        child: &Child,
        number: u16,
        segment: &Segment<'_>,
        found: Sink<'_>,
    ) {
        let (error, weak) = match manner {
            _ if child.usage == Usage::NotUsed => (SegmentError::NotUsed, child.weak.usage),
            Manner::Due => return,
            Manner::Late => (SegmentError::OutOfOrder, child.weak.row),
            Manner::Surplus if child.opens == NONE => (SegmentError::TooOften, child.weak.repeat),
            Manner::Surplus => (SegmentError::LoopTooOften, child.weak.repeat),
        };
        self.tell(error, weak, number, segment, found);
    }

    /// Tells a fault of the segment as a whole.
    pub(super) fn tell(
        &self,
        error: SegmentError,
        weak: bool,
        number: u16,
        segment: &Segment<'_>,
        found: Sink<'_>,
    ) {
        let id = segment.id();
        let mut finding = Finding::at(Code::Segment(error), segment.place(), SegmentId::of(id))
            .spanning(segment.place().offset, id.len() as u64);
        finding.loop_id = self.guide.loop_id(number).cloned();
        found(if weak { finding.weakly_founded() } else { finding });
    }

    /// Closes the innermost loop and tells what it lacks. Without a place, only what was passed already is told.
    #[inline]
    pub(super) fn close(&mut self, place: Option<Place>, found: Sink<'_>) {
        let Some(index) = self.course.frames.len().checked_sub(1) else {
            return;
        };
        let lacks = self
            .course
            .frames
            .last()
            .is_some_and(|frame| frame.owed > 0 || frame.passed || !frame.plain);
        if lacks {
            self.tell_lacks(index, place, found);
        }
        self.course.pop();
    }
}
