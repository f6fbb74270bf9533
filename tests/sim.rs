//! The simulator (ROB-023): exchange and courier over a store that forgets, in virtual time, under a network that
//! loses, doubles and reorders, with partners that have bad days, crashes, and clocks that jump.
//!
//! Then the whole middle (`sim/middle`): the real gateway and the real courier over the ledger that forgets.
//!
//! `cargo test --test sim` runs 200 seeds and sees that each way of sabotage is found;
//! `cargo test --test sim -- --seeds 10000` runs more, `-- --first 1000` begins elsewhere, and
//! `cargo test --test sim -- --seed S` (or `CARTAGE_SEED=S`) runs one again, exactly.
//!
//! It has a harness of its own so that a seed is an argument and a run that fails says how to have it again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "flow/partners.rs"]
mod agreements;
#[path = "sim/courier.rs"]
mod courier;
#[path = "sim/dice.rs"]
mod dice;
#[path = "sim/gateway.rs"]
mod gateway;
#[path = "sim/judge.rs"]
mod judge;
#[path = "sim/letters.rs"]
mod letters;
#[path = "flow/messages.rs"]
mod messages;
#[path = "sim/middle/mod.rs"]
mod middle;
#[path = "sim/partners.rs"]
mod partners;
#[path = "sim/plan.rs"]
mod plan;
#[path = "sim/store.rs"]
mod store;
#[path = "sim/world.rs"]
mod world;

use std::any::Any;
use std::collections::BTreeSet;
use std::io::Write;
use std::panic;
use std::process::ExitCode;

use gateway::Sabotage;
use middle::Broken;
use middle::Told;
use world::Counts;
use world::Report;
use world::World;

/// What was asked for on the command line.
struct Wish {
    first: u64,
    seeds: u64,
    only: bool,
}

const SEEDS: u64 = 200;

/// What must have happened to some exchange for the runs to show anything.
const REACHED: [&str; 21] = [
    "Requested",
    "Submitted",
    "ClaimSeen",
    "Receipt",
    "Faltered",
    "Exhausted",
    "Replayed",
    "HandOver elapsed",
    "Deadline elapsed",
    "Settle elapsed",
    "Hold elapsed",
    "Receipt overdue",
    "in Held",
    "in Requested",
    "in Accepted",
    "in Working",
    "in Delivering",
    "in OnHold",
    "in Completed",
    "in Rejected",
    "in Failed",
];

/// How many seeds a sabotage may go unseen.
const SABOTAGED: u64 = 60;

/// The same around the whole middle.
const BROKEN: u64 = 10;

