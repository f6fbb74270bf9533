//! One configuration takes the place of another: whole or not at all, and one can go back.
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
use std::sync::Arc;
use std::thread;

use cartage::config::reload::Candidate;
use cartage::config::reload::Circumstances;
use cartage::config::reload::Generation;
use cartage::config::reload::Generations;
use cartage::config::reload::Kept;
use cartage::config::reload::Refusal;
use cartage::config::reload::Store;
use cartage::config::source::InMemory;
use config_support::TODAY;
use config_support::golden;

const GATEWAY: &str = "config-version = 1
[gateway]
name = \"Example\"
public-url = \"https://gateway.example\"
data-dir = \"data\"
isa = \"ZZ:EXAMPLE\"
usage = \"T\"
";

fn partner(name: &str, payer: &str, url: &str) -> String {
    format!(
        "[partner.{name}]\nrole = \"payer\"\npayer-ids = [\"{payer}\"]\nspeaks = \"fhir\"\nfhir = {{ url = \"{url}\" }}\n"
    )
}

fn texts(partners: &[String]) -> InMemory {
    InMemory::default().with("gateway.toml", format!("{GATEWAY}{}", partners.concat()))
}

fn acme() -> String {
    partner("acme", "60054", "https://acme.example/r4")
}

fn moved_acme() -> String {
    partner("acme", "60054", "https://new.acme.example/r4")
}

fn harbor() -> String {
    partner("harbor", "00521", "https://harbor.example/r4")
}

fn read(sources: &InMemory) -> Result<Candidate, Refusal> {
    Candidate::read(sources, "gateway.toml", TODAY)
}

/// Puts what these sources say in force.
fn change(
    generations: &Generations,
    sources: &InMemory,
    circumstances: &Circumstances,
) -> Result<Arc<Generation>, Refusal> {
    let next = generations.propose(read(sources)?, circumstances)?;
    generations.put(&next)?;
    Ok(next)
}

fn roll_back(generations: &Generations, number: u32) -> Result<Arc<Generation>, Refusal> {
    let (_, texts) = generations.kept(number)?;
    change(generations, &texts, &Circumstances::default())
}

fn start(partners: &[String], store: Option<Store>) -> Generations {
    Generations::start(read(&texts(partners)).unwrap(), store).unwrap()
}

fn reload(
    generations: &Generations,
    partners: &[String],
    circumstances: &Circumstances,
) -> Result<Arc<Generation>, Refusal> {
    change(generations, &texts(partners), circumstances)
}

/// What the operator reads of a refusal.
#[track_caller]
fn told(code: &str, refused: &Refusal) {
    golden(
        &config_support::folder("errors").join(format!("{code}.txt")),
        &refused.render(),
    );
}

/// A generation as it is kept.
fn kept(retiring: &[(&str, u32)]) -> Kept {
    Kept {
        main: "gateway.toml".to_owned(),
        texts: texts(&[acme()]),
        retiring: retiring
            .iter()
            .map(|(name, number)| ((*name).to_owned(), *number))
            .collect(),
    }
}

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("generations")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn whoever_holds_a_generation_keeps_it() {
    let generations = start(&[acme()], None);
    let before = generations.current();
    let after = reload(&generations, &[moved_acme()], &Circumstances::default()).unwrap();
    assert_eq!(
        (before.number, after.number, generations.current().number),
        (1, 2, 2)
    );
    assert_ne!(before.fingerprint, after.fingerprint);
    let url = |generation: &Generation| {
        generation.settings.partners[0]
            .fhir
            .as_ref()
            .unwrap()
            .url
            .as_ref()
            .unwrap()
            .to_string()
    };
    assert_eq!(url(&before), "https://acme.example/r4");
    assert_eq!(url(&after), "https://new.acme.example/r4");
}

#[test]
fn what_equals_the_one_in_force_is_no_generation() {
    let generations = start(&[acme()], None);
    let again = reload(
        &generations,
        &["# only a comment\n".to_owned(), acme()],
        &Circumstances::default(),
    )
    .unwrap();
    assert_eq!(again.number, 1);
}

#[test]
fn a_faulty_configuration_leaves_the_one_in_force() {
    let generations = start(&[acme()], None);
    let refused = reload(&generations, &[acme(), acme()], &Circumstances::default()).unwrap_err();
    let Refusal::Unsound(checked) = &refused else {
        panic!("{refused}")
    };
    assert!(checked.report.errors() > 0);
    assert_eq!(generations.current().number, 1);
}

