//! No answer repeats what an input says, not even of an input in which everything is wrong.

use super::gather::receipts;
use super::scene::acknowledged;
use super::scene::advised;
use x12_parser::AdviceGuide;
use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::ElementError;
use x12_parser::ElementPlace;
use x12_parser::Finding;
use x12_parser::Limits;
use x12_parser::Segment;
use x12_parser::SegmentError;
use x12_parser::SegmentId;
use x12_parser::Ta1Wish;

/// Everything that must not be told: `CANARY` with a number behind it stands in each value of the transactions.
const CANARY: &str = "CANARY";

/// Stands for an ISA with the usual separators.
const ISA: &str = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*1*T*:~";

/// Complains of each segment and of each of its elements, in every way.
fn complain(segment: &Segment<'_>) -> Vec<Finding> {
    let id = SegmentId::of(segment.id());
    let about = |code| Finding::at(code, segment.place(), id);
    let mut found: Vec<Finding> = SegmentError::ALL
        .iter()
        .map(|error| about(Code::Segment(*error)))
        .collect();
    for (element, _) in (1..).zip(segment.elements()) {
        let place = ElementPlace {
            element,
            component: 1,
            repetition: 1,
            dictionary: Some(98),
        };
        let codes = ElementError::ALL.iter().map(|error| Code::Element(*error));
        let contents = ContentError::ALL.iter().map(|error| Code::Content(*error));
        found.extend(codes.chain(contents).map(|code| about(code).on_element(place)));
    }
    found
}

/// Only complains of what the transactions say, so that there is something to advise on.
fn complain_of_content(segment: &Segment<'_>) -> Vec<Finding> {
    let contents = |finding: &Finding| matches!(finding.code, Code::Content(_));
    complain(segment).into_iter().filter(contents).collect()
}

#[track_caller]
fn nothing_is_told(input: &str) {
    let limits = Limits {
        segments: usize::MAX,
        elements: usize::MAX,
    };
    let mut answers = String::new();
    for receipt in receipts(input.as_bytes(), complain) {
        answers += &acknowledged(&receipt, Ta1Wish::Always, limits);
    }
    for receipt in receipts(input.as_bytes(), complain_of_content) {
        answers += &acknowledged(&receipt, Ta1Wish::Always, limits);
        answers += &advised(&receipt, AdviceGuide::X257);
    }
    assert!(!answers.is_empty(), "there is an answer");
    let told = answers.lines().find(|line| line.contains(CANARY));
    assert_eq!(told, None);
}

fn group(transaction: &str) -> String {
    format!("{ISA}GS*PI*CLINIC*PLAN*20261120*0900*7*X*006020X314~{transaction}GE*1*7~IEA*1*000000001~")
}

#[test]
fn values_of_transactions_are_not_told() {
    let mut numbers = 0..;
    let mut canary = || format!("{CANARY}{}", numbers.next().unwrap());
    let mut segments = String::from("BGN*11*OUR-REF*20261120~");
    for id in ["NM1", "REF", "TRN", "STC", "HI", "ZQ9"] {
        let (one, two, three, four) = (canary(), canary(), canary(), canary());
        segments += [id, "*", &one, "*", &two, ":", &three, "^", &four, "*~"]
            .concat()
            .as_str();
    }
    let input = group(&format!(
        "ST*275*0001*006020X314~{segments}BDS*NOF*8*CANARY~9~SE*10*0001~"
    ));
    nothing_is_told(&input);
    let receipt = &receipts(input.as_bytes(), complain_of_content)[0];
    let advice = advised(receipt, AdviceGuide::X257);
    assert!(
        advice.contains("OTI*TR*TN*OUR-REF***20261120*0900*7*0001*275*006020X314~"),
        "{advice}"
    );
    assert!(
        advice.contains("TED*006*THE CONTENT WAS RECEIVED BEFORE*NM1*3*1:1:1*98~"),
        "{advice}"
    );
}

#[test]
fn what_stands_where_an_id_belongs_is_not_told() {
    nothing_is_told(&group("ST*275*0001~CANARY1*X~CANARY~NM1CANARY*1~SE*5*0001~"));
    nothing_is_told(&group("ST*275*0001~CANARY*1~SE*CANARY2*CANARY3~"));
    nothing_is_told(&group(
        "ST*CANARY*CANARY 1 IS TOO LONG*CANARY+4~NM1*CANARY~SE*3*0001~",
    ));
    nothing_is_told(&format!(
        "{ISA}GS*CANARY*CANARY*CANARY*CANARY*CANARY*CANARY*CANARY*CANARY+~ST*275*0001~SE*2*0001~"
    ));
    nothing_is_told(&format!("{ISA}CANARY*1~IEA*CANARY*CANARY~"));
    nothing_is_told(
        &ISA.replace("000000001", "CANARY 01")
            .replace("261120*0900", "CANARY*CANA"),
    );
}

#[test]
fn what_stands_inside_a_payload_of_the_wrong_length_is_not_told() {
    let transaction = "ST*275*0001~BDS*NOF*3*CANARY1*CANARY2~NM1*CANARY3~SE*4*0001~";
    nothing_is_told(&group(transaction));
}
