//! Ways ahead: to a child of an open loop, or into loops whose opening segments are missing.

use crate::Place;
use crate::guide::course::Course;
use crate::guide::course::Spot;
use crate::guide::course::UNKNOWN;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::Tables;

/// Most levels of loops without an opening segment that a segment is believed to be in.
pub(crate) const MOST_ASSUMED: usize = 3;

/// Where a segment may lead.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// To a child ahead.
    Ahead(Spot),
    /// Into loops without heads.
    Headless(Headless),
}

/// Loops to be entered without their opening segments, from the outside in, and the child of the innermost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Headless {
    /// Index of the open loop in which the outermost stands.
    pub(crate) frame: usize,
    /// Index of the child that opens each loop, in the loop around it.
    pub(crate) loops: [u16; MOST_ASSUMED],
    pub(crate) depth: usize,
    /// Index of the child that the segment is.
    pub(crate) child: u16,
}

impl Way {
    /// Index of the open loop that the way starts in.
    pub(crate) const fn frame(self) -> usize {
        match self {
            Self::Ahead(spot) => spot.frame,
            Self::Headless(headless) => headless.frame,
        }
    }
}

impl Headless {
    /// The children that open the loops, from the outside in.
    pub(crate) fn heads<'t>(
        self,
        course: &Course,
        tables: &'t Tables,
    ) -> impl Iterator<Item = &'t Child> + use<'t> {
        let mut number = course.frame(self.frame).number;
        self.loops.into_iter().take(self.depth).map_while(move |at| {
            let child = tables.children(number).get(usize::from(at))?;
            number = child.opens;
            Some(child)
        })
    }

    /// The numbers of the loops.
    pub(crate) fn opened<'t>(
        self,
        course: &Course,
        tables: &'t Tables,
    ) -> impl Iterator<Item = u16> + use<'t> {
        self.heads(course, tables).map(|child| child.opens)
    }
}

impl Course {
    /// The child that a way leads to, and the number of the loop that holds it.
    pub(crate) fn end_of<'t>(&self, tables: &'t Tables, way: Way) -> Option<(&'t Child, u16)> {
        let (number, at) = match way {
            Way::Ahead(spot) => (self.frame(spot.frame).number, spot.child),
            Way::Headless(headless) => (headless.opened(self, tables).last()?, headless.child),
        };
        let child = tables.children(number).get(usize::from(at))?;
        Some((child, number))
    }

    /// Goes a way without a word about what is left behind.
    pub(crate) fn follow(&mut self, tables: &Tables, way: Way, place: Place) {
        while self.frames.len() > way.frame() + 1 {
            self.pop();
        }
        let spot = match way {
            Way::Ahead(spot) => spot,
            Way::Headless(headless) => {
                for at in headless.loops.into_iter().take(headless.depth) {
                    self.enter(tables, at, place);
                }
                Spot {
                    frame: self.frames.len() - 1,
                    child: headless.child,
                }
            }
        };
        let children = tables.children(self.frame(spot.frame).number);
        let Some(child) = children.get(usize::from(spot.child)) else {
            return;
        };
        self.advance(tables, spot, child.group, place);
        self.tally(spot, child);
        if child.opens != NONE {
            self.push(tables, child.opens);
        }
    }

    /// Opens a child of the innermost loop although the segment that opens it is missing.
    fn enter(&mut self, tables: &Tables, at: u16, place: Place) {
        let spot = Spot {
            frame: self.frames.len().saturating_sub(1),
            child: at,
        };
        let children = tables.children(self.frame(spot.frame).number);
        let Some(child) = children.get(usize::from(at)).filter(|child| child.opens != NONE) else {
            return;
        };
        self.advance(tables, spot, child.group, place);
        self.assume(spot, child);
        self.push(tables, child.opens);
        if tables.of_loop(child.opens).level
            && let Some(frame) = self.frames.last_mut()
        {
            frame.level = UNKNOWN;
        }
    }
}
