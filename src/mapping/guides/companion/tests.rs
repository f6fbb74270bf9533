use super::*;

/// A rule for a place, as `config` reads it.
fn rule(loop_id: &str, segment: &str, qualifier: &str, element: u8) -> CompanionRule {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    CompanionRule {
        guide: "006020X314",
        loop_id: some(loop_id),
        segment: segment.to_owned(),
        qualifier: some(qualifier),
        element: (element > 0).then_some(element),
        usage: None,
        values: Vec::new(),
        max_length: None,
    }
}

fn required(rule: CompanionRule) -> CompanionRule {
    CompanionRule {
        usage: Some(RuleUsage::Required),
        ..rule
    }
}

fn not_used(rule: CompanionRule) -> CompanionRule {
    CompanionRule {
        usage: Some(RuleUsage::NotUsed),
        ..rule
    }
}

fn values(rule: CompanionRule, values: &[&str]) -> CompanionRule {
    CompanionRule {
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        ..rule
    }
}

fn at_most(rule: CompanionRule, most: u64) -> CompanionRule {
    CompanionRule {
        max_length: Some(most),
        ..rule
    }
}

/// A 275 of invented people, good by the guide.
const GOOD: &str = "ISA*00*          *00*          *ZZ*SOUTH          *ZZ*CARTAGE        *261120*0900*^*00602*000000001*0*T*:~\
GS*PI*SOUTH*CARTAGE*20261120*0900*1*X*006020X314~ST*275*0001*006020X314~BGN*02*SUB-1*20261120*0900~\
NM1*PR*2*HARBOR PLAN*****PI*60601~NM1*41*2*SOUTH CLINIC*****46*SC001~\
NM1*1P*2*SOUTH CLINIC*****XX*1245319599~NX1*1P~N3*1 POND ROAD~N4*POND*OH*44101~\
NM1*QC*1*MARLOWE*ADA****MI*HP0042117~REF*EJ*SC-1~REF*EA*MR-77~DTP*472*D8*20261103~\
LX*1~TRN*1*CASE-1~DTP*368*D8*20261120~CAT*AE*TX~OOI*1*47*ATTACHMENT~BDS*ASC*3*ABC~\
SE*19*0001~GE*1*1~IEA*1*000000001~";

/// The codes of what refuses the message under these rules.
#[track_caller]
fn check(rules: &[CompanionRule], message: &str, expected: &[&str]) {
    let guides = Guides::embedded().unwrap().with_companion(rules).unwrap();
    let mut faults = Faults::default();
    let mut checker = x12_parser::Checker::new(x12_parser::Terms::default(), guides.set());
    checker.feed(message.as_bytes(), &mut faults);
    checker.finish(&mut faults);
    assert_eq!(faults.0, expected);
}

#[derive(Default)]
struct Faults(Vec<String>);

impl x12_parser::Watch for Faults {
    fn event(
        &mut self,
        _: &x12_parser::Event<'_>,
        _: Option<x12_parser::Matched<'_>>,
        findings: &[x12_parser::Finding],
    ) {
        self.ending(findings);
    }

    fn ending(&mut self, findings: &[x12_parser::Finding]) {
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == x12_parser::Severity::Error);
        self.0
            .extend(errors.map(|finding| format!("{} {}", finding.code, finding.segment)));
    }
}

#[test]
fn without_rules_nothing_changes() {
    check(&[], GOOD, &[]);
}

#[test]
fn only_the_values_that_a_partner_takes_are_taken() {
    let kinds = values(rule("", "CAT", "", 2), &["HL", "IA"]);
    // The dictionary has no list of these codes, so it cannot tell one that the guide does not permit from an unknown one.
    check(std::slice::from_ref(&kinds), GOOD, &["IK403-7 CAT"]);
    check(&[kinds], &GOOD.replace("CAT*AE*TX", "CAT*AE*IA"), &[]);
}

