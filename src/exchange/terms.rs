//! What the partners and the operator agreed for one exchange.

use std::time::Duration;

use crate::exchange::coding::stored_enum;
use crate::exchange::coding::stored_struct;
use crate::exchange::ladder::Rung;

/// The rules of one exchange, taken from the configuration when it opens and never changed after.
///
/// They are part of the state, so a reload cannot change a conversation half-way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Terms {
    /// The acknowledgement that says the source has the request.
    pub request_closes: Rung,
    /// The acknowledgement that says the requester has the answer; only then is a Task completed (GW-34).
    pub answer_closes: Rung,
    /// Whether parts travel together or as they come (ROB-012).
    pub assembly: Assembly,
    /// How long a set whose last part has come waits for parts that are missing.
    pub stragglers: Duration,
    /// How long a set in which nothing is missing waits for the part that says it is the last.
    pub quiet: Duration,
    /// How long an unsolicited set may stay unfinished.
    pub unfinished: Duration,
    /// What to do with a part that is not the last, where several were not granted (GW-13).
    pub several: Tolerance,
    /// What to do with a submission after the due date (GW-13).
    pub late: Tolerance,
    /// What to do with other content after the last submission (GW-12).
    pub amendments: Tolerance,
    /// What to do when the requester cancels (GW-30).
    pub cancel: Cancel,
    /// What is held, and how long.
    pub hold: Hold,
    /// How long a request may wait to be handed over before an operator is told (GW-35).
    pub hand_over: Duration,
    /// From the due date to the final deadline; also what a re-opened exchange is given.
    pub grace: Duration,
    /// From the request to the final deadline, where the request has no due date.
    pub life: Duration,
    /// How long a closing acknowledgement may take before an operator is told.
    pub receipt: Duration,
}

/// How the parts of a set reach the requester.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Assembly {
    /// Once, when the set is whole.
    Whole,
    /// Each at once.
    Streamed,
}

/// What to do with what the rules do not foresee.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Tolerance {
    /// Accept it and say so.
    Accept,
    /// Refuse it.
    Refuse,
}

/// Whether a requester may cancel, which CDex does not define.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cancel {
    /// Refuse and explain.
    Refuse,
    /// Take it as a failure that the requester caused.
    Allow,
}

/// What waits for something that has not come yet (ROB-013).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hold {
    /// Unsolicited submissions wait for their claim (CDEX-418).
    pub for_claim: bool,
    /// Submissions that answer a request wait for it, if it is not known.
    pub for_request: bool,
    /// How long.
    pub at_most: Duration,
}

impl Default for Terms {
    /// What holds where nothing else was agreed.
    fn default() -> Self {
        Self {
            request_closes: Rung::Functional,
            answer_closes: Rung::Application,
            assembly: Assembly::Streamed,
            stragglers: Duration::ZERO,
            quiet: DAY,
            unfinished: 7 * DAY,
            several: Tolerance::Accept,
            late: Tolerance::Accept,
            amendments: Tolerance::Accept,
            cancel: Cancel::Refuse,
            hold: Hold {
                for_claim: false,
                for_request: true,
                at_most: 30 * DAY,
            },
            hand_over: DAY,
            grace: 14 * DAY,
            life: 90 * DAY,
            receipt: 2 * DAY,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

stored_struct!(Terms {
    request_closes,
    answer_closes,
    assembly,
    stragglers,
    quiet,
    unfinished,
    several,
    late,
    amendments,
    cancel,
    hold,
    hand_over,
    grace,
    life,
    receipt,
});
stored_enum!(Assembly { 0 => Whole, 1 => Streamed });
stored_enum!(Tolerance { 0 => Accept, 1 => Refuse });
stored_enum!(Cancel { 0 => Refuse, 1 => Allow });
stored_struct!(Hold {
    for_claim,
    for_request,
    at_most
});
