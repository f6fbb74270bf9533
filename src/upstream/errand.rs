//! What is to be done with a message: kept with it in the outbox, so that each attempt is made in the same way.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// How a message is sent. It goes into the `facts` of an outbound message and is read again for each attempt.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Errand {
    /// `POST [base]/Task`.
    CreateTask {
        /// The query of `If-None-Exist`, encoded for a URL and without a question mark, such as
        /// `identifier=http://payer.example%7CT-1`: with it a repeated `POST` does not make a second Task (ROB-011).
        unless: Option<String>,
    },
    /// `POST [base]/$submit-attachment`.
    SubmitAttachment,
    /// An X12 interchange: by `POST`, or as a file.
    X12 {
        /// What is in it, as file names say: `277`, `275`, `999`, `TA1`, `824`.
        message: String,
        /// When it was made, in milliseconds since 1970: file names must not change from one attempt to the next.
        made: u64,
    },
}

/// Why the facts of an outbound message say nothing of how it is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the outbound message does not say how it is sent")]
pub struct NoErrand;

impl Errand {
    /// The errand as it is stored.
    pub fn encode(&self) -> Vec<u8> {
        // Plain texts and numbers always have a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) of this or an earlier release wrote.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, NoErrand> {
        serde_json::from_slice(bytes).map_err(|_| NoErrand)
    }
}

impl fmt::Debug for Errand {
    /// Shows no query: it holds the identifier of a Task.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTask { .. } => "CreateTask",
            Self::SubmitAttachment => "SubmitAttachment",
            Self::X12 { .. } => "X12",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errands_come_back_as_they_were() {
        for errand in [
            Errand::CreateTask {
                unless: Some("identifier=canary".to_owned()),
            },
            Errand::CreateTask { unless: None },
            Errand::SubmitAttachment,
            Errand::X12 {
                message: "275".to_owned(),
                made: 1_790_000_000_123,
            },
        ] {
            assert_eq!(Errand::decode(&errand.encode()), Ok(errand.clone()));
            assert!(!format!("{errand:?}").contains("canary"));
        }
        assert_eq!(Errand::decode(b""), Err(NoErrand));
        assert_eq!(Errand::decode(br#"{"teleport":{}}"#), Err(NoErrand));
    }
}
