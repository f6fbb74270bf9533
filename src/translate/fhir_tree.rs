//! Resources as a source: how places in FHIR are gone to and read.

use std::ops::ControlFlow;

use super::books::Books;
use super::books::Cell;
use super::resource::Index;
use super::resource::JsonKind;
use super::resource::NONE;
use super::resource::Resources;
use super::tree::Found;
use super::tree::Kind;
use super::tree::LeftOver;
use super::tree::PutAway;
use super::tree::Tree;
use super::unwrap::Unwrapped;
use crate::mapping::Program;
use crate::mapping::program::Constant;
use crate::mapping::program::FhirPlace;
use crate::mapping::program::FhirStep;
use crate::mapping::program::RuleId;
use crate::mapping::program::SliceId;
use crate::mapping::program::Source;
use crate::mapping::program::Start;
use crate::mapping::program::TargetStep;

type See<'s> = &'s mut dyn FnMut(Index) -> ControlFlow<()>;

impl Tree for Resources<'_> {
    type Here = Index;

    fn outside(&self) -> Index {
        NONE
    }

    fn each(&self, program: &Program, place: &Source, stack: &[Index], see: &mut dyn FnMut(Index)) {
        let _ = walk_items(self, program, place, stack, &mut |found| {
            see(found);
            ControlFlow::Continue(())
        });
    }

    #[inline]
    fn read<'t>(&'t self, program: &Program, place: &Source, stack: &[Index]) -> Option<Found<'t>> {
        let mut value = None;
        let _ = walk(self, program, place, stack, &mut |found| {
            value = self.value(found);
            if value.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        value
    }

    fn consult(&self, program: &Program, place: &Source, found: &Found<'_>, _: RuleId, books: &mut Books) {
        let Source::Fhir(place) = place else { return };
        for step in place.steps.of(&program.steps) {
            let FhirStep::Slice(slice) = step else { continue };
            let mut here = found.cell.index;
            while let Some(node) = self.node(here) {
                if self.is_slice(program, *slice, here) {
                    self.consult_slice(program, *slice, here, books);
                    break;
                }
                here = node.parent;
            }
        }
    }

    fn entered(&self, program: &Program, place: &Source, here: Index, rule: RuleId, books: &mut Books) {
        let found = Found {
            kind: Kind::Text,
            text: &[],
            cell: cell(here),
            holder: here,
        };
        self.consult(program, place, &found, rule, books);
    }

    fn cells(&self, program: &Program, place: &Source, stack: &[Index], see: &mut dyn FnMut(Cell)) {
        let _ = walk(self, program, place, stack, &mut |found| {
            self.cells_at(found, see);
            ControlFlow::Continue(())
        });
    }

    fn left_over(&self, _: &Program, _: &Source, _: &[Index], _: &Books, _: &mut LeftOver) {
        // What only FHIR says has no place in X12 to travel in.
    }

    fn cell_text(&self, cell: Cell) -> &[u8] {
        self.text(cell.index)
    }

    fn put_away(&self, program: &Program, place: &Source, stack: &[Index]) -> Vec<PutAway> {
        let mut found = Vec::new();
        let _ = walk(self, program, place, stack, &mut |extension| {
            found.extend(self.put_away_in(extension));
            ControlFlow::Continue(())
        });
        found
    }

    fn cells_at(&self, here: Index, see: &mut dyn FnMut(Cell)) {
        let Some(node) = self.node(here) else { return };
        match node.kind {
            JsonKind::Object | JsonKind::Array => {
                for child in self.children(here) {
                    self.cells_at(child, see);
                }
            }
            JsonKind::Text | JsonKind::Bare => {
                if !self.text(here).is_empty() {
                    see(cell(here));
                }
            }
            JsonKind::Null => {}
        }
    }

    fn all_cells(&self, see: &mut dyn FnMut(Cell)) {
        for root in &self.roots {
            self.cells_at(*root, see);
        }
    }

    fn is_ascii(&self) -> bool {
        // Its texts were read as UTF-8, which is all that a target needs.
        false
    }

    fn repaired(&self, _: &mut dyn FnMut(Cell)) {}

    fn payload(&self, _: usize) -> Option<&Unwrapped<'_>> {
        None
    }

    fn elements(&self) -> usize {
        self.nodes.len()
    }
}

