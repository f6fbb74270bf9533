//! Counts envelopes and segments, so that each segment knows where it stands.

use crate::Place;

/// The kinds of segments that shape the envelopes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Interchange,
    Group,
    Transaction,
    Plain,
    TransactionEnd,
    GroupEnd,
    InterchangeEnd,
}

impl Kind {
    /// Tells the kind by the first bytes.
    #[inline]
    pub(super) fn of(raw: &[u8], element: u8) -> Self {
        match raw.first() {
            Some(b'S' | b'G' | b'I') => Self::of_envelope(raw, element),
            _ => Self::Plain,
        }
    }

    fn of_envelope(raw: &[u8], element: u8) -> Self {
        let id = raw
            .iter()
            .position(|byte| *byte == element)
            .map_or(raw, |end| raw.get(..end).unwrap_or(raw));
        match id {
            b"ST" => Self::Transaction,
            b"SE" => Self::TransactionEnd,
            b"GS" => Self::Group,
            b"GE" => Self::GroupEnd,
            b"IEA" => Self::InterchangeEnd,
            _ => Self::Plain,
        }
    }
}

/// Where the segment at hand stands, and what is open around it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// The place of the segment at hand.
    pub(super) here: Place,
    /// How much a segment adds to the position: one inside a transaction.
    step: u32,
    /// Groups and transactions seen so far.
    groups: u32,
    transactions: u32,
    /// Whether the segment at hand closed something, which is undone before the next one is counted.
    closed: Option<Kind>,
}

impl Counters {
    /// Counts one segment and says where it stands.
    ///
    /// The answer is put together from values at hand and not read back from `here`: a processor waits long for a wide
    /// read of what was just written in narrow parts.
    #[inline]
    pub(super) fn count(&mut self, kind: Kind, offset: u64) -> Place {
        if kind != Kind::Plain || self.closed.is_some() {
            self.turn(kind);
        }
        let ordinal = self.here.ordinal + 1;
        let position = self.here.position.wrapping_add(self.step);
        self.here.offset = offset;
        self.here.ordinal = ordinal;
        self.here.position = position;
        let Place {
            interchange,
            group,
            transaction,
            ..
        } = self.here;
        Place {
            offset,
            ordinal,
            position,
            interchange,
            group,
            transaction,
        }
    }

    /// Opens and closes envelopes.
    fn turn(&mut self, kind: Kind) {
        match self.closed.take() {
            Some(Kind::TransactionEnd) => self.leave_transaction(),
            Some(Kind::GroupEnd | Kind::InterchangeEnd) => self.leave_group(),
            _ => {}
        }
        match kind {
            Kind::Interchange => {
                self.leave_group();
                self.groups = 0;
                self.here.interchange = self.here.interchange.saturating_add(1);
            }
            Kind::Group => {
                self.leave_group();
                self.groups = self.groups.saturating_add(1);
                self.here.group = self.groups;
                self.transactions = 0;
            }
            Kind::Transaction => {
                self.leave_transaction();
                self.transactions = self.transactions.saturating_add(1);
                self.here.transaction = self.transactions;
                self.step = 1;
            }
            Kind::TransactionEnd => self.closed = Some(kind),
            Kind::GroupEnd => {
                self.leave_transaction();
                self.closed = Some(kind);
            }
            Kind::InterchangeEnd => {
                self.leave_group();
                self.closed = Some(kind);
            }
            Kind::Plain => {}
        }
    }

    fn leave_transaction(&mut self) {
        self.step = 0;
        self.here.position = 0;
        self.here.transaction = 0;
    }

    fn leave_group(&mut self) {
        self.leave_transaction();
        self.here.group = 0;
    }
}
