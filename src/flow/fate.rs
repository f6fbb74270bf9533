//! What becomes of one transaction of an interchange, and what its sender is told.

use serde_json::Value;
use serde_json::json;
use x12_parser::ContentError;

use crate::exchange::refusal::Refusal;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::material::Unfit;
use crate::flow::routes;
use crate::flow::takes::NotTaken;
use crate::ledger::error::LedgerError;

/// What becomes of one transaction.
pub(crate) enum Fate {
    /// It is on its way, or there is nothing to be done about it.
    Taken(Vec<Value>),
    /// It waits for a person.
    Parked(Value, &'static str),
    /// Its sender is told why not; the rule or finding behind it is kept for whoever is asked.
    Refused(ContentError, &'static str, Option<String>),
}

/// What becomes of a transaction that goes nowhere.
pub(crate) fn parked_or_refused(desk: &Desk<'_>, why: &'static str) -> Fate {
    if routes::holds(&desk.world) {
        Fate::Parked(json!({"parked": why}), why)
    } else {
        Fate::Refused(ContentError::NotMatching, why, None)
    }
}

/// What the sender of a transaction is told that was not taken.
///
/// # Errors
/// Gives trouble of the ledger back.
pub(crate) fn declined_as(declined: Declined) -> Result<Fate, LedgerError> {
    Ok(match declined {
        Declined::Ledger(trouble) => return Err(trouble),
        Declined::Exchange(Refusal::Conflict) => Fate::Refused(
            ContentError::Duplicate,
            "its number stands for other content that came before",
            None,
        ),
        Declined::Exchange(Refusal::Late) => {
            Fate::Refused(ContentError::OutOfRange, "it came after the due date", None)
        }
        Declined::Exchange(_) => Fate::Refused(
            ContentError::InvalidCombination,
            "the exchange that it belongs to does not take it now",
            None,
        ),
        Declined::Unfit(Unfit::TooManyNumbers) => Fate::Refused(
            ContentError::OutOfRange,
            "it names more numbers than are looked for at once",
            None,
        ),
        Declined::Unfit(Unfit::NotTaken(why)) => Fate::Refused(
            ContentError::OutOfRange,
            match why {
                NotTaken::TooLarge => "its receiver takes no attachment so large",
                NotTaken::TooMany => "its receiver takes fewer attachments in one message",
                NotTaken::OtherMedia => "its receiver takes no attachment of such a media type",
            },
            None,
        ),
        Declined::Unfit(unfit) => Fate::Refused(
            ContentError::Missing,
            "it does not say all that its receiver needs",
            Some(unfit.cause().map_or_else(|| unfit.to_string(), str::to_owned)),
        ),
        Declined::Unrouted => Fate::Refused(ContentError::NotMatching, "nothing says who it is for", None),
    })
}
