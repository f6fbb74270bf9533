//! The words under which what an exchange brings about is kept in the outbox and the audit.

use crate::exchange::effect::Alert;
use crate::exchange::effect::DeadReason;

/// Why a message lies with the dead letters.
pub(crate) const fn dead_word(why: DeadReason) -> &'static str {
    match why {
        DeadReason::LifeSpent => "life-spent",
        DeadReason::Refused { .. } => "refused",
        DeadReason::HoldExpired => "hold-expired",
        DeadReason::SetExpired => "set-expired",
        DeadReason::NoLongerWanted => "no-longer-wanted",
        DeadReason::SourceEnded => "source-ended",
        DeadReason::Abandoned => "abandoned",
    }
}

/// What an operator is told.
pub(crate) const fn alert_word(alert: Alert) -> &'static str {
    match alert {
        Alert::HandOverOverdue => "hand-over-overdue",
        Alert::Undeliverable { .. } => "undeliverable",
        Alert::Refused { .. } => "refused",
        Alert::Overturned { .. } => "overturned",
        Alert::Contradicted { .. } => "contradicted",
        Alert::ReceiptOverdue { .. } => "receipt-overdue",
        Alert::HoldExpired => "hold-expired",
        Alert::DeadlinePassed => "deadline-passed",
        Alert::AnsweredAfterEnd => "answered-after-end",
        Alert::CompletedWithoutAnswer => "completed-without-answer",
    }
}
