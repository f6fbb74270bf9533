//! The state machine of one conversation, from the outside: every pair of state and event, parts in every order,
//! random orders of everything, and what is stored.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "exchange_conversation/journeys.rs"]
mod journeys;
#[path = "exchange_conversation/orders.rs"]
mod orders;
#[path = "exchange_conversation/pairs.rs"]
mod pairs;
#[path = "exchange_conversation/policies.rs"]
mod policies;
#[path = "exchange_conversation/random.rs"]
mod random;
#[path = "exchange_conversation/scene.rs"]
mod scene;
#[path = "exchange_conversation/stored.rs"]
mod stored;
#[path = "exchange_conversation/times.rs"]
mod times;
