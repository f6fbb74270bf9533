//! Makes blobs unreadable for good (SEC-035): a long one loses its file, a short one is overwritten where it stands.

use std::io;

use crate::ledger::blob_log::parts::Parts;
use crate::ledger::blob_log::record::HEAD;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::record::NOTHING;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::crc::crc32c;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::LedgerError;

/// Erases blobs; what is gone already is no error.
pub(super) fn erase(parts: &Parts, blobs: &[BlobId]) -> Result<(), LedgerError> {
    parts.state.check()?;
    let places: Vec<Place> = blobs.iter().copied().map(Place::of).collect();
    for of_one in places.chunk_by(|one, other| one.segment == other.segment) {
        erase_in_segment(parts, of_one).map_err(|error| {
            let failure = LedgerError::failed("erasing a blob", error);
            parts.state.fail(&failure);
            failure
        })?;
    }
    Ok(())
}

fn erase_in_segment(parts: &Parts, places: &[Place]) -> io::Result<()> {
    let Some(first) = places.first() else {
        return Ok(());
    };
    let path = segment::path(&parts.folder, segment::Kind::Log, first.segment);
    match parts.disk.open(&path) {
        Ok(mut file) => {
            let mut bytes = [0; OPENING];
            file.read_at(0, &mut bytes)?;
            // A segment whose opening is damaged cannot be walked; it goes as a whole, when nothing refers to it.
            let Ok(opening) = Opening::decode(&bytes) else {
                return Ok(());
            };
            let mut erased = Vec::new();
            for place in places {
                erased.extend(wipe(&mut *file, &opening, place.offset)?);
            }
            // The payloads are gone before the heads say so: whatever a crash leaves, the next round finds the rest.
            file.sync()?;
            for (offset, head) in erased {
                file.write_at(offset, &head.encode(&opening, offset))?;
            }
            file.sync()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            remove(parts, segment::Kind::Own, first.segment)
        }
        Err(error) => Err(error),
    }
}

/// Overwrites the payload of a blob; gives the head that is to stand before it, if one does.
fn wipe(file: &mut dyn DiskFile, opening: &Opening, offset: u64) -> io::Result<Option<(u64, Head)>> {
    let mut bytes = [0; HEAD];
    file.read_at(offset, &mut bytes)?;
    let Ok(head) = Head::decode(&bytes, opening, offset) else {
        return Ok(None);
    };
    if head.kind != Kind::Whole {
        return Ok(None);
    }
    let zeros = vec![0; head.payload()];
    let erased = Head {
        kind: Kind::Erased,
        digest: NOTHING,
        sum: crc32c(&zeros),
        ..head
    };
    file.write_at(offset + HEAD as u64, &zeros)?;
    Ok(Some((offset, erased)))
}

/// Removes the segments of a range that are no longer written to.
pub(super) fn drop_range(parts: &Parts, range: BlobRange) -> Result<(), LedgerError> {
    parts.state.check()?;
    let segments = Place::of(range.first).segment..=Place::of(range.last).segment;
    let all = parts.shelf.all().into_iter();
    for (segment, kind) in all.filter(|(segment, _)| segments.contains(segment)) {
        parts.shelf.take(segment);
        remove(parts, kind, segment).map_err(|error| LedgerError::reading("removing a segment", error))?;
    }
    Ok(())
}

fn remove(parts: &Parts, kind: segment::Kind, segment: u64) -> io::Result<()> {
    match parts.disk.remove(&segment::path(&parts.folder, kind, segment)) {
        Ok(()) => {
            parts.shelf.take(segment);
            parts.disk.sync_folder(&parts.folder)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
