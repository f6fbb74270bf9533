//! What checking and compiling a mapping share: the lists that grow, and the scopes around a row.

use std::collections::HashMap;
use std::sync::Arc;

use super::CodeTable;
use super::elements::Elements;
use super::elements::LeafKind;
use super::fields::Located;
use super::problem::Problems;
use super::program::Program;
use super::program::Rule;
use super::program::RuleId;
use super::program::Run;
use super::program::Side;
use super::program::SliceId;
use super::program::TargetStep;
use super::program::TextId;
use super::program::WayId;
use super::slice::SliceFile;
use crate::base::place::SegmentId;
use crate::x12::Frame;
use crate::x12::LoopName;

/// Checks one mapping and puts its program together.
pub(super) struct Compiler<'a> {
    pub(super) elements: &'a Elements,
    pub(super) slices: &'a SliceFile,
    pub(super) tables: &'a [Arc<CodeTable>],
    pub(super) problems: Problems<'a>,
    pub(super) program: Program,
    pub(super) scopes: Vec<ScopeState>,
    pub(super) slice_ids: HashMap<String, SliceId>,
    /// Rules of slices, which follow those of rows once all rows are known.
    pub(super) slice_rules: Vec<Rule>,
    pub(super) row_rules: usize,
    pub(super) ways: HashMap<(usize, Option<WayId>, TargetStep), WayId>,
    interned: HashMap<Box<str>, TextId>,
}

/// A scope and what it stands at.
#[derive(Clone, Debug)]
pub(super) struct ScopeState {
    pub(super) name: String,
    pub(super) outer: Option<usize>,
    pub(super) source: Here,
    pub(super) target: Here,
}

/// Where a scope stands in the source or the target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Here {
    /// Before any message.
    Outside,
    /// In a loop, or at one of its segments.
    X12(LoopName, Option<SegmentId>),
    /// At something of this type.
    Fhir(String),
}

/// What a path leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// A value.
    Leaf(LeafKind),
    /// Something of this type.
    Thing(String),
    /// A loop, or a segment in it.
    X12(LoopName, Option<SegmentId>),
}

impl Compiler<'_> {
    pub(super) fn intern(&mut self, text: &str) -> TextId {
        if let Some(id) = self.interned.get(text) {
            return *id;
        }
        let id = TextId(count(self.program.texts.len()));
        self.program.texts.push(text.into());
        self.interned.insert(text.into(), id);
        id
    }

    pub(super) fn complain(&mut self, at: usize, message: impl Into<String>) {
        self.problems.at(at, message);
    }

    /// The texts that a test or condition accepts, with names of addresses resolved.
    pub(super) fn accepted(&mut self, at: usize, any_of: &[String]) -> Run {
        let mut ids = Vec::new();
        for text in any_of {
            match self.slices.resolve(text) {
                Ok(text) => ids.push(self.intern(&text)),
                Err(message) => self.complain(at, message),
            }
        }
        append_once(&mut self.program.accepted, ids)
    }

    /// A name of the house or the text itself.
    pub(super) fn resolved(&mut self, written: &Located) -> String {
        self.slices.resolve(&written.text).unwrap_or_else(|message| {
            self.complain(written.at, message);
            String::new()
        })
    }

    pub(super) fn source_frame(&self) -> Option<&'static Frame> {
        frame(&self.program.from)
    }

    pub(super) fn target_frame(&self) -> Option<&'static Frame> {
        frame(&self.program.to)
    }

    /// The number that the next slice's rule will have.
    pub(super) fn add_slice_rule(&mut self, rule: Rule) -> RuleId {
        let number = self.row_rules + self.slice_rules.len();
        self.slice_rules.push(rule);
        RuleId(u16::try_from(number).unwrap_or(u16::MAX))
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn new(
        elements: &'a Elements,
        slices: &'a SliceFile,
        tables: &'a [Arc<CodeTable>],
        problems: Problems<'a>,
        program: Program,
    ) -> Self {
        Self {
            elements,
            slices,
            tables,
            problems,
            program,
            scopes: Vec::new(),
            slice_ids: HashMap::new(),
            slice_rules: Vec::new(),
            row_rules: 0,
            ways: HashMap::new(),
            interned: HashMap::new(),
        }
    }
}

fn frame(side: &Side) -> Option<&'static Frame> {
    match side {
        Side::X12(frame) => Some(frame),
        Side::Fhir(_) => None,
    }
}

/// A length as programs keep it; no file of tables comes near the limit.
pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Appends some items to a list and says where they are.
pub(super) fn append<T>(list: &mut Vec<T>, items: impl IntoIterator<Item = T>) -> Run {
    let start = count(list.len());
    list.extend(items);
    Run {
        start,
        length: count(list.len()) - start,
    }
}

/// As [`append`], unless the list has the same items side by side already: what is asked the same way is the same run,
/// so that whoever runs a program may remember the answer.
pub(super) fn append_once<T: PartialEq>(list: &mut Vec<T>, items: Vec<T>) -> Run {
    if items.is_empty() {
        return Run::default();
    }
    match list.windows(items.len()).position(|known| known == items) {
        Some(start) => Run {
            start: count(start),
            length: count(items.len()),
        },
        None => append(list, items),
    }
}
