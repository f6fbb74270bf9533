//! Faulty guides and dictionaries.

use super::support::dictionary;
use x12_parser::Dictionary;
use x12_parser::DictionarySpec;
use x12_parser::Guide;
use x12_parser::GuideFault;
use x12_parser::GuideSpec;
use x12_parser::LoopSpec;
use x12_parser::SegmentSpec;
use x12_parser::Written;

/// A sound guide, to be spoilt.
fn sound() -> GuideSpec {
    GuideSpec::new("275", "X", "00602")
        .segment(SegmentSpec::new(10, "ST", "R"))
        .segment(SegmentSpec::new(90, "SE", "R"))
}

fn with(row: SegmentSpec) -> GuideSpec {
    sound().segment(row)
}

/// Checks that a guide has one fault, and how many bytes into its text it is.
#[track_caller]
fn check(spec: &GuideSpec, column: usize, fault: GuideFault) {
    let expected = [(column, fault)];
    let dictionary = Dictionary::compile(&dictionary()).expect("the dictionary is sound");
    let faults = Guide::compile(spec, &dictionary).expect_err("the guide is faulty");
    let told: Vec<_> = faults
        .iter()
        .map(|error| (error.mark, error.fault.clone()))
        .collect();
    assert_eq!(told, expected);
    assert!(!faults[0].to_string().is_empty());
}

#[test]
fn faults_of_rows() {
    let row = || SegmentSpec::new(20, "BGN", "R");
    check(&with(SegmentSpec::new(20, "BGN", "X")), 0, GuideFault::Usage);
    check(&with(SegmentSpec::new(20, "BGN", "R[D]")), 2, GuideFault::Grade);
    check(
        &with(SegmentSpec::new(20, "BGN", "R[C")),
        3,
        GuideFault::Unclosed('['),
    );
    check(&with(SegmentSpec::new(20, "bgn", "R")), 0, GuideFault::Use);
    check(
        &with(SegmentSpec::new(20, "ZZZ", "R")),
        0,
        GuideFault::NotInDictionary("ZZZ".to_owned()),
    );
    check(&with(row().grade("D")), 0, GuideFault::Grade);
    check(&with(row().repeat("0")), 0, GuideFault::Range);
    check(&with(row().repeat("3..2")), 0, GuideFault::Range);
    check(&with(row().repeat("x")), 0, GuideFault::Number);
    check(&with(row()).segment(row()), 0, GuideFault::Hidden);
}

#[test]
fn faults_of_elements() {
    let element = |number: &str, rule: &str| with(SegmentSpec::new(20, "BGN", "R").element(number, rule));
    check(&element("01", "Q"), 0, GuideFault::Usage);
    check(&element("01", "R (02"), 2, GuideFault::Unclosed('('));
    check(&element("01", "R ()"), 2, GuideFault::NoCodes);
    check(&element("01", "R 'x"), 2, GuideFault::Unclosed('\''));
    check(&element("02", "R 1..99"), 2, GuideFault::Range);
    check(&element("02", "R 9..1"), 6, GuideFault::Range);
    check(
        &element("02", "R date time"),
        7,
        GuideFault::Word("time".to_owned()),
    );
    check(&element("02", "R odd"), 2, GuideFault::Word("odd".to_owned()));
    check(&element("02", "R npi if 03"), 11, GuideFault::Condition);
    check(
        &element("02", "R @none"),
        2,
        GuideFault::NoSuchList("none".to_owned()),
    );
    check(&element("02", "R x5..2"), 7, GuideFault::Range);
    check(&element("x", "R"), 0, GuideFault::Number);
    check(&element("09", "R"), 0, GuideFault::NoSuchElement { has: 4 });
    check(&element("01-1", "R"), 0, GuideFault::NotComposite);
    check(&element("01", "N"), 0, GuideFault::RequiredByStandard);
    let service = |number: &str| with(SegmentSpec::new(20, "SVC", "R").element(number, "R"));
    check(&service("01-9"), 0, GuideFault::NoSuchElement { has: 4 });
    let twice = SegmentSpec::new(20, "BGN", "R")
        .element("01", "R")
        .element("1", "R");
    check(&with(twice), 0, GuideFault::Twice("1".to_owned()));
}

#[test]
fn faults_of_loops() {
    let body = |id: &str| LoopSpec::new(20, id, "S").segment(SegmentSpec::new(10, "LX", "R"));
    check(
        &sound().with_loop(LoopSpec::new(20, "A", "S")),
        0,
        GuideFault::NoSegments,
    );
    check(
        &sound().with_loop(body("A")).with_loop(body("A").within("A")),
        0,
        GuideFault::Twice("A".to_owned()),
    );
    check(
        &sound().with_loop(body("A").within("B")),
        0,
        GuideFault::NoSuchLoop("B".to_owned()),
    );
    let situational = LoopSpec::new(20, "A", "S").segment(SegmentSpec::new(10, "LX", "S"));
    check(&sound().with_loop(situational), 0, GuideFault::FirstRow);
    let shared = body("A").segment(SegmentSpec::new(10, "PWK", "S"));
    check(&sound().with_loop(shared), 0, GuideFault::FirstRow);
    let inner = LoopSpec::new(30, "B", "S").segment(SegmentSpec::new(10, "PWK", "R"));
    check(
        &sound()
            .with_loop(body("A"))
            .with_loop(inner.clone().within("A C"))
            .with_loop(
                LoopSpec::new(30, "C", "S")
                    .within("B")
                    .segment(SegmentSpec::new(10, "CUR", "R")),
            ),
        0,
        GuideFault::LoopInItself("B".to_owned()),
    );
    check(
        &sound()
            .with_loop(body("A").within("B"))
            .with_loop(inner.within("A")),
        0,
        GuideFault::LoopInItself("A".to_owned()),
    );
    check(
        &GuideSpec::new("275", "X", "00602").segment(SegmentSpec::new(10, "ST", "R")),
        0,
        GuideFault::Envelope,
    );
}

