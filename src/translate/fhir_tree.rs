//! How places in FHIR are gone to and read.

use std::ops::ControlFlow;

use super::books::Books;
use super::books::Cell;
use super::fhir_source::FhirSource;
use super::fhir_source::cell;
use super::resource::Index;
use super::resource::JsonKind;
use super::resource::NONE;
use super::tree::Found;
use super::tree::Kind;
use super::tree::LeftOver;
use super::tree::PutAway;
use super::tree::Tree;
use super::unwrap::Unwrapped;
use crate::mapping::Program;
use crate::mapping::program::FhirStep;
use crate::mapping::program::RuleId;
use crate::mapping::program::Source;

impl Tree for FhirSource<'_> {
    type Here = Index;

    fn outside(&self) -> Index {
        NONE
    }

    fn each(&self, program: &Program, place: &Source, stack: &[Index], see: &mut dyn FnMut(Index)) {
        let _ = self.walk_items(program, place, stack, &mut |found| {
            see(found);
            ControlFlow::Continue(())
        });
    }

    fn holds(&self, program: &Program, place: &Source, stack: &[Index]) -> bool {
        let found = self.walk_items(program, place, stack, &mut |_| ControlFlow::Break(()));
        found.is_break()
    }

    #[inline]
    fn read<'t>(&'t self, program: &Program, place: &Source, stack: &[Index]) -> Option<Found<'t>> {
        let mut value = None;
        let _ = self.walk(program, place, stack, &mut |found| {
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
            while let Some(node) = self.resources.node(here) {
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
        let _ = self.walk(program, place, stack, &mut |found| {
            self.cells_at(found, see);
            ControlFlow::Continue(())
        });
    }

    fn left_over(&self, _: &Program, _: &Source, _: &[Index], _: &Books, _: &mut LeftOver) {
        // What only FHIR says has no place in X12 to travel in.
    }

    fn cell_text(&self, cell: Cell) -> &[u8] {
        self.resources.text(cell.index)
    }

    fn put_away<'t>(&'t self, program: &Program, place: &Source, stack: &[Index]) -> Vec<PutAway<'t>> {
        let mut found = Vec::new();
        let Some(names) = program.extension else {
            return found;
        };
        let _ = self.walk(program, place, stack, &mut |extension| {
            found.extend(self.put_away_in(names, extension));
            ControlFlow::Continue(())
        });
        found
    }

    fn cells_at(&self, here: Index, see: &mut dyn FnMut(Cell)) {
        let Some(node) = self.resources.node(here) else {
            return;
        };
        match node.kind {
            JsonKind::Object | JsonKind::Array => {
                for child in self.resources.children(here) {
                    self.cells_at(child, see);
                }
            }
            JsonKind::Text if node.text.is_empty() => {}
            JsonKind::Text | JsonKind::Bare => see(cell(here)),
            JsonKind::Null => {}
        }
    }

    fn all_cells(&self, see: &mut dyn FnMut(Cell)) {
        for root in &self.resources.roots {
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
        self.resources.nodes.len()
    }

    fn size(&self) -> usize {
        self.resources.size()
    }
}
