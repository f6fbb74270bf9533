//! What becomes of what was sent: taken, refused, tried again, given up; and what time brings.

use std::time::Duration;

use cartage::exchange::state::Kind;
use cartage::exchange::terms::Assembly;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Standing;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;

use crate::bench::Bench;
use crate::bench::HARBOR;
use crate::bench::LAKE;
use crate::bench::NORTH;
use crate::bench::run;
use crate::messages::element;
use crate::messages::interchange_number;
use crate::messages::request;
use crate::messages::submission;
use crate::messages::ta1;

const LAKE_NPI: &str = "1999999992";

fn submitted() -> Bench {
    let bench = Bench::new();
    let (reply, outcome) = bench.submit(LAKE, &submission("T-1", "60601", LAKE_NPI, "QUJD").to_string());
    assert_eq!(reply.status, 200, "{outcome}");
    bench
}

#[test]
fn a_failure_is_tried_again_with_the_same_bytes() {
    let bench = submitted();
    let (claimed, first) = bench.only(HARBOR);
    bench.settle(claimed, Attempt::failed(Trouble::NoConnection));
    assert!(bench.out(HARBOR).is_empty());
    bench.wait(Duration::from_secs(10));
    let (claimed, again) = bench.only(HARBOR);
    assert_eq!(first, again);
    bench.answer(claimed, 503, "");
    bench.wait(Duration::from_secs(20));
    assert_eq!(bench.only(HARBOR).1, first);
}

#[test]
fn after_its_life_it_is_a_dead_letter() {
    let bench = submitted();
    let (claimed, _) = bench.only(HARBOR);
    bench.wait(Duration::from_hours(73));
    bench.settle(claimed, Attempt::failed(Trouble::Cut));
    assert_eq!(bench.standing(Standing::Dead, HARBOR), 1);
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
}

#[test]
fn what_cannot_heal_is_not_tried_again() {
    let bench = submitted();
    let (claimed, _) = bench.only(HARBOR);
    bench.answer(claimed, 415, "");
    assert_eq!(bench.standing(Standing::Dead, HARBOR), 1);
}

#[test]
fn a_page_in_place_of_an_answer_is_tried_again() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    let (claimed, _) = bench.only(NORTH);
    bench.answer(claimed, 200, "<html>maintenance</html>");
    assert_eq!(bench.standing(Standing::Waiting, NORTH), 1);
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Requested);
}

#[test]
fn an_acknowledgement_in_the_answer_is_taken_at_once() {
    let bench = submitted();
    let (claimed, text) = bench.only(HARBOR);
    let number = interchange_number(&text).to_owned();
    bench.answer(claimed, 200, &ta1(7, &number, "R", "006"));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
    assert_eq!(element(&text, "ISA", 13), number);
}

#[test]
fn a_file_in_its_folder_awaits_its_acknowledgement() {
    let bench = submitted();
    let (claimed, _) = bench.only(HARBOR);
    bench.settle(claimed, Attempt::Placed);
    assert_eq!(bench.standing(Standing::Delivered, HARBOR), 1);
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Delivering);
}

#[test]
fn a_result_that_comes_when_the_lease_is_lost_counts_all_the_same() {
    let bench = submitted();
    let (claimed, _) = bench.only(HARBOR);
    bench.wait(Duration::from_mins(5));
    let (second, _) = bench.only(HARBOR);
    bench.answer(claimed, 415, "");
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
    bench.answer(second, 415, "");
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
}

#[test]
fn a_request_that_nobody_takes_is_rejected_at_its_deadline() {
    let mut bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    bench.wait(Duration::from_hours(25));
    run(bench.gateway.tick()).unwrap();
    assert!(bench.audit().contains("hand-over-overdue"));
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Requested);
    bench.restart();
    // Due on 4 January, and two weeks of grace.
    bench.wait(Duration::from_hours(24 * 60));
    run(bench.gateway.tick()).unwrap();
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Rejected);
    assert_eq!(bench.standing(Standing::Stopped, NORTH), 1);
    let (_, told) = bench.only(HARBOR);
    assert!(told.contains("~OTI*TR*TN*RFAI-1*"), "{told}");
}

#[test]
fn a_step_of_the_wall_clock_ends_nothing() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    let far = std::time::SystemTime::UNIX_EPOCH + Duration::from_mins(35_000_000);
    bench.clock.set(far);
    run(bench.gateway.tick()).unwrap();
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Requested);
    assert!(!bench.audit().contains("hand-over-overdue"));
}

