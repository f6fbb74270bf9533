//! `cartage x12 show`: what a file says, loop by loop, and its payloads as files.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use super::extract::Folder;
use super::inputs::Inaccessible;
use super::inputs::Input;
use super::view::View;
use crate::app::Ending;
use crate::app::terminal::Terminal;

/// Show an X12 file: its loops, its elements by name, its payloads by length and kind
///
/// Exit code 0: read to its end. 1: faults were met. 2: wrong usage, or something cannot be read or written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Write each payload to a file in this folder, its filter undone, named by the number of its segment
    #[arg(long, value_name = "DIR")]
    extract: Option<PathBuf>,
    /// Replace files that are in the folder already
    #[arg(long, requires = "extract")]
    force: bool,
    /// Find the end of payloads whose declared length is wrong
    #[arg(long)]
    repair: bool,
}

/// Why showing stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A file that cannot be read or written.
    File(Inaccessible),
    /// What was to be shown cannot be.
    Output(io::Error),
}

impl From<Inaccessible> for Stop {
    fn from(inaccessible: Inaccessible) -> Self {
        Self::File(inaccessible)
    }
}

impl From<io::Error> for Stop {
    fn from(fault: io::Error) -> Self {
        Self::Output(fault)
    }
}

/// Shows what `args` name.
pub(crate) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    match show(args, out) {
        Ok(true) => Ok(Ending::Good),
        Ok(false) => Ok(Ending::Finding),
        Err(Stop::Output(fault)) => Err(fault),
        Err(Stop::File(inaccessible)) => {
            out.flush()?;
            // Should standard error be closed, the exit code still tells.
            let _ = writeln!(io::stderr(), "cartage: {inaccessible}");
            Ok(Ending::Usage)
        }
    }
}

/// Whether no fault was met.
fn show(args: &Args, out: &mut Terminal) -> Result<bool, Stop> {
    let input = Input::single(&args.path)?;
    let mut chunks = input.open()?;
    let folder = match &args.extract {
        Some(path) => Some(Folder::new(path, args.force)?),
        None => None,
    };
    let mut view = View::new(args.repair, folder.as_ref(), out.palette());
    while let Some(chunk) = chunks.advance()? {
        view.feed(chunk, out)?;
    }
    view.finish(out)
}
