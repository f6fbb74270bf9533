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
use crate::guide::course::UNKNOWN;
use crate::guide::grammar::Usage;
use crate::guide::resync;
use crate::guide::table::NONE;
use crate::guide::table::Tables;
use crate::guide::validator::GuideValidator;
use crate::guide::validator::Manner;
use crate::guide::way::Way;

/// What it weighs against a belief that the next segment does not fit then.
const MISFIT: usize = 50;

/// A segment that is doubted.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    way: Way,
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
        way: Way,
        cost: usize,
        segment: &Segment<'_>,
        given: u64,
        found: Sink<'_>,
    ) {
        let tables = &self.guide.tables;
        let Some((child, around)) = self.course.end_of(tables, way) else {
            return;
        };
        let opened = child.opens != NONE;
        let number = if opened { child.opens } else { around };
        self.current = Some((child.used, number));
        if child.usage == Usage::NotUsed {
            self.tell_manner(Manner::Due, child, number, segment, found);
        }
        let occurrence = match way {
            Way::Ahead(spot) => self.course.count(spot).seen.saturating_add(1),
            Way::Headless(_) => 1,
        };
        let facts = self.course.facts;
        self.inspect(child, number, occurrence, segment, given, found);
        self.course.facts = facts;
        let levels = self.levels;
        let mut later = Vec::new();
        let mut level = 0;
        let (assumed, parent) = self.levels_of(way);
        self.levels = self.levels.saturating_add(assumed);
        if opened && tables.of_loop(number).level {
            level = self.level(parent, number, segment, &mut |finding| later.push(finding));
        }
        let after = std::mem::replace(&mut self.levels, levels);
        self.doubt = Some(Box::new(Doubt {
            way,
            place: segment.place(),
            segment: SegmentId::of(segment.id()),
            cost,
            later,
            facts: self.established(child, segment),
            levels: after,
            level,
        }));
    }

    /// How many `HL`s are missing on a way, and the `HL01` around its end.
    fn levels_of(&self, way: Way) -> (u32, u128) {
        let tables = &self.guide.tables;
        match way {
            Way::Ahead(spot) => (0, self.course.level_around(spot.frame + 1)),
            Way::Headless(headless) => {
                let assumed = headless.opened(&self.course, tables);
                let missing = assumed.filter(|number| tables.of_loop(*number).level).count();
                let around = if missing > 0 {
                    UNKNOWN
                } else {
                    self.course.level_around(headless.frame + 1)
                };
                (u32::try_from(missing).unwrap_or(0), around)
            }
        }
    }

    /// Whether the doubted segment is rather in its place, now that the next one is seen.
    pub(super) fn is_believable(&self, sight: Sight<'_, '_>) -> bool {
        let Some(doubt) = &self.doubt else { return true };
        let tables = sight.tables;
        let mut believing = self.course.clone();
        believing.follow(tables, doubt.way, doubt.place);
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
        let tables = &self.guide.tables;
        let ahead = match doubt.way {
            Way::Ahead(spot) => resync::child_at(&self.course, tables, spot)
                .filter(|child| child.opens == NONE)
                .map(|child| (spot, child)),
            Way::Headless(_) => None,
        };
        let (error, weak, number) = if let Some((spot, child)) = ahead {
            // It belongs here, only later: it is counted, so that it is not missed there.
            self.course.tally(spot, child);
            let number = self.course.frame(spot.frame).number;
            (SegmentError::OutOfOrder, child.weak.row, number)
        } else {
            let top = self.course.frames.last().map_or(0, |frame| frame.number);
            (SegmentError::Unexpected, tables.of_loop(top).open, top)
        };
        let length = doubt.segment.as_str().len() as u64;
        let mut finding = Finding::at(Code::Segment(error), doubt.place, doubt.segment)
            .spanning(doubt.place.offset, length);
        finding.loop_id = self.guide.loop_id(number).cloned();
        found(if weak { finding.weakly_founded() } else { finding });
    }

    /// Goes where the doubted segment leads, and tells what is missing before it.
    pub(super) fn believe(&mut self, doubt: Doubt, found: Sink<'_>) {
        let tables = &self.guide.tables;
        while self.course.frames.len() > doubt.way.frame() + 1 {
            self.close(Some(doubt.place), found);
        }
        if let Way::Headless(headless) = doubt.way {
            for child in headless.heads(&self.course, tables) {
                let (error, weak) = (SegmentError::Missing, child.weak.usage);
                self.tell_missing(error, weak, child, headless.frame, doubt.place, found);
            }
        }
        self.course.follow(tables, doubt.way, doubt.place);
        self.course.facts |= doubt.facts;
        self.levels = doubt.levels;
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
