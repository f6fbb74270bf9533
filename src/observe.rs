//! What happens, told as it happens: every event is a type, and log, audit file and counters all come from it.
//!
//! An [`event::Event`] has no field that could hold anything of a message, so whoever tells one cannot tell too much
//! (SEC-030).
//! Telling never waits: [`journal::Journal::tell`] counts the event and hands it to a thread of its own, and what does
//! not fit its queue is dropped and counted, because no delivery may wait for a log.

pub mod event;
pub mod journal;
pub mod name;
pub mod tally;

mod line;
