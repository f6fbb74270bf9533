//! The rules of the house that a machine can hold: who may use whom, how long a file is, what a name may be.
//!
//! `docs/ARCHITECTURE.md` explains them; a change of `layers/tables.rs` is a change of the architecture.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "layers/names.rs"]
mod names;
#[path = "layers/scan.rs"]
mod scan;
#[path = "layers/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scan::Source;
use scan::files;
use scan::is_rust;
use scan::named_after;
use tables::DISCLOSERS;
use tables::LAYERS;
use tables::PACKAGES;
use tables::Reach;
use tables::Reach::Everything;
use tables::Reach::Only;
use tables::Row;
use tables::SUPERSEDED;
use tables::WORLDLY;
use tables::World;

/// The most lines a file may have.
const LONGEST_FILE: usize = 500;

#[track_caller]
fn assert_none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<String> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn all_rust() -> impl Iterator<Item = Source> {
    ["src", "crates", "tests", "benches", "fuzz"]
        .into_iter()
        .flat_map(|folder| files(folder, is_rust))
}

/// `src/x12/ack.rs` and `src/x12.rs` are of module `x12`; the roots `main` and `lib` are of none.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    (!matches!(module, "main" | "lib")).then_some(module)
}

#[test]
fn every_module_has_a_row() {
    let modules: BTreeSet<String> = files("src", is_rust)
        .iter()
        .filter_map(|file| module_of(&file.path))
        .map(str::to_owned)
        .collect();
    assert!(modules.contains("base"), "the walk finds the sources");
    assert_none(
        modules
            .iter()
            .filter(|module| find_row(module).is_none())
            .map(|module| format!("src/{module} has no row in LAYERS")),
    );
}

#[test]
fn the_table_only_points_down() {
    for (index, row) in LAYERS.iter().enumerate() {
        let Only(used) = row.may_use else { continue };
        for used in used {
            let below = LAYERS[..index].iter().any(|lower| lower.module == *used);
            assert!(below, "{} may not name {used}, which is not below it", row.module);
        }
    }
}

#[test]
fn modules_only_look_down() {
    assert_none(files("src", is_rust).iter().flat_map(looks_elsewhere));
}

#[test]
fn files_are_short() {
    assert_none(all_rust().filter_map(|file| too_long(&file)));
}

#[test]
fn only_those_who_must_disclose() {
    assert_none(files("src", is_rust).iter().flat_map(discloses));
}

#[test]
fn names_are_words_of_the_domain_and_nothing_is_left_for_later() {
    assert_none(all_rust().flat_map(|file| names::unfit(&file)));
}

#[test]
fn no_text_names_a_place_on_somebodys_machine() {
    let is_text = |path: &str| {
        path == ".ci/run"
            || [".rs", ".toml", ".md", ".csv", ".yml"]
                .iter()
                .any(|end| path.ends_with(end))
    };
    assert_none(files("", is_text).iter().flat_map(names::machine_paths));
}

#[test]
fn every_package_is_explained_and_has_its_users() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let text = fs::read_to_string(root.join("docs/ARCHITECTURE.md")).unwrap();
    let packages = |section: &str| -> Vec<String> {
        manifest
            .get(section)
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(toml::Table::keys)
            .cloned()
            .collect()
    };
    for name in packages("dependencies")
        .iter()
        .chain(&packages("dev-dependencies"))
    {
        assert!(
            text.contains(&format!("- `{name}`")),
            "docs/ARCHITECTURE.md has no line on the package {name}"
        );
    }
    for name in packages("dependencies") {
        assert!(!SUPERSEDED.contains(&name.as_str()), "std has what {name} gives");
        assert!(
            PACKAGES.iter().any(|(package, _)| *package == name),
            "PACKAGES has no row for {name}"
        );
    }
}

fn find_row(module: &str) -> Option<&'static Row> {
    LAYERS.iter().find(|row| row.module == module)
}

fn may_use_module(row: &Row, named: &str) -> bool {
    match row.may_use {
        Only(modules) => modules.contains(&named),
        Everything => LAYERS
            .iter()
            .take_while(|lower| lower.module != row.module)
            .any(|lower| lower.module == named),
    }
}

fn may_use_package(module: &str, users: &Reach) -> bool {
    match users {
        Only(modules) => modules.contains(&module),
        Everything => module != "base",
    }
}

