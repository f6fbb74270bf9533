//! A 999 built for any receipt at all can be read, nests as it must, and counts right.

use super::receipts::receipt;
use super::scene;
use proptest::prelude::*;
use x12_parser::ElementError;
use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::GroupReceipt;
use x12_parser::Limits;
use x12_parser::Reader;
use x12_parser::SegmentError;
use x12_parser::Ta1Wish;
use x12_parser::TransactionError;
use x12_parser::Verdict;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_acknowledgment_of_anything_is_sound(receipt in receipt(), segments in 0_usize..6, elements in 0_usize..4) {
        let limits = Limits { segments, elements };
        let written = scene::acknowledged(&receipt, Ta1Wish::Always, limits);
        let segments = read(&written);
        let refused = receipt.verdict() == Verdict::Rejected;
        let acknowledged: Vec<&GroupReceipt> =
            receipt.groups.iter().filter(|group| !refused && !group.is_acknowledgment()).collect();
        let trailers: Vec<&Vec<String>> = segments.iter().filter(|segment| segment[0] == "AK9").collect();
        prop_assert_eq!(trailers.len(), acknowledged.len());
        for (trailer, group) in trailers.iter().zip(acknowledged) {
            judge_group(trailer, group);
        }
        nests(&segments);
    }

    #[test]
    fn advice_on_anything_can_be_read(receipt in receipt()) {
        let written = scene::advised(&receipt, x12_parser::AdviceGuide::X257);
        let originals = read(&written).iter().filter(|segment| segment[0] == "OTI").count();
        let transactions: usize = receipt.groups.iter().map(|group| group.transactions.len()).sum();
        prop_assert!(originals <= transactions);
    }
}

fn judge_group(trailer: &[String], group: &GroupReceipt) {
    let received = group.received;
    let refused = group
        .transactions
        .iter()
        .filter(|one| one.verdict() == Verdict::Rejected);
    let accepted = match group.verdict() {
        Verdict::Rejected => 0,
        Verdict::Accepted | Verdict::AcceptedWithErrors => received - refused.count() as u64,
    };
    assert_eq!(trailer[3], received.to_string());
    assert_eq!(trailer[4], accepted.to_string());
    match trailer[1].as_str() {
        "A" => assert!(accepted == received && trailer.len() == 5),
        "E" => assert_eq!(accepted, received),
        "P" => assert!(accepted > 0 && accepted < received),
        "R" => assert_eq!(accepted, 0),
        other => panic!("AK901 is {other}"),
    }
    assert!(trailer.len() <= 10);
}

/// The order of the segments in a 999, and the bounds of their values.
fn nests(segments: &[Vec<String>]) {
    let mut before = "GS".to_owned();
    for segment in segments {
        let id = segment[0].as_str();
        let may_follow: &[&str] = match id {
            "ISA" => continue,
            "TA1" | "GS" | "IEA" | "GE" | "ST" | "SE" => &[],
            "AK1" => &["ST"],
            "IK3" | "IK5" => &["AK2", "IK3", "IK4", "CTX"],
            "IK4" => &["IK3", "IK4", "CTX"],
            "CTX" => &["IK3", "IK4"],
            "AK2" | "AK9" => &["AK1", "IK5"],
            other => panic!("a 999 has no {other}"),
        };
        assert!(
            may_follow.is_empty() || may_follow.contains(&before.as_str()),
            "{before} {id}"
        );
        bounds(id, segment);
        id.clone_into(&mut before);
    }
}

fn bounds(id: &str, segment: &[String]) {
    let known = |codes: Vec<&str>, value: &str| assert!(codes.contains(&value), "{id}: {value}");
    let digits = |value: &str, most: usize| {
        assert!(
            value.len() <= most && value.bytes().all(|byte| byte.is_ascii_digit()),
            "{id}: {value}"
        );
    };
    match id {
        "AK1" => {
            assert!(segment[1].len() == 2 && (1..=9).contains(&segment[2].len()) && segment[3].len() <= 12);
        }
        "AK2" => assert!(segment[1].len() == 3 && (4..=9).contains(&segment[2].len())),
        "IK3" => {
            assert!((2..=3).contains(&segment[1].len()) && segment[3].len() <= 6);
            digits(&segment[2], 10);
            known(
                SegmentError::ALL.iter().map(|error| error.as_str()).collect(),
                &segment[4],
            );
        }
        "IK4" => {
            assert_eq!(segment.len(), 4, "the bad element itself is never sent");
            let parts: Vec<&str> = segment[1].split(':').collect();
            assert!(parts.len() <= 3 && !parts[0].is_empty());
            parts
                .iter()
                .zip([2, 2, 4])
                .for_each(|(part, most)| digits(part, most));
            digits(&segment[2], 4);
            known(
                ElementError::ALL.iter().map(|error| error.as_str()).collect(),
                &segment[3],
            );
        }
        "IK5" => {
            assert!(segment.len() <= 7 && (segment[1] == "A") == (segment.len() == 2));
            for code in &segment[2..] {
                known(
                    TransactionError::ALL.iter().map(|error| error.as_str()).collect(),
                    code,
                );
            }
        }
        _ => {}
    }
}

/// The segments with their elements; every envelope must be right.
fn read(written: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::default();
    let mut envelope = Envelope::default();
    let mut segments = Vec::new();
    let mut events = reader.feed(written.as_bytes());
    while let Some(event) = events.advance() {
        assert!(!matches!(event, Event::Fault(_)), "{event:?}");
        envelope.observe(&event, &mut |finding| panic!("{finding:?}"));
        if let Some(segment) = event.segment() {
            let id = String::from_utf8(segment.id().to_vec()).unwrap();
            let values = segment.elements().map(|one| one.text().unwrap().to_owned());
            segments.push(std::iter::once(id).chain(values).collect());
        }
    }
    assert!(reader.finish().advance().is_none());
    envelope.finish(reader.consumed(), &mut |finding| panic!("{finding:?}"));
    segments
}
