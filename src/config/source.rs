//! Where the texts of a configuration come from, and where in them something stands.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

/// Files by their names, relative to the folder of the main file.
pub trait Sources: fmt::Debug {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As the file system says.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// The names of the files in a folder, without the folder, in no order.
    ///
    /// # Errors
    /// As the file system says.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// How a file is called when an operator is told of it.
    fn shown(&self, name: &str) -> String;
}

/// Files on disk.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// The files of the folder that `main` is in, with the name of `main` in it.
    pub fn around(main: &Path) -> (Self, String) {
        let folder = main.parent().unwrap_or(Path::new("")).to_path_buf();
        let name = main.file_name().map(|name| name.to_string_lossy().into_owned());
        (Self { folder }, name.unwrap_or_default())
    }

    /// Where a name leads.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Sources for Disk {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(name))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = self.path(folder);
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(here)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                continue;
            }
            names.extend(entry.file_name().into_string());
        }
        Ok(names)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// Files held in memory: those of a kept generation, or of a test.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InMemory {
    files: BTreeMap<String, Vec<u8>>,
}

impl InMemory {
    /// Adds a file, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), bytes.into());
        self
    }

    /// The files and their names.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }
}

impl Sources for InMemory {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let inside = |name: &String| {
            let rest = if folder.is_empty() {
                Some(name.as_str())
            } else {
                name.strip_prefix(folder)?.strip_prefix('/')
            };
            rest.filter(|rest| !rest.contains('/')).map(str::to_owned)
        };
        Ok(self.files.keys().filter_map(inside).collect())
    }

    fn shown(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// Why a file cannot be read, in words that are the same on every machine where that is possible.
pub fn why_unreadable(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => fault.to_string(),
    }
}

/// Position of a file among those that were read.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(u32);

/// Where something stands in the configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// The spot in it.
    pub spot: Spot,
}

/// A spot in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spot {
    /// Some bytes of a text.
    Text {
        /// The first byte.
        start: u32,
        /// The byte after the last.
        end: u32,
    },
    /// A row of a sheet, or a cell in it.
    Cell {
        /// The line at which the row starts, from one.
        line: u32,
        /// The column, from zero; nothing for the whole row.
        column: Option<u16>,
    },
}

/// The files that were read, with their texts.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, relative to the folder of the main file.
    pub name: String,
    /// How an operator calls it.
    pub shown: String,
    /// What it says.
    pub text: String,
    /// The headings, if it is a sheet.
    pub headings: Vec<String>,
    /// Bytes that must not be shown.
    pub secrets: Vec<Range<usize>>,
    /// Where each line starts.
    lines: Vec<u32>,
}

/// A place as an operator reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownPlace<'a> {
    /// The file.
    pub file: &'a str,
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one; nothing in a sheet.
    pub column: Option<u32>,
    /// The heading of the column, in a sheet.
    pub heading: Option<&'a str>,
}

impl Files {
    /// Takes a file in.
    pub fn add(&mut self, name: &str, shown: String, text: String) -> FileId {
        let starts = text.match_indices('\n').map(|(at, _)| short(at + 1));
        let lines = std::iter::once(0).chain(starts).collect();
        let file = File {
            name: name.to_owned(),
            shown,
            text,
            headings: Vec::new(),
            secrets: Vec::new(),
            lines,
        };
        self.files.push(file);
        FileId(short(self.files.len() - 1))
    }

    /// All files in the order in which they were read.
    pub fn all(&self) -> &[File] {
        &self.files
    }

    /// A file.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// A file, to be told more about.
    pub fn file_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.files.get_mut(id.0 as usize)
    }

    /// The place as an operator reads it.
    pub fn place(&self, origin: Origin) -> ShownPlace<'_> {
        let Some(file) = self.file(origin.file) else {
            return ShownPlace {
                file: "",
                line: 1,
                column: None,
                heading: None,
            };
        };
        match origin.spot {
            Spot::Cell { line, column } => {
                let heading = column.and_then(|column| file.headings.get(usize::from(column)));
                ShownPlace {
                    file: &file.shown,
                    line,
                    column: None,
                    heading: heading.map(String::as_str),
                }
            }
            Spot::Text { start, .. } => {
                let (line, from) = file.line_at(start);
                let before = file.text.get(from..start as usize).unwrap_or_default();
                let column = Some(short(before.chars().count() + 1));
                ShownPlace {
                    file: &file.shown,
                    line,
                    column,
                    heading: None,
                }
            }
        }
    }

    /// `file:line`, the way a reference in a sentence names a place.
    pub fn reference(&self, origin: Origin) -> String {
        let place = self.place(origin);
        format!("{}:{}", place.file, place.line)
    }
}

impl File {
    /// The number of the line, from one, in which a byte is, and where that line starts.
    pub fn line_at(&self, byte: u32) -> (u32, usize) {
        let number = self.lines.partition_point(|start| *start <= byte).max(1);
        let from = self.lines.get(number - 1).copied().unwrap_or(0);
        (short(number), from as usize)
    }

    /// The text of a line, by its number from one, with what must not be shown blotted out, and where it starts.
    pub fn line(&self, number: u32) -> Option<(String, usize)> {
        let from = *self.lines.get((number as usize).checked_sub(1)?)? as usize;
        let text = self.text.get(from..)?.lines().next().unwrap_or_default();
        let hidden = |at: usize| self.secrets.iter().any(|secret| secret.contains(&at));
        let shown = text.char_indices().map(|(at, letter)| match letter {
            _ if hidden(from + at) => '*',
            // What would move the cursor or turn the line around is no part of a configuration anyway.
            '\t' => ' ',
            control if control.is_control() || is_turning(control) => '\u{fffd}',
            letter => letter,
        });
        Some((shown.collect(), from))
    }
}

impl Origin {
    /// Some bytes of a text.
    pub fn text(file: FileId, span: Range<usize>) -> Self {
        Self {
            file,
            spot: Spot::Text {
                start: short(span.start),
                end: short(span.end),
            },
        }
    }

    /// A row of a sheet, or a cell of it.
    pub const fn cell(file: FileId, line: u32, column: Option<u16>) -> Self {
        Self {
            file,
            spot: Spot::Cell { line, column },
        }
    }
}

/// Characters that change the direction in which a line is read.
const fn is_turning(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// Files of four thousand million bytes are refused before this matters.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column_in_characters() {
        let mut files = Files::default();
        let id = files.add("a.toml", "a.toml".to_owned(), "one = 1\nzwölf = 12\n".to_owned());
        let place = files.place(Origin::text(id, 17..19));
        assert_eq!((place.line, place.column), (2, Some(9)));
        assert_eq!(files.reference(Origin::text(id, 0..1)), "a.toml:1");
        assert_eq!(files.place(Origin::text(id, 20..20)).line, 3);
    }

    #[test]
    fn what_must_not_be_shown_is_blotted_out() {
        let mut files = Files::default();
        let id = files.add("a", "a".to_owned(), "key = \"canary\"\u{202e}\tx\n".to_owned());
        files.file_mut(id).unwrap().secrets.push(6..14);
        let (line, _) = files.file(id).unwrap().line(1).unwrap();
        assert_eq!(line, "key = ********\u{fffd} x");
    }

    #[test]
    fn a_folder_in_memory_lists_its_own_files_only() {
        let memory = InMemory::default()
            .with("a.toml", "")
            .with("b/c.toml", "")
            .with("b/d/e.toml", "");
        assert_eq!(memory.list("b").unwrap(), ["c.toml"]);
        assert_eq!(memory.list("").unwrap(), ["a.toml"]);
    }
}