#[test]
fn a_failing_test_is_a_fault() {
    let generations = start(&[acme()], None);
    let test = "[[test]]\nname = \"t\"\ngiven = { message = \"275\", payer-id = \"60054\" }\nexpect = { by = \"park\" }\n";
    let refused = reload(
        &generations,
        &[moved_acme(), test.to_owned()],
        &Circumstances::default(),
    );
    assert!(matches!(refused, Err(Refusal::Unsound(_))));
}

#[test]
fn what_the_gateway_stands_on_needs_a_restart() {
    let generations = start(&[acme()], None);
    let elsewhere = format!("{GATEWAY}{}", acme()).replace("data-dir = \"data\"", "data-dir = \"elsewhere\"");
    let sources = InMemory::default().with("gateway.toml", elsewhere);
    let refused = change(&generations, &sources, &Circumstances::default()).unwrap_err();
    told("G0701", &refused);
    let longer = format!("{GATEWAY}{}[ledger]\nkeep = \"500d\"\n", acme());
    let sources = InMemory::default().with("gateway.toml", longer);
    let refused = change(&generations, &sources, &Circumstances::default()).unwrap_err();
    assert!(matches!(refused, Refusal::NeedsRestart(_)));
    assert_eq!(generations.current().number, 1);
}

#[test]
fn a_partner_that_is_waited_for_is_not_removed_by_mistake() {
    let generations = start(&[acme(), harbor()], None);
    let mut circumstances = Circumstances::default();
    circumstances.open_exchanges.insert("acme".to_owned(), 3);
    circumstances.open_exchanges.insert("harbor".to_owned(), 1);
    let refused = reload(&generations, &[harbor()], &circumstances).unwrap_err();
    told("G0703", &refused);
    circumstances.retire.insert("acme".to_owned());
    let next = reload(&generations, &[harbor()], &circumstances).unwrap();
    assert_eq!(
        next.retiring
            .iter()
            .map(|retiring| (retiring.agreement.name.as_str(), retiring.generation))
            .collect::<Vec<_>>(),
        [("acme", 1)]
    );
    assert!(
        next.table.partners().named("acme").is_none(),
        "it gets nothing new"
    );
    circumstances.retire.clear();
    let later = reload(
        &generations,
        &[
            harbor(),
            moved_acme().replace("acme", "other").replace("60054", "60055"),
        ],
        &circumstances,
    )
    .unwrap();
    assert_eq!(later.retiring.len(), 1, "it stays while something is open");
    circumstances.open_exchanges.remove("acme");
    let last = reload(&generations, &[harbor()], &circumstances).unwrap();
    assert!(last.retiring.is_empty());
}

#[test]
fn one_can_go_back_to_a_generation_that_is_kept() {
    let store = Store::in_folder(folder("back"));
    let generations = start(&[acme()], Some(store.clone()));
    let first = generations.current();
    reload(&generations, &[moved_acme()], &Circumstances::default()).unwrap();
    let back = roll_back(&generations, 1).unwrap();
    assert_eq!((back.number, back.fingerprint), (3, first.fingerprint));
    let refused = roll_back(&generations, 9).unwrap_err();
    told("G0702", &refused);
    drop(generations);
    let again = start(&[acme()], Some(store));
    assert_eq!(again.current().number, 4, "numbers go on after a restart");
}

#[test]
fn included_files_and_sheets_are_kept_too() {
    let store = Store::in_folder(folder("files"));
    let main = GATEWAY.replace(
        "config-version = 1\n",
        "config-version = 1\ninclude = [\"more/*.toml\"]\n",
    ) + "[directory.payers]\nfile = \"payers.csv\"\ndefaults = { role = \"payer\", speaks = \"fhir\" }\n";
    let sources = InMemory::default()
        .with("gateway.toml", main)
        .with("more/one.toml", acme())
        .with(
            "payers.csv",
            "name,payer-ids,fhir.url\nharbor,00521,https://harbor.example/r4\n",
        );
    let generations = Generations::start(read(&sources).unwrap(), Some(store.clone())).unwrap();
    let kept = generations.current();
    reload(&generations, &[acme()], &Circumstances::default()).unwrap();
    let back = roll_back(&generations, 1).unwrap();
    assert_eq!(back.fingerprint, kept.fingerprint);
    assert!(back.table.partners().named("harbor").is_some());
}

