//! How a message of the outbox is sent: what stands beside its bytes, for the courier.

use serde::Deserialize;
use serde::Serialize;

use crate::ledger::opaque::Opaque;

/// How a message of the outbox is sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sending {
    /// What is asked of the receiver.
    pub operation: Operation,
    /// The name of the message: the same at each attempt, different for each message.
    pub id: String,
    /// What kind of message it is, for names of files: `277`, `275`, `824`, `999`, `Task` or `submit-attachment`.
    pub message: String,
    /// The search that must find nothing (`If-None-Exist`), for what would otherwise be created twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
}

/// What is asked of the receiver.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// `POST [base]/Task`, `application/fhir+json`.
    CreateTask,
    /// `POST [base]/$submit-attachment`, `application/fhir+json`.
    SubmitAttachment,
    /// X12, by whatever way the partner takes it.
    X12,
}

impl Sending {
    /// As it is stored beside the message.
    pub fn encode(&self) -> Opaque {
        Opaque::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(stored: &Opaque) -> Option<Self> {
        serde_json::from_slice(stored.as_bytes()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_as_it_was() {
        let sending = Sending {
            operation: Operation::CreateTask,
            id: "x1-0".to_owned(),
            message: "Task".to_owned(),
            unless: Some("identifier=a%7Cb".to_owned()),
        };
        assert_eq!(Sending::decode(&sending.encode()), Some(sending));
        assert_eq!(Sending::decode(&Opaque::default()), None);
    }
}
