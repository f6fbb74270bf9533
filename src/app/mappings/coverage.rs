//! Which rules of a mapping its tests use.

use std::collections::BTreeSet;

use crate::mapping::Program;
use crate::mapping::program::Operation;
use crate::translate::Translation;

/// The rules of one mapping and which of them were used.
#[derive(Debug)]
pub(super) struct Coverage {
    used: BTreeSet<String>,
}

impl Coverage {
    /// Nothing was used yet.
    pub(super) const fn new() -> Self {
        Self {
            used: BTreeSet::new(),
        }
    }

    /// Notes what a translation used: a row that wrote, accounted for or gave up something, or missed what it needs.
    pub(super) fn add(&mut self, translation: &Translation<'_>) {
        for entry in translation.lineage() {
            self.used.insert(entry.rule.name.to_string());
        }
        for rule in translation.losses().iter().filter_map(|loss| loss.rule) {
            self.used.insert(rule.name.to_string());
        }
        for rule in translation.missing() {
            self.used.insert(rule.name.to_string());
        }
    }

    /// The rules of a mapping that were not used, and how many there are. A scope is used if a row in it is.
    pub(super) fn unused<'p>(&self, program: &'p Program) -> (Vec<&'p str>, usize) {
        let name = |operation: &Operation| {
            let rule = match operation {
                Operation::Row(row) => row.rule,
                Operation::Scope(scope) => scope.rule,
            };
            &*program.rule(rule).name
        };
        let operations = &program.operations;
        let mut unused = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            let length = match operation {
                Operation::Row(_) => 0,
                Operation::Scope(scope) => scope.length as usize,
            };
            let inside = operations.iter().skip(at).take(length + 1);
            if !inside.map(name).any(|name| self.used.contains(name)) {
                unused.push(name(operation));
            }
        }
        (unused, operations.len())
    }
}