#[test]
fn a_clock_that_was_set_between_two_runs_ends_nothing() {
    let mut bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    run(bench.gateway.tick()).unwrap();
    let far = std::time::SystemTime::UNIX_EPOCH + Duration::from_mins(35_000_000);
    bench.clock.set(far);
    bench.restart();
    run(bench.gateway.tick()).unwrap();
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::Requested);
    assert!(!bench.audit().contains("hand-over-overdue"));
    bench.wait(Duration::from_hours(25));
    run(bench.gateway.tick()).unwrap();
    assert!(bench.audit().contains("hand-over-overdue"));
}

#[test]
fn what_cannot_be_put_together_any_more_is_for_an_operator() {
    let bench = Bench::new();
    bench.reload(|partner| partner.terms.assembly = Assembly::Whole);
    bench.x12(HARBOR, &request(1, "CASE-1", LAKE_NPI));
    let mut part = submission("CASE-1", "60601", LAKE_NPI, "QUJD");
    part["parameter"][8]["valueBoolean"] = false.into();
    assert_eq!(bench.submit(LAKE, &part.to_string()).0.status, 200);
    assert!(bench.out(HARBOR).is_empty());
    // The payer's guides leave the configuration before the set is sent.
    bench.reload(|partner| {
        if let Some(x12) = &mut partner.x12 {
            x12.guides.clear();
        }
    });
    bench.wait(Duration::from_hours(25));
    run(bench.gateway.tick()).unwrap();
    assert_eq!(bench.exchanges()[0].0.kind(), Kind::OnHold);
    let task = bench.search(LAKE, &[("identifier", "CASE-1")]).remove(0);
    assert_eq!(task["status"], "on-hold");
    assert!(bench.audit().contains("\"alerts\":[\"refused\"]"));
}

#[test]
fn an_exchange_keeps_the_terms_that_it_began_under() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", LAKE_NPI));
    let begun = bench.exchanges()[0].0.terms().clone();
    bench.reload(|partner| partner.terms.grace = Duration::from_hours(1));
    bench.submit(LAKE, &submission("CASE-1", "60601", LAKE_NPI, "QUJD").to_string());
    assert_eq!(*bench.exchanges()[0].0.terms(), begun);
}

#[test]
fn a_damaged_exchange_keeps_no_other_from_its_times() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    bench.wait(Duration::from_mins(1));
    bench.x12(HARBOR, &request(2, "CASE-2", "1234567893"));
    bench.damage("CASE-1");
    bench.wait(Duration::from_hours(25));
    let trouble = run(bench.gateway.tick());
    assert!(matches!(trouble, Err(LedgerError::Unreadable(_))), "{trouble:?}");
    assert!(bench.audit().contains("hand-over-overdue"));
}

#[test]
fn what_a_damaged_exchange_sent_leaves_the_outbox() {
    let bench = Bench::new();
    bench.x12(HARBOR, &request(1, "CASE-1", "1234567893"));
    let (claimed, _) = bench.only(NORTH);
    bench.damage("CASE-1");
    bench.answer(claimed, 201, "");
    assert_eq!(bench.standing(Standing::Delivered, NORTH), 1);
    bench.wait(Duration::from_hours(1));
    assert!(bench.out(NORTH).is_empty());
    assert!(bench.audit().contains("unreadable"));
}

#[test]
fn an_acknowledgement_of_a_damaged_exchange_holds_up_no_other() {
    let bench = Bench::new();
    for tracking in ["T-1", "T-2"] {
        bench.submit(LAKE, &submission(tracking, "60601", LAKE_NPI, "QUJD").to_string());
    }
    let out = bench.out(HARBOR);
    let numbers: Vec<String> = out
        .iter()
        .map(|(_, text)| interchange_number(text).to_owned())
        .collect();
    for (claimed, _) in out {
        bench.answer(claimed, 200, "");
    }
    bench.damage("T-1");
    let both = ta1(7, &numbers[0], "R", "006");
    let second = format!("TA1*{}*261120*0900*R*006~IEA", numbers[1]);
    let (status, answer) = bench.x12(HARBOR, &both.replace("IEA", &second));
    assert_eq!(status, 200, "{answer}");
    assert!(bench.audit().contains("\"unmatched\":1"));
    assert!(bench.audit().contains("\"alerts\":[\"refused\"]"));
}
