//! An X12 transaction as a source.

use std::ops::ControlFlow;

use super::books::Books;
use super::books::Cell;
use super::tree::Found;
use super::tree::Kind;
use super::tree::LeftOver;
use super::tree::Tree;
use super::unwrap;
use super::unwrap::Unwrapped;
use crate::mapping::Program;
use crate::mapping::program::Climb;
use crate::mapping::program::RuleId;
use crate::mapping::program::Source;
use crate::mapping::program::X12Place;
use crate::x12::ElementIndex;
use crate::x12::LoopIndex;
use crate::x12::LoopName;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// A loop, and perhaps one of its segments.
#[derive(Clone, Copy, Debug)]
pub(super) struct X12Here {
    pub(super) at: LoopIndex,
    pub(super) segment: Option<SegmentIndex>,
}

type See<'s> = &'s mut dyn FnMut(X12Here) -> ControlFlow<()>;

/// A transaction with its attachments unwrapped.
pub(super) struct X12Source<'t> {
    transaction: &'t Transaction,
    payloads: Vec<Unwrapped<'t>>,
}

impl<'t> X12Source<'t> {
    pub(super) fn new(transaction: &'t Transaction) -> Self {
        let payloads = transaction.payloads().iter().map(unwrap::unwrap);
        Self {
            transaction,
            payloads: payloads.collect(),
        }
    }

    pub(super) fn into_payloads(self) -> Vec<Unwrapped<'t>> {
        self.payloads
    }

    /// What it takes to wrap the attachment of a segment again, as cells of that segment.
    fn recipe(&self, segment: SegmentIndex) -> Vec<(Cell, String, Vec<u8>)> {
        let source = self.transaction;
        let number = source.payload_number(segment);
        let payload = number.and_then(|number| self.payloads.get(number));
        let (Some(payload), Some(octets)) = (payload, source.elements(segment).last()) else {
            return Vec::new();
        };
        let steps = payload.recipe.iter();
        steps
            .map(|(name, value)| (cell(octets, 0), (*name).to_owned(), value.clone().into_bytes()))
            .collect()
    }
}

