//! The versions of the guides, and the forms they give a message on the wire.

use std::fmt;

/// A version of CDex.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CdexVersion {
    /// STU 1.0.0: `$submit-attachment` without a tracking id; no Task for attachments yet.
    V1_0,
    /// STU 1.1.0.
    V1_1,
    /// STU 2.0.0.
    V2_0,
    /// STU 2.1.0, which is what we send unless told otherwise.
    #[default]
    V2_1,
    /// The ballot of 3.0.0.
    V3_0,
}

/// A version of PAS.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PasVersion {
    /// STU 2.0.1.
    V2_0_1,
    /// STU 2.2.1.
    V2_2_1,
}

/// The form that a message has on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Wire {
    /// As CDex has it.
    Cdex(CdexVersion),
    /// As PAS has it.
    Pas(PasVersion),
}

/// A set of wire forms, for tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Wires(u8);

impl CdexVersion {
    /// Every version, the oldest first.
    pub const ALL: [Self; 5] = [Self::V1_0, Self::V1_1, Self::V2_0, Self::V2_1, Self::V3_0];

    /// The version as a configuration names it, such as `2.1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
            Self::V3_0 => "3.0-ballot",
        }
    }

    /// The version that a configuration or a profile names: `2.1`, `2.1.0`, `3.0-ballot`, `3.0.0-ballot`.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|version| {
            let short = version.as_str().trim_end_matches("-ballot");
            let rest = text.strip_prefix(short);
            rest.is_some_and(|rest| matches!(rest, "" | ".0" | "-ballot" | ".0-ballot"))
        })?;
        (found == Self::V3_0 || !text.ends_with("-ballot")).then_some(found)
    }
}

impl fmt::Display for CdexVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cdex(version) => write!(f, "CDex {version}"),
            Self::Pas(PasVersion::V2_0_1) => f.write_str("PAS 2.0.1"),
            Self::Pas(PasVersion::V2_2_1) => f.write_str("PAS 2.2.1"),
        }
    }
}

impl Wires {
    pub(crate) const C10: Self = Self(1);
    pub(crate) const C11: Self = Self(2);
    pub(crate) const C20: Self = Self(4);
    pub(crate) const C21: Self = Self(8);
    pub(crate) const C30: Self = Self(16);
    pub(crate) const P201: Self = Self(32);
    pub(crate) const P221: Self = Self(64);
    pub(crate) const PAS: Self = Self::P201.or(Self::P221);
    /// CDex from 2.1 on, which took its codes over from PAS.
    pub(crate) const SINCE_21: Self = Self::C21.or(Self::C30);
    /// CDex from 2.0 on.
    pub(crate) const SINCE_20: Self = Self::C20.or(Self::SINCE_21);
    /// CDex from 1.1 on.
    pub(crate) const SINCE_11: Self = Self::C11.or(Self::SINCE_20);
    /// All of CDex.
    pub(crate) const CDEX: Self = Self::C10.or(Self::SINCE_11);
    pub(crate) const ALL: Self = Self::CDEX.or(Self::PAS);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn has(self, wire: Wire) -> bool {
        self.0 & Self::of(wire).0 != 0
    }

    const fn of(wire: Wire) -> Self {
        match wire {
            Wire::Cdex(CdexVersion::V1_0) => Self::C10,
            Wire::Cdex(CdexVersion::V1_1) => Self::C11,
            Wire::Cdex(CdexVersion::V2_0) => Self::C20,
            Wire::Cdex(CdexVersion::V2_1) => Self::C21,
            Wire::Cdex(CdexVersion::V3_0) => Self::C30,
            Wire::Pas(PasVersion::V2_0_1) => Self::P201,
            Wire::Pas(PasVersion::V2_2_1) => Self::P221,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_configurations_and_profiles_write_them() {
        for version in CdexVersion::ALL {
            assert_eq!(CdexVersion::parse(version.as_str()), Some(version));
        }
        assert_eq!(CdexVersion::parse("2.1.0"), Some(CdexVersion::V2_1));
        assert_eq!(CdexVersion::parse("3.0.0-ballot"), Some(CdexVersion::V3_0));
        assert_eq!(CdexVersion::parse("3.0"), Some(CdexVersion::V3_0));
        for other in ["", "2", "2.10", "4.0", "2.1-ballot", "v2.1"] {
            assert_eq!(CdexVersion::parse(other), None, "{other}");
        }
    }

    #[test]
    fn sets_of_wire_forms_hold_what_they_say() {
        assert!(Wires::SINCE_20.has(Wire::Cdex(CdexVersion::V2_0)));
        assert!(!Wires::SINCE_21.has(Wire::Cdex(CdexVersion::V2_0)));
        assert!(Wires::PAS.has(Wire::Pas(PasVersion::V2_0_1)));
        assert!(!Wires::CDEX.has(Wire::Pas(PasVersion::V2_2_1)));
    }
}
