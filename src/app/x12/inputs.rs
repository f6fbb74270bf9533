//! What a command is to read: files, folders and standard input, in chunks of bounded size.

use std::fs;
use std::fs::File;
use std::io;
use std::io::IsTerminal;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use super::excerpt::tame;

/// Bytes read at a time.
const CHUNK: usize = 1024 * 1024;

/// One thing to read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Input {
    source: Source,
    /// The name below the folder that was asked for, or the file's own name.
    below: PathBuf,
    /// Bytes, where they can be known beforehand.
    size: Option<u64>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Source {
    Standard,
    File(PathBuf),
}

/// A file or folder that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", tame(name))]
pub(crate) struct Inaccessible {
    /// The file, as it was named.
    pub(crate) name: String,
    /// Why it cannot be.
    pub(crate) fault: io::Error,
}

impl Input {
    /// The one thing that `path` names; `-` is standard input.
    ///
    /// # Errors
    /// What cannot be found, and folders, are refused.
    pub(crate) fn single(path: &Path) -> Result<Self, Inaccessible> {
        if path.as_os_str() == "-" {
            return Ok(Self::standard());
        }
        let refuse = |fault| Inaccessible {
            name: path.display().to_string(),
            fault,
        };
        let known = fs::metadata(path).map_err(refuse)?;
        if known.is_dir() {
            return Err(refuse(io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self::file(path.to_owned(), Path::new(""), &known))
    }

    fn standard() -> Self {
        Self {
            source: Source::Standard,
            below: PathBuf::from("standard-input"),
            size: None,
        }
    }

    fn file(path: PathBuf, folder: &Path, known: &fs::Metadata) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            below: folder.join(name),
            size: known.is_file().then_some(known.len()),
            source: Source::File(path),
        }
    }

    /// How programs are told of it: the path as it was named, `-` for standard input.
    pub(crate) fn name(&self) -> String {
        match &self.source {
            Source::Standard => "-".to_owned(),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// How a person is told of it.
    pub(crate) fn title(&self) -> String {
        match &self.source {
            Source::Standard => "standard input".to_owned(),
            Source::File(path) => tame(&path.to_string_lossy()),
        }
    }

    /// Where something about it belongs in a folder that mirrors what was asked for.
    pub(crate) fn below(&self) -> &Path {
        &self.below
    }

    /// Bytes, where they can be known beforehand.
    pub(crate) const fn size(&self) -> Option<u64> {
        self.size
    }

    /// Whether it is standard input and a person sits at it.
    pub(crate) fn waits_for_keys(&self) -> bool {
        self.source == Source::Standard && io::stdin().is_terminal()
    }

    /// Opens it.
    ///
    /// # Errors
    /// What cannot be opened is told by its title.
    pub(crate) fn open(&self) -> Result<Chunks, Inaccessible> {
        let title = self.title();
        let reader: Box<dyn Read> = match &self.source {
            Source::Standard => Box::new(io::stdin().lock()),
            Source::File(path) => match File::open(path) {
                Ok(file) => Box::new(file),
                Err(fault) => return Err(Inaccessible { name: title, fault }),
            },
        };
        Ok(Chunks {
            reader,
            buffer: vec![0; CHUNK],
            title,
        })
    }
}

/// The bytes of an input, a chunk at a time.
pub(crate) struct Chunks {
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    title: String,
}

impl Chunks {
    /// The next chunk; nothing at the end.
    ///
    /// # Errors
    /// The failure to read it.
    pub(crate) fn advance(&mut self) -> Result<Option<&[u8]>, Inaccessible> {
        loop {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(length) => return Ok(self.buffer.get(..length)),
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => {
                    let name = self.title.clone();
                    return Err(Inaccessible { name, fault });
                }
            }
        }
    }
}

/// Finds everything that `paths` name: files, `-`, and folders with all that is in them, in the order of their names.
///
/// Hidden files in folders, links from folder to folder, devices and pipes in folders are left out.
pub(crate) fn gather(paths: &[PathBuf]) -> (Vec<Input>, Vec<Inaccessible>) {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() != "-" && path.is_dir() {
            walk(path, Path::new(""), &mut found, &mut lost);
        } else {
            match Input::single(path) {
                Ok(input) => found.push(input),
                Err(refused) => lost.push(refused),
            }
        }
    }
    (found, lost)
}

fn walk(folder: &Path, below: &Path, found: &mut Vec<Input>, lost: &mut Vec<Inaccessible>) {
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(fault) => {
            let name = folder.display().to_string();
            return lost.push(Inaccessible { name, fault });
        }
    };
    let mut names: Vec<_> = entries.iter().map(fs::DirEntry::file_name).collect();
    names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
    names.sort_unstable();
    for name in names {
        let path = folder.join(&name);
        // A link is followed to a file but not to a folder, which could be one of those we are in.
        let is_link = path.is_symlink();
        match fs::metadata(&path) {
            Ok(known) if known.is_dir() && !is_link => walk(&path, &below.join(&name), found, lost),
            Ok(known) if known.is_file() => found.push(Input::file(path, below, &known)),
            Ok(_) => {}
            Err(fault) => lost.push(Inaccessible {
                name: path.display().to_string(),
                fault,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_a_dash_for_programs_and_words_for_people() {
        let (found, lost) = gather(&[PathBuf::from("-")]);
        assert!(lost.is_empty());
        assert_eq!((found[0].name().as_str(), found[0].size()), ("-", None));
        assert_eq!(found[0].title(), "standard input");
    }

    #[test]
    fn a_folder_is_walked_in_order_and_keeps_its_shape() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
        let (found, lost) = gather(std::slice::from_ref(&folder));
        assert!(lost.is_empty());
        let below: Vec<_> = found.iter().map(|input| input.below().to_owned()).collect();
        assert!(below.is_sorted() && below.contains(&PathBuf::from("x12/inputs.rs")));
        assert!(found.iter().all(|input| input.size().is_some()));
    }

    #[test]
    fn what_is_not_there_is_told_by_name() {
        let (found, lost) = gather(&[PathBuf::from("no/such/file.edi")]);
        assert!(found.is_empty());
        assert_eq!(lost[0].name, "no/such/file.edi");
        assert_eq!(lost[0].fault.kind(), io::ErrorKind::NotFound);
    }
}
