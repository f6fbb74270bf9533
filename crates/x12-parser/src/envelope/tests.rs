use super::*;
use crate::Reader;

const ISA: &str = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~";
const BODY: &str =
    "GS*HN*CLINIC*PLAN*20261120*0900*1*X*006020X313~ST*277*0001*006020X313~BHT*0085~SE*3*0001~GE*1*1~";
const IEA: &str = "IEA*1*000000001~";

fn found(input: &str) -> Vec<Finding> {
    let (mut reader, mut envelope, mut found) = (Reader::default(), Envelope::default(), Vec::new());
    {
        let mut events = reader.feed(input.as_bytes());
        while let Some(event) = events.advance() {
            envelope.observe(&event, &mut |finding| found.push(finding));
        }
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        envelope.observe(&event, &mut |finding| found.push(finding));
    }
    envelope.finish(input.len() as u64, &mut |finding| found.push(finding));
    found
}

#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let codes: Vec<String> = found(input)
        .iter()
        .map(|finding| finding.code.to_string())
        .collect();
    assert_eq!(codes, expected);
}

fn whole() -> String {
    [ISA, BODY, IEA].concat()
}

#[test]
fn a_sound_interchange_gives_no_finding() {
    check(&whole(), &[]);
}

#[test]
fn each_count_is_checked() {
    check(&whole().replace("SE*3", "SE*4"), &["IK502-4"]);
    check(&whole().replace("GE*1", "GE*2"), &["AK905-5"]);
    check(&whole().replace("IEA*1", "IEA*0"), &["TA105-021"]);
    check(&whole().replace("SE*3", "SE*x"), &["IK502-4"]);
}

#[test]
fn each_control_number_is_checked() {
    check(&whole().replace("SE*3*0001", "SE*3*0002"), &["IK502-3"]);
    check(&whole().replace("GE*1*1", "GE*1*2"), &["AK905-4"]);
    check(&whole().replace("GE*1*1", "GE*1*001"), &[]);
    check(
        &whole().replace("IEA*1*000000001", "IEA*1*000000002"),
        &["TA105-001"],
    );
}

#[test]
fn missing_trailers_are_told_from_the_inside_out() {
    check(&[ISA, BODY].concat(), &["TA105-023"]);
    check(&whole().replace("GE*1*1~", ""), &["AK905-3"]);
    check(&whole().replace("SE*3*0001~", ""), &["IK502-2"]);
    check(
        &[
            ISA,
            "GS*HN*A*B*20261120*0900*1*X*006020X313~ST*277*0001*006020X313~",
        ]
        .concat(),
        &["IK502-2", "AK905-3", "TA105-023"],
    );
}

#[test]
fn a_second_use_of_a_number_is_told() {
    check(&whole().repeat(2), &["TA105-025"]);
    check(&[ISA, BODY, BODY, "IEA*2*000000001~"].concat(), &["AK905-19"]);
    let twice = BODY.replace("GE*1", "ST*277*0001*006020X313~SE*2*0001~GE*2");
    check(&[ISA, &twice, IEA].concat(), &["IK502-23"]);
}

#[test]
fn a_ta1_stands_between_isa_and_gs() {
    check(
        &[ISA, "TA1*000000009*261120*0900*A*000~", BODY, IEA].concat(),
        &[],
    );
    check(
        &[ISA, "TA1*000000009*261120*0900*A*000~IEA*0*000000001~"].concat(),
        &[],
    );
}

#[test]
fn segments_outside_a_transaction_are_told_once_per_run() {
    check(&whole().replace("GE*1", "NM1*PR~REF*X1~GE*1"), &["TA105-024"]);
    check(
        &[ISA, "ST*277*0001*006020X313~BHT*0085~SE*3*0001~IEA*0*000000001~"].concat(),
        &["IK502-18"],
    );
}

#[test]
fn the_guide_must_be_that_of_the_group() {
    check(
        &whole().replace("0001*006020X313", "0001*006020X314"),
        &["IK502-I6"],
    );
    check(
        &whole().replace("0001*006020X313", "0001"),
        &["note-guide-missing"],
    );
    check(&whole().replace("GS*HN", "GS*PI"), &["IK502-18"]);
}

#[test]
fn header_values_are_checked_with_their_place() {
    let finding = &found(&whole().replace("*261120*", "*261320*"))[0];
    assert_eq!(finding.code.to_string(), "TA105-014");
    assert_eq!((finding.offset, finding.length), (70, 6));
    check(&whole().replace("*0*T*", "*2*X*"), &["TA105-019", "TA105-020"]);
    check(
        &whole().replace("ZZ*CLINIC", "Z*CLINIC "),
        &["TA105-022", "TA105-005"],
    );
}

#[test]
fn what_is_no_interchange_at_all_is_refused() {
    check("hello, world", &["TA105-024", "TA105-022"]);
    check("", &[]);
}
