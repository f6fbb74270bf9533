//! `cartage x12`: what a person does with X12 files before anything carries them.

use std::io;

use super::Ending;
use super::terminal::Terminal;

pub(super) mod answers;
mod base64;
mod check;
mod desk;
pub(super) mod excerpt;
mod extract;
pub(super) mod inputs;
mod inspect;
mod json;
pub(super) mod library;
mod names;
mod payload;
pub(super) mod policy;
mod progress;
mod recent;
mod render;
mod report;
mod sheet;
mod show;
mod sniff;
mod view;

/// Check and show X12 files.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Check(check::Args),
    Show(show::Args),
}

/// Runs the command under `x12`.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    match &args.command {
        Command::Check(args) => check::run(args, out),
        Command::Show(args) => show::run(args, out),
    }
}
