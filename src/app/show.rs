//! `cartage show`: the configuration in one piece, each value with the place it came from.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::terminal::Terminal;
use crate::config::shape::Kind;
use crate::config::shape::SECRET;
use crate::config::shape::Section;
use crate::config::shape::gateway::ROOT;
use crate::config::show::Extent;
use crate::config::show::blocks;
use crate::config::show::says_flags;
use crate::config::show::toml;
use crate::config::tree::Node;
use crate::config::tree::Table;
use crate::config::tree::Value;

/// Show the configuration in one piece: merged, in canonical form, each value with its file and line.
///
/// What is shown is a configuration itself. Secrets are shown as where they are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The same as --config
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
    /// As JSON, with the places in a table of their own
    #[arg(long)]
    json: bool,
    /// Show what is in force without being written, too
    #[arg(long)]
    defaults: bool,
    /// Leave out where each value came from
    #[arg(long, conflicts_with = "json")]
    plain: bool,
}

/// Shows it, if it can be read.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let config = args
        .file
        .clone()
        .map_or_else(|| args.config.clone(), ConfigFile::named);
    let found = config.find();
    if found.checked.report.leaves_gaps() {
        write!(out, "{}", found.complaints(out.palette()))?;
        writeln!(out, "\n{}: nothing is shown before it can be read", found.name())?;
        return Ok(Ending::Finding);
    }
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &as_json(&found, args.defaults)).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        let extent = Extent {
            defaults: args.defaults,
            origins: !args.plain,
        };
        write!(out, "{}", toml(&found.checked.document, extent))?;
    }
    Ok(Ending::Good)
}

fn as_json(found: &Found, defaults: bool) -> Json {
    let document = &found.checked.document;
    let mut origins = Map::new();
    let mut routes = 0;
    let mut tests = 0;
    for block in blocks(document, defaults) {
        let prefix = match block.group {
            "route" | "test" => {
                let number = if block.group == "route" {
                    &mut routes
                } else {
                    &mut tests
                };
                *number += 1;
                format!("{}[{}].", block.group, *number - 1)
            }
            group if block.head.is_none() => {
                debug_assert_eq!(group, "config-version", "the one key before all tables");
                String::new()
            }
            group if block.name.is_empty() => format!("{group}."),
            group => format!("{group}.{}.", block.name),
        };
        for line in block.lines {
            let from = line
                .origin
                .map_or("default".to_owned(), |origin| document.files.reference(origin));
            origins.insert(format!("{prefix}{}", line.path), json!(from));
        }
    }
    json!({ "configuration": table_as_json(&document.tree, &ROOT), "origins": origins })
}

fn table_as_json(table: &Table, section: &Section) -> Json {
    let mut object = Map::new();
    for key in section.keys {
        // These have done their work when the files were put together.
        if std::ptr::eq(section, &raw const ROOT) && matches!(key.name, "include" | "directory") {
            continue;
        }
        if let Some(node) = table.find(key.name) {
            object.insert(key.name.to_owned(), node_as_json(node, &key.kind));
        }
    }
    Json::Object(object)
}

fn node_as_json(node: &Node, kind: &Kind) -> Json {
    match (&node.value, kind) {
        (Value::Text(text), kind) if says_flags(kind) => json!(text == "true"),
        (Value::Text(text), _) => json!(text),
        (Value::Number(number), _) => json!(number),
        (Value::Flag(flag), _) => json!(flag),
        (Value::Day(day), _) => json!(day.to_string()),
        (Value::List(nodes), Kind::List(inner)) => {
            nodes.iter().map(|node| node_as_json(node, inner)).collect()
        }
        (Value::List(nodes), Kind::Several(section)) => nodes
            .iter()
            .filter_map(Node::table)
            .map(|table| table_as_json(table, section))
            .collect(),
        (Value::List(nodes), kind) => nodes.iter().map(|node| node_as_json(node, kind)).collect(),
        (Value::Table(table), Kind::Table(section) | Kind::Part(section)) => table_as_json(table, section),
        (Value::Table(table), Kind::Secret { .. }) => table_as_json(table, &SECRET),
        (Value::Table(table), Kind::Named(section)) => {
            let entries = table
                .entries
                .iter()
                .filter_map(|entry| Some((entry, entry.node.table()?)));
            entries
                .map(|(entry, table)| (entry.name.clone(), table_as_json(table, section)))
                .collect()
        }
        (Value::Table(_), _) => json!({}),
    }
}
