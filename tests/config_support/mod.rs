//! What the tests of the configuration share: folders of files, and the examples.
#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use cartage::config::quantity::Day;
use cartage::config::source::InMemory;

/// The day on which all tests are run.
pub(crate) const TODAY: Day = Day {
    year: 2026,
    month: 11,
    day: 20,
};

/// The examples, by the names of their folders.
pub(crate) const EXAMPLES: [&str; 3] = ["clearinghouse", "payer", "network"];

/// A folder of test files.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/config")
        .join(name)
}

/// All files of an example.
pub(crate) fn example(name: &str) -> InMemory {
    in_memory(&folder("examples").join(name))
}

/// All files of a folder.
pub(crate) fn in_memory(folder: &Path) -> InMemory {
    let mut memory = InMemory::default();
    let mut open = vec![folder.to_path_buf()];
    while let Some(here) = open.pop() {
        for path in fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            memory = memory.with(&name, fs::read(&path).unwrap());
        }
    }
    memory
}

/// Whether expected texts are written anew instead of compared.
pub(crate) fn is_updating() -> bool {
    env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares a text with the file that has it; `UPDATE_GOLDEN=1` writes the file anew.
#[track_caller]
pub(crate) fn golden(path: &Path, found: &str) {
    if is_updating() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    if let Some((at, (found, expected))) = lines.find(|(_, (found, expected))| found != expected) {
        panic!(
            "{}:{}: UPDATE_GOLDEN=1 writes it anew\n found: {found}\nshould: {expected}",
            path.display(),
            at + 1
        );
    }
    assert!(
        found == expected,
        "{}: one of the two goes on: UPDATE_GOLDEN=1 writes it anew",
        path.display()
    );
}
