//! Files that are written for an input: named by their place, never by what they say, and never over another file.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use super::inputs::Inaccessible;

/// The folder that files are written to.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Whether files that are there already may be replaced.
    replace: bool,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made if it is not there.
    ///
    /// # Errors
    /// The failure to make it.
    pub(crate) fn new(path: &Path, replace: bool) -> Result<Self, Inaccessible> {
        fs::create_dir_all(path).map_err(|fault| about(path, fault))?;
        Ok(Self {
            path: path.to_owned(),
            replace,
        })
    }

    /// A file for the payload of segment `ordinal`.
    ///
    /// # Errors
    /// The failure to make it, above all because there is one of that name.
    pub(crate) fn draft(&self, ordinal: u64, extension: &str) -> Result<Draft, Inaccessible> {
        self.create(Path::new(&format!("{ordinal:06}.{extension}")))
    }

    /// A file of this name below the folder.
    ///
    /// # Errors
    /// As [`Folder::draft`], and the failure to make the folders between.
    pub(crate) fn create(&self, name: &Path) -> Result<Draft, Inaccessible> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|fault| about(parent, fault))?;
        }
        let mut options = File::options();
        options.write(true);
        if self.replace {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let file = options.open(&path).map_err(|fault| about(&path, fault))?;
        Ok(Draft { file, path })
    }
}

impl Draft {
    /// Ends the file and answers its name. One that cannot be trusted gets a name that says so.
    ///
    /// # Errors
    /// The failure to rename it.
    pub(crate) fn finish(self, trusted: bool) -> Result<String, Inaccessible> {
        if trusted {
            return Ok(self.path.display().to_string());
        }
        let mut name = self.path.clone().into_os_string();
        name.push(".broken");
        fs::rename(&self.path, &name).map_err(|fault| about(&self.path, fault))?;
        Ok(PathBuf::from(name).display().to_string())
    }

    /// Adds octets.
    ///
    /// # Errors
    /// The failure to write them.
    pub(crate) fn write(&mut self, octets: &[u8]) -> Result<(), Inaccessible> {
        self.file
            .write_all(octets)
            .map_err(|fault| about(&self.path, fault))
    }
}

/// A failure with the file it happened to.
fn about(path: &Path, fault: io::Error) -> Inaccessible {
    Inaccessible {
        name: path.display().to_string(),
        fault,
    }
}
