//! What changes from one configuration to another: doors, partners, routes, and where messages would go.

use std::collections::HashMap;
use std::fmt::Write;

use crate::config::check::Checked;
use crate::config::check::examples::decided_by;
use crate::config::show::Block;
use crate::config::show::blocks;
use crate::routing::facts::Facts;

/// Everything that changes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Difference {
    /// The tables that change, in canonical order.
    pub tables: Vec<Changed>,
    /// The settings that a running gateway cannot change.
    pub needs_restart: Vec<String>,
    /// The messages that would go elsewhere.
    pub moved: Vec<Moved>,
    /// How many messages were compared.
    pub compared: usize,
}

/// A table that changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changed {
    /// The table of the main file that it belongs to, such as `partner`.
    pub group: &'static str,
    /// Its name; empty where there is one such table only.
    pub name: String,
    /// How it changes.
    pub change: Change,
}

/// How a table changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is new, and stands here.
    Added(String),
    /// It is gone; it stood here.
    Removed(String),
    /// Some of its values change.
    Values(Vec<ChangedValue>),
    /// It stands at another position among its kind, both counted from one.
    Moved(usize, usize),
}

/// A value that changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedValue {
    /// The dotted key.
    pub path: String,
    /// What it was, if it was there.
    pub old: Option<String>,
    /// What it is, if it is there.
    pub new: Option<String>,
    /// Where it stands now, if it is there.
    pub at: Option<String>,
}

/// A message that would go elsewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moved {
    /// Which message it is.
    pub message: String,
    /// Where it went.
    pub old: String,
    /// Where it would go.
    pub new: String,
}

/// Compares two configurations, and where these messages go in each.
pub fn diff(old: &Checked, new: &Checked, messages: &[(String, Facts)]) -> Difference {
    let mut difference = Difference {
        tables: tables(old, new),
        compared: messages.len(),
        ..Difference::default()
    };
    for changed in &difference.tables {
        if let Change::Values(values) = &changed.change {
            let settled = |value: &&ChangedValue| match changed.group {
                "gateway" => SETTLED_OF_GATEWAY.contains(&value.path.as_str()),
                group => SETTLED.contains(&group),
            };
            let names = values
                .iter()
                .filter(settled)
                .map(|value| format!("{}.{}", changed.group, value.path));
            difference.needs_restart.extend(names);
        } else if SETTLED.contains(&changed.group) {
            difference.needs_restart.push(changed.group.to_owned());
        }
    }
    for (message, facts) in messages {
        let [old, new] = [old, new].map(|checked| destination(checked, facts));
        if old != new {
            difference.moved.push(Moved {
                message: message.clone(),
                old,
                new,
            });
        }
    }
    difference
}

/// Where a message goes, in one clause.
fn destination(checked: &Checked, facts: &Facts) -> String {
    let mut facts = facts.clone();
    checked.table.partners().recognise(&mut facts);
    let decision = checked.table.decide(&facts);
    let to = decision
        .to
        .as_ref()
        .and_then(|(id, _)| checked.table.partners().partner(*id));
    to.map_or_else(
        || decided_by(&decision, &checked.table),
        |partner| partner.name.to_string(),
    )
}

fn tables(old: &Checked, new: &Checked) -> Vec<Changed> {
    let [old_blocks, new_blocks] = [old, new].map(|checked| blocks(&checked.document, false));
    let before = by_name(&old_blocks);
    let after = by_name(&new_blocks);
    let mut changes = Vec::new();
    for (position, block) in new_blocks.iter().enumerate() {
        let (group, name) = (block.group, block.name.clone());
        match before.get(&(group, name.as_str())) {
            None => changes.push(Changed {
                group,
                name,
                change: Change::Added(place(block, new)),
            }),
            Some(old_position) => {
                let Some(old_block) = old_blocks.get(*old_position) else {
                    continue;
                };
                let values = values(old_block, block, new);
                if !values.is_empty() {
                    changes.push(Changed {
                        group,
                        name: name.clone(),
                        change: Change::Values(values),
                    });
                }
                // The order of routes decides; that of nothing else does.
                let among = |blocks: &[Block], position: usize, others: &HashMap<(&str, &str), usize>| {
                    let earlier = blocks
                        .iter()
                        .take(position)
                        .filter(|block| block.group == "route");
                    earlier
                        .filter(|block| others.contains_key(&(block.group, block.name.as_str())))
                        .count()
                        + 1
                };
                let was = among(&old_blocks, *old_position, &after);
                let is = among(&new_blocks, position, &before);
                if group == "route" && was != is {
                    changes.push(Changed {
                        group,
                        name,
                        change: Change::Moved(was, is),
                    });
                }
            }
        }
    }
    for block in &old_blocks {
        if !after.contains_key(&(block.group, block.name.as_str())) {
            let change = Change::Removed(place(block, old));
            changes.push(Changed {
                group: block.group,
                name: block.name.clone(),
                change,
            });
        }
    }
    changes
}

