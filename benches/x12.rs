//! How fast `x12-parser` reads, checks and streams, as CPU time of this process and as a ratio to the crate `edi` 0.4.0
//! on the same input in the same run.
//!
//! `cargo bench --bench x12` measures; `-- --smoke` only runs everything once on little input; `-- --no-peer` leaves the
//! peer out. The peer is built and run in a workspace of its own, `benches/peers`.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(unreachable_pub, reason = "the shared modules belong to several programs")]

#[path = "cpu_clock.rs"]
mod cpu_clock;
#[path = "invent/mod.rs"]
mod invent;
#[path = "x12/peer.rs"]
mod peer;

use cartage::mapping::guides::Guides;
use std::env;
use std::hint::black_box;
use std::time::Duration;
use x12_parser::Checker;
use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::Matched;
use x12_parser::Reader;
use x12_parser::Severity;
use x12_parser::Terms;
use x12_parser::Watch;

const MEGABYTE: f64 = 1e6;

/// What is asked of a measurement.
#[derive(Clone, Copy)]
enum Floor {
    /// So many times the rate of the peer.
    TimesPeer(f64),
    /// So many megabytes per CPU second.
    Rate(f64),
}

fn main() {
    let smoke = env::args().any(|word| word == "--smoke");
    let size = if smoke { 200_000 } else { 20_000_000 };
    let input = invent::interchange_837(size);
    let peer = if smoke || env::args().any(|word| word == "--no-peer") {
        None
    } else {
        peer::edi(&input)
    };
    match peer {
        Some(rate) => println!("peer edi 0.4.0: {rate:.0} MB per CPU second"),
        None => println!("peer edi 0.4.0: not measured"),
    }
    println!("{:<44}{:>12}{:>10}  asked", "", "MB/CPU s", "x edi");
    let bench = Bench { peer, smoke };
    bench.measure(
        "837: segment events with positions",
        &input,
        Some(Floor::TimesPeer(25.0)),
        &segments,
    );
    bench.measure(
        "837: every element and component visited",
        &input,
        Some(Floor::TimesPeer(8.0)),
        &components,
    );
    bench.measure(
        "837: envelope check with findings",
        &input,
        Some(Floor::TimesPeer(15.0)),
        &envelope,
    );
    for size in [size, size * 2] {
        let input = invent::interchange_837(size);
        bench.measure("837: segment events, linear in size", &input, None, &segments);
    }
    let guides = Guides::embedded().expect("the guides that the program carries are sound");
    let claims = if smoke { 100 } else { 40_000 };
    let requests = invent::interchange_277(claims);
    let attachments = invent::interchange_275(claims / 2, 600);
    let validate = |input: &[u8]| validate(input, guides.set());
    bench.measure(
        "277: everything checked by the guide",
        &requests,
        Some(Floor::Rate(150.0)),
        &validate,
    );
    bench.measure(
        "275: everything checked by the guide",
        &attachments,
        Some(Floor::Rate(150.0)),
        &validate,
    );
    bench.payload();
}

/// How to measure and what to compare with.
struct Bench {
    /// The peer's rate on the same input.
    peer: Option<f64>,
    smoke: bool,
}

impl Bench {
    fn measure(&self, name: &str, input: &[u8], floor: Option<Floor>, work: &dyn Fn(&[u8]) -> u64) {
        let runs = if self.smoke { 1 } else { 9 };
        let (cost, done) = cpu_clock::cpu_reading(runs, || work(input)).expect("procfs tells CPU time");
        black_box(done);
        self.report(name, input.len(), cost.median, floor);
    }

