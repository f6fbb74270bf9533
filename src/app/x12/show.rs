//! `cartage x12 show`: what a file says, loop by loop, and its payloads as files.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use super::desk;
use super::extract::Folder;

use super::inputs::Inaccessible;
use super::inputs::Input;
use super::library::Library;
use super::view::View;
use crate::app::Ending;
use crate::app::terminal::Terminal;
use crate::mapping::guides::LoadError;

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
    #[command(flatten)]
    library: Library,
}

/// Why showing stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A file that cannot be read or written.
    File(Inaccessible),
    /// Guides that cannot be used.
    Guides(LoadError),
    /// What was to be shown cannot be.
    Output(io::Error),
}

impl From<Inaccessible> for Stop {
    fn from(inaccessible: Inaccessible) -> Self {
        Self::File(inaccessible)
    }
}

impl From<LoadError> for Stop {
    fn from(faults: LoadError) -> Self {
        Self::Guides(faults)
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
            desk::complain(&inaccessible);
            Ok(Ending::Usage)
        }
        Err(Stop::Guides(faults)) => {
            desk::complain(&faults);
            Ok(Ending::Usage)
        }
    }
}

/// Whether no fault was met.
fn show(args: &Args, out: &mut Terminal) -> Result<bool, Stop> {
    let guides = args.library.load()?;
    let input = Input::single(&args.path)?;
    let mut chunks = input.open()?;
    let folder = match &args.extract {
        Some(path) => Some(Folder::new(path, args.force)?),
        None => None,
    };
    let mut view = View::new(args.repair, guides.set(), folder.as_ref(), out.palette());
    while let Some(chunk) = chunks.advance()? {
        view.feed(chunk, out)?;
    }
    view.finish(out)
}
