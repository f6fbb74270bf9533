//! `cartage mappings check`: whether tables are sound.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::Unusable;
use super::describe::rows;
use crate::app::Ending;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;
use crate::app::translate::clinical;

/// Check mappings and code tables; everything that is wrong is told at once, with file, line and column
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of mappings; those of the program if absent
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Print JSON for a program, one object a line
    #[arg(long)]
    json: bool,
}

/// A line about something that is wrong.
#[derive(Serialize)]
struct Wrong<'p> {
    file: &'p str,
    line: usize,
    column: usize,
    message: &'p str,
}

/// Checks them.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let library = match super::library(args.folder.as_deref()) {
        Ok(library) => library,
        Err(unusable @ Unusable::Folder(_)) => return Ok(super::complain(&unusable)),
        Err(Unusable::Tables(problems)) => {
            for problem in &problems {
                if args.json {
                    let wrong = Wrong {
                        file: &problem.file,
                        line: problem.line,
                        column: problem.column,
                        message: &problem.message,
                    };
                    serde_json::to_writer(&mut *out, &wrong)?;
                    writeln!(out)?;
                } else {
                    writeln!(out, "{problem}")?;
                }
            }
            return Ok(Ending::Finding);
        }
    };
    if let Some(Err(wrong)) = args.folder.as_deref().map(clinical::load) {
        if args.json {
            serde_json::to_writer(&mut *out, &serde_json::json!({ "message": wrong }))?;
            writeln!(out)?;
        } else {
            writeln!(out, "{wrong}")?;
        }
        return Ok(Ending::Finding);
    }
    if args.json {
        return Ok(Ending::Good);
    }
    let good = out.style(Style::Good, "sound");
    let (mappings, tables) = (library.programs().len(), library.tables().len());
    let count: usize = library
        .programs()
        .iter()
        .map(|program| rows(program).count())
        .sum();
    writeln!(
        out,
        "{good}: {mappings} mappings with {count} rows, {tables} code tables"
    )?;
    Ok(Ending::Good)
}
