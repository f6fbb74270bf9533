//! The courier: what it promises of each message, each destination and its own end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "courier/disk.rs"]
mod disk;
#[path = "courier/ending.rs"]
mod ending;
#[path = "courier/retrying.rs"]
mod retrying;
#[path = "courier/scene.rs"]
mod scene;
#[path = "courier/sharing.rs"]
mod sharing;
#[path = "courier/wire.rs"]
mod wire;
