//! Any bytes, in chunks cut anywhere, through the reader, the envelope and the guides.
//!
//! The first byte says whether wrong lengths are repaired, and seeds the lengths of the chunks.
#![no_main]

use std::sync::LazyLock;

use cartage::mapping::guides::Guides;
use libfuzzer_sys::fuzz_target;
use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::Matched;
use x12_parser::Settings;
use x12_parser::Terms;
use x12_parser::Watch;

static GUIDES: LazyLock<Guides> = LazyLock::new(|| Guides::embedded().expect("the carried guides are sound"));

/// Holds every finding to the input it is about.
struct Judge {
    length: u64,
}

impl Judge {
    fn hold(&self, findings: &[Finding]) {
        for finding in findings {
            assert!(finding.offset + finding.length <= self.length, "a finding points behind the input");
            assert!(!finding.message().is_empty(), "a finding says something");
        }
    }
}

impl Watch for Judge {
    fn event(&mut self, event: &Event<'_>, place: Option<Matched<'_>>, findings: &[Finding]) {
        assert!(event.place().offset <= self.length, "a place is inside the input");
        if let Some(place) = place {
            assert_eq!(place.path().count(), place.depth(), "a path is as long as it is deep");
            for number in 1..=place.elements() {
                assert!(place.element_name(number).is_some(), "every element has a name");
            }
        }
        self.hold(findings);
    }

    fn ending(&mut self, findings: &[Finding]) {
        self.hold(findings);
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((seed, input)) = input.split_first() else { return };
    let mut terms = Terms::default();
    terms.settings = Settings::default().with_repair(seed & 1 == 1);
    let mut judge = Judge {
        length: input.len() as u64,
    };
    let mut checker = Checker::new(terms, GUIDES.set());
    let mut state = u32::from(*seed) | 1;
    let mut rest = input;
    while !rest.is_empty() {
        state = state.wrapping_mul(0x9e37_79b1).rotate_left(7) | 1;
        let length = (state as usize % 200 + 1).min(rest.len());
        let (chunk, behind) = rest.split_at(length);
        checker.feed(chunk, &mut judge);
        rest = behind;
    }
    checker.finish(&mut judge);
});
