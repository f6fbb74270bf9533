//! An attachment of 500 MB that is never held: out of JSON into a `BDS`, and out of a `BDS` into JSON.

use std::io;
use std::io::Write;

use cartage::fhir::json;
use cartage::fhir::json::CutId;
use cartage::fhir::json::Seal;
use cartage::translate::stream::Carrier;
use cartage::translate::stream::Dress;
use cartage::translate::stream::Held;
use cartage::translate::stream::Intake;
use x12_parser::Event;
use x12_parser::Reader;

use crate::Bench;
use crate::cpu_clock;
use crate::invent;

const CHUNK: usize = 1 << 20;
/// Millions of base 64 characters that a CPU second must carry.
const ASKED: f64 = 1000.0;
/// Memory over what was held before, in MiB.
const MOST_MEMORY: u64 = 32;

/// Measures both ways.
pub fn attachment(bench: &Bench) {
    let blocks = if bench.smoke { 8 } else { 500 };
    way(bench, "500 MB out of JSON", blocks, &out_of_json);
    way(bench, "500 MB out of BDS into JSON", blocks, &into_json);
    way(
        bench,
        "500 MB of octets out of the store into base64",
        blocks,
        &|blocks| dressed(blocks, Held::Octets, Dress::Base64),
    );
    way(
        bench,
        "500 MB of base64 out of the store into octets",
        blocks,
        &|blocks| dressed(blocks, Held::Base64, Dress::Octets),
    );
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate needs no more than a few digits"
)]
fn way(bench: &Bench, name: &str, blocks: usize, work: &dyn Fn(usize) -> u64) {
    if !bench.wants(name) {
        return;
    }
    // Where the peak cannot be reset it counts from the start, which only makes the figure larger.
    let _ = cpu_clock::reset_peak_memory();
    let before = cpu_clock::peak_memory().expect("procfs tells memory");
    let (cost, carried) = cpu_clock::cpu_reading(1, || work(blocks)).expect("procfs tells CPU time");
    let over = cpu_clock::peak_memory()
        .expect("procfs tells memory")
        .saturating_sub(before)
        >> 20;
    assert_eq!(carried, (blocks * CHUNK) as u64, "every character arrived");
    let rate = carried as f64 / 1e6 / cost.median.as_secs_f64().max(1e-9);
    let met = match (bench.smoke, rate >= ASKED && over <= MOST_MEMORY) {
        (true, _) => "",
        (false, true) => ", met",
        (false, false) => ", MISSED",
    };
    println!(
        "{name:<52}{:>12}{rate:>12.1}  {ASKED:.0}, {over} MiB over baseline of {MOST_MEMORY}{met}",
        ""
    );
}

/// What stands around the text of an attachment.
const HEAD: &[u8] = br#"{"resourceType":"Parameters","parameter":[{"name":"Attachment","part":[{"name":"Content","resource":{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"application/pdf","data":""#;
const TAIL: &[u8] = br#""}}]}}]}]}"#;

/// JSON in; the text passes by in parts and is counted, as it would go into a `BDS`.
fn out_of_json(blocks: usize) -> u64 {
    let block = block();
    let mut reader = json::Reader::new(json::Settings::cutting(Seal::new([7; 16])));
    let mut carried = 0;
    let body = std::iter::repeat_n(block.as_slice(), blocks);
    for chunk in std::iter::once(HEAD).chain(body).chain([TAIL]) {
        let mut events = reader.feed(chunk);
        while let Some(event) = events.advance().expect("the invented JSON is sound") {
            if let json::Event::Text { bytes, .. } = event {
                carried += bytes.len() as u64;
            }
        }
    }
    reader.finish().expect("the invented JSON ends");
    carried
}

/// A `BDS` in; its octets pass by and are spliced into JSON.
fn into_json(blocks: usize) -> u64 {
    let seal = Seal::new([7; 16]);
    let skeleton = [HEAD, seal.stand_in(CutId::new(0)).as_bytes(), TAIL].concat();
    let skeleton = json::read(&skeleton).expect("the invented JSON is sound");
    let mut out = Counted(0);
    json::splice(&skeleton, &seal, &mut out, |_, put| {
        let block = block();
        let (head, tail) = invent::attachment_frame((blocks * CHUNK) as u64);
        let mut reader = Reader::default();
        let body = std::iter::repeat_n(block.as_slice(), blocks);
        for chunk in std::iter::once(head.as_slice())
            .chain(body)
            .chain([tail.as_slice()])
        {
            let mut events = reader.feed(chunk);
            while let Some(event) = events.advance() {
                if let Event::BinaryChunk(chunk) = event {
                    put(chunk.bytes)?;
                }
            }
        }
        Ok(())
    })
    .expect("counting does not fail");
    out.0 - (HEAD.len() + TAIL.len()) as u64
}

/// Through the intake of the store and out of it in another dress; gives the bytes that the store held.
fn dressed(blocks: usize, held: Held, dress: Dress) -> u64 {
    let block = block();
    let mut intake = Intake::new(held);
    for _ in 0..blocks {
        intake.take(&block).expect("the invented text is base64");
    }
    let away = intake
        .finish(&Seal::new([7; 16]), CutId::new(0))
        .expect("the invented text is no resource");
    let mut carrier = Carrier::new(&away, dress);
    let (mut out, mut size) = (Vec::new(), 0);
    for _ in 0..blocks {
        out.clear();
        carrier
            .carry(&block, &mut out)
            .expect("the invented text is base64");
        size += out.len() as u64;
    }
    out.clear();
    carrier.finish(&mut out).expect("the invented text is whole");
    assert!(
        size + out.len() as u64 >= (blocks * CHUNK) as u64 / 4 * 3,
        "all of it came out"
    );
    (blocks * CHUNK) as u64
}

/// Base 64 that is no repetition of one character.
fn block() -> Vec<u8> {
    b"QmFzZTY0IG9mIGFuIGludmVudGVkIGRvY3VtZW50"
        .iter()
        .copied()
        .cycle()
        .take(CHUNK)
        .collect()
}

/// Counts what is written.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
