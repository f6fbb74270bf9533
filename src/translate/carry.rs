//! What X12 says and FHIR has no word for, put away in extensions.
//!
//! An extension stands for one segment. Inside it one extension says where the segment stood, and one for each element
//! what it held; elements that other rows took are left out.

use super::draft::Content;
use super::draft::Key;
use super::draft::NodeId;
use super::draft::Origin;
use super::draft::Span;
use super::engine::Engine;
use super::tree::LeftCell;
use super::tree::LeftOver;
use super::tree::Tree;
use crate::mapping::program::ExtensionNames;
use crate::mapping::program::Leaf;
use crate::mapping::program::Row;
use crate::mapping::program::RuleId;

impl<T: Tree> Engine<'_, T> {
    /// Puts everything away that is left over at the places of a row.
    pub(super) fn carry(&mut self, row: &Row, to: Leaf, target: NodeId) {
        let program = self.program;
        let Some(names) = program.extension else {
            return;
        };
        let mut left_over = std::mem::take(&mut self.left_over);
        left_over.clear();
        for place in row.from.of(&program.places) {
            self.tree
                .left_over(program, place, &self.stack, &self.books, &mut left_over);
        }
        for segment in &left_over.segments {
            self.fire(row.rule);
            let Ok(list) = self.holder(target, to.way, row.rule) else {
                break;
            };
            let key = self.draft.fresh();
            let item = self
                .draft
                .add(list, key, Content::Object, row.rule, Origin::Mapping);
            if self.dress(item, to.last, row.rule).is_err() {
                break;
            }
            let list = self.draft.add(
                item,
                Key::Member(names.extension),
                Content::List,
                row.rule,
                Origin::Mapping,
            );
            let place = left_over.text.get(segment.place.clone()).unwrap_or_default();
            let name = self.draft.say(b"place");
            let value = self.draft.say(place);
            self.named_part(list, names, row.rule, (name, value), Origin::Mapping);
            for cell in left_over.cells.get(segment.cells.clone()).unwrap_or_default() {
                self.put_away(list, names, row.rule, cell, &left_over);
            }
        }
        self.left_over = left_over;
    }

    /// Puts one cell away.
    fn put_away(
        &mut self,
        list: NodeId,
        names: ExtensionNames,
        rule: RuleId,
        cell: &LeftCell,
        left_over: &LeftOver,
    ) {
        let tree = self.tree;
        let (name, value) = if let Some((name, value)) = &cell.step {
            let value = left_over.text.get(value.clone()).unwrap_or_default();
            (self.draft.say(name.as_bytes()), self.draft.say_text(value))
        } else {
            let start = self.draft.text.len();
            let digits = [b'0' + cell.element / 10, b'0' + cell.element % 10];
            self.draft.text.extend_from_slice(&digits);
            if cell.component > 0 {
                self.draft.text.push(b'-');
                let component = cell.component.to_string();
                self.draft.text.extend_from_slice(component.as_bytes());
            }
            let name = self.draft.said_since(start);
            (name, self.draft.say_text(tree.cell_text(cell.cell)))
        };
        self.named_part(list, names, rule, (name, value), Origin::Source(cell.cell));
        self.books.carry(cell.cell);
    }

    /// One extension inside the one that stands for the segment.
    fn named_part(
        &mut self,
        list: NodeId,
        names: ExtensionNames,
        rule: RuleId,
        (name, value): (Span, Span),
        origin: Origin,
    ) {
        let key = self.draft.fresh();
        let part = self.draft.add(list, key, Content::Object, rule, Origin::Mapping);
        let url = Key::Member(names.url);
        self.draft
            .add(part, url, Content::Text(name), rule, Origin::Mapping);
        let key = Key::Member(names.value);
        self.draft.add(part, key, Content::Text(value), rule, origin);
    }
}
