use super::*;

/// Loads one guide and one dictionary and tells the faults.
fn faults(name: &str, guide: &str, dictionary: &str) -> String {
    let sources = [
        Source::new(name.to_owned(), guide.to_owned()),
        Source::new("dictionary.toml".to_owned(), dictionary.to_owned()),
    ];
    match Guides::compile(&sources) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

const DICTIONARY: &str = r#"[elements]
96 = { name = "count", type = "N0 1..10" }
143 = { name = "set", type = "ID 3..3" }
329 = { name = "control number", type = "AN 4..9" }
353 = { name = "purpose", type = "ID 2..2", since = { 00602 = "ID 2..3" } }
[segments]
ST = { name = "start", elements = "143! 329!" }
BGN = { name = "begin", elements = "353! 329", notes = "P0102", since = { 00602 = { elements = "353! 329" } } }
SE = { name = "end", elements = "96! 329!" }
"#;

const GUIDE: &str = r#"guide = "X"
set = "275"
version = "00602"
name = "a guide"
segments = [
  { at = 10, use = "ST", usage = "R" },
  { at = 20, use = "BGN", usage = "R", elements = { 01 = "R (02 11)", "02" = 'S 4..8' } },
  { at = 90, use = "SE", usage = "R" },
]
"#;

/// Replaces `from` in the sound guide and checks what is told then.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert!(GUIDE.contains(from), "{from} can be replaced");
    assert_eq!(
        faults("X.toml", &GUIDE.replacen(from, to, 1), DICTIONARY),
        expected
    );
}

/// Replaces `from` in the sound dictionary and checks what is told then.
#[track_caller]
fn check_dictionary(from: &str, to: &str, expected: &str) {
    assert!(DICTIONARY.contains(from), "{from} can be replaced");
    assert_eq!(
        faults("X.toml", GUIDE, &DICTIONARY.replacen(from, to, 1)),
        expected
    );
}

#[test]
fn every_file_that_the_program_carries_loads() {
    let guides = Guides::embedded()
        .map_err(|error| error.to_string())
        .expect("all files are sound");
    assert_eq!(guides.set().guides().len(), EMBEDDED.len() - 2);
    assert_eq!(guides.guide_for("275", "006020X314").len(), 1);
    assert_eq!(guides.guide_for("275", "06020X314").len(), 1);
    assert_eq!(guides.guide_for("278", "005010X217").len(), 2);
    assert!(guides.guide_for("275", "005010X222A1").is_empty());
}

#[test]
fn every_file_of_the_folder_is_carried() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/guides");
    let names: Vec<String> = read_folder(&folder)
        .expect("the folder can be read")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let carried: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, carried);
}

#[test]
fn each_guide_stands_in_a_file_of_its_name() {
    for source in carried().iter().filter(|source| !source.is_dictionary()) {
        let mut wrong = Vec::new();
        let file = source::parsed::<shape::GuideFile>(source, &mut wrong).expect("the file is sound");
        let id = file.lower(source).id.text;
        assert!(source.name.starts_with(&id), "{} holds {id}", source.name);
    }
}

#[test]
fn a_folder_replaces_files_and_adds_others() {
    let folder = std::env::temp_dir().join(format!("cartage-guides-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file can be written");
    write("README.md", "not a guide");
    write("999999X1.toml", &GUIDE.replace("\"X\"", "\"999999X1\""));
    let replaced =
        include_str!("../../../mappings/guides/006020X314.toml").replace("attachment to a claim", "ours");
    write("006020X314.toml", &replaced);
    let guides = Guides::with_folder(&folder).map_err(|error| error.to_string());
    write("999999X1.toml", "guide = 1");
    let faulty = Guides::with_folder(&folder).map_err(|error| error.to_string());
    fs::remove_dir_all(&folder).expect("the folder can be removed");
    let guides = guides.expect("all files are sound");
    assert_eq!(guides.set().guides().len(), EMBEDDED.len() - 1);
    assert_eq!(guides.guide_for("275", "006020X314")[0].name(), "ours");
    assert_eq!(guides.guide_for("275", "999999X1").len(), 1);
    let told = faulty.expect_err("a file is faulty");
    assert!(told.starts_with("999999X1.toml:1:9: "), "{told}");
    let missing = Guides::with_folder(&folder).map_err(|error| error.to_string());
    assert!(
        missing
            .expect_err("the folder is gone")
            .ends_with("cannot be read")
    );
}

#[test]
fn a_sound_guide_loads() {
    assert_eq!(faults("X.toml", GUIDE, DICTIONARY), "");
}

#[test]
fn faults_of_toml_have_their_place() {
    check("name = \"a guide\"\n", "", "X.toml:1:1: missing field `name`");
    check(
        "at = 20,",
        "at = 20, max = 2,",
        "X.toml:7:14: unknown field `max`, expected one of `at`, `use`, `key`, `name`, `usage`, `repeat`, `grade`, \
         `elements`, `rest`, `notes`",
    );
    let told = faults("X.toml", "guide = ", DICTIONARY);
    assert!(told.starts_with("X.toml:1:"), "{told}");
}

#[test]
fn faults_of_texts_have_their_place_in_the_file() {
    check("R (02 11)", "R (02 11", "X.toml:7:61: BGN: ( is not closed");
    check(
        "'S 4..8'",
        "'S 4..88'",
        "X.toml:7:81: BGN: the range is upside down, or wider than in the dictionary",
    );
    check("\"02\"", "\"03\"", "X.toml:7:72: BGN: there are 2 elements only");
    check(
        "usage = \"R\", el",
        "usage = \"Q\", el",
        "X.toml:7:36: BGN: a usage is R, S or N",
    );
    check(
        "use = \"BGN\"",
        "use = \"BHT\"",
        "X.toml:7:21: BHT: the dictionary has no BHT",
    );
    check(
        "\"00602\"",
        "\"602\"",
        "X.toml:3:12: version: a version has five digits, like 00602",
    );
}

#[test]
fn faults_of_dictionaries_have_their_place() {
    check_dictionary(
        "AN 4..9",
        "XX 4..9",
        "dictionary.toml:4:42: element 329: a type is N0 to N9, R, ID, AN, DT, TM or B, and a length like 1..30",
    );
    check_dictionary(
        "elements = \"353! 329\", notes",
        "elements = \"353! 328\", notes",
        "dictionary.toml:8:42: BGN: the dictionary has no 328",
    );
    check_dictionary(
        "P0102",
        "P0103",
        "dictionary.toml:8:57: segment BGN: there are 2 elements only",
    );
    check_dictionary(
        "00602 = \"ID",
        "602 = \"ID",
        "dictionary.toml:5:55: element 353: a version has five digits, like 00602",
    );
}

#[test]
fn a_fault_is_told_in_its_own_file_of_the_dictionary() {
    let sources = [
        Source::new("dictionary-one.toml".to_owned(), "[elements]\n".to_owned()),
        Source::new(
            "dictionary-two.toml".to_owned(),
            "[elements]\n1 = { name = \"\", type = \"AN\" }\n".to_owned(),
        ),
    ];
    let told = Guides::compile(&sources).map_err(|error| error.to_string());
    assert_eq!(
        told.expect_err("the dictionary is faulty"),
        "dictionary-two.toml:2:28: element 1: a number is expected"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let guide = GUIDE.replace("R (02 11)", "R (02").replace("S 4..8", "S 4..88");
    let broken = faults(
        "X.toml",
        &guide.replace("at = 90, use = \"SE\"", "at = 90, use = \"SEE\""),
        DICTIONARY,
    );
    assert_eq!(broken.lines().count(), 3, "{broken}");
}
