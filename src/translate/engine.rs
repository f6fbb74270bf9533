//! Runs a program over a source: scopes and what they make.

use std::collections::HashMap;

use super::books;
use super::books::About;
use super::books::Books;
use super::books::Cell;
use super::books::Keeping;
use super::context::Context;
use super::draft;
use super::draft::Draft;
use super::draft::NodeId;
use super::draft::Origin;
use super::given::Given;
use super::translation::Lineage;
use super::tree::LeftOver;
use super::tree::Tree;
use super::write::container;
use crate::mapping::Function;
use crate::mapping::Program;
use crate::mapping::Why;
use crate::mapping::program::Operation;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::Scope;
use crate::mapping::program::ScopeTarget;
use crate::mapping::program::Side;
use crate::mapping::program::Versions;

/// A program on its way through a source.
pub(super) struct Engine<'r, T: Tree> {
    pub(super) program: &'r Program,
    pub(super) tree: &'r T,
    pub(super) context: &'r Context,
    pub(super) version: Versions,
    pub(super) draft: Draft,
    pub(super) books: Books,
    pub(super) stack: Vec<T::Here>,
    /// The place of each scope's thing among those that the scope goes through, and whether it made its target.
    pub(super) positions: Vec<(u32, bool)>,
    /// Where the ways of the program led, and in which activation of a scope.
    pub(super) reached: Vec<(u32, NodeId)>,
    /// Which activation of a scope is at hand, counted from one, and how many there were.
    pub(super) activation: u32,
    activations: u32,
    /// Targets that several things share, by what `per` says of them.
    keyed: HashMap<(u32, u16, Vec<u8>), NodeId>,
    /// Further cells that are in the value at hand, and the places that they were found at.
    pub(super) also_consulted: Vec<(Option<u32>, Cell)>,
    /// Rows that had to write something and had nothing, and rows that refuse.
    pub(super) missing: Vec<RuleId>,
    /// Which rules did something.
    pub(super) fired: Vec<bool>,
    /// How often the scope of each rule did something.
    done: Vec<u32>,
    /// Which conditions held, by the first of each run.
    pub(super) verdicts: Vec<Verdict>,
    /// Room for what is left over, used again and again.
    pub(super) left_over: LeftOver,
}

/// Whether some conditions held in an activation of a scope; a scope that has begun stands where it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdict {
    activation: u32,
    length: u32,
    holds: bool,
    /// Whether the values that made them hold are in the books.
    told: bool,
}

/// A scope's target.
enum Made {
    /// Nothing of its own: that of the scope around it.
    Outer(Option<NodeId>),
    /// One that was there.
    Shared(NodeId),
    /// A new one, which stays only if something is written into it.
    New {
        node: NodeId,
        draft: draft::Moment,
        books: books::Moment,
        key: Option<(u32, u16, Vec<u8>)>,
        /// How many shared targets there were.
        keyed: usize,
    },
}

impl<'r, T: Tree> Engine<'r, T> {
    pub(super) fn new(program: &'r Program, tree: &'r T, context: &'r Context, lineage: Lineage) -> Self {
        let version = context.named("version").and_then(Versions::parse);
        // FHIR says in several objects what X12 says in one element.
        let nodes = match &program.to {
            Side::Fhir(_) => tree.elements() * 6,
            Side::X12(_) => tree.elements(),
        };
        let mut engine = Self {
            program,
            tree,
            context,
            version: version.unwrap_or_default(),
            draft: Draft::with_room(nodes, tree.size()),
            books: Books::default(),
            stack: vec![tree.outside()],
            positions: vec![(0, true)],
            reached: vec![(0, NodeId(0)); program.ways.len()],
            activation: 1,
            activations: 1,
            keyed: HashMap::new(),
            also_consulted: Vec::new(),
            missing: Vec::new(),
            fired: vec![false; program.rules.len()],
            done: vec![0; program.rules.len()],
            verdicts: vec![Verdict::default(); program.conditions.len()],
            left_over: LeftOver::default(),
        };
        let keeping = match lineage {
            Lineage::Kept => Keeping::Reports,
            Lineage::Skipped if engine.may_carry() => Keeping::Accounts,
            Lineage::Skipped => Keeping::Nothing,
        };
        engine.books = Books::new(tree.elements(), keeping);
        engine
    }

