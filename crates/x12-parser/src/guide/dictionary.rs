//! What all guides share: elements, composites and segments, with what changed from version to version.

use crate::guide::grammar;
use crate::guide::grammar::NoteText;
use crate::guide::grammar::PartText;
use crate::guide::grammar::TypeText;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A dictionary as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DictionarySpec {
    /// The elements, by their numbers.
    pub elements: Vec<ElementSpec>,
    /// The composites, by their ids.
    pub composites: Vec<PartsSpec>,
    /// The segments, by their ids.
    pub segments: Vec<PartsSpec>,
}

/// An element of the dictionary as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ElementSpec {
    /// Its number, for instance `98`.
    pub number: Written,
    /// What it is.
    pub name: String,
    /// Type and lengths, for instance `AN 1..30`.
    pub data_type: Written,
    /// All codes that the standard has for it, with blanks between them.
    pub codes: Option<Written>,
    /// Versions from which on it has another type.
    pub since: Vec<(Written, Written)>,
}

/// A segment or composite of the dictionary as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PartsSpec {
    /// Its id, for instance `NM1` or `C043`.
    pub id: Written,
    /// What it is.
    pub name: String,
    /// Its elements, for instance `98! 1065! C040x3`.
    pub elements: Written,
    /// Its syntax notes, for instance `P0809 C1110`.
    pub notes: Option<Written>,
    /// Versions from which on it has other elements.
    pub since: Vec<PartsSince>,
}

/// A later state of a segment or composite as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PartsSince {
    /// The first version that has it, for instance `00602`.
    pub version: Written,
    /// Its elements from then on.
    pub elements: Written,
    /// Its syntax notes from then on.
    pub notes: Option<Written>,
}

impl DictionarySpec {
    /// Adds an element: number, name, type and lengths.
    #[must_use]
    pub fn element(mut self, number: &str, name: &str, data_type: &str) -> Self {
        self.elements.push(ElementSpec {
            number: number.into(),
            name: name.to_owned(),
            data_type: data_type.into(),
            ..ElementSpec::default()
        });
        self
    }

    /// Adds an element with all its codes.
    #[must_use]
    pub fn coded(mut self, number: &str, name: &str, data_type: &str, codes: &str) -> Self {
        self = self.element(number, name, data_type);
        if let Some(last) = self.elements.last_mut() {
            last.codes = Some(codes.into());
        }
        self
    }

    /// Adds a composite: id, name and components.
    #[must_use]
    pub fn composite(mut self, id: &str, name: &str, elements: &str) -> Self {
        self.composites.push(PartsSpec {
            id: id.into(),
            name: name.to_owned(),
            elements: elements.into(),
            ..PartsSpec::default()
        });
        self
    }

    /// Adds a segment: id, name, elements and syntax notes.
    #[must_use]
    pub fn segment(mut self, id: &str, name: &str, elements: &str, notes: &str) -> Self {
        self.segments.push(PartsSpec {
            id: id.into(),
            name: name.to_owned(),
            elements: elements.into(),
            notes: Some(notes.into()),
            ..PartsSpec::default()
        });
        self
    }
}

/// Elements, composites and segments, checked, for guides to be compiled with.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    elements: BTreeMap<u16, ElementEntry>,
    composites: BTreeMap<String, PartsEntry>,
    segments: BTreeMap<String, PartsEntry>,
}

#[derive(Clone, Debug)]
pub(crate) struct ElementEntry {
    pub(crate) name: Arc<str>,
    pub(crate) codes: Vec<String>,
    states: Vec<(u32, TypeText)>,
}

#[derive(Clone, Debug)]
pub(crate) struct PartsEntry {
    pub(crate) name: Arc<str>,
    states: Vec<(u32, Parts)>,
}

/// The parts of a segment or composite in one version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) parts: Vec<PartText>,
    pub(crate) notes: Vec<NoteText>,
}

/// The newest state that is not newer than `version`.
fn state<T>(states: &[(u32, T)], version: u32) -> Option<&T> {
    states
        .iter()
        .filter(|(since, _)| *since <= version)
        .max_by_key(|(since, _)| *since)
        .map(|(_, state)| state)
}

impl ElementEntry {
    pub(crate) fn state(&self, version: u32) -> Option<TypeText> {
        state(&self.states, version).copied()
    }
}

impl PartsEntry {
    pub(crate) fn state(&self, version: u32) -> Option<&Parts> {
        state(&self.states, version)
    }
}

