//! What is found when the log is opened: where to go on, and what is wrong.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::ledger::blob_log::append::Active;
use crate::ledger::blob_log::scan;
use crate::ledger::blob_log::scan::Fault;
use crate::ledger::blob_log::scan::Found;
use crate::ledger::blob_log::scan::Scan;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::Kind;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::blob_log::shelf::Shelf;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::disk::Disk;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::Damage;
use crate::ledger::error::LedgerError;

/// Something that was found when the ledger was opened and that its operator should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Warning {
    /// A write that was never finished or acknowledged was cut off (ROB-009).
    TornTail {
        /// Where it began.
        place: Place,
        /// What stood there.
        damage: Damage,
    },
    /// Something that was acknowledged is not as it was written. All else stays readable.
    Damaged {
        /// Where.
        place: Place,
        /// In what way.
        damage: Damage,
    },
    /// A file that is not ours.
    Unknown(PathBuf),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail { place, damage } => write!(
                f,
                "the unfinished end of segment {:016x} was cut off at byte {}: {damage}",
                place.segment, place.offset
            ),
            Self::Damaged { place, damage } => {
                write!(
                    f,
                    "segment {:016x} is damaged at byte {}: {damage}",
                    place.segment, place.offset
                )
            }
            Self::Unknown(path) => write!(f, "{} does not belong here", path.display()),
        }
    }
}

/// Tells the last blob of a range that an entry refers to.
pub(crate) type LastReferred<'a> = &'a dyn Fn(BlobRange) -> Result<Option<BlobId>, LedgerError>;

/// Where the log goes on.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) active: Option<Active>,
    /// The sequence number of the next record.
    pub(super) next: u64,
    /// The number of the next segment.
    pub(super) segment: u64,
    pub(super) warnings: Vec<Warning>,
}

/// Looks through the folder of the log.
pub(super) fn recover(
    folder: &Path,
    disk: &dyn Disk,
    shelf: &Shelf,
    last: LastReferred<'_>,
) -> Result<Recovered, LedgerError> {
    let unusable = |error| LedgerError::unusable(folder, error);
    let mut recovered = Recovered {
        next: 1,
        segment: 1,
        ..Recovered::default()
    };
    let mut logs = Vec::new();
    for path in disk.list(folder).map_err(unusable)? {
        match segment::parse(&path) {
            None => recovered.warnings.push(Warning::Unknown(path)),
            Some((kind, number)) => {
                recovered.segment = recovered.segment.max(number.saturating_add(1));
                match kind {
                    // Nobody can refer to it any more: most likely its upload was cut off.
                    Kind::Own if last(segment::range_of(number))?.is_none() => {
                        disk.remove(&path).map_err(unusable)?;
                    }
                    Kind::Own => shelf.found(number, kind),
                    Kind::Log => logs.push(number),
                }
            }
        }
    }
    logs.sort_unstable();
    // Segments are used in the order of their numbers, so only the last ones need be looked at.
    while let Some(number) = logs.pop() {
        if recovered.look_at(folder, disk, shelf, number, last)? {
            break;
        }
    }
    for number in logs {
        shelf.found(number, Kind::Log);
    }
    Ok(recovered)
}

impl Recovered {
    /// Looks at a segment; whether the log goes on from there, so that those before it need not be looked at.
    fn look_at(
        &mut self,
        folder: &Path,
        disk: &dyn Disk,
        shelf: &Shelf,
        number: u64,
        last: LastReferred<'_>,
    ) -> Result<bool, LedgerError> {
        let path = segment::path(folder, Kind::Log, number);
        let unusable = |error| LedgerError::unusable(&path, error);
        let mut file = disk.open(&path).map_err(unusable)?;
        let referred = last(segment::range_of(number))?.map(|blob| Place::of(blob).offset);
        let scan = match scan::scan(&mut *file).map_err(unusable)? {
            Found::Unused if referred.is_none() => {
                drop(file);
                disk.remove(&path).map_err(unusable)?;
                return Ok(false);
            }
            Found::Unused => {
                self.damaged(number, 0, Damage::NoRecord);
                shelf.found(number, Kind::Log);
                return Ok(false);
            }
            Found::Damaged(damage) => {
                self.judge(number, 0, damage, referred);
                shelf.found(number, Kind::Log);
                return Ok(false);
            }
            Found::Segment(scan) => scan,
        };
        self.next = self.next.max(scan.next);
        let whole = self.take(&mut *file, &scan, referred).map_err(unusable)?;
        if whole && !scan.is_sealed() {
            self.active = Some(Active {
                file,
                opening: scan.opening,
                end: scan.end,
            });
        } else {
            shelf.found(number, Kind::Log);
        }
        Ok(true)
    }

    /// Notes what is wrong in a segment and cuts off a torn end; whether it can be appended to.
    fn take(&mut self, file: &mut dyn DiskFile, scan: &Scan, referred: Option<u64>) -> io::Result<bool> {
        let number = scan.opening.segment;
        let mut whole = true;
        for Fault { place, damage, .. } in &scan.faults {
            self.judge(number, place.offset, *damage, referred);
            whole &= !is_acknowledged(place.offset, referred);
        }
        let found = |offset: u64| scan.records.iter().any(|(at, _)| *at == offset);
        let reported = |offset: u64| scan.faults.iter().any(|fault| fault.place.offset == offset);
        if let Some(offset) = referred.filter(|offset| !found(*offset) && !reported(*offset)) {
            self.damaged(number, offset, Damage::NoRecord);
            whole = false;
        }
        if let Some(fault) = scan.faults.first().filter(|_| whole) {
            // All from here on is of writes that were never acknowledged.
            let length = file.len()?;
            let zeros = vec![0; usize::try_from(length - fault.place.offset).map_err(io::Error::other)?];
            file.write_at(fault.place.offset, &zeros)?;
            file.sync()?;
        }
        Ok(whole)
    }

    fn judge(&mut self, segment: u64, offset: u64, damage: Damage, referred: Option<u64>) {
        if is_acknowledged(offset, referred) {
            self.damaged(segment, offset, damage);
        } else {
            self.warnings.push(Warning::TornTail {
                place: Place { segment, offset },
                damage,
            });
        }
    }

    fn damaged(&mut self, segment: u64, offset: u64, damage: Damage) {
        self.warnings.push(Warning::Damaged {
            place: Place { segment, offset },
            damage,
        });
    }
}

/// Whether what stands at `offset` was acknowledged: an entry refers to it or to something behind it.
fn is_acknowledged(offset: u64, referred: Option<u64>) -> bool {
    referred.is_some_and(|referred| offset <= referred)
}
