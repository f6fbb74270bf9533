//! Reads a segment from end to end and says what is wrong with it, and where.

use std::io;

use crate::ledger::blob_log::record::HEAD;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::Damage;

/// What a segment holds.
#[derive(Debug)]
pub(crate) struct Scan {
    /// How it begins.
    pub(crate) opening: Opening,
    /// The records that are sound, with the place of each.
    pub(crate) records: Vec<(u64, Head)>,
    /// What is wrong, in the order of the file.
    pub(crate) faults: Vec<Fault>,
    /// Where the next record would begin.
    pub(crate) end: u64,
    /// The sequence number it would have.
    pub(crate) next: u64,
}

/// Something wrong in a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub damage: Damage,
    /// Whether a sound record follows: if none does, this may be the torn end of an unfinished write.
    pub followed: bool,
}

/// What a file that should be a segment is.
#[derive(Debug)]
pub(crate) enum Found {
    /// It begins as one.
    Segment(Scan),
    /// It holds nothing but zeros: it was prepared and never used.
    Unused,
    /// It does not begin as a segment.
    Damaged(Damage),
}

/// Reads all of a file.
pub(crate) fn scan(file: &mut dyn DiskFile) -> io::Result<Found> {
    let length = file.len()?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Found::Unused);
    }
    let opening = bytes
        .first_chunk::<OPENING>()
        .ok_or(Damage::CutShort)
        .and_then(Opening::decode);
    Ok(match opening {
        Ok(opening) => Found::Segment(walk(opening, &bytes)),
        Err(damage) => Found::Damaged(damage),
    })
}

/// Walks along the records of a segment whose opening was read.
pub(crate) fn walk(opening: Opening, bytes: &[u8]) -> Scan {
    let mut scan = Scan {
        records: Vec::new(),
        faults: Vec::new(),
        end: OPENING as u64,
        next: opening.first,
        opening,
    };
    let mut at = OPENING;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let end = match record_at(&opening, rest, at as u64) {
            Ok(Some(head)) => {
                scan.take(at as u64, head);
                at + span(&head)
            }
            Ok(None) => return scan,
            Err((damage, skip)) => {
                let next = next_head(&opening, bytes, at + skip);
                scan.fault(at as u64, damage, next.is_some());
                next.unwrap_or(bytes.len())
            }
        };
        at = end;
    }
    scan
}

impl Scan {
    /// Whether the segment was closed in good order.
    pub(crate) fn is_sealed(&self) -> bool {
        self.records
            .last()
            .is_some_and(|(_, head)| head.kind == Kind::Seal)
    }

    fn take(&mut self, at: u64, head: Head) {
        // Behind a damaged record its number is missing too; that is one fault and not two.
        let broken = self
            .faults
            .last()
            .is_some_and(|fault| fault.place.offset >= self.end);
        if head.sequence != self.next && !broken {
            self.fault(at, Damage::OutOfSequence, true);
        }
        self.records.push((at, head));
        self.end = at + head.span();
        self.next = head.sequence + 1;
    }

    fn fault(&mut self, at: u64, damage: Damage, followed: bool) {
        let place = Place {
            segment: self.opening.segment,
            offset: at,
        };
        self.faults.push(Fault {
            place,
            damage,
            followed,
        });
    }
}

/// The record at the start of `rest`, which is at `offset`; `None` if nothing but zeros is left.
///
/// A fault comes with how many bytes it takes at least.
fn record_at(opening: &Opening, rest: &[u8], offset: u64) -> Result<Option<Head>, (Damage, usize)> {
    if rest.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let head = rest.first_chunk::<HEAD>().ok_or((Damage::Stray, 8))?;
    let head = Head::decode(head, opening, offset).map_err(|damage| {
        let empty = head.iter().all(|byte| *byte == 0);
        (if empty { Damage::Stray } else { damage }, 8)
    })?;
    let payload = rest
        .get(HEAD..HEAD + head.payload())
        .ok_or((Damage::CutShort, HEAD))?;
    head.check(payload).map_err(|damage| (damage, span(&head)))?;
    let padding = rest.get(HEAD + head.payload()..span(&head).min(rest.len()));
    if padding.is_some_and(|padding| padding.iter().any(|byte| *byte != 0)) {
        return Err((Damage::Stray, span(&head)));
    }
    Ok(Some(head))
}

fn span(head: &Head) -> usize {
    usize::try_from(head.span()).unwrap_or(usize::MAX)
}

/// The first place from `from` on where a sound head stands: heads are told apart from payloads by their checksum,
/// into which the salt of the segment and the place itself go.
fn next_head(opening: &Opening, bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from.next_multiple_of(8);
    while let Some(head) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if Head::decode(head, opening, at as u64).is_ok() {
            return Some(at);
        }
        at += 8;
    }
    None
}
