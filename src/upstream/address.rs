//! Where a partner is reached.

/// Where a partner is reached, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A FHIR server, by its base.
    Fhir {
        /// The base.
        url: String,
    },
}
