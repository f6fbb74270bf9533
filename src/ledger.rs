//! Where everything is kept (module doc follows).

pub mod blobs;
pub mod body;
pub mod digest;
pub mod disk;
pub mod entry;
pub mod error;
pub mod found;
pub mod ids;
pub mod opaque;
pub mod pending;
pub mod sqlite;
pub mod store;

mod ballast;
mod chain;
mod crc;
mod leases;
mod moment;
mod state;
