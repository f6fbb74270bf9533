//! Transactions against guides: what is found, where, and how little one mistake costs.

#![allow(
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test's modules are its own, and it may stop"
)]

mod elements;
mod faults;
mod levels;
mod segments;
mod support;
