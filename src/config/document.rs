//! All texts of a configuration, put together into one tree.

use std::collections::HashMap;

use crate::config::code;
use crate::config::read;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::shape::gateway::ROOT;
use crate::config::shape::gateway::SHARED;
use crate::config::shape::partner::COMPANION;
use crate::config::sheet;
use crate::config::source::FileId;
use crate::config::source::Files;
use crate::config::source::Origin;
use crate::config::source::Sources;
use crate::config::source::why_unreadable;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Table;
use crate::config::tree::Value;

/// The main file, its included files and its sheets as one tree, with what was wrong in reading them.
#[derive(Clone, Debug)]
pub struct Document {
    /// The tree; partners of sheets stand among the others, and there are no included files and no sheets left.
    pub tree: Table,
    /// The files of companion-guide rules, by name.
    pub companions: HashMap<String, Table>,
    /// The texts.
    pub files: Files,
}

impl Document {
    /// Reads the main file and what it names.
    pub fn read(sources: &dyn Sources, main: &str, report: &mut Report) -> Self {
        let mut reading = Reading {
            sources,
            files: Files::default(),
            report,
        };
        let tree = reading.main(main);
        let companions = reading.companions(&tree);
        Self {
            tree,
            companions,
            files: reading.files,
        }
    }
}

/// The reading of a whole configuration.
struct Reading<'a> {
    sources: &'a dyn Sources,
    files: Files,
    report: &'a mut Report,
}

impl Reading<'_> {
    fn main(&mut self, name: &str) -> Table {
        let Some(id) = self.take_in(name, None) else {
            let id = self.files.add(name, self.sources.shown(name), String::new());
            let help = "name the file with `--config FILE`, or write one: `cartage init clearinghouse`";
            let text = "the configuration cannot be read";
            self.report
                .add(Complaint::new(&code::shape::UNREADABLE, Origin::text(id, 0..0), text).help(help));
            return Table::at(Origin::text(id, 0..0));
        };
        let mut tree = read::read(id, &ROOT, &mut self.files, self.report);
        let patterns = tree.each("include").to_vec();
        for (name, pattern) in self.included(&patterns, name) {
            if let Some(id) = self.take_in(&name, Some(pattern)) {
                self.include(id, &mut tree);
            }
        }
        let sheets: Vec<Table> = tree
            .named("directory")
            .map(|(_, directory)| directory.clone())
            .collect();
        let mut partners = Vec::new();
        for directory in &sheets {
            if let Some(file) = directory.find("file")
                && let Some(id) = file.text().and_then(|name| self.take_in(name, Some(file.origin)))
            {
                partners.extend(sheet::read(id, directory, &mut self.files, self.report));
            }
        }
        merge_named(&mut tree, "partner", partners);
        self.complain_of_same_names(&mut tree);
        tree
    }

    /// The files that the patterns name, in order, none twice; the main file is not among them.
    fn included(&mut self, patterns: &[Node], main: &str) -> Vec<(String, Origin)> {
        let mut names: Vec<(String, Origin)> = Vec::new();
        for pattern in patterns {
            let Some(text) = pattern.text() else { continue };
            let (folder, file) = text.rsplit_once('/').unwrap_or(("", text));
            let found = if file.contains('*') {
                let mut found = self.sources.list(folder).unwrap_or_default();
                found.retain(|name| matches(file, name) && !name.starts_with('.'));
                found.sort();
                found
            } else {
                vec![file.to_owned()]
            };
            if found.is_empty() || folder.contains('*') {
                let complaint = Complaint::new(
                    &code::shape::UNREADABLE,
                    pattern.origin,
                    format!("no file matches `{text}`"),
                );
                self.report.add(
                    complaint.spot("relative to the folder of the main file; a star in the last part only"),
                );
                continue;
            }
            let in_folder = |name: String| {
                if folder.is_empty() {
                    name
                } else {
                    format!("{folder}/{name}")
                }
            };
            for name in found.into_iter().map(in_folder) {
                if name != main && names.iter().all(|(known, _)| *known != name) {
                    names.push((name, pattern.origin));
                }
            }
        }
        names
    }

    fn include(&mut self, id: FileId, tree: &mut Table) {
        let before = self.report.complaints().len();
        let included = read::read(id, &ROOT, &mut self.files, self.report);
        // The main file has what must be there.
        let head = included.origin;
        self.report.drop_at(before, &code::shape::MISSING_KEY, head);
        for entry in included.entries {
            if !SHARED.contains(&entry.name.as_str()) {
                let text = format!("`{}` belongs into the main file", entry.name);
                self.report.add(
                    Complaint::new(&code::shape::MAIN_ONLY, entry.origin, text).spot("this file is included"),
                );
                continue;
            }
            match entry.node.value {
                Value::Table(table) => merge_named(tree, &entry.name, table.entries),
                Value::List(nodes) => merge_several(tree, &entry.name, entry.origin, nodes),
                Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Day(_) => {}
            }
        }
    }

    /// The files of rules that partners name, each read once.
    fn companions(&mut self, tree: &Table) -> HashMap<String, Table> {
        let mut companions = HashMap::new();
        for (_, partner) in tree.named("partner") {
            let Some(node) = partner.find_path("x12.rules") else {
                continue;
            };
            let Some(name) = node.text().filter(|name| !companions.contains_key(*name)) else {
                continue;
            };
            if let Some(id) = self.take_in(name, Some(node.origin)) {
                companions.insert(
                    name.to_owned(),
                    read::read(id, &COMPANION, &mut self.files, self.report),
                );
            }
        }
        companions
    }

    /// Takes a file in; complains at `named` if it cannot be read.
    fn take_in(&mut self, name: &str, named: Option<Origin>) -> Option<FileId> {
        let why = match self.sources.read(name) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) if u32::try_from(text.len()).is_ok() => {
                    return Some(self.files.add(name, self.sources.shown(name), text));
                }
                Ok(_) => "it is too long".to_owned(),
                Err(fault) => {
                    let line = fault
                        .as_bytes()
                        .iter()
                        .take(fault.utf8_error().valid_up_to())
                        .filter(|byte| **byte == b'\n')
                        .count();
                    format!("it is not UTF-8 text; see its line {}", line + 1)
                }
            },
            Err(fault) => why_unreadable(&fault),
        };
        if let Some(named) = named {
            let text = format!("`{name}` cannot be read");
            self.report
                .add(Complaint::new(&code::shape::UNREADABLE, named, text).spot(why));
        }
        None
    }

    /// Complains of partners, doors and directories that share a name, and keeps the first of each.
    fn complain_of_same_names(&mut self, tree: &mut Table) {
        for (group, what) in [
            ("partner", "partners"),
            ("listen", "doors"),
            ("directory", "directories"),
        ] {
            let Some(entry) = tree.entries.iter_mut().find(|entry| entry.name == group) else {
                continue;
            };
            let Value::Table(table) = &mut entry.node.value else {
                continue;
            };
            let mut seen: HashMap<String, Origin> = HashMap::new();
            let report = &mut *self.report;
            table.entries.retain(|entry| match seen.get(&entry.name) {
                None => {
                    seen.insert(entry.name.clone(), entry.origin);
                    true
                }
                Some(first) => {
                    let text = format!("two {what} have the name `{}`", entry.name);
                    report.add(Complaint::new(&code::partner::SAME_NAME, entry.origin, text).and(*first));
                    false
                }
            });
        }
    }
}

