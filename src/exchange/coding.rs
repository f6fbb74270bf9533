//! How states and events are stored: compact, versioned, and readable by the releases that follow.
//!
//! By hand and not by a package, because the layer table keeps formats out of this module, and because a state that
//! was written years ago must be read exactly: each field and each variant has its place and its number in one table
//! beside its type, and a field that came later says since which format and what it was before.
//!
//! The first byte is the number of the format, [`FORMAT`]: 1 was the first, 2 says when parts and deliveries were taken up.
//! Numbers are little-endian in groups of seven bits; texts and lists have their length in front.

use std::time::Duration;

use crate::exchange::ids::Code;
use crate::exchange::ids::ContentDigest;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::Fingerprint;
use crate::exchange::ids::Item;
use crate::exchange::ids::Line;
use crate::exchange::ids::PartId;
use crate::exchange::moment::Moment;
use crate::exchange::moment::millis;

/// The format that this release writes; it reads all from 1 to this.
pub const FORMAT: u8 = 2;

/// Why stored bytes are not what they were taken for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum CodingError {
    /// Written by a later release: refuse to start rather than misread it.
    #[error("stored in format {found}, which is later than {FORMAT}")]
    Later {
        /// The number of the format.
        found: u8,
    },
    /// The bytes end too soon.
    #[error("the stored bytes end too soon")]
    Truncated,
    /// A number that stands for nothing known, or a text that is none.
    #[error("the stored bytes say something unknown at byte {at}")]
    Unknown {
        /// Where, counted from zero.
        at: usize,
    },
    /// There are bytes left over.
    #[error("{left} bytes are left over")]
    LeftOver {
        /// How many.
        left: usize,
    },
}

/// What can be written to storage and read back.
pub(super) trait Stored: Sized {
    /// Appends the value in the format [`FORMAT`].
    fn write(&self, to: &mut Vec<u8>);

    /// Reads a value of any format up to [`FORMAT`].
    fn read(from: &mut Source<'_>) -> Result<Self, CodingError>;
}

/// Bytes that are being read, and the format they are in.
#[derive(Debug)]
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
    format: u8,
}

/// Writes `value` with the number of the format in front.
pub(super) fn encode<T: Stored>(value: &T) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    value.write(&mut bytes);
    bytes
}

/// Reads what [`encode`] of this or an earlier release wrote.
pub(super) fn decode<T: Stored>(bytes: &[u8]) -> Result<T, CodingError> {
    let (&format, _) = bytes.split_first().ok_or(CodingError::Truncated)?;
    match format {
        0 => return Err(CodingError::Unknown { at: 0 }),
        1..=FORMAT => {}
        _ => return Err(CodingError::Later { found: format }),
    }
    let mut source = Source { bytes, at: 1, format };
    let value = T::read(&mut source)?;
    match source.bytes.len() - source.at {
        0 => Ok(value),
        left => Err(CodingError::LeftOver { left }),
    }
}

