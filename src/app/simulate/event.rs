//! What a simulated partner did or saw, one line each.

use std::fmt;

use serde_json::Value;
use serde_json::json;

/// One thing that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Who tells it: the partner's name.
    pub partner: String,
    /// What happened.
    pub what: What,
    /// Which message it was about: `277`, `275`, `task`, `submit-attachment`, `999`, `824` and so on.
    pub message: &'static str,
    /// The case, by its invented tracking number; empty where there is none.
    pub case: String,
    /// What came of it, in a few words that hold nothing of a person.
    pub outcome: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    /// The partner waits for connections.
    Listens,
    /// It sent a message, and this is what the other side said.
    Sent,
    /// It was sent a message, and this is what it said.
    Received,
    /// It could not reach the other side, or did not understand the answer.
    Failed,
    /// It misbehaved, as it was told to.
    Misbehaved,
}

impl What {
    /// The word for it, as events and scripts have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listens => "listens",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Failed => "failed",
            Self::Misbehaved => "misbehaved",
        }
    }
}

impl Event {
    /// The event as one line of JSON.
    pub fn json(&self) -> Value {
        json!({
            "partner": self.partner,
            "event": self.what.as_str(),
            "message": self.message,
            "case": self.case,
            "outcome": self.outcome,
        })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = if self.case.is_empty() { "-" } else { &self.case };
        write!(
            f,
            "{:<10} {:<10} {:<17} {case:<14} {}",
            self.partner,
            self.what.as_str(),
            self.message,
            self.outcome
        )
    }
}
