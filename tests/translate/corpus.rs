//! Where messages of others are.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use cartage::x12;
use cartage::x12::Transaction;

const SHARED: &str = "../shared";

/// The reference folder, or nothing where a plain checkout does not have it.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SHARED).join(folder);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{SHARED}/{folder} is missing, which CI does not allow"
    );
    println!("skipped: {SHARED}/{folder} is not there");
    None
}

/// Every file of a folder with its name, in order.
pub(crate) fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(path) = shared(folder) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(path)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// Every transaction of the corpus that has one of our shapes, with the file it is from.
pub(crate) fn transactions(frame: &str) -> Vec<(String, Transaction)> {
    let mut found = Vec::new();
    for (name, input) in files("corpus/x12") {
        for transaction in x12::read_plainly(&input) {
            if transaction.frame().name == frame {
                found.push((name.clone(), transaction));
            }
        }
    }
    found
}
