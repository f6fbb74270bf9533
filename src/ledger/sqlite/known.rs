//! What is certainly new: a filter over every key and handle, so that what nobody has seen before costs no reading.
//!
//! A bit pattern is noted for each before the commit that stores it, and never taken back. So a pattern that is not there
//! was never stored; one that is there may be of something else, or of what was rolled back or pruned since, and is
//! looked up in the tables. Until all that was stored before this start has been noted, nothing is certain.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::ledger::entry::Handle;
use crate::ledger::entry::Key;
use crate::ledger::sqlite::schema;

/// The bits: 8 MiB when all of them are in use. With six million keys and handles one in a hundred that are new is looked
/// up all the same; with more the filter just helps less.
const BITS: u64 = 1 << 26;

/// The words of a sheet: memory is taken sheet by sheet, so that a small ledger takes little.
const SHEET: u64 = 512;

/// How many bits are noted for each.
const PROBES: u64 = 4;

/// So many rows are noted while the store is opened; the rest is noted while it works.
const AT_ONCE: usize = 20_000;

/// Every key and handle that was ever stored, and perhaps others.
pub(super) struct Known {
    sheets: Box<[OnceLock<Box<[AtomicU64]>>]>,
    /// Whether all that was stored before this start is noted.
    whole: AtomicBool,
}

impl Known {
    /// A filter in which nothing is noted, and nothing certain.
    pub(super) fn new() -> Self {
        let sheets = BITS / u64::from(u64::BITS) / SHEET;
        Self {
            sheets: (0..sheets).map(|_| OnceLock::new()).collect(),
            whole: AtomicBool::new(false),
        }
    }

    /// Notes a key that is about to be stored.
    pub(super) fn note_key(&self, key: &Key) {
        self.note(key.as_bytes());
    }

    /// Notes a handle that is about to be stored.
    pub(super) fn note_handle(&self, handle: &Handle) {
        self.note(handle.as_bytes());
    }

    /// Whether the key may be stored.
    pub(super) fn may_have_key(&self, key: &Key) -> bool {
        self.may_have(key.as_bytes())
    }

    /// Whether the handle may be stored.
    pub(super) fn may_have_handle(&self, handle: &Handle) -> bool {
        self.may_have(handle.as_bytes())
    }

    fn note(&self, digest: &[u8]) {
        for place in places(digest) {
            let sheet = self.sheets.get(place.sheet);
            let words =
                sheet.map(|sheet| sheet.get_or_init(|| (0..SHEET).map(|_| AtomicU64::new(0)).collect()));
            if let Some(word) = words.and_then(|words| words.get(place.word)) {
                word.fetch_or(place.bit, Ordering::AcqRel);
            }
        }
    }

    fn may_have(&self, digest: &[u8]) -> bool {
        !self.whole.load(Ordering::Acquire)
            || places(digest).all(|place| {
                let words = self.sheets.get(place.sheet).and_then(OnceLock::get);
                let word = words.and_then(|words| words.get(place.word));
                word.is_some_and(|word| word.load(Ordering::Acquire) & place.bit != 0)
            })
    }
}

/// Where a bit is.
struct Place {
    sheet: usize,
    word: usize,
    bit: u64,
}

/// The places of a digest: it is evenly spread, so two of its words make them all.
fn places(digest: &[u8]) -> impl Iterator<Item = Place> {
    let (halves, _) = digest.as_chunks();
    let mut halves = halves.iter().copied().map(u64::from_le_bytes);
    let start = halves.next().unwrap_or_default();
    let stride = halves.next().unwrap_or_default() | 1;
    (0..PROBES).filter_map(move |probe| {
        let place = start.wrapping_add(probe.wrapping_mul(stride)) % BITS;
        let word = place / u64::from(u64::BITS);
        Some(Place {
            sheet: usize::try_from(word / SHEET).ok()?,
            word: usize::try_from(word % SHEET).ok()?,
            bit: 1 << (place % u64::from(u64::BITS)),
        })
    })
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

/// Notes what was stored before this start.
#[derive(Debug)]
pub(super) struct Recall {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Recall {
    /// Notes some at once, and the rest on a thread of its own. What cannot be read leaves everything uncertain, and
    /// whoever asks reads the tables and hears of it there.
    pub(super) fn start(file: &Path, known: &Arc<Known>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut course = Course::default();
        let Ok(connection) = schema::connect_to_read(file) else {
            return Self { stop, thread: None };
        };
        if course.advance(&connection, known, AT_ONCE).unwrap_or(true) {
            return Self { stop, thread: None };
        }
        let (known, stopped) = (Arc::clone(known), Arc::clone(&stop));
        let thread = thread::Builder::new()
            .name("ledger-recall".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Acquire)
                    && !course.advance(&connection, &known, AT_ONCE).unwrap_or(true)
                {
                    thread::yield_now();
                }
            });
        Self {
            stop,
            thread: thread.ok(),
        }
    }
}

