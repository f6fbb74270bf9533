//! Translations there and back: what arrives, what is lost, and that the books say so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop"
)]

#[path = "translate/balance.rs"]
mod balance;
#[path = "translate/corpus.rs"]
mod corpus;
#[path = "translate/generated.rs"]
mod generated;
#[path = "translate/mappings.rs"]
mod mappings;
#[path = "translate/round_trip.rs"]
mod round_trip;
#[path = "translate/skipped.rs"]
mod skipped;
#[path = "translate/stream.rs"]
mod stream;
