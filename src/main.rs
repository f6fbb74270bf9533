//! The `cartage` program: reads the command line, runs the command, reports how it ended.

use std::process::ExitCode;

use cartage::app;
use mimalloc::MiMalloc;

/// Messages are many short texts; this keeps their memory together and gives it back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    app::run(std::env::args_os()).into()
}
