//! What can happen to an exchange.

use crate::exchange::coding::CodingError;
use crate::exchange::coding::decode;
use crate::exchange::coding::encode;
use crate::exchange::coding::stored_enum;
use crate::exchange::coding::stored_struct;
use crate::exchange::ids::Code;
use crate::exchange::ids::ContentDigest;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::Item;
use crate::exchange::ids::Line;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict;
use crate::exchange::moment::Moment;

/// Something that happened, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// When, by the steady clock of the gateway.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// The requester asked: a 277, a 278 response or a Task came in.
    Requested(Request),
    /// The source fetched a request that waits for it in our façade.
    PickedUp,
    /// Somebody wants the Task in another status, or a poll found it there.
    Moved {
        /// Who.
        by: Mover,
        /// Where to.
        to: Move,
    },
    /// Outputs were added to a Task.
    OutputsAdded {
        /// How many.
        count: u32,
    },
    /// The source handed in a part or all of the answer: a `$submit-attachment` or a 275.
    Submitted(Submission),
    /// The claim that an unsolicited submission waits for is known.
    ClaimSeen,
    /// The receiver of a delivery acknowledged or refused it.
    Receipt {
        /// Which delivery.
        delivery: DeliveryId,
        /// By which acknowledgement.
        rung: Rung,
        /// What it says.
        verdict: Verdict,
    },
    /// An attempt to deliver failed and will be made again.
    Faltered {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// The courier gave up: the life of the delivery is spent.
    Exhausted {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// An operator has a dead letter sent again.
    Replayed {
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// The requester wants its Task cancelled.
    CancelAsked,
    /// The requester no longer wants what it asked for, and we hold the Task on its behalf.
    Withdrawn,
    /// An operator opens what had ended.
    Reopened {
        /// The new final deadline.
        until: Moment,
    },
    /// An operator ends what will not end by itself.
    Abandoned,
    /// A time that [`Exchange::timers`](super::state::Exchange::timers) names has come.
    Elapsed(Timer),
}

/// A request for attachments or documents.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Of the request as it was received; the same again is a repeat, another is a conflict.
    pub digest: ContentDigest,
    /// What kind of answer it wants.
    pub purpose: Purpose,
    /// What is asked for; empty where that cannot be told apart, as in free text.
    pub wanted: Vec<Item>,
    /// The end of the day by which the answer is due.
    pub due: Option<Moment>,
    /// Whether several submissions were granted.
    pub several: bool,
    /// How it reaches the source.
    pub hand_over: HandOver,
    /// Where the Task is that both sides look at.
    pub task: TaskHome,
}

/// What kind of answer a request wants.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// Attachments to a claim, by submission.
    Claim,
    /// Attachments to a prior authorisation, by submission.
    PriorAuthorization,
    /// Documents or resources, as outputs of the Task.
    DocumentQuery,
}

/// How a request reaches the source.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HandOver {
    /// We send it: a 277, or a Task posted to the source's server.
    Pushed,
    /// It waits in our façade until the source fetches it.
    Shown,
}

/// Where the Task of an exchange is kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TaskHome {
    /// In our façade: we write it.
    Hosted,
    /// On the source's server, which alone moves it, or nowhere.
    Elsewhere,
}

/// Who wants to move a Task.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mover {
    /// The source, or a program of its that may.
    Source,
    /// The requester, who may not (GW-31).
    Requester,
    /// An operator of the gateway, for the source.
    Operator,
}

/// Where a source moves a Task.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Move {
    /// It has the request.
    Accepted,
    /// It will not answer; its reason stands in the event's message.
    Rejected,
    /// It is working on it, again or still.
    InProgress,
    /// It waits for something.
    OnHold,
    /// It cannot answer; its reason stands in the event's message.
    Failed,
    /// It has answered.
    Completed,
}

/// A part or all of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission {
    /// Of what was handed in; the same again is a repeat (GW-12).
    pub digest: ContentDigest,
    /// What its attachments say they answer.
    pub answers: Vec<Answer>,
    /// Whether the sender says that this is the last (`Final`, which is true where it is absent).
    pub last: bool,
    /// Its number among the parts of the set, counted from 1, if the sender counts.
    pub sequence: Option<u32>,
    /// Whether it says that it answers a request.
    pub solicited: bool,
}

