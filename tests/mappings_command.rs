//! `cartage mappings` as an analyst runs it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "translate_command/run.rs"]
mod run;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use run::Said;
use run::cartage;

const REQUEST: &str = include_str!("data/translate/request.x12");

fn mappings(words: &[&str]) -> Said {
    let words: Vec<&str> = ["mappings"].iter().chain(words).copied().collect();
    cartage(&words, b"")
}

/// A folder of mappings of this test's own, with these files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may be left from another run, or not be there.
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A mapping of the program, changed.
fn changed(name: &str, from: &str, to: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(name);
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    text.replacen(from, to, 1)
}

#[test]
fn every_mapping_is_listed_with_its_sides() {
    let said = mappings(&["list"]).ended(0);
    assert!(
        said.out.contains("task-from-277") && said.out.contains("x12:277 → fhir:Task"),
        "{said:?}"
    );
    let lines = mappings(&["list", "--json"]).ended(0).lines();
    let mapping = lines
        .iter()
        .find(|line| line["mapping"] == "277-from-task")
        .unwrap();
    assert_eq!(
        (mapping["from"].as_str(), mapping["to"].as_str()),
        (Some("fhir:Task"), Some("x12:277"))
    );
    assert_eq!(mapping["hash"].as_str().unwrap().len(), 64);
    assert!(lines.iter().any(|line| line["table"] == "id-qualifiers"));
}

#[test]
fn the_mappings_of_the_program_are_sound() {
    mappings(&["check"]).ended(0);
    mappings(&["check", "mappings"]).ended(0);
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let broken = changed(
        "cdex/task-from-277.toml",
        "from = \"BHT01\"",
        "from = \"BHT001x\"",
    );
    let folder = folder("mappings-broken", &[("cdex/task-from-277.toml", &broken)]);
    let said = mappings(&["check", folder.to_str().unwrap()]).ended(1);
    assert!(said.out.starts_with("cdex/task-from-277.toml:"), "{said:?}");
    let lines = mappings(&["check", "--json", folder.to_str().unwrap()])
        .ended(1)
        .lines();
    assert_eq!(lines[0]["file"], "cdex/task-from-277.toml");
    assert!(lines[0]["line"].as_u64().unwrap() > 1);
    let translated = cartage(
        &["translate", "-", "--mappings-dir", folder.to_str().unwrap()],
        b"ISA",
    );
    assert_eq!(translated.code, 64, "{translated:?}");
    assert!(
        translated.err.contains("cdex/task-from-277.toml:"),
        "{translated:?}"
    );
}

#[test]
fn a_folder_that_is_none_is_told() {
    let said = mappings(&["check", "no/such/folder"]).ended(2);
    assert!(said.err.contains("there is no such folder"), "{said:?}");
    let said = mappings(&["check", "docs"]).ended(2);
    assert!(said.err.contains("neither cdex"), "{said:?}");
    mappings(&["explain", "nothing-of-this-name"]).ended(2);
    mappings(&[]).ended(2);
}

#[test]
fn a_code_that_an_analyst_adds_is_used_without_a_compiler() {
    let header = "qualifier,system,code,meaning\n";
    let row = format!("{header}24,urn:example:partner,,a partner's own\n");
    let codes = changed("codes/id-qualifiers.csv", header, &row);
    let folder = folder("mappings-added", &[("codes/id-qualifiers.csv", &codes)]);
    let folder = folder.to_str().unwrap();
    mappings(&["check", folder]).ended(0);
    let hash = |words: &[&str]| {
        let lines = mappings(words).ended(0).lines();
        lines[0]["hash"].as_str().unwrap().to_owned()
    };
    assert_ne!(
        hash(&["list", "--json"]),
        hash(&["list", "--json", "--mappings-dir", folder])
    );
    let request = REQUEST.replace("*XX*1234567893", "*24*123456789");
    let said = cartage(
        &["translate", "-", "--lenient", "--mappings-dir", folder],
        request.as_bytes(),
    );
    assert!(said.out.contains("urn:example:partner"), "{said:?}");
}

