//! The records of the blob log: length, sequence, CRC-32C and SHA-256 in front of each payload (ROB-009).

use crate::ledger::blob_log::segment::Opening;
use crate::ledger::crc::crc32c;
use crate::ledger::crc::extend;
use crate::ledger::digest::Digest;
use crate::ledger::error::Damage;
use crate::ledger::ids::TenantId;

/// The head of a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    /// Bytes of the payload; of an end, bytes of the whole blob.
    pub(crate) length: u64,
    /// One more than that of the record before.
    pub(crate) sequence: u64,
    /// Whose the blob is.
    pub(crate) owner: u64,
    /// The SHA-256 of the blob; of a piece, nothing.
    pub(crate) digest: Digest,
    /// The CRC-32C of the payload.
    pub(crate) sum: u32,
}

/// What a record is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A whole blob.
    Whole,
    /// A piece of a blob that has a segment of its own.
    Piece,
    /// The end of such a blob; it has no payload.
    End,
    /// A blob that was erased: its payload is zeros.
    Erased,
    /// The end of a segment of the log that is full; it has no payload.
    Seal,
}

/// Bytes of a head.
pub(crate) const HEAD: usize = 72;

/// The most bytes of a payload: what is longer is written in pieces.
pub(crate) const PAYLOAD_MOST: usize = 256 * 1024;

const MAGIC: [u8; 4] = *b"CREC";

/// No digest: of pieces, and of what was erased.
pub(crate) const NOTHING: Digest = Digest::new([0; 32]);

impl Head {
    /// The head as it is written at `offset` of a segment.
    pub(crate) fn encode(&self, opening: &Opening, offset: u64) -> [u8; HEAD] {
        let kind = match self.kind {
            Kind::Whole => 1,
            Kind::Piece => 2,
            Kind::End => 3,
            Kind::Erased => 4,
            Kind::Seal => 5,
        };
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[kind, 0, 0, 0]);
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.owner.to_le_bytes());
        bytes.extend_from_slice(self.digest.as_bytes());
        bytes.extend_from_slice(&self.sum.to_le_bytes());
        let own = sum_of_head(&bytes, opening, offset);
        bytes.extend_from_slice(&own.to_le_bytes());
        let head = bytes.first_chunk().copied();
        head.expect("the fields of a head are 72 bytes together")
    }

    /// Reads the head at `offset` of a segment.
    pub(crate) fn decode(bytes: &[u8; HEAD], opening: &Opening, offset: u64) -> Result<Self, Damage> {
        let (fields, own) = bytes.split_at(HEAD - 4);
        if *fields.first_chunk().unwrap_or(&[0; 4]) != MAGIC {
            return Err(Damage::NoRecord);
        }
        if own != sum_of_head(fields, opening, offset).to_le_bytes() {
            return Err(Damage::Head);
        }
        let mut rest = fields.get(4..).unwrap_or_default();
        let [kind, 0, 0, 0] = take(&mut rest)? else {
            return Err(Damage::Head);
        };
        let kind = match kind {
            1 => Kind::Whole,
            2 => Kind::Piece,
            3 => Kind::End,
            4 => Kind::Erased,
            5 => Kind::Seal,
            _ => return Err(Damage::Head),
        };
        let head = Self {
            kind,
            length: u64::from_le_bytes(take(&mut rest)?),
            sequence: u64::from_le_bytes(take(&mut rest)?),
            owner: u64::from_le_bytes(take(&mut rest)?),
            digest: Digest::new(take(&mut rest)?),
            sum: u32::from_le_bytes(take(&mut rest)?),
        };
        if head.kind != Kind::End && head.length > PAYLOAD_MOST as u64 {
            return Err(Damage::Head);
        }
        Ok(head)
    }

    /// Bytes of the payload that follows the head.
    pub(crate) fn payload(&self) -> usize {
        match self.kind {
            Kind::Whole | Kind::Piece | Kind::Erased => usize::try_from(self.length).unwrap_or(PAYLOAD_MOST),
            Kind::End | Kind::Seal => 0,
        }
    }

    /// Bytes of the whole record, up to where the next one begins.
    pub(crate) fn span(&self) -> u64 {
        span(self.payload())
    }

    /// Whether `payload` is what was written.
    pub(crate) fn check(&self, payload: &[u8]) -> Result<(), Damage> {
        if crc32c(payload) != self.sum {
            return Err(Damage::Checksum);
        }
        if self.kind == Kind::Whole && Digest::of(payload) != self.digest {
            return Err(Damage::Digest);
        }
        Ok(())
    }
}

/// Bytes of a record with so long a payload: heads begin at multiples of eight.
pub(crate) const fn span(payload: usize) -> u64 {
    (HEAD + payload).next_multiple_of(8) as u64
}

/// What a head remembers of the tenant whose blob it is.
pub(crate) fn owner_mark(owner: &TenantId) -> u64 {
    let digest = Digest::of(owner.as_str().as_bytes());
    u64::from_le_bytes(*digest.as_bytes().first_chunk().unwrap_or(&[0; 8]))
}

fn sum_of_head(fields: &[u8], opening: &Opening, offset: u64) -> u32 {
    let place = [opening.salt, opening.segment, offset].map(u64::to_le_bytes);
    extend(crc32c(place.as_flattened()), fields)
}

fn take<const LENGTH: usize>(bytes: &mut &[u8]) -> Result<[u8; LENGTH], Damage> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Damage::CutShort)?;
    *bytes = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::blob_log::segment;

    const OPENING: Opening = Opening {
        kind: segment::Kind::Log,
        segment: 5,
        salt: 77,
        first: 1,
    };

    fn head() -> Head {
        Head {
            kind: Kind::Whole,
            length: 10,
            sequence: 4,
            owner: owner_mark(&TenantId::parse("mercy").unwrap()),
            digest: Digest::of(b"0123456789"),
            sum: crc32c(b"0123456789"),
        }
    }

    #[test]
    fn a_head_comes_back_at_its_own_place_only() {
        let bytes = head().encode(&OPENING, 64);
        assert_eq!(Head::decode(&bytes, &OPENING, 64), Ok(head()));
        assert_eq!(Head::decode(&bytes, &OPENING, 72), Err(Damage::Head));
        let elsewhere = Opening {
            segment: 6,
            ..OPENING
        };
        assert_eq!(Head::decode(&bytes, &elsewhere, 64), Err(Damage::Head));
        assert_eq!(head().span(), 88);
        head().check(b"0123456789").unwrap();
        assert_eq!(head().check(b"0123456788"), Err(Damage::Checksum));
    }

    #[test]
    fn every_changed_byte_of_a_head_is_seen() {
        let bytes = head().encode(&OPENING, 64);
        for at in 0..HEAD {
            for bit in 0..8 {
                let mut changed = bytes;
                changed[at] ^= 1 << bit;
                assert!(Head::decode(&changed, &OPENING, 64).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn a_payload_longer_than_any_is_refused() {
        let long = Head {
            length: PAYLOAD_MOST as u64 + 1,
            ..head()
        };
        let bytes = long.encode(&OPENING, 64);
        assert_eq!(Head::decode(&bytes, &OPENING, 64), Err(Damage::Head));
    }
}
