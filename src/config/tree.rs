//! A configuration as a tree of checked values, each with the place it came from.

use crate::config::quantity::Day;
use crate::config::source::Origin;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u64),
    /// True or false.
    Flag(bool),
    /// A day.
    Day(Day),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table: its entries as they were written, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it begins.
    pub origin: Origin,
    /// What is in it; no name stands twice.
    pub entries: Vec<Entry>,
    /// Whether nothing in it was refused or is missing, so that what it says is what was meant.
    pub whole: bool,
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// Where the name stands.
    pub origin: Origin,
    /// What it is.
    pub node: Node,
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl Node {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub const fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The values: those of a list, or itself.
    pub fn each(&self) -> &[Self] {
        match &self.value {
            Value::List(nodes) => nodes,
            _ => std::slice::from_ref(self),
        }
    }
}

impl Table {
    /// An empty table.
    pub const fn at(origin: Origin) -> Self {
        Self {
            origin,
            entries: Vec::new(),
            whole: true,
        }
    }

    /// The value of a name.
    pub fn find(&self, name: &str) -> Option<&Node> {
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| &entry.node)
    }

    /// The value at the end of a dotted path.
    pub fn find_path(&self, path: &str) -> Option<&Node> {
        match path.split_once('.') {
            None => self.find(path),
            Some((first, rest)) => self.find(first)?.table()?.find_path(rest),
        }
    }

    /// The text of a name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name)?.text()
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.find(name)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The flag of a name.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.find(name)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The table of a name.
    pub fn table(&self, name: &str) -> Option<&Self> {
        self.find(name)?.table()
    }

    /// The values of a name: of its list, or the one that it is; none if it is not there.
    pub fn each(&self, name: &str) -> &[Node] {
        self.find(name).map(Node::each).unwrap_or_default()
    }

    /// The tables of a name, with their own names.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (&Entry, &Self)> {
        let entries = self
            .table(name)
            .map(|table| table.entries.as_slice())
            .unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| Some((entry, entry.node.table()?)))
    }

    /// The tables in the list of a name.
    pub fn several(&self, name: &str) -> impl Iterator<Item = &Self> {
        let nodes = match self.find(name).map(|node| &node.value) {
            Some(Value::List(nodes)) => nodes.as_slice(),
            _ => &[],
        };
        nodes.iter().filter_map(Node::table)
    }

    /// Where the value of a name stands; where the table begins, if it is not there.
    pub fn origin_of(&self, name: &str) -> Origin {
        self.find(name).map_or(self.origin, |node| node.origin)
    }

    /// Where a key of this name stands; where the table begins, if it is not there.
    pub fn origin_of_key(&self, name: &str) -> Origin {
        let entry = self.entries.iter().find(|entry| entry.name == name);
        entry.map_or(self.origin, |entry| entry.origin)
    }

    /// Puts a value at the end of a dotted path, in place of what is there.
    pub fn set(&mut self, path: &str, node: Node) {
        let (name, rest) = match path.split_once('.') {
            None => (path, None),
            Some((first, rest)) => (first, Some(rest)),
        };
        let origin = node.origin;
        let at = self
            .entries
            .iter()
            .position(|entry| entry.name == name)
            .unwrap_or_else(|| {
                let node = Node {
                    value: Value::Table(Self::at(origin)),
                    origin,
                };
                self.entries.push(Entry {
                    name: name.to_owned(),
                    origin,
                    node,
                });
                self.entries.len() - 1
            });
        let Some(entry) = self.entries.get_mut(at) else {
            return;
        };
        match (rest, &mut entry.node.value) {
            (Some(rest), Value::Table(inner)) => inner.set(rest, node),
            (Some(_), _) => {}
            (None, _) => {
                entry.origin = origin;
                entry.node = node;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::Files;

    #[test]
    fn a_path_makes_the_tables_that_it_leads_through() {
        let mut files = Files::default();
        let origin = Origin::text(files.add("a", "a".to_owned(), String::new()), 0..0);
        let text = |text: &str| Node {
            value: Value::Text(text.to_owned()),
            origin,
        };
        let mut table = Table::at(origin);
        table.set("fhir.url", text("one"));
        table.set("fhir.cdex", text("2.1.0"));
        table.set("fhir.url", text("two"));
        assert_eq!(table.find_path("fhir.url").and_then(Node::text), Some("two"));
        assert_eq!(table.table("fhir").map(|fhir| fhir.entries.len()), Some(2));
        assert!(table.find_path("fhir.nothing").is_none() && table.find_path("x12.isa").is_none());
    }
}
