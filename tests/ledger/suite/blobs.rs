//! Long payloads.

use std::sync::Arc;
use std::thread;

use cartage::ledger::blobs::BlobRef;
use cartage::ledger::blobs::BlobStore;
use cartage::ledger::blobs::Kept;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::INLINE_MOST;
use cartage::ledger::body::Part;
use cartage::ledger::digest::Digest;
use cartage::ledger::error::LedgerError;

use crate::world::World;
use crate::world::bare;
use crate::world::received;
use crate::world::tenant;
use crate::world::viewer;

/// Bytes that differ from place to place.
fn payload(length: usize, seed: u8) -> Vec<u8> {
    let bytes = (0..length).map(|at| (at ^ (at >> 8) ^ (at >> 16)).to_le_bytes()[0].wrapping_add(seed));
    bytes.collect()
}

fn keep(blobs: &dyn BlobStore, bytes: &[u8], piece: usize) -> Kept {
    let mut writer = blobs.create(&tenant("mercy"));
    for chunk in bytes.chunks(piece) {
        writer.write(chunk).wait().unwrap();
    }
    writer.finish().wait().unwrap()
}

#[track_caller]
fn blob_of(kept: &Kept) -> &BlobRef {
    match &kept.part {
        Part::Blob(blob) => blob,
        Part::Inline(_) => panic!("it is too long to be kept inline"),
    }
}

pub(crate) fn a_short_payload_stays_in_the_entry(world: &World) {
    for length in [0, 1, INLINE_MOST] {
        let bytes = payload(length, 0);
        let kept = keep(&*world.blobs, &bytes, 1000);
        assert_eq!(kept.part, Part::Inline(bytes.clone().into()));
        assert_eq!(kept.digest, Digest::of(&bytes));
    }
    blob_of(&keep(&*world.blobs, &payload(INLINE_MOST + 1, 0), 1000));
}

pub(crate) fn payloads_of_every_length_come_back(world: &World) {
    const PIECE: usize = 256 * 1024;
    for length in [
        INLINE_MOST + 1,
        65_537,
        PIECE - 1,
        PIECE,
        PIECE + 1,
        2 * PIECE,
        3 * PIECE + 17,
    ] {
        let bytes = payload(length, 1);
        let kept = keep(&*world.blobs, &bytes, 40_000);
        let blob = blob_of(&kept);
        assert_eq!((blob.length, blob.digest), (length as u64, Digest::of(&bytes)));
        assert!(
            read_whole(&*world.blobs, blob, length).unwrap() == bytes,
            "{length} bytes"
        );
        assert!(read_whole(&*world.blobs, blob, length - 1).is_err());
    }
}

pub(crate) fn pieces_of_every_size_make_the_same_blob(world: &World) {
    let bytes = payload(700_000, 2);
    for piece in [4_099, 256 * 1024, 300_000, 700_000] {
        let kept = keep(&*world.blobs, &bytes, piece);
        assert_eq!(kept.digest, Digest::of(&bytes));
        assert!(read_whole(&*world.blobs, blob_of(&kept), 1 << 20).unwrap() == bytes);
    }
}

/// SEC-005.
pub(crate) fn a_blob_opens_for_its_owner_only(world: &World) {
    for length in [20_000, 600_000] {
        let kept = keep(&*world.blobs, &payload(length, 3), 40_000);
        let mut stranger = world.blobs.open(&tenant("stranger"), blob_of(&kept));
        let refusal = stranger.next().wait().unwrap_err();
        assert!(matches!(refusal, LedgerError::NoBlob(_)), "{refusal:?}");
    }
}

pub(crate) fn an_erased_blob_is_gone(world: &World) {
    for length in [20_000, 600_000] {
        let [gone, stays] = [4, 5].map(|seed| keep(&*world.blobs, &payload(length, seed), 40_000));
        for _ in 0..2 {
            world.blobs.erase(vec![blob_of(&gone).id]).wait().unwrap();
        }
        let refusal = read_whole(&*world.blobs, blob_of(&gone), 1 << 20).unwrap_err();
        assert!(matches!(refusal, LedgerError::NoBlob(_)), "{refusal:?}");
        assert!(read_whole(&*world.blobs, blob_of(&stays), 1 << 20).unwrap() == payload(length, 5));
    }
}

pub(crate) fn many_blobs_at_once_do_not_mix(world: &World) {
    let writers: Vec<_> = (0..8)
        .map(|seed| {
            let blobs = Arc::clone(&world.blobs);
            thread::spawn(move || {
                let lengths = [9_000, 50_000, 300_000, 700_000].into_iter().cycle().take(12);
                for length in lengths {
                    let bytes = payload(length, seed);
                    let kept = keep(&*blobs, &bytes, 30_000);
                    assert!(read_whole(&*blobs, blob_of(&kept), 1 << 20).unwrap() == bytes);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
}

pub(crate) fn a_message_may_consist_of_parts(world: &World) {
    let kept = keep(&*world.blobs, &payload(30_000, 6), 30_000);
    let body = Body {
        parts: vec![
            Part::Inline(b"ISA~"[..].into()),
            kept.part.clone(),
            Part::Inline(b"IEA~"[..].into()),
        ],
    };
    let mut entry = bare();
    entry.received = Some(received(""));
    entry.received.as_mut().unwrap().body = body.clone();
    let id = world.commit(entry).entry;
    let stored = world.store.entry(&viewer("mercy"), id).wait().unwrap().unwrap();
    assert_eq!(stored.length, 30_008);
    assert_eq!(stored.received.unwrap().body, body);
}
