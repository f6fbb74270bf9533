//! The state machine of one attachment conversation.

pub mod breaker;
pub mod coding;
pub mod correlation;
pub mod delivery;
pub mod effect;
pub mod event;
pub mod ids;
pub mod keys;
pub mod ladder;
pub mod moment;
pub mod refusal;
pub mod retry;
mod set;
pub mod state;
pub mod steady;
mod step;
pub mod task;
pub mod terms;
mod timers;
