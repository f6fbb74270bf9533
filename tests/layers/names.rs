//! What things may be called, and marks that promise work for later.

use crate::scan::Source;
use crate::scan::words;

/// Words that say nothing about the domain, in names of types, modules and files.
const EMPTY_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "manager"];

/// Words that introduce a name.
const INTRODUCERS: &[&str] = &["struct", "enum", "union", "trait", "type", "mod"];

/// Marks and attributes that put work off; written apart so that this file does not find itself.
const PUT_OFF: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// The starts of paths that are true on one machine only.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// Complaints about names that say nothing and about work put off.
pub(crate) fn unfit(file: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut complain = |line, complaint: String| wrong.push(file.complain(line, &complaint));
    for part in file.path.split('/').map(|part| part.trim_end_matches(".rs")) {
        if EMPTY_WORDS.contains(&part) || (part == "data" && !file.path.starts_with("tests/")) {
            complain(1, format!("a file called {part} says nothing"));
        }
    }
    for (number, line) in file.text.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(mark) = words.find(|word| PUT_OFF.contains(word)) {
            complain(number + 1, format!("{mark} puts work off"));
        }
    }
    let code = file.code();
    if let Some((line, _)) = code
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(concat!("#[ign", "ore")))
    {
        complain(line + 1, "a test is put off".to_owned());
    }
    let mut introducer = "";
    for (line, word) in words(&code) {
        // What a body of `http_body` consists of is called so by that package.
        let is_foreign = introducer == "type"
            && word == "Data"
            && code.lines().nth(line.saturating_sub(1)).map(str::trim) == Some("type Data = Bytes;");
        if INTRODUCERS.contains(&introducer) && says_nothing(word) && !is_foreign {
            complain(line, format!("the name {word} says nothing"));
        }
        if introducer == "fn" && word.starts_with("get_") {
            complain(line, format!("{word} needs no get_"));
        }
        introducer = word;
    }
    wrong
}

/// Complaints about paths of somebody's machine.
pub(crate) fn machine_paths(file: &Source) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let naming = lines.filter(|(_, line)| MACHINE_PATHS.iter().any(|path| line.contains(path)));
    naming
        .map(|(number, _)| file.complain(number + 1, "names a path of one machine"))
        .collect()
}

/// Whether one of the words in `name` is empty, or the whole of it is `Data`.
fn says_nothing(name: &str) -> bool {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            spaced.push('_');
        }
        spaced.extend(letter.to_lowercase());
    }
    spaced.split('_').any(|word| EMPTY_WORDS.contains(&word)) || matches!(name, "data" | "Data")
}

mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        assert_eq!(
            unfit(&Source {
                path: path.to_owned(),
                text: text.to_owned()
            }),
            expected
        );
    }

    #[test]
    fn empty_names_are_seen() {
        check(
            "src/x12/utils.rs",
            "",
            &["src/x12/utils.rs:1: a file called utils says nothing"],
        );
        check(
            "src/a.rs",
            "struct RouteManager;",
            &["src/a.rs:1: the name RouteManager says nothing"],
        );
        check(
            "src/a.rs",
            "\nmod date_helpers;",
            &["src/a.rs:2: the name date_helpers says nothing"],
        );
        check(
            "src/a.rs",
            "type Data = u8;",
            &["src/a.rs:1: the name Data says nothing"],
        );
        check("src/a.rs", "impl Body for B {\n    type Data = Bytes;\n}", &[]);
        check(
            "src/a.rs",
            "pub fn get_name() {}",
            &["src/a.rs:1: get_name needs no get_"],
        );
    }

    #[test]
    fn names_of_the_domain_are_fine() {
        check(
            "tests/data/a.rs",
            "struct DataElement;\nfn target_name() {}\nlet utils = 1;",
            &[],
        );
        check(
            "src/a.rs",
            "// struct Utils\nconst A: &str = \"fn get_name\";",
            &[],
        );
    }

    #[test]
    fn work_put_off_is_seen() {
        let text = ["// ", PUT_OFF[0], ": later"].concat();
        check(
            "src/a.rs",
            &text,
            &[&["src/a.rs:1: ", PUT_OFF[0], " puts work off"].concat()],
        );
        check(
            "src/a.rs",
            concat!("#[ign", "ore = \"slow\"]"),
            &["src/a.rs:1: a test is put off"],
        );
    }

    #[test]
    fn paths_of_one_machine_are_seen() {
        let complaints = |text: &str| {
            machine_paths(&Source {
                path: "a.md".to_owned(),
                text: text.to_owned(),
            })
        };
        assert_eq!(
            complaints(&["see ", MACHINE_PATHS[1], "x"].concat()),
            ["a.md:1: names a path of one machine"]
        );
        assert!(complaints("see ../shared/corpus and https://example.org/homework/a").is_empty());
    }
}
