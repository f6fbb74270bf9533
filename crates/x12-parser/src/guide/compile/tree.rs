//! Loops: the rows as written become a tree, a loop standing in it once for every loop that may hold it.

use super::Compiler;
use super::rows::context;
use super::rules::Facts;
use crate::guide::grammar;
use crate::guide::grammar::ANY;
use crate::guide::grammar::Grade;
use crate::guide::grammar::Usage;
use crate::guide::spec::LoopSpec;
use crate::guide::spec::SegmentSpec;
use crate::guide::table::Child;
use crate::guide::table::Loop;
use crate::guide::table::NONE;
use crate::guide::table::RowDoubt;
use crate::guide::table::Run;
use crate::guide::table::id_trace;
use crate::guide::table::id_word;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most places of loops in a tree, and most levels of it.
const MOST_LOOPS: usize = 2000;
const MOST_LEVELS: usize = 16;

/// A child with what is needed to put it in its place.
struct Placed<'c> {
    at: u16,
    child: Child,
    /// The row, for the telling of faults.
    row: &'c Written,
    /// Index of the loop as written, where it is one.
    body: Option<usize>,
}

impl<'c> Compiler<'c> {
    /// Builds the tree of loops.
    pub(super) fn grow(&mut self, facts: &Facts) {
        self.check_loops();
        if self.wrong.is_empty() {
            let mut path = vec![0];
            let (_, remembered) = self.plant(0, NONE, &mut path, facts);
            debug_assert!(
                remembered <= facts.all(),
                "only facts that have a bit are remembered"
            );
            self.check_planted();
        }
    }

    /// Ids are unique and parents exist; no loop is empty.
    fn check_loops(&mut self) {
        let spec = self.spec;
        let mut ids = BTreeSet::new();
        for body in &spec.loops {
            if !ids.insert(body.id.text.as_str()) {
                let fault = GuideFault::Twice(body.id.text.clone());
                self.wrong.push(body.id.fault(0, fault));
            }
            if body.segments.is_empty() {
                self.wrong.push(
                    body.id
                        .fault(0, GuideFault::NoSegments)
                        .within(|| format!("loop {}", body.id.text)),
                );
            }
        }
        for body in &spec.loops {
            let Some(within) = &body.within else { continue };
            for parent in within.text.split_whitespace() {
                if !ids.contains(parent) {
                    self.wrong
                        .push(within.fault(0, GuideFault::NoSuchLoop(parent.to_owned())));
                }
            }
            if within.text.trim().is_empty() {
                self.wrong
                    .push(within.fault(0, GuideFault::NoSuchLoop(String::new())));
            }
        }
    }

    /// Plants one loop and all that it holds; `body` is zero for the transaction itself, else one more than the number
    /// of the loop as written. Tells its number and the facts that are remembered in it.
    fn plant(&mut self, body: usize, parent: u16, path: &mut Vec<usize>, facts: &Facts) -> (u16, u64) {
        let number = u16::try_from(self.tables.loops.len()).unwrap_or(NONE);
        let spec = body.checked_sub(1).and_then(|index| self.spec.loops.get(index));
        let complete = self.complete;
        let open = self.graded(spec.and_then(|spec| spec.complete.as_ref()), complete) == Grade::C;
        let placed = self.placed(body, spec);
        let level = placed
            .first()
            .is_some_and(|first| self.use_id(first.child.used) == id_word(b"HL"));
        self.tables.depth = self.tables.depth.max(path.len());
        self.tables.loops.push(Loop {
            id: spec.map_or_else(Arc::default, |spec| spec.id.text.as_str().into()),
            name: spec
                .map_or(self.spec.name.as_str(), |spec| spec.name.as_str())
                .into(),
            parent,
            depth: u8::try_from(path.len() - 1).unwrap_or(u8::MAX),
            children: Run::default(),
            required: Run::default(),
            traces: 0,
            owed: 0,
            many: false,
            demands: Run::default(),
            forgets: 0,
            open,
            level,
        });
        let children = self.arrange(placed, body > 0, facts, number);
        let mut remembered = facts.of_body(self, body);
        for index in 0..children.len() {
            remembered |= self.plant_child(children, index, number, path, facts);
        }
        if let Some(planted) = self.tables.loops.get_mut(usize::from(number)) {
            planted.forgets = remembered;
        }
        (number, remembered)
    }