    /// Whether what no row takes may go into the target, so that it has to be known.
    fn may_carry(&self) -> bool {
        self.program.operations.iter().any(|operation| match operation {
            Operation::Row(row) => row.function == Function::Carry && self.can_hold(row.when),
            Operation::Scope(_) => false,
        })
    }

    /// Runs the whole program and closes the books.
    pub(super) fn run(&mut self) {
        self.operations(0, self.program.operations.len(), None);
        self.close();
    }

    fn operations(&mut self, start: usize, end: usize, target: Option<NodeId>) {
        let program = self.program;
        let mut at = start;
        while at < end {
            match program.operations.get(at) {
                Some(Operation::Row(row)) => self.row(row, target),
                Some(Operation::Scope(scope)) => {
                    self.scope(scope, at + 1, target);
                    at += scope.length as usize;
                }
                None => return,
            }
            at += 1;
        }
    }

    fn scope(&mut self, scope: &Scope, start: usize, target: Option<NodeId>) {
        if !self.holds_here(scope.when) {
            return;
        }
        let Some(each) = scope.each else {
            let here = self.here();
            self.enter(scope, start, target, here, 1);
            return;
        };
        let mut things = Vec::new();
        if let Some(place) = self.program.places.get(each as usize) {
            self.tree
                .each(self.program, place, &self.stack, &mut |here| things.push(here));
        }
        for (number, here) in (1..).zip(things) {
            self.enter(scope, start, target, here, number);
        }
    }

    /// Does a scope for one thing.
    fn enter(&mut self, scope: &Scope, start: usize, target: Option<NodeId>, here: T::Here, number: u32) {
        self.stack.push(here);
        self.positions.push((number, true));
        if !self.holds(scope.filter) {
            self.stack.pop();
            self.positions.pop();
            return;
        }
        let (before, missing) = (self.done_of(scope.needs), self.missing.len());
        match self.made(scope, target) {
            Ok(made) => {
                if let Some(place) = scope.each.and_then(|each| self.program.places.get(each as usize)) {
                    self.tree
                        .entered(self.program, place, here, scope.rule, &mut self.books);
                }
                if let (Made::Shared(_), Some((_, first))) = (&made, self.positions.last_mut()) {
                    *first = false;
                }
                let node = match made {
                    Made::Outer(target) => target,
                    Made::Shared(node) | Made::New { node, .. } => Some(node),
                };
                self.activations += 1;
                let outer = std::mem::replace(&mut self.activation, self.activations);
                self.operations(start, start + scope.length as usize, node);
                self.activation = outer;
                let wanted = scope.needs.length == 0 || self.done_of(scope.needs) > before;
                if !wanted {
                    // Nobody misses what belongs in a target that is not made.
                    self.missing.truncate(missing);
                }
                if self.keep(made, wanted) {
                    self.fire(scope.rule);
                    if let Some(done) = self.done.get_mut(usize::from(scope.rule.0)) {
                        *done += 1;
                    }
                }
            }
            Err(why) => {
                let (tree, books) = (self.tree, &mut self.books);
                tree.cells_at(here, &mut |cell| {
                    if books.mark(cell) {
                        books.lose(About::Source(cell), why, Some(scope.rule));
                    }
                });
            }
        }
        self.stack.pop();
        self.positions.pop();
        if self.stack.len() == 1 {
            self.books.settle();
        }
    }

