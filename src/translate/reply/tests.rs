//! What peers are told on either side, and where the table is silent.

use super::*;
use crate::base::finding::Blame;
use crate::base::finding::Code;
use crate::fhir::Places;
use crate::fhir::json;
use crate::translate::Context;
use crate::translate::Lineage;
use crate::translate::from_x12;
use crate::x12;

const SUBMISSION: &[u8] = include_bytes!("../../../tests/data/x12/demo-275-attachment.x12");
const ISA: &str = "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLINIC         *261120*0900*^*00501*000000009*0*T*:~";

fn replies() -> Replies {
    Replies::of(&Library::built_in().unwrap()).unwrap()
}

/// What the demonstration's 275 became.
fn crossing() -> Crossing {
    let library = Library::built_in().unwrap();
    let transactions = x12::read_plainly(SUBMISSION);
    let program = library.program("submit-from-275").unwrap();
    let translation = from_x12(program, &transactions[0], &Context::new(), Lineage::Kept);
    Crossing::of(&translation)
}

/// Each issue in one line.
fn lines(outcome: &Outcome) -> Vec<String> {
    let text = |text: &Option<Text>| {
        text.as_ref()
            .map_or(String::new(), |text| text.disclose().to_string())
    };
    outcome
        .issues
        .iter()
        .map(|issue| {
            let words = issue
                .details
                .as_ref()
                .map_or(String::new(), |details| text(&details.text));
            let places: Vec<String> = issue
                .expression
                .iter()
                .map(|path| path.disclose().to_string())
                .collect();
            format!(
                "{} {} {} ({words}) {}",
                text(&issue.severity),
                text(&issue.code),
                text(&issue.diagnostics),
                places.join(" | ")
            )
        })
        .collect()
}

#[track_caller]
fn check_answer(group: &str, body: &str, crossing: &Crossing, expected: &[&str]) {
    let input =
        format!("{ISA}GS*{group}*PLAN*CLINIC*20261120*0900*1*X*005010X231A1~{body}GE*1*1~IEA*1*000000009~");
    let answers = x12::answers(input.as_bytes());
    assert_eq!(lines(&replies().outcome(&answers[0], crossing)), expected);
}

#[test]
fn every_code_that_we_send_has_a_row() {
    let replies = replies();
    let missing = |list: CodeList, codes: Vec<&str>| -> Vec<String> {
        let unknown = codes
            .into_iter()
            .filter(|code| !replies.rows.contains_key(&(list, (*code).to_owned())));
        unknown.map(|code| format!("{}-{code}", list.as_str())).collect()
    };
    let mut found = missing(
        CodeList::Interchange,
        (0..32).map(|number| NUMBERS[number]).collect(),
    );
    found.extend(missing(CodeList::Group, vec!["1", "2", "3", "4", "5", "6", "19"]));
    found.extend(missing(
        CodeList::Transaction,
        vec!["1", "2", "3", "4", "5", "6", "7", "18", "19", "23", "I5", "I6"],
    ));
    found.extend(missing(
        CodeList::Segment,
        vec![
            "1", "2", "3", "4", "5", "6", "7", "8", "I4", "I6", "I7", "I8", "I9",
        ],
    ));
    found.extend(missing(
        CodeList::Element,
        vec![
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "13", "I6", "I9", "I10", "I11", "I12",
            "I13",
        ],
    ));
    found.extend(missing(
        CodeList::Content,
        vec!["006", "007", "008", "009", "010", "011", "012", "024", "848"],
    ));
    assert!(found.is_empty(), "{found:?}");
}

const NUMBERS: [&str; 32] = [
    "000", "001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "012", "013", "014",
    "015", "016", "017", "018", "019", "020", "021", "022", "023", "024", "025", "026", "027", "028", "029",
    "030", "031",
];

#[test]
fn a_999_becomes_an_outcome_with_places_of_both_sides() {
    let body = "ST*999*0001*005010X231A1~AK1*PI*17*006020X314~AK2*275*0001*006020X314~IK3*NM1*6*1000D*8~\
                IK4*9*67*7~IK5*R*5~AK9*R*1*1*0~SE*8*0001~";
    check_answer(
        "FA",
        body,
        &crossing(),
        &["error code-invalid IK403-7 (the value is not in the code list) \
           Parameters.parameter[4].valueIdentifier.value | \
           Parameters.parameter[6].part[1].resource.subject.identifier.value | 1000D/NM109, segment 6"],
    );
    check_answer(
        "FA",
        body,
        &Crossing::default(),
        &["error code-invalid IK403-7 (the value is not in the code list) 1000D/NM109, segment 6"],
    );
}

#[test]
fn a_message_that_was_accepted_is_told_so() {
    let body = "ST*999*0001~AK1*PI*17~AK2*275*0001~IK5*A~AK9*A*1*1*1~SE*6*0001~";
    check_answer(
        "FA",
        body,
        &Crossing::default(),
        &["information informational  (it was accepted) "],
    );
    let body = "ST*999*0001~AK1*PI*17~AK2*275*0001~IK3*DTP*9**8~IK4*3**8~IK5*E~AK9*E*1*1*1~SE*8*0001~";
    check_answer(
        "FA",
        body,
        &Crossing::default(),
        &["warning value IK403-8 (the date is not valid) DTP03, segment 9"],
    );
}

