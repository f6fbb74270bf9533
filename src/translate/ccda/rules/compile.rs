//! From the tables as they are written to the ones that run.

use std::collections::HashMap;

use super::Entry;
use super::EntryId;
use super::Row;
use super::RuleFault;
use super::Rules;
use super::SectionId;
use super::path::Path;
use super::path::Test;
use super::path::split_outside;
use super::path::template;
use crate::ccda::Name;
use crate::mapping::ccda::CodeTables;
use crate::mapping::ccda::Fixed;
use crate::mapping::ccda::Mapping;
use crate::mapping::ccda::Row as Written;
use crate::translate::ccda::make;

/// The most elements that one object may have rows for.
const ELEMENTS: usize = 64;

struct Compiler<'m> {
    mapping: &'m Mapping,
    groups: HashMap<&'m str, &'m [Written]>,
}

pub(super) fn compile(mapping: &Mapping) -> Result<Rules, RuleFault> {
    let groups = mapping.files.iter().flat_map(|(_, file)| &file.group);
    let compiler = Compiler {
        groups: groups.map(|group| (&*group.name, &*group.row)).collect(),
        mapping,
    };
    let mut rules = Rules {
        tables: CodeTables::default(),
        sections: Vec::new(),
        section_codes: HashMap::new(),
        section_templates: HashMap::new(),
        entries: Vec::new(),
        by_template: HashMap::new(),
        by_class: Vec::new(),
    };
    compiler.sections(&mut rules)?;
    compiler.entries(&mut rules)?;
    Ok(rules)
}

impl Compiler<'_> {
    fn sections(&self, rules: &mut Rules) -> Result<(), RuleFault> {
        for (file, written) in &self.mapping.files {
            for section in &written.section {
                let number = u16::try_from(rules.sections.len());
                let id = SectionId(number.map_err(|_| RuleFault::TooMany { place: file.clone() })?);
                rules.sections.push(section.name.clone());
                for code in &section.codes {
                    rules.section_codes.entry(code.clone()).or_insert(id);
                }
                for root in &section.templates {
                    rules.section_templates.entry(template(root)).or_insert(id);
                }
            }
        }
        Ok(())
    }

    fn entries(&self, rules: &mut Rules) -> Result<(), RuleFault> {
        for (file, written) in &self.mapping.files {
            for entry in &written.entry {
                let place = format!("{file}: {}", entry.name);
                let number = u16::try_from(rules.entries.len());
                let id = EntryId(number.map_err(|_| RuleFault::TooMany { place: file.clone() })?);
                let mut rows: Vec<&Written> = entry.row.iter().collect();
                for group in &entry.groups {
                    let shared = self.groups.get(&**group).ok_or_else(|| RuleFault::Group {
                        place: place.clone(),
                        group: group.clone(),
                    })?;
                    rows.extend(*shared);
                }
                rules.entries.push(Entry {
                    name: entry.name.clone(),
                    resource: entry.resource.clone(),
                    profile: entry.profile.clone(),
                    when: self.tests(&entry.when, &place)?,
                    rows: self.rows(&rows, &place)?,
                });
                for root in &entry.templates {
                    rules.by_template.entry(template(root)).or_default().push(id);
                }
                for class in &entry.classes {
                    let name = Name::written(class).ok_or_else(|| RuleFault::Path {
                        place: place.clone(),
                        path: class.clone(),
                    })?;
                    match rules.by_class.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, ids)) => ids.push(id),
                        None => rules.by_class.push((name, vec![id])),
                    }
                }
            }
        }
        Ok(())
    }

    fn tests(&self, written: &[String], place: &str) -> Result<Vec<Test>, RuleFault> {
        let mut tests = Vec::with_capacity(written.len());
        for text in written {
            let test = Test::parse(text).ok_or_else(|| RuleFault::Path {
                place: place.to_owned(),
                path: text.clone(),
            })?;
            if let Some(sections) = test.section() {
                for section in sections.split(',') {
                    self.known_section(section, place)?;
                }
            }
            tests.push(test);
        }
        Ok(tests)
    }

    fn known_section(&self, name: &str, place: &str) -> Result<(), RuleFault> {
        let mut sections = self.mapping.files.iter().flat_map(|(_, file)| &file.section);
        if sections.any(|section| section.name == name) {
            return Ok(());
        }
        Err(RuleFault::Table {
            place: place.to_owned(),
            name: name.to_owned(),
        })
    }

    fn rows(&self, written: &[&Written], place: &str) -> Result<Vec<Row>, RuleFault> {
        let mut elements: Vec<&str> = Vec::new();
        let mut rows = Vec::with_capacity(written.len());
        for row in written {
            let place = format!("{place}.{}", row.to);
            let (to, list, choice) = match (row.to.strip_suffix("[]"), row.to.strip_suffix("[x]")) {
                (Some(to), _) => (to, true, false),
                (_, Some(to)) => (to, false, true),
                _ => (&*row.to, false, false),
            };
            // `_onset` says why `onset` is absent, as `dataAbsentReason` does of `value`, so one of them is enough.
            let base = match to.trim_start_matches('_') {
                "dataAbsentReason" => "value",
                base => base,
            };
            let absent = to.starts_with('_');
            let same = |known: &str| known == base || absent && base.starts_with(known);
            let element = if let Some(element) = elements.iter().position(|known| same(known)) {
                element
            } else {
                elements.push(base);
                elements.len() - 1
            };
            let too_many = || RuleFault::TooMany { place: place.clone() };
            if element >= ELEMENTS {
                return Err(too_many());
            }
            let inner: Vec<&Written> = row.row.iter().collect();
            rows.push(Row {
                to: to.to_owned(),
                rule: place.clone(),
                element: u8::try_from(element).map_err(|_| too_many())?,
                list,
                choice,
                all: row.all,
                required: row.required,
                when: self.tests(&row.when, &place)?,
                from: Self::paths(row, &place)?,
                make: Self::function(row, &place)?,
                map: self.table(row, &place)?,
                system: row.system.clone(),
                fixed: row.fixed.as_ref().map(Fixed::json),
                rows: self.rows(&inner, &place)?,
            });
        }
        Ok(rows)
    }

    fn paths(row: &Written, place: &str) -> Result<Vec<Path>, RuleFault> {
        if row.from.is_empty() {
            return Ok(Vec::new());
        }
        split_outside(&row.from, '|')
            .into_iter()
            .map(|path| {
                Path::parse(path).ok_or_else(|| RuleFault::Path {
                    place: place.to_owned(),
                    path: path.to_owned(),
                })
            })
            .collect()
    }

    fn function(row: &Written, place: &str) -> Result<make::Make, RuleFault> {
        let name = match (&*row.make, row.row.is_empty()) {
            ("", false) => "object",
            ("", true) if row.fixed.is_some() => "fixed",
            (name, _) => name,
        };
        make::function(name).ok_or_else(|| RuleFault::Function {
            place: place.to_owned(),
            function: name.to_owned(),
        })
    }

    fn table(&self, row: &Written, place: &str) -> Result<Option<String>, RuleFault> {
        if let Some(name) = &row.map
            && !self.mapping.tables.values.contains_key(&**name)
        {
            return Err(RuleFault::Table {
                place: place.to_owned(),
                name: name.clone(),
            });
        }
        Ok(row.map.clone())
    }
}
