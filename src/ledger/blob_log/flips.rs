//! ROB-009: a log of one MiB, and each of its bytes flipped.

use crate::ledger::blob_log::record::HEAD;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::record::NOTHING;
use crate::ledger::blob_log::scan;
use crate::ledger::blob_log::scan::Found;
use crate::ledger::blob_log::scan::Scan;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::crc::crc32c;
use crate::ledger::digest::Digest;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::Damage;

/// Bytes of one segment; so many of them make a MiB.
const SEGMENT: usize = 16 * 1024;
const SEGMENTS: u64 = 64;

/// Unoptimised, all bytes take minutes; then a prime keeps the places apart.
const STRIDE: usize = if cfg!(debug_assertions) { 149 } else { 1 };

/// A file in memory.
#[derive(Debug)]
struct Bytes(Vec<u8>);

impl DiskFile for Bytes {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn len(&mut self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

fn opening(segment: u64) -> Opening {
    Opening {
        kind: segment::Kind::Log,
        segment,
        salt: segment.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        first: 100,
    }
}

/// A segment filled with blobs of many lengths, some of which look like records themselves, and sealed if asked.
fn fill(number: u64, sealed: bool) -> (Vec<u8>, Vec<u64>) {
    let opening = opening(number);
    let mut bytes = vec![0; SEGMENT];
    bytes[..OPENING].copy_from_slice(&opening.encode());
    let (mut at, mut sequence, mut places) = (OPENING, opening.first, Vec::new());
    for length in [1, 700, 64, 2500, 9, 0, 1333, 4096].into_iter().cycle() {
        let mut payload: Vec<u8> = (0..length).map(|n: usize| n.to_le_bytes()[0] ^ 0x5a).collect();
        if length > 2 * HEAD {
            // A payload that a stranger made to look like a record, as well as one can without the salt.
            let forged =
                head(Kind::Whole, 8, sequence + 1, b"forged").encode(&Opening { salt: 0, ..opening }, 0);
            payload[..HEAD].copy_from_slice(&forged);
        }
        let head = head(Kind::Whole, length as u64, sequence, &payload);
        let span = usize::try_from(head.span()).unwrap();
        if at + span + HEAD > SEGMENT - 512 {
            break;
        }
        bytes[at..at + HEAD].copy_from_slice(&head.encode(&opening, at as u64));
        bytes[at + HEAD..at + HEAD + length].copy_from_slice(&payload);
        places.push(at as u64);
        at += span;
        sequence += 1;
    }
    if sealed {
        let seal = Head {
            digest: NOTHING,
            ..head(Kind::Seal, 0, sequence, b"")
        };
        bytes[at..at + HEAD].copy_from_slice(&seal.encode(&opening, at as u64));
        places.push(at as u64);
    }
    (bytes, places)
}

fn head(kind: Kind, length: u64, sequence: u64, payload: &[u8]) -> Head {
    Head {
        kind,
        length,
        sequence,
        owner: 7,
        digest: Digest::of(payload),
        sum: crc32c(payload),
    }
}

fn scan(bytes: &[u8]) -> Found {
    scan::scan(&mut Bytes(bytes.to_vec())).unwrap()
}

fn places(scan: &Scan) -> Vec<u64> {
    scan.records.iter().map(|(at, _)| *at).collect()
}

#[test]
fn a_sound_segment_has_no_faults() {
    for sealed in [true, false] {
        let (bytes, written) = fill(3, sealed);
        let Found::Segment(scan) = scan(&bytes) else {
            panic!("it is a segment")
        };
        assert!(scan.faults.is_empty());
        assert_eq!(places(&scan), written);
        assert_eq!(scan.is_sealed(), sealed);
    }
}

#[test]
fn every_flipped_byte_is_reported_with_its_place_and_all_else_stays_readable() {
    let mut flipped = 0;
    for number in 0..SEGMENTS {
        let (mut bytes, written) = fill(number, true);
        for at in (usize::try_from(number).unwrap() % STRIDE..SEGMENT).step_by(STRIDE) {
            bytes[at] ^= 1 << (at % 8);
            check(&bytes, &written, at);
            bytes[at] ^= 1 << (at % 8);
            flipped += 1;
        }
    }
    assert!(flipped >= SEGMENT * usize::try_from(SEGMENTS).unwrap() / STRIDE);
}

#[track_caller]
fn check(bytes: &[u8], written: &[u64], at: usize) {
    let found = match scan(bytes) {
        Found::Damaged(damage) => {
            assert!(at < OPENING, "byte {at}");
            assert_eq!(damage, Damage::Head);
            return;
        }
        Found::Unused => panic!("byte {at}: it is not unused"),
        Found::Segment(found) => found,
    };
    assert_eq!(found.faults.len(), 1, "byte {at}: {:?}", found.faults);
    // The record that the byte is in, or the empty room behind the seal.
    let place = found.faults[0].place.offset;
    let hit = written.iter().rev().find(|start| **start <= at as u64).unwrap();
    let behind_seal = *hit == written[written.len() - 1] && at as u64 >= hit + HEAD as u64;
    let (place_due, lost) = if behind_seal {
        (hit + HEAD as u64, None)
    } else {
        (*hit, Some(*hit))
    };
    assert_eq!(place, place_due, "byte {at}");
    let left: Vec<u64> = written
        .iter()
        .copied()
        .filter(|start| Some(*start) != lost)
        .collect();
    assert_eq!(places(&found), left, "byte {at}");
}

#[test]
fn a_lost_record_in_a_sealed_segment_shows() {
    let (bytes, written) = fill(1, true);
    for pair in written.windows(2) {
        let mut zeroed = bytes.clone();
        zeroed[usize::try_from(pair[0]).unwrap()..usize::try_from(pair[1]).unwrap()].fill(0);
        let Found::Segment(found) = scan(&zeroed) else {
            panic!("it is a segment")
        };
        assert_eq!(found.faults.len(), 1);
        assert_eq!(found.faults[0].place.offset, pair[0]);
        assert!(found.faults[0].followed);
    }
}

#[test]
fn a_segment_cut_anywhere_keeps_what_is_whole() {
    let (bytes, written) = fill(1, false);
    for cut in (OPENING..SEGMENT).step_by(if cfg!(debug_assertions) { 61 } else { 1 }) {
        let mut torn = bytes.clone();
        torn[cut..].fill(0);
        let Found::Segment(found) = scan(&torn) else {
            panic!("it is a segment")
        };
        let whole = places(&found);
        assert_eq!(whole, written[..whole.len()], "cut at {cut}");
        assert!(found.faults.len() <= 1, "cut at {cut}");
        assert!(found.faults.iter().all(|fault| !fault.followed), "cut at {cut}");
    }
}
