//! Segments that leave something required behind are doubted: the next one tells whether the required thing is missing,
//! or whether the segment should not be here.

use crate::Code;
use crate::Finding;
use crate::Place;
use crate::Segment;
use crate::SegmentError;
use crate::SegmentId;
use crate::envelope::Sink;
use crate::guide::course::Course;
use crate::guide::course::Fit;
use crate::guide::course::Sight;
use crate::guide::course::Spot;
use crate::guide::grammar::Usage;
use crate::guide::lacks::level_word;
use crate::guide::resync;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::Tables;
use crate::guide::validator::GuideValidator;
use crate::guide::validator::Manner;

/// What it weighs against a belief that the next segment does not fit then.
const MISFIT: usize = 50;

/// A segment that is doubted.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    spot: Spot,
    place: Place,
    segment: SegmentId,
    /// How much would be left behind.
    cost: usize,
    /// What there is to tell if it is believed.
    later: Vec<Finding>,
    /// The facts it establishes.
    facts: u64,
    /// The last `HL01` before it.
    levels: u32,
    /// Its own `HL01`.
    level: u128,
}

impl GuideValidator<'_> {
    /// Looks at a segment, but does not move before the next one shows whether this one is in its place.
    #[cold]
    pub(super) fn hesitate(
        &mut self,
        spot: Spot,
        child: &Child,
        cost: usize,
        segment: &Segment<'_>,
        given: u64,
        found: Sink<'_>,
    ) {
        let tables = &self.guide.tables;
        let opened = child.opens != NONE;
        let number = if opened {
            child.opens
        } else {
            self.course.frame(spot.frame).number
        };
        self.current = Some((child.used, number));
        if child.usage == Usage::NotUsed {
            self.tell_manner(Manner::Due, child, number, segment, found);
        }
        let facts = self.course.facts;
        let occurrence = self.course.count(spot).seen.saturating_add(1);
        self.inspect(child, number, occurrence, segment, given, found);
        self.course.facts = facts;
        if self.is_belated_head(spot, child) {
            self.put_head(spot, child, segment);
            return;
        }
        let levels = self.levels;
        let mut later = Vec::new();
        let mut level = 0;
        if opened && tables.of_loop(number).level {
            let around = self.course.level_around(spot.frame + 1);
            level = self.level(around, number, segment, &mut |finding| later.push(finding));
        }
        self.doubt = Some(Box::new(Doubt {
            spot,
            place: segment.place(),
            segment: SegmentId::of(segment.id()),
            cost,
            later,
            facts: self.established(child, segment),
            levels,
            level,
        }));
    }

    /// Whether a loop was entered without its head, is not complete, and this is the head.
    fn is_belated_head(&self, spot: Spot, child: &Child) -> bool {
        let inner = self.course.frames.get(spot.frame + 1);
        self.course.count(spot).assumed && inner.is_some_and(|inner| inner.number == child.opens)
    }

    /// Gives a loop its head, though late; that it was missing has been told.
    fn put_head(&mut self, spot: Spot, child: &Child, segment: &Segment<'_>) {
        self.course.tally(spot, child);
        self.course.facts |= self.established(child, segment);
        if self.guide.tables.of_loop(child.opens).level
            && let Some(frame) = self.course.frames.get_mut(spot.frame + 1)
        {
            frame.level = level_word(segment.value(1));
        }
    }

    /// Whether the doubted segment is rather in its place, now that the next one is seen.
    pub(super) fn is_believable(&self, sight: Sight<'_, '_>) -> bool {
        let Some(doubt) = &self.doubt else { return true };
        let tables = sight.tables;
        let Some(child) = resync::child_at(&self.course, tables, doubt.spot) else {
            return false;
        };
        let mut believing = self.course.clone();
        believing.jump(tables, doubt.spot, child, doubt.place);
        let believed = doubt.cost + doubt.later.len() + weigh(&believing, tables, sight);
        let stray = 1 + weigh(&self.course, tables, sight);
        believed <= stray
    }

    /// Ends a doubt one way or the other.
    pub(super) fn settle(&mut self, believed: bool, found: Sink<'_>) {
        let Some(doubt) = self.doubt.take() else { return };
        if believed {
            self.believe(*doubt, found);
            return;
        }
        self.levels = doubt.levels;
        let code = Code::Segment(SegmentError::Unexpected);
        let length = doubt.segment.as_str().len() as u64;
        let top = self.course.frames.last().map_or(0, |frame| frame.number);
        let mut finding = Finding::at(code, doubt.place, doubt.segment).spanning(doubt.place.offset, length);
        finding.loop_id = self.guide.loop_id(top).cloned();
        let open = self.guide.tables.of_loop(top).open;
        found(if open { finding.weakly_founded() } else { finding });
    }

    /// Goes where the doubted segment leads, and tells what is missing before it.
    pub(super) fn believe(&mut self, doubt: Doubt, found: Sink<'_>) {
        let tables = &self.guide.tables;
        let Some(child) = resync::child_at(&self.course, tables, doubt.spot) else {
            return;
        };
        while self.course.frames.len() > doubt.spot.frame + 1 {
            self.close(Some(doubt.place), found);
        }
        self.course.jump(tables, doubt.spot, child, doubt.place);
        self.course.facts |= doubt.facts;
        if doubt.level != 0
            && let Some(frame) = self.course.frames.last_mut()
        {
            frame.level = doubt.level;
        }
        for finding in doubt.later {
            found(finding);
        }
    }
}

/// What speaks against a course when a segment comes next.
fn weigh(course: &Course, tables: &Tables, sight: Sight<'_, '_>) -> usize {
    let Fit::At(spot) = course.locate(sight) else {
        return MISFIT;
    };
    resync::child_at(course, tables, spot).map_or(MISFIT, |child| {
        course.cost(tables, spot, child.group) + usize::from(child.usage == Usage::NotUsed)
    })
}
