//! What a message consists of: bytes that stand in the entry itself, and blobs.

use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobRef;
use crate::ledger::crc::crc32c;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::LONGEST_NAME;
use crate::ledger::ids::Series;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;

/// The content of a message, in order: short runs of bytes and references to blobs.
///
/// A 275 is its head, a blob with the attachment, and its tail: the attachment is not copied.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Body {
    /// The parts, in the order in which they are sent.
    pub parts: Vec<Part>,
}

/// A part of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// Bytes that are kept in the entry: at most [`INLINE_MOST`] if they come from outside.
    Inline(Opaque),
    /// Bytes that are kept in the blob store.
    Blob(BlobRef),
}

/// The most bytes of a payload that are kept in the entry itself; what is longer goes to the blob store.
pub const INLINE_MOST: usize = 8 * 1024;

/// The most bytes that the inline parts of a received message may have together, where it has several.
pub const RECEIVED_INLINE_MOST: usize = 64 * 1024;

/// The most bytes that all that is kept inline in one entry may have together.
pub const ENTRY_MOST: usize = 16 * 1024 * 1024;

/// A message that is not finished: control numbers are still to be written into it, by the commit that stores it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Draft {
    /// The message, with digits of any value where the numbers go.
    pub body: Body,
    /// The numbers it needs.
    pub numbers: Vec<NumberUse>,
}

/// A control number that a message needs: from which series, how long, and where it goes.
///
/// The commit takes the next number of the series, writes it as `width` digits with leading zeros at each place, and
/// stores it with the message, so that each sending of the message carries the same number (ROB-011).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NumberUse {
    /// The sequence it is taken from.
    pub series: Series,
    /// How many digits: 1 to 18. After the greatest number of so many digits comes `first` again.
    pub width: u8,
    /// The least number to be used, such as 100000000 where leading zeros are not wanted.
    pub first: u64,
    /// Where the number is written.
    pub places: Vec<NumberPlace>,
}

/// A place of a number within the inline parts of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NumberPlace {
    /// Which part, counted from zero.
    pub part: usize,
    /// The first byte of the number there.
    pub offset: usize,
}

/// A control number that was taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Number {
    /// From which series.
    pub series: Series,
    /// The number.
    pub value: u64,
}

impl Body {
    /// A message that is one run of bytes.
    pub fn inline(bytes: impl Into<Opaque>) -> Self {
        Self {
            parts: vec![Part::Inline(bytes.into())],
        }
    }

    /// A message that is one blob.
    pub fn blob(blob: BlobRef) -> Self {
        Self {
            parts: vec![Part::Blob(blob)],
        }
    }

    /// How many bytes the message has.
    pub fn len(&self) -> u64 {
        self.parts.iter().map(Part::len).sum()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The blobs it refers to.
    pub fn blobs(&self) -> impl Iterator<Item = &BlobRef> {
        self.parts.iter().filter_map(|part| match part {
            Part::Blob(blob) => Some(blob),
            Part::Inline(_) => None,
        })
    }

    /// How many bytes are kept inline.
    pub(crate) fn inline_len(&self) -> usize {
        let inline = self.parts.iter().map(|part| match part {
            Part::Inline(bytes) => bytes.len(),
            Part::Blob(_) => 0,
        });
        inline.sum()
    }

    /// The parts as they are stored: a checksum, and for each part a tag, a length and the bytes or the reference.
    ///
    /// The checksum is ours because SQLite has none: a flipped byte of a message must not pass silently (ROB-009).
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.inline_len() + 16 * (self.parts.len() + 1));
        bytes.extend_from_slice(&[0; 4]);
        for part in &self.parts {
            match part {
                Part::Inline(inline) => {
                    bytes.push(INLINE);
                    bytes.extend_from_slice(&(inline.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(inline.as_bytes());
                }
                Part::Blob(blob) => {
                    bytes.push(BLOB);
                    bytes.extend_from_slice(&blob.length.to_le_bytes());
                    bytes.extend_from_slice(blob.id.as_bytes());
                    bytes.extend_from_slice(blob.digest.as_bytes());
                    let owner = blob.owner.as_str().as_bytes();
                    // A name has at most 100 characters, so its length is one byte.
                    bytes.push(u8::try_from(owner.len()).unwrap_or(u8::MAX));
                    bytes.extend_from_slice(owner);
                }
            }
        }
        if let Some((sum, parts)) = bytes.split_first_chunk_mut() {
            *sum = crc32c(parts).to_le_bytes();
        }
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, LedgerError> {
        let sum = u32::from_le_bytes(*take(&mut bytes)?);
        if sum != crc32c(bytes) {
            return Err(UNREADABLE);
        }
        let mut parts = Vec::new();
        while let Some((tag, rest)) = bytes.split_first() {
            bytes = rest;
            let length = u64::from_le_bytes(*take(&mut bytes)?);
            parts.push(match *tag {
                INLINE => {
                    let length = usize::try_from(length).map_err(|_| UNREADABLE)?;
                    let (inline, rest) = bytes.split_at_checked(length).ok_or(UNREADABLE)?;
                    bytes = rest;
                    Part::Inline(inline.into())
                }
                BLOB => Part::Blob(BlobRef {
                    id: BlobId::from_bytes(*take(&mut bytes)?),
                    digest: Digest::new(*take(&mut bytes)?),
                    owner: owner(&mut bytes)?,
                    length,
                }),
                _ => return Err(UNREADABLE),
            });
        }
        Ok(Self { parts })
    }
}

impl Part {
    /// How many bytes the part stands for.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Blob(blob) => blob.length,
        }
    }

    /// Whether it stands for nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Body> for Draft {
    fn from(body: Body) -> Self {
        Self {
            body,
            numbers: Vec::new(),
        }
    }
}

