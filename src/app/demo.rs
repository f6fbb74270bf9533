//! `cartage demo`: says what of Cartage exists today and shows it.

use std::io;
use std::io::Write;

use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;

/// Show what exists today.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints what exists and what does not.
pub(super) fn run(_args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let title = out.style(Style::Strong, "Cartage");
    writeln!(out, "{title} {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "{EXISTS}")?;
    Ok(Ending::Good)
}

const EXISTS: &str = "
The gateway does not run yet. What exists is its foundation: identifiers that are
checked when they are read, values of persons that cannot be printed, and the rules
of the house, held by tests. Nothing here carries a message.";
