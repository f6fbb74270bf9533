//! A ledger to be tested: on disk or in memory, with a clock that stands still.

#![allow(
    dead_code,
    reason = "each program that shares this file uses its own part of it"
)]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::ledger::blobs::BlobStore;
use cartage::ledger::body::Body;
use cartage::ledger::body::Draft;
use cartage::ledger::body::NumberPlace;
use cartage::ledger::body::NumberUse;
use cartage::ledger::digest::Digest;
use cartage::ledger::entry::Direction;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::FolioChange;
use cartage::ledger::entry::Key;
use cartage::ledger::entry::Once;
use cartage::ledger::entry::Outbound;
use cartage::ledger::entry::Received;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::forgetful::ForgetfulBlobs;
use cartage::ledger::found::Claim;
use cartage::ledger::found::Claimed;
use cartage::ledger::found::Outcome;
use cartage::ledger::found::Receipt;
use cartage::ledger::ids::FolioId;
use cartage::ledger::ids::LaneId;
use cartage::ledger::ids::OutboundId;
use cartage::ledger::ids::Series;
use cartage::ledger::ids::SeriesName;
use cartage::ledger::ids::TenantId;
use cartage::ledger::ids::Trouble;
use cartage::ledger::ids::Version;
use cartage::ledger::ids::Viewer;
use cartage::ledger::local::Ledger;
use cartage::ledger::local::Settings;
use cartage::ledger::store::Store;

/// A ledger to be tested.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) clock: Arc<ManualClock>,
    /// Removed last.
    _folder: Option<Folder>,
}

impl World {
    /// In memory.
    pub(crate) fn forgetful() -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        Self {
            store: Arc::new(Forgetful::new(clock.clone())),
            blobs: Arc::new(ForgetfulBlobs::default()),
            clock,
            _folder: None,
        }
    }

    /// On disk.
    pub(crate) fn on_disk() -> Self {
        let folder = Folder::new();
        let clock = Arc::new(ManualClock::at(noon()));
        let ledger = open(folder.path(), &clock);
        Self {
            store: ledger.store(),
            blobs: ledger.blobs(),
            clock,
            _folder: Some(folder),
        }
    }

    /// Commits an entry that is to be taken.
    #[track_caller]
    pub(crate) fn commit(&self, entry: Entry) -> Receipt {
        match self.store.commit(entry).wait() {
            Ok(Outcome::Committed(receipt)) => receipt,
            other => panic!("the entry is committed, not {other:?}"),
        }
    }

    /// Claims up to ten messages of a lane for a minute.
    pub(crate) fn claim(&self, lane: &str, now: SystemTime) -> Vec<Claimed> {
        let claim = Claim {
            spent_by: None,
            lane: LaneId::parse(lane).unwrap(),
            now,
            most: 10,
            lease: Duration::from_mins(1),
        };
        self.store.claim(claim).wait().unwrap()
    }
}

/// Opens a ledger that is sound, with small files.
pub(crate) fn open(folder: &Path, clock: &Arc<ManualClock>) -> Ledger {
    let clock: Arc<dyn Clock> = clock.clone();
    let (ledger, warnings) = Ledger::open(&settings(folder), &clock).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    ledger
}

/// Settings with small files.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        ballast: 1 << 20,
        segment: 1 << 20,
        ..Settings::of(folder)
    }
}

/// A folder that goes when it is dropped.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A new one.
    pub(crate) fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ledger-{}-{number}", process::id()));
        // Left behind by a process that was killed and had the same number.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// When the tests take place.
pub(crate) fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000)
}

pub(crate) fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

pub(crate) fn days(count: u64) -> Duration {
    Duration::from_hours(24 * count)
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(crate) fn viewer(name: &str) -> Viewer {
    Viewer::Tenant(tenant(name))
}

pub(crate) fn trouble(name: &str) -> Trouble {
    Trouble::parse(name).unwrap()
}

pub(crate) fn folio(number: u64) -> FolioId {
    FolioId::new(number).unwrap()
}

pub(crate) fn version(number: u32) -> Version {
    Version::new(number).unwrap()
}

pub(crate) fn series(name: &str) -> Series {
    Series {
        partner: tenant("payer"),
        name: SeriesName::parse(name).unwrap(),
    }
}

pub(crate) fn outbound_id(of: u64, number: u32) -> OutboundId {
    OutboundId {
        folio: folio(of),
        number,
    }
}

/// An entry of `mercy` at noon that holds nothing.
pub(crate) fn bare() -> Entry {
    Entry::new(tenant("mercy"), noon())
}

/// A received message that says `text`.
pub(crate) fn received(text: &str) -> Received {
    Received {
        body: Body::inline(text.as_bytes()),
        facts: b"facts"[..].into(),
        decision: b"decision"[..].into(),
    }
}

/// A key from `mercy` to the payer.
pub(crate) fn once(key: &str, content: &str) -> Once {
    Once {
        key: Key::of(
            &tenant("mercy"),
            &tenant("payer"),
            Direction::Inbound,
            &[key.as_bytes()],
        ),
        content: Digest::of(content.as_bytes()),
    }
}

/// A folio of `mercy` with `payer` as its peer.
pub(crate) fn change(id: FolioId, from: Option<Version>, content: &str) -> FolioChange {
    FolioChange {
        id,
        from,
        kind: 1,
        owner: tenant("mercy"),
        peer: Some(tenant("payer")),
        content: content.as_bytes().into(),
        handles: None,
        wake: None,
        open: true,
        keep_past: false,
    }
}

/// A message to the payer, due at noon, that carries one control number of nine digits.
pub(crate) fn outbound(id: OutboundId, text: &str) -> Outbound {
    let mut draft = Draft::from(Body::inline(format!("ISA*000000000*{text}").into_bytes()));
    draft.numbers.push(number("isa13", 9, 1, 4));
    Outbound {
        id,
        lane: LaneId::parse("payer-core").unwrap(),
        to: tenant("payer"),
        draft,
        facts: b"how"[..].into(),
        due: noon(),
        expires: noon() + days(3),
    }
}

/// A control number of the payer, in the first part.
pub(crate) fn number(name: &str, width: u8, first: u64, offset: usize) -> NumberUse {
    NumberUse {
        series: series(name),
        width,
        first,
        places: vec![NumberPlace { part: 0, offset }],
    }
}

/// The text of a message that is all inline.
pub(crate) fn text(body: &Body) -> String {
    use cartage::ledger::body::Part;
    let parts = body.parts.iter().map(|part| match part {
        Part::Inline(bytes) => String::from_utf8(bytes.as_bytes().to_vec()).unwrap(),
        Part::Blob(blob) => format!("[{}]", blob.id),
    });
    parts.collect()
}
