//! Runs a program over a source: scopes, rows, conditions.

use std::collections::HashMap;

use super::books;
use super::books::About;
use super::books::Books;
use super::books::Cell;
use super::context::Context;
use super::draft;
use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::NodeId;
use super::draft::Origin;
use super::tree::Found;
use super::tree::Kind;
use super::tree::Tree;
use super::values::Converted;
use super::write::Written;
use crate::mapping::Expected;
use crate::mapping::Function;
use crate::mapping::Program;
use crate::mapping::Variable;
use crate::mapping::Why;
use crate::mapping::program::Condition;
use crate::mapping::program::Fallback;
use crate::mapping::program::Operation;
use crate::mapping::program::Row;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::Scope;
use crate::mapping::program::Source;
use crate::mapping::program::Target;
use crate::mapping::program::TargetStep;
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
    /// The place of each scope's thing among those that the scope goes through, as text, and whether it made its target.
    positions: Vec<(String, bool)>,
    /// Targets that several things share, by what `per` says of them.
    keyed: HashMap<(u32, u16, Vec<u8>), NodeId>,
    /// Further cells that are in the value at hand, and the places that they were found at.
    pub(super) also_consulted: Vec<(Option<u32>, Cell)>,
    /// Rows that had to write something and had nothing.
    pub(super) missing: Vec<RuleId>,
}

/// A value on its way, with where it came from.
#[derive(Clone, Copy)]
pub(super) enum Given<'r> {
    /// From the source, found at this place.
    Found(Source, Found<'r>),
    /// From what the gateway knows.
    Known(&'r str, Variable),
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
    },
}

