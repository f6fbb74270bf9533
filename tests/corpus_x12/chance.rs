//! Numbers that look random and are the same in every run.

/// A stream of numbers out of a seed (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    /// Lengths of chunks, short and long, without end.
    pub(crate) fn lengths(mut self) -> impl Iterator<Item = usize> {
        std::iter::repeat_with(move || {
            let longest = [1, 8, 64, 512][self.below(4)];
            1 + self.below(longest)
        })
    }
}
