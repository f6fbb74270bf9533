//! Where everything is kept (module doc follows).

pub mod blob_log;
pub mod blobs;
pub mod body;
pub mod digest;
pub mod disk;
pub mod entry;
pub mod error;
pub mod folder;
pub mod forgetful;
pub mod found;
pub mod ids;
pub mod local;
pub mod opaque;
pub mod pending;
pub mod sqlite;
pub mod store;

mod ballast;
mod chain;
mod crc;
mod crew;
mod leases;
mod moment;
mod state;
