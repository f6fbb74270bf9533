//! What a translation asks of a source, whatever its format.

use std::ops::Range;

use super::books::Books;
use super::books::Cell;
use super::unwrap::Unwrapped;
use crate::mapping::Program;
use crate::mapping::program::RuleId;
use crate::mapping::program::Source;

/// A message as places that can be gone to and read.
pub(super) trait Tree {
    /// Where a scope stands.
    type Here: Copy;

    /// Before any scope.
    fn outside(&self) -> Self::Here;

    /// Everything at a place, in order.
    fn each(&self, program: &Program, place: &Source, stack: &[Self::Here], see: &mut dyn FnMut(Self::Here));

    /// Whether there is anything at a place.
    fn holds(&self, program: &Program, place: &Source, stack: &[Self::Here]) -> bool {
        let mut there = false;
        self.each(program, place, stack, &mut |_| there = true);
        there
    }

    /// The first value at a place that is not empty.
    fn read<'t>(&'t self, program: &Program, place: &Source, stack: &[Self::Here]) -> Option<Found<'t>>;

    /// Notes what a place consulted on the way to what it found: qualifiers, marks of slices.
    fn consult(&self, program: &Program, place: &Source, found: &Found<'_>, rule: RuleId, books: &mut Books);

    /// Notes what a scope's place consulted on the way to a thing.
    fn entered(&self, program: &Program, place: &Source, here: Self::Here, rule: RuleId, books: &mut Books);

    /// Every cell below a place, as far as it holds something.
    fn cells(&self, program: &Program, place: &Source, stack: &[Self::Here], see: &mut dyn FnMut(Cell));

    /// Appends every segment at a place that has something left over.
    fn left_over(
        &self,
        program: &Program,
        place: &Source,
        stack: &[Self::Here],
        books: &Books,
        found: &mut LeftOver,
    );

    /// The text of a cell.
    fn cell_text(&self, cell: Cell) -> &[u8];

    /// What was put away at a place: where each segment stood, its cells, and the cells that say so.
    fn put_away<'t>(&'t self, program: &Program, place: &Source, stack: &[Self::Here]) -> Vec<PutAway<'t>>;

    /// Every cell of the thing that a scope stands at.
    fn cells_at(&self, here: Self::Here, see: &mut dyn FnMut(Cell));

    /// Every cell of the source.
    fn all_cells(&self, see: &mut dyn FnMut(Cell));

    /// Cells that were wrong and were understood all the same when the source was read.
    fn repaired(&self, see: &mut dyn FnMut(Cell));

    /// An attachment of the source.
    fn payload(&self, number: usize) -> Option<&Unwrapped<'_>>;

    /// Whether all of its text is ASCII, so that none of it has to be looked at again.
    fn is_ascii(&self) -> bool;

    /// How many elements the books are about.
    fn elements(&self) -> usize;

    /// How many bytes it has, attachments included.
    fn size(&self) -> usize;
}

/// What no row took, segment by segment, over one text.
#[derive(Debug, Default)]
pub(super) struct LeftOver {
    pub(super) text: Vec<u8>,
    pub(super) segments: Vec<LeftSegment>,
    pub(super) cells: Vec<LeftCell>,
}

/// A segment of which something is left over.
#[derive(Debug)]
pub(super) struct LeftSegment {
    /// Where it stands, such as `2200D/2220D[2]/STC[1]`, in the text.
    pub(super) place: Range<usize>,
    /// Its cells.
    pub(super) cells: Range<usize>,
}

/// A cell that is left over.
#[derive(Debug)]
pub(super) struct LeftCell {
    pub(super) cell: Cell,
    pub(super) element: u8,
    pub(super) component: u8,
    /// Instead of an element: a step of a recipe, and its value in the text.
    pub(super) step: Option<(&'static str, Range<usize>)>,
}

impl LeftOver {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.segments.clear();
        self.cells.clear();
    }
}

/// A segment that was put away in an extension.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct PutAway<'t> {
    /// Where it stood.
    pub(super) place: &'t str,
    /// Its cells: `02` or `01-2`, or a step of a recipe, and the value.
    pub(super) cells: Vec<(Cell, &'t str, &'t [u8])>,
    /// What makes the extension what it is.
    pub(super) marks: Vec<Cell>,
}

/// A value of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t [u8],
    pub(super) cell: Cell,
    /// The segment or object that it is in.
    pub(super) holder: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A number, `true` or `false`.
    Bare,
    /// A resource, as JSON text.
    Resource,
    /// An attachment of the X12 source, by its number.
    Payload(usize),
}