    fn report(&self, name: &str, bytes: usize, cost: Duration, floor: Option<Floor>) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a rate needs no more than a few digits"
        )]
        let rate = bytes as f64 / MEGABYTE / cost.as_secs_f64().max(1e-9);
        let times = self.peer.map(|peer| rate / peer);
        let (asked, met) = match floor {
            None => (String::new(), None),
            Some(Floor::TimesPeer(least)) => (format!("{least:.0} x edi"), times.map(|times| times >= least)),
            Some(Floor::Rate(least)) => (format!("{least:.0} MB/CPU s"), Some(rate >= least)),
        };
        let met = match met {
            Some(_) if self.smoke => "",
            Some(true) => ", met",
            Some(false) => ", MISSED",
            None => "",
        };
        let times = times.map_or_else(|| "-".to_owned(), |times| format!("{times:.1}"));
        println!("{name:<44}{rate:>12.0}{times:>10}  {asked}{met}");
    }

    /// A payload that is streamed, never held: one megabyte of it, fed again and again; each octet is looked at.
    fn payload(&self) {
        let length: usize = if self.smoke { 16 << 20 } else { 1 << 30 };
        // Where the peak cannot be reset it counts from the start, which only makes the figure larger.
        let _ = cpu_clock::reset_peak_memory();
        let baseline = cpu_clock::peak_memory().expect("procfs tells memory");
        let (cost, ()) = cpu_clock::cpu_reading(1, || stream(length)).expect("procfs tells CPU time");
        let over = cpu_clock::peak_memory()
            .expect("procfs tells memory")
            .saturating_sub(baseline);
        self.report(
            "275: BDS payload in chunks, octets read",
            length,
            cost.median,
            Some(Floor::Rate(3000.0)),
        );
        println!(
            "{:<44}{:>9} MiB over baseline  at most 8",
            "275: the same, memory",
            over >> 20
        );
    }
}

fn segments(input: &[u8]) -> u64 {
    let mut reader = Reader::default();
    let mut sum = 0;
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        if let Some(segment) = event.segment() {
            sum += segment.place().offset ^ segment.raw().len() as u64;
        }
    }
    sum
}

fn components(input: &[u8]) -> u64 {
    let mut reader = Reader::default();
    let mut sum = 0;
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        let Some(segment) = event.segment() else { continue };
        for value in segment.values() {
            sum += value.start as u64 ^ value.bytes.len() as u64 ^ value.position.component() as u64;
        }
    }
    sum
}

fn envelope(input: &[u8]) -> u64 {
    let mut reader = Reader::default();
    let mut envelope = Envelope::default();
    let mut found = 0;
    let mut events = reader.feed(input);
    while let Some(event) = events.advance() {
        envelope.observe(&event, &mut |_| found += 1);
    }
    envelope.finish(input.len() as u64, &mut |_| found += 1);
    assert_eq!(found, 0, "the invented interchange is sound");
    found
}

/// Counts what weighs more than a note.
#[derive(Default)]
struct Grave(u64);

impl Watch for Grave {
    fn event(&mut self, _event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        self.0 += findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .count() as u64;
    }
}

fn validate(input: &[u8], guides: &GuideSet) -> u64 {
    let mut grave = Grave::default();
    let mut checker = Checker::new(Terms::default(), guides);
    for chunk in input.chunks(1 << 20) {
        checker.feed(chunk, &mut grave);
    }
    checker.finish(&mut grave);
    assert_eq!(grave.0, 0, "the invented interchange keeps to its guide");
    grave.0
}

fn stream(length: usize) {
    let (before, behind) = invent::attachment_frame(length as u64);
    let block = vec![b'A'; 1 << 20];
    let mut reader = Reader::default();
    let (mut octets, mut sum) = (0, 0);
    let blocks = std::iter::repeat_n(block.as_slice(), length >> 20);
    for chunk in std::iter::once(before.as_slice())
        .chain(blocks)
        .chain([behind.as_slice()])
    {
        let mut events = reader.feed(chunk);
        while let Some(event) = events.advance() {
            if let Event::BinaryChunk(chunk) = event {
                octets += chunk.bytes.len() as u64;
                sum = chunk.bytes.iter().fold(sum, |sum, byte| sum ^ byte);
            }
        }
    }
    assert_eq!(octets, length as u64, "every octet was passed on");
    black_box(sum);
}
