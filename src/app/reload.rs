//! `cartage reload`: asks the running gateway to take up its configuration.

use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::serve::admin;
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

/// Asks the gateway that runs on this configuration's data folder; without one, says what would have been asked.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let found = args.config.find();
    let report = &found.checked.report;
    write!(out, "{}", found.complaints(out.palette()))?;
    if !found.checked.is_sound() && args.generation.is_none() {
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
    if let Some(answer) = asked(args, &found) {
        return tell(&answer, &found, out);
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

/// What the gateway answers, if one runs.
fn asked(args: &Args, found: &Found) -> Option<Value> {
    let folder = &found.checked.lowered.gateway.as_ref()?.data_dir;
    let socket = found.disk.path(&folder.to_string_lossy()).join(admin::SOCKET);
    let question = json!({"command": "reload", "generation": args.generation, "retire": args.retire});
    match admin::ask(&socket, &question) {
        Ok(answer) => Some(answer),
        // Nobody is there, or only what somebody left.
        Err(fault) if admin::is_nobody(&fault) => None,
        Err(fault) => Some(json!({"ok": false, "error": format!("the gateway did not answer: {fault}")})),
    }
}

fn tell(answer: &Value, found: &Found, out: &mut Terminal) -> io::Result<Ending> {
    if let Some(generation) = answer["generation"].as_u64().filter(|_| answer["ok"] == true) {
        writeln!(out, "{}: generation {generation} is in force", found.name())?;
        return Ok(Ending::Good);
    }
    let why = answer["error"].as_str().unwrap_or("the gateway does not say why");
    writeln!(
        out,
        "{}: refused, and what was in force stays: {why}",
        found.name()
    )?;
    Ok(Ending::Finding)
}
