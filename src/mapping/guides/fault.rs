//! What can be wrong with the files of guides.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A fault in a file of a guide or dictionary, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuideFileError {
    /// The name of the file.
    pub file: String,
    /// The line, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for GuideFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Why guides could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// Some files are not as they should be; every fault is listed.
    #[error("{}", listed(.0))]
    Faulty(Vec<GuideFileError>),
}

fn listed(faults: &[GuideFileError]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
