//! The mapping of C-CDA to FHIR: which entry becomes which resource, and which field feeds which element.
//!
//! The tables are embedded; a folder with files of the same names overrides them one by one.
//! Here they are only loaded and their form is checked; `translate::ccda` compiles them, because only there names of
//! elements and functions are known.

mod fixed;
mod tables;

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use serde::Deserialize;

pub use self::fixed::Fixed;
pub use self::tables::CodeTables;
pub use self::tables::Pairs;
use super::Digest;

/// Rows that make resources of entries, and sections that say what their entries are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryFile {
    /// The kinds of section, most specific first.
    pub section: Vec<SectionRow>,
    /// The kinds of entry; the first that fits an entry wins.
    pub entry: Vec<EntryRow>,
    /// Rows that several entries share, by name.
    pub group: Vec<GroupRow>,
}

/// One kind of section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionRow {
    /// Its name in `when` conditions.
    pub name: String,
    /// LOINC codes of the section.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Its templateIds; `2.6` is short for `2.16.840.1.113883.10.20.22.2.6`.
    #[serde(default)]
    pub templates: Vec<String>,
}

/// One kind of entry and the resource it becomes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRow {
    /// Its name in reports.
    pub name: String,
    /// The type of the resource; without one it is told by the entry around it or by those inside.
    pub resource: Option<String>,
    /// The US Core profile without its common beginning, such as `allergyintolerance`.
    pub profile: Option<String>,
    /// Its templateIds, shortened as in sections.
    #[serde(default)]
    pub templates: Vec<String>,
    /// The names of elements, for entries whose templates are not known.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Conditions that all have to hold.
    #[serde(default)]
    pub when: Vec<String>,
    /// The names of groups whose rows come after its own.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What feeds which element.
    #[serde(default)]
    pub row: Vec<Row>,
}

/// Rows under a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRow {
    /// The name.
    pub name: String,
    /// The rows.
    pub row: Vec<Row>,
}

/// One element of a resource and what feeds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The element; `[]` at its end makes it a list, `[x]` a choice of types.
    pub to: String,
    /// Paths in the entry, separated by ` | `; the first that yields something wins.
    #[serde(default)]
    pub from: String,
    /// The function that writes the element.
    #[serde(rename = "as", default)]
    pub make: String,
    /// The table of values that the function uses.
    pub map: Option<String>,
    /// The code system of what the table yields.
    pub system: Option<String>,
    /// A value that does not depend on the entry.
    pub fixed: Option<Fixed>,
    /// Conditions that all have to hold.
    #[serde(default)]
    pub when: Vec<String>,
    /// Whether the object is nothing without this element.
    #[serde(default)]
    pub required: bool,
    /// Whether all paths are followed instead of the first that yields something.
    #[serde(default)]
    pub all: bool,
    /// The rows of the object that each source becomes.
    #[serde(default)]
    pub row: Vec<Row>,
}

/// All tables of the mapping, as they were written.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The files with sections, entries and groups, in the order in which they are searched.
    pub files: Vec<(String, EntryFile)>,
    /// The code tables.
    pub tables: CodeTables,
    /// The digest of all of them as they were written.
    pub hash: Digest,
}

/// Why a mapping was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum MappingFault {
    /// A file of rules is not the TOML it should be.
    #[error("{file} is not a table of rules")]
    Rules {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        source: Box<toml::de::Error>,
    },
    /// A code table is not the CSV it should be.
    #[error("{file} is not a table of codes")]
    Codes {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        source: csv::Error,
    },
    /// A file of the folder cannot be read.
    #[error("{file} cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../mappings/ccda/", $name)))),*]
    };
}

/// The rules, in the order in which they are searched.
const RULES: &[(&str, &str)] = embedded!(
    "sections.toml",
    "shared.toml",
    "parts.toml",
    "allergies.toml",
    "problems.toml",
    "medications.toml",
    "immunizations.toml",
    "procedures.toml",
    "results.toml",
    "vitals.toml",
    "social-history.toml",
    "encounters.toml",
    "notes.toml",
    "plan.toml",
    "goals.toml",
    "care-teams.toml",
    "devices.toml",
    "status.toml",
    "family-history.toml",
    "payers.toml",
    "directives.toml",
    "other.toml",
);

impl Mapping {
    /// The tables that came with the program.
    ///
    /// # Errors
    /// Only if they are broken, which tests exclude.
    pub fn embedded() -> Result<Self, MappingFault> {
        Self::load(|_, embedded| Ok(embedded.to_owned()))
    }

    /// The tables of `folder`; a file that it does not have is the one that came with the program.
    ///
    /// The folder is laid out as `mappings/`: rules under `ccda/`, code tables under `codes/`.
    ///
    /// # Errors
    /// Names the file that cannot be read or is not the table it should be.
    pub fn from_folder(folder: &Path) -> Result<Self, MappingFault> {
        Self::load(|name, embedded| {
            let path = folder.join(name);
            if !path.exists() {
                return Ok(embedded.to_owned());
            }
            fs::read_to_string(path).map_err(|source| MappingFault::Unreadable {
                file: name.to_owned(),
                source,
            })
        })
    }

    fn load(read: impl Fn(&str, &str) -> Result<String, MappingFault>) -> Result<Self, MappingFault> {
        let texts = RefCell::new(Vec::new());
        let read = |name: &str, embedded: &str| {
            let text = read(name, embedded)?;
            texts.borrow_mut().push(text.clone());
            Ok(text)
        };
        let mut files = Vec::new();
        for (name, embedded) in RULES {
            let file = format!("ccda/{name}");
            let text = read(&file, embedded)?;
            let parsed = toml::from_str(&text).map_err(|source| MappingFault::Rules {
                file: file.clone(),
                source: Box::new(source),
            })?;
            files.push((file, parsed));
        }
        let tables = CodeTables::load(&read)?;
        let hash = Digest::of_texts(texts.borrow().iter().map(String::as_str));
        Ok(Self { files, tables, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_load() {
        let mapping = Mapping::embedded().unwrap();
        assert!(mapping.files.iter().any(|(_, file)| !file.entry.is_empty()));
        assert_eq!(
            mapping.tables.systems.find("2.16.840.1.113883.6.1"),
            Some("http://loinc.org")
        );
        assert_eq!(mapping.tables.value("gender", "F"), Some("female"));
    }
}