/// Names of modules, packages and parts of `std` that the file's module may not use.
fn looks_elsewhere(file: &Source) -> Vec<String> {
    let code = file.code();
    let mut wrong = Vec::new();
    let mut complain = |line, complaint: String| wrong.push(file.complain(line, &complaint));
    for (line, _) in named_after(&code, "crate")
        .into_iter()
        .chain(named_after(&code, "std"))
        .filter(|found| found.1 == "{")
    {
        complain(line, "write one path per line".to_owned());
    }
    let Some(module) = module_of(&file.path) else {
        for (line, named) in named_after(&code, "cartage")
            .into_iter()
            .filter(|(_, named)| *named != "app")
        {
            complain(line, format!("the program itself uses only app, not {named}"));
        }
        return wrong;
    };
    // A module without a row is the business of another test.
    let Some(row) = find_row(module) else { return wrong };
    for (line, named) in named_after(&code, "crate") {
        if named != module && named != "{" && !may_use_module(row, named) {
            complain(line, format!("{module} may not use {named}"));
        }
    }
    for (line, _) in named_after(&code, "super")
        .into_iter()
        .filter(|(_, named)| *named == "super")
    {
        complain(line, "say crate:: rather than climb".to_owned());
    }
    for (package, _) in PACKAGES
        .iter()
        .filter(|(_, users)| !may_use_package(module, users))
    {
        for (line, _) in named_after(&code, &package.replace('-', "_")) {
            complain(line, format!("{module} may not use the package {package}"));
        }
    }
    if row.world == World::Closed {
        for (line, named) in named_after(&code, "std")
            .into_iter()
            .filter(|(_, named)| WORLDLY.contains(named))
        {
            complain(
                line,
                format!("{module} may not touch the world through std::{named}"),
            );
        }
    }
    wrong
}

fn too_long(file: &Source) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LONGEST_FILE).then(|| file.complain(lines, "the file is longer than 500 lines"))
}

fn discloses(file: &Source) -> Vec<String> {
    if module_of(&file.path).is_some_and(|module| DISCLOSERS.contains(&module)) {
        return Vec::new();
    }
    let code = file.code();
    let uses = scan::words(&code).filter(|(_, word)| *word == "disclose");
    uses.map(|(line, _)| file.complain(line, "may not look inside Phi"))
        .collect()
}

mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        assert_eq!(looks_elsewhere(&source(path, text)), expected);
    }

    #[test]
    fn looking_up_is_seen() {
        check(
            "src/base/ids.rs",
            "use crate::x12::Rfai;",
            &["src/base/ids.rs:1: base may not use x12"],
        );
        check(
            "src/x12.rs",
            "\nfn a() -> crate::app::B {}",
            &["src/x12.rs:2: x12 may not use app"],
        );
        check(
            "src/edge/core.rs",
            "use crate::ledger::Store;",
            &["src/edge/core.rs:1: edge may not use ledger"],
        );
        check(
            "src/main.rs",
            "use cartage::base::ids;",
            &["src/main.rs:1: the program itself uses only app, not base"],
        );
    }

    #[test]
    fn looking_down_and_at_oneself_is_fine() {
        check(
            "src/x12/ack.rs",
            "use crate::base::finding::Finding;\nuse crate::x12::Rfai;\nuse super::b;",
            &[],
        );
        check(
            "src/base/ids.rs",
            "//! See `crate::x12`.\nconst A: &str = \"crate::app\";",
            &[],
        );
        check("src/main.rs", "use cartage::app;", &[]);
    }

    #[test]
    fn groups_and_climbing_are_seen() {
        check(
            "src/app/demo.rs",
            "use crate::{base, x12};",
            &["src/app/demo.rs:1: write one path per line"],
        );
        check(
            "src/app/demo.rs",
            "use super::super::base;",
            &["src/app/demo.rs:1: say crate:: rather than climb"],
        );
    }

    #[test]
    fn packages_and_the_world_are_seen() {
        check(
            "src/base/ids.rs",
            "use thiserror::Error;",
            &["src/base/ids.rs:1: base may not use the package thiserror"],
        );
        check(
            "src/translate/a.rs",
            "use x12_parser::Event;",
            &["src/translate/a.rs:1: translate may not use the package x12-parser"],
        );
        check(
            "src/routing/a.rs",
            "let a = std::fs::read(b);",
            &["src/routing/a.rs:1: routing may not touch the world through std::fs"],
        );
        check("src/ledger/a.rs", "use std::fs;", &[]);
    }

    #[test]
    fn disclosing_is_seen() {
        let file = source("src/edge/core.rs", "fn a(b: Phi<c>) {\n    b.disclose();\n}");
        assert_eq!(discloses(&file), ["src/edge/core.rs:2: may not look inside Phi"]);
        assert!(discloses(&source("src/x12/a.rs", "b.disclose()")).is_empty());
        assert!(discloses(&source("src/edge/a.rs", "// never disclose()")).is_empty());
    }

    #[test]
    fn a_long_file_is_seen() {
        assert!(too_long(&source("src/a.rs", &"\n".repeat(500))).is_none());
        let complaint = too_long(&source("src/a.rs", &"\n".repeat(501)));
        assert_eq!(
            complaint.as_deref(),
            Some("src/a.rs:501: the file is longer than 500 lines")
        );
    }

    #[test]
    fn a_module_without_a_row_is_seen() {
        assert_eq!(module_of("src/utils/a.rs"), Some("utils"));
        assert_eq!(module_of("src/utils.rs"), Some("utils"));
        assert!(find_row("utils").is_none());
        assert_eq!(module_of("src/lib.rs"), None);
    }
}
