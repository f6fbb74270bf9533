//! `cartage reload`: asks the running gateway to take up its configuration.

use std::io;
use std::io::Write;

use super::Ending;
use super::configuration::ConfigFile;
use super::terminal::Terminal;

/// Ask the running gateway to take up the configuration.
///
/// The gateway checks it, runs its tests and puts it in force whole; if anything is wrong, what is in force stays.
/// Exit code: 0 in force, 1 refused.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Go back to a generation that is kept
    #[arg(long, value_name = "NUMBER")]
    generation: Option<u32>,
    /// Give up a partner that the configuration no longer has: it stays for what is open and gets nothing new
    #[arg(long, value_name = "PARTNER")]
    retire: Vec<String>,
}

/// Says what would be asked, because nobody is there to be asked: the gateway does not run yet.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let found = args.config.find();
    let report = &found.checked.report;
    write!(out, "{}", found.complaints(out.palette()))?;
    if !found.checked.is_sound() {
        writeln!(
            out,
            "\n{}: refused: {}",
            found.name(),
            super::check::count(report.errors(), "error")
        )?;
        return Ok(Ending::Finding);
    }
    if !report.complaints().is_empty() {
        writeln!(out)?;
    }
    writeln!(
        out,
        "{}: the configuration is good, and no gateway runs that could take it up",
        found.name()
    )?;
    if let Some(number) = args.generation {
        writeln!(out, "generation {number} was not put in force")?;
    }
    Ok(Ending::Finding)
}
