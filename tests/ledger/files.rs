//! A ledger in a folder, and what its files hold.

#![allow(
    dead_code,
    reason = "each program that shares this file uses its own part of it"
)]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::ledger::blob_log::Warning;
use cartage::ledger::blobs::BlobRef;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::error::LedgerError;
use cartage::ledger::local::Ledger;

use crate::world;
use crate::world::bare;
use crate::world::change;
use crate::world::noon;
use crate::world::received;
use crate::world::tenant;

/// The clock of the tests.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(noon()))
}

/// Opens whatever is there.
pub(crate) fn reopen(folder: &Path) -> Result<(Ledger, Vec<Warning>), LedgerError> {
    let clock: Arc<dyn Clock> = clock();
    Ledger::open(&world::settings(folder), &clock)
}

/// Stores a blob of `length` bytes, all `fill`, and an entry that refers to it.
pub(crate) fn store(ledger: &Ledger, fill: u8, length: usize) -> BlobRef {
    let mut writer = ledger.blobs().create(&tenant("mercy"));
    for chunk in vec![fill; length].chunks(100_000) {
        writer.write(chunk).wait().unwrap();
    }
    let kept = writer.finish().wait().unwrap();
    let Part::Blob(blob) = kept.part.clone() else {
        panic!("it is a blob")
    };
    let mut entry = bare();
    entry.received = Some(received(""));
    entry.received.as_mut().unwrap().body = Body {
        parts: vec![kept.part],
    };
    ledger.store().commit(entry).wait().unwrap();
    blob
}

/// The content of a blob that is short.
pub(crate) fn read(ledger: &Ledger, blob: &BlobRef) -> Result<Vec<u8>, LedgerError> {
    read_whole(&*ledger.blobs(), blob, 1 << 20)
}

/// The segments of the blob log whose names begin so.
pub(crate) fn segments(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.join("blobs")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind))
        .collect();
    paths.sort();
    paths
}

/// Changes a file.
pub(crate) fn alter(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Where a run of this byte begins.
pub(crate) fn find(bytes: &[u8], fill: u8) -> usize {
    bytes
        .windows(64)
        .position(|window| window.iter().all(|byte| *byte == fill))
        .unwrap()
}
