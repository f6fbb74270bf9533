//! The flow without sockets: a gateway over a store in memory, a clock that moves when it is told to, and partners that
//! are a few lines of text.

#[path = "flow/bench.rs"]
mod bench;
#[path = "flow/messages.rs"]
mod messages;

#[path = "flow/answers.rs"]
mod answers;
#[path = "flow/attachments.rs"]
mod attachments;
#[path = "flow/errors.rs"]
mod errors;
#[path = "flow/heavy.rs"]
mod heavy;
#[path = "flow/passing.rs"]
mod passing;
#[path = "flow/posted.rs"]
mod posted;
#[path = "flow/requests.rs"]
mod requests;
#[path = "flow/settling.rs"]
mod settling;
#[path = "flow/tasks.rs"]
mod tasks;
#[path = "flow/tenants.rs"]
mod tenants;
