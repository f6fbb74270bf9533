//! Where in the guide a transaction has got to.

use crate::Place;
use crate::Segment;
use crate::guide::fields::Fields;
use crate::guide::grammar::ANY;
use crate::guide::levels::level_word;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::Run;
use crate::guide::table::Tables;
use crate::guide::table::Use;
use crate::guide::table::code_word;
use crate::guide::table::id_trace;

/// `HL01` of an `HL` that is missing.
pub(super) const UNKNOWN: u128 = u128::MAX;

/// A loop that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame {
    /// Its number in the tables.
    pub(crate) number: u16,
    /// Index of the first child in the place that has been reached.
    pub(crate) group: u16,
    /// Its children, and the traces of their ids.
    pub(crate) children: Run,
    traces: u64,
    /// Whether no child need stand more than once, and none be demanded by facts.
    pub(crate) plain: bool,
    /// Where its counts begin.
    base: usize,
    /// How many children that must stand have neither stood nor been passed.
    pub(crate) owed: u16,
    /// Whether some were passed.
    pub(crate) passed: bool,
    /// `HL01` of the segment that opened it; zero where there is none.
    pub(crate) level: u128,
    /// Segments of one id that stood here with a code that is not expected.
    pub(crate) strays: Strays,
}

/// Segments whose code was wrong: each may have been meant for something that is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strays {
    pub(crate) id: u32,
    pub(crate) count: u16,
}

/// How often a child has stood.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) seen: u16,
    /// Whether its loop was entered without the segment that opens it.
    pub(crate) assumed: bool,
    /// Whether the course went past it before it had stood; where, is in the places.
    pub(crate) passed: bool,
}

/// A child of an open loop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Spot {
    /// Index of the open loop, the outermost being zero.
    pub(crate) frame: usize,
    /// Index of the child in the loop.
    pub(crate) child: u16,
}

/// Where a segment fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// Here.
    At(Spot),
    /// Here, were it not there often enough already.
    Full(Spot),
    /// Nowhere ahead.
    Nowhere,
}

/// The open loops and what has stood in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    pub(crate) frames: Vec<Frame>,
    counts: Vec<Count>,
    places: Vec<Place>,
    pub(crate) facts: u64,
}

/// The segment at hand, as the search needs it.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'i, 's> {
    pub(crate) tables: &'i Tables,
    pub(crate) segment: &'i Segment<'s>,
    pub(crate) fields: &'i Fields,
    pub(crate) id: u32,
}

impl Sight<'_, '_> {
    /// Whether the codes that tell a use from others are those of the segment.
    #[inline]
    pub(crate) fn fits(&self, used: &Use) -> bool {
        used.tests.of(&self.tables.tests).iter().all(|test| {
            let list = self.tables.list(test.list);
            if test.number.element == 1 && test.number.component == 0 {
                let raw = self.fields.value(self.segment, 1).unwrap_or_default();
                return list.holds(self.fields.first, raw);
            }
            let raw = self
                .fields
                .part(self.segment, test.number.element, test.number.component);
            list.holds(code_word(raw), raw)
        })
    }

    /// What `HL02` names, where the segment is an `HL`.
    pub(crate) fn level_around(&self) -> u128 {
        level_word(self.fields.part(self.segment, 2, 0))
    }

    /// Whether the segment is of a child's id and use.
    #[inline]
    pub(crate) fn is(&self, id: u32, child: &Child) -> bool {
        id == self.id && self.fits(self.tables.of_use(child.used))
    }
}

impl Course {
    /// Begins a transaction.
    pub(crate) fn restart(&mut self, tables: &Tables) {
        self.frames.clear();
        self.counts.clear();
        self.facts = 0;
        self.push(tables, 0);
        // Nothing of the transaction itself has stood yet, while a loop is opened by its first segment.
        if let Some(root) = self.frames.first_mut() {
            root.group = 0;
        }
        if let Some(first) = self.counts.first_mut() {
            first.seen = 0;
        }
    }

