//! The interpreter of rows: an element each, the first that writes wins.

use super::conversion::Conversion;
use super::json::Slot;
use super::rules::Row;
use crate::ccda::Node;

impl<'t> Conversion<'t> {
    /// Writes what `rows` say of `node` into the object that is open; `false` if something it needs is missing.
    pub(super) fn rows(&mut self, rows: &'t [Row], node: Node<'t>) -> bool {
        let mut written = 0_u64;
        for row in rows {
            let bit = 1_u64 << row.element;
            if written & bit != 0 {
                continue;
            }
            let around = self.surroundings();
            if !row.when.iter().all(|test| test.holds(node, around)) {
                continue;
            }
            if let Some(trail) = &mut self.w.trail {
                trail.rule.clone_from(&row.rule);
            }
            if self.row(row, node) {
                written |= bit;
            }
        }
        rows.iter()
            .all(|row| !row.required || written & (1_u64 << row.element) != 0)
    }

    fn row(&mut self, row: &'t Row, node: Node<'t>) -> bool {
        if row.list {
            return self.list(row, node);
        }
        let slot = if row.choice {
            Slot::Choice(&row.to)
        } else {
            Slot::Key(&row.to, "")
        };
        if row.from.is_empty() {
            return self.feed(row, slot, node);
        }
        let mut found = self.spare.pop().unwrap_or_default();
        let around = self.surroundings();
        let mut written = false;
        for path in &row.from {
            found.clear();
            path.collect(node, around, &mut found);
            for source in &found {
                written = self.feed(row, slot, *source);
                if written {
                    break;
                }
            }
            if written {
                break;
            }
        }
        self.spare.push(found);
        written
    }

    fn list(&mut self, row: &'t Row, node: Node<'t>) -> bool {
        let list = self.w.open_list(&*row.to);
        if row.from.is_empty() {
            self.feed(row, Slot::Element, node);
            return self.w.close_list(list);
        }
        let mut found = self.spare.pop().unwrap_or_default();
        let around = self.surroundings();
        let mut any = false;
        for path in &row.from {
            found.clear();
            path.collect(node, around, &mut found);
            for source in &found {
                any |= self.feed(row, Slot::Element, *source);
            }
            if any && !row.all {
                break;
            }
        }
        self.spare.push(found);
        self.w.close_list(list)
    }

    fn feed(&mut self, row: &'t Row, slot: Slot<'_>, source: Node<'t>) -> bool {
        if let Some(trail) = &mut self.w.trail {
            trail.source = Some(source.id());
        }
        let written = (row.make)(self, row, slot, source);
        if written {
            self.credit_source(source);
        }
        written
    }
}
