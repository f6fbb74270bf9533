//! Receipts and heads to answer with.

use x12_parser::Address;
use x12_parser::Advice;
use x12_parser::AdviceGuide;
use x12_parser::AnswerHead;
use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::Correspondent;
use x12_parser::Echo;
use x12_parser::ElementPlace;
use x12_parser::Finding;
use x12_parser::GroupReceipt;
use x12_parser::InterchangeHead;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::LineEnd;
use x12_parser::Party;
use x12_parser::Place;
use x12_parser::SegmentId;
use x12_parser::Severity;
use x12_parser::Stamp;
use x12_parser::Ta1Wish;
use x12_parser::TransactionReceipt;
use x12_parser::Version;
use x12_parser::Writer;
use x12_parser::acknowledge;
use x12_parser::advise;

pub fn stamp() -> Stamp {
    Stamp::parse("20261120", "0905").expect("a day and a minute")
}

pub fn head() -> AnswerHead<'static> {
    let plan = Address {
        qualifier: "ZZ",
        id: "PLAN",
    };
    let clinic = Address {
        qualifier: "ZZ",
        id: "CLINIC",
    };
    AnswerHead {
        interchange: InterchangeHead {
            line_end: LineEnd::Lf,
            ..InterchangeHead::new(plan, clinic, stamp(), 905)
        },
        sender: "PLAN",
        receiver: "CLINIC",
        group_control: 905,
        first_transaction: 1,
    }
}

pub fn advice(guide: AdviceGuide) -> Advice<'static> {
    Advice {
        guide,
        reference: "ADVICE",
        stamp: stamp(),
        submitter: Correspondent {
            name: "EXAMPLE PLAN",
            id: "PLAN",
        },
        receiver: Correspondent {
            name: "EXAMPLE CLINIC",
            id: "CLINIC",
        },
        business_codes: &[(ContentError::NotMatching, "E99")],
        limits: Limits::default(),
    }
}

pub fn interchange(groups: Vec<GroupReceipt>) -> InterchangeReceipt {
    InterchangeReceipt {
        sender: party(b"CLINIC"),
        receiver: party(b"PLAN"),
        isa09: Echo::number(b"261119", 6..=6),
        isa10: Echo::number(b"1530", 4..=4),
        isa12: Echo::code(b"00602", 5..=5),
        isa13: Echo::number(b"000000042", 9..=9),
        groups,
        ..InterchangeReceipt::default()
    }
}

fn party(id: &[u8]) -> Party {
    Party {
        qualifier: Echo::code(b"ZZ", 2..=2),
        id: Echo::name(id, 1..=15),
    }
}

pub fn group(guide: &str, transactions: Vec<TransactionReceipt>) -> GroupReceipt {
    GroupReceipt {
        gs01: Echo::code(b"PI", 2..=2),
        gs04: Echo::number(b"20261119", 8..=8),
        gs05: Echo::number(b"1530", 4..=8),
        gs06: Echo::number(b"7", 1..=9),
        gs08: Echo::code(guide.as_bytes(), 1..=12),
        declared: Some(transactions.len() as u64),
        received: transactions.len() as u64,
        transactions,
        ..GroupReceipt::default()
    }
}

pub fn transaction(control: &str, guide: &str, findings: Vec<Finding>) -> TransactionReceipt {
    TransactionReceipt {
        st01: Echo::code(b"275", 3..=3),
        st02: Echo::control(control.as_bytes()),
        st03: Echo::code(guide.as_bytes(), 1..=35),
        reference: Echo::name(b"REF-77", 1..=50),
        findings,
        ..TransactionReceipt::default()
    }
}

/// A finding about a segment of the transaction.
pub fn on_segment(code: Code, id: &str, position: u32, loop_id: &str) -> Finding {
    let place = Place {
        position,
        interchange: 1,
        group: 1,
        transaction: 1,
        ..Place::default()
    };
    let mut finding = Finding::at(code, place, SegmentId::of(id.as_bytes()));
    finding.loop_id = (!loop_id.is_empty()).then(|| loop_id.into());
    finding
}

/// A finding about an element of the segment.
pub fn on_element(
    code: Code,
    segment: (&str, u32, &str),
    numbers: (u8, u8, u8),
    dictionary: Option<u16>,
) -> Finding {
    on_segment(code, segment.0, segment.1, segment.2).on_element(ElementPlace {
        element: numbers.0,
        component: numbers.1,
        repetition: numbers.2,
        dictionary,
    })
}

pub fn warning(finding: Finding) -> Finding {
    finding.weighing(Severity::Warning)
}

/// The acknowledgment as text; empty where there is none.
pub fn acknowledged(receipt: &InterchangeReceipt, wish: Ta1Wish, limits: Limits) -> String {
    let mut writer = Writer::new(Vec::new());
    acknowledge(receipt, &head(), wish, limits, &mut writer).expect("the head fits");
    text(writer)
}

/// The advice as text; empty where there is none.
pub fn advised(receipt: &InterchangeReceipt, guide: AdviceGuide) -> String {
    let mut writer = Writer::new(Vec::new());
    let mut head = head();
    if guide == AdviceGuide::X257 {
        head.interchange.version = Version::V00602;
    }
    advise(receipt, &head, &advice(guide), &mut writer).expect("the head fits");
    text(writer)
}

fn text(writer: Writer<Vec<u8>>) -> String {
    let written = writer.finish().expect("the interchange is closed");
    String::from_utf8(written).expect("answers are text")
}
