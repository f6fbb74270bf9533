//! The mapping, compiled: names are numbers, functions are functions, and fixed values are JSON already.

mod compile;
mod path;

use std::collections::HashMap;

pub(super) use self::path::Path;
pub(super) use self::path::Surroundings;
pub(super) use self::path::Test;
use super::make::Make;
use crate::ccda::Name;
use crate::ccda::TemplateKey;
use crate::mapping::ccda::CodeTables;
use crate::mapping::ccda::Mapping;

/// Which kind of entry: its place in [`Rules::entries`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct EntryId(pub(super) u16);

/// Which kind of section: its place in [`Rules::sections`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SectionId(pub(super) u16);

/// The compiled mapping.
pub(super) struct Rules {
    pub(super) tables: CodeTables,
    pub(super) sections: Vec<String>,
    pub(super) section_codes: HashMap<String, SectionId>,
    pub(super) section_templates: HashMap<TemplateKey, SectionId>,
    pub(super) entries: Vec<Entry>,
    /// The kinds of entry that a template may be, the first to try first.
    pub(super) by_template: HashMap<TemplateKey, Vec<EntryId>>,
    /// The kinds of entry that an element without known template may be.
    pub(super) by_class: Vec<(Name, Vec<EntryId>)>,
}

/// A kind of entry.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) resource: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) when: Vec<Test>,
    pub(super) rows: Vec<Row>,
}

/// One element and what feeds it.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table")]
pub(super) struct Row {
    /// The name of the element, without `[]` and `[x]`.
    pub(super) to: String,
    /// What reports call the rule.
    pub(super) rule: String,
    /// The number of the element among those of its object: of several rows for one element, the first that writes wins.
    pub(super) element: u8,
    pub(super) list: bool,
    pub(super) choice: bool,
    pub(super) all: bool,
    /// Whether the object is nothing without this element.
    pub(super) required: bool,
    pub(super) when: Vec<Test>,
    pub(super) from: Vec<Path>,
    pub(super) make: Make,
    pub(super) map: Option<String>,
    pub(super) system: Option<String>,
    /// JSON that does not depend on the entry.
    pub(super) fixed: Option<String>,
    pub(super) rows: Vec<Row>,
}

/// Why a mapping that loads makes no sense.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuleFault {
    /// A function is not one of the list.
    #[error("{place}: no function is called {function}")]
    Function {
        /// The file, entry and element.
        place: String,
        /// What was asked for.
        function: String,
    },
    /// A path or condition cannot be read.
    #[error("{place}: the path {path} cannot be read")]
    Path {
        /// The file, entry and element.
        place: String,
        /// The path as it was written.
        path: String,
    },
    /// A group of rows does not exist.
    #[error("{place}: no group is called {group}")]
    Group {
        /// The file and entry.
        place: String,
        /// What was asked for.
        group: String,
    },
    /// A table of values or a section does not exist.
    #[error("{place}: no table or section is called {name}")]
    Table {
        /// The file, entry and element.
        place: String,
        /// What was asked for.
        name: String,
    },
    /// There is more of something than a number can hold.
    #[error("{place}: too many rows")]
    TooMany {
        /// The file or entry.
        place: String,
    },
}

impl Rules {
    /// Compiles `mapping`.
    pub(super) fn new(mapping: Mapping) -> Result<Self, RuleFault> {
        let mut rules = compile::compile(&mapping)?;
        rules.tables = mapping.tables;
        Ok(rules)
    }

    pub(super) fn entry(&self, id: EntryId) -> &Entry {
        self.entries
            .get(usize::from(id.0))
            .expect("an EntryId is made only for an entry that is there")
    }

    /// What `code` becomes in `table`, else what that table gives for anything.
    pub(super) fn value(&self, table: &str, code: &str) -> Option<&str> {
        let table = self.tables.values.get(table)?;
        table.find(code).or_else(|| table.find("*"))
    }
}

/// Whether an element called `name` states something clinical.
pub(super) fn is_statement(name: Name) -> bool {
    path::STATEMENTS.contains(&name)
}
