//! `cartage mappings list`: which mappings and code tables there are.

use std::io;
use std::io::Write;

use serde::Serialize;

use super::Source;
use super::describe::rows;
use super::describe::side;
use crate::app::Ending;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;

/// List mappings and code tables
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
}

/// A line about a mapping.
#[derive(Serialize)]
struct Mapping<'l> {
    #[serde(rename = "mapping")]
    id: &'l str,
    from: String,
    to: String,
    rows: usize,
    tests: usize,
    hash: String,
}

/// A line about a code table.
#[derive(Serialize)]
struct Table<'l> {
    #[serde(rename = "table")]
    name: &'l str,
    columns: &'l [String],
    rows: usize,
}

/// Lists them.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let library = match super::library(args.source.folder.as_deref()) {
        Ok(library) => library,
        Err(unusable) => return Ok(super::complain(&unusable)),
    };
    let mappings = library.programs().iter().map(|program| Mapping {
        id: &program.id,
        from: side(&program.from),
        to: side(&program.to),
        rows: rows(program).count(),
        tests: library
            .trials()
            .iter()
            .filter(|trial| *trial.mapping == *program.id)
            .count(),
        hash: program.hash.to_string(),
    });
    for mapping in mappings {
        if args.source.json {
            serde_json::to_writer(&mut *out, &mapping)?;
            writeln!(out)?;
            continue;
        }
        let Mapping {
            id,
            from,
            to,
            rows,
            tests,
            hash,
        } = mapping;
        let name = out.style(Style::Strong, format!("{id:<18}"));
        let short: String = hash.chars().take(12).collect();
        writeln!(out, "{name} {from} → {to}  {rows} rows, {tests} tests, {short}")?;
    }
    for table in library.tables() {
        let line = Table {
            name: table.name(),
            columns: table.columns(),
            rows: table.len(),
        };
        if args.source.json {
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        } else {
            let columns = line.columns.join(", ");
            writeln!(out, "{:<18} code table: {columns}  {} rows", line.name, line.rows)?;
        }
    }
    Ok(Ending::Good)
}