impl Tree for X12Source<'_> {
    type Here = X12Here;

    fn outside(&self) -> X12Here {
        X12Here {
            at: Transaction::ROOT,
            segment: None,
        }
    }

    fn each(&self, program: &Program, place: &Source, stack: &[X12Here], see: &mut dyn FnMut(X12Here)) {
        let (Source::X12(place), Some(here)) = (place, stack.last()) else {
            return;
        };
        let _ = walk(self.transaction, program, place, *here, &mut |found| {
            see(found);
            ControlFlow::Continue(())
        });
    }

    #[inline]
    fn read<'t>(&'t self, program: &Program, place: &Source, stack: &[X12Here]) -> Option<Found<'t>> {
        let (Source::X12(place), Some(here)) = (place, stack.last()) else {
            return None;
        };
        let mut value = None;
        let _ = walk(self.transaction, program, place, *here, &mut |found| {
            value = found
                .segment
                .and_then(|segment| value_in(self.transaction, segment, place));
            if value.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let mut found = value?;
        if let Kind::Payload(number) = found.kind {
            // An attachment is read as its media type; an empty one is not there.
            let payload = self.payloads.get(number)?;
            if payload.document.is_empty() {
                return None;
            }
            let component = match place {
                X12Place { component: 0, .. } => payload.media_type.as_ref(),
                // What an attachment says of itself stands for components that its element does not have.
                X12Place { component: 1, .. } => payload.document_code.as_deref()?,
                X12Place { component: 2, .. } => payload.title.as_deref()?,
                X12Place { .. } => return None,
            };
            found.text = component.as_bytes();
            if place.component > 0 {
                found.kind = Kind::Text;
            }
        }
        Some(found)
    }

    fn consult(&self, program: &Program, place: &Source, found: &Found<'_>, rule: RuleId, books: &mut Books) {
        let Source::X12(place) = place else { return };
        let source = self.transaction;
        let segment = SegmentIndex::of(found.holder);
        for test in place.tests.of(&program.tests).iter().filter(|test| !test.negated) {
            if let Some(element) = source.element(segment, u32::from(test.element))
                && !part(source, element, test.component).is_empty()
            {
                books.consult(cell(element, test.component), rule);
            }
        }
    }

    fn entered(&self, program: &Program, place: &Source, here: X12Here, rule: RuleId, books: &mut Books) {
        if let Some(segment) = here.segment {
            let found = Found {
                kind: Kind::Text,
                text: &[],
                cell: Cell {
                    index: 0,
                    component: 0,
                },
                holder: segment.number(),
            };
            self.consult(program, place, &found, rule, books);
        }
    }

    fn cells(&self, program: &Program, place: &Source, stack: &[X12Here], see: &mut dyn FnMut(Cell)) {
        let (Source::X12(place), Some(here)) = (place, stack.last()) else {
            return;
        };
        let source = self.transaction;
        let _ = walk(source, program, place, *here, &mut |found| {
            match found.segment {
                Some(segment) if place.element > 0 => {
                    if let Some(found) = value_in(source, segment, place) {
                        see(found.cell);
                    }
                }
                Some(_) | None => self.cells_at(found, see),
            }
            ControlFlow::Continue(())
        });
    }

    fn left_over(
        &self,
        program: &Program,
        place: &Source,
        stack: &[X12Here],
        books: &Books,
    ) -> Vec<LeftOver> {
        let (Source::X12(place), Some(here)) = (place, stack.last()) else {
            return Vec::new();
        };
        let source = self.transaction;
        let mut found = Vec::new();
        let _ = walk(source, program, place, *here, &mut |at| {
            let way = way_name(source, at.at);
            match at.segment {
                Some(segment) => self.left_over_in(&way, segment, books, &mut found),
                None => self.left_over_below(&way, at.at, books, &mut found),
            }
            ControlFlow::Continue(())
        });
        found
    }

    fn put_away(&self, _: &Program, _: &Source, _: &[X12Here]) -> Vec<(LeftOver, Vec<Cell>)> {
        // X12 has no extensions.
        Vec::new()
    }

    fn cells_at(&self, here: X12Here, see: &mut dyn FnMut(Cell)) {
        match here.segment {
            Some(segment) => segment_cells(self.transaction, segment, see),
            None => loop_cells(self.transaction, here.at, see),
        }
    }

    fn all_cells(&self, see: &mut dyn FnMut(Cell)) {
        for segment in self.transaction.all_segments() {
            segment_cells(self.transaction, segment, see);
        }
    }

    fn repaired(&self, see: &mut dyn FnMut(Cell)) {
        let source = self.transaction;
        for segment in source.misplaced() {
            if let Some(element) = source.element(*segment, 2) {
                see(cell(element, 0));
            }
        }
        for segment in source.all_segments() {
            if source.payload(segment).is_some_and(|payload| payload.repaired)
                && let Some(octets) = source.elements(segment).last()
            {
                see(cell(octets, 0));
            }
        }
    }

    fn elements(&self) -> usize {
        self.transaction.element_count()
    }

    fn payload(&self, number: usize) -> Option<&Unwrapped<'_>> {
        self.payloads.get(number)
    }
}

impl X12Source<'_> {
    fn left_over_below(&self, way: &str, at: LoopIndex, books: &Books, found: &mut Vec<LeftOver>) {
        let source = self.transaction;
        for segment in source.segments_in(at) {
            self.left_over_in(way, segment, books, found);
        }
        for child in source.children(at) {
            let name = source.name(child);
            let twins = source.children(at).filter(|twin| source.name(*twin) == name);
            let number = twins.take_while(|twin| *twin < child).count() + 1;
            let way = format!("{way}{name}[{number}]/");
            self.left_over_below(&way, child, books, found);
        }
    }

    fn left_over_in(&self, way: &str, segment: SegmentIndex, books: &Books, found: &mut Vec<LeftOver>) {
        let source = self.transaction;
        let mut cells = Vec::new();
        // A segment that arrived in part travels whole, so that it is known again.
        let mut whole = false;
        segment_cells(source, segment, &mut |cell| whole |= books.is_narrowed(cell));
        let recipe = self.recipe(segment);
        whole |= !recipe.is_empty();
        let octets = source
            .payload(segment)
            .and_then(|_| source.elements(segment).last());
        let mut gather = |cell: Cell| {
            let element = ElementIndex::of(cell.index);
            if (whole || !books.is_used(cell)) && octets != Some(element) {
                let number = source.number_of(element);
                let name = match cell.component {
                    0 => format!("{number:02}"),
                    component => format!("{number:02}-{component}"),
                };
                cells.push((cell, name, part(source, element, cell.component).to_vec()));
            }
        };
        segment_cells(source, segment, &mut gather);
        cells.extend(recipe);
        if cells.is_empty() {
            return;
        }
        let id = source.id(segment);
        let twins = source.segments_in(source.loop_of(segment));
        let before = twins.take_while(|twin| *twin < segment);
        let number = before.filter(|twin| source.id(*twin) == id).count() + 1;
        let place = format!("{way}{id}[{number}]");
        found.push(LeftOver { place, cells });
    }
}

