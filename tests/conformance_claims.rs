//! What `docs/CONFORMANCE.md` claims is shown by tests that exist.
#![allow(clippy::unwrap_used, reason = "tests may stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of all functions that follow `#[test]` or `#[tokio::test…]` below a folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let is_test = |after: &&str| after.starts_with("test]") || after.starts_with("tokio::test");
            for after in text.split("#[").skip(1).filter(is_test) {
                let name = after.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
                found.extend(name.map(str::to_owned));
            }
            // The suite that each store must pass makes its tests out of a list.
            let listed = text
                .split("\nconform! {")
                .nth(1)
                .and_then(|rest| rest.split("\n}").next());
            let names = listed.into_iter().flat_map(|list| list.split([' ', '\n', ';']));
            found.extend(names.filter(|name| name.contains('_')).map(str::to_owned));
        }
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests", "crates"] {
        tests_below(&root.join(folder), &mut tests);
    }
    let text = fs::read_to_string(root.join("docs/CONFORMANCE.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |word: &&str| {
        word.contains('_')
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    };
    let named: Vec<&str> = quoted.filter(is_name).collect();
    assert!(named.len() > 30, "the names are found");
    let missing: Vec<&&str> = named.iter().filter(|name| !tests.contains(**name)).collect();
    assert!(missing.is_empty(), "named and not there: {missing:?}");
}