/// What an attachment says it answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// For what.
    pub line: Line,
    /// Which kind of document it is, if it says so.
    pub code: Option<Code>,
}

/// Something that an exchange waits for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Timer {
    /// An operator is to be told that a request was not handed over.
    HandOver,
    /// The final deadline.
    Deadline,
    /// The end of waiting for more parts.
    Settle,
    /// The end of being held.
    Hold,
    /// An operator is to be told that a delivery was not acknowledged.
    Receipt(DeliveryId),
}

/// The kinds of [`What`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    missing_docs,
    reason = "each has the name of the variant that it is the kind of"
)]
pub enum EventKind {
    Requested,
    PickedUp,
    Moved,
    OutputsAdded,
    Submitted,
    ClaimSeen,
    Receipt,
    Faltered,
    Exhausted,
    Replayed,
    CancelAsked,
    Withdrawn,
    Reopened,
    Abandoned,
    Elapsed,
}

impl Event {
    /// The event `what` at `at`.
    pub const fn new(at: Moment, what: What) -> Self {
        Self { at, what }
    }

    /// The event as it is stored.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads what [`Event::encode`] of this or an earlier release wrote.
    ///
    /// # Errors
    /// Refuses bytes of a later release and bytes that are no event.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodingError> {
        decode(bytes)
    }
}

impl What {
    /// The kind of this event.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Requested(_) => EventKind::Requested,
            Self::PickedUp => EventKind::PickedUp,
            Self::Moved { .. } => EventKind::Moved,
            Self::OutputsAdded { .. } => EventKind::OutputsAdded,
            Self::Submitted(_) => EventKind::Submitted,
            Self::ClaimSeen => EventKind::ClaimSeen,
            Self::Receipt { .. } => EventKind::Receipt,
            Self::Faltered { .. } => EventKind::Faltered,
            Self::Exhausted { .. } => EventKind::Exhausted,
            Self::Replayed { .. } => EventKind::Replayed,
            Self::CancelAsked => EventKind::CancelAsked,
            Self::Withdrawn => EventKind::Withdrawn,
            Self::Reopened { .. } => EventKind::Reopened,
            Self::Abandoned => EventKind::Abandoned,
            Self::Elapsed(_) => EventKind::Elapsed,
        }
    }
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::Requested,
        Self::PickedUp,
        Self::Moved,
        Self::OutputsAdded,
        Self::Submitted,
        Self::ClaimSeen,
        Self::Receipt,
        Self::Faltered,
        Self::Exhausted,
        Self::Replayed,
        Self::CancelAsked,
        Self::Withdrawn,
        Self::Reopened,
        Self::Abandoned,
        Self::Elapsed,
    ];
}

stored_struct!(Event { at, what });
stored_enum!(What {
    0 => Requested(request),
    1 => PickedUp,
    2 => Moved { by, to },
    3 => OutputsAdded { count },
    4 => Submitted(submission),
    5 => ClaimSeen,
    6 => Receipt { delivery, rung, verdict },
    7 => Faltered { delivery },
    8 => Exhausted { delivery },
    9 => Replayed { delivery },
    10 => CancelAsked,
    11 => Withdrawn,
    12 => Reopened { until },
    13 => Abandoned,
    14 => Elapsed(timer),
});
stored_struct!(Request {
    digest,
    purpose,
    wanted,
    due,
    several,
    hand_over,
    task
});
stored_enum!(Purpose { 0 => Claim, 1 => PriorAuthorization, 2 => DocumentQuery });
stored_enum!(HandOver { 0 => Pushed, 1 => Shown });
stored_enum!(TaskHome { 0 => Hosted, 1 => Elsewhere });
stored_enum!(Mover { 0 => Source, 1 => Requester, 2 => Operator });
stored_enum!(Move {
    0 => Accepted,
    1 => Rejected,
    2 => InProgress,
    3 => OnHold,
    4 => Failed,
    5 => Completed,
});
stored_struct!(Submission {
    digest,
    answers,
    last,
    sequence,
    solicited
});
stored_struct!(Answer { line, code });
stored_enum!(Timer {
    0 => HandOver,
    1 => Deadline,
    2 => Settle,
    3 => Hold,
    4 => Receipt(delivery),
});
