//! The hierarchy of `HL`s.

use super::support::check;
use super::support::compiled;
use super::support::levels_spec;

const TOP: &str = "HL*1**20~NM1*PR*PLAN~HL*2*1*21~NM1*41*CLINIC~";
const CLAIM: &str = "REF*EA*1~DTP*106*D8*20261120~";

#[track_caller]
fn checked(body: &[&str], expected: &[&str]) {
    check(&compiled(&levels_spec()), &body.concat(), expected);
}

#[test]
fn levels_rise_by_one_and_name_the_one_around() {
    let patients = "HL*3*2*PT~NM1*QC*DOE~REF*EA*1~DTP*106*D8*20261120~HL*4*2*PT~NM1*QC*ROE~";
    checked(&[TOP, patients, CLAIM], &[]);
}

#[test]
fn a_wrong_number_or_parent_is_told() {
    checked(
        &[TOP, "HL*7*2*PT~NM1*QC*DOE~", CLAIM],
        &["IK403-7 HL@6 in 2000C 01 (628) \"7\""],
    );
    checked(
        &[TOP, "HL*3*9*PT~NM1*QC*DOE~", CLAIM],
        &["IK403-7 HL@6 in 2000C 02 (734) \"9\""],
    );
    checked(
        &[TOP, "HL*3**PT~NM1*QC*DOE~", CLAIM],
        &["IK403-1 HL@6 in 2000C 02 (734) \"\""],
    );
}

#[test]
fn a_missing_level_costs_one_finding() {
    checked(
        &[
            "HL*1**20~NM1*PR*PLAN~",
            "NM1*41*CLINIC~",
            "HL*3*2*PT~NM1*QC*DOE~",
            CLAIM,
        ],
        &["IK304-3 HL@4 in 2000B \"\""],
    );
    checked(
        &[TOP, "HL*3*2*PT~NM1*QC*DOE~", CLAIM, "NM1*QC*ROE~", CLAIM],
        &["IK304-3 HL@10 in 2000C \"\""],
    );
    checked(
        &["HL*1**20~NM1*PR*PLAN~", "HL*3*2*PT~NM1*QC*DOE~", CLAIM],
        &["IK304-3 HL@4 in 2000B \"\"", "IK304-3 NM1@4 in 2100B \"\""],
    );
}

#[test]
fn a_stray_level_costs_one_finding() {
    checked(
        &[
            TOP,
            "HL*3*2*PT~NM1*QC*DOE~REF*EA*1~",
            "HL*1**20~",
            "DTP*106*D8*20261120~",
        ],
        &["IK304-2 HL@9 in 2200C \"HL\""],
    );
    checked(
        &[TOP, "HL*3*2*PT~", "HL*3*2*PT~", "NM1*QC*DOE~", CLAIM],
        &["IK304-2 HL@7 in 2000C \"HL\""],
    );
}

#[test]
fn what_stands_before_what_is_required_is_told_at_its_place() {
    checked(
        &[
            TOP,
            "HL*3*2*PT~NM1*QC*DOE~REF*EA*1~",
            "HL*4*2*PT~NM1*QC*ROE~",
            CLAIM,
        ],
        &["IK304-3 DTP@9 in 2200C \"\""],
    );
}
