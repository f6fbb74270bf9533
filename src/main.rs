//! The `cartage` program: reads the command line, runs the command, reports how it ended.

use std::process::ExitCode;

use cartage::app;
use mimalloc::MiMalloc;

/// A message becomes many small texts that live as long as it does; `benches/translate.rs` says what this saves.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    app::run(std::env::args_os()).into()
}
