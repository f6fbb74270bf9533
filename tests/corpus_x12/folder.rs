//! The folder of the corpus and its index.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;

/// A file of the corpus.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Where the corpus is, if it is there.
pub(crate) fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/x12");
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        env::var_os("CI").is_none_or(|ci| ci != "true"),
        "../shared/corpus/x12 is missing, and CI must have it"
    );
    println!("skipped: ../shared/corpus/x12 is not there");
    None
}

/// All samples, in the order of their names; none where there is no corpus.
pub(crate) fn samples() -> Vec<Sample> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut samples: Vec<Sample> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != "INDEX.md")
        .map(|entry| Sample {
            name: entry.file_name().into_string().unwrap(),
            bytes: fs::read(entry.path()).unwrap(),
        })
        .collect();
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    let named: BTreeSet<String> = samples.iter().map(|sample| sample.name.clone()).collect();
    assert_eq!(
        named,
        rows(),
        "every file has a row in INDEX.md, and every row a file"
    );
    samples
}

/// The names in the first column of the index.
fn rows() -> BTreeSet<String> {
    let index = fs::read_to_string(folder().unwrap().join("INDEX.md")).unwrap();
    index
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.split(" | ").next())
        .map(|name| name.trim().to_owned())
        .filter(|name| name != "file" && !name.starts_with("---"))
        .collect()
}
