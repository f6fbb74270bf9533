//! What attachments cost that are too long to be held: `cartage serve` in a process of its own, a sender and its partners in
//! this one, none of which keeps a payload.
//!
//! `cargo bench --bench heavy` measures; `-- --smoke` only runs everything once on little input. `LEDGER_BENCH_DIR` names
//! the folder to work in; `HEAVY_MB` is how long one attachment is, `HEAVY_AT_ONCE` how many come at once, such as `100x50`.
//! Memory is the most that the process ever had in a run over what it had when it was idle, as the kernel counts it.
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "what is measured is counted by the kernel of Linux")
)]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(
    clippy::disallowed_methods,
    reason = "a bench measures with the machine's own clock"
)]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded anyway")]
#![allow(unreachable_pub, reason = "the shared modules belong to several programs")]

#[path = "heavy/gateway.rs"]
mod gateway;
#[path = "../tests/flow/messages.rs"]
#[allow(dead_code, clippy::string_slice, reason = "the bench needs two of them")]
mod messages;
#[path = "heavy/parcel.rs"]
mod parcel;
#[path = "heavy/partner.rs"]
mod partner;

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::thread;
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use gateway::Gateway;
use parcel::Manner;
use parcel::Parcel;
use parcel::Way;
use partner::Partner;

/// What is asked for, in MiB: over the idle process with one long attachment, and with all at once.
const MOST_OVER: u64 = 32;
const MOST_AT_ONCE: u64 = 1024;

/// How long a door waits for a client unless the configuration says otherwise.
const USUAL: &str = "30s";

const ROUTES: [Way; 5] = [
    Way::FhirToX12,
    Way::X12ToFhir,
    Way::FhirToFhir,
    Way::X12ToX12,
    Way::FolderToFhir,
];

fn main() {
    if !cfg!(target_os = "linux") {
        println!("skipped: memory of another process is read from procfs");
        return;
    }
    let smoke = env::args().any(|word| word == "--smoke");
    println!("in {}", if smoke { "a short run" } else { "a whole run" });
    let long = number("HEAVY_MB").unwrap_or(if smoke { 2 } else { 500 });
    let (count, each) = at_once().unwrap_or(if smoke { (8, 1) } else { (100, 50) });
    let folder = folder();
    for way in ROUTES {
        one(&folder, way, long, smoke);
    }
    many(&folder, count, each, smoke);
    siege(&folder, smoke);
    let _ = fs::remove_dir_all(&folder);
}

/// One long attachment on a way.
fn one(folder: &Path, way: Way, length: u64, smoke: bool) {
    let (partner, gateway) = stage(folder, way.name(), USUAL);
    let fresh = gateway.settled();
    // One short message has been everywhere before.
    carry(&gateway, &partner, &Parcel::new(way, 1, 1));
    let idle = gateway.settled();
    let stored = gateway.stored();
    gateway.forget_peak();
    let cpu = gateway.cpu_time();
    let began = Instant::now();
    carry(&gateway, &partner, &Parcel::new(way, 2, length));
    let took = began.elapsed();
    let cpu = gateway.cpu_time().saturating_sub(cpu);
    let over = gateway.peak().saturating_sub(idle);
    let times = (gateway.stored().saturating_sub(stored)) as f64 / (length << 20) as f64;
    println!(
        "{:<24}{length:>6} MiB{:>8.1} s{:>8.2} CPU s/GB{times:>7.2} times on disk{fresh:>6} MiB fresh{:>6} MiB idle{over:>6} MiB over it{}",
        way.name(),
        took.as_secs_f64(),
        cpu.as_secs_f64() / ((length << 20) as f64 / 1e9),
        idle,
        verdict(smoke, over <= MOST_OVER),
    );
    drop(gateway);
    let _ = fs::remove_dir_all(folder.join(way.name()));
}

