//! What the writer writes, the reader reads back equal; what could not be read back is refused.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's modules are its own, and tests may stop"
)]

#[path = "writer/model.rs"]
mod model;

use model::Interchange;
use model::Piece;
use model::Transaction;
use model::interchange;
use model::normal;
use model::read;
use model::stamp;
use model::write;
use proptest::collection::vec;
use proptest::prelude::*;
use x12_parser::Address;
use x12_parser::BinaryForm;
use x12_parser::Credential;
use x12_parser::Delimiters;
use x12_parser::Filter;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::Level;
use x12_parser::LineEnd;
use x12_parser::Settings;
use x12_parser::Usage;
use x12_parser::Version;
use x12_parser::WriteError;
use x12_parser::Writer;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        interchanges in vec(interchange(), 1..4),
        run in 1_usize..40,
        size in 1_usize..200,
    ) {
        let written = write(&interchanges, run).unwrap();
        let expected = normal(interchanges);
        for size in [size, 1, written.len()] {
            prop_assert_eq!(&normal(read(&written, size)), &expected);
        }
    }

    #[test]
    fn no_text_can_break_out_of_its_element(value in any::<String>(), before in "[A-Z]{0,3}") {
        let mut writer = in_transaction();
        let length = writer.sink_mut().len();
        let unharmed = !value.chars().any(|letter| letter.is_control() || "*^:~".contains(letter));
        let outcome = writer.segment("REF").element("X").element(&format!("{before}{value}")).end();
        prop_assert_eq!(outcome.is_ok(), unharmed);
        let written = &writer.sink_mut()[length..];
        prop_assert_eq!(written.is_empty(), !unharmed, "what is refused leaves nothing behind");
    }
}

const CLINIC: Address<'static> = Address {
    qualifier: "ZZ",
    id: "CLINIC",
};
const PLAN: Address<'static> = Address {
    qualifier: "ZZ",
    id: "PLAN",
};

fn head() -> InterchangeHead<'static> {
    InterchangeHead::new(CLINIC, PLAN, stamp(), 42)
}

fn group_head() -> GroupHead<'static> {
    GroupHead {
        functional_id: "PI",
        sender: "CLINIC",
        receiver: "PLAN",
        stamp: stamp(),
        control: 7,
        guide: "005010X210",
    }
}

fn in_group() -> Writer<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.interchange(&head()).unwrap();
    writer.group(&group_head()).unwrap();
    writer
}

fn in_transaction() -> Writer<Vec<u8>> {
    let mut writer = in_group();
    writer.transaction("275", "0001", Some("005010X210")).unwrap();
    writer
}

#[track_caller]
fn refused(outcome: Result<(), WriteError>, expected: &str) {
    assert_eq!(outcome.unwrap_err().to_string(), expected);
}