#[test]
fn faults_of_heads_and_lists() {
    let mut spec = sound();
    spec.version = "602".into();
    check(&spec, 0, GuideFault::Version);
    check(
        &sound().codes("a", "1").codes("a", "2"),
        0,
        GuideFault::Twice("a".to_owned()),
    );
    check(&sound().codes("a", ""), 0, GuideFault::NoCodes);
}

#[test]
fn faults_of_rules() {
    let keyed = || {
        with(SegmentSpec::new(20, "BGN", "R").key("begin"))
            .segment(SegmentSpec::new(30, "PWK", "S").key("paper"))
    };
    check(
        &keyed().rule("begun.01 = 11", "paper required"),
        0,
        GuideFault::NoSuchKey("begun".to_owned()),
    );
    check(
        &keyed().rule("begin.01 = 11", "paper.02 required"),
        0,
        GuideFault::NoSuchElement { has: 1 },
    );
    check(
        &keyed().rule("begin.01 is 11", "paper required"),
        0,
        GuideFault::Condition,
    );
    check(
        &keyed().rule("begin.01 =", "paper required"),
        10,
        GuideFault::NoCodes,
    );
    check(
        &keyed().rule("begin.01 = 11", "paper not here"),
        10,
        GuideFault::Condition,
    );
    check(
        &keyed().rule("paper present", "begin not used"),
        0,
        GuideFault::Backwards,
    );
    check(
        &keyed().segment(SegmentSpec::new(40, "CUR", "S").key("paper")),
        0,
        GuideFault::Twice("paper".to_owned()),
    );
}

#[test]
fn a_fault_is_told_at_the_mark_of_its_text() {
    let mut row = SegmentSpec::new(20, "BGN", "R");
    row.elements
        .push((Written::at("01", 100), Written::at("R (02", 106)));
    check(&with(row), 108, GuideFault::Unclosed('('));
}

/// Checks that a dictionary has one fault.
#[track_caller]
fn check_dictionary(spec: &DictionarySpec, column: usize, fault: GuideFault) {
    let expected = [(column, fault)];
    let faults = Dictionary::compile(spec).expect_err("the dictionary is faulty");
    let told: Vec<_> = faults
        .iter()
        .map(|error| (error.mark, error.fault.clone()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn faults_of_dictionaries() {
    let empty = DictionarySpec::default;
    check_dictionary(&empty().element("x", "", "AN 1..2"), 0, GuideFault::Number);
    check_dictionary(&empty().element("1", "", "XX 1..2"), 0, GuideFault::Type);
    check_dictionary(&empty().element("1", "", "AN 1-2"), 4, GuideFault::Range);
    let twice = empty().element("1", "", "AN 1..2").element("1", "", "AN 1..2");
    check_dictionary(&twice, 0, GuideFault::Twice("1".to_owned()));
    check_dictionary(
        &empty().segment("PWK", "", "1", ""),
        0,
        GuideFault::NotInDictionary("1".to_owned()),
    );
    let one = empty().element("1", "", "AN 1..2");
    check_dictionary(&one.clone().segment("pwk", "", "1", ""), 0, GuideFault::Use);
    check_dictionary(
        &one.clone().segment("PWK", "", "1", "P0102"),
        0,
        GuideFault::NoSuchElement { has: 1 },
    );
    check_dictionary(
        &one.clone().segment("PWK", "", "1 1", "X0102"),
        0,
        GuideFault::SyntaxNote,
    );
    check_dictionary(
        &one.clone().segment("PWK", "", "1 1", "P01"),
        0,
        GuideFault::SyntaxNote,
    );
    check_dictionary(
        &one.segment("PWK", "", "1!?", ""),
        2,
        GuideFault::Word("?".to_owned()),
    );
}

#[test]
fn the_newest_state_of_the_dictionary_not_newer_than_the_guide_counts() {
    let mut dictionary = dictionary();
    for element in &mut dictionary.elements {
        if element.number.text == "127" {
            element.since = vec![("00602".into(), "AN 1..80".into())];
        }
    }
    let dictionary = Dictionary::compile(&dictionary).expect("the dictionary is sound");
    let spec = |version: &str| {
        let mut spec = with(SegmentSpec::new(20, "BGN", "R").element("02", "R 1..60"));
        spec.version = version.into();
        spec
    };
    assert!(Guide::compile(&spec("00501"), &dictionary).is_err());
    assert!(Guide::compile(&spec("00602"), &dictionary).is_ok());
    assert!(Guide::compile(&spec("00802"), &dictionary).is_ok());
}
