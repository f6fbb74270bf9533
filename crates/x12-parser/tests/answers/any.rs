//! A 999 built for any receipt at all can be read, nests as it must, and counts right.

use super::scene;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::Echo;
use x12_parser::ElementError;
use x12_parser::ElementPlace;
use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GroupError;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeError;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::Note;
use x12_parser::Place;
use x12_parser::Reader;
use x12_parser::SegmentError;
use x12_parser::SegmentId;
use x12_parser::Severity;
use x12_parser::Ta1Wish;
use x12_parser::TransactionError;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_acknowledgment_of_anything_is_sound(receipt in receipt(), segments in 0_usize..6, elements in 0_usize..4) {
        let limits = Limits { segments, elements };
        let written = scene::acknowledged(&receipt, Ta1Wish::Always, limits);
        let segments = read(&written);
        let refused = receipt.verdict() == Verdict::Rejected;
        let acknowledged: Vec<&GroupReceipt> =
            receipt.groups.iter().filter(|group| !refused && !group.is_acknowledgment()).collect();
        let trailers: Vec<&Vec<String>> = segments.iter().filter(|segment| segment[0] == "AK9").collect();
        prop_assert_eq!(trailers.len(), acknowledged.len());
        for (trailer, group) in trailers.iter().zip(acknowledged) {
            judge_group(trailer, group);
        }
        nests(&segments);
    }

    #[test]
    fn advice_on_anything_can_be_read(receipt in receipt()) {
        let written = scene::advised(&receipt, x12_parser::AdviceGuide::X257);
        let originals = read(&written).iter().filter(|segment| segment[0] == "OTI").count();
        let transactions: usize = receipt.groups.iter().map(|group| group.transactions.len()).sum();
        prop_assert!(originals <= transactions);
    }
}

fn judge_group(trailer: &[String], group: &GroupReceipt) {
    let received = group.received;
    let refused = group
        .transactions
        .iter()
        .filter(|one| one.verdict() == Verdict::Rejected);
    let accepted = match group.verdict() {
        Verdict::Rejected => 0,
        Verdict::Accepted | Verdict::AcceptedWithErrors => received - refused.count() as u64,
    };
    assert_eq!(trailer[3], received.to_string());
    assert_eq!(trailer[4], accepted.to_string());
    match trailer[1].as_str() {
        "A" => assert!(accepted == received && trailer.len() == 5),
        "E" => assert_eq!(accepted, received),
        "P" => assert!(accepted > 0 && accepted < received),
        "R" => assert_eq!(accepted, 0),
        other => panic!("AK901 is {other}"),
    }
    assert!(trailer.len() <= 10);
}

/// The order of the segments in a 999, and the bounds of their values.
fn nests(segments: &[Vec<String>]) {
    let mut before = "GS".to_owned();
    for segment in segments {
        let id = segment[0].as_str();
        let may_follow: &[&str] = match id {
            "ISA" => continue,
            "TA1" | "GS" | "IEA" | "GE" | "ST" | "SE" => &[],
            "AK1" => &["ST"],
            "IK3" | "IK5" => &["AK2", "IK3", "IK4", "CTX"],
            "IK4" => &["IK3", "IK4", "CTX"],
            "CTX" => &["IK3", "IK4"],
            "AK2" | "AK9" => &["AK1", "IK5"],
            other => panic!("a 999 has no {other}"),
        };
        assert!(
            may_follow.is_empty() || may_follow.contains(&before.as_str()),
            "{before} {id}"
        );
        bounds(id, segment);
        id.clone_into(&mut before);
    }
}

fn bounds(id: &str, segment: &[String]) {
    let known = |codes: Vec<&str>, value: &str| assert!(codes.contains(&value), "{id}: {value}");
    let digits = |value: &str, most: usize| {
        assert!(
            value.len() <= most && value.bytes().all(|byte| byte.is_ascii_digit()),
            "{id}: {value}"
        );
    };
    match id {
        "AK1" => {
            assert!(segment[1].len() == 2 && (1..=9).contains(&segment[2].len()) && segment[3].len() <= 12);
        }
        "AK2" => assert!(segment[1].len() == 3 && (4..=9).contains(&segment[2].len())),
        "IK3" => {
            assert!((2..=3).contains(&segment[1].len()) && segment[3].len() <= 6);
            digits(&segment[2], 10);
            known(
                SegmentError::ALL.iter().map(|error| error.as_str()).collect(),
                &segment[4],
            );
        }
        "IK4" => {
            assert_eq!(segment.len(), 4, "the bad element itself is never sent");
            let parts: Vec<&str> = segment[1].split(':').collect();
            assert!(parts.len() <= 3 && !parts[0].is_empty());
            parts
                .iter()
                .zip([2, 2, 4])
                .for_each(|(part, most)| digits(part, most));
            digits(&segment[2], 4);
            known(
                ElementError::ALL.iter().map(|error| error.as_str()).collect(),
                &segment[3],
            );
        }
        "IK5" => {
            assert!(segment.len() <= 7 && (segment[1] == "A") == (segment.len() == 2));
            for code in &segment[2..] {
                known(
                    TransactionError::ALL.iter().map(|error| error.as_str()).collect(),
                    code,
                );
            }
        }
        _ => {}
    }
}

