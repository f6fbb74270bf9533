//! What the rows of a mapping do, apart from the functions themselves.

use std::borrow::Cow;

use super::books::About;
use super::books::Cell;
use super::draft::Content;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::given::Given;
use super::tree::Kind;
use super::tree::Tree;
use super::values::Converted;
use super::write::Written;
use crate::mapping::Expected;
use crate::mapping::Function;
use crate::mapping::Why;
use crate::mapping::program::Fallback;
use crate::mapping::program::Leaf;
use crate::mapping::program::Row;
use crate::mapping::program::RuleId;
use crate::mapping::program::Target;

impl<T: Tree> Engine<'_, T> {
    /// Does one row.
    pub(super) fn row(&mut self, row: &Row, target: Option<NodeId>) {
        if !self.holds_here(row.when) {
            return;
        }
        match (row.function, row.to) {
            (_, Target::Refused) => {
                self.missing.push(row.rule);
                self.fire(row.rule);
            }
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
                    let _ = self.write(target, to, Content::Count, row.rule, Origin::Mapping);
                    self.fire(row.rule);
                }
            }
            (_, Target::Constants(constants)) => {
                if let Some(target) = target {
                    if self.constants(constants, row.rule, target) {
                        self.fire(row.rule);
                    }
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
    fn leaf(&mut self, row: &Row, to: Leaf, target: NodeId) {
        if matches!(row.function, Function::Attach { .. }) && self.is_written(target, to) {
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
        match self.write(target, to, converted.content, row.rule, origin) {
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
                if same {
                    self.fire(row.rule);
                }
                if let Given::Found(place, found) = given
                    && same
                {
                    self.books.consult(found.cell, row.rule);
                    self.tree
                        .consult(self.program, place, &found, row.rule, &mut self.books);
                }
            }
            Err(why) => {
                self.draft.text.truncate(start);
                self.fire(row.rule);
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
        self.fire(row.rule);
        if let Given::Found(place, found) = given {
            self.draft.earned += 1;
            let first = self.books.mark(found.cell);
            self.tree
                .consult(self.program, place, &found, row.rule, &mut self.books);
            if found.kind == Kind::Resource && self.books.counts() {
                let books = &mut self.books;
                self.tree.cells(self.program, place, &self.stack, &mut |cell| {
                    books.consult(cell, row.rule);
                });
            }
            if converted.narrowed && first {
                self.books.narrow(found.cell, row.rule);
            } else if matches!(row.function, Function::X12Time) && !converted.narrowed {
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
    fn without(&mut self, row: &Row, to: Leaf, target: NodeId) {
        let content = match row.default {
            Some(Fallback::Text(text)) => Some(Content::Known(text)),
            Some(Fallback::Variable(variable)) => {
                let text = self.known(variable).map(Cow::into_owned);
                text.map(|text| self.plain(row.function, &text))
            }
            None => None,
        };
        let Some(content) = content else {
            if row.required {
                self.missing.push(row.rule);
                self.fire(row.rule);
            }
            return;
        };
        let written = self.write(target, to, content, row.rule, Origin::Mapping);
        if let Ok(Written::New(node)) = written {
            self.fire(row.rule);
            self.books
                .lose(About::Target(node), Why::Defaulted, Some(row.rule));
        }
    }

    /// Notes everything at a row's places as part of the shape of things, or as lost.
    fn account(&mut self, row: &Row, lost: Option<Why>) {
        if !self.books.counts() {
            return;
        }
        let (program, tree, stack, books) = (self.program, self.tree, &self.stack, &mut self.books);
        let mut some = false;
        for place in row.from.of(&program.places) {
            if let Some(found) = tree.read(program, place, stack) {
                tree.consult(program, place, &found, row.rule, books);
            }
            tree.cells(program, place, stack, &mut |cell| {
                some = true;
                match lost {
                    None => books.consult(cell, row.rule),
                    Some(why) => {
                        if books.mark(cell) {
                            books.lose(About::Source(cell), why, Some(row.rule));
                        }
                    }
                }
            });
        }
        if some {
            self.fire(row.rule);
        }
    }

    /// Notes a value that need not travel.
    fn implied(&mut self, row: &Row, expected: Expected) {
        if !self.books.counts() {
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
            self.fire(row.rule);
            self.books.consult(found.cell, row.rule);
            self.tree
                .consult(self.program, place, &found, row.rule, &mut self.books);
        }
    }
}
