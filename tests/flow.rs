//! The flow without sockets: a gateway over a store in memory, a clock that moves when it is told to, and partners that
//! are a few lines of text.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "flow/bench.rs"]
mod bench;
#[path = "flow/messages.rs"]
mod messages;
#[path = "flow/partners.rs"]
mod partners;

#[path = "flow/answers.rs"]
mod answers;
#[path = "flow/attachments.rs"]
mod attachments;
#[path = "flow/errors.rs"]
mod errors;
#[path = "flow/fetching.rs"]
mod fetching;
#[path = "flow/heavy.rs"]
mod heavy;
#[path = "flow/log.rs"]
mod log;
#[path = "flow/passing.rs"]
mod passing;
#[path = "flow/posted.rs"]
mod posted;
#[path = "flow/racing.rs"]
mod racing;
#[path = "flow/requests.rs"]
mod requests;
#[path = "flow/settling.rs"]
mod settling;
#[path = "flow/tasks.rs"]
mod tasks;
#[path = "flow/tenants.rs"]
mod tenants;
