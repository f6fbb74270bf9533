//! `cartage mappings explain`: what a mapping, a rule or a code table says.

use std::io;
use std::io::Write;

use serde::Serialize;

use super::Source;
use super::describe;
use crate::app::Ending;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;
use crate::mapping::CodeTable;
use crate::mapping::Program;
use crate::mapping::program::Operation;
use crate::mapping::program::Target;

/// Explain a mapping, a rule of one, or a code table, by its name
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Such as task-from-277, due.date, task-from-277/due.date, or id-qualifiers
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    source: Source,
}

/// A row in words.
#[derive(Serialize)]
struct Explained<'l> {
    mapping: &'l str,
    rule: &'l str,
    from: String,
    function: &'l str,
    to: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'l str,
    source: &'l str,
    file: &'l str,
    line: usize,
}

/// Explains what `args` name.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let library = match super::library(args.source.folder.as_deref()) {
        Ok(library) => library,
        Err(unusable) => return Ok(super::complain(&unusable)),
    };
    let (mapping, rule) = match args.id.split_once('/') {
        Some((mapping, rule)) => (Some(mapping), Some(rule)),
        None if library.program(&args.id).is_some() => (Some(args.id.as_str()), None),
        None => (None, Some(args.id.as_str())),
    };
    let mut found = false;
    for program in library.programs() {
        if mapping.is_some_and(|wanted| wanted != &*program.id) {
            continue;
        }
        let rows = program.operations.iter().map(|operation| row(program, operation));
        for row in rows.filter(|row| rule.is_none_or(|wanted| wanted == row.rule)) {
            found = true;
            tell(&row, args.source.json, out)?;
        }
    }
    if let Some(table) = library.table(&args.id) {
        found = true;
        tell_table(table, out)?;
    }
    if found {
        return Ok(Ending::Good);
    }
    writeln!(
        Terminal::stderr(),
        "cartage: there is no mapping, rule or code table of this name; cartage mappings list tells what there is"
    )?;
    Ok(Ending::Usage)
}

fn row<'l>(program: &'l Program, operation: &Operation) -> Explained<'l> {
    let (rule, from, to) = match operation {
        Operation::Row(row) => {
            let to = match row.to {
                Target::Leaf(to) => describe::target(program, to),
                Target::Constants(constants) => {
                    let constants = constants.of(&program.leaves).iter();
                    let constants = constants.map(|constant| {
                        let to = describe::target(program, constant.leaf);
                        format!("{to} = {}", program.text(constant.value))
                    });
                    constants.collect::<Vec<String>>().join(", ")
                }
                Target::Nothing => "(accounted for)".to_owned(),
                Target::Lost(why) => format!("(lost: {})", why.as_str()),
                Target::Refused => "(the translation is refused)".to_owned(),
            };
            (row.rule, describe::sources(program, row.from), to)
        }
        Operation::Scope(scope) => {
            let each = scope.each.and_then(|each| program.places.get(each as usize));
            let from = each.map_or_else(String::new, |place| describe::source(program, place));
            let to = scope
                .to
                .map_or_else(String::new, |to| describe::target(program, to.leaf));
            (scope.rule, format!("each {from}"), to)
        }
    };
    let rule = program.rule(rule);
    Explained {
        mapping: &program.id,
        rule: &rule.name,
        from,
        function: rule.function,
        to,
        note: &rule.note,
        source: &rule.source,
        file: &rule.file,
        line: rule.line,
    }
}

fn tell(row: &Explained<'_>, json: bool, out: &mut Terminal) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, row)?;
        return writeln!(out);
    }
    let name = out.style(Style::Strong, format!("{}/{}", row.mapping, row.rule));
    writeln!(out, "{name}  ({}:{})", row.file, row.line)?;
    writeln!(out, "  {} → {} → {}", row.from, row.function, row.to)?;
    if !row.note.is_empty() {
        writeln!(out, "  {}", row.note)?;
    }
    let source = out.style(Style::Faint, format!("source: {}", row.source));
    writeln!(out, "  {source}")
}

fn tell_table(table: &CodeTable, out: &mut Terminal) -> io::Result<()> {
    let name = out.style(Style::Strong, table.name());
    writeln!(
        out,
        "{name}  {} rows: {}",
        table.len(),
        table.columns().join(", ")
    )
}
