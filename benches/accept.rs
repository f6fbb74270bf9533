//! How fast the gateway accepts: `cartage serve` in a process of its own on one core, and 256 clients on the other that
//! hand in attachments of 4 KiB by `$submit-attachment`; each answer means that all of it is on the disk.
//!
//! `cargo bench --bench accept` measures; `-- --smoke` only runs everything once on little input. `LEDGER_BENCH_DIR` names
//! the folder to work in, which should be on the disk that is of interest.
//! The payer is not there, so nothing is delivered: this is the cost of taking in.
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
#![allow(unreachable_pub, reason = "the shared modules belong to several programs")]

#[path = "ledger/ceiling.rs"]
mod ceiling;
#[path = "accept/client.rs"]
mod client;
#[path = "accept/gateway.rs"]
mod gateway;

use std::cell::Cell;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::rc::Rc;
use std::time::Duration;
use std::time::Instant;

use tokio::task::LocalSet;
use tokio::task::spawn_local;

use client::Client;
use gateway::Gateway;

const CLIENTS: usize = 256;

struct Size {
    rounds: usize,
    accepts: usize,
    lone: usize,
    syncs: usize,
}

fn main() {
    if !cfg!(target_os = "linux") {
        println!("skipped: CPU time of another process is read from procfs");
        return;
    }
    let smoke = env::args().any(|word| word == "--smoke");
    let size = if smoke {
        Size {
            rounds: 1,
            accepts: 300,
            lone: 5,
            syncs: 4,
        }
    } else {
        Size {
            rounds: 3,
            accepts: 30_000,
            lone: 300,
            syncs: 200,
        }
    };
    println!("in {}", if smoke { "a short run" } else { "a whole run" });
    let folder = folder();
    for round in 0..size.rounds {
        let site = folder.join(round.to_string());
        fs::create_dir_all(&site).expect("the folder can be made");
        let ceiling = ceiling::batches(&site, CLIENTS, 4096, size.syncs);
        println!(
            "{:<44}{:>10.0} /s",
            "this disk, 256 x 4 KiB + fdatasync", ceiling.rate
        );
        let gateway = Gateway::start(&site);
        accepts(&gateway, size.accepts, ceiling.rate);
        lone(&gateway, &site, size.lone);
    }
    let _ = fs::remove_dir_all(&folder);
}

/// All clients at once.
fn accepts(gateway: &Gateway, times: usize, ceiling: f64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime can be made");
    let next = Rc::new(Cell::new(0));
    let before = gateway.cpu_time();
    let began = Instant::now();
    LocalSet::new().block_on(&runtime, async {
        let clients = (0..CLIENTS).map(|_| {
            let (next, door) = (Rc::clone(&next), gateway.door);
            spawn_local(async move {
                let mut client = Client::connect(door).await;
                while next.get() < times {
                    let number = next.replace(next.get() + 1);
                    client.hand_in(number).await;
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("no client panics");
        }
    });
    let took = began.elapsed();
    let cpu = gateway.cpu_time().saturating_sub(before);
    let count = u32::try_from(times).expect("a bench does not run so often");
    let rate = f64::from(count) / took.as_secs_f64();
    println!(
        "{:<44}{rate:>10.0} /s{:>8.1} CPU us each{:>8.1} % of the ceiling{:>10.0} /s by CPU",
        "durable accepts, 256 clients",
        (cpu / count).as_secs_f64() * 1e6,
        100.0 * rate / ceiling,
        f64::from(count) / cpu.as_secs_f64()
    );
}

/// One client that waits for each answer, in turn with one fdatasync of as many bytes.
fn lone(gateway: &Gateway, folder: &Path, times: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime can be made");
    let mut disk = ceiling::Lone::new(folder);
    let (mut accepts, mut syncs): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        let mut client = Client::connect(gateway.door).await;
        for number in 0..times {
            syncs.push(disk.sync());
            let began = Instant::now();
            client.hand_in(1_000_000 + number).await;
            accepts.push(began.elapsed());
        }
    });
    let (accept, sync) = (ceiling::median(&mut accepts), ceiling::median(&mut syncs));
    println!(
        "{:<44}{:>10.3} ms    {:>8.3} ms one fdatasync{:>8.3} ms above it",
        "lone client, p50",
        accept.as_secs_f64() * 1e3,
        sync.as_secs_f64() * 1e3,
        accept.saturating_sub(sync).as_secs_f64() * 1e3
    );
}

/// A folder of its own for this run.
fn folder() -> PathBuf {
    let parent = env::var_os("LEDGER_BENCH_DIR")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).into(), PathBuf::from);
    parent.join(format!("accept-bench-{}", process::id()))
}