impl Draft {
    /// Whether each number fits its places.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        for number in &self.numbers {
            if !(1..=18).contains(&number.width) {
                return Err(LedgerError::Malformed("a control number has 1 to 18 digits"));
            }
            if number.first >= ceiling(number.width) {
                return Err(LedgerError::Malformed("the first number has too many digits"));
            }
            for place in &number.places {
                let end = place.offset.checked_add(usize::from(number.width));
                let room = match self.body.parts.get(place.part) {
                    Some(Part::Inline(bytes)) => bytes.len(),
                    Some(Part::Blob(_)) | None => 0,
                };
                if end.is_none_or(|end| end > room) {
                    return Err(LedgerError::Malformed("a control number does not fit its place"));
                }
            }
        }
        Ok(())
    }

    /// Writes `values`, one for each number, into their places.
    pub(crate) fn stamp(&mut self, values: &[u64]) {
        for (number, value) in self.numbers.iter().zip(values) {
            let digits = format!("{value:0width$}", width = usize::from(number.width));
            for place in &number.places {
                if let Some(Part::Inline(bytes)) = self.body.parts.get_mut(place.part) {
                    // `check` has seen that it fits.
                    bytes.overwrite(place.offset, digits.as_bytes());
                }
            }
        }
    }
}

impl NumberUse {
    /// The number that follows `last`, the greatest used so far.
    pub(crate) fn after(&self, last: u64) -> u64 {
        let next = last.saturating_add(1).max(self.first).max(1);
        if next < ceiling(self.width) {
            next
        } else {
            self.first.max(1)
        }
    }
}

/// The least number that has more than `width` digits.
fn ceiling(width: u8) -> u64 {
    10_u64.saturating_pow(u32::from(width))
}

fn take<'a, const LENGTH: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; LENGTH], LedgerError> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(UNREADABLE)?;
    *bytes = rest;
    Ok(taken)
}

fn owner(bytes: &mut &[u8]) -> Result<TenantId, LedgerError> {
    let [length] = *take(bytes)?;
    let (name, rest) = bytes.split_at_checked(usize::from(length)).ok_or(UNREADABLE)?;
    *bytes = rest;
    let name = std::str::from_utf8(name).map_err(|_| UNREADABLE)?;
    TenantId::parse(name).map_err(|_| UNREADABLE)
}

const INLINE: u8 = 1;
const BLOB: u8 = 2;
const UNREADABLE: LedgerError = LedgerError::Unreadable("the parts of a message");

const _: () = assert!(
    LONGEST_NAME <= u8::MAX as usize,
    "the length of a name is one byte"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::ids::SeriesName;

    fn number(width: u8, first: u64, places: &[(usize, usize)]) -> NumberUse {
        NumberUse {
            series: Series {
                partner: TenantId::parse("payer").unwrap(),
                name: SeriesName::parse("isa13").unwrap(),
            },
            width,
            first,
            places: places
                .iter()
                .map(|(part, offset)| NumberPlace {
                    part: *part,
                    offset: *offset,
                })
                .collect(),
        }
    }

    fn blob() -> BlobRef {
        BlobRef {
            id: BlobId::from_bytes([7; 16]),
            owner: TenantId::parse("mercy").unwrap(),
            length: 1 << 33,
            digest: Digest::of(b"blob"),
        }
    }

    #[test]
    fn parts_come_back_as_they_were() {
        let body = Body {
            parts: vec![
                Part::Inline(Opaque::from(&b"ISA"[..])),
                Part::Blob(blob()),
                Part::Inline(Opaque::default()),
            ],
        };
        let stored = body.encode();
        assert_eq!(Body::decode(&stored).unwrap(), body);
        assert_eq!(body.len(), (1 << 33) + 3);
        for cut in 0..stored.len() {
            assert!(Body::decode(&stored[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 0x20;
            assert!(Body::decode(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn numbers_are_written_into_all_their_places() {
        let mut draft = Draft {
            body: Body {
                parts: vec![
                    Part::Inline(Opaque::from(&b"ISA*?????????~GS*????~"[..])),
                    Part::Blob(blob()),
                    Part::Inline(Opaque::from(&b"IEA*1*?????????~"[..])),
                ],
            },
            numbers: vec![number(9, 1, &[(0, 4), (2, 6)]), number(4, 1000, &[(0, 17)])],
        };
        draft.check().unwrap();
        draft.stamp(&[42, 1000]);
        assert_eq!(
            draft.body.parts[0],
            Part::Inline(Opaque::from(&b"ISA*000000042~GS*1000~"[..]))
        );
        assert_eq!(
            draft.body.parts[2],
            Part::Inline(Opaque::from(&b"IEA*1*000000042~"[..]))
        );
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        for wrong in [
            number(0, 1, &[]),
            number(19, 1, &[]),
            number(2, 100, &[]),
            number(4, 1, &[(0, 7)]),
            number(4, 1, &[(1, 0)]),
            number(4, 1, &[(2, 0)]),
            number(4, 1, &[(0, usize::MAX)]),
        ] {
            let draft = Draft {
                body: Body {
                    parts: vec![Part::Inline(Opaque::new(vec![b'0'; 10])), Part::Blob(blob())],
                },
                numbers: vec![wrong.clone()],
            };
            assert!(draft.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_rise_and_start_again_at_the_end() {
        let number = number(2, 10, &[]);
        assert_eq!(number.after(0), 10);
        assert_eq!(number.after(10), 11);
        assert_eq!(number.after(98), 99);
        assert_eq!(number.after(99), 10);
        assert_eq!(number.after(u64::MAX), 10);
    }
}