/// Goes to everything that a place means, until `see` has enough.
#[inline]
fn walk(
    source: &Transaction,
    program: &Program,
    place: &X12Place,
    here: X12Here,
    see: See<'_>,
) -> ControlFlow<()> {
    let start = match place.climb {
        Climb::Segment => return see(here),
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
    see: See<'_>,
) -> ControlFlow<()> {
    if let Some((name, rest)) = names.split_first() {
        for child in source.children(at) {
            if source.name(child) == *name {
                descend(source, program, place, child, rest, see)?;
            }
        }
        return ControlFlow::Continue(());
    }
    let Some(id) = place.segment else {
        return see(X12Here { at, segment: None });
    };
    for segment in source.segments_in(at) {
        if source.id(segment) == id && passes(source, program, place, segment) {
            let segment = Some(segment);
            see(X12Here { at, segment })?;
        }
    }
    ControlFlow::Continue(())
}

/// Whether a segment holds what the brackets ask for.
fn passes(source: &Transaction, program: &Program, place: &X12Place, segment: SegmentIndex) -> bool {
    place.tests.of(&program.tests).iter().all(|test| {
        let value = source
            .element(segment, u32::from(test.element))
            .map_or(&[][..], |element| part(source, element, test.component));
        let mut accepted = test.any_of.of(&program.accepted).iter();
        let is_one = accepted.any(|text| program.text(*text).as_bytes() == value);
        is_one != test.negated
    })
}

fn value_in<'t>(source: &'t Transaction, segment: SegmentIndex, place: &X12Place) -> Option<Found<'t>> {
    let element = source.element(segment, u32::from(place.element))?;
    let text = part(source, element, place.component);
    let kind = match source.payload_number(segment) {
        Some(number) if source.elements(segment).last() == Some(element) => Kind::Payload(number),
        _ if text.is_empty() => return None,
        _ => Kind::Text,
    };
    Some(Found {
        kind,
        text,
        cell: cell(element, place.component),
        holder: segment.number(),
    })
}

#[inline]
fn part(source: &Transaction, element: ElementIndex, component: u8) -> &[u8] {
    match component {
        0 => source.text(element),
        component => source.component(element, u32::from(component)),
    }
}

fn cell(element: ElementIndex, component: u8) -> Cell {
    Cell {
        index: u32::try_from(element.number()).unwrap_or(u32::MAX),
        component,
    }
}

/// The cells of a segment that hold something: components where there are several, elements elsewhere.
pub(super) fn segment_cells(source: &Transaction, segment: SegmentIndex, see: &mut dyn FnMut(Cell)) {
    for (number, element) in (1..).zip(source.elements(segment)) {
        let text = source.text(element);
        if text.is_empty() {
            let is_payload = source
                .payload(segment)
                .is_some_and(|payload| !payload.octets.is_empty());
            if is_payload && source.elements(segment).last() == Some(element) {
                see(cell(element, 0));
            }
            continue;
        }
        if !source.is_composite(segment, number) {
            see(cell(element, 0));
            continue;
        }
        for (number, component) in (1..).zip(source.components(element)) {
            if !component.is_empty() {
                see(cell(element, number));
            }
        }
    }
}

fn loop_cells(source: &Transaction, at: LoopIndex, see: &mut dyn FnMut(Cell)) {
    for segment in source.segments_in(at) {
        segment_cells(source, segment, see);
    }
    for child in source.children(at) {
        loop_cells(source, child, see);
    }
}

/// What the way to a loop begins with; the transaction itself has no name.
fn way_name(source: &Transaction, at: LoopIndex) -> String {
    match source.name(at) {
        LoopName::ROOT => String::new(),
        name => format!("{name}/"),
    }
}