    /// Opens a loop whose first segment stands.
    #[inline]
    pub(crate) fn push(&mut self, tables: &Tables, number: u16) {
        let opened = tables.of_loop(number);
        let base = self.counts.len();
        self.counts.resize(base + opened.children.len(), Count::default());
        // What a place holds counts only where its child was passed, so that none need be cleared.
        if self.places.len() < self.counts.len() {
            self.places.resize(self.counts.len(), Place::default());
        }
        if let Some(first) = self.counts.get_mut(base) {
            first.seen = 1;
        }
        self.facts &= !opened.forgets;
        self.frames.push(Frame {
            number,
            group: 1,
            children: opened.children,
            traces: opened.traces,
            plain: !opened.many && opened.demands.len() == 0,
            base,
            owed: opened.owed,
            passed: false,
            level: 0,
            strays: Strays::default(),
        });
    }

    /// Closes the innermost loop without a word.
    pub(crate) fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.counts.truncate(frame.base);
        }
    }

    pub(crate) fn frame(&self, index: usize) -> Frame {
        self.frames.get(index).copied().unwrap_or_default()
    }

    /// Where the count of a child stands.
    #[inline]
    fn at(&self, spot: Spot) -> usize {
        let base = self.frames.get(spot.frame).map_or(0, |frame| frame.base);
        base + usize::from(spot.child)
    }

    #[inline]
    pub(crate) fn count(&self, spot: Spot) -> Count {
        self.counts.get(self.at(spot)).copied().unwrap_or_default()
    }

    #[inline]
    fn count_mut(&mut self, spot: Spot) -> Option<&mut Count> {
        let at = self.at(spot);
        self.counts.get_mut(at)
    }

    /// Where a child was missed.
    pub(crate) fn missed_at(&self, spot: Spot) -> Place {
        let at = self.at(spot);
        self.places.get(at).copied().unwrap_or_default()
    }

    /// Looks for the segment ahead, from the innermost loop outwards.
    #[inline]
    pub(crate) fn locate(&self, sight: Sight<'_, '_>) -> Fit {
        let mut full = Fit::Nowhere;
        let trace = id_trace(sight.id);
        for (index, frame) in self.frames.iter().enumerate().rev() {
            if frame.traces & trace == 0 {
                continue;
            }
            let ids = frame.children.of(&sight.tables.ids);
            let keys = frame.children.of(&sight.tables.keys);
            let children = frame.children.of(&sight.tables.children);
            let mut from = usize::from(frame.group);
            while let Some(next) = ids
                .get(from..)
                .and_then(|ids| ids.iter().position(|id| *id == sight.id))
            {
                let at = from + next;
                from = at + 1;
                let key = keys.get(at).copied().unwrap_or_default();
                if key != 0 && key != sight.fields.first {
                    continue;
                }
                let Some(child) = children.get(at) else { break };
                if key == 0 && !sight.fits(sight.tables.of_use(child.used)) {
                    continue;
                }
                let spot = Spot {
                    frame: index,
                    child: u16::try_from(at).unwrap_or(NONE),
                };
                if child.max == ANY || self.count(spot).seen < child.max {
                    return Fit::At(spot);
                }
                if full == Fit::Nowhere {
                    full = Fit::Full(spot);
                }
            }
        }
        full
    }

    /// Moves an open loop on to one of its children, noting which others it passes.
    #[inline]
    pub(crate) fn advance(&mut self, tables: &Tables, spot: Spot, group: u16, place: Place) {
        let Some(frame) = self.frames.get_mut(spot.frame) else {
            return;
        };
        let from = frame.group;
        if group == from {
            return;
        }
        let (base, number) = (frame.base, frame.number);
        frame.group = group;
        if frame.owed == 0 && frame.plain {
            return;
        }
        let (mut owed, mut passed) = (frame.owed, frame.passed);
        for (at, child) in tables
            .children(number)
            .iter()
            .enumerate()
            .take(usize::from(group))
            .skip(usize::from(from))
        {
            if child.min == 0 && !child.demanded {
                continue;
            }
            let (Some(count), Some(missed)) =
                (self.counts.get_mut(base + at), self.places.get_mut(base + at))
            else {
                continue;
            };
            if count.seen == 0 && !count.passed {
                count.passed = true;
                *missed = place;
                passed = true;
                if child.min > 0 && !count.assumed {
                    owed = owed.saturating_sub(1);
                }
            }
        }
        if let Some(frame) = self.frames.get_mut(spot.frame) {
            (frame.owed, frame.passed) = (owed, passed);
        }
    }

    /// Counts a child once more.
    #[inline]
    pub(crate) fn tally(&mut self, spot: Spot, child: &Child) -> u16 {
        let Some(count) = self.count_mut(spot) else {
            return 0;
        };
        let owed = count.seen == 0 && child.min > 0 && !count.assumed && !count.passed;
        count.seen = count.seen.saturating_add(1);
        count.assumed = false;
        let seen = count.seen;
        if owed && let Some(frame) = self.frames.get_mut(spot.frame) {
            frame.owed = frame.owed.saturating_sub(1);
        }
        seen
    }

    /// Takes the loop of a child for begun, though the segment that opens it is missing.
    pub(crate) fn assume(&mut self, spot: Spot, child: &Child) {
        let Some(count) = self.count_mut(spot) else {
            return;
        };
        if count.seen > 0 {
            self.tally(spot, child);
            return;
        }
        let owed = child.min > 0 && !count.assumed && !count.passed;
        count.assumed = true;
        if owed && let Some(frame) = self.frames.get_mut(spot.frame) {
            frame.owed = frame.owed.saturating_sub(1);
        }
    }

    /// How many things that must stand would be left behind by going to a child ahead.
    #[inline]
    pub(crate) fn cost(&self, tables: &Tables, spot: Spot, group: u16) -> usize {
        let left = self.frames.get(spot.frame..).unwrap_or_default();
        if left.iter().all(|frame| frame.owed == 0 && frame.plain) {
            return 0;
        }
        self.cost_in_full(tables, spot, group)
    }

    fn cost_in_full(&self, tables: &Tables, spot: Spot, group: u16) -> usize {
        let mut cost = 0;
        for (index, frame) in self.frames.iter().enumerate().skip(spot.frame + 1) {
            cost += usize::from(frame.owed);
            if tables.of_loop(frame.number).demands.len() > 0 {
                cost += self.demanded(tables, index, NONE).count();
            }
        }
        let frame = self.frame(spot.frame);
        if group <= frame.group {
            return cost;
        }
        if frame.owed > 0 {
            let children = tables.children(frame.number);
            let between = children.get(usize::from(frame.group)..usize::from(group));
            cost += (frame.group..)
                .zip(between.unwrap_or_default())
                .filter(|(at, child)| child.min > 0 && self.is_unmet(spot.frame, *at))
                .count();
        }
        if tables.of_loop(frame.number).demands.len() > 0 {
            cost += self.demanded(tables, spot.frame, group).count();
        }
        cost
    }

    fn is_unmet(&self, frame: usize, child: u16) -> bool {
        let count = self.count(Spot { frame, child });
        count.seen == 0 && !count.assumed && !count.passed
    }

    /// The children before `end` that facts demand and that have neither stood nor been passed.
    pub(crate) fn demanded(&self, tables: &Tables, frame: usize, end: u16) -> impl Iterator<Item = u16> {
        let demands = tables.of_loop(self.frame(frame).number).demands;
        demands
            .of(&tables.demands)
            .iter()
            .filter(move |demand| {
                demand.child < end && demand.applies(self.facts) && self.is_unmet(frame, demand.child)
            })
            .map(|demand| demand.child)
    }

    /// The next `HL` around an open loop: what its `HL01` was.
    pub(crate) fn level_around(&self, index: usize) -> u128 {
        self.frames
            .iter()
            .take(index)
            .rev()
            .map(|frame| frame.level)
            .find(|level| *level != 0)
            .unwrap_or_default()
    }
}
