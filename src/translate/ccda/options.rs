//! What a conversion is asked to give.

use crate::ccda::Limits;

/// The shape of what comes out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Product {
    /// A Bundle of the type `document`, with a Composition first.
    #[default]
    Document,
    /// A Bundle of the type `collection`, with the Patient first.
    Collection,
    /// A DocumentReference with the document as it is, as a Bundle of the type `collection` with what it refers to.
    Attachment,
}

/// The version of US Core whose profiles are claimed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UsCore {
    /// 3.1.1, USCDI 1.
    V3_1_1,
    /// 6.1.0, USCDI 3.
    #[default]
    V6_1_0,
    /// 7.0.0, USCDI 4.
    V7_0_0,
}

impl UsCore {
    /// The number as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3_1_1 => "3.1.1",
            Self::V6_1_0 => "6.1.0",
            Self::V7_0_0 => "7.0.0",
        }
    }
}

/// How much narrative the output has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Narrative {
    /// Sections, and the part of it that each entry refers to.
    Full,
    /// Sections.
    #[default]
    Section,
    /// None; a section without entries keeps its text, because it would be nothing without.
    None,
}

/// What a conversion is asked to give; the same options and document give the same bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// How much of a document is read.
    pub limits: Limits,
    /// The shape of the output.
    pub product: Product,
    /// The profiles to claim.
    pub us_core: UsCore,
    /// How much narrative to keep.
    pub narrative: Narrative,
    /// The offset from UTC in minutes of times without one, where the document has none either.
    pub default_offset: Option<i16>,
    /// Whether the outcome says where each value came from.
    pub lineage: bool,
}