#[test]
fn values_have_the_length_that_a_partner_takes() {
    let trace = at_most(rule("2000A", "TRN", "", 2), 6);
    check(std::slice::from_ref(&trace), GOOD, &[]);
    check(&[trace], &GOOD.replace("CASE-1", "CASE-12"), &["IK403-5 TRN"]);
}

#[test]
fn a_segment_that_a_partner_wants_is_missed() {
    let record = required(rule("", "REF", "EA", 0));
    check(std::slice::from_ref(&record), GOOD, &[]);
    check(
        &[record],
        &GOOD.replace("REF*EA*MR-77~", "").replace("SE*19", "SE*18"),
        &["IK304-3 REF"],
    );
    // One of two that the guide takes for one thing.
    let claim = required(rule("1000D", "REF", "X1", 0));
    check(std::slice::from_ref(&claim), GOOD, &["IK304-3 REF"]);
    check(&[claim], &GOOD.replace("REF*EJ", "REF*X1"), &[]);
    // The first segment of a loop stands for the loop.
    let address = required(rule("1100C", "NX1", "", 0));
    check(std::slice::from_ref(&address), GOOD, &[]);
    let without = GOOD
        .replace("NX1*1P~N3*1 POND ROAD~N4*POND*OH*44101~", "")
        .replace("SE*19", "SE*16");
    check(&[], &without, &[]);
    check(&[address], &without, &["IK304-3 NX1"]);
}

#[test]
fn what_a_partner_does_not_want_is_refused() {
    check(&[not_used(rule("", "REF", "EA", 0))], GOOD, &["IK304-I4 REF"]);
    check(&[not_used(rule("", "BGN", "", 4))], GOOD, &["IK403-I10 BGN"]);
}

#[test]
fn a_rule_for_one_kind_of_segment_leaves_the_others() {
    let short = at_most(rule("1000D", "REF", "EA", 2), 4);
    check(std::slice::from_ref(&short), GOOD, &["IK403-5 REF"]);
    check(&[short], &GOOD.replace("MR-77", "MR-7"), &[]);
    // One that the guide takes among others only.
    let other = at_most(rule("1000D", "REF", "G1", 2), 4);
    let message = GOOD.replace("REF*EA*MR-77", "REF*G1*MR-77");
    check(&[], &message, &[]);
    check(&[other], &message, &["IK403-5 REF"]);
}

#[track_caller]
fn refuse(rule: CompanionRule, expected: &str) {
    let good = values(self::rule("", "CAT", "", 2), &["HL"]);
    let misfits = compiled(&[good, rule]).unwrap_err();
    let told: Vec<String> = misfits
        .iter()
        .map(|misfit| format!("{}: {misfit}", misfit.rule))
        .collect();
    assert_eq!(told, [expected]);
}

#[test]
fn a_rule_that_does_not_fit_is_named() {
    refuse(required(rule("", "ZZZ", "", 0)), "1: the guide has no such place");
    refuse(
        required(rule("9999", "REF", "EA", 0)),
        "1: the guide has no such place",
    );
    refuse(
        required(rule("", "PER", "", 0)),
        "1: it stands in several places; say in which `loop` it is required",
    );
    refuse(
        values(rule("", "CAT", "", 2), &["A'B"]),
        "1: a value is not empty and has no apostrophe",
    );
    refuse(
        values(rule("2100B", "DTP", "097", 3), &["20261120"]),
        "1: the guide cannot tell such a segment from the others of its kind",
    );
    let unknown = compiled(&[required(rule("", "CAT", "", 9))]).unwrap_err();
    assert_eq!((unknown.len(), unknown[0].rule), (1, 0));
    assert!(unknown[0].why.contains("elements only"), "{}", unknown[0].why);
    let standard = compiled(&[not_used(rule("", "BGN", "", 1))]).unwrap_err();
    assert!(
        standard[0].why.contains("the standard requires"),
        "{}",
        standard[0].why
    );
}