    /// A loop that only stands in loops which stand in it hangs in the air.
    fn check_planted(&mut self) {
        let spec = self.spec;
        for body in &spec.loops {
            let planted = self
                .tables
                .loops
                .iter()
                .any(|planted| *planted.id == *body.id.text);
            if !planted && self.wrong.is_empty() {
                let fault = GuideFault::LoopInItself(body.id.text.clone());
                self.wrong.push(body.id.fault(0, fault));
            }
        }
    }

    fn use_id(&self, used: u16) -> u32 {
        self.tables.uses.get(usize::from(used)).map_or(0, |used| used.id)
    }

    /// Plants what the child opens, if anything.
    fn plant_child(
        &mut self,
        children: Run,
        index: usize,
        number: u16,
        path: &mut Vec<usize>,
        facts: &Facts,
    ) -> u64 {
        let at = children.start() + index;
        // Until it is planted, a child says which loop as written it opens.
        let Some(body) = self.tables.children.get(at).map(|child| child.opens) else {
            return 0;
        };
        if body == NONE {
            return 0;
        }
        let body = usize::from(body);
        let spec = body.checked_sub(1).and_then(|index| self.spec.loops.get(index));
        let Some(spec) = spec else { return 0 };
        if path.contains(&body) {
            let fault = GuideFault::LoopInItself(spec.id.text.clone());
            self.wrong.push(spec.id.fault(0, fault));
            return 0;
        }
        if path.len() >= MOST_LEVELS || self.tables.loops.len() >= MOST_LOOPS {
            self.wrong
                .push(spec.id.fault(0, GuideFault::TooMany("loops in loops")));
            return 0;
        }
        path.push(body);
        let (opened, remembered) = self.plant(body, number, path, facts);
        path.pop();
        if let Some(child) = self.tables.children.get_mut(at) {
            child.opens = opened;
        }
        remembered
    }

    /// The children of a loop as written: its own rows and the loops that name it as theirs.
    fn placed(&mut self, body: usize, spec: Option<&'c LoopSpec>) -> Vec<Placed<'c>> {
        let file = self.grade;
        let grade = self.graded(spec.and_then(|spec| spec.grade.as_ref()), file);
        let rows: &[SegmentSpec] = spec.map_or(&self.spec.segments, |spec| &spec.segments);
        let first = self.first_use.get(body).copied().unwrap_or_default();
        let mut placed = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let grade = self.graded(row.grade.as_ref(), grade);
            let child = Self::child(&row.usage, row.repeat.as_ref(), grade, first + index);
            let child = self.or_note(child, || context(spec, row));
            placed.extend(child.map(|child| Placed {
                at: row.at,
                child,
                row: &row.used,
                body: None,
            }));
        }
        if let (Some(spec), Some(opening)) = (spec, placed.first()) {
            let alone = placed.iter().skip(1).all(|other| other.at > opening.at);
            let once = opening.child.usage == Usage::Required && opening.child.max == 1;
            if !alone || !once {
                self.wrong.push(
                    opening
                        .row
                        .fault(0, GuideFault::FirstRow)
                        .within(|| format!("loop {}", spec.id.text)),
                );
            }
        }
        for (index, inner) in self.spec.loops.iter().enumerate() {
            let holds = match (&inner.within, spec) {
                (None, None) => true,
                (Some(within), Some(spec)) => within
                    .text
                    .split_whitespace()
                    .any(|parent| parent == spec.id.text),
                (Some(_), None) | (None, Some(_)) => false,
            };
            if holds {
                placed.extend(self.inner(index + 1, inner));
            }
        }
        placed.sort_by_key(|placed| placed.at);
        placed
    }