fn main() -> ExitCode {
    let mut out = std::io::stdout();
    let Some(wish) = wish(std::env::args().skip(1), std::env::var("CARTAGE_SEED").ok()) else {
        return ExitCode::SUCCESS;
    };
    let mut total = Counts::default();
    let mut reached = BTreeSet::new();
    for seed in wish.first..wish.first + wish.seeds {
        match run(seed, Sabotage::None) {
            Ok(report) if report.complaints.is_empty() => {
                total.add(report.counts);
                reached.extend(report.reached);
            }
            Ok(report) => {
                let tail: Vec<String> = report.last.into();
                return fail(
                    &mut out,
                    seed,
                    &report.complaints.join("\n  "),
                    &tail.join("\n  "),
                );
            }
            Err(panic) => return fail(&mut out, seed, &panic, "it stopped there"),
        }
    }
    say(
        &mut out,
        &format!("sim: {} seeds from {}: {total:?}", wish.seeds, wish.first),
    );
    if !middles(&mut out, &wish) {
        return ExitCode::FAILURE;
    }
    if wish.only {
        return ExitCode::SUCCESS;
    }
    let unreached: Vec<&&str> = REACHED
        .iter()
        .filter(|place| !reached.contains(**place))
        .collect();
    if !unreached.is_empty() {
        say(
            &mut out,
            &format!("sim: so little happened that these were not reached: {unreached:?}"),
        );
        return ExitCode::FAILURE;
    }
    if replays(&mut out, wish.first) && finds_sabotage(&mut out) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The same seed gives the same run, happening by happening.
fn replays(out: &mut impl Write, first: u64) -> bool {
    for seed in first..first + 5 {
        let traces = [run(seed, Sabotage::None), run(seed, Sabotage::None)].map(|run| run.unwrap().trace);
        if traces[0] != traces[1] {
            say(out, &format!("sim: seed {seed} does not replay"));
            return false;
        }
    }
    true
}

/// A judge that finds nothing where something is wrong would prove nothing.
fn finds_sabotage(out: &mut impl Write) -> bool {
    let quiet = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let mut unseen = Vec::new();
    for sabotage in [
        Sabotage::ReplyBeforeSync,
        Sabotage::LyingDisk,
        Sabotage::NewNumbers,
        Sabotage::NoDeadLetters,
        Sabotage::WallClock,
    ] {
        let found =
            (0..SABOTAGED).find(|seed| !run(*seed, sabotage).is_ok_and(|run| run.complaints.is_empty()));
        match found {
            Some(seed) => say(out, &format!("sim: {sabotage:?} is found at seed {seed}")),
            None => unseen.push(sabotage),
        }
    }
    panic::set_hook(quiet);
    if !unseen.is_empty() {
        say(out, &format!("sim: not found in {SABOTAGED} seeds: {unseen:?}"));
    }
    unseen.is_empty()
}

fn run(seed: u64, sabotage: Sabotage) -> Result<Report, String> {
    let ran = panic::catch_unwind(|| World::of(seed, sabotage).run());
    ran.map_err(|panic| message_of(&*panic))
}

fn run_middle(seed: u64, broken: Broken) -> Result<Told, String> {
    let ran = panic::catch_unwind(|| middle::run(seed, broken));
    ran.map_err(|panic| message_of(&*panic))
}

/// What a panic said.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// Runs the whole middle by so many seeds; false, and the seed is told, if one goes wrong.
fn middles(out: &mut impl Write, wish: &Wish) -> bool {
    let mut total = middle::Counts::default();
    for seed in wish.first..wish.first + wish.seeds {
        match run_middle(seed, Broken::Nothing) {
            Ok(told) if told.complaints.is_empty() => total.add(told.counts),
            Ok(told) => {
                fail(out, seed, &told.complaints.join("\n  "), &told.last.join("\n  "));
                return false;
            }
            Err(panic) => {
                fail(out, seed, &panic, "it stopped there");
                return false;
            }
        }
    }
    say(
        out,
        &format!(
            "sim: the middle: {} seeds from {}: {total:?}",
            wish.seeds, wish.first
        ),
    );
    if wish.only {
        return true;
    }
    if total.cut == 0 || total.dead == 0 || total.completed == 0 || total.delivered == 0 {
        say(out, "sim: so little happened in the middle that it shows nothing");
        return false;
    }
    middle_replays(out, wish.first) && finds_broken_middles(out)
}

/// The same seed gives the same run of the middle, byte by byte.
fn middle_replays(out: &mut impl Write, first: u64) -> bool {
    for seed in first..first + 10 {
        let traces = [0, 1].map(|_| run_middle(seed, Broken::Nothing).unwrap().trace);
        if traces[0] != traces[1] {
            say(out, &format!("sim: seed {seed} of the middle does not replay"));
            return false;
        }
    }
    true
}

/// A world around the middle that is broken is seen to be.
fn finds_broken_middles(out: &mut impl Write) -> bool {
    let quiet = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let all = [Broken::Loses, Broken::Doubles, Broken::Alters, Broken::Promises];
    let is_found = |broken: Broken| {
        let mut runs = (0..BROKEN).map(|seed| run_middle(seed, broken));
        runs.any(|told| !told.is_ok_and(|told| told.complaints.is_empty()))
    };
    let unseen: Vec<Broken> = all.into_iter().filter(|broken| !is_found(*broken)).collect();
    panic::set_hook(quiet);
    if !unseen.is_empty() {
        say(
            out,
            &format!("sim: not found in {BROKEN} seeds of the middle: {unseen:?}"),
        );
    }
    unseen.is_empty()
}

fn fail(out: &mut impl Write, seed: u64, complaints: &str, tail: &str) -> ExitCode {
    say(
        out,
        &format!(
            "sim: seed {seed} went wrong:\n  {complaints}\nthe last that happened:\n  {tail}\n\
             again: cargo test --test sim -- --seed {seed}"
        ),
    );
    ExitCode::FAILURE
}

fn say(out: &mut impl Write, text: &str) {
    writeln!(out, "{text}").expect("the test's output can be written");
}

/// Reads the arguments; `None` if this test was not meant, as with `cargo test some_name`.
fn wish(mut arguments: impl Iterator<Item = String>, from_environment: Option<String>) -> Option<Wish> {
    let mut wish = Wish {
        first: 0,
        seeds: SEEDS,
        only: false,
    };
    let number = |text: Option<String>| -> u64 { text.and_then(|text| text.parse().ok()).expect("a number") };
    if from_environment.is_some() {
        (wish.first, wish.seeds, wish.only) = (number(from_environment), 1, true);
    }
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => (wish.first, wish.seeds, wish.only) = (number(arguments.next()), 1, true),
            "--seeds" => wish.seeds = number(arguments.next()),
            "--first" => wish.first = number(arguments.next()),
            // What the usual harness takes and this one has no use for.
            "--test-threads" | "--format" | "--color" | "--skip" | "--logfile" => drop(arguments.next()),
            "--list" => {
                say(&mut std::io::stdout(), "sim: test");
                return None;
            }
            name if !name.starts_with('-') && !"sim".contains(name) => return None,
            _ => {}
        }
    }
    Some(wish)
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.acknowledged += other.acknowledged;
        self.delivered += other.delivered;
        self.dead += other.dead;
        self.crashes += other.crashes;
        self.attempts += other.attempts;
    }
}

impl middle::Counts {
    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.delivered += other.delivered;
        self.dead += other.dead;
        self.crashes += other.crashes;
        self.cut += other.cut;
        self.refused += other.refused;
        self.completed += other.completed;
    }
}
