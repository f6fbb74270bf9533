//! Pure functions between models; each returns its result and what it could not carry over.

pub mod ccda;