impl<'r, T: Tree> Engine<'r, T> {
    pub(super) fn new(program: &'r Program, tree: &'r T, context: &'r Context, lineage: bool) -> Self {
        let version = context.named("version").and_then(Versions::parse);
        Self {
            program,
            tree,
            context,
            version: version.unwrap_or_default(),
            draft: Draft::default(),
            books: Books::new(tree.elements(), lineage),
            stack: vec![tree.outside()],
            positions: vec![(String::new(), true)],
            keyed: HashMap::new(),
            also_consulted: Vec::new(),
            missing: Vec::new(),
        }
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
        if !self.holds(scope.when) {
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
        self.positions.push((number.to_string(), true));
        if !self.holds(scope.filter) {
            self.stack.pop();
            self.positions.pop();
            return;
        }
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
                self.operations(start, start + scope.length as usize, node);
                self.keep(made);
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
        let program = self.program;
        let steps = scope.to.map(|to| to.of(&program.targets)).unwrap_or_default();
        // What a member is made to look like is no step of its own.
        let (steps, shape) = match steps {
            [steps @ .., shape @ TargetStep::Shape(_)] => (steps, Some(*shape)),
            steps => (steps, None),
        };
        let Some((last, way)) = steps.split_last() else {
            return Ok(Made::Outer(target));
        };
        let parent = match target {
            Some(target) => Some(self.reach(target, way, scope.rule)?),
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
            let name = self.key(*last);
            if let Some(node) = parent.and_then(|parent| self.draft.child(parent, name)) {
                return Ok(Made::Shared(node));
            }
            name
        };
        let (draft, books) = (self.draft.now(), self.books.now());
        let node = self
            .draft
            .detached(parent, name, container(*last), scope.rule, Origin::Mapping);
        self.dress(node, *last, scope.rule)?;
        if let Some(shape) = shape {
            self.dress(node, shape, scope.rule)?;
        }
        Ok(Made::New {
            node,
            draft,
            books,
            key,
        })
    }

    /// Attaches what a scope made, or takes it back if it got nothing from the source.
    fn keep(&mut self, made: Made) {
        let Made::New {
            node,
            draft,
            books,
            key,
        } = made
        else {
            return;
        };
        if self.draft.earned == draft.earned {
            self.draft.undo(draft);
            self.books.undo(books);
            self.keyed.retain(|_, kept| kept.0 < node.0);
            return;
        }
        self.draft.attach(node);
        if let Some(key) = key {
            self.keyed.insert(key, node);
        }
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

    fn here(&self) -> T::Here {
        self.stack.last().copied().unwrap_or_else(|| self.tree.outside())
    }

    fn row(&mut self, row: &Row, target: Option<NodeId>) {
        if !self.holds(row.when) {
            return;
        }
        match (row.function, row.to) {
            (_, Target::Refused) => self.missing.push(row.rule),
            (Function::Structure, _) => self.account(row, None),
            (_, Target::Lost(why)) => self.account(row, Some(why)),
            (Function::Implied(expected), _) => self.implied(row, expected),
            (Function::Carry, Target::Leaf(to)) => {
                if let Some(target) = target {
                    self.carry(row, to, target);
                }
            }
            (Function::Restore, _) => self.restore(row, target),
            (Function::Count, Target::Leaf(to)) => {
                if let Some(target) = target {
                    let steps = to.of(&self.program.targets);
                    let _ = self.write(target, steps, Content::Count, row.rule, Origin::Mapping);
                }
            }
            (_, Target::Constants(constants)) => {
                if let Some(target) = target {
                    self.constants(constants, row.rule, target, Origin::Mapping);
                    self.consult_conditions(row);
                }
            }
            (_, Target::Leaf(to)) => {
                if let Some(target) = target {
                    self.leaf(row, to, target);
                }
            }
            (_, Target::Nothing) => {}
        }
    }

    /// A row that writes one leaf.
    fn leaf(&mut self, row: &Row, to: Run, target: NodeId) {
        let steps = to.of(&self.program.targets);
        if matches!(row.function, Function::Attach { .. }) && self.is_written(target, steps) {
            return;
        }
        let start = self.draft.text.len();
        let given = self.first(row.from);
        let converted = given.and_then(|given| self.convert(row.function, &given));
        let (Some(given), Some(converted)) = (given, converted) else {
            self.draft.text.truncate(start);
            self.without(row, to, target);
            return;
        };
        let origin = given.origin();
        match self.write(target, steps, converted.content, row.rule, origin) {
            Ok(Written::New(node)) => {
                if row.stands_in || row.yields {
                    self.draft.weaken(node);
                }
                if row.stands_in {
                    self.books
                        .lose(About::Target(node), Why::Defaulted, Some(row.rule));
                }
                self.arrived(row, given, converted);
            }
            // Another row, or another message that shares the target, filled the place.
            Ok(Written::There(there)) => {
                let same = self.text_in(converted.content) == self.text_of(there);
                self.draft.text.truncate(start);
                if let Given::Found(place, found) = given
                    && same
                {
                    self.books.consult(found.cell, row.rule);
                    self.tree
                        .consult(self.program, &place, &found, row.rule, &mut self.books);
                }
            }
            Err(why) => {
                self.draft.text.truncate(start);
                if let Given::Found(_, found) = given
                    && self.books.mark(found.cell)
                {
                    self.lose(found.cell, why, row.rule);
                }
            }
        }
    }

    /// Accounts for a value that arrived.
    fn arrived(&mut self, row: &Row, given: Given<'_>, converted: Converted) {
        if let Given::Found(place, found) = given {
            self.draft.earned += 1;
            let first = self.books.mark(found.cell);
            self.tree
                .consult(self.program, &place, &found, row.rule, &mut self.books);
            if found.kind == Kind::Resource && self.books.kept {
                let books = &mut self.books;
                self.tree.cells(self.program, &place, &self.stack, &mut |cell| {
                    books.consult(cell, row.rule);
                });
            }
            if converted.narrowed && first {
                self.books.narrow(found.cell, row.rule);
            } else if row.function == Function::X12Time && !converted.narrowed {
                // Another row took the day: together they took all.
                self.books.heal(found.cell);
            }
            if converted.repaired || self.program.rule(row.rule).repaired.is_some() {
                self.lose(found.cell, Why::Repaired, row.rule);
            }
        }
        if let Some(cell) = converted.also {
            self.books.consult(cell, row.rule);
        }
        for (place, cell) in std::mem::take(&mut self.also_consulted) {
            self.books.consult(cell, row.rule);
            let place = place.and_then(|place| self.program.places.get(place as usize));
            if let Some(place) = place
                && let Some(found) = self.tree.read(self.program, place, &self.stack)
            {
                self.tree
                    .consult(self.program, place, &found, row.rule, &mut self.books);
            }
        }
        self.consult_conditions(row);
    }

    fn lose(&mut self, cell: Cell, why: Why, rule: RuleId) {
        self.books.lose(About::Source(cell), why, Some(rule));
    }

    /// A row that found nothing to write.
    fn without(&mut self, row: &Row, to: Run, target: NodeId) {
        let program = self.program;
        let content = match row.default {
            Some(Fallback::Text(text)) => Some(Content::Known(text)),
            Some(Fallback::Variable(variable)) => match self.known(variable) {
                Some(text) => {
                    let text = text.to_owned();
                    Some(self.plain(row.function, &text))
                }
                None => None,
            },
            None => None,
        };
        let Some(content) = content else {
            if row.required {
                self.missing.push(row.rule);
            }
            return;
        };
        let written = self.write(
            target,
            to.of(&program.targets),
            content,
            row.rule,
            Origin::Mapping,
        );
        if let Ok(Written::New(node)) = written {
            self.books
                .lose(About::Target(node), Why::Defaulted, Some(row.rule));
        }
    }

    /// Notes everything at a row's places as part of the shape of things, or as lost.
    fn account(&mut self, row: &Row, lost: Option<Why>) {
        if !self.books.kept {
            return;
        }
        let (program, tree, stack, books) = (self.program, self.tree, &self.stack, &mut self.books);
        for place in row.from.of(&program.places) {
            tree.cells(program, place, stack, &mut |cell| match lost {
                None => books.consult(cell, row.rule),
                Some(why) => {
                    if books.mark(cell) {
                        books.lose(About::Source(cell), why, Some(row.rule));
                    }
                }
            });
        }
    }

    /// Notes a value that need not travel.
    fn implied(&mut self, row: &Row, expected: Expected) {
        if !self.books.kept {
            return;
        }
        let Some(Given::Found(place, found)) = self.first(row.from) else {
            return;
        };
        let agrees = match expected {
            Expected::AnyOf(texts) => self.accepts(texts, found.text),
            Expected::Place(other) => self.holds_text(other, |other| other == found.text),
            Expected::Lookup {
                place,
                table,
                by,
                give,
            } => {
                let table = self.program.tables.get(usize::from(table));
                self.holds_text(place, |code| {
                    let code = std::str::from_utf8(code).ok();
                    let name = table
                        .zip(code)
                        .and_then(|(table, code)| table.find(usize::from(by), code, usize::from(give)));
                    name.is_some_and(|name| name.as_bytes() == found.text)
                })
            }
        };
        if agrees {
            self.books.consult(found.cell, row.rule);
            self.tree
                .consult(self.program, &place, &found, row.rule, &mut self.books);
        }
    }

    /// Whether a place holds a text that is as it should be.
    fn holds_text(&self, place: u32, agrees: impl FnOnce(&[u8]) -> bool) -> bool {
        let place = self.program.places.get(place as usize);
        place
            .and_then(|place| self.value(place))
            .is_some_and(|value| agrees(value.text()))
    }

    /// Whether all conditions of a row hold.
    #[inline]
    fn holds(&self, when: Run) -> bool {
        let conditions = when.of(&self.program.conditions);
        conditions.is_empty()
            || conditions
                .split(|condition| matches!(condition, Condition::Or))
                .any(|together| together.iter().all(|condition| self.condition(condition)))
    }

    fn condition(&self, condition: &Condition) -> bool {
        match *condition {
            // Alternatives were parted before.
            Condition::Or => true,
            Condition::Present { place, negated } => self.is_present(place) != negated,
            Condition::Equals {
                place,
                negated,
                any_of,
            } => {
                let agrees = self.text_at(place).is_some_and(|text| self.accepts(any_of, text));
                agrees != negated
            }
            Condition::Same { left, right, negated } => {
                (self.text_at(left) == self.text_at(right)) != negated
            }
        }
    }

    /// The text at a place, whatever kind of place it is.
    #[inline]
    fn text_at(&self, place: u32) -> Option<&[u8]> {
        let place = self.program.places.get(place as usize)?;
        if let Source::Variable(variable) = place {
            return self.known(*variable).map(str::as_bytes);
        }
        let found = self.tree.read(self.program, place, &self.stack)?;
        Some(found.text)
    }

    fn is_present(&self, place: u32) -> bool {
        let Some(place) = self.program.places.get(place as usize) else {
            return false;
        };
        if let Source::Variable(variable) = place {
            return self.known(*variable).is_some();
        }
        if self.tree.read(self.program, place, &self.stack).is_some() {
            return true;
        }
        let mut there = false;
        self.tree
            .each(self.program, place, &self.stack, &mut |_| there = true);
        there && is_whole(place)
    }

    /// Notes the values that made a row's conditions hold.
    fn consult_conditions(&mut self, row: &Row) {
        if !self.books.kept {
            return;
        }
        for condition in row.when.of(&self.program.conditions) {
            if let Condition::Equals {
                place,
                negated: false,
                ..
            } = condition
                && let Some(place) = self.program.places.get(*place as usize)
                && let Some(found) = self.tree.read(self.program, place, &self.stack)
            {
                self.books.consult(found.cell, row.rule);
            }
        }
    }

    #[inline]
    fn accepts(&self, texts: Run, value: &[u8]) -> bool {
        let mut texts = texts.of(&self.program.accepted).iter();
        texts.any(|text| self.program.text(*text).as_bytes() == value)
    }

    /// The first of some places that holds something.
    fn first(&self, places: Run) -> Option<Given<'r>> {
        places
            .of(&self.program.places)
            .iter()
            .find_map(|place| self.value(place))
    }

    #[inline]
    pub(super) fn value(&self, place: &Source) -> Option<Given<'r>> {
        match place {
            Source::Variable(variable) => {
                let context = self.context;
                context.value(*variable).map(|text| Given::Known(text, *variable))
            }
            Source::X12(_) | Source::Fhir(_) => {
                let tree = self.tree;
                tree.read(self.program, place, &self.stack)
                    .map(|found| Given::Found(*place, found))
            }
        }
    }

