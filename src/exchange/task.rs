//! The Task of an exchange: a function of its state, written anew whenever it differs (GW-33).

use std::fmt::Write as _;

use crate::exchange::coding::stored_enum;
use crate::exchange::effect::Effect;
use crate::exchange::event::Purpose;
use crate::exchange::event::TaskHome;
use crate::exchange::ids::Item;
use crate::exchange::ids::Line;
use crate::exchange::ladder::Rung;
use crate::exchange::state::Ending;
use crate::exchange::state::Exchange;
use crate::exchange::state::OnHold;
use crate::exchange::state::Phase;

/// What a Task says about how far things are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TaskView {
    /// The number of the version, from 1.
    pub version: u32,
    /// `Task.status`.
    pub status: TaskStatus,
    /// What `Task.businessStatus.text` says, if anything.
    pub business: Option<Business>,
    /// What `Task.statusReason.text` says: always there when rejected or failed (tdr-2).
    pub reason: Option<Ending>,
    /// How many outputs it has.
    pub outputs: u32,
}

/// The statuses of HRex; there are no others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TaskStatus {
    /// `requested`
    Requested,
    /// `accepted`
    Accepted,
    /// `rejected`
    Rejected,
    /// `in-progress`
    InProgress,
    /// `on-hold`
    OnHold,
    /// `failed`
    Failed,
    /// `completed`
    Completed,
}

/// What is going on, in finer steps than the status has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Business {
    /// The request was not handed over in the time configured.
    HandOverDelayed,
    /// Parts are here, and these items are not among them.
    Outstanding {
        /// What is missing.
        missing: Vec<Item>,
    },
    /// All parts are here and the requester's acknowledgement is awaited.
    AwaitingReceipt,
    /// Delivering fails for now and goes on (GW-34).
    SubmissionPending,
    /// The source waits for something.
    OnHoldBySource,
    /// The requester refused what was delivered.
    Refused {
        /// By which acknowledgement.
        rung: Rung,
    },
    /// The answer could not be delivered.
    Undeliverable,
    /// Completed, and these items were not among what was submitted (GW-14).
    CompletedWithout {
        /// What is missing.
        missing: Vec<Item>,
        /// How many documents said nothing of what they are, and may be those.
        unlabelled: usize,
    },
    /// The requester no longer wants an answer.
    Withdrawn,
}

impl TaskView {
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        exchange.request.as_ref()?;
        let (status, business) = match exchange.phase {
            Phase::New | Phase::Held { .. } => return None,
            Phase::Requested => {
                let delayed = exchange.warned.then_some(Business::HandOverDelayed);
                (TaskStatus::Requested, delayed)
            }
            Phase::Accepted => (TaskStatus::Accepted, None),
            Phase::Working => (TaskStatus::InProgress, working(exchange)),
            Phase::Delivering if falters(exchange) => {
                (TaskStatus::InProgress, Some(Business::SubmissionPending))
            }
            Phase::Delivering => (TaskStatus::InProgress, Some(Business::AwaitingReceipt)),
            Phase::OnHold(cause) => (TaskStatus::OnHold, Some(Business::of_hold(cause))),
            Phase::Completed => (TaskStatus::Completed, completed(exchange)),
            Phase::Rejected(_) => (TaskStatus::Rejected, None),
            Phase::Failed(_) => (TaskStatus::Failed, None),
            Phase::Withdrawn { left_at } => (left_at, Some(Business::Withdrawn)),
        };
        Some(Self {
            version: exchange.version,
            status,
            business,
            reason: exchange.ending(),
            outputs: exchange.outputs,
        })
    }
}

fn falters(exchange: &Exchange) -> bool {
    let mut carrying = exchange.deliveries.iter().filter(|one| one.carries_parts());
    carrying.any(|one| one.is_open() && one.faltering)
}

fn working(exchange: &Exchange) -> Option<Business> {
    if falters(exchange) {
        return Some(Business::SubmissionPending);
    }
    let missing = exchange.missing();
    let begun = exchange.live_parts().next().is_some();
    (begun && !missing.is_empty()).then_some(Business::Outstanding { missing })
}

fn completed(exchange: &Exchange) -> Option<Business> {
    // What a query wants is told by its outputs, which say themselves what they are.
    if exchange.wants(Purpose::DocumentQuery) {
        return None;
    }
    let missing = exchange.missing();
    let answers = exchange.live_parts().flat_map(|part| &part.answers);
    let unlabelled = answers.filter(|answer| answer.code.is_none()).count();
    (!missing.is_empty()).then_some(Business::CompletedWithout { missing, unlabelled })
}

