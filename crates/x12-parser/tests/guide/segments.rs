//! Segments and loops: missing, doubled, misplaced, unknown.

use super::support::check;
use super::support::compiled;
use super::support::guide_spec;

const BGN: &str = "BGN*00*R1*20261120~";
const PAYER: &str = "NM1*PR*PLAN*PI*99~";
const PROVIDER: &str = "NM1*1P*CLINIC*FI*99~REF*EA*1~PWK*X~";
const LINE: &str = "LX*1~BDS*B64*4*QUJD~";
/// The purpose of `BGN` is of weak evidence, so every message tells of it.
const PURPOSE: &str = "note IK403-I6 BGN@2 01 (353) \"00\"";

#[track_caller]
fn checked(body: &[&str], expected: &[&str]) {
    let mut all = vec![PURPOSE];
    all.extend(expected);
    check(&compiled(&guide_spec()), &body.concat(), &all);
}

#[test]
fn a_right_message_brings_nothing_but_what_its_weak_code_does() {
    checked(&[BGN, PAYER, PROVIDER, LINE], &[]);
    checked(&[BGN, PAYER, PROVIDER, LINE, "LX*2~"], &[]);
    checked(&[BGN, PROVIDER, PAYER, LINE], &[]);
}

#[test]
fn a_missing_loop_is_told_where_it_was_missed() {
    checked(&[BGN, PROVIDER, LINE], &["IK304-3 NM1@6 in 1000A \"\""]);
    checked(&[BGN, PAYER, PROVIDER], &["IK304-3 LX@7 in 2000 \"\""]);
}

#[test]
fn a_missing_segment_is_told_where_it_was_missed() {
    checked(
        &[BGN, PAYER, "NM1*1P*CLINIC*FI*99~PWK*X~", LINE],
        &["IK304-3 REF@5 in 1000B \"\""],
    );
    checked(
        &[BGN, PAYER, "NM1*1P*CLINIC*FI*99~REF*EA*1~", LINE],
        &["note IK304-3 PWK@6 in 1000B \"\""],
    );
}

#[test]
fn a_missing_head_of_a_loop_is_told_and_its_rest_understood() {
    checked(
        &[BGN, PAYER, "REF*EA*1~PWK*X~", LINE],
        &["IK304-3 NM1@4 in 1000B \"\""],
    );
    checked(
        &[BGN, PAYER, PROVIDER, "LX*1~REF*6R*AB~BDS*B64*4*QUJD~LX*2~"],
        &[],
    );
    checked(
        &[BGN, PAYER, PROVIDER, "REF*6R*AB~BDS*B64*4*QUJD~LX*1~"],
        &["IK304-3 LX@7 in 2000 \"\""],
    );
}

#[test]
fn a_segment_too_often_is_told_once_for_each() {
    checked(
        &[BGN, PAYER, "NM1*1P*CLINIC*FI*99~REF*EA*1~REF*EA*2~PWK*X~", LINE],
        &["IK304-5 REF@6 in 1000B \"REF\""],
    );
    checked(
        &[BGN, BGN, PAYER, PROVIDER, LINE],
        &["IK304-5 BGN@3 \"BGN\"", "note IK403-I6 BGN@3 01 (353) \"00\""],
    );
}

#[test]
fn a_loop_too_often_is_told() {
    checked(
        &[BGN, PAYER, PROVIDER, LINE, "LX*2~LX*3~"],
        &["IK304-4 LX@10 in 2000 \"LX\""],
    );
    checked(
        &[BGN, PAYER, PAYER, PROVIDER, LINE],
        &["IK304-4 NM1@4 in 1000A \"NM1\""],
    );
}

#[test]
fn a_late_segment_is_out_of_order_and_not_missing() {
    checked(
        &[BGN, PAYER, "NM1*1P*CLINIC*FI*99~PWK*X~REF*EA*1~", LINE],
        &["IK304-7 PWK@5 in 1000B \"PWK\""],
    );
    // A loop that comes too early does not stand for the one that is missing in its place.
    check(
        &compiled(&guide_spec()),
        &[PAYER, BGN, PROVIDER, LINE].concat(),
        &[
            "IK304-2 NM1@2 \"NM1\"",
            "note IK403-I6 BGN@3 01 (353) \"00\"",
            "IK304-3 NM1@7 in 1000A \"\"",
        ],
    );
}

#[test]
fn a_stray_segment_costs_one_finding() {
    for (stray, code) in [("ZZZ*1~", "IK304-1 ZZZ"), ("HL*1**20~", "IK304-6 HL")] {
        let id = stray.split('*').next().expect("there is an id");
        checked(
            &[BGN, PAYER, stray, PROVIDER, LINE],
            &[&format!("{code}@4 in 1000A \"{id}\"")],
        );
    }
    checked(
        &[BGN, "SVC*HC:1*1~", PAYER, PROVIDER, LINE],
        &["IK304-2 SVC@3 \"SVC\""],
    );
}

