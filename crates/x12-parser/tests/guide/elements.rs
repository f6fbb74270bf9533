//! Elements, components and payloads.

use super::support::check;
use super::support::compiled;
use super::support::guide_spec;

const PAYER: &str = "NM1*PR*PLAN*PI*99~";
const PROVIDER: &str = "NM1*1P*CLINIC*FI*99~REF*EA*1~PWK*X~";

/// Checks a `BGN`.
#[track_caller]
fn begin(bgn: &str, expected: &[&str]) {
    let body = [bgn, "~", PAYER, PROVIDER, "LX*1~REF*6R*AB~"].concat();
    check(&compiled(&guide_spec()), &body, expected);
}

/// Checks the loop of a provider.
#[track_caller]
fn provider(segments: &str, expected: &[&str]) {
    let body = ["BGN*11*R1*20261120~", PAYER, segments, "LX*1~REF*6R*AB~"].concat();
    check(&compiled(&guide_spec()), &body, expected);
}

/// Checks a line.
#[track_caller]
fn line(segments: &str, expected: &[&str]) {
    let body = [
        "BGN*11*R1*20261120~",
        PAYER,
        PROVIDER,
        "LX*1~REF*6R*AB~",
        segments,
    ]
    .concat();
    check(&compiled(&guide_spec()), &body, expected);
}

#[test]
fn missing_and_surplus_elements() {
    begin("BGN*11**20261120", &["IK403-1 BGN@2 02 (127) \"\""]);
    begin("BGN*11*R1", &["IK403-1 BGN@2 03 (373) \"\""]);
    begin("BGN*11*R1*20261120*0900*X", &["IK403-3 BGN@2 05 \"X\""]);
    begin("BGN*11*R1*20261120*", &["note-trailing-separator BGN@2 \"*\""]);
}

#[test]
fn codes_of_the_guide_and_of_the_standard() {
    begin("BGN*13*R1*20261120", &["IK403-I6 BGN@2 01 (353) \"13\""]);
    begin("BGN*99*R1*20261120", &["IK403-7 BGN@2 01 (353) \"99\""]);
    begin("BGN*00*R1*20261120", &["note IK403-I6 BGN@2 01 (353) \"00\""]);
    provider(
        "NM1*1P*CLINIC*ZZ*99~REF*EA*1~PWK*X~",
        &["IK403-7 NM1@4 in 1000B 03 (66) \"ZZ\""],
    );
    provider(
        "NM1*1P*CLINIC*FI*99~REF*EA*1~REF*9F*1~PWK*X~",
        &["note IK403-I6 REF@6 in 1000B 01 (128) \"9F\""],
    );
}

#[test]
fn lengths() {
    begin(
        "BGN*11*123456789012345678901234567890123456789012345678901*20261120",
        &["IK403-5 BGN@2 02 (127) \"123456789012345678901234567890123456789012345678901\""],
    );
    provider(
        "NM1*1P*CLINIC*FI*9~REF*EA*1~PWK*X~",
        &["IK403-4 NM1@4 in 1000B 04 (67) \"9\""],
    );
    let short_by_weak_evidence = "LX*1~REF*6R*A~";
    let body = ["BGN*11*R1*20261120~", PAYER, PROVIDER, short_by_weak_evidence].concat();
    check(
        &compiled(&guide_spec()),
        &body,
        &["note IK403-4 REF@8 in 2000 02 (127) \"A\""],
    );
}

#[test]
fn dates_and_times() {
    begin("BGN*11*R1*20261320", &["IK403-8 BGN@2 03 (373) \"20261320\""]);
    begin("BGN*11*R1*20261120*2560", &["IK403-9 BGN@2 04 (337) \"2560\""]);
    provider(
        "NM1*1P*CLINIC*FI*99~REF*EA*1~DTP*472*RD8*20261101~PWK*X~",
        &["IK403-8 DTP@6 in 1000B 03 (1251) \"20261101\""],
    );
    provider(
        "NM1*1P*CLINIC*FI*99~REF*EA*1~DTP*472*RD8*20261101-20261103~PWK*X~",
        &[],
    );
}

#[test]
fn characters_that_a_type_does_not_permit() {
    begin("BGN*11*R\u{7}1*20261120", &["IK403-6 BGN@2 02 (127) \"\\u{7}\""]);
    begin("BGN*11*  *20261120", &["note IK403-6 BGN@2 02 (127) \"  \""]);
    line("SVC*HC:1*1.2.3~", &["IK403-6 SVC@9 in 2000 02 (782) \".\""]);
    line("SVC*HC:1*-12.50~", &[]);
    let odd_number = ["BGN*11*R1*20261120~", PAYER, PROVIDER, "LX*1X~REF*6R*AB~"].concat();
    check(
        &compiled(&guide_spec()),
        &odd_number,
        &["IK403-6 LX@7 in 2000 01 (554) \"X\""],
    );
}