/// Adds tables to those of a name.
fn merge_named(tree: &mut Table, name: &str, entries: Vec<Entry>) {
    let Some(first) = entries.first().map(|entry| entry.origin) else {
        return;
    };
    let known = tree.entries.iter_mut().find(|entry| entry.name == name);
    match known.map(|entry| &mut entry.node.value) {
        Some(Value::Table(table)) => table.entries.extend(entries),
        Some(_) => {}
        None => {
            let node = Node {
                value: Value::Table(Table {
                    origin: first,
                    entries,
                    whole: true,
                }),
                origin: first,
            };
            tree.entries.push(Entry {
                name: name.to_owned(),
                origin: first,
                node,
            });
        }
    }
}

/// Adds tables to the list of a name.
fn merge_several(tree: &mut Table, name: &str, origin: Origin, nodes: Vec<Node>) {
    let known = tree.entries.iter_mut().find(|entry| entry.name == name);
    match known.map(|entry| &mut entry.node.value) {
        Some(Value::List(list)) => list.extend(nodes),
        Some(_) => {}
        None => {
            let node = Node {
                value: Value::List(nodes),
                origin,
            };
            tree.entries.push(Entry {
                name: name.to_owned(),
                origin,
                node,
            });
        }
    }
}

/// Whether a name matches a pattern, in which a star stands for anything.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else { return false };
        name = name.get(at + part.len()..).unwrap_or_default();
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name) in [
            ("*.toml", "a.toml"),
            ("*", "x"),
            ("a*c*e", "abcde"),
            ("a*", "a"),
            ("a.toml", "a.toml"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.toml", "a.csv"),
            ("a*b", "a"),
            ("ab*ba", "aba"),
            ("a", "ab"),
            ("*a*a*", "a"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
