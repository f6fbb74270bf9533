//! What operators read of a faulty configuration, letter by letter.
//!
//! `UPDATE_GOLDEN=1` writes the expected texts anew; read the difference before it is kept.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::fs;
use std::path::PathBuf;

use cartage::config::check::Checked;
use cartage::config::check::check;
use cartage::config::code;
use cartage::config::code::Code;
use cartage::config::source::InMemory;
use cartage::config::source::Sources;
use config_support::EXAMPLES;
use config_support::TODAY;
use config_support::example;
use config_support::folder;
use config_support::golden;
use config_support::in_memory;

/// The files of an example: the first is the main file, `# file: NAME` begins another one.
fn files_of(example: &str) -> InMemory {
    let mut files: Vec<(String, String)> = vec![("gateway.toml".to_owned(), String::new())];
    for line in example.trim_start_matches('\n').split_inclusive('\n') {
        match line.strip_prefix("# file: ") {
            Some(name) => files.push((name.trim().to_owned(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let main = &files[0].1;
    let mut framed = main.clone();
    if !main.contains("config-version") {
        framed = format!(
            "{FRAME}{}{main}",
            if main.contains("[partner") || main.contains("[directory") {
                ""
            } else {
                PARTNERS
            }
        );
    }
    files[0].1 = framed;
    files
        .into_iter()
        .fold(InMemory::default(), |memory, (name, text)| {
            memory.with(&name, text)
        })
}

fn checked(sources: &dyn Sources) -> Checked {
    check(sources, "gateway.toml", TODAY)
}

/// Codes that speak of the world around or of a running gateway have tests of their own.
fn is_told_by_the_text(code: &Code) -> bool {
    code.number < 600 || matches!(code.number, 607 | 608)
}

#[test]
fn every_bad_example_is_complained_about_in_these_words() {
    for code in code::all().filter(|code| is_told_by_the_text(code)) {
        let found = checked(&files_of(code.bad));
        let codes: Vec<String> = found
            .report
            .complaints()
            .iter()
            .map(|complaint| complaint.code.to_string())
            .collect();
        assert_eq!(
            codes,
            [code.to_string()],
            "{}",
            found.report.render(&found.document.files)
        );
        golden(
            &folder("errors").join(format!("{code}.txt")),
            &found.report.render(&found.document.files),
        );
    }
}

#[test]
fn every_code_has_its_exact_text_beside_it() {
    if config_support::is_updating() {
        // The texts are being written by the other tests.
        return;
    }
    for code in code::all() {
        let path = folder("errors").join(format!("{code}.txt"));
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains(&format!("[{code}]: ")), "{}", path.display());
    }
}

#[test]
fn every_good_example_is_good() {
    for code in code::all().filter(|code| is_told_by_the_text(code)) {
        let found = checked(&files_of(code.good));
        let told = found.report.render(&found.document.files);
        assert!(found.report.complaints().is_empty(), "{code}:\n{told}");
    }
}

/// Each folder is a configuration of its own, with the text expected of it beside it.
#[test]
fn every_case_is_told_in_these_words() {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let found = checked(&in_memory(&case));
        golden(
            &case.join("expected.txt"),
            &found.report.render(&found.document.files),
        );
    }
}

const FRAME: &str = "config-version = 1

[gateway]
name       = \"Example\"
public-url = \"https://gateway.example\"
data-dir   = \"data\"
isa        = \"ZZ:EXAMPLE\"
usage      = \"T\"
";

const PARTNERS: &str = "
[partner.acme]
role      = \"payer\"
payer-ids = [\"60054\"]
speaks    = \"fhir\"
fhir      = { url = \"https://acme.example/r4\" }

[partner.oldstone]
role      = \"payer\"
payer-ids = [\"00520\"]
speaks    = \"x12\"
x12       = { isa = \"ZZ:OLDSTONE\" }
deliver   = { folder = \"to-oldstone\" }

[partner.clinic]
role   = \"provider\"
npi    = [\"1234567893\"]
speaks = \"fhir\"
fhir   = { hosted = true }
";

#[test]
fn the_examples_are_good() {
    for name in EXAMPLES {
        let found = checked(&example(name));
        let told = found.report.render(&found.document.files);
        assert!(found.report.complaints().is_empty(), "{name}:\n{told}");
        assert_eq!((found.tests.failed, found.tests.waiting), (0, 0));
        assert!(found.tests.passed >= 2);
    }
}
