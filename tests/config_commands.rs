//! The commands about the configuration, as an operator and a script see them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value as Json;

use config_support::EXAMPLES;
use config_support::folder;
use config_support::golden;

/// Runs the program in a folder: exit code, standard output, standard error.
fn run(place: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cartage"))
        .args(arguments)
        .current_dir(place)
        .env_remove("CARTAGE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[track_caller]
fn check(place: &Path, arguments: &[&str], code: i32) -> String {
    let (found, stdout, stderr) = run(place, arguments);
    assert_eq!(found, code, "{arguments:?}\n{stdout}\n{stderr}");
    stdout
}

fn example(name: &str) -> PathBuf {
    folder("examples").join(name)
}

fn empty(name: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("commands")
        .join(name);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    place
}

#[test]
fn the_examples_pass_and_strictly_so() {
    for name in EXAMPLES {
        let told = check(&example(name), &["check", "--offline", "--strict"], 0);
        assert!(told.starts_with("gateway.toml: good: "), "{told}");
    }
}

#[test]
fn what_is_not_where_the_examples_say_is_told_when_looked_for() {
    let told = check(&example("payer"), &["check"], 1);
    for code in ["G0601", "G0602"] {
        assert_eq!(told.contains(code), code == "G0601", "{told}");
    }
    assert!(told.contains("`certs/cdex.pem` cannot be read"));
}

#[test]
fn what_init_writes_passes_the_check() {
    for kind in ["clearinghouse", "payer", "network"] {
        let place = empty(kind);
        let told = check(&place, &["init", kind], 0);
        assert!(
            told.contains("wrote ./gateway.toml") && told.contains("next: cartage check"),
            "{told}"
        );
        check(&place, &["check", "--offline", "--strict"], 0);
        // Somebody else may listen where the starter does, which is a warning.
        check(&place, &["check"], 0);
        let (code, _, stderr) = run(&place, &["init", kind]);
        assert_eq!(code, 1);
        assert!(
            stderr.contains("nothing was written, because there is gateway.toml"),
            "{stderr}"
        );
        check(&place, &["explain", "--message", "275", "--payer-id", "60054"], 0);
    }
}

#[test]
fn explain_shows_every_step() {
    let given = [
        "explain",
        "--message",
        "275",
        "--payer-id",
        "60054",
        "--loinc",
        "18748-4",
        "--tin",
        "987654321",
        "--solicited",
        "false",
    ];
    golden(
        &folder("explain/exception.txt"),
        &check(&example("network"), &given, 0),
    );
    golden(
        &folder("explain/file.txt"),
        &check(
            &example("payer"),
            &["explain", "samples/277-small-practice.edi"],
            0,
        ),
    );
    golden(
        &folder("explain/parked.txt"),
        &check(
            &example("network"),
            &["explain", "--message", "277", "--provider-npi", "1999999992"],
            3,
        ),
    );
    golden(
        &folder("explain/conversation.txt"),
        &check(&example("network"), &["explain", "--test", "answers always"], 0),
    );
}

#[test]
fn explain_tells_what_it_cannot_take() {
    for (arguments, expected) in [
        (&["explain"][..], "say what the message is"),
        (&["explain", "--message", "837"], "--message 837: one of 277, 275"),
        (
            &["explain", "--provider-npi", "1234567890"],
            "not a value that provider-npi can have",
        ),
        (&["explain", "no-such-file.edi"], "no-such-file.edi: "),
        (&["explain", "gateway.toml"], "neither X12 with a transaction"),
        (
            &["explain", "--test", "nothing like it"],
            "no test, or more than one",
        ),
    ] {
        let (code, _, stderr) = run(&example("network"), arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn explain_shows_no_tax_id_of_a_message() {
    let place = empty("tin");
    let sample = fs::read_to_string(example("payer").join("samples/277-small-practice.edi")).unwrap();
    fs::write(
        place.join("sample.edi"),
        sample.replace("*XX*1777777776", "*FI*987654321"),
    )
    .unwrap();
    let config = example("payer").join("gateway.toml");
    let told = check(
        &place,
        &["explain", "-c", config.to_str().unwrap(), "sample.edi"],
        3,
    );
    assert!(told.contains("tin") && !told.contains("987654321"), "{told}");
}

#[test]
fn json_is_for_programs() {
    let told: Json = serde_json::from_str(&check(&example("payer"), &["check", "--json"], 1)).unwrap();
    assert_eq!(told["accepted"], Json::from(false));
    assert_eq!(told["findings"][0]["code"], Json::from("G0601"));
    assert_eq!(told["findings"][0]["places"][0]["line"], Json::from(14));
    let given = ["explain", "--json", "--message", "275", "--payer-id", "00520"];
    let told: Json = serde_json::from_str(&check(&example("payer"), &given, 0)).unwrap();
    assert_eq!(told["routed"], Json::from(true));
    assert_eq!(told["addressee"]["decides"], Json::from(true));
}

#[test]
fn diff_names_what_changes_and_which_messages_move() {
    let place = empty("diff");
    let old = fs::read_to_string(example("payer").join("gateway.toml")).unwrap();
    let old = old.replace("samples/", &format!("{}/samples/", example("payer").display()));
    fs::write(place.join("old.toml"), &old).unwrap();
    let new = old
        .replace("https://fhir.lakeside.example/r4", "https://ehr.lakeside.example/r4")
        .replace("\"1777777776\", \"1666666668\"", "\"1666666668\"")
        .replace("[partner.review]", "[partner.pinestreet]\nrole = \"provider\"\nnpi = [\"1777777776\"]\nspeaks = \"fhir\"\nfhir = { hosted = true }\n\n[partner.review]")
        .replace("expect = { to = \"small-practices\", sends", "expect = { to = \"pinestreet\", sends");
    fs::write(place.join("gateway.toml"), &new).unwrap();
    let samples = example("payer").join("samples");
    let told = check(
        &place,
        &[
            "diff",
            "--against",
            "old.toml",
            "--messages",
            samples.to_str().unwrap(),
        ],
        1,
    );
    let told = told.replace(&format!("{}/", example("payer").display()), "");
    golden(&folder("diff/payer.txt"), &told);
    check(&place, &["diff", "--against", "gateway.toml"], 0);
    let (code, _, stderr) = run(&place, &["diff"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("no generation is kept in"), "{stderr}");
}

#[test]
fn a_code_is_explained_with_a_bad_and_a_good_example() {
    golden(
        &folder("help/G0204.txt"),
        &check(Path::new("."), &["help", "G0204"], 0),
    );
    let listed = check(Path::new("."), &["help", "codes"], 0);
    for code in cartage::config::code::all() {
        assert!(listed.contains(&code.to_string()));
        let told = check(Path::new("."), &["help", &code.to_string()], 0);
        assert!(told.contains("\nBad:\n") && told.contains("\nGood:\n"), "{told}");
    }
    assert_eq!(run(Path::new("."), &["help", "G9999"]).0, 2);
    assert!(check(Path::new("."), &["help", "check"], 0).contains("--offline"));
    assert_eq!(run(Path::new("."), &["help", "nonsense"]).0, 2);
}

#[test]
fn a_table_of_the_configuration_is_explained_by_its_name() {
    for (name, key) in [
        ("listen", "address"),
        ("partner", "payer-ids"),
        ("directory", "defaults"),
        ("route", "unless"),
        ("[[route]]", "until"),
        ("when", "all-loinc"),
        ("test", "expect"),
        ("given", "conversation"),
        ("rule", "max-length"),
        ("secret", "env"),
    ] {
        let told = check(Path::new("."), &["help", name], 0);
        assert!(told.contains(&format!("  {key} ")), "{name}: {told}");
    }
}

#[test]
fn a_misspelt_target_is_one_fault_and_not_two() {
    let place = empty("misspelt");
    check(&place, &["init", "clearinghouse"], 0);
    let main = fs::read_to_string(place.join("gateway.toml")).unwrap();
    let vault = "\n[partner.vault]\nrole = \"hub\"\nspeaks = \"fhir\"\nfhir = { url = \"https://vault.example/r4\" }\n\n\
                 [[route]]\nname = \"imaging\"\nwhen = { message = \"275\", loinc = \"18748-4\" }\nto = \"valt\"\n";
    fs::write(place.join("gateway.toml"), format!("{main}{vault}")).unwrap();
    let told = check(&place, &["check", "--offline"], 1);
    assert!(
        told.contains("did you mean `vault`?") && told.contains("1 error, 0 warnings"),
        "{told}"
    );
    assert!(told.contains("`cartage help G0201` explains more"), "{told}");
    fs::write(
        place.join("gateway.toml"),
        format!("{main}{}", vault.replace("valt", "vault")),
    )
    .unwrap();
    check(&place, &["check", "--offline", "--strict"], 0);
    let given = [
        "explain",
        "--message",
        "275",
        "--payer-id",
        "60054",
        "--loinc",
        "18748-4",
    ];
    assert!(check(&place, &given, 0).contains("to vault, speaks fhir"));
}

#[test]
fn reload_says_that_nobody_is_there() {
    let told = check(&example("payer"), &["reload"], 1);
    assert!(told.contains("no gateway runs"), "{told}");
}

#[test]
fn a_missing_configuration_says_how_to_get_one() {
    let told = check(&empty("missing"), &["check"], 1);
    assert!(told.contains("G0110") && told.contains("cartage init"), "{told}");
}

#[test]
fn the_configuration_is_found_by_file_folder_and_environment() {
    let place = example("clearinghouse");
    for arguments in [
        &["check", "--offline", place.to_str().unwrap()][..],
        &["check", "--offline", "-c", place.to_str().unwrap()],
        &[
            "check",
            "--offline",
            "--config",
            place.join("gateway.toml").to_str().unwrap(),
        ],
    ] {
        check(Path::new("."), arguments, 0);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_cartage"))
        .args(["check", "--offline"])
        .env("CARTAGE_CONFIG", &place)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_secret_in_the_file_is_nowhere_in_what_is_told() {
    let place = empty("secret");
    let main = fs::read_to_string(example("payer").join("gateway.toml")).unwrap();
    let leaky = main.replace(
        "key = { file = \"/run/secrets/um.key\" }",
        "key = \"CANARY-IN-THE-FILE\", kee = 1",
    );
    fs::write(place.join("gateway.toml"), &leaky).unwrap();
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["show"],
        &["show", "--json"],
        &["explain", "--message", "275"],
        &["reload"],
    ] {
        let (code, stdout, stderr) = run(&place, arguments);
        assert_ne!(code, 0, "{arguments:?}");
        assert!(
            !stdout.contains("CANARY") && !stderr.contains("CANARY"),
            "{arguments:?}: {stdout}{stderr}"
        );
        assert!(stdout.contains("G0401"), "{arguments:?}: {stdout}");
    }
    fs::write(
        place.join("gateway.toml"),
        leaky.replace("CANARY-IN-THE-FILE\"", "CANARY-IN-THE-FILE"),
    )
    .unwrap();
    let (_, stdout, _) = run(&place, &["check"]);
    assert!(stdout.contains("G0102") && !stdout.contains("CANARY"), "{stdout}");
}
