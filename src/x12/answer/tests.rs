//! What is heard in answers, and what is left unread.

use super::*;

const ISA: &str = "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLINIC         *261120*0900*^*00501*000000009*0*T*:~";

fn inside(group: &str, body: &str) -> String {
    format!("{ISA}GS*{group}*PLAN*CLINIC*20261120*0900*1*X*005010X231A1~{body}GE*1*1~IEA*1*000000009~")
}

/// Each answer in one line: kind, numbers, ruling, remarks.
#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let told: Vec<String> = answers(input.as_bytes())
        .iter()
        .map(|answer| {
            let remarks: Vec<String> = answer
                .remarks
                .iter()
                .map(|remark| {
                    let ordinal = remark.place.ordinal.map(|ordinal| format!("#{ordinal}"));
                    format!(
                        "{}-{}@{}{}",
                        remark.list.as_str(),
                        remark.code,
                        remark.place.short(),
                        ordinal.unwrap_or_default()
                    )
                })
                .collect();
            format!(
                "{:?} {}/{}/{} {:?} {}",
                answer.kind,
                answer.interchange,
                answer.group,
                answer.transaction,
                answer.ruling,
                remarks.join(" ")
            )
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_ta1_is_about_an_interchange() {
    let input = format!("{ISA}TA1*000000004*261120*0900*R*001~IEA*0*000000009~");
    check(&input, &["Ta1 000000004// Rejected TA105-001@"]);
    let input = format!("{ISA}TA1*000000004*261120*0900*A*000~IEA*0*000000009~");
    check(&input, &["Ta1 000000004// Accepted "]);
}

#[test]
fn a_999_tells_of_transactions_and_of_the_group() {
    let body = "ST*999*0001*005010X231A1~AK1*PI*17*006020X314~AK2*275*0001*006020X314~IK3*NM1*6*1000C*8~\
                CTX*SITUATIONAL TRIGGER*NM1*6~IK4*9:1:2*67*7*BADNPI~IK3*CAT*14*2100B*3~IK5*R*5*I5~AK2*275*0002~IK5*A~\
                AK9*P*2*2*1*5~SE*10*0001~";
    check(
        &inside("FA", body),
        &[
            "Acknowledgement /17/0001 Rejected IK403-7@1000C/NM109-1#6 IK304-3@2100B/CAT#14",
            "Acknowledgement /17/0002 Accepted ",
            "Acknowledgement /17/ AcceptedWithErrors AK905-5@",
        ],
    );
}

#[test]
fn copies_of_bad_data_and_words_are_left_unread_and_listed() {
    let body = "ST*999*0001*005010X231A1~AK1*PI*17~AK2*275*0001~IK3*NM1*6**8~CTX*TRIGGER~IK4*9*67*7*BADNPI~IK5*R*5~AK9*R*1*1*0~SE*9*0001~";
    let heard = answers(inside("FA", body).as_bytes());
    let unread: Vec<String> = heard[0].unread.iter().map(X12Place::short).collect();
    assert_eq!(unread, ["CTX01", "IK404"]);
    assert!(!format!("{heard:?}").contains("BADNPI"));
}

#[test]
fn an_824_tells_of_what_a_transaction_says() {
    let body = "ST*824*0001*005010X186A1~BGN*11*ADV*20261120*0905***OURS*U~OTI*TR*TN*OUR-7*CLINIC*PLAN*20261120*0900*17*0001*275*006020X314~\
                REF*TN*ACN-1~TED*024*PATIENT NOT FOUND*NM1*8*9:1**MBR1~RED*NOT MATCHED**94**IBP*E33~SE*7*0001~";
    check(
        &inside("AG", body),
        &["Advice /17/0001 Rejected TED01-024@NM109-1#8"],
    );
    let heard = answers(inside("AG", body).as_bytes());
    assert_eq!(heard[0].reference, "OUR-7");
    let unread: Vec<String> = heard[0].unread.iter().map(X12Place::short).collect();
    assert_eq!(
        unread,
        [
            "REF01", "REF02", "TED02", "TED07", "RED01", "RED03", "RED05", "RED06"
        ]
    );
}

#[test]
fn a_277ca_tells_of_claims_and_another_277_does_not() {
    let body = "ST*277*0001*005010X214~BHT*0085*08*B1*20261120*0900*TH~HL*1**20*1~TRN*1*X~STC*A1:20*20261120*WQ*5~\
                HL*2*1*PT~TRN*2*CLAIM-1~STC*A7:21*20261120*U*5~SE*9*0001~";
    check(
        &inside("HN", body),
        &["ClaimAcknowledgement // Rejected STC01-A1@ STC01-A7@"],
    );
    check(&inside("HN", &body.replace("*08*", "*48*")), &[]);
}

#[test]
fn a_word_that_nobody_knows_is_no_acceptance() {
    let input = format!("{ISA}TA1*000000004*261120*0900*Q*ABCDEF~IEA*0*000000009~");
    check(&input, &["Ta1 000000004// Rejected "]);
    check("", &[]);
}

#[test]
fn an_objection_becomes_what_the_writer_of_the_824_takes() {
    let place = X12Place {
        ordinal: Some(12),
        segment: SegmentId::parse(b"TRN"),
        element: Some(2),
        ..X12Place::default()
    };
    let objection = Objection {
        code: "011".to_owned(),
        severity: crate::base::finding::Severity::Error,
        place: place.clone(),
        words: Some("no open request has this number"),
    };
    let finding = objection.finding().unwrap();
    assert_eq!(
        finding.message(),
        "a value matches nothing that is known: no open request has this number"
    );
    let remark = Remark::of(&finding).unwrap();
    assert_eq!(
        (remark.list, remark.code.as_str(), &remark.place),
        (CodeList::Content, "011", &place)
    );
    let unknown = Objection {
        code: "010".to_owned(),
        ..objection
    };
    assert_eq!(unknown.finding(), None);
}