impl Source<'_> {
    /// The format of the bytes.
    pub(super) const fn format(&self) -> u8 {
        self.format
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, CodingError> {
        let &byte = self.bytes.get(self.at).ok_or(CodingError::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    /// What to say if the byte that was read last means nothing.
    pub(super) const fn unknown(&self) -> CodingError {
        CodingError::Unknown {
            at: self.at.saturating_sub(1),
        }
    }

    fn take(&mut self, count: usize) -> Result<&[u8], CodingError> {
        let end = self.at.checked_add(count).ok_or(CodingError::Truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or(CodingError::Truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn count(&mut self) -> Result<usize, CodingError> {
        usize::try_from(u64::read(self)?).map_err(|_| self.unknown())
    }

    fn text(&mut self) -> Result<&str, CodingError> {
        let count = self.count()?;
        let at = self.at;
        std::str::from_utf8(self.take(count)?).map_err(|_| CodingError::Unknown { at })
    }
}

impl Stored for u64 {
    fn write(&self, to: &mut Vec<u8>) {
        let mut rest = *self;
        loop {
            let [low, ..] = rest.to_le_bytes();
            rest >>= 7;
            if rest == 0 {
                return to.push(low & 0x7f);
            }
            to.push(low | 0x80);
        }
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = from.byte()?;
            let group = u64::from(byte & 0x7f);
            // The tenth group has room for one bit only.
            if shift == 63 && group > 1 {
                return Err(from.unknown());
            }
            value |= group << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(from.unknown())
    }
}

impl Stored for u32 {
    fn write(&self, to: &mut Vec<u8>) {
        u64::from(*self).write(to);
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        Self::try_from(u64::read(from)?).map_err(|_| from.unknown())
    }
}

impl Stored for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(from.unknown()),
        }
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        (self.len() as u64).write(to);
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        let count = from.count()?;
        // Nothing is set aside by a number that was not yet borne out by bytes.
        let mut values = Self::new();
        for _ in 0..count {
            values.push(T::read(from)?);
        }
        Ok(values)
    }
}

impl Stored for Duration {
    fn write(&self, to: &mut Vec<u8>) {
        millis(*self).write(to);
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        u64::read(from).map(Self::from_millis)
    }
}

impl Stored for Moment {
    fn write(&self, to: &mut Vec<u8>) {
        self.millis().write(to);
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        u64::read(from).map(Self::from_millis)
    }
}

impl Stored for Code {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self.as_str(), to);
    }

    fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
        let read = Self::parse(from.text()?);
        read.map_err(|_| from.unknown())
    }
}

fn write_text(text: &str, to: &mut Vec<u8>) {
    (text.len() as u64).write(to);
    to.extend_from_slice(text.as_bytes());
}

/// Stores a digest as its bytes.
macro_rules! stored_digest {
    ($name:ident) => {
        impl Stored for $name {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(self.as_bytes());
            }

            fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
                let taken = from.take(32)?.first_chunk().copied();
                taken.map(Self::new).ok_or(CodingError::Truncated)
            }
        }
    };
}

/// Stores an identifier as its number.
macro_rules! stored_number {
    ($name:ident) => {
        impl Stored for $name {
            fn write(&self, to: &mut Vec<u8>) {
                self.number().write(to);
            }

            fn read(from: &mut Source<'_>) -> Result<Self, CodingError> {
                Stored::read(from).map(Self::new)
            }
        }
    };
}

/// Stores a struct as its fields in the order given.
///
/// A field `since N or VALUE` was not written by formats before `N` and is `VALUE` there.
macro_rules! stored_struct {
    ($name:ident { $($field:ident $(since $format:literal or $absent:expr)?),+ $(,)? }) => {
        impl $crate::exchange::coding::Stored for $name {
            fn write(&self, to: &mut Vec<u8>) {
                $($crate::exchange::coding::Stored::write(&self.$field, to);)+
            }

            fn read(
                from: &mut $crate::exchange::coding::Source<'_>,
            ) -> Result<Self, $crate::exchange::coding::CodingError> {
                Ok(Self {
                    $($field: $crate::exchange::coding::stored_struct!(@field from $($format $absent)?),)+
                })
            }
        }
    };
    (@field $from:ident) => { $crate::exchange::coding::Stored::read($from)? };
    (@field $from:ident $format:literal $absent:expr) => {
        if $from.format() < $format { $absent } else { $crate::exchange::coding::Stored::read($from)? }
    };
}

