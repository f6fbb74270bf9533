//! Where in the input something stands.

/// Where a segment stands: its byte, its number, and the envelopes around it.
///
/// All counts start at one; zero means "outside", so a segment between `ISA` and `GS` has `group` zero.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Place {
    /// Byte offset of the segment's first byte in the input, from zero.
    pub offset: u64,
    /// Number of the segment in the input; a binary segment counts as one.
    pub ordinal: u64,
    /// Number of the segment in its transaction (`ST` is one), as IK302 counts it; zero outside a transaction.
    pub position: u32,
    /// Number of the interchange in the input.
    pub interchange: u32,
    /// Number of the functional group in its interchange.
    pub group: u32,
    /// Number of the transaction in its group.
    pub transaction: u32,
}

impl Place {
    /// Whether the segment stands between `ST` and `SE`, or is one of the two.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.position > 0
    }
}
