//! All tables together: built into the program, and overridden by a folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::CodeTable;
use super::Digest;
use super::Problem;
use super::Program;
use super::Trial;
use super::compile;
use super::compile::Surroundings;
use super::elements::Elements;
use super::slice::SliceFile;

/// Mappings and code tables, checked.
#[derive(Debug)]
pub struct Library {
    programs: Vec<Program>,
    tables: Vec<Arc<CodeTable>>,
    trials: Vec<Trial>,
}

const ELEMENTS: &str = "cdex/elements.csv";
const SLICES: &str = "cdex/slices.toml";

/// The texts of files, by their names.
type Files = BTreeMap<String, Cow<'static, str>>;

/// Files under `mappings`, by their names.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../mappings/", $name)))),*]
    };
}

/// The files that are part of the program.
const BUILT_IN: &[(&str, &str)] = embedded![
    "cdex/275-from-submit.test.toml",
    "cdex/275-from-submit.toml",
    "cdex/277-from-task.test.toml",
    "cdex/277-from-task.toml",
    "cdex/elements.csv",
    "cdex/slices.toml",
    "cdex/submit-from-275.test.toml",
    "cdex/submit-from-275.toml",
    "cdex/task-from-277.test.toml",
    "cdex/task-from-277.toml",
    "cdex/task-from-278.test.toml",
    "cdex/task-from-278.toml",
    "cdex/task-pas-from-278.test.toml",
    "cdex/task-pas-from-278.toml",
    "codes/contact-qualifiers.csv",
    "codes/id-qualifiers.csv",
    "codes/loinc-names.csv",
    "codes/media-types.csv",
    "codes/replies.csv",
];

impl Library {
    /// The tables that are part of the program.
    ///
    /// # Errors
    /// Never in a program that passed its own tests, which load them.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Self::of_files(&Self::gathered(None)?)
    }

    /// The tables that are part of the program, with those of a folder in their place or beside them.
    ///
    /// # Errors
    /// Tells everything that is wrong in any of the files, and files that cannot be read.
    pub fn with_folder(folder: &Path) -> Result<Self, Vec<Problem>> {
        Self::of_files(&Self::gathered(Some(folder))?)
    }

    /// The same without the tests that stand beside them, for whoever only translates.
    ///
    /// # Errors
    /// As [`Self::with_folder`].
    pub fn without_tests(folder: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut files = Self::gathered(folder)?;
        files.retain(|name, _| !name.ends_with(".test.toml"));
        Self::of_files(&files)
    }

    /// All files by their names.
    fn gathered(folder: Option<&Path>) -> Result<Files, Vec<Problem>> {
        let files = BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text)));
        let mut files: Files = files.collect();
        let mut problems = Vec::new();
        let Some(folder) = folder else {
            return Ok(files);
        };
        for kind in ["cdex", "codes"] {
            read_folder(folder, kind, &mut files, &mut problems);
        }
        if problems.is_empty() {
            Ok(files)
        } else {
            Err(problems)
        }
    }

    fn of_files(files: &Files) -> Result<Self, Vec<Problem>> {
        let text = |name: &str| files.get(name).map_or("", AsRef::as_ref);
        let (elements, mut problems) = Elements::read(ELEMENTS, text(ELEMENTS));
        let (slices, wrong) = SliceFile::read(SLICES, text(SLICES));
        problems.extend(wrong);
        let mut tables = Vec::new();
        let mut shared = vec![text(ELEMENTS), text(SLICES)];
        for (file, text) in files {
            let Some(name) = file.strip_prefix("codes/") else {
                continue;
            };
            let read = match name.rsplit_once('.') {
                Some((name, "csv")) => CodeTable::from_csv(name, file, text),
                Some((name, "json")) => CodeTable::from_concept_map(name, file, text),
                _ => continue,
            };
            tables.push(Arc::new(read.0));
            problems.extend(read.1);
            shared.push(text);
        }
        let around = Surroundings {
            elements: &elements,
            slices: &slices,
            tables: &tables,
            shared: Digest::of_texts(shared),
        };
        let mut programs: Vec<Program> = Vec::new();
        let mut trials = Vec::new();
        for (file, text) in files {
            let Some(name) = file
                .strip_prefix("cdex/")
                .and_then(|name| name.strip_suffix(".toml"))
            else {
                continue;
            };
            if file == SLICES {
                continue;
            }
            if name.strip_suffix(".test").is_some() {
                let (found, wrong) = Trial::read(file, text);
                trials.extend(found);
                problems.extend(wrong);
                continue;
            }
            match compile::compile(file, text, &around) {
                Ok(program) => programs.push(program),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() {
            Ok(Self {
                programs,
                tables,
                trials,
            })
        } else {
            Err(problems)
        }
    }

    /// The mapping of a name.
    pub fn program(&self, id: &str) -> Option<&Program> {
        self.programs.iter().find(|program| &*program.id == id)
    }

    /// All mappings, in the order of their files.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// The code table of a name.
    pub fn table(&self, name: &str) -> Option<&CodeTable> {
        self.tables
            .iter()
            .find(|table| table.name() == name)
            .map(AsRef::as_ref)
    }

    /// All code tables, in the order of their names.
    pub fn tables(&self) -> &[Arc<CodeTable>] {
        &self.tables
    }

    /// The tests of all mappings.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }
}

fn read_folder(folder: &Path, kind: &str, files: &mut Files, problems: &mut Vec<Problem>) {
    let mut unreadable = |name: String| {
        problems.push(Problem {
            file: name.into(),
            line: 1,
            column: 1,
            message: "the file cannot be read".to_owned(),
        });
    };
    let Ok(entries) = fs::read_dir(folder.join(kind)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = format!("{kind}/{}", entry.file_name().to_string_lossy());
        let wanted = [".toml", ".csv", ".json"].iter().any(|end| name.ends_with(end));
        if wanted {
            match fs::read_to_string(entry.path()) {
                Ok(text) => {
                    files.insert(name, Cow::Owned(text));
                }
                Err(_) => unreadable(name),
            }
        }
    }
}

#[cfg(test)]
mod tests;
