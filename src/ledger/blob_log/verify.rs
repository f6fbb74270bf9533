//! Reads everything in the log again and names every place that is not as it was written (ROB-009).

use std::io;

use crate::ledger::blob_log::parts::Parts;
use crate::ledger::blob_log::record::HEAD;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::scan;
use crate::ledger::blob_log::scan::Fault;
use crate::ledger::blob_log::scan::Found;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::digest::Hasher;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::Damage;
use crate::ledger::error::LedgerError;

/// Every fault of every segment that is no longer written to.
pub(super) fn verify(parts: &Parts) -> Result<Vec<Fault>, LedgerError> {
    let mut faults = Vec::new();
    for (number, kind) in parts.shelf.all() {
        let path = segment::path(&parts.folder, kind, number);
        let checked = parts.disk.open(&path).and_then(|mut file| match kind {
            segment::Kind::Log => check_log(&mut *file, number, &mut faults),
            segment::Kind::Own => check_own(&mut *file, number, &mut faults),
        });
        match checked {
            Ok(()) => {}
            // Removed by retention meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(LedgerError::reading("a read of the blob log", error)),
        }
    }
    Ok(faults)
}

fn check_log(file: &mut dyn DiskFile, number: u64, faults: &mut Vec<Fault>) -> io::Result<()> {
    match scan::scan(file)? {
        Found::Unused => faults.push(fault(number, 0, Damage::NoRecord)),
        Found::Damaged(damage) => faults.push(fault(number, 0, damage)),
        Found::Segment(scan) => {
            let sealed = scan.is_sealed();
            let end = scan.end;
            let whole = scan.faults.is_empty();
            faults.extend(scan.faults);
            if scan.opening.segment != number {
                faults.push(fault(number, 0, Damage::OutOfSequence));
            } else if !sealed && whole {
                faults.push(fault(number, end, Damage::CutShort));
            }
        }
    }
    Ok(())
}

fn check_own(file: &mut dyn DiskFile, number: u64, faults: &mut Vec<Fault>) -> io::Result<()> {
    let mut opening = [0; OPENING];
    file.read_at(0, &mut opening)?;
    match Opening::decode(&opening) {
        Ok(opening) if opening.segment == number => {
            if let Some((offset, damage)) = walk_own(file, &opening)? {
                faults.push(fault(number, offset, damage));
            }
        }
        Ok(_) => faults.push(fault(number, 0, Damage::OutOfSequence)),
        Err(damage) => faults.push(fault(number, 0, damage)),
    }
    Ok(())
}

/// The first fault of a long blob: behind it nothing can be judged, because the SHA-256 is over all of it.
fn walk_own(file: &mut dyn DiskFile, opening: &Opening) -> io::Result<Option<(u64, Damage)>> {
    let mut hasher = Hasher::default();
    let (mut offset, mut sequence, mut given) = (OPENING as u64, opening.first, 0);
    loop {
        let mut bytes = [0; HEAD];
        if file.read_at(offset, &mut bytes)? < HEAD {
            return Ok(Some((offset, Damage::CutShort)));
        }
        let head = match Head::decode(&bytes, opening, offset) {
            Ok(head) if head.sequence == sequence => head,
            Ok(_) => return Ok(Some((offset, Damage::OutOfSequence))),
            Err(damage) => return Ok(Some((offset, damage))),
        };
        let behind = offset + head.span();
        match head.kind {
            Kind::Piece => {
                let mut piece = vec![0; usize::try_from(head.span()).map_err(io::Error::other)? - HEAD];
                let read = file.read_at(offset + HEAD as u64, &mut piece)?;
                let (payload, padding) = piece.split_at(head.payload().min(piece.len()));
                if read < piece.len() {
                    return Ok(Some((offset, Damage::CutShort)));
                }
                if let Err(damage) = head.check(payload) {
                    return Ok(Some((offset, damage)));
                }
                if padding.iter().any(|byte| *byte != 0) {
                    return Ok(Some((offset, Damage::Stray)));
                }
                hasher.update(payload);
                given += head.length;
            }
            Kind::End => {
                let sound = hasher.finish() == head.digest && given == head.length;
                let longer = file.len()? > behind;
                return Ok(match (sound, longer) {
                    (false, _) => Some((offset, Damage::Digest)),
                    (true, true) => Some((behind, Damage::Stray)),
                    (true, false) => None,
                });
            }
            Kind::Whole | Kind::Erased | Kind::Seal => return Ok(Some((offset, Damage::OutOfSequence))),
        }
        offset = behind;
        sequence += 1;
    }
}

fn fault(segment: u64, offset: u64, damage: Damage) -> Fault {
    Fault {
        place: Place { segment, offset },
        damage,
        followed: false,
    }
}