#[test]
fn a_segment_that_the_guide_does_not_use_is_told() {
    checked(
        &[BGN, "CUR*X~", PAYER, PROVIDER, LINE],
        &["IK304-I4 CUR@3 \"CUR\""],
    );
}

#[test]
fn a_wrong_code_is_told_as_such_and_stands_for_the_segment_it_was_meant_to_be() {
    checked(
        &[BGN, PAYER, "NM1*1P*CLINIC*FI*99~REF*EX*1~PWK*X~", LINE],
        &["IK403-7 REF@5 in 1000B 01 (128) \"EX\""],
    );
    checked(
        &[BGN, PAYER, "NM1*77*CLINIC*FI*99~REF*EA*1~PWK*X~", LINE],
        &["IK403-I6 NM1@4 in 1000B 01 (98) \"77\""],
    );
}

#[test]
fn facts_demand_segments_and_elements_and_rule_them_out() {
    let guide = compiled(&guide_spec());
    let solicited = "BGN*11*R1*20261120~";
    check(
        &guide,
        &[solicited, PAYER, PROVIDER, LINE].concat(),
        &["IK304-I6 REF@8 in 2000 \"\""],
    );
    check(
        &guide,
        &[solicited, PAYER, PROVIDER, "LX*1~REF*6R*AB~SVC*HC:1*1*5~"].concat(),
        &["IK403-I13 SVC@9 in 2000 03 (782) \"5\""],
    );
    let facts_end_with_their_loop = "LX*1~REF*6R*AB~LX*2~SVC*HC:1*1*5~";
    check(
        &guide,
        &[BGN, PAYER, PROVIDER, facts_end_with_their_loop].concat(),
        &[PURPOSE],
    );
}

#[test]
fn a_transaction_that_is_cut_off_is_not_told_what_it_lacks() {
    let guide = compiled(&guide_spec());
    let input = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
                 GS*PI*CLINIC*PLAN*20261120*0900*1*X*006020X999~ST*275*0001*006020X999~BGN*11*R1*20261120~GE*1*1~";
    let mut reader = x12_parser::Reader::default();
    let mut validator = x12_parser::GuideValidator::new(&guide);
    let mut found = 0;
    let mut events = reader.feed(input.as_bytes());
    while let Some(event) = events.advance() {
        validator.observe(&event, &mut |_| found += 1);
    }
    assert_eq!(found, 0);
}

#[test]
fn each_segment_knows_its_place_in_the_guide() {
    let guide = compiled(&guide_spec());
    let (input, _) = super::support::findings(&guide, &[BGN, PAYER, PROVIDER, LINE].concat(), usize::MAX);
    let mut reader = x12_parser::Reader::default();
    let mut validator = x12_parser::GuideValidator::new(&guide);
    let mut seen = Vec::new();
    let mut events = reader.feed(input.as_bytes());
    while let Some(event) = events.advance() {
        validator.observe(&event, &mut |_| {});
        if let (Some(segment), Some(place)) = (event.segment(), validator.matched()) {
            let path: Vec<_> = place.path().collect();
            seen.push((
                String::from_utf8_lossy(segment.id()).into_owned(),
                path.join(" in "),
                place.opens_loop(),
            ));
        }
    }
    let seen: Vec<_> = seen
        .iter()
        .map(|(id, path, opens)| (id.as_str(), path.as_str(), *opens))
        .collect();
    assert_eq!(
        seen,
        [
            ("ST", "", false),
            ("BGN", "", false),
            ("NM1", "1000A", true),
            ("NM1", "1000B", true),
            ("REF", "1000B", false),
            ("PWK", "1000B", false),
            ("LX", "2000", true),
            ("BDS", "2100 in 2000", true),
            ("SE", "", false),
        ]
    );
}

#[test]
fn the_second_segment_picks_among_guides_with_one_id() {
    let spec = |pick: &str, name: &str| {
        let mut spec = guide_spec();
        (spec.pick, spec.name) = (Some(pick.into()), name.to_owned());
        spec
    };
    let set = x12_parser::GuideSet::new([
        compiled(&spec("BGN*02", "unasked")),
        compiled(&spec("BGN*11|00", "asked")),
    ]);
    let guides = set.find("275", "006020X999");
    assert_eq!(guides.len(), 2);
    for (purpose, name) in [("02", "unasked"), ("11", "asked"), ("13", "unasked")] {
        let body = format!("BGN*{purpose}*R1*20261120~");
        let (input, _) = super::support::findings(&guides[0], &body, usize::MAX);
        let mut validator = x12_parser::GuideValidator::among(guides).expect("there are guides");
        let mut reader = x12_parser::Reader::default();
        let mut events = reader.feed(input.as_bytes());
        while let Some(event) = events.advance() {
            validator.observe(&event, &mut |_| {});
        }
        assert_eq!(validator.guide().name(), name, "{purpose}");
    }
    assert!(set.find("277", "006020X999").is_empty());
}
