//! What becomes of a segment that does not fit.

use crate::Detail;
use crate::ElementError;
use crate::Segment;
use crate::SegmentError;
use crate::SegmentId;
use crate::envelope::Sink;
use crate::guide::course::Fit;
use crate::guide::course::Sight;
use crate::guide::course::Spot;
use crate::guide::inspect::Inspection;
use crate::guide::resync;
use crate::guide::resync::Guess;
use crate::guide::table::NONE;
use crate::guide::table::Tables;
use crate::guide::table::code_word;
use crate::guide::table::id_word;
use crate::guide::validator::GuideValidator;
use crate::guide::validator::Manner;
use crate::guide::way::Way;

impl GuideValidator<'_> {
    /// A segment that does not fit ahead.
    #[cold]
    pub(super) fn resync(&mut self, fit: Fit, segment: &Segment<'_>, id: u32, given: u64, found: Sink<'_>) {
        if !SegmentId::of(segment.id()).is_well_formed() {
            // The envelope tells of it.
            return;
        }
        let guide = self.guide;
        let tables = &guide.tables;
        if fit == Fit::Nowhere && self.ghost != 0 && belongs(tables, self.ghost, id) {
            return;
        }
        let sight = Sight {
            tables,
            segment,
            fields: &self.fields,
            id,
        };
        match resync::guess(&self.course, sight, fit) {
            Guess::Late(spot) => self.accept(spot, Manner::Late, segment, given, found),
            Guess::Surplus(spot) if self.is_unlikely(spot, segment) => {
                self.pass_over(spot, segment, given, found);
            }
            Guess::Surplus(spot) => self.accept(spot, Manner::Surplus, segment, given, found),
            Guess::Headless(headless) => {
                self.hesitate(Way::Headless(headless), headless.depth, segment, given, found);
            }
            Guess::Miscoded { like, sure: true } => {
                self.thorough = true;
                self.accept(like, Manner::Due, segment, given, found);
                self.thorough = false;
            }
            Guess::Miscoded { like, sure: false } => self.miscoded(like, segment, id, found),
            Guess::Unexpected => self.unexpected(segment, id, found),
        }
    }

    /// Whether going to a child that is full would leave something required behind, or its numbers are odd.
    fn is_unlikely(&self, spot: Spot, segment: &Segment<'_>) -> bool {
        let tables = &self.guide.tables;
        let child = resync::child_at(&self.course, tables, spot);
        child.is_some_and(|child| {
            let ahead = child.group >= self.course.frame(spot.frame).group;
            let level = child.opens != NONE && tables.of_loop(child.opens).level;
            ahead
                && (self.course.cost(tables, spot, child.group) > 0
                    || (level && !self.has_due_numbers(spot.frame, segment)))
        })
    }

    /// Looks at a segment that stands once too often, and leaves everything as it was.
    fn pass_over(&mut self, spot: Spot, segment: &Segment<'_>, given: u64, found: Sink<'_>) {
        let tables = &self.guide.tables;
        let Some(child) = resync::child_at(&self.course, tables, spot) else {
            return;
        };
        let number = if child.opens == NONE {
            self.course.frame(spot.frame).number
        } else {
            child.opens
        };
        self.current = Some((child.used, number));
        self.tell_manner(Manner::Surplus, child, number, segment, found);
        let facts = self.course.facts;
        self.inspect(child, number, u16::MAX, segment, given, found);
        self.course.facts = facts;
        if child.opens != NONE && tables.of_loop(number).level {
            let (levels, around) = (self.levels, self.course.level_around(spot.frame + 1));
            self.level(around, number, segment, found);
            self.levels = levels;
        }
    }

    /// Whether a segment that the guide does not use here is rather part of a loop that lacks its head.
    #[cold]
    pub(super) fn is_headless(&mut self, segment: &Segment<'_>, given: u64, found: Sink<'_>) -> bool {
        let guide = self.guide;
        let sight = Sight {
            tables: &guide.tables,
            segment,
            fields: &self.fields,
            id: id_word(segment.id()),
        };
        let headless = resync::headless(&self.course, sight);
        if let Some(headless) = headless {
            self.hesitate(Way::Headless(headless), headless.depth, segment, given, found);
        }
        headless.is_some()
    }

    /// A segment with a code that fits none of the uses that may stand here, several being likely.
    fn miscoded(&mut self, like: Spot, segment: &Segment<'_>, id: u32, found: Sink<'_>) {
        let tables = &self.guide.tables;
        let Some(child) = resync::child_at(&self.course, tables, like) else {
            return;
        };
        let number = self.course.frame(like.frame).number;
        if let Some(frame) = self.course.frames.get_mut(like.frame) {
            if frame.strays.id != id {
                frame.strays.count = 0;
            }
            frame.strays.id = id;
            frame.strays.count = frame.strays.count.saturating_add(1);
        }
        if child.opens != NONE {
            self.ghost = id;
        }
        let used = tables.of_use(child.used);
        let Some(test) = used.tests.of(&tables.tests).first() else {
            return;
        };
        let element = usize::from(test.number.element);
        let weak = tables.of_loop(number).open;
        let raw = self
            .fields
            .part(segment, test.number.element, test.number.component);
        let mut inspection = Inspection {
            tables,
            segment,
            fields: &self.fields,
            classes: &self.classes,
            used,
            loop_id: self.guide.loop_id(number),
            occurrence: 0,
            thorough: false,
            found,
        };
        let rule = inspection.rule(used.elements, element);
        let value = inspection.value(element, &rule);
        let standard = rule.standard != NONE && tables.list(rule.standard).holds(code_word(raw), raw);
        let error = match (raw.is_empty(), standard) {
            (true, _) => ElementError::Missing,
            (false, true) => ElementError::CodeNotUsed,
            (false, false) => ElementError::InvalidCode,
        };
        let detail = Detail::Clause("no use of the segment that may stand here has this code");
        inspection.tell(error, value, weak, detail);
    }

    fn unexpected(&mut self, segment: &Segment<'_>, id: u32, found: Sink<'_>) {
        let tables = &self.guide.tables;
        let top = self.course.frames.last().map_or(0, |frame| frame.number);
        let (error, weak) = if tables.owns(id) {
            (SegmentError::Unexpected, tables.of_loop(top).open)
        } else if tables.knows(id) {
            (SegmentError::NotInSet, tables.of_loop(0).open)
        } else {
            (SegmentError::Unrecognized, false)
        };
        let opens = (0u16..)
            .zip(&tables.loops)
            .skip(1)
            .any(|(number, _)| tables.ids(number).first() == Some(&id));
        if opens {
            self.ghost = id;
        }
        self.tell(error, weak, top, segment, found);
    }
}

/// Whether segments of this id stand in a loop that opens with another id.
fn belongs(tables: &Tables, opener: u32, id: u32) -> bool {
    (0u16..).zip(&tables.loops).skip(1).any(|(number, _)| {
        let ids = tables.ids(number);
        ids.first() == Some(&opener) && ids.get(1..).is_some_and(|others| others.contains(&id))
    })
}
