//! What the ledger calls things: tenants, folios, entries, outbound messages, lanes and series of numbers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

/// Whose something is: a trading partner whose requests we answer, by its name in the configuration.
///
/// It is a type of its own, and stands in every call that stores or reads, so that no call can forget it (SEC-005).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TenantId(Arc<str>);

/// A destination in the outbox: what waits in one lane never holds up another.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LaneId(Arc<str>);

/// A sequence of control numbers towards one partner, such as its `ISA13`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Series {
    /// The partner that sees the numbers.
    pub partner: TenantId,
    /// Which of its sequences.
    pub name: SeriesName,
}

/// The name of a sequence of numbers, such as `isa13`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SeriesName(Arc<str>);

/// What kind of trouble ended an attempt, as the courier names it: `timeout`, `status-503`, `tls`.
///
/// It is stored and shown, so it never holds anything of a message.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Trouble(Arc<str>);

/// Why a text is not the name it was taken for; the text itself is not repeated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NameFault {
    /// Too few or too many characters.
    #[error("the name has no characters or more than {LONGEST_NAME}")]
    Length,
    /// A blank, a control or a character beyond ASCII.
    #[error("character {} of the name has no place there", at + 1)]
    Character {
        /// Position in bytes, counted from zero.
        at: usize,
    },
}

/// The most characters a name may have.
pub const LONGEST_NAME: usize = 100;

/// `text` itself if it is 1 to 100 printable ASCII characters without blanks, so that it fits a log line.
fn name(text: &str) -> Result<Arc<str>, NameFault> {
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        return Err(NameFault::Character { at });
    }
    if text.is_empty() || text.len() > LONGEST_NAME {
        return Err(NameFault::Length);
    }
    Ok(text.into())
}

/// Gives a type that is a checked name its `parse`, `as_str` and `Display`.
macro_rules! named {
    ($type:ident, $what:literal) => {
        impl $type {
            #[doc = concat!("Reads ", $what, ".")]
            ///
            /// # Errors
            /// Refuses an empty name, more than 100 characters, and anything but printable ASCII without blanks.
            pub fn parse(text: &str) -> Result<Self, NameFault> {
                name(text).map(Self)
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

named!(TenantId, "the name of a tenant");
named!(LaneId, "the name of a destination");
named!(SeriesName, "the name of a sequence of numbers");
named!(Trouble, "a kind of trouble");

/// Who asks to see something.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Viewer {
    /// A tenant, who sees what it owns or is the peer of; all else does not exist for it.
    Tenant(TenantId),
    /// Whoever runs the gateway, and its own workers.
    Operator,
}

impl Viewer {
    /// Whether something of `owner` and `peer` exists for this viewer.
    pub fn sees(&self, owner: &TenantId, peer: Option<&TenantId>) -> bool {
        match self {
            Self::Tenant(tenant) => owner == tenant || peer == Some(tenant),
            Self::Operator => true,
        }
    }
}

/// The number of a folio: what the ledger holds about one thing that changes, such as an exchange or a hosted Task.
///
/// The caller makes it, so that it can stand in a message before the commit; a number that is taken is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FolioId(u64);

impl FolioId {
    /// The folio of this number, if it is one: not zero, and at most 63 bits.
    pub const fn new(number: u64) -> Option<Self> {
        if number == 0 || number > i64::MAX.cast_unsigned() {
            return None;
        }
        Some(Self(number))
    }

    /// A number that rises with time and that nobody guesses: milliseconds since 1970 above 20 bits of `chance`.
    ///
    /// Several processes that make numbers in the same millisecond may meet; the commit then refuses the second,
    /// who draws again.
    pub fn made(now: SystemTime, chance: u32) -> Self {
        let passed = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX) & ((1 << 43) - 1);
        Self(((millis << 20) | u64::from(chance & 0xf_ffff)).max(1))
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FolioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{:x}", self.0)
    }
}

/// How often a folio was written: 1 when it is new, then one more with each change.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version(u32);

impl Version {
    /// The version of a folio that is new.
    pub const FIRST: Self = Self(1);

    /// The version of this number; `None` for zero.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of an entry: one commit of one caller. The ledger gives it; numbers rise and are never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntryId(u64);

impl EntryId {
    /// The entry of this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}", self.0)
    }
}

/// The name of a message in the outbox: a number within its folio, which the caller counts.
///
/// The folio need not exist in the ledger: a report about many exchanges has a folio number of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OutboundId {
    /// The folio it belongs to.
    pub folio: FolioId,
    /// Its number there.
    pub number: u32,
}

impl fmt::Display for OutboundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.folio, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_printable_and_bounded() {
        assert_eq!(TenantId::parse("mercy").unwrap().as_str(), "mercy");
        assert_eq!(TenantId::parse(""), Err(NameFault::Length));
        assert_eq!(LaneId::parse(&"l".repeat(101)), Err(NameFault::Length));
        assert_eq!(
            Trouble::parse("status 503").unwrap_err().to_string(),
            "character 7 of the name has no place there"
        );
    }

    #[test]
    fn a_tenant_sees_its_own_and_what_it_is_the_peer_of() {
        let [owner, peer, other] = ["a", "b", "c"].map(|text| TenantId::parse(text).unwrap());
        let sees = |viewer: Viewer| viewer.sees(&owner, Some(&peer));
        assert!(sees(Viewer::Tenant(owner.clone())));
        assert!(sees(Viewer::Tenant(peer.clone())));
        assert!(!sees(Viewer::Tenant(other)));
        assert!(sees(Viewer::Operator));
        assert!(!Viewer::Tenant(peer).sees(&owner, None));
    }

    #[test]
    fn numbers_of_folios_rise_with_time() {
        let early = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let late = early + Duration::from_millis(1);
        assert!(FolioId::made(early, u32::MAX) < FolioId::made(late, 0));
        assert_ne!(FolioId::made(early, 1), FolioId::made(early, 2));
        assert_eq!(FolioId::new(0), None);
        assert_eq!(FolioId::new(u64::MAX), None);
        assert_eq!(FolioId::made(SystemTime::UNIX_EPOCH, 0).number(), 1);
    }
}
