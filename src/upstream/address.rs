//! Where a partner is reached.

use std::path::PathBuf;

use crate::trust::secret::Secret;
use crate::upstream::file_name::NameTemplate;
use crate::upstream::web::WebAddress;

/// Where a partner is reached, and how we prove to it who we are. Credentials are never printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// A FHIR server.
    Fhir {
        /// Its base: operations and resources lie under it.
        base: WebAddress,
        /// Our token there.
        bearer: Option<Secret>,
    },
    /// A partner that takes X12 by `POST`.
    X12Http {
        /// Where.
        url: WebAddress,
        /// Our token there.
        bearer: Option<Secret>,
    },
    /// A partner that takes X12 as files.
    Folder {
        /// The folder.
        path: PathBuf,
        /// How files in it are named.
        name: NameTemplate,
    },
}
