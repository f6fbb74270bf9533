//! What the sender of an interchange is told: TA1, 999 and 824, built from receipts.
//!
//! No answer holds anything out of the input but the ids and numbers of its envelopes and, in an 824, the sender's own
//! reference of a transaction. Dates, times and control numbers come from the caller.

mod ack999;
mod advice824;
mod ta1;

pub use ack999::GUIDE_999;
pub use ack999::write_999;
pub use advice824::Advice;
pub use advice824::AdviceGuide;
pub use advice824::Correspondent;
pub use advice824::write_824;
pub use ta1::Ta1;

use crate::GroupHead;
use crate::GroupReceipt;
use crate::InterchangeHead;
use crate::InterchangeReceipt;
use crate::Sink;
use crate::Verdict;
use crate::WriteError;
use crate::Writer;

/// How much an answer tells. What is left out still counts for the verdicts and for the codes of IK5.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Limits {
    /// Most segments of one transaction that are told of (IK3, and TED in an 824). Where there are more, those with errors
    /// stay before those with warnings.
    pub segments: usize,
    /// Most elements of one segment that are told of (IK4).
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segments: 200,
            elements: 50,
        }
    }
}

/// Whether a partner is sent TA1s.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Ta1Wish {
    /// Where the sender asks for one, and where the interchange is refused.
    #[default]
    WhenDue,
    /// For every interchange.
    Always,
    /// Not even for a refused one.
    Never,
}

/// Who answers whom, and under which numbers.
#[derive(Clone, Copy, Debug)]
pub struct AnswerHead<'a> {
    /// The interchange of the answer. Version 00501 goes with a 999 and with an 824 of 005010, 00602 with one of 006020.
    pub interchange: InterchangeHead<'a>,
    /// GS02.
    pub sender: &'a str,
    /// GS03.
    pub receiver: &'a str,
    /// GS06.
    pub group_control: u32,
    /// ST02 of the first transaction; the others count on from it.
    pub first_transaction: u32,
}

/// What was written, so that the caller can move its counters on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Answered {
    /// Whether there is a TA1.
    pub ta1: bool,
    /// How many transactions there are.
    pub transactions: u32,
}

impl Answered {
    /// Whether anything was written at all.
    #[must_use]
    pub const fn is_anything(self) -> bool {
        self.ta1 || self.transactions > 0
    }
}

/// Answers an interchange: a TA1 where one is due, and a 999 for each functional group, in one interchange.
///
/// The TA1 stands in front of the group of 999s, or alone in its interchange. Nothing at all is written where nothing is due;
/// a refused interchange gets no 999, because its groups were not looked at; interchanges of nothing but TA1s and groups of
/// acknowledgments are never answered.
///
/// # Errors
/// Refuses what the [`Writer`] refuses, for instance a head without a receiver. Nothing is written then.
///
/// ```
/// use x12_parser::{acknowledge, Address, AnswerHead, Echo, GroupReceipt, InterchangeHead, InterchangeReceipt, Limits};
/// use x12_parser::{Stamp, Ta1Wish, TransactionReceipt, Writer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let receipt = InterchangeReceipt {
///     groups: vec![GroupReceipt {
///         gs01: Echo::code(b"PI", 2..=2),
///         gs06: Echo::number(b"17", 1..=9),
///         gs08: Echo::code(b"006020X314", 1..=12),
///         transactions: vec![TransactionReceipt {
///             st01: Echo::code(b"275", 3..=3),
///             st02: Echo::control(b"0001"),
///             ..TransactionReceipt::default()
///         }],
///         ..GroupReceipt::default()
///     }],
///     ..InterchangeReceipt::default()
/// };
/// let plan = Address { qualifier: "ZZ", id: "PLAN" };
/// let clinic = Address { qualifier: "ZZ", id: "CLINIC" };
/// let head = AnswerHead {
///     interchange: InterchangeHead::new(plan, clinic, Stamp::parse("20261120", "0905")?, 5),
///     sender: "PLAN",
///     receiver: "CLINIC",
///     group_control: 5,
///     first_transaction: 1,
/// };
/// let mut writer = Writer::new(Vec::new());
/// let answered = acknowledge(&receipt, &head, Ta1Wish::WhenDue, Limits::default(), &mut writer)?;
/// assert_eq!((answered.ta1, answered.transactions), (false, 1));
/// let written = String::from_utf8(writer.finish()?)?;
/// assert!(written.contains("~AK1*PI*17*006020X314~AK2*275*0001~IK5*A~AK9*A*1*1*1~SE*6*0001~"));
/// # Ok(())
/// # }
/// ```
pub fn acknowledge<S: Sink>(
    receipt: &InterchangeReceipt,
    head: &AnswerHead<'_>,
    wish: Ta1Wish,
    limits: Limits,
    writer: &mut Writer<S>,
) -> Result<Answered, WriteError> {
    let ta1 = Ta1::of(receipt).filter(|ta1| match wish {
        Ta1Wish::WhenDue => ta1.is_due(),
        Ta1Wish::Always => true,
        Ta1Wish::Never => false,
    });
    let answer = Answer {
        kind: Kind::Acknowledgment(limits),
        ta1,
        groups: answerable(receipt, |group| !group.is_acknowledgment()),
    };
    answer.write(head, writer)
}

