//! Answers: golden files, every code, and nothing of the input in any of them.
//!
//! `UPDATE_GOLDEN=1 cargo test -p x12-parser --test answers` writes the files anew; read the difference before keeping it.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's modules are its own, and tests may stop"
)]

#[path = "answers/any.rs"]
mod any;
#[path = "answers/gather.rs"]
mod gather;
#[path = "answers/private.rs"]
mod private;
#[path = "answers/receipts.rs"]
mod receipts;
#[path = "answers/scene.rs"]
mod scene;

use scene::acknowledged;
use scene::advice;
use scene::advised;
use scene::group;
use scene::head;
use scene::interchange;
use scene::on_element;
use scene::on_segment;
use scene::transaction;
use scene::warning;
use std::path::Path;
use x12_parser::AdviceGuide;
use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::Detail;
use x12_parser::Echo;
use x12_parser::ElementError;
use x12_parser::Finding;
use x12_parser::GroupError;
use x12_parser::InterchangeError;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::Note;
use x12_parser::SegmentError;
use x12_parser::Ta1Wish;
use x12_parser::TransactionError;
use x12_parser::Verdict;
use x12_parser::Writer;
use x12_parser::acknowledge;
use x12_parser::advise;

#[track_caller]
fn golden(name: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/answers")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, expected, "{name}: see the head of this file");
}

const NM1: (&str, u32, &str) = ("NM1", 6, "1000C");
const STC: (&str, u32, &str) = ("STC", 12, "2000A");

fn element(
    error: ElementError,
    segment: (&str, u32, &str),
    numbers: (u8, u8, u8),
    dictionary: u16,
) -> Finding {
    on_element(Code::Element(error), segment, numbers, Some(dictionary))
}

/// Findings of most kinds about one transaction.
fn mixed() -> Vec<Finding> {
    vec![
        element(ElementError::DependentMissing, NM1, (9, 0, 0), 67),
        element(ElementError::InvalidCode, NM1, (8, 0, 0), 66),
        on_segment(Code::Segment(SegmentError::TooOften), "NM1", 6, "1000C"),
        element(ElementError::Pattern, STC, (1, 2, 0), 1271),
        warning(element(ElementError::TooLong, STC, (10, 2, 3), 1271)),
        on_segment(Code::Segment(SegmentError::Missing), "TRN", 13, "2000A"),
        on_segment(Code::Segment(SegmentError::Unrecognized), "?", 15, ""),
        on_segment(Code::Note(Note::EmptySegment), "REF", 16, ""),
        on_element(
            Code::Element(ElementError::TooMany),
            ("BDS", 17, "2110B"),
            (0, 0, 0),
            None,
        ),
        on_segment(Code::Transaction(TransactionError::SegmentCount), "SE", 18, ""),
    ]
}

#[test]
fn a_clean_group_is_accepted() {
    let transactions = vec![
        transaction("0001", "006020X314", Vec::new()),
        transaction(
            "0002",
            "006020X314",
            vec![on_segment(Code::Note(Note::GuideMissing), "ST", 1, "")],
        ),
    ];
    let receipt = interchange(vec![group("006020X314", transactions)]);
    golden(
        "999-accepted.edi",
        &acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()),
    );
    golden(
        "ta1-and-999.edi",
        &acknowledged(&receipt, Ta1Wish::Always, Limits::default()),
    );
}

#[test]
fn faults_are_told_with_their_places() {
    let transactions = vec![
        transaction("0001", "006020X314", mixed()),
        transaction(
            "0002",
            "006020X314",
            vec![warning(on_segment(
                Code::Segment(SegmentError::NotUsed),
                "PRV",
                7,
                "1000C",
            ))],
        ),
        transaction("0003", "", Vec::new()),
    ];
    let receipt = interchange(vec![group("006020X314", transactions)]);
    golden(
        "999-partial.edi",
        &acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()),
    );
}

#[test]
fn a_refused_group_accepts_nothing() {
    let mut refused = group(
        "006020X314",
        vec![
            transaction("0001", "006020X314", Vec::new()),
            transaction(
                "0002",
                "006020X314",
                vec![warning(on_segment(
                    Code::Segment(SegmentError::Missing),
                    "DTP",
                    9,
                    "",
                ))],
            ),
        ],
    );
    refused.declared = Some(3);
    refused.findings = vec![
        warning(on_segment(Code::Group(GroupError::TransactionCount), "GE", 0, "")),
        on_segment(Code::Group(GroupError::ControlNumbersDiffer), "GE", 0, ""),
    ];
    let receipt = interchange(vec![refused]);
    golden(
        "999-group-refused.edi",
        &acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()),
    );
}

