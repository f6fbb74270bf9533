//! Transactions against guides: what is found, where, and how little one mistake costs.

#![allow(unreachable_pub, reason = "a test's modules are its own")]

mod elements;
mod faults;
mod levels;
mod segments;
mod support;