    /// What is known of a variable, the place of the thing at hand included.
    pub(super) fn known(&self, variable: Variable) -> Option<&str> {
        let at_hand = self.positions.last();
        match variable.name() {
            "position" => at_hand.map(|(position, _)| position.as_str()),
            "first" => at_hand.filter(|(_, first)| *first).map(|_| "true"),
            _ => self.context.value(variable),
        }
    }

    /// Tells what no row took, and what did not come whole.
    fn close(&mut self) {
        if !self.books.kept {
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

    /// The key of a step.
    pub(super) fn key(&mut self, step: TargetStep) -> Key {
        use crate::mapping::program::APPEND;
        match step {
            TargetStep::Document(kind) => Key::Document(kind),
            TargetStep::Member(name) | TargetStep::List(name) => Key::Member(name),
            TargetStep::Item(APPEND) | TargetStep::Slice(_, APPEND) => self.draft.fresh(),
            TargetStep::Item(index) => Key::Item(index),
            TargetStep::Slice(slice, index) => Key::Slice(slice, index),
            // Never asked for: a shape is no step down.
            TargetStep::Shape(slice) => Key::Slice(slice, 0),
            TargetStep::Loop(name) => Key::Loop(name),
            TargetStep::Segment(id, fixed) => Key::Segment(id, fixed.start, fixed.length),
            TargetStep::Cell(element, component) => Key::Cell(element, component),
        }
    }
}

/// Whether a place means a whole and not one value.
fn is_whole(place: &Source) -> bool {
    match place {
        Source::X12(place) => place.element == 0,
        Source::Fhir(_) => true,
        Source::Variable(_) => false,
    }
}

/// What the node of a step is.
pub(super) fn container(step: TargetStep) -> Content {
    match step {
        TargetStep::List(_) => Content::List,
        TargetStep::Loop(name) => Content::Loop(name),
        TargetStep::Segment(id, _) => Content::Segment(id),
        TargetStep::Document(_)
        | TargetStep::Member(_)
        | TargetStep::Item(_)
        | TargetStep::Slice(..)
        | TargetStep::Shape(_)
        | TargetStep::Cell(..) => Content::Object,
    }
}

impl Given<'_> {
    /// The text of the value; of an attachment there is none.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Self::Found(_, found) => found.text,
            Self::Known(text, _) => text.as_bytes(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Found(_, found) => found.kind,
            Self::Known(..) => Kind::Text,
        }
    }

    pub(super) fn origin(&self) -> Origin {
        match self {
            Self::Found(_, found) => Origin::Source(found.cell),
            Self::Known(_, variable) => Origin::Variable(*variable),
        }
    }
}
