//! An X12 transaction as a source.

use std::ops::ControlFlow;

use super::books::Books;
use super::books::Cell;
use super::context::Context;
use super::tree::Found;
use super::tree::Kind;
use super::tree::LeftCell;
use super::tree::LeftOver;
use super::tree::LeftSegment;
use super::tree::PutAway;
use super::tree::Tree;
use super::unwrap;
use super::unwrap::Layer;
use super::unwrap::Unwrapped;
use super::x12_walk::walk;
use crate::mapping::Program;
use crate::mapping::program::RuleId;
use crate::mapping::program::Source;
use crate::mapping::program::X12Place;
use crate::x12::ElementIndex;
use crate::x12::LoopIndex;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// A loop, and perhaps one of its segments, and perhaps an element of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct X12Here {
    pub(super) at: LoopIndex,
    pub(super) segment: Option<SegmentIndex>,
    /// The number of the element; zero for the whole segment.
    pub(super) element: u8,
}

/// A transaction with its attachments unwrapped.
pub(super) struct X12Source<'t> {
    transaction: &'t Transaction,
    payloads: Vec<Unwrapped<'t>>,
    ascii: bool,
}

impl<'t> X12Source<'t> {
    /// Unwraps the attachments of a transaction for a partner.
    pub(super) fn new(transaction: &'t Transaction, context: &Context) -> Self {
        let payloads = transaction.payloads().iter().map(unwrap::unwrap);
        let mut payloads: Vec<Unwrapped<'t>> = payloads.collect();
        if context.named("packaging") == Some("resource") {
            // The way back attaches resources whole, whatever they hold.
            for payload in &mut payloads {
                payload.recipe.retain(|(step, _)| *step != "resource");
            }
        }
        Self {
            transaction,
            payloads,
            ascii: transaction.is_ascii(),
        }
    }

    /// What was undone around each attachment.
    pub(super) fn traces(&self) -> Vec<Vec<Layer>> {
        self.payloads
            .iter()
            .map(|payload| payload.trace.clone())
            .collect()
    }
}

impl Tree for X12Source<'_> {
    type Here = X12Here;

    fn outside(&self) -> X12Here {
        X12Here {
            at: Transaction::ROOT,
            segment: None,
            element: 0,
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
            value = value_in(self.transaction, found, place);
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
            let element = match test.element {
                X12Place::EACH => Some(ElementIndex::of(found.cell.index)),
                number => source.element(segment, u32::from(number)),
            };
            if let Some(element) = element
                && !part(source, element, test.component).is_empty()
            {
                books.consult(cell(element, test.component), rule);
            }
        }
    }

    fn entered(&self, program: &Program, place: &Source, here: X12Here, rule: RuleId, books: &mut Books) {
        if let Some(segment) = here.segment {
            let element = self.transaction.element(segment, u32::from(here.element));
            let found = Found {
                kind: Kind::Text,
                text: &[],
                cell: cell(element.unwrap_or(ElementIndex::of(0)), 0),
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
                Some(_) if place.element > 0 => {
                    if let Some(found) = value_in(source, found, place) {
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
        found: &mut LeftOver,
    ) {
        let (Source::X12(place), Some(here)) = (place, stack.last()) else {
            return;
        };
        let source = self.transaction;
        let _ = walk(source, program, place, *here, &mut |at| {
            let mut way = Vec::with_capacity(48);
            way.extend_from_slice(source.name(at.at).as_str().as_bytes());
            if !way.is_empty() {
                way.push(b'/');
            }
            match at.segment {
                Some(segment) => {
                    let twins = source.segments_in(source.loop_of(segment));
                    let before = twins.take_while(|twin| *twin < segment);
                    let is_twin = |twin: &SegmentIndex| source.id(*twin) == source.id(segment);
                    let number = before.filter(is_twin).count() + 1;
                    self.left_over_in(&way, segment, number, books, found);
                }
                None => self.left_over_below(&mut way, at.at, books, found),
            }
            ControlFlow::Continue(())
        });
    }

    fn cell_text(&self, cell: Cell) -> &[u8] {
        part(self.transaction, ElementIndex::of(cell.index), cell.component)
    }

    fn put_away<'t>(&'t self, _: &Program, _: &Source, _: &[X12Here]) -> Vec<PutAway<'t>> {
        // X12 has no extensions.
        Vec::new()
    }

    fn cells_at(&self, here: X12Here, see: &mut dyn FnMut(Cell)) {
        match here.segment {
            Some(segment) if here.element > 0 => {
                numbered_cells(self.transaction, segment, &mut |number, cell| {
                    if number == here.element {
                        see(cell);
                    }
                });
            }
            Some(segment) => segment_cells(self.transaction, segment, see),
            None => loop_cells(self.transaction, here.at, see),
        }
    }

    fn all_cells(&self, see: &mut dyn FnMut(Cell)) {
        for segment in self.transaction.all_segments() {
            segment_cells(self.transaction, segment, see);
        }
    }

    fn is_ascii(&self) -> bool {
        self.ascii
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

    fn size(&self) -> usize {
        self.transaction.size()
    }

    fn payload(&self, number: usize) -> Option<&Unwrapped<'_>> {
        self.payloads.get(number)
    }
}

impl X12Source<'_> {
    fn left_over_below(&self, way: &mut Vec<u8>, at: LoopIndex, books: &Books, found: &mut LeftOver) {
        let source = self.transaction;
        let mut twins = Twins::default();
        for segment in source.segments_in(at) {
            let number = twins.next(source.id(segment));
            self.left_over_in(way, segment, number, books, found);
        }
        let length = way.len();
        let mut twins = Twins::default();
        for child in source.children(at) {
            let name = source.name(child);
            let number = twins.next(name);
            way.extend_from_slice(name.as_str().as_bytes());
            push_number(number, way);
            way.push(b'/');
            self.left_over_below(way, child, books, found);
            way.truncate(length);
        }
    }

    /// What is left over of a segment, the how manieth of its name it is in its loop.
    fn left_over_in(
        &self,
        way: &[u8],
        segment: SegmentIndex,
        number: usize,
        books: &Books,
        found: &mut LeftOver,
    ) {
        let source = self.transaction;
        let first = found.cells.len();
        let payload = source
            .payload_number(segment)
            .and_then(|number| self.payloads.get(number));
        // A segment that arrived in part travels whole, so that it is known again.
        let whole = payload.is_some_and(|payload| !payload.recipe.is_empty()) || {
            let mut narrowed = false;
            if books.has_narrowed() {
                segment_cells(source, segment, &mut |cell| narrowed |= books.is_narrowed(cell));
            }
            narrowed
        };
        let octets = payload.and_then(|_| source.elements(segment).last());
        let octets = octets.map(|octets| cell(octets, 0));
        numbered_cells(source, segment, &mut |element, cell| {
            if (whole || !books.is_used(cell)) && octets != Some(cell) {
                found.cells.push(LeftCell {
                    cell,
                    element,
                    component: cell.component,
                    step: None,
                });
            }
        });
        if let (Some(payload), Some(octets)) = (payload, octets) {
            for (name, value) in &payload.recipe {
                let start = found.text.len();
                found.text.extend_from_slice(value.as_bytes());
                found.cells.push(LeftCell {
                    cell: octets,
                    element: 0,
                    component: 0,
                    step: Some((name, start..found.text.len())),
                });
            }
        }
        if found.cells.len() == first {
            return;
        }
        let start = found.text.len();
        found.text.extend_from_slice(way);
        found
            .text
            .extend_from_slice(source.id(segment).as_str().as_bytes());
        push_number(number, &mut found.text);
        found.segments.push(LeftSegment {
            place: start..found.text.len(),
            cells: first..found.cells.len(),
        });
    }
}