/// Answers what the transactions of an interchange say: an 824 for each functional group of which something was read.
///
/// # Errors
/// Refuses what the [`Writer`] refuses. Nothing is written then.
///
/// ```
/// use x12_parser::{advise, Address, Advice, AdviceGuide, AnswerHead, Code, ContentError, Correspondent, Detail, Echo};
/// use x12_parser::{Finding, GroupReceipt, InterchangeHead, InterchangeReceipt, Limits, Place, SegmentId, Stamp};
/// use x12_parser::{TransactionReceipt, Version, Writer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let place = Place { position: 12, ..Place::default() };
/// let unmatched = Finding::at(Code::Content(ContentError::NotMatching), place, SegmentId::of(b"TRN"))
///     .with_detail(Detail::Clause("no open request has this number"));
/// let receipt = InterchangeReceipt {
///     groups: vec![GroupReceipt {
///         gs01: Echo::code(b"PI", 2..=2),
///         gs06: Echo::number(b"17", 1..=9),
///         gs08: Echo::code(b"006020X314", 1..=12),
///         transactions: vec![TransactionReceipt {
///             st01: Echo::code(b"275", 3..=3),
///             st02: Echo::control(b"0001"),
///             reference: Echo::name(b"OUR-REF", 1..=50),
///             findings: vec![unmatched],
///             ..TransactionReceipt::default()
///         }],
///         ..GroupReceipt::default()
///     }],
///     ..InterchangeReceipt::default()
/// };
/// let (plan, clinic) = (Address { qualifier: "ZZ", id: "PLAN" }, Address { qualifier: "ZZ", id: "CLINIC" });
/// let stamp = Stamp::parse("20261120", "0905")?;
/// let head = AnswerHead {
///     interchange: InterchangeHead { version: Version::V00602, ..InterchangeHead::new(plan, clinic, stamp, 6) },
///     sender: "PLAN",
///     receiver: "CLINIC",
///     group_control: 6,
///     first_transaction: 1,
/// };
/// let advice = Advice {
///     guide: AdviceGuide::answering("006020X314"),
///     reference: "ADVICE",
///     stamp,
///     submitter: Correspondent { name: "EXAMPLE PLAN", id: "PLAN" },
///     receiver: Correspondent { name: "EXAMPLE CLINIC", id: "CLINIC" },
///     business_codes: &[],
///     limits: Limits::default(),
/// };
/// let mut writer = Writer::new(Vec::new());
/// assert_eq!(advise(&receipt, &head, &advice, &mut writer)?.transactions, 1);
/// let written = String::from_utf8(writer.finish()?)?;
/// assert!(written.contains("~OTI*TR*TN*OUR-REF*****17*0001*275*006020X314~"));
/// assert!(written.contains("~TED*011*NO OPEN REQUEST HAS THIS NUMBER*TRN*12~"));
/// # Ok(())
/// # }
/// ```
pub fn advise<S: Sink>(
    receipt: &InterchangeReceipt,
    head: &AnswerHead<'_>,
    advice: &Advice<'_>,
    writer: &mut Writer<S>,
) -> Result<Answered, WriteError> {
    let answer = Answer {
        kind: Kind::Advice(advice),
        ta1: None,
        groups: answerable(receipt, |group| !advice824::advised(group).is_empty()),
    };
    answer.write(head, writer)
}

/// The groups of an interchange that are answered one by one; none where it is refused as a whole.
fn answerable(
    receipt: &InterchangeReceipt,
    is_answered: impl Fn(&GroupReceipt) -> bool,
) -> Vec<&GroupReceipt> {
    if receipt.verdict() == Verdict::Rejected {
        return Vec::new();
    }
    receipt.groups.iter().filter(|group| is_answered(group)).collect()
}

/// What an interchange of answers holds.
struct Answer<'r> {
    kind: Kind<'r>,
    ta1: Option<Ta1<'r>>,
    groups: Vec<&'r GroupReceipt>,
}

/// What each group is answered with.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Acknowledgment(Limits),
    Advice(&'a Advice<'a>),
}

impl Kind<'_> {
    const fn functional_id(self) -> &'static str {
        match self {
            Self::Acknowledgment(_) => "FA",
            Self::Advice(_) => "AG",
        }
    }

    const fn guide(self) -> &'static str {
        match self {
            Self::Acknowledgment(_) => GUIDE_999,
            Self::Advice(advice) => advice.guide.as_str(),
        }
    }

    fn write<S: Sink>(
        self,
        group: &GroupReceipt,
        control: &str,
        writer: &mut Writer<S>,
    ) -> Result<bool, WriteError> {
        match self {
            Self::Acknowledgment(limits) => write_999(group, control, limits, writer),
            Self::Advice(advice) => write_824(group, control, advice, writer),
        }
    }
}

impl Answer<'_> {
    fn write<S: Sink>(&self, head: &AnswerHead<'_>, writer: &mut Writer<S>) -> Result<Answered, WriteError> {
        if self.ta1.is_none() && self.groups.is_empty() {
            return Ok(Answered::default());
        }
        // A sink cannot take bytes back, so a refusal must come before the first of them.
        self.compose(head, &mut Writer::new(|_: &[u8]| {}))?;
        self.compose(head, writer)
    }

    fn compose<S: Sink>(
        &self,
        head: &AnswerHead<'_>,
        writer: &mut Writer<S>,
    ) -> Result<Answered, WriteError> {
        writer.interchange(&head.interchange)?;
        if let Some(ta1) = self.ta1 {
            ta1.write(writer)?;
        }
        let mut transactions = 0;
        if !self.groups.is_empty() {
            writer.group(&GroupHead {
                functional_id: self.kind.functional_id(),
                sender: head.sender,
                receiver: head.receiver,
                stamp: head.interchange.stamp,
                control: head.group_control,
                guide: self.kind.guide(),
            })?;
            for group in &self.groups {
                let control = format!("{:04}", head.first_transaction.saturating_add(transactions));
                transactions += u32::from(self.kind.write(group, &control, writer)?);
            }
            writer.end_group()?;
        }
        writer.end_interchange()?;
        Ok(Answered {
            ta1: self.ta1.is_some(),
            transactions,
        })
    }
}
