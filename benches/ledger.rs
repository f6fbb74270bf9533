//! How fast the ledger accepts: durable entries a second with 256 waiters, how long a lone client waits in units of one
//! fdatasync of this disk, and what this disk does at most with the same batches and no SQL.
//!
//! `cargo bench --bench ledger` measures; `-- --smoke` only runs everything once on little input. `LEDGER_BENCH_DIR` names
//! the folder to work in, which should be on the disk that is of interest.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(
    clippy::disallowed_methods,
    reason = "a bench measures with the machine's own clock"
)]
#![allow(unreachable_pub, reason = "the shared module belongs to several programs")]

#[path = "ledger/ceiling.rs"]
mod ceiling;
#[path = "cpu_clock.rs"]
mod cpu_clock;
#[path = "ledger/drafts.rs"]
mod drafts;

use std::cell::Cell;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use cartage::base::clock::Clock;
use cartage::base::clock::SystemClock;
use cartage::ledger::ids::TenantId;
use cartage::ledger::local::Ledger;
use cartage::ledger::local::Settings;

use drafts::Shape;
use tokio::task::LocalSet;
use tokio::task::spawn_local;

const WAITERS: usize = 256;

fn main() {
    let smoke = env::args().any(|word| word == "--smoke");
    let size = if smoke { Size::SMOKE } else { Size::WHOLE };
    let folder = folder();
    println!("in {}", if smoke { "a short run" } else { "a whole run" });
    if env::var_os("ONLY").is_some() {
        for round in 0..size.rounds {
            for shape in [Shape::Plain, Shape::Whole] {
                let dir = folder.join(format!("{}-{round}", shape.name()));
                let accepts = accepts(&dir, shape, size.entries);
                report(shape.title(), accepts.rate, Some(accepts.cpu), None);
            }
        }
        let _ = fs::remove_dir_all(&folder);
        return;
    }
    for round in 0..size.rounds {
        let ceiling = ceiling::batches(&folder, WAITERS, 4096, size.syncs);
        report("this disk, 256 x 4 KiB + fdatasync", ceiling.rate, None, None);
        for shape in [Shape::Plain, Shape::Whole] {
            let dir = folder.join(format!("{}-{round}", shape.name()));
            let accepts = accepts(&dir, shape, size.entries);
            report(shape.title(), accepts.rate, Some(accepts.cpu), Some(ceiling.rate));
        }
        let appends = appends(&folder.join(format!("log-{round}")), size.entries);
        report(
            "blob log alone, 12 KiB blobs",
            appends.rate,
            Some(appends.cpu),
            None,
        );
        let dir = folder.join(format!("lone-{round}"));
        lone(&dir, size.lone);
        let dir = folder.join(format!("long-{round}"));
        long(&dir, size.long);
    }
    let _ = fs::remove_dir_all(&folder);
}

struct Size {
    rounds: usize,
    entries: usize,
    syncs: usize,
    lone: usize,
    long: usize,
}

impl Size {
    const SMOKE: Self = Self {
        rounds: 1,
        entries: 600,
        syncs: 4,
        lone: 5,
        long: 2 << 20,
    };
    const WHOLE: Self = Self {
        rounds: 3,
        entries: 60_000,
        syncs: 200,
        lone: 300,
        long: 512 << 20,
    };
}

struct Reading {
    rate: f64,
    cpu: Duration,
}

fn report(name: &str, rate: f64, cpu: Option<Duration>, ceiling: Option<f64>) {
    let cpu = cpu.map_or_else(String::new, |cpu| {
        format!("{:>8.1} CPU us each", cpu.as_secs_f64() * 1e6)
    });
    let of = ceiling.map_or_else(String::new, |ceiling| {
        format!("{:>8.0} % of the ceiling", 100.0 * rate / ceiling)
    });
    println!("{name:<44}{rate:>10.0} /s{cpu}{of}");
}

