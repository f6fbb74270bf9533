//! Choices that look random and are the same at every run.

/// A small generator of numbers (splitmix64) with a few ways to choose by it.
pub struct Dice {
    state: u64,
}

impl Dice {
    /// A generator whose choices depend on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number from 0 up to, and without, `bound`; 0 if the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }

    /// One of `choices`; the empty text if there are none.
    pub fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let chosen = self.below(choices.len() as u64);
        usize::try_from(chosen)
            .ok()
            .and_then(|place| choices.get(place))
            .copied()
            .unwrap_or("")
    }

    /// A provider number: 2, eight digits, and the check digit that the National Provider Identifier prescribes.
    pub fn npi(&mut self) -> String {
        let first_nine = 200_000_000 + self.below(100_000_000);
        // The check digit covers the prefix 80840 as well, which always adds 24.
        let mut sum = 24;
        let mut rest = first_nine;
        let mut doubled = true;
        while rest > 0 {
            let digit = rest % 10;
            sum += match digit * 2 {
                _ if !doubled => digit,
                twice if twice > 9 => twice - 9,
                twice => twice,
            };
            doubled = !doubled;
            rest /= 10;
        }
        format!("{first_nine}{}", (10 - sum % 10) % 10)
    }

    /// A day of the first half of 2026, `CCYYMMDD`.
    pub fn day(&mut self) -> String {
        format!("2026{:02}{:02}", 1 + self.below(6), 1 + self.below(28))
    }
}

/// Family names for people who do not exist.
pub const FAMILY: [&str; 12] = [
    "ALDER",
    "BIRCHWOOD",
    "CEDARHOLM",
    "DOGWOOD",
    "ELMSWORTH",
    "FIRBANK",
    "HAZEL",
    "IVYSON",
    "JUNIPER",
    "LARCHER",
    "MAPLESTEAD",
    "ROWANTREE",
];

/// Given names for people who do not exist.
pub const GIVEN: [&str; 10] = [
    "AVERY", "BLAKE", "CASEY", "DEVON", "EMERSON", "FINLEY", "HARPER", "JORDAN", "QUINN", "ROBIN",
];

/// Streets that hold nobody.
pub const STREET: [&str; 6] = [
    "SAMPLE STREET",
    "SPECIMEN AVENUE",
    "INVENTED LANE",
    "EXAMPLE BOULEVARD",
    "FICTION ROAD",
    "PATTERN WAY",
];

/// Cities with a state and a postal code, as an `N4` segment carries them.
pub const CITY: [&str; 5] = [
    "EXAMPLEVILLE*OH*450010001",
    "SAMPLETON*TX*750020002",
    "MOCKINGHAM*NC*270030003",
    "TESTBURG*PA*150040004",
    "FAIRFIELD SPRINGS*CA*940050005",
];
