//! What is to be done about an event: all of it goes down in the commit that keeps the new state.

use crate::exchange::ids::DeliveryId;
use crate::exchange::ladder::Rung;
use crate::exchange::task::TaskView;

/// Something to be done once the new state is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Put the delivery in the outbox; [`Exchange::delivery`](super::state::Exchange::delivery) says what it carries.
    ///
    /// Its outbound identity is made and stored with its first `Send` and kept for each that follows (ROB-011).
    Send {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// Nothing more is to be sent for the delivery: take it out of the outbox, and out of the dead letters.
    Stop {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// Move the delivery to the dead letters, with its bytes and the reason (ROB-016).
    DeadLetter {
        /// Which delivery.
        delivery: DeliveryId,
        /// Why.
        why: DeadReason,
    },
    /// Write a new version of the Task that we host (GW-33).
    WriteTask(TaskView),
    /// Tell the sender of the event.
    Reply(Reply),
    /// Tell a side what became of a delivery or of the exchange, in its own terms, if its route wants to know.
    Report {
        /// Whom.
        to: Side,
        /// What.
        outcome: Outcome,
    },
    /// Tell an operator.
    Alert(Alert),
}

/// A side of an exchange.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Side {
    /// Who asks, or is sent something unasked: the payer.
    Requester,
    /// Who answers: the provider.
    Source,
}

/// Why a delivery is a dead letter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DeadReason {
    /// Its life was spent.
    LifeSpent,
    /// The receiver refused it.
    Refused {
        /// By which acknowledgement.
        rung: Rung,
    },
    /// What it waited for did not come.
    HoldExpired,
    /// The set was not whole when its time was over (ROB-012).
    SetExpired,
    /// The request was cancelled or withdrawn before this could be delivered.
    NoLongerWanted,
    /// The source gave up after it had handed this in.
    SourceEnded,
    /// An operator ended the exchange.
    Abandoned,
}

/// What the sender of an event is told; all of these are good news to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// What became of its message.
    pub outcome: Taken,
    /// What it should know besides.
    pub notes: Vec<Note>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Taken {
    /// It is kept and goes on its way.
    Accepted,
    /// It is kept until what it belongs to is known (CDEX-418).
    Held,
    /// It was here before and nothing more comes of it (GW-12).
    Repeat,
    /// It is kept, and goes nowhere because it is no longer wanted (GW-30).
    NoLongerWanted,
}

/// What a sender should know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Note {
    /// It came after the due date.
    Late,
    /// It says that more will follow, and several submissions were not granted.
    SeveralNotGranted,
    /// It came after the last and was taken as an amendment.
    Amendment,
    /// Nothing more was expected: the exchange had ended and is open again.
    Reopened,
    /// The receiver refused this content when it was first sent.
    WasRefused,
    /// This content could not be delivered when it was first sent.
    WasNotDelivered,
}

/// What a side may want to know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// The source has the request.
    HandedOver,
    /// The request was refused, or could not be handed over in time; the exchange has ended.
    NotHandedOver,
    /// The delivery was accepted.
    Accepted {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// The delivery was refused.
    Refused {
        /// Which delivery.
        delivery: DeliveryId,
        /// By which acknowledgement.
        rung: Rung,
    },
    /// The delivery is a dead letter for another reason than a refusal.
    NotDelivered {
        /// Which delivery.
        delivery: DeliveryId,
        /// Why.
        why: DeadReason,
    },
    /// The exchange has ended without an answer.
    Failed,
}

/// What an operator is told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Alert {
    /// The request was not handed over in the time configured (GW-35).
    HandOverOverdue,
    /// The delivery's life is spent.
    Undeliverable {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// The receiver refused the delivery (GW-34).
    Refused {
        /// Which delivery.
        delivery: DeliveryId,
        /// By which acknowledgement.
        rung: Rung,
    },
    /// The receiver refused what it had accepted.
    Overturned {
        /// Which delivery.
        delivery: DeliveryId,
        /// By which acknowledgement.
        rung: Rung,
    },
    /// An acknowledgement contradicts an earlier one, which stands.
    Contradicted {
        /// Which delivery.
        delivery: DeliveryId,
        /// Which acknowledgement.
        rung: Rung,
    },
    /// The closing acknowledgement is overdue.
    ReceiptOverdue {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// What a held submission waits for did not come.
    HoldExpired,
    /// The final deadline passed.
    DeadlinePassed,
    /// The source answered an exchange that had ended.
    AnsweredAfterEnd,
    /// The source says that it has answered, and no answer was handed in.
    CompletedWithoutAnswer,
}

impl Reply {
    /// A reply without notes.
    pub const fn plain(outcome: Taken) -> Self {
        Self {
            outcome,
            notes: Vec::new(),
        }
    }
}
