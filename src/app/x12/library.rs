//! The guides that files are checked and shown by.

use std::path::PathBuf;

use crate::mapping::guides::Guides;
use crate::mapping::guides::LoadError;

/// Where guides come from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Library {
    /// A folder of guides (TOML) that replace those of the program, or add to them
    #[arg(long = "guides", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Library {
    /// Loads them.
    ///
    /// # Errors
    /// Every fault in the files of the folder.
    pub(crate) fn load(&self) -> Result<Guides, LoadError> {
        match &self.folder {
            Some(folder) => Guides::with_folder(folder),
            None => Guides::embedded(),
        }
    }
}
