//! Binary segments and their payloads.

use super::Writer;
use super::error::Level;
use super::error::Step;
use super::error::WriteError;
use super::sink::Sink;

/// Most octets that a payload can declare: fifteen digits (DE 784).
const MAX_OCTETS: u64 = 999_999_999_999_999;

/// How the octets of a payload came about (DE 1570). The writer applies no filter; it says which one was applied.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Filter {
    /// `ASB`: Baudot in ASCII.
    Baudot,
    /// `ASC`: text as it is.
    Ascii,
    /// `B64`: base 64.
    Base64,
    /// `HDC`: hexadecimal.
    Hexadecimal,
    /// `NOF`: none.
    None,
    /// `R64`: radix 64.
    Radix64,
    /// `UUE`: uuencode.
    Uuencode,
    /// `ZZZ`: agreed between the partners.
    Agreed,
}

impl Filter {
    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baudot => "ASB",
            Self::Ascii => "ASC",
            Self::Base64 => "B64",
            Self::Hexadecimal => "HDC",
            Self::None => "NOF",
            Self::Radix64 => "R64",
            Self::Uuencode => "UUE",
            Self::Agreed => "ZZZ",
        }
    }
}

/// The two binary segments.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BinaryForm {
    /// `BIN`, as the guides of 005010 have it: length and octets. It does not tell a filter.
    Bin,
    /// `BDS`, as the guides of 006020 have it: filter, length and octets.
    Bds(Filter),
}

/// The payload at hand, or the one that is just complete.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload {
    pub(super) declared: u64,
    pub(super) given: u64,
}

impl Payload {
    pub(super) const fn is_open(self) -> bool {
        self.given < self.declared
    }
}

impl<S: Sink> Writer<S> {
    /// Begins a binary segment with a payload of `length` octets: a `BDS` where the guide of the transaction is of 006020
    /// or later, else a `BIN`, which has no room for the filter. [`octets`](Self::octets) brings the payload.
    ///
    /// # Errors
    /// Refuses it outside a transaction, and a length of more than fifteen digits.
    pub fn binary(&mut self, filter: Filter, length: u64) -> Result<(), WriteError> {
        let form = if self.filters {
            BinaryForm::Bds(filter)
        } else {
            BinaryForm::Bin
        };
        self.binary_as(form, length)
    }

    /// Begins a binary segment of the given form, whatever the guide is.
    ///
    /// # Errors
    /// As [`binary`](Self::binary).
    pub fn binary_as(&mut self, form: BinaryForm, length: u64) -> Result<(), WriteError> {
        self.expect(Level::Transaction, Step::Binary)?;
        if length > MAX_OCTETS {
            return Err(WriteError::PayloadTooLong);
        }
        self.count_segment()?;
        let element = self.delimiters.element();
        self.scratch.clear();
        match form {
            BinaryForm::Bin => self.scratch.extend_from_slice(b"BIN"),
            BinaryForm::Bds(filter) => {
                self.scratch.extend_from_slice(b"BDS");
                self.scratch.push(element);
                self.scratch.extend_from_slice(filter.as_str().as_bytes());
            }
        }
        self.scratch.push(element);
        self.scratch.extend_from_slice(length.to_string().as_bytes());
        self.scratch.push(element);
        self.sink.put(&self.scratch);
        self.payload = Some(Payload {
            declared: length,
            given: 0,
        });
        if length == 0 {
            self.terminate();
        }
        Ok(())
    }

    /// Passes the next octets of the payload on, whatever they are. The last one ends the segment; until it has come,
    /// nothing else can be written.
    ///
    /// # Errors
    /// Refuses the whole chunk where it holds more octets than are still to come.
    pub fn octets(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let Some(payload) = self.payload.as_mut() else {
            return Err(WriteError::OutOfTurn {
                step: Step::Octets,
                inside: self.level,
            });
        };
        let given = payload.given.saturating_add(bytes.len() as u64);
        if given > payload.declared {
            return Err(WriteError::PayloadLength {
                declared: payload.declared,
                given,
            });
        }
        payload.given = given;
        let open = payload.is_open();
        self.sink.put(bytes);
        if !open {
            self.terminate();
        }
        Ok(())
    }
}
