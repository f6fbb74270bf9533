//! What we answer with is accepted by the guides of the answers, whatever was found in what is answered.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's modules are its own, and tests may stop"
)]

#[path = "../crates/x12-parser/tests/answers/receipts.rs"]
mod receipts;
#[path = "../crates/x12-parser/tests/answers/scene.rs"]
#[allow(dead_code, reason = "the tests of the crate use the rest")]
mod scene;

use cartage::mapping::guides::Guides;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use x12_parser::AdviceGuide;
use x12_parser::Finding;
use x12_parser::Guide;
use x12_parser::GuideValidator;
use x12_parser::Limits;
use x12_parser::Reader;
use x12_parser::Severity;
use x12_parser::Ta1Wish;

static GUIDES: LazyLock<Guides> = LazyLock::new(|| match Guides::embedded() {
    Ok(guides) => guides,
    Err(error) => panic!("{error}"),
});

/// What a guide finds in an answer, notes of weak rules apart. A TA1 stands outside transactions, all else inside.
fn faults(answer: &str, guides: &[Guide]) -> Vec<Finding> {
    let inside = guides[0].set() != "TA1";
    let mut validator = GuideValidator::among(guides).unwrap();
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let mut events = reader.feed(answer.as_bytes());
    while let Some(event) = events.advance() {
        if event.place().in_transaction() == inside {
            validator.observe(&event, &mut |finding| found.push(finding));
        }
    }
    assert!(reader.finish().advance().is_none());
    validator.finish(&mut |finding| found.push(finding));
    found.retain(|finding| finding.severity > Severity::Note);
    found
}

/// The answers that there are, by set, guide, and a text that only they hold.
const ANSWERS: [(&str, &str, &str); 4] = [
    ("TA1", "TA1", "TA1*"),
    ("999", "005010X231A1", "*005010X231A1~"),
    ("824", "006020X257", "*006020X257~"),
    ("824", "005010X186A1", "*005010X186A1~"),
];

/// Judges all that an answer holds, and says how many guides had a say.
#[track_caller]
fn accepted(answer: &str) -> usize {
    let held = ANSWERS.iter().filter(|(_, _, mark)| answer.contains(mark));
    held.map(|(set, id, _)| {
        let found = faults(answer, GUIDES.guide_for(set, id));
        assert_eq!(found, [], "{id} of\n{answer}");
    })
    .count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_acknowledgment_of_anything_is_accepted_by_its_guide(receipt in receipts::receipt()) {
        accepted(&scene::acknowledged(&receipt, Ta1Wish::Always, Limits::default()));
    }

    #[test]
    fn advice_on_anything_is_accepted_by_its_guide(receipt in receipts::receipt()) {
        for guide in [AdviceGuide::X257, AdviceGuide::X186A1] {
            accepted(&scene::advised(&receipt, guide));
        }
    }
}

#[test]
fn the_golden_answers_are_accepted_by_their_guides() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/x12-parser/tests/data/answers");
    let answers = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let judged: usize = answers
        .filter(|answer| answer.starts_with("ISA"))
        .map(|answer| accepted(&answer))
        .sum();
    assert_eq!(judged, 10);
}
