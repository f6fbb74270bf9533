//! How fast translations are, as CPU time of this process: reading, translating and writing together.
//!
//! `cargo bench --bench translate` measures; `-- --smoke` only runs everything once on little input;
//! `-- --only NAME` measures what has NAME in its name, for a profiler.
//!
//! For scale, `crates/x12-parser/COMPARE.md` measured what others need for reading alone, in millions of bytes per CPU
//! second: `linuxforhealth-x12` 62 for segments and 0.62 for models, `pyx12` 4.6 for its reader and 0.22 for its
//! validator. The column MB/CPU s here is for the whole way from bytes to bytes, with books kept of every element.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(unreachable_pub, reason = "the shared modules belong to several programs")]

#[path = "cpu_clock.rs"]
mod cpu_clock;
#[path = "invent/mod.rs"]
mod invent;
#[path = "translate/stream.rs"]
mod stream;

use std::env;
use std::hint::black_box;

use cartage::mapping::Library;
use cartage::mapping::Program;
use cartage::translate;
use cartage::translate::Context;
use cartage::translate::Lineage;
use cartage::translate::Resources;
use cartage::x12;
use cartage::x12::Transaction;
use x12_parser::Address;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::Settings;
use x12_parser::Stamp;
use x12_parser::Version;
use x12_parser::Writer;

/// The allocator of the program, so that the figures are those of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = env::args().collect();
    let smoke = words.iter().any(|word| word == "--smoke");
    let only = words.iter().position(|word| word == "--only");
    let bench = Bench {
        runs: if smoke { 1 } else { 7 },
        smoke,
        only: only.and_then(|at| words.get(at + 1).cloned()),
    };
    println!("{:<52}{:>12}{:>12}  asked", "", "each/CPU s", "MB/CPU s");
    let library = Library::built_in().expect("the mappings that the program carries are sound");
    requests(&bench, &library);
    attachments(&bench, &library);
    stream::attachment(&bench);
}

/// How to measure.
pub struct Bench {
    runs: usize,
    /// Everything once, on little input.
    pub smoke: bool,
    only: Option<String>,
}

impl Bench {
    /// Whether `name` is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }

    /// Measures `work`, which handles `count` things in `bytes` bytes; gives the CPU seconds of the median run.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rate needs no more than a few digits"
    )]
    pub fn measure(
        &self,
        name: &str,
        count: usize,
        bytes: usize,
        floor: Option<f64>,
        work: &dyn Fn() -> usize,
    ) -> f64 {
        if !self.wants(name) {
            return 0.0;
        }
        let (cost, done) = cpu_clock::cpu_reading(self.runs, work).expect("procfs tells CPU time");
        assert!(black_box(done) > 0, "{name}: something came out");
        let seconds = cost.median.as_secs_f64().max(1e-9);
        let (each, megabytes) = (count as f64 / seconds, bytes as f64 / 1e6 / seconds);
        let asked = match floor {
            None => String::new(),
            Some(least) if self.smoke => format!("{least:.0}"),
            Some(least) if each >= least => format!("{least:.0}, met"),
            Some(least) => format!("{least:.0}, MISSED"),
        };
        println!("{name:<52}{each:>12.0}{megabytes:>12.1}  {asked}");
        seconds
    }
}

fn program<'l>(library: &'l Library, id: &str) -> &'l Program {
    library.program(id).expect("the program carries this mapping")
}

/// 277 to Tasks and back.
fn requests(bench: &Bench, library: &Library) {
    let claims = if bench.smoke { 50 } else { 1000 };
    let input = invent::interchange_277(claims);
    let there = program(library, "task-from-277");
    let context = Context::new();
    let floor = Some(50_000.0);
    let parse = || x12::read(&input, Settings::default()).len();
    bench.measure("277 to Tasks: reading alone", claims, input.len(), None, &parse);
    let tasks = |lineage| {
        let mut out = Vec::new();
        for transaction in x12::read(&input, Settings::default()) {
            translate::from_x12(there, &transaction, &context, lineage).write_documents(&mut out);
        }
        out
    };
    let kept = bench.measure("277 to Tasks", claims, input.len(), floor, &|| {
        tasks(Lineage::Kept).len()
    });
    let skipped = bench.measure("277 to Tasks, no lineage", claims, input.len(), None, &|| {
        tasks(Lineage::Skipped).len()
    });
    let same = tasks(Lineage::Kept) == tasks(Lineage::Skipped);
    compare("277 to Tasks", kept, skipped, same);

    let made = tasks(Lineage::Kept);
    let texts: Vec<&[u8]> = made
        .split(|byte| *byte == b'\n')
        .filter(|text| !text.is_empty())
        .collect();
    let back = program(library, "277-from-task");
    let request = |lineage| {
        let mut written = 0;
        for texts in texts.chunks(50) {
            let resources = Resources::read(texts).expect("what was made is JSON");
            let translation = translate::from_fhir(back, &resources, &context, lineage);
            written += translation
                .transactions()
                .map(|made| write(made, "006020X313", "HN"))
                .sum::<usize>();
        }
        written
    };
    bench.measure("Tasks to 277", claims, made.len(), floor, &|| {
        request(Lineage::Kept)
    });
}

