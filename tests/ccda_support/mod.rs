//! The reference documents: `../shared/corpus/ccda` and its neighbour, used in place.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "each test program uses its own part, and tests may stop and speak"
)]

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A document or fragment of the corpus.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The folder `name` of the corpora, if it is there; its absence is a failure under `CI=true`.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpus")
        .join(name);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        env::var_os("CI").is_none_or(|ci| ci != "true"),
        "../shared/corpus/{name} is missing, and CI must have it"
    );
    println!("skipped: ../shared/corpus/{name} is not there");
    None
}

/// All XML files under the folder `name` of the corpora, in the order of their names.
pub(crate) fn samples(name: &str) -> Vec<Sample> {
    let mut found = Vec::new();
    if let Some(root) = folder(name) {
        collect(&root, &root, &mut found);
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The whole documents of vendors.
pub(crate) fn vendor_documents() -> Vec<Sample> {
    ["vendors-2015", "vendors-2014", "vendors-extra", "document-types"]
        .iter()
        .flat_map(|folder| samples(&format!("ccda/{folder}")))
        .collect()
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Sample>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("xml"))
        {
            found.push(Sample {
                name: path.strip_prefix(root).unwrap().display().to_string(),
                bytes: fs::read(&path).unwrap(),
            });
        }
    }
}