#[test]
fn a_refused_interchange_gets_a_ta1_and_nothing_else() {
    let mut receipt = interchange(vec![group("006020X314", vec![transaction("0001", "", mixed())])]);
    receipt.findings = vec![on_segment(
        Code::Interchange(InterchangeError::ControlNumbersDiffer),
        "IEA",
        0,
        "",
    )];
    golden(
        "ta1-refused.edi",
        &acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()),
    );
    assert!(acknowledged(&receipt, Ta1Wish::Never, Limits::default()).is_empty());
    assert!(advised(&receipt, AdviceGuide::X257).is_empty());
}

#[test]
fn content_is_answered_with_an_824() {
    let content = |error: ContentError, segment: (&str, u32, &str), numbers| {
        on_element(Code::Content(error), segment, numbers, Some(67))
    };
    let transactions = |guide: &str| {
        vec![
            transaction("0001", guide, Vec::new()),
            transaction(
                "0002",
                guide,
                vec![content(ContentError::NotMatching, NM1, (9, 0, 0))],
            ),
            transaction(
                "0003",
                guide,
                vec![warning(
                    content(ContentError::Other, STC, (1, 2, 1))
                        .with_detail(Detail::Clause("no request has this code")),
                )],
            ),
            transaction("0004", guide, mixed()),
        ]
    };
    let both = |guide: &str| interchange(vec![group(guide, transactions(guide))]);
    golden("824-x257.edi", &advised(&both("006020X314"), AdviceGuide::X257));
    let guide = AdviceGuide::answering("005010X210");
    golden("824-x186a1.edi", &advised(&both("005010X210"), guide));
    let duplicate = on_segment(Code::Content(ContentError::Duplicate), "", 0, "");
    let one = transaction("0001", "006020X314", vec![duplicate]);
    let receipt = interchange(vec![group("006020X314", vec![one])]);
    golden("824-one-refused.edi", &advised(&receipt, AdviceGuide::X257));
    let mut with_others = receipt.clone();
    with_others.groups[0].received = 2;
    assert!(
        advised(&with_others, AdviceGuide::X257).contains("*CP~"),
        "what is left out is accepted"
    );
    let acknowledgment = acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default());
    assert!(
        acknowledgment.contains("IK5*A~"),
        "content is no business of the 999"
    );
}

#[test]
fn every_code_has_its_place_in_a_999() {
    let mut transactions = Vec::new();
    let mut add = |finding: Finding| {
        let control = format!("{:04}", transactions.len() + 1);
        transactions.push(transaction(&control, "006020X314", vec![finding]));
    };
    for error in TransactionError::ALL {
        add(on_segment(Code::Transaction(*error), "SE", 20, ""));
    }
    for error in SegmentError::ALL {
        add(on_segment(Code::Segment(*error), "REF", 9, "1000D"));
    }
    for error in ElementError::ALL {
        add(element(*error, ("REF", 9, "1000D"), (2, 0, 0), 127));
    }
    for error in ContentError::ALL {
        add(on_segment(Code::Content(*error), "REF", 9, "1000D"));
    }
    for note in Note::ALL {
        add(on_segment(Code::Note(*note), "REF", 9, "1000D"));
    }
    let groups = GroupError::ALL.iter().map(|error| {
        let mut group = group("006020X314", Vec::new());
        group.findings = vec![on_segment(Code::Group(*error), "GE", 0, "")];
        group
    });
    let mut receipt = interchange(vec![group("006020X314", transactions)]);
    receipt.groups.extend(groups);
    golden(
        "999-every-code.edi",
        &acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()),
    );
    let ta1s: String = InterchangeError::ALL
        .iter()
        .map(|error| {
            let mut receipt = interchange(Vec::new());
            receipt.findings = vec![on_segment(Code::Interchange(*error), "ISA", 0, "")];
            let written = acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default());
            written
                .lines()
                .find(|line| line.starts_with("TA1"))
                .unwrap()
                .to_owned()
                + "\n"
        })
        .collect();
    golden("ta1-every-code.edi", &ta1s);
}

