//! Journey 3: a 275 becomes `$submit-attachment`, and what the payer says comes back as an 824.

use cartage::exchange::state::Kind;
use cartage::ledger::found::Standing;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::SOUTH;
use crate::bench::SUMMIT;
use crate::messages::attachment;

/// Several 275s of South Clinic in one interchange, each under numbers of its own.
fn attachments(control: u32, kind: &str, tracking: &str, payer: &str, contents: &[&str]) -> String {
    let numbered = (1..).zip(contents).map(|(number, content)| {
        let one = attachment(control, kind, tracking, payer, content);
        let set = &one[one.find("ST*275").unwrap()..one.find("GE*1*").unwrap()];
        let own = format!("SC-ATT-{control}-{number}*");
        set.replace("*0001", &format!("*{number:04}"))
            .replace(&format!("SC-ATT-{control}*"), &own)
    });
    let sets: String = numbered.collect();
    let one = attachment(control, kind, tracking, payer, "");
    let head = &one[..one.find("ST*275").unwrap()];
    let count = contents.len();
    format!("{head}{sets}GE*{count}*{control}~IEA*1*{control:09}~")
}

#[test]
fn an_unsolicited_275_is_submitted_and_the_payers_word_comes_back() {
    let bench = Bench::new();
    let (status, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "70702", "QUJDREVG"));
    assert_eq!(status, 200);
    assert!(answer.contains("~IK5*A~"), "{answer}");
    let (claimed, text) = bench.only(SUMMIT);
    let parameters: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parameters["resourceType"], "Parameters");
    assert!(text.contains("PROV-1") && text.contains("QUJDREVG"), "{text}");
    bench.answer(claimed, 200, r#"{"resourceType":"OperationOutcome","issue":[]}"#);
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Completed);
    let (_, told) = bench.only(SOUTH);
    assert!(
        told.contains("~ST*824*") && told.contains("~OTI*TA*TN*SC-ATT-1*"),
        "{told}"
    );
}

#[test]
fn what_the_payer_refuses_is_told_and_lies_with_the_dead_letters() {
    let bench = Bench::new();
    bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "70702", "QUJDREVG"));
    let (claimed, _) = bench.only(SUMMIT);
    bench.answer(
        claimed,
        422,
        r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}"#,
    );
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
    assert_eq!(bench.standing(Standing::Dead, SUMMIT), 1);
    let (_, told) = bench.only(SOUTH);
    assert!(told.contains("~OTI*TR*TN*SC-ATT-1*"), "{told}");
    // The payer's `not-found` in the words of an 824.
    assert!(told.contains("~TED*011*"), "{told}");
}

#[test]
fn a_275_that_answers_nothing_known_is_held_for_its_request() {
    let bench = Bench::new();
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "11", "CASE-9", "70702", "QUJDREVG"));
    assert!(answer.contains("~IK5*A~"), "{answer}");
    assert!(bench.out(SUMMIT).is_empty());
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Held);
}

#[test]
fn a_275_for_nobody_is_parked_and_acknowledged() {
    let bench = Bench::new();
    let (_, answer) = bench.x12(SOUTH, &attachment(1, "02", "PROV-1", "99999", "QUJDREVG"));
    assert!(answer.contains("~IK5*A~") && !answer.contains("824"), "{answer}");
    assert_eq!(bench.parked(), 1);
    assert!(bench.exchanges().is_empty());
}

#[test]
fn what_is_new_goes_out_after_a_repeat_in_the_same_interchange() {
    let bench = Bench::new();
    let contents = ["QUJD", "QUJD", "REVG"];
    let (_, answer) = bench.x12(SOUTH, &attachments(1, "02", "PROV-1", "70702", &contents));
    assert_eq!(answer.matches("~IK5*A~").count(), 3, "{answer}");
    assert_eq!(bench.exchanges()[0].0.parts().len(), 2);
    let out = bench.out(SUMMIT);
    assert_eq!(out.len(), 2);
    for content in ["QUJD", "REVG"] {
        let carrying = out.iter().filter(|(_, text)| text.contains(content));
        assert_eq!(carrying.count(), 1, "{content}");
    }
}
