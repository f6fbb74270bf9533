//! The files of the blob log: how they are called, and how each begins.

use std::path::Path;
use std::path::PathBuf;

use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRange;
use crate::ledger::crc::crc32c;
use crate::ledger::error::Damage;

/// A place in the blob log.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The number of the file.
    pub segment: u64,
    /// Bytes from its start.
    pub offset: u64,
}

impl Place {
    /// The blob that begins here.
    pub(crate) fn blob(self) -> BlobId {
        let mut name = [0; 16];
        let (segment, offset) = name.split_at_mut(8);
        segment.copy_from_slice(&self.segment.to_be_bytes());
        offset.copy_from_slice(&self.offset.to_be_bytes());
        BlobId::from_bytes(name)
    }

    /// Where a blob begins.
    pub(crate) fn of(blob: BlobId) -> Self {
        let number = u128::from_be_bytes(*blob.as_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
        let offset = number as u64;
        let segment = (number >> 64) as u64;
        Self { segment, offset }
    }
}

/// All blobs that a segment may hold.
pub(crate) fn range_of(segment: u64) -> BlobRange {
    let place = |offset| Place { segment, offset };
    BlobRange {
        first: place(0).blob(),
        last: place(u64::MAX).blob(),
    }
}

/// What a segment is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    /// Many short blobs, one after another.
    Log,
    /// One long blob.
    Own,
}

/// The name of a segment in its folder.
pub(crate) fn path(folder: &Path, kind: Kind, segment: u64) -> PathBuf {
    let kind = match kind {
        Kind::Log => "log",
        Kind::Own => "own",
    };
    folder.join(format!("{kind}-{segment:016x}"))
}

/// What a name says, if it is one of ours.
pub(crate) fn parse(path: &Path) -> Option<(Kind, u64)> {
    let (kind, number) = path.file_name()?.to_str()?.split_once('-')?;
    let kind = match kind {
        "log" => Kind::Log,
        "own" => Kind::Own,
        _ => return None,
    };
    let number = (number.len() == 16).then(|| u64::from_str_radix(number, 16).ok())??;
    Some((kind, number))
}

/// How a segment begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Opening {
    pub(crate) kind: Kind,
    pub(crate) segment: u64,
    /// Goes into the checksum of each head, so that nothing inside a payload passes for a record.
    pub(crate) salt: u64,
    /// The sequence number of the first record.
    pub(crate) first: u64,
}

/// Bytes of the opening.
pub(crate) const OPENING: usize = 64;

const MAGIC: &[u8; 8] = b"CTGBLOB1";

impl Opening {
    /// The opening as it is written.
    pub(crate) fn encode(&self) -> [u8; OPENING] {
        let mut bytes = [0; OPENING];
        let kind = match self.kind {
            Kind::Log => 1_u64,
            Kind::Own => 2,
        };
        let fields = [
            *MAGIC,
            kind.to_le_bytes(),
            self.segment.to_le_bytes(),
            self.salt.to_le_bytes(),
            self.first.to_le_bytes(),
        ];
        for (to, from) in bytes.iter_mut().zip(fields.as_flattened()) {
            *to = *from;
        }
        let sum = u64::from(crc32c(&bytes[..OPENING - 8])).to_le_bytes();
        for (to, from) in bytes.iter_mut().skip(OPENING - 8).zip(sum) {
            *to = from;
        }
        bytes
    }

    /// Reads an opening.
    pub(crate) fn decode(bytes: &[u8; OPENING]) -> Result<Self, Damage> {
        let (words, _) = bytes.as_chunks::<8>();
        let [magic, kind, segment, salt, first, _, _, sum] = words else {
            return Err(Damage::Head);
        };
        let number = |word: &[u8; 8]| u64::from_le_bytes(*word);
        let due = u64::from(crc32c(&bytes[..OPENING - 8]));
        if magic != MAGIC || number(sum) != due {
            return Err(Damage::Head);
        }
        let kind = match number(kind) {
            1 => Kind::Log,
            2 => Kind::Own,
            _ => return Err(Damage::Head),
        };
        Ok(Self {
            kind,
            segment: number(segment),
            salt: number(salt),
            first: number(first),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_blobs_name_each_other() {
        let place = Place {
            segment: 7,
            offset: u64::MAX - 1,
        };
        assert_eq!(Place::of(place.blob()), place);
        let next = Place {
            segment: 8,
            offset: 0,
        };
        assert!(place.blob() < next.blob());
        assert!(range_of(7).first < place.blob() && place.blob() < range_of(7).last);
    }

    #[test]
    fn names_of_files_come_back() {
        let folder = Path::new("blobs");
        for kind in [Kind::Log, Kind::Own] {
            assert_eq!(parse(&path(folder, kind, 0xabc)), Some((kind, 0xabc)));
        }
        for other in ["log-1", "log-000000000000000g", "tmp-0000000000000001", "log"] {
            assert_eq!(parse(&folder.join(other)), None, "{other}");
        }
    }

    #[test]
    fn every_changed_byte_of_an_opening_is_seen() {
        let opening = Opening {
            kind: Kind::Own,
            segment: 3,
            salt: 0x0123_4567_89ab_cdef,
            first: 99,
        };
        let bytes = opening.encode();
        assert_eq!(Opening::decode(&bytes), Ok(opening));
        for at in 0..OPENING {
            let mut changed = bytes;
            changed[at] ^= 0x40;
            assert_eq!(Opening::decode(&changed), Err(Damage::Head), "byte {at}");
        }
    }
}
