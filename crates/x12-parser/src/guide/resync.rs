//! What is most likely meant by a segment that does not fit.
//!
//! A missing, doubled or misplaced segment shall cost one finding, not one for every segment behind it. So a segment
//! that does not fit ahead is tried, in this order, as: late; the first of a loop's next turn whose opening segment is
//! missing; part of a loop whose opening segment is missing; once too often; of the right id with a wrong code. Only
//! then is it unexpected, and passed over.

use crate::guide::course::Course;
use crate::guide::course::Fit;
use crate::guide::course::Sight;
use crate::guide::course::Spot;
use crate::guide::grammar::ANY;
use crate::guide::grammar::Usage;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::Tables;
use crate::guide::table::id_word;
use crate::guide::way::Headless;
use crate::guide::way::MOST_ASSUMED;

/// What a segment that does not fit is taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guess {
    /// It should have stood earlier.
    Late(Spot),
    /// It stands once too often.
    Surplus(Spot),
    /// It is part of loops whose opening segments are missing.
    Headless(Headless),
    /// It has a code that does not fit; where one place is the most likely, which.
    Miscoded {
        /// The open loop, and one of its children with this id.
        like: Spot,
        /// Whether that child is the one meant.
        sure: bool,
    },
    /// It does not belong here.
    Unexpected,
}

/// Guesses what is meant.
#[cold]
pub(crate) fn guess(course: &Course, sight: Sight<'_, '_>, fit: Fit) -> Guess {
    let late = late(course, sight);
    if let Some((spot, 0)) = late {
        return Guess::Late(spot);
    }
    if let Fit::Full(spot) = fit {
        return Guess::Surplus(spot);
    }
    if let Some((spot, _)) = late {
        if let Some(again) = next_turn(course, sight.tables, spot) {
            return Guess::Headless(again);
        }
        if let Some(headless) = headless(course, sight) {
            return Guess::Headless(headless);
        }
        let child = child_at(course, sight.tables, spot);
        let full = child.is_some_and(|child| child.max != ANY && course.count(spot).seen >= child.max);
        return if full {
            Guess::Surplus(spot)
        } else {
            Guess::Late(spot)
        };
    }
    if let Some(headless) = headless(course, sight) {
        return Guess::Headless(headless);
    }
    miscoded(course, sight)
}

/// A child of an open loop.
#[inline]
pub(crate) fn child_at<'t>(course: &Course, tables: &'t Tables, spot: Spot) -> Option<&'t Child> {
    let frame = course.frames.get(spot.frame)?;
    frame.children.of(&tables.children).get(usize::from(spot.child))
}

/// The innermost place behind, preferring one that has not been taken yet, and how often it has been.
fn late(course: &Course, sight: Sight<'_, '_>) -> Option<(Spot, u16)> {
    let mut found: Option<(Spot, u16)> = None;
    for (index, frame) in course.frames.iter().enumerate().rev() {
        let ids = sight.tables.ids(frame.number);
        let children = sight.tables.children(frame.number);
        let first = usize::from(index > 0);
        for (at, (id, child)) in (0u16..)
            .zip(ids.iter().zip(children))
            .take(usize::from(frame.group))
            .skip(first)
        {
            if !sight.is(*id, child) {
                continue;
            }
            let spot = Spot {
                frame: index,
                child: at,
            };
            let seen = course.count(spot).seen;
            if seen == 0 {
                return Some((spot, 0));
            }
            found = found.or(Some((spot, seen)));
        }
    }
    found
}

/// Index of the first child behind the opening one that must stand.
fn first_required(tables: &Tables, number: u16) -> Option<u16> {
    (0u16..)
        .zip(tables.children(number))
        .skip(1)
        .find(|(_, child)| child.min > 0)
        .map(|(at, _)| at)
}

/// A complete loop that may repeat, and in it once more what its turns begin with: its next turn lacks its head.
fn next_turn(course: &Course, tables: &Tables, spot: Spot) -> Option<Headless> {
    let frame = course.frame(spot.frame);
    let number = frame.number;
    if spot.frame == 0 || first_required(tables, number) != Some(spot.child) {
        return None;
    }
    let complete = tables
        .of_loop(number)
        .required
        .of(&tables.required)
        .iter()
        .all(|child| {
            course
                .count(Spot {
                    frame: spot.frame,
                    child: *child,
                })
                .seen
                > 0
        });
    let parent = tables.of_loop(number).parent;
    let around = spot.frame - 1;
    if !complete || course.frame(around).number != parent {
        return None;
    }
    let (at, child) = (0u16..)
        .zip(tables.children(parent))
        .find(|(_, child)| child.opens == number)?;
    let own = Spot {
        frame: around,
        child: at,
    };
    let room = child.max == ANY || course.count(own).seen < child.max;
    (room && course.cost(tables, own, child.group) == 0).then_some(Headless {
        frame: around,
        loops: [at, NONE, NONE],
        depth: 1,
        child: spot.child,
    })
}

