//! What the caller decides about an envelope before it is opened.

use super::stamp::Stamp;
use crate::Delimiters;
use std::fmt;

/// The version in ISA12.
///
/// Invariant: 401 to 999, so it always has five digits of which the first two are zeros.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version(u16);

impl Version {
    /// 00401.
    pub const V00401: Self = Self(401);
    /// 00501, which goes with the guides of 005010.
    pub const V00501: Self = Self(501);
    /// 00602, which goes with the guides of 006020.
    pub const V00602: Self = Self(602);

    /// Reads five digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let fits = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| fits)?;
        (401..=999).contains(&number).then_some(Self(number))
    }

    /// Whether ISA11 is a repetition separator; before, it names the standard by a `U`.
    #[must_use]
    pub const fn repeats(self) -> bool {
        self.0 >= 402
    }

    /// Whether binary data goes into a `BDS`, as from 006020 on, and not into a `BIN`.
    pub(super) const fn has_filters(self) -> bool {
        self.0 >= 602
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

/// ISA15.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Usage {
    /// `P`: it counts.
    Production,
    /// `T`: a test.
    #[default]
    Test,
    /// `I`: for information.
    Information,
}

impl Usage {
    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "P",
            Self::Test => "T",
            Self::Information => "I",
        }
    }
}

/// One end of an interchange: the qualifier and the id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Address<'a> {
    /// Two characters, for instance `ZZ`.
    pub qualifier: &'a str,
    /// One to fifteen characters; the writer fills it up with blanks.
    pub id: &'a str,
}

/// ISA01 and ISA02, or ISA03 and ISA04: the latter may be a password, so nothing is shown.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Credential<'a> {
    /// Two characters; `00` says that there is none.
    pub qualifier: &'a str,
    /// Up to ten characters; the writer fills it up with blanks.
    pub value: &'a str,
}

impl Credential<'_> {
    /// No credential: `00` and blanks.
    pub const NONE: Self = Self {
        qualifier: "00",
        value: "",
    };
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

/// What stands behind each segment terminator, for the eyes of people. Nothing at all where the line end is itself a
/// separator of the interchange.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LineEnd {
    /// Nothing.
    #[default]
    None,
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    CrLf,
}

impl LineEnd {
    pub(super) fn bytes(self, delimiters: Delimiters) -> &'static [u8] {
        let clash = delimiters.contains(b'\n') || delimiters.contains(b'\r');
        match self {
            Self::Lf if !clash => b"\n",
            Self::CrLf if !clash => b"\r\n",
            Self::None | Self::Lf | Self::CrLf => b"",
        }
    }
}

/// What an `ISA` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InterchangeHead<'a> {
    /// ISA01 and ISA02.
    pub authorization: Credential<'a>,
    /// ISA03 and ISA04.
    pub security: Credential<'a>,
    /// ISA05 and ISA06.
    pub sender: Address<'a>,
    /// ISA07 and ISA08.
    pub receiver: Address<'a>,
    /// ISA09 and ISA10.
    pub stamp: Stamp,
    /// ISA12, which also decides about ISA11.
    pub version: Version,
    /// ISA13 and IEA02; one to nine digits, never zero.
    pub control: u32,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledge: bool,
    /// ISA15.
    pub usage: Usage,
    /// The separators, in force up to the `IEA`.
    pub delimiters: Delimiters,
    /// What stands behind each segment terminator.
    pub line_end: LineEnd,
}

impl<'a> InterchangeHead<'a> {
    /// A head with the usual separators and version 00501, for a test, without credentials and asking for no TA1.
    #[must_use]
    pub const fn new(sender: Address<'a>, receiver: Address<'a>, stamp: Stamp, control: u32) -> Self {
        Self {
            authorization: Credential::NONE,
            security: Credential::NONE,
            sender,
            receiver,
            stamp,
            version: Version::V00501,
            control,
            acknowledge: false,
            usage: Usage::Test,
            delimiters: Delimiters::USUAL,
            line_end: LineEnd::None,
        }
    }
}

/// What a `GS` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GroupHead<'a> {
    /// GS01, two characters, for instance `PI`.
    pub functional_id: &'a str,
    /// GS02, two to fifteen characters.
    pub sender: &'a str,
    /// GS03, two to fifteen characters.
    pub receiver: &'a str,
    /// GS04 and GS05.
    pub stamp: Stamp,
    /// GS06 and GE02; one to nine digits, never zero.
    pub control: u32,
    /// GS08, for instance `006020X314`. It also decides between `BIN` and `BDS`.
    pub guide: &'a str,
}