impl Resources<'_> {
    fn value(&self, index: Index) -> Option<Found<'_>> {
        let node = self.node(index)?;
        let (kind, text) = match node.kind {
            JsonKind::Text => (Kind::Text, self.text(index)),
            JsonKind::Bare => (Kind::Bare, self.text(index)),
            JsonKind::Object => (Kind::Resource, self.bytes(index)),
            JsonKind::Array => {
                // A list without an index means its first item.
                let first = self.children(index).next()?;
                return self.value(first);
            }
            JsonKind::Null => return None,
        };
        (!text.is_empty()).then_some(Found {
            kind,
            text,
            cell: cell(index),
            holder: node.parent,
        })
    }

    /// Reads one extension that stands for a segment.
    fn put_away_in(&self, extension: Index) -> Option<PutAway> {
        let mut place = None;
        let mut cells = Vec::new();
        let mut marks = Vec::new();
        marks.extend(self.member(extension, b"url").map(cell));
        let parts = self.member(extension, b"extension")?;
        for part in self.children(parts) {
            let (url, value) = self.member(part, b"url").zip(self.member(part, b"valueString"))?;
            marks.push(cell(url));
            let text = self.text(value);
            if self.text(url) == b"place" {
                place = Some(String::from_utf8(text.to_vec()).ok()?);
                marks.push(cell(value));
            } else {
                let name = String::from_utf8(self.text(url).to_vec()).ok()?;
                cells.push((cell(value), name, text.to_vec()));
            }
        }
        Some(PutAway {
            place: place?,
            cells,
            marks,
        })
    }

    /// Whether something looks like a slice in any version.
    fn is_slice(&self, program: &Program, slice: SliceId, index: Index) -> bool {
        let slice = program.slice(slice);
        slice.forms.iter().any(|form| {
            let mut there = false;
            let by = slice.by.of(&program.steps);
            let _ = self.descend_to_items(program, index, by, &mut |holder| {
                there = form.is.iter().all(|(name, value)| {
                    self.member(holder, program.text(*name).as_bytes())
                        .is_some_and(|found| self.text(found) == program.text(*value).as_bytes())
                });
                if there {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            there
        })
    }

    /// Notes what makes something a slice, and what is always written with it.
    fn consult_slice(&self, program: &Program, slice: SliceId, index: Index, books: &mut Books) {
        if !books.counts() {
            return;
        }
        let slice = program.slice(slice);
        let constants = slice
            .forms
            .iter()
            .flat_map(|form| form.constants.of(&program.constants))
            .chain(slice.also.of(&program.constants));
        for constant in constants {
            self.consult_constant(program, constant, index, slice.rule, books);
        }
    }

    fn consult_constant(
        &self,
        program: &Program,
        constant: &Constant,
        index: Index,
        rule: RuleId,
        books: &mut Books,
    ) {
        let mut here = vec![index];
        for step in constant.to.of(&program.targets) {
            here = here
                .into_iter()
                .flat_map(|at| self.target_step(program, *step, at))
                .collect();
        }
        let value = program.text(constant.value).as_bytes();
        for found in here.into_iter().filter(|found| self.text(*found) == value) {
            books.consult(cell(found), rule);
        }
    }

    fn target_step(&self, program: &Program, step: TargetStep, at: Index) -> Vec<Index> {
        match step {
            TargetStep::Member(name) | TargetStep::List(name) => self
                .member(at, program.text(name).as_bytes())
                .into_iter()
                .collect(),
            // Wherever in the list it stands.
            TargetStep::Item(_) => self.children(at).collect(),
            TargetStep::Slice(..)
            | TargetStep::Shape(_)
            | TargetStep::Document(_)
            | TargetStep::Loop(_)
            | TargetStep::Segment(..)
            | TargetStep::Cell(..) => vec![at],
        }
    }

    /// As [`Self::descend`], and into the list that the steps may end at.
    fn descend_to_items(
        &self,
        program: &Program,
        at: Index,
        steps: &[FhirStep],
        see: See<'_>,
    ) -> ControlFlow<()> {
        self.descend(program, at, steps, &mut |found| match self.node(found) {
            Some(node) if node.kind == JsonKind::Array => self.children(found).try_for_each(&mut *see),
            _ => see(found),
        })
    }

    fn descend(&self, program: &Program, at: Index, steps: &[FhirStep], see: See<'_>) -> ControlFlow<()> {
        let is_array = self.node(at).is_some_and(|node| node.kind == JsonKind::Array);
        match steps.split_first() {
            None => see(at),
            Some((FhirStep::Member(name), rest)) => {
                if is_array {
                    for item in self.children(at) {
                        self.descend(program, item, steps, see)?;
                    }
                    return ControlFlow::Continue(());
                }
                match self.member(at, program.text(*name).as_bytes()) {
                    Some(member) => self.descend(program, member, rest, see),
                    None => ControlFlow::Continue(()),
                }
            }
            Some((FhirStep::Slice(slice), rest)) => {
                // Of several items an index behind the slice chooses one.
                let (wanted, rest) = match rest.split_first() {
                    Some((FhirStep::Index(index), rest)) => (Some(usize::from(*index)), rest),
                    _ => (None, rest),
                };
                let alone = (!is_array).then_some(at);
                let items = alone.into_iter().chain(self.children(at).filter(|_| is_array));
                let matching = items.filter(|item| self.is_slice(program, *slice, *item));
                for (number, item) in matching.enumerate() {
                    if wanted.is_none_or(|wanted| wanted == number) {
                        self.descend(program, item, rest, see)?;
                    }
                }
                ControlFlow::Continue(())
            }
            Some((FhirStep::Index(index), rest)) => {
                let item = if is_array {
                    self.children(at).nth(usize::from(*index))
                } else {
                    (*index == 0).then_some(at)
                };
                match item {
                    Some(item) => self.descend(program, item, rest, see),
                    None => ControlFlow::Continue(()),
                }
            }
        }
    }
}

#[inline]
fn walk_items(
    source: &Resources<'_>,
    program: &Program,
    place: &Source,
    stack: &[Index],
    see: See<'_>,
) -> ControlFlow<()> {
    walk(
        source,
        program,
        place,
        stack,
        &mut |found| match source.node(found) {
            Some(node) if node.kind == JsonKind::Array => source.children(found).try_for_each(&mut *see),
            _ => see(found),
        },
    )
}

#[inline]
fn walk(
    source: &Resources<'_>,
    program: &Program,
    place: &Source,
    stack: &[Index],
    see: See<'_>,
) -> ControlFlow<()> {
    let Source::Fhir(FhirPlace { from, steps }) = place else {
        return ControlFlow::Continue(());
    };
    let steps = steps.of(&program.steps);
    match from {
        Start::Scope(up) => match stack.iter().rev().nth(usize::from(*up)) {
            Some(here) => source.descend(program, *here, steps, see),
            None => ControlFlow::Continue(()),
        },
        Start::Documents(kind) => {
            let kind = program.text(*kind).as_bytes();
            for root in document_roots(source, stack) {
                let is_kind = source
                    .member(root, b"resourceType")
                    .is_some_and(|found| source.text(found) == kind);
                if is_kind {
                    source.descend(program, root, steps, see)?;
                }
            }
            ControlFlow::Continue(())
        }
    }
}

/// The message that the scopes are in, or all of them before any scope has chosen.
fn document_roots(source: &Resources<'_>, stack: &[Index]) -> Vec<Index> {
    let chosen = stack.iter().rev().find(|here| **here != NONE);
    let Some(here) = chosen else {
        return source.roots.clone();
    };
    let mut top = *here;
    while let Some(node) = source.node(top).filter(|node| node.parent != NONE) {
        top = node.parent;
    }
    vec![top]
}

const fn cell(index: Index) -> Cell {
    Cell { index, component: 0 }
}
