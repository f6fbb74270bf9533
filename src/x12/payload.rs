//! The attachment in a `BIN` or `BDS`.

use std::fmt;

/// How the octets of a payload were filtered for the wire (DE 1570).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Filter {
    /// No filter element: a `BIN`.
    #[default]
    Absent,
    /// `NOF`: the octets as they are.
    Unfiltered,
    /// `ASC`: the octets as they are, and they are text.
    Ascii,
    /// `B64`, and `R64`, which differs in name only.
    Base64,
    /// `HDC`: two hexadecimal digits for an octet.
    Hexadecimal,
    /// `UUE`, `ASB`, `ZZZ` and whatever else may stand there: the octets are passed on as they are.
    Other,
}

impl Filter {
    /// The filter behind a code.
    pub fn of(code: &[u8]) -> Self {
        match code {
            b"" => Self::Absent,
            b"NOF" => Self::Unfiltered,
            b"ASC" => Self::Ascii,
            b"B64" | b"R64" => Self::Base64,
            b"HDC" => Self::Hexadecimal,
            _ => Self::Other,
        }
    }
}

/// An attachment as it stands on the wire.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Payload {
    /// What has to be undone first.
    pub filter: Filter,
    /// The octets between the length and the segment terminator.
    pub octets: Vec<u8>,
    /// How many more octets there were, which an assembler with a limit did not keep.
    pub withheld: u64,
    /// Whether the declared length was wrong and the end was found by other means.
    pub repaired: bool,
    /// Whether the end is not known; what is here must not be used.
    pub broken: bool,
}

/// Shows length and filter only: a payload is a medical record.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("filter", &self.filter)
            .field("length", &self.octets.len())
            .field("repaired", &self.repaired)
            .field("broken", &self.broken)
            .finish()
    }
}
