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
        match *raw {
            [b'S', b'T', end, ..] if end == element => Self::Transaction,
            [b'S', b'E', end, ..] if end == element => Self::TransactionEnd,
            [b'G', b'S', end, ..] if end == element => Self::Group,
            [b'G', b'E', end, ..] if end == element => Self::GroupEnd,
            [b'I', b'E', b'A', end, ..] if end == element => Self::InterchangeEnd,
            [b'S', b'T'] => Self::Transaction,
            [b'S', b'E'] => Self::TransactionEnd,
            [b'G', b'S'] => Self::Group,
            [b'G', b'E'] => Self::GroupEnd,
            [b'I', b'E', b'A'] => Self::InterchangeEnd,
            _ => Self::Plain,
        }
    }
}

/// Counts the envelopes, so that each segment can say where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    ordinal: u64,
    position: u32,
    interchange: u32,
    /// Groups and transactions seen so far; the flags say whether one is open.
    group: u32,
    transaction: u32,
    in_group: bool,
    in_transaction: bool,
}

impl Counters {
    /// Counts one segment and says where it stands.
    #[inline]
    pub(super) fn step(&mut self, kind: Kind, offset: u64) -> Place {
        self.ordinal += 1;
        if kind != Kind::Plain {
            self.open(kind);
        }
        if self.in_transaction {
            self.position = self.position.saturating_add(1);
        }
        let place = Place {
            offset,
            ordinal: self.ordinal,
            position: self.position,
            interchange: self.interchange,
            group: if self.in_group { self.group } else { 0 },
            transaction: if self.in_transaction { self.transaction } else { 0 },
        };
        if kind != Kind::Plain {
            self.close(kind);
        }
        place
    }

    fn open(&mut self, kind: Kind) {
        match kind {
            Kind::Interchange => {
                *self = Self {
                    ordinal: self.ordinal,
                    interchange: self.interchange.saturating_add(1),
                    ..Self::default()
                };
            }
            Kind::Group => {
                self.group = self.group.saturating_add(1);
                self.transaction = 0;
                self.position = 0;
                self.in_group = true;
                self.in_transaction = false;
            }
            Kind::Transaction => {
                self.transaction = self.transaction.saturating_add(1);
                self.position = 0;
                self.in_transaction = true;
            }
            Kind::GroupEnd | Kind::InterchangeEnd => {
                self.position = 0;
                self.in_transaction = false;
                self.in_group &= kind == Kind::GroupEnd;
            }
            Kind::Plain | Kind::TransactionEnd => {}
        }
    }

    fn close(&mut self, kind: Kind) {
        match kind {
            Kind::TransactionEnd => {
                self.position = 0;
                self.in_transaction = false;
            }
            Kind::GroupEnd => self.in_group = false,
            Kind::Interchange | Kind::Group | Kind::Transaction | Kind::Plain | Kind::InterchangeEnd => {}
        }
    }
}
