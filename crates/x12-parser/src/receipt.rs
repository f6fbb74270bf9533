//! What a check keeps of an interchange: enough to answer it, and nothing of what it says about people.
//!
//! A receipt is filled by whoever checks an interchange and is read by whoever answers it. It holds the numbers and ids
//! of the envelopes and the findings; no other value of the input has a place in it.

mod echo;

pub use echo::Echo;

use crate::Code;
use crate::Finding;
use crate::Segment;
use crate::Severity;

/// How an envelope fared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// Nothing that the sender must be told.
    #[default]
    Accepted,
    /// Accepted, and the sender is told what was wrong.
    AcceptedWithErrors,
    /// Refused.
    Rejected,
}

impl Verdict {
    /// What a finding of this weight does to the envelope that holds it.
    #[must_use]
    pub const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Accepted,
            Severity::Warning => Self::AcceptedWithErrors,
            Severity::Error => Self::Rejected,
        }
    }

    /// The verdict over several findings: the gravest decides.
    #[must_use]
    pub fn over<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        findings
            .into_iter()
            .map(|finding| Self::of(finding.severity))
            .max()
            .unwrap_or_default()
    }
}

/// One end of an interchange: the qualifier and the id.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Party {
    /// ISA05 or ISA07.
    pub qualifier: Echo,
    /// ISA06 or ISA08, without the blanks that fill it.
    pub id: Echo,
}

/// What is kept of an interchange.
///
/// ```
/// use x12_parser::{Event, GroupReceipt, InterchangeReceipt, Reader, TransactionReceipt, Verdict};
///
/// let input = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*1*T*:~\
/// GS*PI*CLINIC*PLAN*20261120*0900*7*X*006020X314~ST*275*0001*006020X314~BGN*11*OUR-REF*20261120~SE*3*0001~GE*1*7~IEA*1*000000001~";
/// let mut reader = Reader::default();
/// let mut receipt = InterchangeReceipt::default();
/// let mut events = reader.feed(input);
/// while let Some(event) = events.advance() {
///     match event {
///         Event::InterchangeStart(isa) => receipt = InterchangeReceipt::of(&isa),
///         Event::GroupStart(gs) => receipt.groups.push(GroupReceipt::of(&gs)),
///         Event::TransactionStart(st) => receipt.groups[0].transactions.push(TransactionReceipt::of(&st)),
///         Event::Segment(segment) => receipt.groups[0].transactions[0].refer(&segment),
///         _ => {}
///     }
/// }
/// assert_eq!((receipt.sender.id.as_str(), receipt.isa14), ("CLINIC", true));
/// assert_eq!(receipt.groups[0].gs06.as_str(), "7");
/// assert_eq!(receipt.groups[0].transactions[0].reference.as_str(), "OUR-REF");
/// assert_eq!(receipt.verdict(), Verdict::Accepted);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InterchangeReceipt {
    /// ISA05 and ISA06.
    pub sender: Party,
    /// ISA07 and ISA08.
    pub receiver: Party,
    /// The date, six digits.
    pub isa09: Echo,
    /// The time, four digits.
    pub isa10: Echo,
    /// The version, for instance `00602`.
    pub isa12: Echo,
    /// The control number, nine digits.
    pub isa13: Echo,
    /// Whether the sender asks for a TA1.
    pub isa14: bool,
    /// `P` or `T`.
    pub isa15: Echo,
    /// How many TA1 the interchange holds; one that holds nothing else is never answered.
    pub acknowledgments: u32,
    /// What was found in `ISA` and `IEA` and between the groups.
    pub findings: Vec<Finding>,
    /// The verdict over the interchange itself, not over its groups. Never milder than the findings say; it may be
    /// stricter, for instance where not every finding was kept.
    pub status: Verdict,
    /// The functional groups, in order.
    pub groups: Vec<GroupReceipt>,
}

impl InterchangeReceipt {
    /// The receipt of the interchange that `isa` opens; findings and groups are still to come.
    #[must_use]
    pub fn of(isa: &Segment<'_>) -> Self {
        let party = |qualifier, id| Party {
            qualifier: Echo::code(isa.value(qualifier), 2..=2),
            id: Echo::name(isa.value(id), 1..=15),
        };
        Self {
            sender: party(5, 6),
            receiver: party(7, 8),
            isa09: Echo::number(isa.value(9), 6..=6),
            isa10: Echo::number(isa.value(10), 4..=4),
            isa12: Echo::code(isa.value(12), 5..=5),
            isa13: Echo::number(isa.value(13), 9..=9),
            isa14: isa.value(14) == b"1",
            isa15: Echo::code(isa.value(15), 1..=1),
            ..Self::default()
        }
    }

