use super::*;

fn number(byte: u8) -> Fingerprint {
    Fingerprint::new([byte; 32])
}

fn tracking(text: &str, maker: Maker, system: Option<u8>) -> Tracking {
    Tracking {
        number: TrackingId::parse(text).unwrap(),
        maker,
        system: system.map(number),
    }
}

fn payer(text: &str) -> PayerId {
    PayerId::parse(text).unwrap()
}

fn partner(name: &str) -> PartnerName {
    PartnerName::parse(name).unwrap()
}

/// An exchange that payer `PAYER01` began with request number `REQ1` for a claim of clinic.
fn asked() -> Names {
    Names {
        payer: Some(payer("PAYER01")),
        tracking: vec![tracking("REQ1", Maker::Requester, Some(1))],
        payer_claim: Some(number(10)),
        provider_claim: Some(number(11)),
        member: Some(number(12)),
        service_day: Day::parse("20260901"),
        ..Names::of(partner("clinic"))
    }
}

/// A `$submit-attachment` that answers it and names nothing that it need not.
fn answer() -> Names {
    Names {
        tracking: vec![tracking("REQ1", Maker::Unknown, None)],
        ..Names::of(partner("clinic"))
    }
}

const FIRST: ExchangeId = ExchangeId::new(1);
const SECOND: ExchangeId = ExchangeId::new(2);

#[track_caller]
fn check_one(message: &Names, rule: MatchRule, expected: &Correlation) {
    let known = asked();
    assert_eq!(&correlate(message, [(FIRST, &known)], rule), expected);
    // An index over the lookups finds the exchange whenever comparing finds something.
    let shared = message.lookups().iter().any(|key| known.lookups().contains(key));
    assert_eq!(shared, *expected != Correlation::Unknown);
}

fn joins(doubts: &[Doubt]) -> Correlation {
    Correlation::Joins {
        exchange: FIRST,
        doubts: doubts.to_vec(),
    }
}

fn perhaps(reasons: &[Reason], doubts: &[Doubt]) -> Correlation {
    Correlation::Candidates(vec![Candidate {
        exchange: FIRST,
        reasons: reasons.to_vec(),
        doubts: doubts.to_vec(),
    }])
}

#[test]
fn payer_and_tracking_number_join() {
    let rule = MatchRule::default();
    check_one(&answer(), rule, &joins(&[]));
    let solicited_275 = Names {
        payer: Some(payer("PAYER01")),
        tracking: vec![tracking("REQ1", Maker::Requester, None)],
        provider_claim: Some(number(11)),
        ..answer()
    };
    check_one(&solicited_275, rule, &joins(&[]));
    let other_number = Names {
        tracking: vec![tracking("REQ2", Maker::Requester, None)],
        ..answer()
    };
    check_one(&other_number, rule, &Correlation::Unknown);
}

/// GW-11: the guide's own pair of request and answer has other systems, members and dates.
#[test]
fn what_else_disagrees_is_told_and_does_not_part_them() {
    let message = Names {
        tracking: vec![tracking("REQ1", Maker::Unknown, Some(2))],
        member: Some(number(99)),
        service_day: Day::parse("20260902"),
        provider_claim: Some(number(98)),
        payer_claim: Some(number(97)),
        ..answer()
    };
    let doubts = [Doubt::Claim, Doubt::Member, Doubt::ServiceDay];
    check_one(&message, MatchRule::default(), &joins(&doubts));
    let strict = MatchRule {
        strict_systems: true,
        ..MatchRule::default()
    };
    let expected = perhaps(
        &[Reason::Tracking],
        &[Doubt::System, Doubt::Claim, Doubt::Member, Doubt::ServiceDay],
    );
    check_one(&message, strict, &expected);
}

#[test]
fn payers_that_differ_in_case_are_the_same_only_by_rule() {
    let message = Names {
        payer: Some(payer("payer01")),
        ..answer()
    };
    let fold = MatchRule {
        fold_payers: true,
        ..MatchRule::default()
    };
    check_one(&message, fold, &joins(&[]));
    let expected = perhaps(&[Reason::Tracking], &[Doubt::PayerCase]);
    check_one(&message, MatchRule::default(), &expected);
}