/// Many attachments at once, on all ways by the network in turn.
fn many(folder: &Path, count: u64, length: u64, smoke: bool) {
    let (partner, gateway) = stage(folder, "at-once", USUAL);
    carry(&gateway, &partner, &Parcel::new(Way::FhirToX12, 1, 1));
    let idle = gateway.settled();
    gateway.forget_peak();
    let cpu = gateway.cpu_time();
    let began = Instant::now();
    let ways = ROUTES.iter().take(4).copied().cycle();
    let parcels = (2..)
        .zip(ways)
        .map(|(number, way)| Parcel::new(way, number, length));
    let door = &gateway;
    let mut sent: Vec<[u8; 32]> = thread::scope(|scope| {
        let threads: Vec<_> = parcels
            .take(usize::try_from(count).expect("so many threads are not started"))
            .map(|parcel| scope.spawn(move || parcel.send(door)))
            .collect();
        let sent = threads.into_iter().map(ScopedJoinHandle::join);
        sent.map(|sent| sent.expect("no sender panics")).collect()
    });
    let accepted = began.elapsed();
    let mut arrived: Vec<[u8; 32]> = sent.iter().map(|_| partner.next()).collect();
    let took = began.elapsed();
    sent.sort_unstable();
    arrived.sort_unstable();
    assert!(sent == arrived, "what arrived is what was sent");
    let cpu = gateway.cpu_time().saturating_sub(cpu);
    let peak = gateway.peak();
    println!(
        "{count:>3} at once, mixed      {length:>6} MiB{:>8.1} s until taken{:>8.1} s until delivered{:>8.2} CPU s/GB{:>6} MiB idle{peak:>6} MiB at most{}",
        accepted.as_secs_f64(),
        took.as_secs_f64(),
        cpu.as_secs_f64() / ((count * length) << 20) as f64 * 1e9,
        idle,
        verdict(smoke, peak <= MOST_AT_ONCE),
    );
}

/// Clients that begin a long body and never end it: half of them send an octet a second, and half of them nothing more.
fn siege(folder: &Path, smoke: bool) {
    let (partner, gateway) = stage(folder, "siege", if smoke { "1s" } else { USUAL });
    carry(&gateway, &partner, &Parcel::new(Way::FhirToX12, 1, 1));
    let idle = gateway.settled();
    let stored = gateway.stored();
    gateway.forget_peak();
    let count = if smoke { 4 } else { 100 };
    let began = Instant::now();
    let door = &gateway;
    let answers: Vec<Option<u16>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                let manner = match number % 2 {
                    // Whoever drips is borne with for ten seconds, however short the run.
                    0 if !smoke => Manner::Drips,
                    _ => Manner::Stops,
                };
                let parcel = Parcel::new(Way::FhirToX12, number, 500);
                scope.spawn(move || parcel.begin(door, manner))
            })
            .collect();
        let answers = threads.into_iter().map(ScopedJoinHandle::join);
        answers.map(|answer| answer.expect("no client panics")).collect()
    });
    let told = answers.iter().filter(|answer| **answer == Some(408)).count();
    println!(
        "{count:>3} that never end{:>22.1} s until all are gone, {told} told so{:>8} MiB idle{:>6} MiB at most, {} octets left on disk",
        began.elapsed().as_secs_f64(),
        idle,
        gateway.peak(),
        gateway.stored().saturating_sub(stored),
    );
    assert!(told == answers.len(), "each of them is told");
    // And it goes on.
    carry(&gateway, &partner, &Parcel::new(Way::X12ToX12, 1_000, 1));
}

/// Sends one and waits until it has arrived.
fn carry(gateway: &Gateway, partner: &Partner, parcel: &Parcel) {
    let sent = parcel.send(gateway);
    assert!(sent == partner.next(), "what arrived is what was sent");
}

fn stage(folder: &Path, name: &str, patience: &str) -> (Partner, Gateway) {
    let site = folder.join(name);
    fs::create_dir_all(&site).expect("the folder can be made");
    let partner = Partner::open();
    let gateway = Gateway::start(&site, partner.address, patience);
    (partner, gateway)
}

const fn verdict(smoke: bool, met: bool) -> &'static str {
    match (smoke, met) {
        (true, _) => "",
        (false, true) => ", met",
        (false, false) => ", MISSED",
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn at_once() -> Option<(u64, u64)> {
    let told = env::var("HEAVY_AT_ONCE").ok()?;
    let (count, each) = told.split_once('x')?;
    Some((count.parse().ok()?, each.parse().ok()?))
}

/// A folder of its own for this run.
fn folder() -> PathBuf {
    let parent = env::var_os("LEDGER_BENCH_DIR")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).into(), PathBuf::from);
    parent.join(format!("heavy-bench-{}", process::id()))
}