#[test]
fn a_concept_map_of_fhir_is_a_code_table() {
    let map = r#"{"resourceType":"ConceptMap","group":[{"source":"https://codesystem.x12.org/005010/66","target":"urn:example",
        "element":[{"code":"XX","target":[{"code":"urn:example:from-a-concept-map"}]}]}]}"#;
    let file = "cdex/task-from-277.toml";
    let mapping = fs::read_to_string(format!("{}/mappings/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let start = mapping.find("rule = \"provider.organization.system\"").unwrap();
    let (before, row) = mapping.split_at(start);
    let row = row
        .replacen("table = \"id-qualifiers\"", "table = \"partner\"", 1)
        .replacen("by = \"qualifier\"", "by = \"source\"", 1)
        .replacen("give = \"system\"", "give = \"target\"", 1);
    let folder = folder(
        "mappings-concept-map",
        &[("codes/partner.json", map), (file, &format!("{before}{row}"))],
    );
    let folder = folder.to_str().unwrap();
    mappings(&["check", folder]).ended(0);
    let said = cartage(
        &["translate", "-", "--lenient", "--mappings-dir", folder],
        REQUEST.as_bytes(),
    );
    assert!(said.out.contains("urn:example:from-a-concept-map"), "{said:?}");
}

#[test]
fn tests_beside_a_mapping_are_run_and_rules_without_a_test_are_told() {
    let given = "HL*1**20*1~NM1*PR*2*PLAN*****PI*1~HL*2*1*21*1~NM1*41*2*C*****46*E~HL*3*2*19*1~NM1*1P*2*C*****XX*1234567893~\
                 HL*4*3*PT~NM1*QC*1*DOE*JO****MI*M1~TRN*1*A1~STC*R4:18842-5::LOI*20261101~DTP*472*RD8*20261101-20261103~";
    let tests = |date: &str, losses: &str| {
        format!(
            "mapping = \"task-from-277\"\n[[test]]\nname = \"a range gives its first day\"\ngiven = \"{given}\"\n\
             context = {{ carry = \"false\", payer-url = \"https://plan.example/a\" }}\nexpect = {{ \"Task.identifier[0].value\" = \"A1\", \
             \"Task.contained[0].name[0].family\" = \"{date}\" }}\n{losses}"
        )
    };
    let good = folder(
        "mappings-good",
        &[("cdex/task-from-277.test.toml", &tests("DOE", ""))],
    );
    let said = mappings(&["test", good.to_str().unwrap()]).ended(0);
    assert!(
        said.out.contains("1 tests, 0 failed") && said.out.contains("not used: "),
        "{said:?}"
    );
    let lines = mappings(&["test", "--json", good.to_str().unwrap()])
        .ended(0)
        .lines();
    let line = lines
        .iter()
        .find(|line| line["mapping"] == "task-from-277")
        .unwrap();
    assert!(line["percent"].as_u64().unwrap() < 100 && !line["unused"].as_array().unwrap().is_empty());
    mappings(&["test", "--coverage", "100", good.to_str().unwrap()]).ended(1);

    let wrong = tests("ROE", "losses = [\"2200D/TRN02 no-target\"]\n");
    let bad = folder("mappings-bad", &[("cdex/task-from-277.test.toml", &wrong)]);
    let said = mappings(&["test", bad.to_str().unwrap()]).ended(1);
    assert!(said.out.contains("expected ROE, found DOE"), "{said:?}");
    assert!(
        said.out
            .contains("loss expected and not told: 2200D/TRN02 no-target"),
        "{said:?}"
    );
}

#[test]
fn the_tests_of_the_program_pass() {
    let said = mappings(&["test", "mappings"]).ended(0);
    assert!(!said.out.contains("failed:"), "{said:?}");
}

#[test]
fn a_rule_is_explained_by_its_name() {
    let said = mappings(&["explain", "task-from-277/task.payer-url"]).ended(0);
    assert!(
        said.out.contains("PER") && said.out.contains("valueUrl"),
        "{said:?}"
    );
    assert!(
        said.out.contains("cdex/task-from-277.toml:") && said.out.contains("source: "),
        "{said:?}"
    );
    let whole = mappings(&["explain", "task-from-277", "--json"]).ended(0).lines();
    assert!(
        whole.len() > 50
            && whole
                .iter()
                .all(|row| !row["source"].as_str().unwrap().is_empty())
    );
    mappings(&["explain", "id-qualifiers"]).ended(0);
}