    /// The target of a scope, made detached if it is not there yet.
    fn made(&mut self, scope: &Scope, target: Option<NodeId>) -> Result<Made, Why> {
        let Some(ScopeTarget { leaf, shape }) = scope.to else {
            return Ok(Made::Outer(target));
        };
        let last = leaf.last;
        let parent = match target {
            Some(target) => Some(self.holder(target, leaf.way, scope.rule)?),
            None => None,
        };
        let mut key = None;
        let name = if scope.per.length > 0 {
            let holder = parent.map_or(u32::MAX, |parent| parent.0);
            let identity = (holder, scope.rule.0, self.identity(scope.per));
            if let Some(node) = self.keyed.get(&identity) {
                return Ok(Made::Shared(*node));
            }
            key = Some(identity);
            self.draft.fresh()
        } else if scope.fresh {
            self.draft.fresh()
        } else {
            let name = self.draft.key(last);
            if let Some(node) = parent.and_then(|parent| self.draft.child_in(self.program, parent, name)) {
                return Ok(Made::Shared(node));
            }
            name
        };
        let (draft, books) = (self.draft.now(), self.books.now());
        let node = self
            .draft
            .detached(parent, name, container(last), scope.rule, Origin::Mapping);
        self.dress(node, last, scope.rule)?;
        if let Some(slice) = shape {
            self.shape(node, slice)?;
        }
        Ok(Made::New {
            node,
            draft,
            books,
            key,
            keyed: self.keyed.len(),
        })
    }

    /// Notes that a rule did something.
    #[inline]
    pub(super) fn fire(&mut self, rule: RuleId) {
        if let Some(fired) = self.fired.get_mut(usize::from(rule.0)) {
            *fired = true;
        }
    }

    /// How often the scopes that another needs did something.
    fn done_of(&self, needs: Run) -> u32 {
        let needed = needs.of(&self.program.needed).iter();
        needed.filter_map(|rule| self.done.get(usize::from(rule.0))).sum()
    }

    /// Attaches what a scope made, or takes it back if it got nothing from the source or is not wanted; says which.
    fn keep(&mut self, made: Made, wanted: bool) -> bool {
        let Made::New {
            node,
            draft,
            books,
            key,
            keyed,
        } = made
        else {
            return true;
        };
        if !wanted || self.draft.earned == draft.earned {
            self.draft.undo(draft);
            self.books.undo(books);
            if self.keyed.len() > keyed {
                self.keyed.retain(|_, kept| kept.0 < node.0);
            }
            return false;
        }
        self.draft.attach(node);
        if let Some(key) = key {
            self.keyed.insert(key, node);
        }
        true
    }

    /// What `per` says of the thing at hand.
    fn identity(&self, per: Run) -> Vec<u8> {
        let mut identity = Vec::new();
        for place in per.of(&self.program.places) {
            identity.extend_from_slice(self.value(place).as_ref().map_or(&[], Given::text));
            identity.push(0);
        }
        identity
    }

    /// As [`Self::holds`], and remembered for the other rows of the scope that ask the same.
    #[inline]
    pub(super) fn holds_here(&mut self, when: Run) -> bool {
        let (activation, length) = (self.activation, when.length);
        if length == 0 {
            return true;
        }
        if let Some(verdict) = self.verdicts.get(when.start as usize)
            && (verdict.activation, verdict.length) == (activation, length)
        {
            return verdict.holds;
        }
        let holds = self.holds(when);
        if let Some(verdict) = self.verdicts.get_mut(when.start as usize) {
            *verdict = Verdict {
                activation,
                length,
                holds,
                told: false,
            };
        }
        holds
    }

    /// Whether the values that made some conditions hold are still to be told to the books; from now on they are not.
    pub(super) fn tells(&mut self, when: Run) -> bool {
        match self.verdicts.get_mut(when.start as usize) {
            Some(verdict) if (verdict.activation, verdict.length) == (self.activation, when.length) => {
                !std::mem::replace(&mut verdict.told, true)
            }
            Some(_) | None => when.length > 0,
        }
    }

    fn here(&self) -> T::Here {
        self.stack.last().copied().unwrap_or_else(|| self.tree.outside())
    }

    /// Tells what no row took, and what did not come whole.
    fn close(&mut self) {
        if !self.books.reports() {
            return;
        }
        let (tree, books) = (self.tree, &mut self.books);
        let mut lost = Vec::new();
        tree.all_cells(&mut |cell| {
            if !books.is_used(cell) && !books.is_carried(cell) {
                lost.push(cell);
            }
        });
        books.tell_narrowed();
        tree.repaired(&mut |cell| books.lose(About::Source(cell), Why::Repaired, None));
        for cell in lost {
            books.lose(About::Source(cell), Why::NoTarget, None);
        }
    }
}