    /// The verdict over the interchange itself, whatever became of its groups.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.status.max(Verdict::over(&self.findings))
    }
}

/// What is kept of a functional group.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GroupReceipt {
    /// The functional id, for instance `PI`.
    pub gs01: Echo,
    /// The sender's application.
    pub gs02: Echo,
    /// The receiver's application.
    pub gs03: Echo,
    /// The date, eight digits.
    pub gs04: Echo,
    /// The time, four to eight digits.
    pub gs05: Echo,
    /// The control number, one to nine digits.
    pub gs06: Echo,
    /// The version or guide, for instance `006020X314`.
    pub gs08: Echo,
    /// How many transactions `GE01` says there are; nothing where `GE` is missing or says no number.
    pub declared: Option<u64>,
    /// How many transactions there are, those included of which no receipt was kept.
    pub received: u64,
    /// What was found in `GS` and `GE` and between the transactions.
    pub findings: Vec<Finding>,
    /// The verdict over the group itself, not over its transactions; see [`InterchangeReceipt::status`].
    pub status: Verdict,
    /// The transactions, in order. One that is left out counts as accepted, and no answer names it.
    pub transactions: Vec<TransactionReceipt>,
}

impl GroupReceipt {
    /// The receipt of the group that `gs` opens; counts, findings and transactions are still to come.
    #[must_use]
    pub fn of(gs: &Segment<'_>) -> Self {
        Self {
            gs01: Echo::code(gs.value(1), 2..=2),
            gs02: Echo::name(gs.value(2), 2..=15),
            gs03: Echo::name(gs.value(3), 2..=15),
            gs04: Echo::number(gs.value(4), 8..=8),
            gs05: Echo::number(gs.value(5), 4..=8),
            gs06: Echo::number(gs.value(6), 1..=9),
            gs08: Echo::code(gs.value(8), 1..=12),
            ..Self::default()
        }
    }

    /// The verdict over the group itself, whatever became of its transactions.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.status.max(Verdict::over(&self.findings))
    }

    /// Whether the group holds acknowledgments (`FA`: 997 and 999), which are never acknowledged themselves.
    #[must_use]
    pub fn is_acknowledgment(&self) -> bool {
        self.gs01.as_str() == "FA"
    }
}

/// What is kept of a transaction.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TransactionReceipt {
    /// The transaction set, for instance `275`.
    pub st01: Echo,
    /// The control number, four to nine characters.
    pub st02: Echo,
    /// The guide; versions before 005010 name none.
    pub st03: Echo,
    /// The sender's own reference of the transaction (`BGN02`, `BHT03`), which an 824 names. It names a message, not a
    /// person; leave it empty where a partner puts anything else there.
    pub reference: Echo,
    /// What was found between `ST` and `SE`, in the order of the segments. Findings with a [`Code::Content`] belong to the
    /// 824, all others to the 999.
    pub findings: Vec<Finding>,
    /// The verdict over structure and syntax; see [`InterchangeReceipt::status`].
    pub status: Verdict,
}

impl TransactionReceipt {
    /// The receipt of the transaction that `st` opens; reference and findings are still to come.
    #[must_use]
    pub fn of(st: &Segment<'_>) -> Self {
        Self {
            st01: Echo::code(st.value(1), 3..=3),
            st02: Echo::control(st.value(2)),
            st03: Echo::code(st.value(3), 1..=35),
            ..Self::default()
        }
    }

    /// Takes the sender's own reference out of the second segment of a 275, 277, 278 or 824.
    pub fn refer(&mut self, beginning: &Segment<'_>) {
        let number = match beginning.id() {
            b"BGN" => 2,
            b"BHT" => 3,
            _ => return,
        };
        self.reference = Echo::name(beginning.value(number), 1..=50);
    }

    /// The verdict over structure and syntax, which a 999 tells.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let syntax = self.findings.iter().filter(|finding| !is_content(finding));
        self.status.max(Verdict::over(syntax))
    }

    /// The verdict over what the transaction says, which an 824 tells.
    #[must_use]
    pub fn content_verdict(&self) -> Verdict {
        Verdict::over(self.findings.iter().filter(|finding| is_content(finding)))
    }
}

const fn is_content(finding: &Finding) -> bool {
    matches!(finding.code, Code::Content(_))
}
