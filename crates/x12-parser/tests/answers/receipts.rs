//! Any receipt at all.

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
use x12_parser::Finding;
use x12_parser::GroupError;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeError;
use x12_parser::InterchangeReceipt;
use x12_parser::Note;
use x12_parser::Place;
use x12_parser::SegmentError;
use x12_parser::SegmentId;
use x12_parser::Severity;
use x12_parser::TransactionError;
use x12_parser::TransactionReceipt;
use x12_parser::Verdict;

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
    // The dictionary of the guides gives positions six digits in 005010, though the standard gives them ten.
    let position = prop_oneof![5 => 0_u32..9, 1 => 0_u32..1_000_000];
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

/// Receipts whose envelopes hold anything and whose findings say anything.
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
