//! A folder that is watched.
