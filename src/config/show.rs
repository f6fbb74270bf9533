//! The canonical form: one configuration, merged, every value with the place it came from.

use std::fmt::Write;

use crate::config::document::Document;
use crate::config::shape::Kind;
use crate::config::shape::Need;
use crate::config::shape::SECRET;
use crate::config::shape::Section;
use crate::config::shape::gateway::ROOT;
use crate::config::source::Origin;
use crate::config::tree::Node;
use crate::config::tree::Table;
use crate::config::tree::Value;
use crate::routing::key::Key as MatchKey;

/// A table of the canonical form: its head and its values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// The head as TOML has it, such as `[partner.acme]`; nothing for what stands before all heads.
    pub head: Option<String>,
    /// The table of the main file that it belongs to, such as `partner`.
    pub group: &'static str,
    /// Its name: of a partner, door, route or test; empty for the others.
    pub name: String,
    /// Its values by their dotted keys.
    pub lines: Vec<Line>,
}

/// A value of the canonical form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// The dotted key within the table.
    pub path: String,
    /// The value as TOML has it.
    pub value: String,
    /// The place it came from; nothing for a default.
    pub origin: Option<Origin>,
}

/// How much of the canonical form is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extent {
    /// Whether values that nobody has written are shown too.
    pub defaults: bool,
    /// Whether each value says where it came from.
    pub origins: bool,
}

/// The canonical form, table by table.
pub fn blocks(document: &Document, defaults: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let tree = &document.tree;
    for key in ROOT.keys {
        match key.kind {
            // These have done their work when the files were put together.
            _ if matches!(key.name, "include" | "directory") => {}
            Kind::Table(section) => {
                let table = tree.table(key.name);
                let lines = lines_of(table, section, defaults);
                if table.is_some() || !lines.is_empty() {
                    blocks.push(Block {
                        head: Some(format!("[{}]", key.name)),
                        group: key.name,
                        name: String::new(),
                        lines,
                    });
                }
            }
            Kind::Named(section) => blocks.extend(named(tree, key.name, section, defaults)),
            Kind::Several(section) => blocks.extend(several(tree, key.name, section, defaults)),
            _ => {
                let line = tree.find(key.name).map(|node| Line {
                    path: key.name.to_owned(),
                    value: written(node, &key.kind),
                    origin: Some(node.origin),
                });
                let lines = line.into_iter().collect();
                blocks.push(Block {
                    head: None,
                    group: key.name,
                    name: String::new(),
                    lines,
                });
            }
        }
    }
    blocks
}

fn named(tree: &Table, group: &'static str, section: &'static Section, defaults: bool) -> Vec<Block> {
    let mut entries: Vec<_> = tree.named(group).collect();
    entries.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let block = |(entry, table): (&crate::config::tree::Entry, &Table)| Block {
        head: Some(format!("[{group}.{}]", bare_or_quoted(&entry.name))),
        group,
        name: entry.name.clone(),
        lines: lines_of(Some(table), section, defaults),
    };
    let mut blocks: Vec<Block> = entries.into_iter().map(block).collect();
    // A watched folder has no limits of a network door, by default or otherwise.
    for folder in blocks
        .iter_mut()
        .filter(|block| group == "listen" && block.says("kind", "\"folder\""))
    {
        folder
            .lines
            .retain(|line| line.origin.is_some() || !line.path.starts_with("limits."));
    }
    blocks
}

impl Block {
    fn says(&self, path: &str, value: &str) -> bool {
        self.lines
            .iter()
            .any(|line| line.path == path && line.value == value)
    }
}

fn several(tree: &Table, group: &'static str, section: &'static Section, defaults: bool) -> Vec<Block> {
    let block = |table: &Table| Block {
        head: Some(format!("[[{group}]]")),
        group,
        name: table.text("name").unwrap_or_default().to_owned(),
        lines: lines_of(Some(table), section, defaults),
    };
    tree.several(group).map(block).collect()
}

