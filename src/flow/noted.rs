//! What is noted beside a message: for the audit, and to find again what it holds for which exchange.
//!
//! These are written once for each message, so they are written as they are, without a tree of values in between.

use serde::Serialize;

use crate::ledger::opaque::Opaque;

/// A step of an exchange, for the audit.
#[derive(Serialize)]
pub(super) struct Stepped {
    pub(super) event: String,
    pub(super) exchange: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) alerts: Vec<&'static str>,
}

/// What the message at hand holds for an exchange.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Link {
    pub(crate) exchange: u64,
    pub(crate) part: Option<u32>,
    pub(crate) message: String,
    pub(crate) transaction: usize,
    pub(crate) document: usize,
}

/// Something of ours as JSON.
pub(crate) fn written(told: &impl Serialize) -> Opaque {
    Opaque::new(serde_json::to_vec(told).expect("what we write ourselves has names for its members"))
}
