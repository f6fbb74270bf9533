//! What a configuration of ten thousand partners and ten thousand routes costs, as CPU time of this process: to load and
//! check, to decide by, to explain by.
//!
//! `cargo bench --bench routing` measures; `-- --smoke` only runs everything once on a small configuration.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(
    unreachable_pub,
    dead_code,
    reason = "the shared modules belong to several programs"
)]

#[path = "cpu_clock.rs"]
mod cpu_clock;
#[path = "invent/dice.rs"]
mod dice;

use std::env;
use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use cartage::config::check::Checked;
use cartage::config::check::check;
use cartage::config::explain::explain;
use cartage::config::quantity::Day;
use cartage::config::source::InMemory;
use cartage::routing::facts::Facts;
use cartage::routing::facts::Source;
use cartage::routing::key::Key;
use dice::Dice;

const TODAY: Day = Day {
    year: 2026,
    month: 11,
    day: 20,
};

fn main() {
    let smoke = env::args().any(|word| word == "--smoke");
    let many = if smoke { 100 } else { 10_000 };
    let runs = if smoke { 1 } else { 7 };
    println!("{:<58}{:>14}  asked", "", "CPU time");

    let large = configuration(many, many);
    let (cost, checked) = cpu_clock::cpu_reading(runs, || sound(&large)).expect("procfs tells CPU time");
    let name = format!("load and check {many} partners and {many} routes");
    report(&name, cost.median, (!smoke).then(|| Duration::from_millis(1_500)));

    let small = sound(&configuration(10, 10));
    let few = decisions(&small, 10, smoke);
    report(
        "decide among 10 routes",
        few,
        (!smoke).then(|| Duration::from_micros(2)),
    );
    let several = decisions(&checked, many, smoke);
    report(
        &format!("decide among {many} routes"),
        several,
        (!smoke).then(|| Duration::from_micros(2)),
    );
    let ratio = several.as_secs_f64() / few.as_secs_f64().max(1e-9);
    let met = if smoke {
        ""
    } else if ratio <= 1.5 {
        ", met"
    } else {
        ", MISSED"
    };
    println!(
        "{:<58}{ratio:>13.2}x  at most 1.50x{met}",
        "the same, many routes against ten"
    );

    let messages = messages(many, 200);
    let (cost, pages) = cpu_clock::cpu_reading(runs, || {
        messages
            .iter()
            .map(|facts| explain(&checked, facts, false).render().len())
            .sum::<usize>()
    })
    .expect("procfs tells CPU time");
    black_box(pages);
    report(
        &format!("explain among {many} routes"),
        cost.median / 200,
        (!smoke).then(|| Duration::from_millis(1)),
    );
}

fn report(name: &str, cost: Duration, most: Option<Duration>) {
    let asked = most.map_or(String::new(), |most| {
        let met = if cost <= most { "met" } else { "MISSED" };
        format!("at most {most:?}, {met}")
    });
    println!("{name:<58}{:>14}  {asked}", format!("{cost:.2?}"));
}

/// The configuration, read and checked; a bench of a faulty one would measure the wrong thing.
fn sound(sources: &InMemory) -> Checked {
    let checked = check(sources, "gateway.toml", TODAY);
    assert!(
        checked.is_sound(),
        "{}",
        checked.report.render(&checked.document.files)
    );
    checked
}

/// The time of one decision, over many messages of all kinds.
fn decisions(checked: &Checked, routes: usize, smoke: bool) -> Duration {
    let (kinds, times) = if smoke { (50, 1) } else { (1_000, 200) };
    let messages = messages(routes, kinds);
    let decide_all = || {
        let mut sum = 0;
        for _ in 0..times {
            for facts in &messages {
                sum += usize::from(black_box(checked.table.decide(black_box(facts))).to.is_some());
            }
        }
        sum
    };
    let (cost, sum) = cpu_clock::cpu_reading(5, decide_all).expect("procfs tells CPU time");
    assert!(sum > 0, "some messages are routed");
    let all = u32::try_from(messages.len() * times).expect("fewer decisions than that");
    cost.median / all
}

/// A network: a sheet of payers, and routes of several kinds in an included file.
fn configuration(partners: usize, routes: usize) -> InMemory {
    let main = "config-version = 1
include = [\"routes.toml\"]

[gateway]
name       = \"Bench\"
public-url = \"https://gateway.example\"
data-dir   = \"data\"
isa        = \"ZZ:BENCH\"
usage      = \"T\"

[directory.payers]
file     = \"payers.csv\"
defaults = { role = \"payer\", speaks = \"fhir\", fhir = { attachments = \"task\" } }

[[test]]
name   = \"the first payer is reached\"
given  = { message = \"submit-attachment\", payer-id = \"P000000\" }
expect = { to = \"payer-0\", by = \"addressee\" }
";
    let mut sheet = "name,payer-ids,npi,fhir.url\n".to_owned();
    for number in 0..partners {
        let npi = unique_npi(number);
        let _ = writeln!(
            sheet,
            "payer-{number},P{number:06},{npi},https://payer-{number}.example/r4"
        );
    }
    let mut text = String::new();
    for number in 0..routes {
        let to = number % partners;
        let when = when(number);
        let _ = write!(
            text,
            "[[route]]\nname = \"route {number}\"\nwhen = {{ {when} }}\nto = \"payer-{to}\"\n\n"
        );
    }
    InMemory::default()
        .with("gateway.toml", main)
        .with("payers.csv", sheet)
        .with("routes.toml", text)
}

/// Conditions of three kinds: a payer and a document, a start of a payer id, a sender with its group.
fn when(number: usize) -> String {
    match number % 4 {
        0 | 1 => format!("message = \"275\", payer-id = \"P{number:06}\", loinc = \"18842-5\""),
        2 => format!("message = \"275\", payer-id = \"Q{number:06}*\""),
        _ => format!(
            "message = [\"275\", \"277\"], isa-sender = \"ZZ:S{number:06}\", gs-sender = \"G{number:06}\""
        ),
    }
}

/// An NPI that no other number has.
fn unique_npi(number: usize) -> String {
    let body = format!("1{number:08}");
    ('0'..='9')
        .map(|digit| format!("{body}{digit}"))
        .find(|npi| cartage::base::ids::Npi::parse(npi).is_ok())
        .expect("one of ten digits is the check digit")
}

/// Messages of which some match each kind of route, and some none.
fn messages(routes: usize, count: usize) -> Vec<Facts> {
    let mut dice = Dice::new(2);
    let mut pick = |bound: usize| usize::try_from(dice.below(bound as u64)).unwrap_or(0);
    (0..count)
        .map(|_| {
            let number = pick(routes);
            let mut facts = Facts::default();
            let mut say = |key: Key, text: &str| facts.read(key, text, Source::Given(text.into()));
            say(Key::Message, "275");
            say(Key::Version, "006020X314");
            say(Key::IsaReceiver, "ZZ:BENCH");
            say(Key::GsReceiver, "BENCH");
            say(Key::Organization, "ETIN0001");
            say(Key::ProviderNpi, "1234567893");
            say(Key::AttachTo, "claim");
            say(Key::Solicited, "false");
            say(Key::Loinc, if pick(2) == 0 { "18842-5" } else { "11506-3" });
            match number % 4 {
                2 => say(Key::PayerId, &format!("Q{number:06}77")),
                _ => say(Key::PayerId, &format!("P{number:06}")),
            }
            say(Key::IsaSender, &format!("ZZ:S{number:06}"));
            say(Key::GsSender, &format!("G{number:06}"));
            facts
        })
        .collect()
}
