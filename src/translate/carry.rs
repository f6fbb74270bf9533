//! What X12 says and FHIR has no word for, put away in extensions and taken out again.
//!
//! An extension stands for one segment. Inside it one extension says where the segment stood, and one for each element
//! what it held; elements that other rows took are left out.

use super::draft::Content;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::tree::LeftOver;
use super::tree::Tree;
use crate::mapping::program::Row;
use crate::mapping::program::RuleId;
use crate::mapping::program::Run;
use crate::mapping::program::TargetStep;

impl<T: Tree> Engine<'_, T> {
    /// Puts everything away that is left over at the places of a row.
    pub(super) fn carry(&mut self, row: &Row, to: Run, target: NodeId) {
        let program = self.program;
        let Some((last, way)) = to.of(&program.targets).split_last() else {
            return;
        };
        for place in row.from.of(&program.places) {
            let left_over = self.tree.left_over(program, place, &self.stack, &self.books);
            for segment in left_over {
                let Ok(list) = self.reach(target, way, row.rule) else {
                    return;
                };
                let key = self.draft.fresh();
                let item = self
                    .draft
                    .add(list, key, Content::Object, row.rule, Origin::Mapping);
                if self.dress(item, *last, row.rule).is_ok() {
                    self.put_away(item, &segment, row.rule);
                }
            }
        }
    }

    fn put_away(&mut self, item: NodeId, segment: &LeftOver, rule: RuleId) {
        let Some(names) = self.program.extension else {
            return;
        };
        let list = self.key(TargetStep::List(names.extension));
        let list = self.draft.add(item, list, Content::List, rule, Origin::Mapping);
        let mut part = |name: &[u8], value: &[u8], origin| {
            let key = self.draft.fresh();
            let part = self.draft.add(list, key, Content::Object, rule, Origin::Mapping);
            let key = self.key(TargetStep::Member(names.url));
            let content = Content::Text(self.draft.say(name));
            self.draft.add(part, key, content, rule, Origin::Mapping);
            let key = self.key(TargetStep::Member(names.value));
            let content = Content::Text(self.draft.say(value));
            self.draft.add(part, key, content, rule, origin);
        };
        part(b"place", segment.place.as_bytes(), Origin::Mapping);
        for (cell, name, value) in &segment.cells {
            part(name.as_bytes(), value, Origin::Source(*cell));
        }
        for (cell, ..) in &segment.cells {
            self.books.carry(*cell);
        }
    }
}