fn lines_of(table: Option<&Table>, section: &'static Section, defaults: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    collect(table, section, "", defaults, &mut lines);
    lines
}

/// The values of a table in the order of its section.
fn collect(
    table: Option<&Table>,
    section: &'static Section,
    prefix: &str,
    defaults: bool,
    lines: &mut Vec<Line>,
) {
    // A table that is left out says nothing, unless its defaults hold all the same.
    if table.is_none() && !(defaults && section.always) {
        return;
    }
    for key in section.keys {
        let path = format!("{prefix}{}", key.name);
        let node = table.and_then(|table| table.find(key.name));
        let inner = match key.kind {
            Kind::Table(inner) | Kind::Part(inner) => Some(inner),
            Kind::Secret { .. } => Some(&SECRET),
            _ => None,
        };
        match (inner, node) {
            (Some(inner), node) => {
                let before = lines.len();
                collect(
                    node.and_then(Node::table),
                    inner,
                    &format!("{path}."),
                    defaults,
                    lines,
                );
                if let (true, Some(node)) = (lines.len() == before, node) {
                    lines.push(Line {
                        path,
                        value: "{}".to_owned(),
                        origin: Some(node.origin),
                    });
                }
            }
            (None, Some(node)) => {
                lines.push(Line {
                    path,
                    value: written(node, &key.kind),
                    origin: Some(node.origin),
                });
            }
            (None, None) => {
                if let (true, Need::Default(default)) = (defaults, key.need) {
                    let value = match key.kind {
                        Kind::Flag | Kind::Count { .. } | Kind::List(_) => default.to_owned(),
                        _ => quoted(default),
                    };
                    lines.push(Line {
                        path,
                        value,
                        origin: None,
                    });
                }
            }
        }
    }
}

/// A value as TOML has it.
fn written(node: &Node, kind: &Kind) -> String {
    match &node.value {
        Value::Text(text) if says_flags(kind) => text.clone(),
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Day(day) => day.to_string(),
        Value::List(nodes) => match (nodes.as_slice(), kind) {
            ([only], Kind::Patterns(_) | Kind::Values(_)) => written(only, kind),
            (nodes, kind) => {
                let texts: Vec<String> = nodes.iter().map(|node| written(node, kind)).collect();
                format!("[{}]", texts.join(", "))
            }
        },
        Value::Table(_) => "{}".to_owned(),
    }
}

/// Whether the texts of a kind are true and false.
pub const fn says_flags(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Patterns(MatchKey::Solicited) | Kind::Values(MatchKey::Solicited)
    )
}

/// A text as a basic string of TOML.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn bare_or_quoted(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// The canonical form as TOML.
pub fn toml(document: &Document, extent: Extent) -> String {
    let mut out = String::new();
    for block in blocks(document, extent.defaults) {
        if !out.is_empty() {
            out.push('\n');
        }
        if let Some(head) = &block.head {
            let _ = writeln!(out, "{head}");
        }
        let texts: Vec<String> = block
            .lines
            .iter()
            .map(|line| format!("{} = {}", line.path, line.value))
            .collect();
        let width = texts
            .iter()
            .map(|text| text.chars().count())
            .filter(|width| *width <= 60)
            .max()
            .unwrap_or(0);
        for (line, text) in block.lines.iter().zip(texts) {
            let from = match line.origin {
                _ if !extent.origins => {
                    let _ = writeln!(out, "{text}");
                    continue;
                }
                Some(origin) => document.files.reference(origin),
                None => "default".to_owned(),
            };
            let _ = writeln!(out, "{text:width$}  # {from}");
        }
    }
    out
}

/// A number that tells one canonical form from another.
///
/// It names generations and notices changes; it is no protection against somebody who wants two forms to have one
/// number. The rule is FNV-1a with 128 bits, the same on every machine.
pub fn fingerprint(document: &Document) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let canonical = toml(
        document,
        Extent {
            defaults: false,
            origins: false,
        },
    );
    canonical
        .bytes()
        .fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}
