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

/// A file that is being written, under another name until it is whole.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    /// What it is called for now.
    part: PathBuf,
    /// What it will be called.
    path: PathBuf,
    replace: bool,
    /// Whether it has its last name.
    whole: bool,
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
        if !self.replace && path.exists() {
            return Err(about(&path, io::ErrorKind::AlreadyExists.into()));
        }
        let part = extended(&path, ".part");
        Ok(Draft {
            file: create(&part, self.replace)?,
            part,
            path,
            replace: self.replace,
            whole: false,
        })
    }
}

/// Leaves nothing half written behind.
impl Drop for Draft {
    fn drop(&mut self) {
        if !self.whole {
            // Should that fail, the name still says what it is.
            let _ = fs::remove_file(&self.part);
        }
    }
}

impl Draft {
    /// Ends the file and answers its name. One that cannot be trusted gets a name that says so.
    ///
    /// # Errors
    /// The failure to name it, above all because there is one of that name by now.
    pub(crate) fn finish(mut self, trusted: bool) -> Result<String, Inaccessible> {
        let path = if trusted {
            self.path.clone()
        } else {
            extended(&self.path, ".broken")
        };
        // Renaming would silently replace another file; making the name first does not.
        create(&path, self.replace)?;
        fs::rename(&self.part, &path).map_err(|fault| about(&path, fault))?;
        self.whole = true;
        Ok(path.display().to_string())
    }

    /// Adds octets.
    ///
    /// # Errors
    /// The failure to write them.
    pub(crate) fn write(&mut self, octets: &[u8]) -> Result<(), Inaccessible> {
        self.file
            .write_all(octets)
            .map_err(|fault| about(&self.part, fault))
    }
}

fn create(path: &Path, replace: bool) -> Result<File, Inaccessible> {
    let mut options = File::options();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(path).map_err(|fault| about(path, fault))
}

fn extended(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A failure with the file it happened to.
fn about(path: &Path, fault: io::Error) -> Inaccessible {
    Inaccessible {
        name: path.display().to_string(),
        fault,
    }
}