/// Stores an enum as the number of the variant and its fields; a number never changes its meaning.
macro_rules! stored_enum {
    ($name:ident { $($tag:literal => $variant:ident $(($inner:ident))? $({ $($field:ident),+ })?),+ $(,)? }) => {
        impl $crate::exchange::coding::Stored for $name {
            fn write(&self, to: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),+ })? => {
                        to.push($tag);
                        $($crate::exchange::coding::Stored::write($inner, to);)?
                        $($($crate::exchange::coding::Stored::write($field, to);)+)?
                    })+
                }
            }

            fn read(
                from: &mut $crate::exchange::coding::Source<'_>,
            ) -> Result<Self, $crate::exchange::coding::CodingError> {
                match from.byte()? {
                    $($tag => {
                        $(let $inner = $crate::exchange::coding::Stored::read(from)?;)?
                        $($(let $field = $crate::exchange::coding::Stored::read(from)?;)+)?
                        Ok(Self::$variant $(($inner))? $({ $($field),+ })?)
                    })+
                    _ => Err(from.unknown()),
                }
            }
        }
    };
}

pub(super) use stored_enum;
pub(super) use stored_struct;

stored_digest!(ContentDigest);
stored_digest!(Fingerprint);
stored_number!(PartId);
stored_number!(DeliveryId);
stored_struct!(Item { line, code });
stored_enum!(Line { 0 => Whole, 1 => Number(number), 2 => Control(control) });

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Eq, PartialEq)]
    struct Grown {
        first: u32,
        later: bool,
        last: Option<Moment>,
    }

    stored_struct!(Grown { first, later since 2 or true, last });

    #[track_caller]
    fn check<T: Stored + PartialEq + std::fmt::Debug>(value: &T, bytes: &[u8]) {
        let written = encode(value);
        assert_eq!(written.split_first(), Some((&FORMAT, bytes)));
        assert_eq!(&decode::<T>(&written).unwrap(), value);
        for end in 0..written.len() {
            assert!(decode::<T>(&written[..end]).is_err(), "cut at {end}");
        }
        let longer = [written.as_slice(), &[0]].concat();
        assert_eq!(
            decode::<T>(&longer).unwrap_err(),
            CodingError::LeftOver { left: 1 }
        );
    }

    #[test]
    fn numbers_lists_and_texts_are_compact() {
        check(&0_u64, &[0]);
        check(&300_u64, &[0xac, 0x02]);
        check(
            &u64::MAX,
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        );
        check(&vec![Some(true), None], &[2, 1, 1, 0]);
        check(&Code::parse("AM").unwrap(), b"\x02AM");
        check(&Line::Number(2), &[1, 2]);
        check(&Duration::from_millis(5), &[5]);
    }

    #[test]
    fn a_field_that_came_later_has_its_value_from_before() {
        let written = [1, 7, 0];
        let mut source = Source {
            bytes: &written,
            at: 1,
            format: 1,
        };
        let read = Grown::read(&mut source).unwrap();
        let expected = Grown {
            first: 7,
            later: true,
            last: None,
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        assert_eq!(decode::<u32>(&[]), Err(CodingError::Truncated));
        assert_eq!(
            decode::<u32>(&[FORMAT + 1, 0]),
            Err(CodingError::Later { found: FORMAT + 1 })
        );
        assert_eq!(decode::<u32>(&[0, 0]), Err(CodingError::Unknown { at: 0 }));
        assert_eq!(decode::<bool>(&[FORMAT, 2]), Err(CodingError::Unknown { at: 1 }));
        assert_eq!(
            decode::<u32>(&[FORMAT, 0xff, 0xff, 0xff, 0xff, 0x7f]),
            Err(CodingError::Unknown { at: 5 })
        );
        let endless = [&[FORMAT][..], &[0xff; 10]].concat();
        assert_eq!(decode::<u64>(&endless), Err(CodingError::Unknown { at: 10 }));
        // A count that no bytes bear out costs nothing.
        let boasting = [&[FORMAT][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
        assert_eq!(decode::<Vec<u64>>(&boasting), Err(CodingError::Truncated));
        assert_eq!(
            decode::<Code>(&[FORMAT, 1, b' ']),
            Err(CodingError::Unknown { at: 2 })
        );
    }
}
