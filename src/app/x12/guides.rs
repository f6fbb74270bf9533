//! The guides that the command line checks by.

use std::sync::LazyLock;

use x12_parser::GuideSet;

use crate::mapping::guides::Guides;

/// The guides that the program carries. Read once, when first asked for.
///
/// Should they be faulty, transactions are checked by their envelopes alone and a note says so; that they are not is
/// proven by the tests of `mapping::guides`.
pub(crate) fn carried() -> &'static GuideSet {
    static CARRIED: LazyLock<Guides> = LazyLock::new(|| Guides::embedded().unwrap_or_default());
    CARRIED.set()
}