/// A folder of its own for this run.
fn folder() -> PathBuf {
    let parent = env::var_os("LEDGER_BENCH_DIR")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).into(), PathBuf::from);
    let folder = parent.join(format!("ledger-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

fn open(folder: &Path) -> Ledger {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let (ledger, warnings) = Ledger::open(&Settings::of(folder), &clock).expect("the ledger opens");
    assert!(warnings.is_empty(), "a new ledger is sound");
    ledger
}

/// Runs `each` until it was done `times` times, by 256 waiters at once.
fn measure<F>(times: usize, each: impl Fn(usize) -> F + 'static) -> Reading
where
    F: Future<Output = ()> + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("the runtime can be made");
    let each = Rc::new(each);
    let next = Rc::new(Cell::new(0));
    let before = cpu_clock::cpu_time().expect("procfs tells CPU time");
    let began = Instant::now();
    LocalSet::new().block_on(&runtime, async {
        let waiters = (0..WAITERS).map(|_| {
            let (next, each) = (Rc::clone(&next), Rc::clone(&each));
            spawn_local(async move {
                while next.get() < times {
                    let number = next.replace(next.get() + 1);
                    each(number).await;
                }
            })
        });
        for waiter in waiters.collect::<Vec<_>>() {
            waiter.await.expect("no waiter panics");
        }
    });
    let took = began.elapsed();
    let cpu = cpu_clock::cpu_time()
        .expect("procfs tells CPU time")
        .saturating_sub(before);
    let count = u32::try_from(times).expect("a bench does not run so often");
    Reading {
        rate: f64::from(count) / took.as_secs_f64(),
        cpu: cpu / count,
    }
}

fn accepts(folder: &Path, shape: Shape, times: usize) -> Reading {
    let ledger = open(folder);
    let store = ledger.store();
    let draft = drafts::Draft::new(shape);
    let reading = measure(times, move |number| {
        let answer = store.commit(draft.entry(number));
        async move {
            answer.await.expect("the entry is accepted");
        }
    });
    let tally = ledger.store().tally().wait().expect("the ledger can be read");
    assert_eq!(tally.entries, times as u64, "every entry is there");
    reading
}

fn appends(folder: &Path, times: usize) -> Reading {
    let ledger = open(folder);
    let blobs = ledger.blobs();
    let owner = TenantId::parse("mercy").expect("the name is one");
    let payload = vec![b'x'; 12 * 1024];
    measure(times, move |_| {
        let mut writer = blobs.create(&owner);
        let written = writer.write(&payload);
        let kept = writer.finish();
        async move {
            written.await.expect("the blob is taken");
            kept.await.expect("the blob is kept");
        }
    })
}

/// One client that waits for each answer, in turn with one fdatasync of as many bytes.
fn lone(folder: &Path, times: usize) {
    let ledger = open(folder);
    let store = ledger.store();
    let draft = drafts::Draft::new(Shape::Plain);
    let mut disk = ceiling::Lone::new(folder);
    let (mut commits, mut syncs) = (Vec::new(), Vec::new());
    for number in 0..times {
        syncs.push(disk.sync());
        let entry = draft.entry(number);
        let began = Instant::now();
        store.commit(entry).wait().expect("the entry is accepted");
        commits.push(began.elapsed());
    }
    let (commit, sync) = (ceiling::median(&mut commits), ceiling::median(&mut syncs));
    println!(
        "{:<44}{:>10.3} ms    {:>8.3} ms one fdatasync{:>8.2} times",
        "lone client, p50",
        commit.as_secs_f64() * 1e3,
        sync.as_secs_f64() * 1e3,
        commit.as_secs_f64() / sync.as_secs_f64()
    );
}

/// One long blob, written and read again.
fn long(folder: &Path, length: usize) {
    let ledger = open(folder);
    let blobs = ledger.blobs();
    let owner = TenantId::parse("mercy").expect("the name is one");
    let chunk = vec![b'x'; 256 * 1024];
    let _ = cpu_clock::reset_peak_memory();
    let base = cpu_clock::peak_memory().expect("procfs tells memory");
    let before = cpu_clock::cpu_time().expect("procfs tells CPU time");
    let began = Instant::now();
    let mut writer = blobs.create(&owner);
    for _ in 0..length / chunk.len() {
        writer.write(&chunk).wait().expect("the piece is taken");
    }
    let kept = writer.finish().wait().expect("the blob is kept");
    let (took, cpu) = (
        began.elapsed(),
        cpu_clock::cpu_time()
            .expect("procfs tells CPU time")
            .saturating_sub(before),
    );
    let over = cpu_clock::peak_memory()
        .expect("procfs tells memory")
        .saturating_sub(base);
    let megabytes = f64::from(u32::try_from(length >> 20).expect("it is short enough"));
    println!(
        "{:<44}{:>10.0} MiB/s{:>8.0} MiB/CPU s{:>6} MiB over baseline",
        "one long blob, durable",
        megabytes / took.as_secs_f64(),
        megabytes / cpu.as_secs_f64(),
        over >> 20
    );
    let before = cpu_clock::cpu_time().expect("procfs tells CPU time");
    let part = cartage::ledger::body::Body {
        parts: vec![kept.part],
    };
    let blob = part.blobs().next().expect("a long blob is not inline");
    let mut reader = blobs.open(&owner, blob);
    let mut read = 0;
    while let Some(piece) = reader.next().wait().expect("the blob is sound") {
        read += piece.len();
    }
    assert_eq!(read, length, "all of it comes back");
    let cpu = cpu_clock::cpu_time()
        .expect("procfs tells CPU time")
        .saturating_sub(before);
    println!(
        "{:<44}{:>21.0} MiB/CPU s",
        "one long blob, read and proven",
        megabytes / cpu.as_secs_f64()
    );
}