/// The segments with their elements; every envelope must be right.
fn read(written: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::default();
    let mut envelope = Envelope::default();
    let mut segments = Vec::new();
    let mut events = reader.feed(written.as_bytes());
    while let Some(event) = events.advance() {
        assert!(!matches!(event, Event::Fault(_)), "{event:?}");
        envelope.observe(&event, &mut |finding| panic!("{finding:?}"));
        if let Some(segment) = event.segment() {
            let id = String::from_utf8(segment.id().to_vec()).unwrap();
            let values = segment.elements().map(|one| one.text().unwrap().to_owned());
            segments.push(std::iter::once(id).chain(values).collect());
        }
    }
    assert!(reader.finish().advance().is_none());
    envelope.finish(reader.consumed(), &mut |finding| panic!("{finding:?}"));
    segments
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        1 => select(InterchangeError::ALL).prop_map(Code::Interchange),
        1 => select(GroupError::ALL).prop_map(Code::Group),
        3 => select(TransactionError::ALL).prop_map(Code::Transaction),
        5 => select(SegmentError::ALL).prop_map(Code::Segment),
        5 => select(ElementError::ALL).prop_map(Code::Element),
        2 => select(ContentError::ALL).prop_map(Code::Content),
        1 => select(Note::ALL).prop_map(Code::Note),
    ]
}

fn element() -> impl Strategy<Value = ElementPlace> {
    (any::<u8>(), any::<u8>(), any::<u8>(), option::of(any::<u16>())).prop_map(
        |(element, component, repetition, dictionary)| ElementPlace {
            element,
            component,
            repetition,
            dictionary,
        },
    )
}

fn finding() -> impl Strategy<Value = Finding> {
    let severity = select(&[Severity::Note, Severity::Warning, Severity::Error][..]);
    let position = prop_oneof![5 => 0_u32..9, 1 => any::<u32>()];
    let loop_id = option::of(prop_oneof![Just("2000A".to_owned()), any::<String>()]);
    let id = prop_oneof![Just(b"NM1".to_vec()), vec(any::<u8>(), 0..4)];
    (code(), severity, position, loop_id, id, option::of(element())).prop_map(
        |(code, severity, position, loop_id, id, element)| {
            let place = Place {
                position,
                ..Place::default()
            };
            let mut finding = Finding::at(code, place, SegmentId::of(&id)).weighing(severity);
            finding.loop_id = loop_id.map(Into::into);
            finding.element = element;
            finding
        },
    )
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), Just(b"0001".to_vec()), vec(any::<u8>(), 0..12)]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let all = [Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::Rejected];
    prop_oneof![3 => Just(Verdict::Accepted), 1 => select(all.to_vec())]
}

fn transaction() -> impl Strategy<Value = TransactionReceipt> {
    (bytes(), bytes(), vec(finding(), 0..8), verdict()).prop_map(|(control, name, findings, status)| {
        TransactionReceipt {
            st01: Echo::code(b"275", 3..=3),
            st02: Echo::control(&control),
            st03: Echo::code(&name, 1..=35),
            reference: Echo::name(&name, 1..=50),
            findings,
            status,
        }
    })
}

fn group() -> impl Strategy<Value = GroupReceipt> {
    let findings = prop_oneof![3 => Just(Vec::new()), 1 => vec(finding(), 0..4)];
    let id = select(vec!["PI", "HN", "FA", "?"]);
    (
        id,
        bytes(),
        bytes(),
        option::of(any::<u64>()),
        findings,
        verdict(),
        vec(transaction(), 0..5),
        0_u64..3,
    )
        .prop_map(
            |(id, control, guide, declared, findings, status, transactions, left_out)| GroupReceipt {
                gs01: Echo::code(id.as_bytes(), 2..=2),
                gs06: Echo::number(&control, 1..=9),
                gs08: Echo::code(&guide, 1..=12),
                declared,
                received: transactions.len() as u64 + left_out,
                findings,
                status,
                transactions,
                ..GroupReceipt::default()
            },
        )
}

pub fn receipt() -> impl Strategy<Value = InterchangeReceipt> {
    let findings = prop_oneof![4 => Just(Vec::new()), 1 => vec(finding(), 0..4)];
    (findings, vec(group(), 0..4), any::<bool>(), 0_u32..2).prop_map(
        |(findings, groups, isa14, acknowledgments)| InterchangeReceipt {
            findings,
            isa14,
            acknowledgments,
            ..scene::interchange(groups)
        },
    )
}
