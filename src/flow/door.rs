//! What a door hands in and what it gets back; a door knows its wire, a flow knows what was meant.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;

/// Who stands at a door, as far as the door can prove it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The door, by its name in the configuration.
    pub door: String,
    /// The partner, by its name in the configuration: from the door itself, or by its bearer token.
    pub partner: String,
}

/// A body as it arrives; it is never whole in memory unless it is short.
pub trait Incoming: fmt::Debug + Send {
    /// The next bytes; `None` after the last.
    ///
    /// Cancelling it loses nothing that was not given out yet.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>>;
}

/// Why a body did not arrive whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Broken {
    /// It is longer than the door allows.
    #[error("the body is longer than this door takes")]
    TooLong,
    /// It came too slowly.
    #[error("the body came too slowly")]
    TooSlow,
    /// It ended before its end, or its framing is wrong.
    #[error("the body ended before its end")]
    Cut,
}

/// What somebody asks of the FHIR façade.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Interaction {
    /// `POST $submit-attachment`, at the root or at `Claim`.
    SubmitAttachment,
    /// `POST Task`.
    CreateTask {
        /// `If-None-Exist`: the query that must find nothing, parsed and decoded.
        unless: Option<Vec<(String, String)>>,
    },
    /// `PUT Task/[id]`.
    UpdateTask {
        /// Which Task.
        id: String,
        /// `If-Match`: the version that it must have.
        version: Option<u64>,
    },
    /// `GET Task/[id]`.
    ReadTask {
        /// Which Task.
        id: String,
    },
    /// `GET Task/[id]/_history/[version]`.
    ReadVersion {
        /// Which Task.
        id: String,
        /// Which version.
        version: u64,
    },
    /// `GET Task/[id]/_history`.
    History {
        /// Which Task.
        id: String,
        /// `_count` and the page, parsed and decoded.
        query: Vec<(String, String)>,
    },
    /// `GET Task?…` and `POST Task/_search`.
    SearchTasks {
        /// The parameters, parsed and decoded, in their order.
        query: Vec<(String, String)>,
    },
}

/// What a caller of the façade wants to see after a write.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Prefer {
    /// Nothing more than the status.
    Minimal,
    /// The resource as it is now.
    #[default]
    Representation,
    /// What there is to say of it.
    Outcome,
}

/// What a door answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reply {
    /// The status, as HTTP counts.
    pub status: u16,
    /// The version of the resource (`ETag: W/"…"`).
    pub version: Option<u64>,
    /// When the resource was last changed.
    pub changed: Option<SystemTime>,
    /// Where the resource is, under the base of the façade: `Task/…/_history/1`.
    pub location: Option<String>,
    /// After how long the same may be tried again.
    pub retry_after: Option<Duration>,
    /// The body: FHIR JSON for the façade, X12 or a line of text for the others. Empty is no body.
    pub body: Bytes,
    /// What the body is.
    pub media: Media,
}

/// What a body is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Media {
    /// `application/fhir+json`.
    #[default]
    Fhir,
    /// `application/edi-x12`.
    X12,
    /// `text/plain`.
    Text,
}