impl Drop for Recall {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // If it panicked, everything stays uncertain, and that is all.
            let _ = thread.join();
        }
    }
}

/// How far the tables have been read.
#[derive(Debug, Default)]
struct Course {
    keys: Option<Vec<u8>>,
    handles: Option<Vec<u8>>,
    no_more_keys: bool,
}

impl Course {
    /// Reads the next rows; true after the last. What is stored meanwhile is noted by whoever stores it, so the pieces
    /// need not belong together.
    fn advance(&mut self, connection: &Connection, known: &Known, most: usize) -> rusqlite::Result<bool> {
        if !self.no_more_keys {
            self.no_more_keys = piece(connection, known, &mut self.keys, most, KEYS)?;
            if !self.no_more_keys {
                return Ok(false);
            }
        }
        let is_last = piece(connection, known, &mut self.handles, most, HANDLES)?;
        if is_last {
            known.whole.store(true, Ordering::Release);
        }
        Ok(is_last)
    }
}

const KEYS: &str = "SELECT key FROM once WHERE key > ?1 ORDER BY key LIMIT ?2";
const HANDLES: &str = "SELECT DISTINCT handle FROM handle WHERE handle > ?1 ORDER BY handle LIMIT ?2";

fn piece(
    connection: &Connection,
    known: &Known,
    after: &mut Option<Vec<u8>>,
    most: usize,
    query: &str,
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(query)?;
    let start = after.take().unwrap_or_default();
    let mut rows = statement.query(rusqlite::params![start, i64::try_from(most).unwrap_or(i64::MAX)])?;
    let mut found = 0;
    while let Some(row) = rows.next()? {
        let digest = row.get_ref(0)?.as_blob()?;
        known.note(digest);
        found += 1;
        if found == most {
            *after = Some(digest.to_owned());
        }
    }
    Ok(found < most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::ids::TenantId;

    fn handle(number: u32) -> Handle {
        Handle::of(&TenantId::parse("a").unwrap(), "test", &number.to_le_bytes())
    }

    #[test]
    fn nothing_is_certain_before_all_is_noted() {
        let known = Known::new();
        assert!(known.may_have_handle(&handle(1)));
        known.whole.store(true, Ordering::Release);
        assert!(!known.may_have_handle(&handle(1)));
        known.note_handle(&handle(1));
        assert!(known.may_have_handle(&handle(1)));
    }

    #[test]
    fn what_was_stored_before_is_noted_piece_by_piece() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(schema::TABLES).unwrap();
        for number in 0..10 {
            connection
                .execute("INSERT INTO handle VALUES (?1, 1)", [handle(number).as_bytes()])
                .unwrap();
            // Keys are longer, and told apart by their beginning just as well.
            let key = [*handle(100 + number).as_bytes(); 2].concat();
            connection
                .execute("INSERT INTO once VALUES (?1, 1)", [key])
                .unwrap();
        }
        let (known, mut course) = (Known::new(), Course::default());
        let mut pieces = 0;
        while !course.advance(&connection, &known, 3).unwrap() {
            pieces += 1;
            assert!(known.may_have_handle(&handle(500)), "not all is noted yet");
        }
        assert!(pieces >= 6, "{pieces}");
        assert!(!known.may_have_handle(&handle(500)));
        assert!((0..10).all(|number| known.may_have_handle(&handle(number))));
        assert!((100..110).all(|number| known.may_have_handle(&handle(number))));
    }

    #[test]
    fn what_was_noted_is_always_found_and_little_else() {
        let known = Known::new();
        known.whole.store(true, Ordering::Release);
        for number in 0..20_000 {
            known.note_handle(&handle(number));
        }
        assert!((0..20_000).all(|number| known.may_have_handle(&handle(number))));
        let others = (20_000..40_000).filter(|number| known.may_have_handle(&handle(*number)));
        assert!(others.count() < 20);
    }
}