fn by_name(blocks: &[Block]) -> HashMap<(&str, &str), usize> {
    blocks
        .iter()
        .enumerate()
        .map(|(position, block)| ((block.group, block.name.as_str()), position))
        .collect()
}

fn place(block: &Block, checked: &Checked) -> String {
    let origin = block.lines.iter().find_map(|line| line.origin);
    origin
        .map(|origin| checked.document.files.reference(origin))
        .unwrap_or_default()
}

fn values(old: &Block, new: &Block, checked: &Checked) -> Vec<ChangedValue> {
    let find = |block: &Block, path: &str| {
        block
            .lines
            .iter()
            .find(|line| line.path == path)
            .map(|line| line.value.clone())
    };
    let mut changed: Vec<ChangedValue> = Vec::new();
    for line in &new.lines {
        let old = find(old, &line.path);
        if old.as_ref() != Some(&line.value) {
            let at = line.origin.map(|origin| checked.document.files.reference(origin));
            changed.push(ChangedValue {
                path: line.path.clone(),
                old,
                new: Some(line.value.clone()),
                at,
            });
        }
    }
    for line in old.lines.iter().filter(|line| find(new, &line.path).is_none()) {
        changed.push(ChangedValue {
            path: line.path.clone(),
            old: Some(line.value.clone()),
            new: None,
            at: None,
        });
    }
    changed
}

impl Difference {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.moved.is_empty()
    }

    /// The page that `cartage diff` prints.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for Changed { group, name, change } in &self.tables {
            let what = match *group {
                "listen" => format!("door {name}"),
                "route" | "test" => format!("{group} {name:?}"),
                group if name.is_empty() => group.to_owned(),
                group => format!("{group} {name}"),
            };
            let _ = match change {
                Change::Added(at) => writeln!(out, "added    {what}   {at}"),
                Change::Removed(at) => writeln!(out, "removed  {what}   was {at}"),
                Change::Moved(was, is) => writeln!(out, "moved    {what}   from position {was} to {is}"),
                Change::Values(_) => writeln!(out, "changed  {what}"),
            };
            if let Change::Values(values) = change {
                for value in values {
                    out.push_str(&value.render());
                }
            }
        }
        for Moved { message, old, new } in self.moved.iter().take(SHOWN) {
            let _ = writeln!(out, "goes elsewhere  {message}: {old} -> {new}");
        }
        if let Some(more @ 1..) = self.moved.len().checked_sub(SHOWN) {
            let _ = writeln!(out, "goes elsewhere  {more} more; --json names them all");
        }
        for name in &self.needs_restart {
            let _ = writeln!(out, "needs a restart: {name}");
        }
        let _ = writeln!(out, "{}", self.sum());
        out
    }

    /// The last line: how much changes.
    fn sum(&self) -> String {
        if self.is_empty() {
            return match self.compared {
                0 => "nothing changes".to_owned(),
                compared => format!("nothing changes; {compared} messages go where they went"),
            };
        }
        let count = |group: &str| {
            let mut names: Vec<&str> = Vec::new();
            for changed in self.tables.iter().filter(|changed| changed.group == group) {
                if !names.contains(&changed.name.as_str()) {
                    names.push(&changed.name);
                }
            }
            names.len()
        };
        let counted = [
            ("listen", "door"),
            ("partner", "partner"),
            ("route", "route"),
            ("test", "test"),
        ]
        .map(|(group, what)| {
            let count = count(group);
            format!("{count} {what}{}", if count == 1 { "" } else { "s" })
        });
        let messages = match self.compared {
            0 => String::new(),
            compared => format!("; {} of {compared} messages would go elsewhere", self.moved.len()),
        };
        format!("changes: {}{messages}", counted.join(", "))
    }
}

impl ChangedValue {
    fn render(&self) -> String {
        let at = self.at.as_ref().map(|at| format!("   {at}")).unwrap_or_default();
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("           {} = {old} -> {new}{at}\n", self.path),
            (None, Some(new)) => format!("         + {} = {new}{at}\n", self.path),
            (Some(old), None) => format!("         - {} = {old}\n", self.path),
            (None, None) => String::new(),
        }
    }
}

/// The tables that are read when the gateway starts, and then no more.
const SETTLED: [&str; 2] = ["ledger", "observe"];

/// The same of the gateway's own table.
const SETTLED_OF_GATEWAY: [&str; 4] = ["data-dir", "isa", "mappings-dir", "reload"];

/// So many messages that would go elsewhere are shown one by one.
const SHOWN: usize = 50;