fn closed(mut writer: Writer<Vec<u8>>) -> String {
    writer.end_transaction().unwrap();
    writer.end_group().unwrap();
    writer.end_interchange().unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

#[test]
fn an_isa_has_its_widths() {
    let mut writer = Writer::new(Vec::new());
    let mut head = head();
    head.authorization = Credential {
        qualifier: "03",
        value: "LOGIN",
    };
    head.acknowledge = true;
    head.usage = Usage::Production;
    writer.interchange(&head).unwrap();
    let expected = "ISA*03*LOGIN     *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0905*^*00501*000000042*1*P*:~";
    assert_eq!(String::from_utf8(writer.sink_mut().clone()).unwrap(), expected);
    assert!(
        !format!("{head:?}").contains("LOGIN"),
        "credentials are not shown"
    );
}

#[test]
fn versions_before_00402_name_the_standard_where_later_ones_repeat() {
    let mut head = head();
    head.version = Version::V00401;
    let mut writer = Writer::new(Vec::new());
    refused(
        writer.interchange(&head),
        "a repetition separator exists from version 00402 on",
    );
    head.delimiters = Delimiters::new(b'*', None, b':', b'~').unwrap();
    writer.interchange(&head).unwrap();
    assert!(writer.sink_mut().ends_with(b"*U*00401*000000042*0*T*:~"));
    writer.group(&group_head()).unwrap();
    writer.transaction("275", "0001", None).unwrap();
    refused(
        writer.segment("STC").element("A").repetition("B").end(),
        "a repetition separator exists from version 00402 on",
    );
    head.version = Version::V00501;
    refused(
        Writer::new(Vec::new()).interchange(&head),
        "a repetition separator exists from version 00402 on",
    );
}

#[test]
fn the_binary_segment_goes_with_the_guide() {
    for (group, guide, expected) in [
        ("005010X210", None, "BIN*2*"),
        ("006020X314", None, "BDS*B64*2*"),
        ("005010X210", Some("006020X314"), "BDS*B64*2*"),
        ("006020X314", Some("005010X210"), "BIN*2*"),
        ("OWN", None, "BIN*2*"),
    ] {
        let mut writer = Writer::new(Vec::new());
        writer.interchange(&head()).unwrap();
        writer
            .group(&GroupHead {
                guide: group,
                ..group_head()
            })
            .unwrap();
        writer.transaction("275", "0001", guide).unwrap();
        writer.binary(Filter::Base64, 2).unwrap();
        assert!(
            writer.sink_mut().ends_with(expected.as_bytes()),
            "{group} {guide:?}"
        );
    }
}

#[test]
fn empty_values_leave_no_separator_at_an_end() {
    let mut writer = in_transaction();
    let start = writer.sink_mut().len();
    let segment = writer.segment("STC").element("A").component("").component("");
    let segment = segment.repetition("").component("").element("").element("B");
    segment.component("").component("C").element("").end().unwrap();
    assert_eq!(&writer.sink_mut()[start..], b"STC*A**B::C~");
    refused(
        writer.segment("NM1").element("").component("").end(),
        "NM1 holds no value",
    );
}

#[test]
fn refusals_name_the_place_and_never_the_value() {
    let mut writer = in_transaction();
    refused(
        writer.segment("NM1").element("QC").element("CAN*ARY").end(),
        "NM102 holds a separator of the interchange",
    );
    refused(
        writer
            .segment("STC")
            .element("A")
            .repetition("B")
            .component("CAN\nARY")
            .end(),
        "STC01 repetition 2 component 2 holds a control character",
    );
    refused(
        writer.segment("NM1").component("A").end(),
        "NM100 belongs to no element",
    );
    refused(
        writer.segment("CANARY").element("A").end(),
        "a segment id has two or three capital letters and digits",
    );
    let long = "A".repeat(70_000);
    refused(
        writer.segment("NTE").element(&long).element(&long).end(),
        "NTE is longer than readers take",
    );
    assert!(closed(writer).ends_with("~SE*2*0001~GE*1*7~IEA*1*000000042~"));
}

#[test]
fn debug_shows_no_content() {
    let mut writer = in_transaction();
    writer.segment("NM1").element("CANARY").end().unwrap();
    let begun = format!("{:?}", writer.segment("NM1").element("CANARY"));
    let shown = format!("{writer:?} {begun}");
    assert!(
        shown.contains("segments: 2") && !shown.contains("CANARY"),
        "{shown}"
    );
    assert!(!shown.contains("67, 65, 78"), "not even as bytes: {shown}");
}

#[test]
fn only_the_first_refusal_is_told() {
    let mut writer = in_transaction();
    let segment = writer.segment("NM1").element("A~").element("B\n").component("C~");
    refused(segment.end(), "NM101 holds a separator of the interchange");
}

#[test]
fn the_longest_segment_that_is_written_is_read() {
    let longest = Settings::default().max_segment - "NTE*".len();
    let holding = |length: usize| {
        let note = Piece::Segment("NTE".to_owned(), vec![vec![vec!["A".repeat(length)]]]);
        vec![Interchange {
            version: Version::V00501,
            delimiters: Delimiters::USUAL,
            line_end: LineEnd::None,
            groups: vec![vec![Transaction {
                guide: None,
                pieces: vec![note],
            }]],
        }]
    };
    let written = write(&holding(longest), 1).unwrap();
    assert_eq!(read(&written, 1000), holding(longest));
    let outcome = write(&holding(longest + 1), 1).map(drop);
    refused(outcome, "NTE is longer than readers take");
}

#[test]
fn more_elements_than_can_be_counted_are_refused() {
    let mut writer = in_transaction();
    let mut segment = writer.segment("NM1");
    for _ in 0..256 {
        segment = segment.element("A");
    }
    refused(segment.end(), "NM1255 is one too many");
}

#[test]
fn fixed_fields_must_fit() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut InterchangeHead<'_>), expected: &str) {
        let mut head = head();
        change(&mut head);
        let mut writer = Writer::new(Vec::new());
        refused(writer.interchange(&head), expected);
        assert_eq!(writer.level(), Level::Outside);
        assert!(writer.finish().unwrap().is_empty());
    }
    check(|head| head.sender.id = "LONGER THAN THAT", "ISA06 is too long");
    check(|head| head.sender.id = "", "ISA06 is too short");
    check(
        |head| head.receiver.id = "   ",
        "ISA08 has not the form of its element",
    );
    check(|head| head.receiver.qualifier = "Z", "ISA07 is too short");
    check(
        |head| head.sender.qualifier = "zz",
        "ISA05 has not the form of its element",
    );
    check(
        |head| head.security.value = "A:B",
        "ISA04 holds a separator of the interchange",
    );
    check(|head| head.control = 0, "ISA13 has not the form of its element");
    check(|head| head.control = 1_000_000_000, "ISA13 is too long");
}

