//! The tables under `mappings/`: loaded, checked and handed on as what they mean.

pub mod guides;