#[test]
fn only_the_last_generations_are_kept_and_a_begun_one_does_not_count() {
    let here = folder("last");
    let store = Store::in_folder(here.clone());
    for number in 1..=25 {
        store.keep(number, &kept(&[])).unwrap();
    }
    let numbers = store.numbers().unwrap();
    assert_eq!(
        (numbers.first(), numbers.last(), numbers.len()),
        (Some(&6), Some(&25), 20)
    );
    fs::create_dir(here.join("26.begun")).unwrap();
    assert_eq!(store.newest().unwrap(), Some(25));
    store.keep(26, &kept(&[])).unwrap();
    assert_eq!(store.newest().unwrap(), Some(26));
}

#[test]
fn what_says_who_is_being_given_up_is_kept_as_long() {
    let store = Store::in_folder(folder("needed"));
    for number in 1..=25 {
        store.keep(number, &kept(&[("acme", 2)])).unwrap();
    }
    let numbers = store.numbers().unwrap();
    assert_eq!((numbers.len(), &numbers[..2]), (21, &[2, 6][..]));
    assert_eq!(store.load(25).unwrap().unwrap(), kept(&[("acme", 2)]));
    store.keep(26, &kept(&[])).unwrap();
    assert_eq!(store.numbers().unwrap()[0], 7);
}

#[test]
fn who_is_being_given_up_still_is_after_a_restart() {
    let here = folder("given-up");
    let store = Store::in_folder(here.clone());
    let generations = start(&[acme(), harbor()], Some(store.clone()));
    let mut circumstances = Circumstances::default();
    circumstances.open_exchanges.insert("acme".to_owned(), 3);
    circumstances.retire.insert("acme".to_owned());
    let before = reload(&generations, &[harbor()], &circumstances).unwrap();
    drop(generations);
    let again = start(&[harbor()], Some(store.clone()));
    assert_eq!(again.current().retiring, before.retiring);
    assert!(again.current().retiring[0].unaddressed().payer_ids.is_empty());
    drop(again);
    // Who is back is a partner like the others.
    let back = start(&[acme(), harbor()], Some(store.clone()));
    assert!(back.current().retiring.is_empty());
    // Who cannot be remembered is not forgotten in silence.
    let list = here.join("4/generation.toml");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(
        &list,
        text.replace(
            "retiring = [\n",
            "retiring = [\n    { name = \"acme\", generation = 99 },\n",
        ),
    )
    .unwrap();
    let refused = Generations::start(read(&texts(&[harbor()])).unwrap(), Some(store)).unwrap_err();
    let words = refused.to_string();
    assert!(words.contains("acme") && words.contains("99"), "{words}");
}

#[test]
fn nothing_is_in_force_before_it_is_put() {
    let generations = start(&[acme()], None);
    let circumstances = Circumstances::default();
    let propose = |partners: &[String]| {
        let candidate = read(&texts(partners)).unwrap();
        generations.propose(candidate, &circumstances).unwrap()
    };
    let (one, other) = (propose(&[moved_acme()]), propose(&[acme(), harbor()]));
    assert_eq!(generations.current().number, 1);
    generations.put(&one).unwrap();
    assert!(matches!(generations.put(&other), Err(Refusal::Overtaken)));
    assert_eq!(generations.current().fingerprint, one.fingerprint);
}

#[test]
fn whatever_is_read_at_the_start_only_needs_a_restart() {
    let generations = start(&[acme()], None);
    for (what, expected) in [
        ("reload = \"watch\"\n", "gateway.reload"),
        ("mappings-dir = \"mappings\"\n", "gateway.mappings-dir"),
        ("[observe]\nlog = \"debug\"\n", "observe"),
    ] {
        let text = format!("{GATEWAY}{what}{}", acme());
        let sources = InMemory::default().with("gateway.toml", text);
        let refused = change(&generations, &sources, &Circumstances::default()).unwrap_err();
        let Refusal::NeedsRestart(names) = &refused else {
            panic!("{refused}")
        };
        assert_eq!(names, &[expected]);
    }
}

#[test]
fn a_hundred_changes_and_readers_at_once_see_whole_generations_only() {
    let generations = start(&[acme()], None);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let seen = generations.current();
                    let url = seen.settings.partners[0]
                        .fhir
                        .as_ref()
                        .unwrap()
                        .url
                        .as_ref()
                        .unwrap();
                    let expected = if seen.number % 2 == 1 {
                        "https://acme.example/r4"
                    } else {
                        "https://new.acme.example/r4"
                    };
                    assert_eq!(url.as_str(), expected);
                }
            });
        }
        for round in 0..100 {
            let partners = if round % 2 == 0 { moved_acme() } else { acme() };
            reload(&generations, &[partners], &Circumstances::default()).unwrap();
        }
    });
    assert_eq!(generations.current().number, 101);
}