    /// A loop as a child of another.
    fn inner(&mut self, body: usize, spec: &'c LoopSpec) -> Option<Placed<'c>> {
        let file = self.grade;
        let grade = self.graded(spec.grade.as_ref(), file);
        let first = self.first_use.get(body).copied().unwrap_or_default();
        let child = Self::child(&spec.usage, spec.repeat.as_ref(), grade, first);
        let child = self.or_note(child, || format!("loop {}", spec.id.text))?;
        Some(Placed {
            at: spec.at,
            child,
            row: spec.segments.first().map_or(&spec.id, |row| &row.used),
            body: Some(body),
        })
    }

    fn child(
        usage: &Written,
        repeat: Option<&Written>,
        grade: Grade,
        used: usize,
    ) -> Result<Child, GuideError> {
        let (usage, usage_grade) = grammar::usage(usage)?;
        let (min, max, repeat_grade) = match repeat {
            Some(repeat) => grammar::repeat(repeat)?,
            None => (None, 1, None),
        };
        let least = u16::from(usage == Usage::Required);
        Ok(Child {
            used: u16::try_from(used).unwrap_or(NONE),
            opens: NONE,
            group: 0,
            usage,
            weak: RowDoubt {
                usage: usage_grade.unwrap_or(grade) == Grade::C,
                repeat: repeat_grade.unwrap_or(grade) == Grade::C,
                row: grade == Grade::C,
            },
            min: min.unwrap_or(least).max(least),
            // Each use of what is not used is told as that.
            max: if usage == Usage::NotUsed { ANY } else { max },
            demanded: false,
        })
    }

    /// Puts the children of a loop into the tables.
    fn arrange(&mut self, placed: Vec<Placed<'c>>, opened: bool, facts: &Facts, number: u16) -> Run {
        self.check_hidden(&placed);
        let mut children = Vec::new();
        let (mut group, mut before) = (0, None);
        for (index, placed) in placed.into_iter().enumerate() {
            let index = u16::try_from(index).unwrap_or(NONE);
            if before != Some(placed.at) {
                (group, before) = (index, Some(placed.at));
            }
            let opens = placed
                .body
                .and_then(|body| u16::try_from(body).ok())
                .unwrap_or(NONE);
            children.push(Child {
                opens,
                group,
                ..placed.child
            });
        }
        let demands = facts.demands(&mut children, opened);
        let ids: Vec<u32> = children.iter().map(|child| self.use_id(child.used)).collect();
        let needed: Vec<u16> = (0u16..)
            .zip(&children)
            .filter(|(_, child)| child.min > 0)
            .map(|(index, _)| index)
            .collect();
        let owed = needed.len() - usize::from(opened && needed.first() == Some(&0));
        let many = children.iter().any(|child| child.min > 1);
        let traces = ids.iter().fold(0, |traces, id| traces | id_trace(*id));
        let keys: Vec<u64> = children.iter().map(|child| self.key(child.used)).collect();
        self.tables.ids.extend(ids);
        self.tables.keys.extend(keys);
        let children = Run::append(&mut self.tables.children, children);
        let required = Run::append(&mut self.tables.required, needed);
        let demands = Run::append(&mut self.tables.demands, demands);
        if let Some(arranged) = self.tables.loops.get_mut(usize::from(number)) {
            (arranged.children, arranged.required, arranged.demands) = (children, required, demands);
            arranged.owed = u16::try_from(owed).unwrap_or(NONE);
            arranged.many = many;
            arranged.traces = traces;
        }
        children
    }

    /// The word that the first element of a use must be, where that is all there is to it.
    fn key(&self, used: u16) -> u64 {
        let tests = self
            .tables
            .uses
            .get(usize::from(used))
            .map(|used| used.tests.of(&self.tables.tests));
        match tests {
            Some([test]) if test.number.element == 1 && test.number.component == 0 => {
                self.tables.list(test.list).only()
            }
            _ => 0,
        }
    }

    /// A row that takes everything leaves nothing for those behind it in the same place.
    fn check_hidden(&mut self, placed: &[Placed<'_>]) {
        for (index, row) in placed.iter().enumerate() {
            let used = |placed: &Placed<'_>| self.tables.uses.get(usize::from(placed.child.used)).cloned();
            let Some(own) = used(row) else { continue };
            let hidden = placed.iter().take(index).any(|other| {
                other.at == row.at
                    && used(other).is_some_and(|other| other.id == own.id && other.tests.len() == 0)
            });
            if hidden {
                self.wrong.push(
                    row.row
                        .fault(0, GuideFault::Hidden)
                        .within(|| row.row.text.clone()),
                );
            }
        }
    }
}
