//! The three configurations of the specification of the language: `../shared/design/config.md`, used in place.
//!
//! Without that file each test prints one line and passes; under `CI=true` its absence is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may stop and speak"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::env;
use std::fs;
use std::path::Path;

use cartage::config::check::Checked;
use cartage::config::check::check;
use cartage::config::source::InMemory;
use config_support::TODAY;
use config_support::folder;

/// What the third configuration takes from sheets that the specification only gives the headings of.
const PAYERS: &str = "name,payer-ids,speaks,fhir.url,x12.isa,deliver.core
acme,60054,fhir,https://cdex.acme.example/r4,,
oldstone,00520,x12,,ZZ:OLDSTONE,https://edi.oldstone.example/core
crescent,70001,x12,,ZZ:CRESCENT,https://edi.crescent.example/core
";
const PROVIDERS: &str = "name,npi,tin,fhir.url
lakeside,1888888884,112345670,https://fhir.lakeside.example/r4
";

/// The configuration under a heading of the specification, if that is there.
fn configuration(heading: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/design/config.md");
    let Ok(text) = fs::read_to_string(&path) else {
        assert!(
            env::var_os("CI").is_none_or(|ci| ci != "true"),
            "../shared/design/config.md is missing, and CI must have it"
        );
        println!("skipped: ../shared/design/config.md is not there");
        return None;
    };
    let (_, section) = text.split_once(&format!("## {heading}")).unwrap();
    let (_, block) = section.split_once("```toml\n").unwrap();
    Some(block.split_once("```").unwrap().0.to_owned())
}

/// Checks a configuration that says `tests` examples, all of which must hold, and that has `overlaps` and no fault.
#[track_caller]
fn behaves(sources: &InMemory, tests: usize, overlaps: usize) -> Checked {
    let found = check(sources, "gateway.toml", TODAY);
    let told = found.report.render(&found.document.files);
    assert!(found.is_sound(), "{told}");
    let codes = found
        .report
        .complaints()
        .iter()
        .map(|complaint| complaint.code.to_string());
    assert_eq!(codes.collect::<Vec<_>>(), vec!["G0210"; overlaps], "{told}");
    assert_eq!(
        (found.tests.passed, found.tests.failed, found.tests.waiting),
        (tests, 0, 0)
    );
    found
}

#[test]
fn the_clearinghouse_behaves_as_its_tests_say() {
    if let Some(text) = configuration("Example 1") {
        behaves(&InMemory::default().with("gateway.toml", text), 2, 0);
    }
}

#[test]
fn the_payer_behaves_as_its_tests_say() {
    let sample = fs::read(folder("examples/payer/samples/277-small-practice.edi")).unwrap();
    if let Some(text) = configuration("Example 2") {
        let sources = InMemory::default()
            .with("gateway.toml", text)
            .with("tests/data/x12/277-small-practice.edi", sample);
        behaves(&sources, 3, 0);
    }
}

#[test]
fn the_network_behaves_as_its_tests_say() {
    if let Some(text) = configuration("Example 3") {
        let sources = InMemory::default()
            .with("gateway.toml", text)
            .with("partners/none.toml", "")
            .with("routes/none.toml", "")
            .with("directory/payers.csv", PAYERS)
            .with("directory/providers.csv", PROVIDERS);
        // Its four routes cross each other in five ways of which its tests speak of none.
        let found = behaves(&sources, 2, 5);
        assert_eq!(found.table.routes().len(), 4);
    }
}
