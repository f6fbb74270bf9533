//! What became of one attempt to send.

use std::time::Duration;

/// What became of one attempt to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attempt {
    /// An HTTP peer said something.
    Answered {
        /// The status.
        status: u16,
        /// What the body is, if that was said.
        media: Option<String>,
        /// Where the resource is.
        location: Option<String>,
        /// After how long the same may be tried again.
        retry_after: Option<Duration>,
        /// At most 1 MiB.
        body: Vec<u8>,
    },
    /// A file is in its folder.
    Placed,
    /// Nothing came back.
    Failed {
        /// Why.
        trouble: Trouble,
        /// After how long the same may be tried again.
        retry_after: Option<Duration>,
    },
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trouble {
    /// There was no connection.
    Unreachable,
}
