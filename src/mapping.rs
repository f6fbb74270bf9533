//! The tables in `mappings/`: what an analyst can read, review and change.

pub mod ccda;
