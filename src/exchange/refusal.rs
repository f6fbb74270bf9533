//! Why an event changes nothing.

/// Why an event was refused; the state stays as it was.
///
/// Sorted by whose turn it is: the sender's, the operator's, ours.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The same identity was used for something else: 409, TA1 025, a rejected set (ROB-010).
    #[error("the same identity stands for other content")]
    Conflict,
    /// It came after the due date, and the route wants nothing late.
    #[error("it came after the due date")]
    Late,
    /// It is not the last of its set, and several submissions were not granted (GW-13).
    #[error("several submissions were not granted")]
    SeveralNotGranted,
    /// Only the source moves a Task (GW-31).
    #[error("only the source moves a task")]
    NotYours,
    /// The requester may not cancel (GW-30).
    #[error("cancelling is not part of the exchange")]
    CancelNotAllowed,
    /// A Task cannot go there from where it is.
    #[error("the task cannot be moved there from where it is")]
    NoSuchMove,
    /// A Task that asks for attachments is completed by a submission, one that asks for documents by outputs.
    #[error("nothing was handed in that would complete the task")]
    NothingHandedIn,
    /// A request for documents is not answered by a submission, nor one for attachments by nothing.
    #[error("the request is not answered in this way")]
    WrongAnswer,
    /// More parts or items than an exchange may have.
    #[error("the exchange has too many parts or items")]
    TooMany,
    /// The event has no place in this state.
    #[error("the event is out of turn")]
    OutOfTurn,
    /// There is no such delivery in this exchange.
    #[error("the exchange has no such delivery")]
    NoSuchDelivery,
    /// The exchange waits for no such time.
    #[error("the exchange waits for no such time")]
    NoSuchTimer,
    /// The time has not come yet.
    #[error("the time has not come yet")]
    TooEarly,
}