#[test]
fn what_an_824_and_a_277ca_refuse_is_an_error() {
    let body = "ST*824*0001~OTI*TR*TN*OUR-7*****17*0001*275~TED*006*SEEN*TRN*10~SE*4*0001~";
    check_answer(
        "AG",
        body,
        &Crossing::default(),
        &["error duplicate TED01-006 (the content was received before) TRN, segment 10"],
    );
    let body = "ST*277*0001~BHT*0085*08*B*20261120*0900*TH~STC*A1:20**WQ~STC*A7:21**U~SE*5*0001~";
    check_answer(
        "HN",
        body,
        &Crossing::default(),
        &[
            "information informational STC01-A1 (the claim was received) ",
            "error value STC01-A7 (the claim was rejected because information is not valid) ",
        ],
    );
}

#[test]
fn a_code_without_a_row_is_told_as_it_stands() {
    let body = "ST*999*0001~AK1*PI*17~AK2*275*0001~IK5*R*Z9~SE*5*0001~";
    check_answer(
        "FA",
        body,
        &Crossing::default(),
        &["error processing IK502-Z9 (a code without a meaning here) "],
    );
}

/// Objections in one line each, and what is left unsaid.
fn told(objections: &Objections) -> Vec<String> {
    let told = objections.told.iter().map(|objection| {
        format!(
            "{} {} {} {}",
            objection.severity,
            objection.code,
            objection.place.short(),
            objection.words.unwrap_or_default()
        )
    });
    let unsaid = objections
        .unsaid
        .iter()
        .map(|place| format!("unsaid {}", place.short()));
    told.chain(unsaid).collect()
}

#[test]
fn an_outcome_becomes_objections_at_the_places_of_the_275() {
    let text = br#"{"resourceType":"OperationOutcome","issue":[
        {"severity":"error","code":"not-found","expression":["Parameters.parameter[4].valueIdentifier.value"]},
        {"severity":"error","code":"required","diagnostics":"parameters.member-id-missing","expression":["Parameters.parameter[4].valueIdentifier"]},
        {"severity":"warning","code":"code-invalid","expression":["Parameters.nowhere"]},
        {"severity":"error","code":"throttled"},
        {"severity":"information","code":"informational"},
        {"severity":"error","code":"a word of their own"}]}"#;
    let outcome = Outcome::from_json(&json::read(text).unwrap(), Places::Noted).unwrap();
    assert_eq!(
        told(&replies().objections(&outcome, &crossing())),
        [
            "error 011 1000D/NM109 ",
            "error 007 1000D/NM1 ",
            "warning 848  ",
            "unsaid OperationOutcome.issue[3]",
            "unsaid OperationOutcome.issue[4]",
            "unsaid OperationOutcome.issue[5]",
        ]
    );
}

#[test]
fn findings_of_ours_become_objections_with_our_words() {
    let finding = |code: &'static str, severity, expression: &str| Finding {
        code: Code::new(code),
        severity,
        blame: Blame::Sender,
        message: "the member is not known",
        place: Place::Fhir {
            expression: expression.into(),
        },
    };
    let findings = [
        finding("cdex-1", Severity::Error, "Parameters.parameter[4]"),
        finding("other", Severity::Information, "Parameters.parameter[4]"),
    ];
    assert_eq!(
        told(&replies().objections_to(&findings, &crossing())),
        [
            "error 012 1000D/NM1 the member is not known",
            "unsaid Parameters.parameter[4]",
        ]
    );
}

#[test]
fn a_task_that_was_refused_is_an_objection_and_others_say_nothing() {
    let replies = replies();
    let refused = replies.objection_to("rejected").unwrap();
    assert_eq!(
        (refused.code.as_str(), refused.severity),
        ("024", Severity::Error)
    );
    assert!(
        refused
            .finding()
            .unwrap()
            .message()
            .ends_with("the provider refused the request")
    );
    assert!(replies.objection_to("failed").is_some());
    for status in [
        "requested",
        "accepted",
        "in-progress",
        "on-hold",
        "completed",
        "cancelled",
    ] {
        assert_eq!(replies.objection_to(status), None, "{status}");
    }
}

#[test]
fn what_our_check_finds_in_x12_is_told_in_fhir() {
    let objection = Objection {
        code: "848".to_owned(),
        severity: Severity::Warning,
        place: X12Place {
            offset: 402,
            ..X12Place::default()
        },
        words: None,
    };
    let remark = Remark::of(&objection.finding().unwrap()).unwrap();
    assert_eq!(
        lines(&replies().outcome_of(&[remark], &Crossing::default())),
        ["warning value TED01-848 (the data is not correct) byte 402"]
    );
}

#[test]
fn a_table_that_names_what_there_is_not_is_refused() {
    let read =
        |text: &str| Replies::read(&CodeTable::from_csv("replies", "replies.csv", text).0).unwrap_err();
    let head = "list,code,severity,issue,text,becomes\n";
    assert_eq!(read("list,code\nTA105,001\n"), WrongReplies::Columns);
    for row in [
        "TA1,001,error,value,x,",
        "TA105,001,bad,value,x,",
        "TA105,001,error,bad,x,",
        "TA105,001,error,value,x,value",
        "TED01,007,error,value,x,bad",
    ] {
        let text = format!("{head}TA105,000,error,value,x,\n{row}\n");
        assert_eq!(read(&text), WrongReplies::Row(2), "{row}");
    }
    assert_eq!(
        read(&format!(
            "{head}TA105,000,error,value,x,\nTA105,000,error,value,x,\n"
        )),
        WrongReplies::Row(2)
    );
}
