//! The state of one exchange.

use crate::exchange::coding::CodingError;
use crate::exchange::coding::decode;
use crate::exchange::coding::encode;
use crate::exchange::coding::stored_enum;
use crate::exchange::coding::stored_struct;
use crate::exchange::delivery::Delivery;
use crate::exchange::event::Answer;
use crate::exchange::event::Purpose;
use crate::exchange::event::Request;
use crate::exchange::ids::ContentDigest;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::PartId;
use crate::exchange::ladder::Rung;
use crate::exchange::moment::Moment;
use crate::exchange::task::TaskStatus;
use crate::exchange::task::TaskView;
use crate::exchange::terms::Terms;

/// One conversation about attachments, from the request or the first submission to its end.
///
/// It changes only by [`Exchange::step`], which does no IO and asks no clock, so that the same events always give the
/// same state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exchange {
    pub(super) terms: Terms,
    pub(super) phase: Phase,
    pub(super) opened: Moment,
    pub(super) request: Option<Request>,
    pub(super) parts: Vec<Part>,
    pub(super) deliveries: Vec<Delivery>,
    /// The final deadline: what is not answered by then has failed.
    pub(super) deadline: Option<Moment>,
    /// When waiting for more parts ends.
    pub(super) settle: Option<Moment>,
    /// Whether an operator was told that the request is not handed over.
    pub(super) warned: bool,
    /// How many outputs the Task has.
    pub(super) outputs: u32,
    /// The last version of the Task; zero if there is none.
    pub(super) version: u32,
}

/// Where an exchange stands, with what only that moment needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    New,
    Held { awaited: Awaited, until: Moment },
    Requested,
    Accepted,
    Working,
    Delivering,
    OnHold(OnHold),
    Completed,
    Rejected(Ending),
    Failed(Ending),
    Withdrawn { left_at: TaskStatus },
}

/// Where an exchange stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Nothing has happened.
    New,
    /// A submission waits for its claim or for the request that it answers.
    Held,
    /// Something is asked for and on its way to the source.
    Requested,
    /// The source has the request.
    Accepted,
    /// The source is working, or parts are being gathered.
    Working,
    /// All parts are here, and the requester's acknowledgement is awaited.
    Delivering,
    /// It cannot go on until somebody acts.
    OnHold,
    /// The requester has the answer.
    Completed,
    /// The request was refused or could not be handed over.
    Rejected,
    /// It ended without an answer.
    Failed,
    /// The requester no longer wants an answer.
    Withdrawn,
}

/// What a held submission waits for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Awaited {
    /// The claim it belongs to.
    Claim,
    /// The request it answers.
    Request,
}

/// Why an exchange cannot go on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OnHold {
    /// The source says so.
    BySource,
    /// The requester refused what was delivered.
    Refused {
        /// By which acknowledgement.
        rung: Rung,
    },
    /// The answer could not be delivered.
    Undeliverable,
}

/// Why an exchange ended without an answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ending {
    /// The request could not be handed over until the final deadline (GW-35).
    NotDeliverable,
    /// The source's system refused the request.
    RefusedByReceiver {
        /// By which acknowledgement.
        rung: Rung,
    },
    /// The source said so; its reason is with the event.
    BySource,
    /// The requester cancelled (GW-30).
    Cancelled,
    /// The final deadline passed.
    DuePassed,
    /// What it waited for did not come.
    HoldExpired,
    /// The unsolicited set was not whole in time.
    SetExpired,
    /// An operator ended it.
    Abandoned,
}

/// A part of the answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Its number.
    pub id: PartId,
    /// Of what was handed in.
    pub digest: ContentDigest,
    /// What its attachments say they answer.
    pub answers: Vec<Answer>,
    /// Whether the sender said that it is the last.
    pub last: bool,
    /// Its number among the parts, if the sender counts.
    pub sequence: Option<u32>,
    /// The delivery that carries it; `None` while it waits for others.
    pub delivery: Option<DeliveryId>,
    /// When it was taken.
    pub at: Moment,
}

/// The most parts of an exchange, and the most items of a request or a part.
pub(super) const MOST: usize = 1_000;

