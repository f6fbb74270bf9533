//! `cartage mappings`: what an analyst does with mapping tables, without a compiler.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use super::Ending;
use super::terminal::Terminal;
use crate::mapping::Library;
use crate::mapping::Problem;

mod check;
mod describe;
mod explain;
mod list;
mod test;

/// List, check, test and explain mapping tables
///
/// Exit code 0: all is well. 1: a table is wrong, a test fails, or too few rules are tested. 2: wrong usage, or
/// something cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(list::Args),
    Check(check::Args),
    Test(test::Args),
    Explain(explain::Args),
}

/// Where mappings come from.
#[derive(Clone, Debug, Default, clap::Args)]
struct Source {
    /// A folder of mappings (cdex, codes) that replace those of the program, or add to them
    #[arg(long = "mappings-dir", value_name = "DIR", env = "CARTAGE_MAPPINGS_DIR")]
    folder: Option<PathBuf>,
    /// Print JSON for a program, one object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command under `mappings`.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    match &args.command {
        Command::List(args) => list::run(args, out),
        Command::Check(args) => check::run(args, out),
        Command::Test(args) => test::run(args, out),
        Command::Explain(args) => explain::run(args, out),
    }
}

/// Why there are no mappings.
enum Unusable {
    /// The folder is none.
    Folder(String),
    /// Its tables are wrong.
    Tables(Vec<Problem>),
}

/// Loads the mappings of the program and their tests, with those of a folder in their place or beside them.
fn library(folder: Option<&Path>) -> Result<Library, Unusable> {
    usable(folder)?;
    let library = folder.map_or_else(Library::built_in, Library::with_folder);
    library.map_err(Unusable::Tables)
}

/// Whether mappings can be in a folder.
fn usable(folder: Option<&Path>) -> Result<(), Unusable> {
    let Some(folder) = folder else { return Ok(()) };
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(Unusable::Folder(format!("{shown}: there is no such folder")));
    }
    if !["cdex", "ccda", "codes"]
        .iter()
        .any(|kind| folder.join(kind).is_dir())
    {
        return Err(Unusable::Folder(format!(
            "{shown}: there is neither cdex nor ccda nor codes in it"
        )));
    }
    Ok(())
}

/// The same without the tests, for whoever only translates; every problem is in the complaint.
pub(super) fn load(folder: Option<&Path>) -> Result<Library, String> {
    let library = usable(folder).and_then(|()| Library::without_tests(folder).map_err(Unusable::Tables));
    library.map_err(|unusable| match unusable {
        Unusable::Folder(complaint) => complaint,
        Unusable::Tables(problems) => {
            let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            format!("the mappings are wrong\n{}", lines.join("\n"))
        }
    })
}

/// Says that there are no mappings to work with.
fn complain(unusable: &Unusable) -> Ending {
    let mut aside = Terminal::stderr();
    // Nothing can be done about a closed standard error; the exit code still tells.
    match unusable {
        Unusable::Folder(complaint) => {
            let _ = writeln!(aside, "cartage: {complaint}");
            Ending::Usage
        }
        Unusable::Tables(problems) => {
            for problem in problems {
                let _ = writeln!(aside, "{problem}");
            }
            Ending::Finding
        }
    }
}
