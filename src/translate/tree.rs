//! What a translation asks of a source, whatever its format.

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

    /// The first value at a place that is not empty.
    fn read<'t>(&'t self, program: &Program, place: &Source, stack: &[Self::Here]) -> Option<Found<'t>>;

    /// Notes what a place consulted on the way to what it found: qualifiers, marks of slices.
    fn consult(&self, program: &Program, place: &Source, found: &Found<'_>, rule: RuleId, books: &mut Books);

    /// Notes what a scope's place consulted on the way to a thing.
    fn entered(&self, program: &Program, place: &Source, here: Self::Here, rule: RuleId, books: &mut Books);

    /// Every cell below a place, as far as it holds something.
    fn cells(&self, program: &Program, place: &Source, stack: &[Self::Here], see: &mut dyn FnMut(Cell));

    /// Every segment at a place that has something left over: where it stands, and its cells with their values.
    fn left_over(
        &self,
        program: &Program,
        place: &Source,
        stack: &[Self::Here],
        books: &Books,
    ) -> Vec<LeftOver>;

    /// What was put away at a place: where each segment stood, its cells, and the cells that say so.
    fn put_away(&self, program: &Program, place: &Source, stack: &[Self::Here])
    -> Vec<(LeftOver, Vec<Cell>)>;

    /// Every cell of the thing that a scope stands at.
    fn cells_at(&self, here: Self::Here, see: &mut dyn FnMut(Cell));

    /// Every cell of the source.
    fn all_cells(&self, see: &mut dyn FnMut(Cell));

    /// Cells that were wrong and were understood all the same when the source was read.
    fn repaired(&self, see: &mut dyn FnMut(Cell));

    /// An attachment of the source.
    fn payload(&self, number: usize) -> Option<&Unwrapped<'_>>;

    /// How many elements the books are about.
    fn elements(&self) -> usize;
}

/// What is left over of a segment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct LeftOver {
    /// Where it stands, such as `2200D/2220D[2]/STC[1]`.
    pub(super) place: String,
    /// Its cells: `02` or `01-2`, and the value.
    pub(super) cells: Vec<(Cell, String, Vec<u8>)>,
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
