//! The data types of CDA, each written as the one of FHIR.

pub(super) mod address;
pub(super) mod attachment;
pub(super) mod concept;
pub(super) mod identifier;
pub(super) mod number;
pub(super) mod person_name;
pub(super) mod quantity;
pub(super) mod stamp;
pub(super) mod telecom;
pub(super) mod time;
pub(super) mod value;