impl Dictionary {
    /// Checks a dictionary as written.
    ///
    /// # Errors
    /// Tells everything that is wrong with it, each fault with the mark of the text it is in.
    pub fn compile(spec: &DictionarySpec) -> Result<Self, Vec<GuideError>> {
        let mut dictionary = Self::default();
        let mut wrong = Vec::new();
        for element in &spec.elements {
            let added = dictionary.add_element(element);
            wrong.extend(
                added
                    .err()
                    .map(|error| error.within(|| format!("element {}", element.number.text))),
            );
        }
        for composite in &spec.composites {
            let added = add_parts(&mut dictionary.composites, composite);
            wrong.extend(
                added
                    .err()
                    .map(|error| error.within(|| format!("composite {}", composite.id.text))),
            );
        }
        for segment in &spec.segments {
            let added = add_segment(&mut dictionary.segments, segment);
            wrong.extend(
                added
                    .err()
                    .map(|error| error.within(|| format!("segment {}", segment.id.text))),
            );
        }
        // An entry that cannot be read is missing for others, which is no fault of theirs.
        if wrong.is_empty() {
            for parts in spec.composites.iter().chain(&spec.segments) {
                wrong.extend(dictionary.dangling(parts));
            }
        }
        if wrong.is_empty() {
            Ok(dictionary)
        } else {
            Err(wrong)
        }
    }

    fn add_element(&mut self, spec: &ElementSpec) -> Result<(), GuideError> {
        let number = spec
            .number
            .text
            .parse()
            .map_err(|_| spec.number.fault(0, GuideFault::Number))?;
        let mut states = vec![(0, grammar::data_type(&spec.data_type)?)];
        for (version, data_type) in &spec.since {
            states.push((grammar::version(version)?, grammar::data_type(data_type)?));
        }
        let codes = match &spec.codes {
            None => Vec::new(),
            Some(codes) => grammar::codes(codes)?.into_iter().map(|code| code.code).collect(),
        };
        let entry = ElementEntry {
            name: spec.name.as_str().into(),
            codes,
            states,
        };
        match self.elements.insert(number, entry) {
            None => Ok(()),
            Some(_) => Err(spec.number.fault(0, GuideFault::Twice(spec.number.text.clone()))),
        }
    }

    /// References of a segment or composite that lead nowhere.
    fn dangling(&self, spec: &PartsSpec) -> Vec<GuideError> {
        let later = spec.since.iter().map(|since| &since.elements);
        let mut wrong = Vec::new();
        for written in std::iter::once(&spec.elements).chain(later) {
            for part in grammar::parts(written).unwrap_or_default() {
                let known = match part.refers.parse::<u16>() {
                    Ok(number) => self.elements.contains_key(&number),
                    Err(_) => self.composites.contains_key(&part.refers),
                };
                if !known {
                    let fault = GuideFault::NotInDictionary(part.refers);
                    wrong.push(written.fault(part.column, fault).within(|| spec.id.text.clone()));
                }
            }
        }
        wrong
    }

    pub(crate) fn element(&self, number: u16) -> Option<&ElementEntry> {
        self.elements.get(&number)
    }

    pub(crate) fn composite(&self, id: &str) -> Option<&PartsEntry> {
        self.composites.get(id)
    }

    pub(crate) fn segment(&self, id: &str) -> Option<&PartsEntry> {
        self.segments.get(id)
    }

    /// The ids of all segments.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.segments.keys().map(String::as_str)
    }
}

fn add_segment(entries: &mut BTreeMap<String, PartsEntry>, spec: &PartsSpec) -> Result<(), GuideError> {
    if !crate::SegmentId::of(spec.id.text.as_bytes()).is_well_formed() {
        return Err(spec.id.fault(0, GuideFault::Use));
    }
    add_parts(entries, spec)
}

fn add_parts(entries: &mut BTreeMap<String, PartsEntry>, spec: &PartsSpec) -> Result<(), GuideError> {
    let mut states = vec![(0, read_parts(&spec.elements, spec.notes.as_ref())?)];
    for since in &spec.since {
        let parts = read_parts(&since.elements, since.notes.as_ref())?;
        states.push((grammar::version(&since.version)?, parts));
    }
    let entry = PartsEntry {
        name: spec.name.as_str().into(),
        states,
    };
    match entries.insert(spec.id.text.clone(), entry) {
        None => Ok(()),
        Some(_) => Err(spec.id.fault(0, GuideFault::Twice(spec.id.text.clone()))),
    }
}

/// Most elements of a segment: more than any segment of the standard has.
pub(crate) const MOST_ELEMENTS: usize = 40;

fn read_parts(elements: &Written, notes: Option<&Written>) -> Result<Parts, GuideError> {
    let parts = grammar::parts(elements)?;
    if parts.len() > MOST_ELEMENTS {
        return Err(elements.fault(0, GuideFault::TooMany("elements")));
    }
    let mut found = Vec::new();
    if let Some(written) = notes {
        found = grammar::notes(written)?;
        for note in &found {
            if note
                .elements
                .iter()
                .any(|number| usize::from(*number) > parts.len())
            {
                return Err(written.fault(note.column, GuideFault::NoSuchElement { has: parts.len() }));
            }
        }
    }
    Ok(Parts { parts, notes: found })
}
