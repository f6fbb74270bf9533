//! The guides and their dictionary: embedded in the program, or read from a folder that replaces some or adds to them.

pub mod companion;

mod fault;
mod shape;
mod source;
mod words;

pub use fault::GuideFileError;
pub use fault::LoadError;

use std::fs;
use std::path::Path;

use source::Source;
use x12_parser::Dictionary;
use x12_parser::Guide;
use x12_parser::GuideSet;

/// A file under `mappings/guides`, by its name.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../mappings/guides/", $name)))),*]
    };
}

/// The files that the program carries.
const EMBEDDED: &[(&str, &str)] = embedded![
    "005010X186.toml",
    "005010X210.toml",
    "005010X211.toml",
    "005010X212.toml",
    "005010X213.toml",
    "005010X214.toml",
    "005010X217-request.toml",
    "005010X217-response.toml",
    "005010X231A1.toml",
    "006020X257.toml",
    "006020X313.toml",
    "006020X314.toml",
    "006020X316.toml",
    "TA1.toml",
    "dictionary-segments.toml",
    "dictionary.toml",
];

/// Guides by the transaction set and id that a message names.
#[derive(Clone, Debug, Default)]
pub struct Guides {
    set: GuideSet,
}

impl Guides {
    /// The guides that the program carries.
    ///
    /// # Errors
    /// Only if the program was built with faulty guides, which its tests rule out.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::compile(&carried())
    }

    /// The guides that the program carries, with those in `folder` in place of theirs where the names of the files are
    /// the same, and beside them otherwise. Files that are not TOML are passed over.
    ///
    /// # Errors
    /// If the folder cannot be read, or for everything that is wrong in any file, with its line and column.
    pub fn with_folder(folder: &Path) -> Result<Self, LoadError> {
        let mut sources = carried();
        for (name, text) in read_folder(folder)? {
            sources.retain(|source| source.name != name);
            sources.push(Source::new(name, text));
        }
        Self::compile(&sources)
    }

    /// The guides in some files, each given by its name and text, and no others; those called `dictionary…` are the
    /// dictionary.
    ///
    /// # Errors
    /// For everything that is wrong in any file, with its line and column.
    pub fn from_files<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, LoadError> {
        let sources: Vec<Source> = files
            .into_iter()
            .map(|(name, text)| Source::new(name.to_owned(), text.to_owned()))
            .collect();
        Self::compile(&sources)
    }

    /// The guides for a transaction set (ST01) and an id (ST03, else GS08): none, one, or several that the second
    /// segment of a transaction tells apart.
    #[must_use]
    pub fn guide_for(&self, set: &str, id: &str) -> &[Guide] {
        self.set.find(set, id)
    }

    /// All of them.
    #[must_use]
    pub const fn set(&self) -> &GuideSet {
        &self.set
    }

    fn compile(sources: &[Source]) -> Result<Self, LoadError> {
        let mut wrong = Vec::new();
        let (dictionaries, guides): (Vec<_>, Vec<_>) =
            sources.iter().partition(|source| source.is_dictionary());
        let dictionary = compile_dictionary(&dictionaries, &mut wrong);
        let mut compiled = Vec::new();
        for source in guides {
            let Some(spec) = source::parsed::<shape::GuideFile>(source, &mut wrong) else {
                continue;
            };
            let Some(dictionary) = &dictionary else { continue };
            match Guide::compile(&spec.lower(source), dictionary) {
                Ok(guide) => compiled.push(guide),
                Err(faults) => wrong.extend(faults.iter().map(|fault| source.place(fault))),
            }
        }
        if wrong.is_empty() {
            Ok(Self {
                set: GuideSet::new(compiled),
            })
        } else {
            Err(LoadError::Faulty(wrong))
        }
    }
}

/// Reads all dictionary files as one. Marks count on from file to file, so that each fault finds its file again.
fn compile_dictionary(sources: &[&Source], wrong: &mut Vec<GuideFileError>) -> Option<Dictionary> {
    let mut spec = x12_parser::DictionarySpec::default();
    let mut start = 0;
    let before = wrong.len();
    for source in sources {
        if let Some(file) = source::parsed::<shape::DictionaryFile>(source, wrong) {
            file.lower_into(source, start, &mut spec);
        }
        start += source.text.len() + 1;
    }
    match Dictionary::compile(&spec) {
        Ok(dictionary) => (wrong.len() == before).then_some(dictionary),
        Err(faults) => {
            // A file that cannot be read leaves gaps, which are no faults of the others.
            if wrong.len() == before {
                wrong.extend(faults.iter().filter_map(|fault| place_among(sources, fault)));
            }
            None
        }
    }
}

fn place_among(sources: &[&Source], fault: &x12_parser::GuideError) -> Option<GuideFileError> {
    let mut start = 0;
    for source in sources {
        let end = start + source.text.len();
        if fault.mark <= end {
            return Some(source.fault(fault.mark - start, fault.to_string()));
        }
        start = end + 1;
    }
    None
}

fn carried() -> Vec<Source> {
    EMBEDDED
        .iter()
        .map(|(name, text)| Source::new((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// The TOML files of a folder, by name.
fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, LoadError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |cause| LoadError::Unreadable { path, cause }
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|_| path.extension().is_some_and(|end| end == "toml")) {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            found.push((name.to_owned(), text));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
