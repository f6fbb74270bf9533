//! Messages for the tests of the FHIR side: our own, and those of the reference folder.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use cartage::fhir::draft::Wrote;
use cartage::fhir::json;
use cartage::fhir::leaf::Source;
use serde_json::Value;

/// Every sound message of our own, by its name without the ending.
pub(crate) fn samples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fhir");
    let mut samples = read_folder(&folder);
    samples.remove("violations").unwrap();
    assert!(samples.len() > 10, "the walk finds the samples");
    samples
}

pub(crate) fn read_folder(folder: &Path) -> BTreeMap<String, Value> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                read(&path),
            )
        })
        .collect()
}

pub(crate) fn read(path: &Path) -> Value {
    json::read(&fs::read(path).unwrap()).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()))
}

/// The reference folder `below` the one beside this checkout, or nothing, said in one line.
pub(crate) fn reference(below: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(below);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none_or(|value| value != "true"),
        "{} is missing",
        folder.display()
    );
    println!("SKIPPED: there is no ../shared/{below}");
    None
}

/// A written resource as a value, with a line for each of its values.
pub(crate) struct Account {
    pub(crate) resource: Value,
    pub(crate) lines: Vec<(String, Source)>,
}

impl From<Wrote<'_>> for Account {
    fn from(wrote: Wrote<'_>) -> Self {
        let lines = wrote
            .lineage()
            .map(|line| (line.target.to_owned(), line.source.into_owned()));
        Self {
            resource: wrote.value(),
            lines: lines.collect(),
        }
    }
}
