//! Resources as a source of a program: what its rows call a name or a code is a number here.
//!
//! Names of the message are looked up among the program's own once, so that finding a member is comparing numbers. What
//! an item of a list was found to be is remembered, and so is the first item of a kind.

use std::cell::Cell as Memory;
use std::ops::ControlFlow;

use super::books::Books;
use super::books::Cell;
use super::resource::Index;
use super::resource::JsonKind;
use super::resource::JsonNode;
use super::resource::NONE;
use super::resource::Resources;
use super::tree::Found;
use super::tree::Kind;
use super::tree::PutAway;
use crate::mapping::Program;
use crate::mapping::program::Constant;
use crate::mapping::program::ExtensionNames;
use crate::mapping::program::FhirPlace;
use crate::mapping::program::FhirStep;
use crate::mapping::program::Form;
use crate::mapping::program::RuleId;
use crate::mapping::program::SliceId;
use crate::mapping::program::Source;
use crate::mapping::program::Start;
use crate::mapping::program::TargetStep;
use crate::mapping::program::TextId;

pub(super) type See<'s> = &'s mut dyn FnMut(Index) -> ControlFlow<()>;

/// Resources, read with the eyes of a program.
pub(super) struct FhirSource<'r> {
    pub(super) resources: &'r Resources<'r>,
    /// How to go from node to node, and what the program knows of each.
    links: Vec<Link>,
    /// The slices that each node was looked at for, one bit each, and those that it is.
    tried: Vec<Memory<(u64, u64)>>,
    /// The slices whose marks are in the books, and how often these had been taken back when they were entered.
    entered: Vec<Memory<(u64, usize)>>,
    /// For each slice of the program: the list that was looked through for it last, and its first item there.
    firsts: Vec<Memory<(Index, Index)>>,
    /// `resourceType`, if the program has the word.
    kind: TextId,
}

/// A node as a search for members sees it.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// The name of the member that it is.
    name: TextId,
    is_list: bool,
    first: Index,
    next: Index,
}

/// So many elements a segment has as a rule.
const USUAL_CELLS: usize = 6;

/// No text of the program.
const UNKNOWN: TextId = TextId(u32::MAX);

impl<'r> FhirSource<'r> {
    /// Looks names up.
    pub(super) fn new(program: &Program, resources: &'r Resources<'r>) -> Self {
        let word = |text: &[u8]| match text {
            // Items have no names, and objects no text.
            [] => UNKNOWN,
            text => program.word(text).unwrap_or(UNKNOWN),
        };
        let link = |node: &JsonNode| Link {
            name: word(resources.name_of(node)),
            is_list: node.kind == JsonKind::Array,
            first: node.first,
            next: node.next,
        };
        Self {
            resources,
            links: resources.nodes.iter().map(link).collect(),
            tried: vec![Memory::default(); resources.nodes.len()],
            entered: vec![Memory::default(); resources.nodes.len()],
            firsts: vec![Memory::new((NONE, NONE)); program.slices.len()],
            kind: word(b"resourceType"),
        }
    }

    /// The member of a name.
    #[inline]
    fn member(&self, index: Index, name: TextId) -> Option<Index> {
        let mut next = self.links.get(index as usize)?.first;
        while let Some(link) = self.links.get(next as usize) {
            if link.name == name {
                return Some(next);
            }
            next = link.next;
        }
        None
    }

    /// The values directly inside of one.
    #[inline]
    fn children(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        self.and_after(self.links.get(index as usize).map_or(NONE, |link| link.first))
    }

    /// A value and those after it in the same list or object.
    #[inline]
    fn and_after(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        let mut next = index;
        std::iter::from_fn(move || {
            let found = next;
            next = self.links.get(next as usize)?.next;
            Some(found)
        })
    }

    #[inline]
    fn is_list(&self, index: Index) -> bool {
        self.links.get(index as usize).is_some_and(|link| link.is_list)
    }

    /// Whether a leaf says this text, digits or word.
    #[inline]
    fn says(&self, program: &Program, index: Index, text: TextId) -> bool {
        self.resources.text(index) == program.text(text).as_bytes()
    }

