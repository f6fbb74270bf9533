//! The few kinds of value that an event may hold.

use std::fmt;
use std::sync::Arc;

/// The name of a partner or a door, as the operator wrote it in the configuration.
///
/// No identifier of a person is ever such a name, because the configuration is written before any message comes.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct ConfiguredName(Arc<str>);

/// A message of the outbox: the number of its exchange, and its own number there.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Outgoing {
    /// The exchange.
    pub exchange: u64,
    /// Which of its messages.
    pub number: u32,
}

impl ConfiguredName {
    /// Takes a name out of the configuration; never hand in anything out of a message.
    pub fn configured(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConfiguredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{:x}/{}", self.exchange, self.number)
    }
}