/// Looks for the segment in loops ahead that have not begun.
pub(crate) fn headless(course: &Course, sight: Sight<'_, '_>) -> Option<Headless> {
    for (index, frame) in course.frames.iter().enumerate().rev() {
        let children = sight.tables.children(frame.number);
        for (at, child) in (0u16..)
            .zip(children)
            .skip(usize::from(frame.group.max(u16::from(index > 0))))
        {
            if child.opens == NONE || child.usage == Usage::NotUsed {
                continue;
            }
            let spot = Spot {
                frame: index,
                child: at,
            };
            let seen = course.count(spot).seen;
            // What is still owed before the loop makes it unlikely that the loop has begun.
            if (child.max != ANY && seen >= child.max) || course.cost(sight.tables, spot, child.group) > 0 {
                continue;
            }
            let demanded = || {
                course
                    .demanded(sight.tables, index, NONE)
                    .any(|other| other == at)
            };
            let awaited = seen == 0 && (child.min > 0 || (child.demanded && demanded()));
            let mut found = Headless {
                frame: index,
                loops: [at, NONE, NONE],
                depth: 1,
                child: NONE,
            };
            if inside(sight, child.opens, awaited, &mut found) {
                return Some(found);
            }
        }
    }
    None
}

/// Looks for the segment in a loop that lacks its head. In an awaited loop every child will do; in any other only the
/// first one that must stand.
fn inside(sight: Sight<'_, '_>, number: u16, awaited: bool, found: &mut Headless) -> bool {
    let first = first_required(sight.tables, number);
    let children = sight.tables.children(number);
    for (at, (id, child)) in (0u16..)
        .zip(sight.tables.ids(number).iter().zip(children))
        .skip(1)
    {
        // A use without codes of its own fits too much to prove a loop.
        let telling = sight.tables.of_use(child.used).tests.len() > 0;
        if (first == Some(at) || awaited && telling) && child.usage != Usage::NotUsed && sight.is(*id, child)
        {
            found.child = at;
            return true;
        }
    }
    // Only an HL says by its level that several loops around it lack their heads.
    if found.depth == MOST_ASSUMED || !awaited || sight.id != id_word(b"HL") {
        return false;
    }
    for (at, child) in (0u16..).zip(children).skip(1) {
        if child.opens == NONE || child.min == 0 {
            continue;
        }
        if let Some(level) = found.loops.get_mut(found.depth) {
            *level = at;
        }
        found.depth += 1;
        if inside(sight, child.opens, true, found) {
            return true;
        }
        found.depth -= 1;
    }
    false
}

/// Looks for places with the segment's id, whatever its codes, from the innermost loop outwards.
fn miscoded(course: &Course, sight: Sight<'_, '_>) -> Guess {
    for (index, frame) in course.frames.iter().enumerate().rev() {
        let ids = sight.tables.ids(frame.number);
        let children = sight.tables.children(frame.number);
        let spot = |child| Spot { frame: index, child };
        let like = || {
            (0u16..)
                .zip(ids.iter().zip(children))
                .skip(usize::from(index > 0))
                .filter(|(_, (id, child))| **id == sight.id && child.usage != Usage::NotUsed)
        };
        let ahead = || like().filter(|(at, _)| *at >= frame.group);
        let awaited =
            || ahead().filter(|(at, (_, child))| child.min > 0 && course.count(spot(*at)).seen == 0);
        let first = ahead().next().or_else(|| like().next());
        let Some((first, _)) = first else { continue };
        if sight.id == id_word(b"HL") && course.level_around(index + 1) != sight.level_around() {
            continue;
        }
        let room = |at: u16, child: &Child| child.max == ANY || course.count(spot(at)).seen < child.max;
        let open = sight.tables.of_loop(frame.number).open;
        return match (awaited().next(), awaited().nth(1), ahead().next(), ahead().nth(1)) {
            (Some((at, _)), None, _, _) => Guess::Miscoded {
                like: spot(at),
                sure: true,
            },
            (None, _, Some((at, (_, child))), None) if !open && room(at, child) => Guess::Miscoded {
                like: spot(at),
                sure: true,
            },
            _ => Guess::Miscoded {
                like: spot(first),
                sure: false,
            },
        };
    }
    Guess::Unexpected
}
