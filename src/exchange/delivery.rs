//! What goes out, and how far it has come.

use crate::exchange::coding::stored_enum;
use crate::exchange::coding::stored_struct;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::PartId;
use crate::exchange::ladder::Climb;
use crate::exchange::ladder::Ladder;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict;
use crate::exchange::moment::Moment;

/// One message that goes out, once: however often it is sent, it keeps its identity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// What it carries.
    pub cargo: Cargo,
    /// How far it has come.
    pub standing: Standing,
    /// What was acknowledged.
    pub ladder: Ladder,
    /// Whether an attempt failed since it was put in the outbox.
    pub faltering: bool,
    /// When it was last put in the outbox: its life counts from there.
    pub queued: Moment,
    /// When to tell an operator that the closing acknowledgement is missing.
    pub(super) overdue: Option<Moment>,
}

/// What a delivery carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cargo {
    /// The request, to the source.
    Request,
    /// These parts of the answer, to the requester.
    Parts(Vec<PartId>),
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Standing {
    /// It is in the outbox.
    Queued,
    /// It was taken, and the closing acknowledgement is awaited.
    Sent,
    /// The closing acknowledgement is here.
    Accepted,
    /// It was refused; it lies with the dead letters if it carries parts.
    Refused,
    /// It lies with the dead letters for another reason.
    Dead,
    /// It was taken out of the outbox because it is no longer needed.
    Stopped,
}

impl Delivery {
    pub(super) fn new(id: DeliveryId, cargo: Cargo, standing: Standing, at: Moment) -> Self {
        Self {
            id,
            cargo,
            standing,
            ladder: Ladder::default(),
            faltering: false,
            queued: at,
            overdue: None,
        }
    }

    /// Whether it is in the outbox or awaits an acknowledgement.
    pub const fn is_open(&self) -> bool {
        match self.standing {
            Standing::Queued | Standing::Sent => true,
            Standing::Accepted | Standing::Refused | Standing::Dead | Standing::Stopped => false,
        }
    }

    /// Whether what it carries is, or may yet be, with its receiver.
    pub const fn is_live(&self) -> bool {
        self.is_open() || matches!(self.standing, Standing::Accepted)
    }

    /// Whether it was taken and an operator was told that its closing acknowledgement is missing.
    pub const fn is_overdue(&self) -> bool {
        matches!(self.standing, Standing::Sent) && self.overdue.is_none()
    }

    /// Whether it carries parts of the answer.
    pub const fn carries_parts(&self) -> bool {
        matches!(self.cargo, Cargo::Parts(_))
    }

    /// Takes an acknowledgement; `overdue` is when the closing one would be overdue if this is the first.
    pub(super) fn climb(&mut self, rung: Rung, verdict: Verdict, closes: Rung, overdue: Moment) -> Climb {
        let change = self.ladder.climb(rung, verdict, closes);
        match change {
            Climb::Known | Climb::Contradicts => {}
            Climb::Step => {
                let was_taken = verdict.is_good() && self.ladder.refused_at().is_none();
                if was_taken && self.standing != Standing::Accepted {
                    self.standing = Standing::Sent;
                    self.faltering = false;
                    self.overdue.get_or_insert(overdue);
                }
            }
            Climb::Closed => self.settle(Standing::Accepted),
            Climb::Refused | Climb::Overturned => self.settle(Standing::Refused),
        }
        change
    }

    /// Ends it for now.
    pub(super) fn settle(&mut self, standing: Standing) {
        self.standing = standing;
        self.faltering = false;
        self.overdue = None;
    }

    /// Puts it in the outbox once more; acknowledgements of the earlier attempts no longer count.
    pub(super) fn queue_again(&mut self, at: Moment) {
        self.settle(Standing::Queued);
        self.queued = at;
        self.ladder = Ladder::default();
    }
}

stored_struct!(Delivery {
    id,
    cargo,
    standing,
    ladder,
    faltering,
    queued since 2 or Moment::default(),
    overdue,
});
stored_enum!(Cargo { 0 => Request, 1 => Parts(parts) });
stored_enum!(Standing {
    0 => Queued,
    1 => Sent,
    2 => Accepted,
    3 => Refused,
    4 => Dead,
    5 => Stopped,
});