/// 275 of 20 KB to Parameters and back.
fn attachments(bench: &Bench, library: &Library) {
    let count = if bench.smoke { 5 } else { 400 };
    let input = invent::interchange_275(count, 19_200);
    let context = Context::new();
    let there = program(library, "submit-from-275");
    let floor = Some(25_000.0);
    let parse = || x12::read(&input, Settings::default()).len();
    bench.measure(
        "275 to Parameters: reading alone",
        count,
        input.len(),
        None,
        &parse,
    );
    let submissions = |lineage| {
        let mut out = Vec::new();
        for transaction in x12::read(&input, Settings::default()) {
            translate::from_x12(there, &transaction, &context, lineage).write_documents(&mut out);
        }
        out
    };
    let kept = bench.measure("275 to Parameters", count, input.len(), floor, &|| {
        submissions(Lineage::Kept).len()
    });
    let skipped = bench.measure("275 to Parameters, no lineage", count, input.len(), None, &|| {
        submissions(Lineage::Skipped).len()
    });
    let same = submissions(Lineage::Kept) == submissions(Lineage::Skipped);
    compare("275 to Parameters", kept, skipped, same);

    let made = submissions(Lineage::Kept);
    let texts: Vec<&[u8]> = made
        .split(|byte| *byte == b'\n')
        .filter(|text| !text.is_empty())
        .collect();
    let back = program(library, "275-from-submit");
    let context = context.with("guide", "006020X314").with("control-number", "0001");
    let answer = |lineage| {
        let mut written = 0;
        for text in &texts {
            let resources = Resources::read(&[text]).expect("what was made is JSON");
            let translation = translate::from_fhir(back, &resources, &context, lineage);
            written += translation
                .transactions()
                .map(|made| write(made, "006020X314", "PI"))
                .sum::<usize>();
        }
        written
    };
    let kept = bench.measure("Parameters to 275", count, made.len(), floor, &|| {
        answer(Lineage::Kept)
    });
    let skipped = bench.measure("Parameters to 275, no lineage", count, made.len(), None, &|| {
        answer(Lineage::Skipped)
    });
    let same = answer(Lineage::Kept) == answer(Lineage::Skipped);
    compare("Parameters to 275", kept, skipped, same);
}

/// What keeping books costs; a figure only where both ways make the same.
fn compare(name: &str, kept: f64, skipped: f64, same: bool) {
    if !same {
        println!("{name}: NOT COMPARABLE, another target is made where no books are kept");
    } else if kept > 0.0 && skipped > 0.0 {
        println!(
            "{name}: keeping books costs {:.0} %  at most 30",
            (kept / skipped - 1.0) * 100.0
        );
    }
}

/// Bytes of an interchange with this transaction in it.
fn write(transaction: &Transaction, guide: &str, kind: &str) -> usize {
    let stamp = Stamp::parse("20261120", "0900").expect("a day of the calendar");
    let party = |id| Address { qualifier: "ZZ", id };
    let mut head = InterchangeHead::new(party("SENDER"), party("RECEIVER"), stamp, 1);
    head.version = Version::V00602;
    head.delimiters = Transaction::separators(std::slice::from_ref(transaction));
    let mut writer = Writer::new(Vec::with_capacity(transaction.size() + 512));
    let written = (|| {
        writer.interchange(&head)?;
        writer.group(&GroupHead {
            functional_id: kind,
            sender: "SENDER",
            receiver: "RECEIVER",
            stamp,
            control: 1,
            guide,
        })?;
        transaction.write(&mut writer)?;
        writer.end_group()?;
        writer.end_interchange()
    })();
    written.expect("what a translation makes can be written");
    writer.finish().expect("everything was closed").len()
}
