//! How fast C-CDA documents are read and converted, as CPU time of this process.
//!
//! `cargo bench --bench ccda` measures on the reference documents; `-- --smoke` runs once over the project's own.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded anyway")]
#![allow(clippy::expect_used, reason = "a bench that cannot measure may stop")]
#![allow(unreachable_pub, reason = "the shared modules belong to several programs")]

#[path = "cpu_clock.rs"]
mod cpu_clock;

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use cartage::ccda::Limits;
use cartage::ccda::Tree;
use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Options;

fn main() {
    let smoke = env::args().any(|word| word == "--smoke");
    let mut documents = Vec::new();
    if !smoke {
        for folder in ["vendors-2015", "vendors-2014", "vendors-extra", "document-types"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/ccda");
            collect(&root.join(folder), &mut documents);
        }
    }
    if documents.is_empty() {
        collect(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ccda"),
            &mut documents,
        );
    }
    let octets: usize = documents.iter().map(Vec::len).sum();
    println!("{} documents, {} octets", documents.len(), octets);
    let runs = if smoke { 1 } else { 7 };
    measure("read", runs, &documents, |document| {
        black_box(Tree::read(document, &Limits::default()).is_ok());
    });
    let converter = Converter::embedded();
    measure("convert", runs, &documents, |document| {
        black_box(converter.bundle(document, &Options::default()).is_ok());
    });
    measure("with report", runs, &documents, |document| {
        black_box(converter.convert(document, &Options::default()).is_ok());
    });
}

fn measure(what: &str, runs: usize, documents: &[Vec<u8>], work: impl Fn(&[u8])) {
    let all = || documents.iter().for_each(|document| work(document));
    all();
    let (reading, ()) = cpu_clock::cpu_reading(runs, all).expect("the system keeps accounts");
    let seconds = reading.median.as_secs_f64();
    let octets: usize = documents.iter().map(Vec::len).sum();
    println!(
        "{what:<12} {:>8.0} documents, {:>6.0} MB per CPU second",
        documents.len() as f64 / seconds,
        octets as f64 / 1e6 / seconds
    );
}

fn collect(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("xml"))
        {
            found.extend(fs::read(path));
        }
    }
}
