//! The tests that stand beside the mappings, and that they leave no row out.

use std::collections::BTreeSet;

use cartage::mapping::Library;
use cartage::translate::trial;

#[test]
fn every_test_beside_a_mapping_passes() {
    let library = Library::built_in().unwrap();
    let mut complaints = Vec::new();
    for test in library.trials() {
        let outcome = trial::run(&library, test);
        let place = format!("{}:{}: {}", test.file, test.line, test.name);
        complaints.extend(outcome.complaints.iter().map(|what| format!("{place}: {what}")));
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_rule_is_used_by_a_test_beside_its_mapping() {
    let library = Library::built_in().unwrap();
    let mut unused = Vec::new();
    for program in library.programs() {
        let mut fired = BTreeSet::new();
        for test in library
            .trials()
            .iter()
            .filter(|test| *test.mapping == *program.id)
        {
            fired.extend(trial::run(&library, test).fired);
        }
        let rules = trial::unused(program, &fired);
        unused.extend(rules.iter().map(|rule| format!("{}: {rule}", program.id)));
    }
    assert!(
        unused.is_empty(),
        "{} rules\n{}\n",
        unused.len(),
        unused.join("\n")
    );
}