impl Exchange {
    /// A new exchange under `terms`, before its first event.
    pub const fn open(terms: Terms) -> Self {
        Self {
            terms,
            phase: Phase::New,
            opened: Moment::from_millis(0),
            request: None,
            parts: Vec::new(),
            deliveries: Vec::new(),
            deadline: None,
            settle: None,
            warned: false,
            outputs: 0,
            version: 0,
        }
    }

    /// Where it stands.
    pub const fn kind(&self) -> Kind {
        match self.phase {
            Phase::New => Kind::New,
            Phase::Held { .. } => Kind::Held,
            Phase::Requested => Kind::Requested,
            Phase::Accepted => Kind::Accepted,
            Phase::Working => Kind::Working,
            Phase::Delivering => Kind::Delivering,
            Phase::OnHold(_) => Kind::OnHold,
            Phase::Completed => Kind::Completed,
            Phase::Rejected(_) => Kind::Rejected,
            Phase::Failed(_) => Kind::Failed,
            Phase::Withdrawn { .. } => Kind::Withdrawn,
        }
    }

    /// Why it ended without an answer, if it did.
    pub const fn ending(&self) -> Option<Ending> {
        match self.phase {
            Phase::Rejected(ending) | Phase::Failed(ending) => Some(ending),
            Phase::New
            | Phase::Held { .. }
            | Phase::Requested
            | Phase::Accepted
            | Phase::Working
            | Phase::Delivering
            | Phase::OnHold(_)
            | Phase::Completed
            | Phase::Withdrawn { .. } => None,
        }
    }

    /// What was agreed for it.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What was asked for; `None` if nothing was.
    pub const fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// The parts of the answer in the order in which they were taken.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What goes or went out, in the order in which it was put together.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// One delivery.
    pub fn delivery(&self, id: DeliveryId) -> Option<&Delivery> {
        // A delivery's number is its place; what was stored wrongly is not found rather than taken for another.
        let place = usize::try_from(id.number()).ok()?;
        self.deliveries.get(place).filter(|delivery| delivery.id == id)
    }

    /// The final deadline, if there is one.
    pub const fn deadline(&self) -> Option<Moment> {
        self.deadline
    }

    /// The Task as it now is; `None` if nothing was asked for.
    pub fn task(&self) -> Option<TaskView> {
        TaskView::of(self)
    }

    /// The state as it is stored.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads what [`Exchange::encode`] of this or an earlier release wrote.
    ///
    /// # Errors
    /// Refuses bytes of a later release and bytes that are no state.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodingError> {
        decode(bytes)
    }

    pub(super) fn wants(&self, purpose: Purpose) -> bool {
        self.request
            .as_ref()
            .is_some_and(|request| request.purpose == purpose)
    }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::Held,
        Self::Requested,
        Self::Accepted,
        Self::Working,
        Self::Delivering,
        Self::OnHold,
        Self::Completed,
        Self::Rejected,
        Self::Failed,
        Self::Withdrawn,
    ];

    /// Whether nothing more is expected.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Completed | Self::Rejected | Self::Failed | Self::Withdrawn => true,
            Self::New
            | Self::Held
            | Self::Requested
            | Self::Accepted
            | Self::Working
            | Self::Delivering
            | Self::OnHold => false,
        }
    }
}

stored_struct!(Exchange {
    terms,
    phase,
    opened,
    request,
    parts,
    deliveries,
    deadline,
    settle,
    warned,
    outputs,
    version,
});
stored_enum!(Phase {
    0 => New,
    1 => Held { awaited, until },
    2 => Requested,
    3 => Accepted,
    4 => Working,
    5 => Delivering,
    6 => OnHold(cause),
    7 => Completed,
    8 => Rejected(ending),
    9 => Failed(ending),
    10 => Withdrawn { left_at },
});
stored_enum!(Awaited { 0 => Claim, 1 => Request });
stored_enum!(OnHold { 0 => BySource, 1 => Refused { rung }, 2 => Undeliverable });
stored_enum!(Ending {
    0 => NotDeliverable,
    1 => RefusedByReceiver { rung },
    2 => BySource,
    3 => Cancelled,
    4 => DuePassed,
    5 => HoldExpired,
    6 => SetExpired,
    7 => Abandoned,
});
stored_struct!(Part {
    id,
    digest,
    answers,
    last,
    sequence,
    delivery,
    at since 2 or Moment::default(),
});