#[test]
fn control_numbers_and_ids_have_their_forms() {
    let mut writer = Writer::new(Vec::new());
    writer.interchange(&head()).unwrap();
    let group = |change: fn(&mut GroupHead<'_>)| {
        let mut head = group_head();
        change(&mut head);
        head
    };
    refused(
        writer.group(&group(|head| head.control = 0)),
        "GS06 has not the form of its element",
    );
    refused(
        writer.group(&group(|head| head.sender = "A")),
        "GS02 is too short",
    );
    refused(
        writer.group(&group(|head| head.guide = "x")),
        "GS08 has not the form of its element",
    );
    writer.group(&group_head()).unwrap();
    for (set, control, guide, expected) in [
        ("27", "0001", None, "ST01 is too short"),
        ("275", "001", None, "ST02 is too short"),
        ("275", "0123456789", None, "ST02 is too long"),
        ("275", "00 1", None, "ST02 has not the form of its element"),
        ("275", "0001", Some(""), "ST03 is too short"),
    ] {
        refused(writer.transaction(set, control, guide), expected);
    }
    assert_eq!(writer.level(), Level::Group);
}

#[test]
fn envelopes_nest_in_one_way() {
    let mut writer = Writer::new(Vec::new());
    refused(
        writer.group(&group_head()),
        "the start of a functional group does not belong outside an interchange",
    );
    refused(
        writer.segment("NM1").element("A").end(),
        "the segment NM1 does not belong outside an interchange",
    );
    writer.interchange(&head()).unwrap();
    refused(
        writer.interchange(&head()),
        "the start of an interchange does not belong in an interchange",
    );
    refused(
        writer.transaction("275", "0001", None),
        "the start of a transaction does not belong in an interchange",
    );
    writer.segment("TA1").element("000000001").end().unwrap();
    writer.group(&group_head()).unwrap();
    refused(
        writer.segment("NM1").element("A").end(),
        "the segment NM1 does not belong in a functional group",
    );
    refused(
        writer.end_interchange(),
        "the end of an interchange does not belong in a functional group",
    );
    writer.transaction("275", "0001", None).unwrap();
    for id in ["ISA", "GS", "ST", "SE", "GE", "IEA", "BIN", "BDS", "TA1"] {
        let expected = format!("the segment {id} does not belong in a transaction");
        refused(writer.segment(id).element("A").end(), &expected);
    }
    refused(
        writer.end_group(),
        "the end of a functional group does not belong in a transaction",
    );
    writer.end_transaction().unwrap();
    writer.end_group().unwrap();
    refused(
        writer.segment("TA1").element("A").end(),
        "the segment TA1 does not belong in an interchange",
    );
    let unfinished = writer.finish().unwrap_err();
    assert_eq!(
        unfinished.to_string(),
        "the end of the output does not belong in an interchange"
    );
}

#[test]
fn a_payload_has_exactly_its_octets() {
    let mut writer = in_transaction();
    refused(
        writer.octets(b"A"),
        "an octet of a payload does not belong in a transaction",
    );
    writer.binary(Filter::None, 4).unwrap();
    writer.octets(b"~A").unwrap();
    assert_eq!(writer.level(), Level::Payload);
    refused(
        writer.segment("NM1").element("A").end(),
        "the payload was declared to have 4 octets and not 2",
    );
    refused(
        writer.end_transaction(),
        "the payload was declared to have 4 octets and not 2",
    );
    refused(
        writer.octets(b"ABC"),
        "the payload was declared to have 4 octets and not 5",
    );
    writer.octets(b"").unwrap();
    writer.octets(b"B~").unwrap();
    refused(
        writer.octets(b"C"),
        "the payload was declared to have 4 octets and not 5",
    );
    writer.binary_as(BinaryForm::Bds(Filter::Ascii), 0).unwrap();
    refused(
        writer.binary(Filter::None, 1_000_000_000_000_000),
        "a payload has at most fifteen digits of octets",
    );
    assert!(closed(writer).ends_with("~BIN*4*~AB~~BDS*ASC*0*~SE*4*0001~GE*1*7~IEA*1*000000042~"));
}

#[test]
fn line_ends_stand_behind_terminators_only() {
    let mut head = head();
    head.line_end = LineEnd::CrLf;
    let mut writer = Writer::new(Vec::new());
    writer.interchange(&head).unwrap();
    writer.group(&group_head()).unwrap();
    writer.transaction("275", "0001", None).unwrap();
    writer.binary(Filter::None, 2).unwrap();
    writer.octets(b"AB").unwrap();
    let written = closed(writer);
    assert!(written.ends_with("~\r\nBIN*2*AB~\r\nSE*3*0001~\r\nGE*1*7~\r\nIEA*1*000000042~\r\n"));
}

#[test]
fn a_closure_sees_each_piece_as_it_is_complete() {
    let mut pieces = Vec::new();
    let mut writer = Writer::new(|bytes: &[u8]| pieces.push(bytes.len()));
    writer.interchange(&head()).unwrap();
    writer.group(&group_head()).unwrap();
    writer.transaction("275", "0001", None).unwrap();
    writer.binary(Filter::None, 3_000_000).unwrap();
    let chunk = vec![b'~'; 1_000_000];
    for _ in 0..3 {
        writer.octets(&chunk).unwrap();
    }
    writer.end_transaction().unwrap();
    writer.end_group().unwrap();
    writer.end_interchange().unwrap();
    let _sink = writer.finish().unwrap();
    assert_eq!(pieces.iter().filter(|length| **length == 1_000_000).count(), 3);
}
