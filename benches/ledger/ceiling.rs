//! What this disk does at most: the same bytes, appended to a file whose room is taken, and nothing else.

use std::fs::File;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

const ROOM: usize = 64 << 20;

/// The ceiling for a size of batch.
pub struct Ceiling {
    /// Records a second.
    pub rate: f64,
}

/// Appends batches of `waiters` records and syncs each batch.
pub fn batches(folder: &Path, waiters: usize, record: usize, syncs: usize) -> Ceiling {
    let mut file = prepared(&folder.join("ceiling"));
    let batch = vec![b'x'; waiters * record];
    let began = Instant::now();
    for number in 0..syncs {
        write(&mut file, number * batch.len() % (ROOM - batch.len()), &batch);
    }
    let took = began.elapsed();
    let records = u32::try_from(waiters * syncs).expect("a bench does not run so often");
    Ceiling {
        rate: f64::from(records) / took.as_secs_f64(),
    }
}

/// One record and one sync at a time.
pub struct Lone {
    file: File,
    at: usize,
}

impl Lone {
    /// In a file of its own.
    pub fn new(folder: &Path) -> Self {
        Self {
            file: prepared(&folder.join("lone")),
            at: 0,
        }
    }

    /// How long one takes.
    pub fn sync(&mut self) -> Duration {
        let began = Instant::now();
        write(&mut self.file, self.at, &[b'x'; 4096]);
        self.at = (self.at + 4096) % (ROOM - 4096);
        began.elapsed()
    }
}

/// The middle one.
pub fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn prepared(path: &Path) -> File {
    let mut file = File::create(path).expect("the file can be made");
    file.write_all(&vec![0; ROOM]).expect("there is room");
    file.sync_data().expect("the disk works");
    file
}

fn write(file: &mut File, at: usize, bytes: &[u8]) {
    file.seek(SeekFrom::Start(at as u64))
        .expect("the file is so long");
    file.write_all(bytes).expect("there is room");
    file.sync_data().expect("the disk works");
}
