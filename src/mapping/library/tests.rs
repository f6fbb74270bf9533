use super::*;

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn what_is_built_in_is_sound() {
    let library = Library::built_in().unwrap_or_else(|problems| panic!("\n{}", lines(&problems)));
    assert!(library.program("task-from-277").is_some());
    assert_eq!(library.table("id-qualifiers").unwrap().columns().len(), 4);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mapping = include_str!("../../../tests/data/mapping/wrong.toml");
    let mut files = Library::gathered(None).unwrap();
    files.insert("cdex/wrong.toml".to_owned(), mapping.into());
    let told = lines(&Library::of_files(&files).unwrap_err());
    for expected in EXPECTED {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
    assert_eq!(told.lines().count(), EXPECTED.len(), "{told}");
}

const EXPECTED: &[&str] = &[
    "cdex/wrong.toml:9:21: 2200D is not directly in 2000B",
    "cdex/wrong.toml:13:1: source is missing",
    "cdex/wrong.toml:14:9: there is a rule task already",
    "cdex/wrong.toml:16:7: no scope around this row makes a resource",
    "cdex/wrong.toml:20:7: no row opens a scope clam",
    "cdex/wrong.toml:24:1: there is no key colour here; there are by, code, default, each",
    "cdex/wrong.toml:36:9: neither 2200D nor a loop around it has a segment TRM",
    "cdex/wrong.toml:44:7: Task has no member stattus in elements.csv; it has authoredOn",
    "cdex/wrong.toml:51:7: copy does not give a dateTime",
    "cdex/wrong.toml:54:1: lookup has a table, by and give",
    "cdex/wrong.toml:57:9: there is no $member; there are position, first, outer-position",
];