#[test]
fn acknowledgments_are_not_acknowledged() {
    let mut answers = group("005010X231A1", vec![transaction("0001", "005010X231A1", mixed())]);
    answers.gs01 = Echo::code(b"FA", 2..=2);
    assert!(
        acknowledged(
            &interchange(vec![answers.clone()]),
            Ta1Wish::WhenDue,
            Limits::default()
        )
        .is_empty()
    );
    answers.gs01 = Echo::code(b"AG", 2..=2);
    assert!(advised(&interchange(vec![answers]), AdviceGuide::X257).is_empty());
    let mut only_ta1 = interchange(Vec::new());
    only_ta1.acknowledgments = 1;
    only_ta1.isa14 = true;
    assert!(acknowledged(&only_ta1, Ta1Wish::Always, Limits::default()).is_empty());
}

#[test]
fn a_ta1_that_is_asked_for_is_sent() {
    let mut receipt = interchange(Vec::new());
    assert!(acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default()).is_empty());
    receipt.isa14 = true;
    let written = acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default());
    assert!(
        written.contains("TA1*000000042*261119*1530*A*000~\nIEA*0*000000905~"),
        "{written}"
    );
}

#[test]
fn limits_leave_out_places_and_never_verdicts() {
    let mut findings: Vec<Finding> = (2..100)
        .map(|position| {
            warning(on_segment(
                Code::Segment(SegmentError::NotUsed),
                "REF",
                position,
                "",
            ))
        })
        .collect();
    findings.push(on_segment(Code::Segment(SegmentError::Missing), "LX", 100, ""));
    findings.extend((1..20).map(|number| element(ElementError::TooLong, ("LX", 101, ""), (number, 0, 0), 9)));
    let receipt = interchange(vec![group("006020X314", vec![transaction("0001", "", findings)])]);
    let limits = Limits {
        segments: 3,
        elements: 2,
    };
    let written = acknowledged(&receipt, Ta1Wish::WhenDue, limits);
    let told: Vec<&str> = written.lines().filter(|line| line.starts_with("IK")).collect();
    let expected = [
        "IK3*REF*2**I4~",
        "IK3*LX*100**3~",
        "IK3*LX*101**8~",
        "IK4*1*9*5~",
        "IK4*2*9*5~",
        "IK5*R*5*I5~",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_verdict_may_be_stricter_than_its_findings() {
    let mut strict = transaction("0001", "006020X314", Vec::new());
    strict.status = Verdict::Rejected;
    let receipt = interchange(vec![group("006020X314", vec![strict])]);
    let written = acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default());
    assert!(written.contains("IK5*R*5~\nAK9*R*1*1*0~"), "{written}");
}

#[test]
fn at_most_five_codes_are_told_and_errors_come_first() {
    use TransactionError as Error;
    let own = |error| on_segment(Code::Transaction(error), "SE", 9, "");
    let mut findings = vec![
        warning(own(Error::GuideReference)),
        own(Error::SetId),
        own(Error::SetId),
    ];
    findings.extend([
        own(Error::ControlNumber),
        own(Error::SegmentCount),
        own(Error::NotInGroup),
    ]);
    findings.push(on_segment(Code::Segment(SegmentError::Missing), "LX", 5, ""));
    let receipt = interchange(vec![group("006020X314", vec![transaction("0001", "", findings)])]);
    let written = acknowledged(&receipt, Ta1Wish::WhenDue, Limits::default());
    assert!(written.contains("IK5*R*6*7*4*18*19~"), "{written}");
}

#[test]
fn a_head_that_does_not_fit_writes_nothing() {
    let receipt: InterchangeReceipt =
        interchange(vec![group("006020X314", vec![transaction("0001", "", mixed())])]);
    let mut writer = Writer::new(Vec::new());
    let mut wrong = head();
    wrong.receiver = "";
    let outcome = acknowledge(&receipt, &wrong, Ta1Wish::Always, Limits::default(), &mut writer);
    assert_eq!(outcome.unwrap_err().to_string(), "GS03 is too short");
    let mut unnamed = advice(AdviceGuide::X257);
    unnamed.submitter.name = "EXAMPLE*PLAN";
    let clean = interchange(vec![group(
        "006020X314",
        vec![transaction("0001", "", Vec::new())],
    )]);
    let outcome = advise(&clean, &head(), &unnamed, &mut writer);
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "N102 holds a separator of the interchange"
    );
    assert!(writer.finish().unwrap().is_empty());
}