#[test]
fn letters_beyond_ascii_deserve_a_note() {
    let body = [
        "BGN*11*R1*20261120~",
        "NM1*PR*PLÁN*PI*99~",
        PROVIDER,
        "LX*1~REF*6R*AB~",
    ]
    .concat();
    let guide = compiled(&guide_spec());
    let (_, found) = super::support::findings(&guide, &body, usize::MAX);
    assert_eq!(found.len(), 1);
    assert!(found[0].weak && found[0].code.to_string() == "IK403-6");
}

#[test]
fn numbers_that_are_checked() {
    provider(
        "NM1*1P*CLINIC*XX*1234567890~REF*EA*1~PWK*X~",
        &["IK403-7 NM1@4 in 1000B 04 (67) \"1234567890\""],
    );
    provider("NM1*1P*CLINIC*XX*1234567893~REF*EA*1~PWK*X~", &[]);
    let miscounted = ["BGN*11*R1*20261120~", PAYER, PROVIDER, "LX*2~REF*6R*AB~"].concat();
    check(
        &compiled(&guide_spec()),
        &miscounted,
        &["IK403-I12 LX@7 in 2000 01 (554) \"2\""],
    );
}

#[test]
fn syntax_notes() {
    let body = [
        "BGN*11*R1*20261120~",
        "NM1*PR*PLAN*PI~",
        PROVIDER,
        "LX*1~REF*6R*AB~",
    ]
    .concat();
    check(
        &compiled(&guide_spec()),
        &body,
        &["IK403-2 NM1@3 in 1000A 04 (67) \"\""],
    );
    provider(
        "NM1*1P*CLINIC*FI*99~REF*EA~PWK*X~",
        &["IK403-2 REF@5 in 1000B 02 (127) \"\""],
    );
    provider(
        "NM1*1P*CLINIC*FI*99*X~REF*EA*1~PWK*X~",
        &[
            "note IK403-I10 NM1@4 in 1000B 05 (93) \"X\"",
            "IK403-10 NM1@4 in 1000B 05 (93) \"X\"",
        ],
    );
    line("SVC*HC:1*1**NU:2~", &["IK403-2 SVC@9 in 2000 03 (782) \"\""]);
}

#[test]
fn components_and_repetitions() {
    line("SVC*HC:1:2:3:4*1~", &["IK403-13 SVC@9 in 2000 01-5 \"4\""]);
    line("SVC*HC*1~", &["IK403-1 SVC@9 in 2000 01-2 (234) \"\""]);
    line("SVC*XX:1*1~", &["IK403-7 SVC@9 in 2000 01-1 (235) \"XX\""]);
    line("SVC*HC:1^NU:2*1~", &["IK403-12 SVC@9 in 2000 01 \"NU:2\""]);
    let twice = "LX*1~SVC*HC:1*1*5*HC:1^X:2~";
    let body = ["BGN*00*R1*20261120~", PAYER, PROVIDER, twice].concat();
    check(
        &compiled(&guide_spec()),
        &body,
        &[
            "note IK403-I6 BGN@2 01 (353) \"00\"",
            "IK403-4 SVC@8 in 2000 04-1x2 (235) \"X\"",
        ],
    );
    provider(
        "NM1*1P*CLINIC:X*FI*99~REF*EA*1~PWK*X~",
        &["IK403-13 NM1@4 in 1000B 02 (93) \":\""],
    );
    provider(
        "NM1*1P*https://x.example*FI*99~REF*EA*1~PWK*X~",
        &["note IK403-13 NM1@4 in 1000B 02 (93) \":\""],
    );
}

#[test]
fn elements_that_facts_require() {
    let body = ["BGN*02*R1*20261120~", PAYER, PROVIDER, "LX*1~SVC*HC:1*~"].concat();
    check(
        &compiled(&guide_spec()),
        &body,
        &[
            "note-trailing-separator SVC@8 \"*\"",
            "IK403-I9 SVC@8 in 2000 02 (782) \"\"",
        ],
    );
}

#[test]
fn payloads_hold_what_their_filter_yields() {
    line("BDS*B64*8*QUJDRA==~", &[]);
    line("BDS*B64*8*QUJ%RA==~", &["TED01-848 BDS@9 in 2100 03 (785) \"%\""]);
    line("BDS*HDC*4*4G41~", &["TED01-848 BDS@9 in 2100 03 (785) \"G\""]);
    line("BDS*NOF*4*%~*:~", &[]);
    line("BDS*ASC*3*A~B~", &["IK403-7 BDS@9 in 2100 01 (1570) \"ASC\""]);
}
