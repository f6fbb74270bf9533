//! `docs/CONFIG.md` says what the program does: its tables are written from the program's own, and its examples are good.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::fs;
use std::path::Path;

use cartage::config::check::check;
use cartage::config::reference;
use cartage::config::source::InMemory;
use config_support::TODAY;
use config_support::golden;

fn page() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CONFIG.md")
}

#[test]
fn the_generated_parts_are_what_the_program_says() {
    let mut text = fs::read_to_string(page()).unwrap();
    for (name, part) in reference::parts() {
        let begin = format!("<!-- generated: {name} -->\n");
        let start = text.find(&begin).unwrap_or_else(|| panic!("no part {name}")) + begin.len();
        let end = start + text[start..].find("<!-- end -->").unwrap();
        text.replace_range(start..end, &format!("\n{}\n", part.trim_end()));
    }
    golden(&page(), &text);
}

/// The blocks of a language on the page.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    text.split(&open)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_examples_of_the_page_are_good() {
    let text = fs::read_to_string(page()).unwrap();
    let examples = blocks(&text, "toml");
    let (rules, others): (Vec<_>, Vec<_>) = examples.iter().partition(|block| block.contains("[[rule]]"));
    let sheet = blocks(&text, "")
        .into_iter()
        .find(|block| block.starts_with("name,payer-ids"))
        .unwrap();
    // What the examples speak of and other examples do not define.
    let main = format!(
        "config-version = 1\n{}\n{}",
        "[gateway]\nname = \"G\"\npublic-url = \"https://g.example\"\ndata-dir = \"data\"\nisa = \"ZZ:G\"\nusage = \"T\"\n\
         [partner.imaging-vault]\nrole = \"hub\"\nspeaks = \"fhir\"\nfhir = { url = \"https://vault.example/r4\" }\n\
         [partner.legacy]\nrole = \"provider\"\nnpi = [\"1234567893\"]\nspeaks = \"x12\"\nx12 = { isa = \"ZZ:L\", rules = \"rules.toml\" }\ndeliver = { folder = \"l\" }\n\
         [partner.small-practices]\nrole = \"provider\"\nnpi = [\"1777777776\"]\nspeaks = \"fhir\"\nfhir = { hosted = true }\n",
        others
            .iter()
            .map(|block| block.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    );
    let sample = fs::read(config_support::folder(
        "examples/payer/samples/277-small-practice.edi",
    ))
    .unwrap();
    let sources = InMemory::default()
        .with("gateway.toml", main)
        // The sheet and the table show the same partner in two ways.
        .with(
            "directory/payers.csv",
            sheet
                .lines()
                .filter(|row| !row.starts_with("oldstone"))
                .collect::<Vec<_>>()
                .join("\n"),
        )
        .with("rules.toml", rules[0].as_str())
        .with("samples/277-small-practice.edi", sample);
    let found = check(&sources, "gateway.toml", TODAY);
    assert!(
        found.report.complaints().is_empty(),
        "{}",
        found.report.render(&found.document.files)
    );
    assert_eq!(found.tests.passed, 2);
}
