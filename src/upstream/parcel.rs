//! One message on its way: what it is called, what is to be done with it, and its bytes as a stream.

use std::fmt;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;

use crate::upstream::errand::Errand;

/// A message to be handed over. It is the same for each attempt.
#[derive(Debug)]
pub struct Parcel {
    /// What no other message is called: it is sent as `X-Request-Id`.
    pub id: String,
    /// What is to be done with it.
    pub errand: Errand,
    /// The control number of the interchange, if it is one.
    pub control: Option<u64>,
    /// Who gets it.
    pub partner: String,
    /// Its bytes.
    pub content: Box<dyn Content>,
}

/// The bytes of a message, which can be read more than once.
pub trait Content: fmt::Debug + Send + Sync {
    /// How many bytes there are.
    fn length(&self) -> u64;

    /// Begins to read them.
    fn open(&self) -> Box<dyn Pieces>;
}

/// The bytes of a message, piece by piece.
pub trait Pieces: Send {
    /// The next bytes; `None` after the last. What was given out is not given out again.
    ///
    /// Nothing is asked for after an error or after the end.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unreadable>>>;
}

/// What is to be sent cannot be read, or is not what was stored.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("what is to be sent cannot be read")]
pub struct Unreadable;