/// Counts and writes the versions of the Task that lead from `before` to `after`.
///
/// Where one event moves it over several edges of the graph of cdex.md §4, each has its version, so that who follows
/// the history sees no leap.
pub(super) fn write_versions(before: &Exchange, after: &mut Exchange, effects: &mut Vec<Effect>) {
    let Some(mut target) = TaskView::of(after) else {
        return;
    };
    let known = TaskView::of(before);
    if known.as_ref() == Some(&target) {
        return;
    }
    // A cancellation before anything happened: no status of the value set says so, and no work has begun (GW-30).
    let leap = target.reason == Some(Ending::Cancelled);
    let known = known.map(|view| view.status);
    let steps = if leap && known == Some(TaskStatus::Requested) {
        &[]
    } else {
        between(known, target.status)
    };
    let mut views: Vec<TaskView> = steps
        .iter()
        .map(|&status| TaskView {
            version: 0,
            status,
            business: None,
            reason: None,
            outputs: after.outputs,
        })
        .collect();
    target.version = 0;
    views.push(target);
    let hosted = after
        .request
        .as_ref()
        .is_some_and(|request| request.task == TaskHome::Hosted);
    for mut view in views {
        after.version = after.version.saturating_add(1);
        view.version = after.version;
        if hosted {
            effects.push(Effect::WriteTask(view));
        }
    }
}

/// The statuses that lie between two on the way through the graph.
fn between(from: Option<TaskStatus>, to: TaskStatus) -> &'static [TaskStatus] {
    use TaskStatus as S;
    const WAY: [TaskStatus; 3] = [S::Requested, S::Accepted, S::InProgress];
    if from == Some(to) {
        return &[];
    }
    let gone = match from {
        None => 0,
        Some(S::Requested) => 1,
        // From all these the way goes on through `in-progress`.
        Some(S::Accepted | S::OnHold | S::Completed | S::Failed | S::Rejected) => 2,
        Some(S::InProgress) => 3,
    };
    let needed = match to {
        S::Requested => 0,
        S::Accepted | S::Rejected => 1,
        S::InProgress => 2,
        S::OnHold | S::Failed | S::Completed => 3,
    };
    WAY.get(gone..needed).unwrap_or_default()
}

impl TaskStatus {
    /// The code of the HRex value set.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InProgress => "in-progress",
            Self::OnHold => "on-hold",
            Self::Failed => "failed",
            Self::Completed => "completed",
        }
    }
}

impl Business {
    const fn of_hold(cause: OnHold) -> Self {
        match cause {
            OnHold::BySource => Self::OnHoldBySource,
            OnHold::Refused { rung } => Self::Refused { rung },
            OnHold::Undeliverable => Self::Undeliverable,
        }
    }

    /// The text for `Task.businessStatus.text`: constants, and the codes and lines that were asked for.
    pub fn text(&self) -> String {
        match self {
            Self::HandOverDelayed => "waiting to be handed over".to_owned(),
            Self::Outstanding { missing } => with_items("parts received; outstanding: ", missing),
            Self::AwaitingReceipt => "submitted; the answer of the payer is awaited".to_owned(),
            Self::SubmissionPending => "submission pending".to_owned(),
            Self::OnHoldBySource => "the provider has put the request on hold".to_owned(),
            Self::Refused { rung } => format!("submission refused {}", by(*rung)),
            Self::Undeliverable => "the submission could not be delivered".to_owned(),
            Self::CompletedWithout { missing, unlabelled } => {
                let mut text = with_items("submitted without: ", missing);
                match unlabelled {
                    0 => {}
                    1 => text.push_str("; 1 document does not say what it is"),
                    more => write!(text, "; {more} documents do not say what they are")
                        .expect("writing to a text does not fail"),
                }
                text
            }
            Self::Withdrawn => "the payer has withdrawn the request".to_owned(),
        }
    }
}

impl Ending {
    /// The text for `Task.statusReason.text`.
    ///
    /// For [`Ending::BySource`] the source's own text belongs there, and this where it gave none.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotDeliverable => "not deliverable",
            Self::RefusedByReceiver { .. } => "the provider's system did not accept the request",
            Self::BySource => "the provider gave no reason",
            Self::Cancelled => "cancelled by requester",
            Self::DuePassed => "due date passed",
            Self::HoldExpired => "nothing is known that the submission belongs to",
            Self::SetExpired => "the set of documents was not finished in time",
            Self::Abandoned => "ended by an operator of the gateway",
        }
    }
}

/// At most this many items are named; a text is for people.
const MOST_NAMED: usize = 20;

fn with_items(intro: &str, items: &[Item]) -> String {
    let named: Vec<String> = items.iter().take(MOST_NAMED).map(name).collect();
    let more = items.len().saturating_sub(MOST_NAMED);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{intro}{}{rest}", named.join(", "))
}

fn name(item: &Item) -> String {
    let code = item.code.as_str();
    match item.line {
        Line::Whole => code.to_owned(),
        Line::Number(number) => format!("{code} for line {number}"),
        Line::Control(_) => format!("{code} for a line"),
    }
}

const fn by(rung: Rung) -> &'static str {
    match rung {
        Rung::Transport => "in transport",
        Rung::Interchange => "by TA1",
        Rung::Functional => "by 999",
        Rung::Application => "by the payer",
        Rung::Status => "by claim status",
    }
}

stored_enum!(TaskStatus {
    0 => Requested,
    1 => Accepted,
    2 => Rejected,
    3 => InProgress,
    4 => OnHold,
    5 => Failed,
    6 => Completed,
});