    pub(super) fn value(&self, index: Index) -> Option<Found<'_>> {
        let node = self.resources.node(index)?;
        let (kind, text) = match node.kind {
            JsonKind::Text => (Kind::Text, self.resources.text(index)),
            JsonKind::Bare => (Kind::Bare, self.resources.text(index)),
            JsonKind::Object => (Kind::Resource, self.resources.bytes(index)),
            JsonKind::Array => {
                // A list without an index means its first item.
                let first = self.resources.children(index).next()?;
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
    pub(super) fn put_away_in(&self, names: ExtensionNames, extension: Index) -> Option<PutAway<'_>> {
        let mut place = None;
        let mut cells = Vec::with_capacity(USUAL_CELLS);
        let mut marks = Vec::with_capacity(USUAL_CELLS + 2);
        marks.extend(self.member(extension, names.url).map(cell));
        let parts = self.member(extension, names.extension)?;
        for part in self.children(parts) {
            let url = self.member(part, names.url);
            let (url, value) = url.zip(self.member(part, names.value))?;
            marks.push(cell(url));
            let text = self.resources.text(value);
            if self.resources.text(url) == b"place" {
                place = Some(std::str::from_utf8(text).ok()?);
                marks.push(cell(value));
            } else {
                let name = std::str::from_utf8(self.resources.text(url)).ok()?;
                cells.push((cell(value), name, text));
            }
        }
        Some(PutAway {
            place: place?,
            cells,
            marks,
        })
    }

    /// Whether something looks like a slice in any version.
    #[inline]
    pub(super) fn is_slice(&self, program: &Program, slice: SliceId, index: Index) -> bool {
        let bit = bit(slice);
        let (Some(memory), Some(link)) = (self.tried.get(index as usize), self.links.get(index as usize))
        else {
            return false;
        };
        if link.first == NONE {
            // It has no members that could mark it.
            return false;
        }
        let (tried, are) = memory.get();
        if tried & bit != 0 {
            return are & bit != 0;
        }
        let is_one = self.looks_like(program, slice, index);
        memory.set((tried | bit, if is_one { are | bit } else { are }));
        is_one
    }

    fn looks_like(&self, program: &Program, slice: SliceId, index: Index) -> bool {
        let slice = program.slice(slice);
        let by = slice.by.of(&program.steps);
        let is_it = |form: &Form, holder| {
            let mut members = form.is.iter();
            members.all(|(name, value)| {
                self.member(holder, *name)
                    .is_some_and(|found| self.says(program, found, *value))
            })
        };
        if by.is_empty() && !self.is_list(index) {
            return slice.forms.iter().any(|form| is_it(form, index));
        }
        slice.forms.iter().any(|form| {
            let found = self.descend_to_items(program, index, by, &mut |holder| {
                if is_it(form, holder) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            found.is_break()
        })
    }

    /// Notes what makes something a slice, and what is always written with it.
    pub(super) fn consult_slice(&self, program: &Program, id: SliceId, index: Index, books: &mut Books) {
        if !books.counts() {
            return;
        }
        let Some(memory) = self.entered.get(index as usize) else {
            return;
        };
        let (entered, when) = memory.get();
        let (bit, undone) = (bit(id), books.undone());
        let entered = if when == undone { entered } else { 0 };
        if entered & bit != 0 {
            return;
        }
        memory.set((entered | bit, undone));
        let slice = program.slice(id);
        let constants = slice
            .forms
            .iter()
            .flat_map(|form| form.constants.of(&program.constants))
            .chain(slice.also.of(&program.constants));
        for constant in constants {
            let steps = constant.to.of(&program.targets);
            self.consult_constant(program, steps, constant, index, (slice.rule, books));
        }
    }

    fn consult_constant(
        &self,
        program: &Program,
        steps: &[TargetStep],
        constant: &Constant,
        at: Index,
        (rule, books): (RuleId, &mut Books),
    ) {
        let Some((step, rest)) = steps.split_first() else {
            if self.says(program, at, constant.value) {
                books.consult(cell(at), rule);
            }
            return;
        };
        match step {
            TargetStep::Member(name) | TargetStep::List(name) => {
                if let Some(member) = self.member(at, *name) {
                    self.consult_constant(program, rest, constant, member, (rule, books));
                }
            }
            // Wherever in the list it stands.
            TargetStep::Item(_) => {
                for item in self.resources.children(at) {
                    self.consult_constant(program, rest, constant, item, (rule, books));
                }
            }
            TargetStep::Slice(..)
            | TargetStep::Shape(_)
            | TargetStep::Document(_)
            | TargetStep::Loop(_)
            | TargetStep::Segment(..)
            | TargetStep::Cell(..) => self.consult_constant(program, rest, constant, at, (rule, books)),
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
        self.descend(
            program,
            at,
            steps,
            &mut |found| match self.resources.node(found) {
                Some(node) if node.kind == JsonKind::Array => self.children(found).try_for_each(&mut *see),
                _ => see(found),
            },
        )
    }

    fn descend(
        &self,
        program: &Program,
        mut at: Index,
        mut steps: &[FhirStep],
        see: See<'_>,
    ) -> ControlFlow<()> {
        while let Some((step, rest)) = steps.split_first() {
            let is_array = self.is_list(at);
            let next = match step {
                FhirStep::Member(_) if is_array => {
                    for item in self.children(at) {
                        self.descend(program, item, steps, see)?;
                    }
                    None
                }
                FhirStep::Member(name) => self.member(at, *name),
                FhirStep::Slice(slice) if is_array => {
                    return self.descend_to_slice(program, at, *slice, rest, see);
                }
                FhirStep::Slice(slice) => {
                    // One that stands alone is the first of its kind, and an index behind the slice may want another.
                    let wanted = !matches!(rest.first(), Some(FhirStep::Index(1..)));
                    (wanted && self.is_slice(program, *slice, at)).then_some(at)
                }
                FhirStep::Index(index) if is_array => self.children(at).nth(usize::from(*index)),
                FhirStep::Index(index) => (*index == 0).then_some(at),
            };
            match next {
                Some(found) => (at, steps) = (found, rest),
                None => return ControlFlow::Continue(()),
            }
        }
        see(at)
    }

    /// Goes on from the items of a list that look like a slice.
    fn descend_to_slice(
        &self,
        program: &Program,
        list: Index,
        slice: SliceId,
        rest: &[FhirStep],
        see: See<'_>,
    ) -> ControlFlow<()> {
        // Of several items an index behind the slice chooses one.
        let (wanted, rest) = match rest.split_first() {
            Some((FhirStep::Index(index), rest)) => (Some(usize::from(*index)), rest),
            _ => (None, rest),
        };
        let items = self.and_after(self.first_of(program, list, slice));
        let matching = items.filter(|item| self.is_slice(program, slice, *item));
        for (number, item) in matching.enumerate() {
            if wanted.is_none_or(|wanted| wanted == number) {
                self.descend(program, item, rest, see)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The first item of a list that looks like a slice. Many rows begin with the same one, so it is remembered.
    #[inline]
    fn first_of(&self, program: &Program, list: Index, slice: SliceId) -> Index {
        let memory = self.firsts.get(usize::from(slice.0));
        if let Some((known, first)) = memory.map(Memory::get)
            && known == list
        {
            return first;
        }
        let mut items = self.children(list);
        let first = items.find(|item| self.is_slice(program, slice, *item));
        let first = first.unwrap_or(NONE);
        if let Some(memory) = memory {
            memory.set((list, first));
        }
        first
    }

    /// As [`Self::walk`], and into the list that the place may end at.
    #[inline]
    pub(super) fn walk_items(
        &self,
        program: &Program,
        place: &Source,
        stack: &[Index],
        see: See<'_>,
    ) -> ControlFlow<()> {
        self.walk(
            program,
            place,
            stack,
            &mut |found| match self.resources.node(found) {
                Some(node) if node.kind == JsonKind::Array => self.children(found).try_for_each(&mut *see),
                _ => see(found),
            },
        )
    }

    /// Goes to everything that a place means, until `see` has enough.
    #[inline]
    pub(super) fn walk(
        &self,
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
                Some(here) => self.descend(program, *here, steps, see),
                None => ControlFlow::Continue(()),
            },
            Start::Documents(kind) => {
                let chosen = self.chosen(stack);
                let roots = match &chosen {
                    Some(root) => std::slice::from_ref(root),
                    None => self.resources.roots.as_slice(),
                };
                for root in roots {
                    let is_kind = self
                        .member(*root, self.kind)
                        .is_some_and(|found| self.says(program, found, *kind));
                    if is_kind {
                        self.descend(program, *root, steps, see)?;
                    }
                }
                ControlFlow::Continue(())
            }
        }
    }

    /// The message that the scopes are in, once one of them has chosen it.
    fn chosen(&self, stack: &[Index]) -> Option<Index> {
        let mut top = *stack.iter().rev().find(|here| **here != NONE)?;
        while let Some(node) = self.resources.node(top).filter(|node| node.parent != NONE) {
            top = node.parent;
        }
        Some(top)
    }
}

/// The bit that stands for a slice; slices beyond the last bit are never remembered.
#[inline]
fn bit(slice: SliceId) -> u64 {
    1_u64.checked_shl(u32::from(slice.0)).unwrap_or(0)
}

pub(super) const fn cell(index: Index) -> Cell {
    Cell { index, component: 0 }
}
