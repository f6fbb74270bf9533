//! The command line: parses the arguments, runs the command and turns its ending into an exit code.
//!
//! Each command lives in a file of its own under `app/` and exposes an `Args` type and a `run` function.

use std::ffi::OsString;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

mod check;
mod configuration;
mod demo;
mod diff;
mod exchanges;
mod explain;
mod help;
mod init;
mod mappings;
mod reload;
mod schema;
pub mod serve;
mod show;
pub mod simulate;
mod terminal;
mod translate;
mod x12;

use self::terminal::Terminal;

/// Carries clinical attachments between X12, C-CDA and FHIR CDex.
#[derive(Debug, Parser)]
#[command(
    name = "cartage",
    version,
    about,
    arg_required_else_help = true,
    // `help` explains codes as well as commands.
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// One variant a command; the text is in the command's own `Args`.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    Init(init::Args),
    Check(check::Args),
    Explain(Box<explain::Args>),
    Diff(diff::Args),
    Show(show::Args),
    Reload(reload::Args),
    Exchanges(exchanges::Args),
    Schema(schema::Args),
    Mappings(mappings::Args),
    Translate(Box<translate::Args>),
    X12(x12::Args),
    Simulate(Box<simulate::Args>),
    Help(help::Args),
}

/// How a command ended, as its exit code tells a script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Everything asked for was done and nothing was found: exit code 0.
    Good,
    /// The command did its work and found a fault, or refused: exit code 1.
    Finding,
    /// The command line itself was wrong, or what it names cannot be read or written: exit code 2.
    Usage,
    /// The message asked about goes nowhere by itself: exit code 3.
    Parked,
    /// Something was refused by a command that tells refusals from losses: exit code 2.
    Refused,
    /// What `Usage` is, of a command whose 2 means a refusal: exit code 64, as `sysexits.h` has it.
    Misused,
}

impl Ending {
    /// The graver of two endings of parts of the same work.
    fn worse(self, other: Self) -> Self {
        let weight = |ending| match ending {
            Self::Good => 0,
            Self::Finding => 1,
            Self::Parked | Self::Usage | Self::Refused => 2,
            Self::Misused => 3,
        };
        if weight(self) >= weight(other) {
            self
        } else {
            other
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Good => 0,
            Ending::Finding => 1,
            Ending::Usage | Ending::Refused => 2,
            Ending::Parked => 3,
            Ending::Misused => 64,
        })
    }
}

/// Runs the program on `arguments`, the first of which is the program's own name.
///
/// A reader that closes the pipe early (`cartage … | head`) is not a fault: the command ends good.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Ending {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command_line = match CommandLine::try_parse_from(&arguments) {
        Ok(command_line) => command_line,
        Err(answer) => {
            let translates = arguments.get(1).is_some_and(|command| command == "translate");
            return print_answer(
                &answer,
                if translates {
                    Ending::Misused
                } else {
                    Ending::Usage
                },
            );
        }
    };
    let mut terminal = Terminal::stdout();
    let ended = match command_line.command {
        Command::Demo(args) => demo::run(&args, &mut terminal),
        Command::Serve(args) => serve::run(&args, &mut terminal),
        Command::Init(args) => init::run(&args, &mut terminal),
        Command::Check(args) => check::run(&args, &mut terminal),
        Command::Explain(args) => explain::run(&args, &mut terminal),
        Command::Diff(args) => diff::run(&args, &mut terminal),
        Command::Show(args) => show::run(&args, &mut terminal),
        Command::Reload(args) => reload::run(&args, &mut terminal),
        Command::Exchanges(args) => exchanges::run(&args, &mut terminal),
        Command::Schema(args) => schema::run(&args, &mut terminal),
        Command::Help(args) => help::run(&args, &mut terminal),
        Command::Mappings(args) => mappings::run(&args, &mut terminal),
        Command::Translate(args) => translate::run(&args, &mut terminal),
        Command::X12(args) => x12::run(&args, &mut terminal),
        Command::Simulate(args) => simulate::run(&args, &mut terminal),
    };
    match ended.and_then(|ending| terminal.flush().map(|()| ending)) {
        Ok(ending) => ending,
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ending::Good,
        Err(fault) => {
            // Standard error is the last place left to say it; if that is closed too, the exit code still does.
            let _ = writeln!(io::stderr().lock(), "cartage: cannot write the answer: {fault}");
            Ending::Finding
        }
    }
}

/// Prints what clap has to say: help and version are good endings, anything else is the `fault`.
fn print_answer(answer: &clap::Error, fault: Ending) -> Ending {
    // Nothing can be done about a closed standard output or error here; the exit code still tells.
    let _ = answer.print();
    if answer.exit_code() == 0 {
        Ending::Good
    } else {
        fault
    }
}