/// Counts what has the same name, where there are few names.
struct Twins<N>(Vec<(N, usize)>);

impl<N> Default for Twins<N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: PartialEq> Twins<N> {
    /// The number of the next one of that name, from one.
    fn next(&mut self, name: N) -> usize {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *count += 1;
            return *count;
        }
        self.0.push((name, 1));
        1
    }
}

/// Appends `[2]`.
fn push_number(number: usize, text: &mut Vec<u8>) {
    text.push(b'[');
    match u8::try_from(number) {
        Ok(digit @ 0..10) => text.push(b'0' + digit),
        _ => text.extend_from_slice(number.to_string().as_bytes()),
    }
    text.push(b']');
}

fn value_in<'t>(source: &'t Transaction, here: X12Here, place: &X12Place) -> Option<Found<'t>> {
    let segment = here.segment?;
    let number = if place.element == X12Place::EACH {
        here.element
    } else {
        place.element
    };
    let element = source.element(segment, u32::from(number))?;
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
pub(super) fn part(source: &Transaction, element: ElementIndex, component: u8) -> &[u8] {
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
fn segment_cells(source: &Transaction, segment: SegmentIndex, see: &mut dyn FnMut(Cell)) {
    numbered_cells(source, segment, &mut |_, cell| see(cell));
}

/// Numbers of elements or components; beyond all that guides know they count as the last.
fn numbers() -> impl Iterator<Item = u8> {
    (1..LAST_NUMBER).chain(std::iter::repeat(LAST_NUMBER))
}

/// No guide has an element or a component of a higher number.
pub(super) const LAST_NUMBER: u8 = 99;

/// The same, with the numbers of their elements.
fn numbered_cells(source: &Transaction, segment: SegmentIndex, see: &mut impl FnMut(u8, Cell)) {
    let composites = source.composites(segment);
    for (number, element) in numbers().zip(source.elements(segment)) {
        let text = source.text(element);
        if text.is_empty() {
            let is_payload = source
                .payload(segment)
                .is_some_and(|payload| !payload.octets.is_empty());
            if is_payload && source.elements(segment).last() == Some(element) {
                see(number, cell(element, 0));
            }
        } else if composites >> number.min(31) & 1 == 1 && source.is_composed(element) {
            for (component, text) in numbers().zip(source.components(element)) {
                if !text.is_empty() {
                    see(number, cell(element, component));
                }
            }
        } else {
            see(number, cell(element, 0));
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