#[test]
fn a_number_of_another_payer_partner_or_maker_is_no_more_than_a_candidate() {
    let check = |message: Names, doubt| {
        check_one(
            &message,
            MatchRule::default(),
            &perhaps(&[Reason::Tracking], &[doubt]),
        );
    };
    check(
        Names {
            payer: Some(payer("PAYER02")),
            ..answer()
        },
        Doubt::Payer,
    );
    check(
        Names {
            source: partner("hospital"),
            ..answer()
        },
        Doubt::Partner,
    );
    check(
        Names {
            tracking: vec![tracking("REQ1", Maker::Source, None)],
            ..answer()
        },
        Doubt::Maker,
    );
}

/// x12.md §3.2: without the number these are only candidates.
#[test]
fn claim_member_and_day_make_a_candidate_and_never_join() {
    let message = Names {
        payer: Some(payer("PAYER01")),
        tracking: vec![tracking("ELSE", Maker::Unknown, None)],
        provider_claim: Some(number(11)),
        payer_claim: Some(number(10)),
        member: Some(number(12)),
        service_day: Day::parse("20260901"),
        ..Names::of(partner("clinic"))
    };
    let reasons = [Reason::PayerClaim, Reason::ProviderClaim, Reason::MemberAndDay];
    check_one(&message, MatchRule::default(), &perhaps(&reasons, &[]));
    let member_only = Names {
        member: Some(number(12)),
        service_day: Day::parse("20260902"),
        ..Names::of(partner("clinic"))
    };
    check_one(&member_only, MatchRule::default(), &Correlation::Unknown);
}

#[test]
fn two_that_agree_are_candidates_both() {
    let (first, second) = (asked(), asked());
    let known = [(SECOND, &second), (FIRST, &first)];
    let found = correlate(&answer(), known, MatchRule::default());
    let candidate = |exchange| Candidate {
        exchange,
        reasons: vec![Reason::Tracking],
        doubts: vec![Doubt::Ambiguous],
    };
    assert_eq!(
        found,
        Correlation::Candidates(vec![candidate(FIRST), candidate(SECOND)])
    );
}

#[test]
fn one_that_agrees_wins_over_candidates_and_candidates_are_sorted() {
    let exact = asked();
    let same_claim = Names {
        tracking: vec![],
        ..asked()
    };
    let message = Names {
        provider_claim: Some(number(11)),
        ..answer()
    };
    let known = [(SECOND, &same_claim), (FIRST, &exact)];
    assert_eq!(correlate(&message, known, MatchRule::default()), joins(&[]));

    let likelier = Names {
        source: partner("hospital"),
        ..asked()
    };
    let known = [(SECOND, &same_claim), (FIRST, &likelier)];
    let Correlation::Candidates(found) = correlate(&message, known, MatchRule::default()) else {
        panic!("nothing joins");
    };
    let order: Vec<_> = found.iter().map(|candidate| candidate.exchange).collect();
    assert_eq!(order, [FIRST, SECOND]);
}

/// The claim comes after the unsolicited submission that waits for it (ROB-013).
#[test]
fn a_claim_joins_the_submission_that_names_its_control_number() {
    let held = Names {
        tracking: vec![tracking("ACN-7", Maker::Unknown, None)],
        ..Names::of(partner("clinic"))
    };
    let claim = Names {
        tracking: vec![tracking("ACN-7", Maker::Source, None)],
        provider_claim: Some(number(11)),
        payer: Some(payer("PAYER01")),
        ..Names::of(partner("clinic"))
    };
    assert_eq!(
        correlate(&claim, [(FIRST, &held)], MatchRule::default()),
        joins(&[])
    );
}

#[test]
fn keys_of_an_index_differ_and_names_show_nothing_of_a_person() {
    let names = asked();
    let mut keys: Vec<Vec<u8>> = names.lookups().iter().map(Lookup::bytes).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4);
    assert!(format!("{names:?}").contains("member: Some([fingerprint])"));
}

#[test]
fn a_day_has_eight_digits_a_month_and_a_day() {
    assert!(
        Day::parse("20260229").is_some(),
        "the calendar is not ours to know"
    );
    for text in [
        "2026-9-1", "20261301", "20260032", "20260900", "2026090", "+2026091",
    ] {
        assert_eq!(Day::parse(text), None, "{text}");
    }
}
