//! The `cartage` program: reads the command line, runs the command, reports how it ended.

use std::process::ExitCode;

use cartage::app;

fn main() -> ExitCode {
    app::run(std::env::args_os()).into()
}
