//! Lists of codes that rules look things up in.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::OnceLock;

use thiserror::Error;

/// The lists of codes by their names, such as `loinc-attachments`.
#[derive(Clone, Debug, Default)]
pub struct CodeLists {
    lists: BTreeMap<Box<str>, CodeList>,
}

/// A list of codes of one or more code systems.
#[derive(Clone, Debug, Default)]
pub struct CodeList {
    systems: BTreeMap<Box<str>, HashSet<Box<str>>>,
}

/// Why a text is not a list of codes.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("line {line} is not a code system and a code with a comma between")]
pub struct CodeListError {
    /// The line, counted from 1.
    pub line: usize,
}

impl CodeLists {
    /// The lists that come with the program, from `mappings/codes/`.
    pub fn embedded() -> &'static Self {
        static LISTS: OnceLock<CodeLists> = OnceLock::new();
        LISTS.get_or_init(|| {
            let mut lists = Self::default();
            for (name, text) in EMBEDDED {
                // A test reads each of them.
                lists.put(name, CodeList::parse(text).unwrap_or_default());
            }
            lists
        })
    }

    /// Takes a list in, in place of any of the same name.
    pub fn put(&mut self, name: &str, list: CodeList) {
        self.lists.insert(name.into(), list);
    }

    /// The list called `name`.
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.lists.get(name)
    }
}

impl CodeList {
    /// Reads a list: the heading `system,code`, then one code a line.
    ///
    /// # Errors
    /// Names the first line that is anything else.
    pub fn parse(text: &str) -> Result<Self, CodeListError> {
        let mut list = Self::default();
        for (index, line) in text.lines().enumerate() {
            let wrong = CodeListError { line: index + 1 };
            let (system, code) = line.split_once(',').ok_or(wrong)?;
            match index {
                0 if line == HEADING => {}
                0 => return Err(wrong),
                _ if system.is_empty() || code.is_empty() || code.contains([',', '"']) => return Err(wrong),
                _ => list.add(system, code),
            }
        }
        Ok(list)
    }

    /// Adds a code.
    pub fn add(&mut self, system: &str, code: &str) {
        self.systems.entry(system.into()).or_default().insert(code.into());
    }

    /// Whether `code` of `system` is in the list.
    pub fn has(&self, system: &str, code: &str) -> bool {
        self.systems.get(system).is_some_and(|codes| codes.contains(code))
    }

    /// Whether `code` of any system is in the list, for elements that name no system.
    pub fn has_name(&self, code: &str) -> bool {
        self.systems.values().any(|codes| codes.contains(code))
    }

    /// Whether the list has codes of `system`.
    pub fn knows(&self, system: &str) -> bool {
        self.systems.contains_key(system)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.systems.values().map(HashSet::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.systems.is_empty()
    }
}

const HEADING: &str = "system,code";

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../mappings/codes/", $name, ".csv")))),*]
    };
}

const EMBEDDED: [(&str, &str); 8] = embedded![
    "hrex-task-status",
    "cdex-claim-use",
    "cdex-data-request-task-code",
    "cdex-identifier-types",
    "cdex-purpose-of-use",
    "cdex-work-queue",
    "loinc-attachments",
    "pas-task-codes",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Loinc;

    #[test]
    fn every_list_that_comes_with_the_program_is_sound() {
        for (name, text) in EMBEDDED {
            let list = CodeList::parse(text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert_eq!(list.len() + 1, text.lines().count(), "{name} has no code twice");
        }
        let loinc = CodeLists::embedded().list("loinc-attachments").unwrap();
        assert_eq!(loinc.len(), 113);
        assert!(
            loinc
                .systems
                .values()
                .flatten()
                .all(|code| Loinc::parse(code).is_ok())
        );
    }

    #[test]
    fn a_code_is_found_with_its_system_only() {
        let list = CodeLists::embedded().list("cdex-purpose-of-use").unwrap();
        let cdex = "http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp";
        assert!(list.has(cdex, "treatment-noe"));
        assert!(!list.has(cdex, "treatment-noa"));
        assert!(!list.has(cdex, "TREAT"));
        assert!(list.has_name("TREAT"));
    }

    #[track_caller]
    fn refuse(text: &str, line: usize) {
        assert_eq!(CodeList::parse(text).unwrap_err(), CodeListError { line });
    }

    #[test]
    fn what_is_not_a_list_is_refused_with_its_line() {
        refuse("code,system\n", 1);
        refuse("system,code\nurn:a,1\nurn:b\n", 3);
        refuse("system,code\n,1\n", 2);
        refuse("system,code\nurn:a,1,2\n", 2);
    }
}
