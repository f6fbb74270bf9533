//! Ways through an X12 transaction: from where a scope stands to everything that a place means.

use std::ops::ControlFlow;

use super::x12_tree::X12Here;
use super::x12_tree::part;
use crate::mapping::Program;
use crate::mapping::program::Climb;
use crate::mapping::program::X12Place;
use crate::x12::LoopIndex;
use crate::x12::LoopName;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// Goes to everything that a place means, until `see` has enough.
#[inline]
pub(super) fn walk(
    source: &Transaction,
    program: &Program,
    place: &X12Place,
    here: X12Here,
    see: &mut impl FnMut(X12Here) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let start = match place.climb {
        Climb::Segment if place.element == X12Place::EACH && here.element == 0 => {
            return match here.segment {
                Some(segment) => each_element(source, program, place, here.at, segment, see),
                None => ControlFlow::Continue(()),
            };
        }
        Climb::Segment => {
            let fits = here
                .segment
                .is_some_and(|segment| passes(source, program, place, segment, here.element));
            return if fits {
                see(here)
            } else {
                ControlFlow::Continue(())
            };
        }
        Climb::Here => here.at,
        Climb::To(name) => match climb(source, here.at, name) {
            Some(found) => found,
            None => return ControlFlow::Continue(()),
        },
    };
    descend(source, program, place, start, place.loops.of(&program.loops), see)
}

fn climb(source: &Transaction, from: LoopIndex, name: LoopName) -> Option<LoopIndex> {
    let mut here = from;
    while source.name(here) != name {
        here = source.parent(here)?;
    }
    Some(here)
}

fn descend(
    source: &Transaction,
    program: &Program,
    place: &X12Place,
    at: LoopIndex,
    names: &[LoopName],
    see: &mut impl FnMut(X12Here) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if let Some((name, rest)) = names.split_first() {
        let mut found = false;
        for child in source.own_children(at) {
            if source.name(child) == *name {
                found = true;
                descend(source, program, place, child, rest, see)?;
            }
        }
        if found {
            // A loop is a level or it is none, and of levels there may be thousands.
            return ControlFlow::Continue(());
        }
        return source.levels(at).try_for_each(|child| {
            let here = source.name(child);
            if here == *name {
                descend(source, program, place, child, rest, see)
            } else if source
                .frame()
                .levels_between(source.name(at), *name)
                .any(|level| level == here)
            {
                descend(source, program, place, child, names, see)
            } else {
                ControlFlow::Continue(())
            }
        });
    }
    let Some(id) = place.segment else {
        return see(X12Here {
            at,
            segment: None,
            element: 0,
        });
    };
    for segment in source.segments_in(at) {
        if source.id(segment) != id {
            continue;
        }
        if place.element == X12Place::EACH {
            each_element(source, program, place, at, segment, see)?;
        } else if passes(source, program, place, segment, 0) {
            see(X12Here {
                at,
                segment: Some(segment),
                element: 0,
            })?;
        }
    }
    ControlFlow::Continue(())
}

/// Goes through the elements of a segment that are as the brackets ask.
fn each_element(
    source: &Transaction,
    program: &Program,
    place: &X12Place,
    at: LoopIndex,
    segment: SegmentIndex,
    see: &mut impl FnMut(X12Here) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (element, _) in (1..X12Place::EACH).zip(source.elements(segment)) {
        if passes(source, program, place, segment, element) {
            see(X12Here {
                at,
                segment: Some(segment),
                element,
            })?;
        }
    }
    ControlFlow::Continue(())
}

/// Whether a segment, or the element of a number in it, holds what the brackets ask for.
fn passes(
    source: &Transaction,
    program: &Program,
    place: &X12Place,
    segment: SegmentIndex,
    number: u8,
) -> bool {
    place.tests.of(&program.tests).iter().all(|test| {
        let number = if test.element == X12Place::EACH {
            number
        } else {
            test.element
        };
        let value = source
            .element(segment, u32::from(number))
            .map_or(&[][..], |element| part(source, element, test.component));
        let mut accepted = test.any_of.of(&program.accepted).iter();
        let is_one = accepted.any(|text| program.text(*text).as_bytes() == value);
        is_one != test.negated
    })
}
