//! The texts of the last generations, on disk, so that one can go back.

use std::cell::RefCell;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::config::show::quoted;
use crate::config::source::InMemory;
use crate::config::source::Sources;

/// A generation as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    /// The name of its main file.
    pub main: String,
    /// All its texts.
    pub texts: InMemory,
    /// Partners that were being given up in it, each with the number of the last generation that had it.
    pub retiring: Vec<(String, u32)>,
}

/// A folder with one folder a generation: its texts, and a list of their names.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The generations in this folder, which is made when the first one is kept.
    pub const fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The number of the newest generation, if one is kept.
    ///
    /// # Errors
    /// As the file system says.
    pub fn newest(&self) -> io::Result<Option<u32>> {
        Ok(self.numbers()?.last().copied())
    }

    /// The numbers of all generations that are kept, the oldest first.
    ///
    /// # Errors
    /// As the file system says.
    pub fn numbers(&self) -> io::Result<Vec<u32>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(fault) => return Err(fault),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            // A folder that was begun and not finished has another name.
            numbers.extend(
                entry?
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse::<u32>().ok()),
            );
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// A generation, if it is kept.
    ///
    /// # Errors
    /// As the file system says, and if the list of names is damaged.
    pub fn load(&self, number: u32) -> io::Result<Option<Kept>> {
        let folder = self.of(number);
        if !folder.is_dir() {
            return Ok(None);
        }
        let list = fs::read_to_string(folder.join(LIST))?;
        let list = DeTable::parse(&list).map_err(|_| damaged())?;
        let list = list.get_ref();
        let main = list
            .get("main")
            .and_then(|main| main.get_ref().as_str())
            .ok_or_else(damaged)?;
        let files = list
            .get("files")
            .and_then(|files| files.get_ref().as_array())
            .ok_or_else(damaged)?;
        let mut texts = InMemory::default();
        for (position, name) in files.iter().enumerate() {
            let name = name.get_ref().as_str().ok_or_else(damaged)?;
            texts = texts.with(name, fs::read(folder.join(stored_name(position)))?);
        }
        Ok(Some(Kept {
            main: main.to_owned(),
            texts,
            retiring: retiring(list).ok_or_else(damaged)?,
        }))
    }

    /// Keeps a generation, and lets go of those before the last twenty, but for those that say what was agreed with a
    /// partner that is being given up in it.
    ///
    /// A generation has its name only when it is whole on disk.
    ///
    /// # Errors
    /// As the file system says.
    pub fn keep(&self, number: u32, kept: &Kept) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let begun = self.folder.join(format!("{number}.begun"));
        if begun.exists() {
            fs::remove_dir_all(&begun)?;
        }
        fs::create_dir(&begun)?;
        let mut list = format!("main = {}\nfiles = [\n", quoted(&kept.main));
        for (position, (name, bytes)) in kept.texts.files().enumerate() {
            let _ = writeln!(list, "    {},", quoted(name));
            write_whole(&begun.join(stored_name(position)), bytes)?;
        }
        list.push_str("]\nretiring = [\n");
        for (name, generation) in &kept.retiring {
            let _ = writeln!(
                list,
                "    {{ name = {}, generation = {generation} }},",
                quoted(name)
            );
        }
        list.push_str("]\n");
        write_whole(&begun.join(LIST), list.as_bytes())?;
        fs::rename(&begun, self.of(number))?;
        // The name lasts only when the folder that it is in has been written too.
        #[cfg(unix)]
        fs::File::open(&self.folder)?.sync_all()?;
        let numbers = self.numbers()?;
        let old = numbers.len().saturating_sub(KEPT);
        for number in numbers.iter().take(old) {
            if !kept.retiring.iter().any(|(_, needed)| needed == number) {
                fs::remove_dir_all(self.of(*number))?;
            }
        }
        Ok(())
    }

    fn of(&self, number: u32) -> PathBuf {
        self.folder.join(number.to_string())
    }
}

/// Who was being given up; nobody in a list that says nothing of it.
fn retiring(list: &DeTable<'_>) -> Option<Vec<(String, u32)>> {
    let Some(all) = list.get("retiring") else {
        return Some(Vec::new());
    };
    let one = |entry: &Spanned<DeValue<'_>>| {
        let entry = entry.get_ref().as_table()?;
        let name = entry.get("name")?.get_ref().as_str()?;
        let number = entry.get("generation")?.get_ref().as_integer()?.as_str();
        Some((name.to_owned(), number.parse().ok()?))
    };
    all.get_ref().as_array()?.iter().map(one).collect()
}

fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the list of a kept generation is damaged",
    )
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;

    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn stored_name(position: usize) -> String {
    format!("file-{position}")
}

/// How many generations are kept.
const KEPT: usize = 20;

const LIST: &str = "generation.toml";

/// Sources that remember every file that was read.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    sources: &'a dyn Sources,
    texts: RefCell<InMemory>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(sources: &'a dyn Sources) -> Self {
        Self {
            sources,
            texts: RefCell::default(),
        }
    }

    pub(super) fn into_texts(self) -> InMemory {
        self.texts.into_inner()
    }
}

impl Sources for Recorder<'_> {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let bytes = self.sources.read(name)?;
        let texts = self.texts.take().with(name, bytes.clone());
        self.texts.replace(texts);
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.sources.list(folder)
    }

    fn shown(&self, name: &str) -> String {
        self.sources.shown(name)
    }
}
