//! Rows of segments: each use with the rules of its elements.

use super::Compiler;
use crate::SegmentId;
use crate::guide::dictionary::Parts;
use crate::guide::element::Ask;
use crate::guide::element::ElementRule;
use crate::guide::element::Kind;
use crate::guide::fields::bit;
use crate::guide::grammar;
use crate::guide::grammar::ElementText;
use crate::guide::grammar::FormText;
use crate::guide::grammar::Grade;
use crate::guide::grammar::Number;
use crate::guide::grammar::PartText;
use crate::guide::grammar::Usage;
use crate::guide::grammar::UseText;
use crate::guide::note::SyntaxNote;
use crate::guide::spec::LoopSpec;
use crate::guide::spec::SegmentSpec;
use crate::guide::table::NONE;
use crate::guide::table::Run;
use crate::guide::table::Test;
use crate::guide::table::Use;
use crate::guide::table::id_word;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rules that a row has for elements and components, with the texts they were read from.
type Asked<'w> = BTreeMap<Number, (ElementText, &'w Written)>;

/// Where faults of a row are told to be.
pub(super) fn context(body: Option<&LoopSpec>, row: &SegmentSpec) -> String {
    match body {
        Some(body) => format!("loop {}, {}", body.id.text, row.used.text),
        None => row.used.text.clone(),
    }
}

impl<'c> Compiler<'c> {
    /// Compiles all rows; a row that cannot be compiled still takes its number, so that later faults are told too.
    pub(super) fn rows(&mut self) {
        for (body, rows) in self.bodies() {
            self.first_use.push(self.tables.uses.len());
            let file = self.grade;
            let grade = self.graded(body.and_then(|body| body.grade.as_ref()), file);
            for row in rows {
                let grade = self.graded(row.grade.as_ref(), grade);
                let compiled = self.row(row, grade);
                let used = self
                    .or_note(compiled, || context(body, row))
                    .unwrap_or_else(nothing);
                self.tables.uses.push(used);
            }
        }
    }

    fn row(&mut self, row: &'c SegmentSpec, grade: Grade) -> Result<Use, GuideError> {
        let used = grammar::used(&row.used)?;
        let unknown = || row.used.fault(0, GuideFault::NotInDictionary(used.id.clone()));
        let entry = self.dictionary.segment(&used.id).ok_or_else(unknown)?;
        let parts = entry.state(self.version).ok_or_else(unknown)?;
        let mut asked = self.asked(row, parts)?;
        self.add_tests(&used, &row.used, parts, &mut asked)?;
        let rest = match &row.rest {
            Some(rest) => Some((grammar::element_rule(rest)?, rest)),
            None => None,
        };
        let (elements, required, unused) = self.elements(parts, &asked, rest.as_ref(), grade)?;
        let mut notes: Vec<SyntaxNote> = parts
            .notes
            .iter()
            .map(|note| SyntaxNote::new(note.kind, &note.elements))
            .collect();
        if let Some(written) = &row.notes {
            for note in grammar::notes(written)? {
                if note
                    .elements
                    .iter()
                    .any(|number| usize::from(*number) > parts.parts.len())
                {
                    let has = parts.parts.len();
                    return Err(written.fault(note.column, GuideFault::NoSuchElement { has }));
                }
                notes.push(SyntaxNote::new(note.kind, &note.elements));
            }
        }
        let name: Arc<str> = row.name.as_deref().map_or_else(|| entry.name.clone(), Into::into);
        Ok(Use {
            id: id_word(used.id.as_bytes()),
            segment: SegmentId::of(used.id.as_bytes()),
            expected: format!("{} ({name})", row.used.text).into(),
            name,
            tests: self.tests(&used),
            elements,
            required,
            unused,
            notes: Run::append(&mut self.tables.notes, notes),
            conditions: Run::default(),
            rules: Run::default(),
        })
    }

    /// Reads the rules of a row and checks that there are such elements.
    fn asked(&self, row: &'c SegmentSpec, parts: &Parts) -> Result<Asked<'c>, GuideError> {
        let mut asked = Asked::new();
        for (key, rule) in &row.elements {
            let number = grammar::element_number(key)?;
            self.exists(key, number, parts)?;
            let rule_text = grammar::element_rule(rule)?;
            if asked.insert(number, (rule_text, rule)).is_some() {
                return Err(key.fault(0, GuideFault::Twice(key.text.clone())));
            }
        }
        Ok(asked)
    }

    fn exists(&self, written: &Written, number: Number, parts: &Parts) -> Result<(), GuideError> {
        let Some(part) = parts.parts.get(usize::from(number.element) - 1) else {
            let has = parts.parts.len();
            return Err(written.fault(0, GuideFault::NoSuchElement { has }));
        };
        if number.component == 0 {
            return Ok(());
        }
        let components = self
            .dictionary
            .composite(&part.refers)
            .and_then(|composite| composite.state(self.version))
            .ok_or_else(|| written.fault(0, GuideFault::NotComposite))?;
        let has = components.parts.len();
        if usize::from(number.component) > has {
            return Err(written.fault(0, GuideFault::NoSuchElement { has }));
        }
        Ok(())
    }

    /// The codes in a use count as codes of its elements, unless the row has codes for them.
    fn add_tests(
        &self,
        used: &UseText,
        written: &'c Written,
        parts: &Parts,
        asked: &mut Asked<'c>,
    ) -> Result<(), GuideError> {
        for test in &used.tests {
            self.exists(written, test.number, parts)?;
            let composite = parts
                .parts
                .get(usize::from(test.number.element) - 1)
                .is_some_and(|part| self.dictionary.composite(&part.refers).is_some());
            // A use without colons may name the first component of a composite.
            let number = match test.number.component {
                0 if composite => Number {
                    component: 1,
                    ..test.number
                },
                _ => test.number,
            };
            let (rule, _) = asked.entry(number).or_insert_with(|| {
                let required = ElementText {
                    usage: Usage::Required,
                    ..ElementText::default()
                };
                (required, written)
            });
            if rule.codes.is_empty() && rule.list.is_none() {
                rule.codes.clone_from(&test.codes);
                rule.told =
                    number.component == 0 && test.codes.iter().all(|code| code.grade != Some(Grade::C));
            }
        }
        Ok(())
    }

    /// Compiles the elements of a segment.
    fn elements(
        &mut self,
        parts: &Parts,
        asked: &Asked<'_>,
        rest: Option<&(ElementText, &Written)>,
        grade: Grade,
    ) -> Result<(Run, u64, u64), GuideError> {
        let mut compiled = Vec::new();
        for (index, part) in parts.parts.iter().enumerate() {
            let number = Number {
                element: u8::try_from(index + 1).unwrap_or(u8::MAX),
                component: 0,
            };
            let text = asked.get(&number).or(rest);
            compiled.push(self.element(part, number, text, asked, grade)?);
        }
        Ok(self.close(compiled))
    }

    /// Appends rules with their names, and works out which are required and which not used.
    fn close(&mut self, compiled: Vec<(ElementRule, Arc<str>)>) -> (Run, u64, u64) {
        let with = |usage: Usage| {
            compiled
                .iter()
                .enumerate()
                .filter(|(_, (rule, _))| rule.usage == usage)
                .fold(0, |mask, (index, _)| mask | bit(index + 1))
        };
        let (required, unused) = (with(Usage::Required), with(Usage::NotUsed));
        let (rules, names): (Vec<_>, Vec<_>) = compiled.into_iter().unzip();
        self.tables.names.extend(names);
        let quick = rules.iter().map(|rule| {
            let mut quick = rule.quick();
            if let Ask::Code(list) = quick.asks {
                let only = self.tables.list(list).only();
                if only != 0 {
                    quick.asks = Ask::Only(only);
                }
            }
            quick
        });
        let quick: Vec<_> = quick.collect();
        self.tables.quick.extend(quick);
        (Run::append(&mut self.tables.elements, rules), required, unused)
    }

    fn element(
        &mut self,
        part: &PartText,
        number: Number,
        text: Option<&(ElementText, &Written)>,
        asked: &Asked<'_>,
        grade: Grade,
    ) -> Result<(ElementRule, Arc<str>), GuideError> {
        let mut rule = ElementRule {
            max_repeat: part.repeat,
            ..ElementRule::default()
        };
        let dictionary = self.dictionary;
        let name = if let Some(composite) = dictionary.composite(&part.refers) {
            rule.kind = Kind::Composite;
            let state = composite.state(self.version).cloned().unwrap_or_default();
            self.components(&mut rule, &state, number, asked, grade)?;
            Arc::clone(&composite.name)
        } else {
            self.simple(&mut rule, part)
        };
        if part.mandatory {
            rule.usage = Usage::Required;
        }
        let mut name = name;
        if let Some((text, written)) = text {
            self.apply(&mut rule, text, written, part.mandatory, grade)?;
            if let Some(own) = &text.name {
                name = own.as_str().into();
            }
        }
        Ok((rule, name))
    }

    fn components(
        &mut self,
        rule: &mut ElementRule,
        parts: &Parts,
        number: Number,
        asked: &Asked<'_>,
        grade: Grade,
    ) -> Result<(), GuideError> {
        let mut compiled = Vec::new();
        for (index, part) in parts.parts.iter().enumerate() {
            let number = Number {
                component: u8::try_from(index + 1).unwrap_or(u8::MAX),
                ..number
            };
            compiled.push(self.element(part, number, asked.get(&number), &Asked::new(), grade)?);
        }
        let (run, required, unused) = self.close(compiled);
        rule.components = run;
        rule.required = required;
        rule.unused = unused;
        let notes = parts
            .notes
            .iter()
            .map(|note| SyntaxNote::new(note.kind, &note.elements));
        rule.notes = Run::append(&mut self.tables.notes, notes);
        Ok(())
    }

    /// What the dictionary says of a simple element; returns its name.
    fn simple(&mut self, rule: &mut ElementRule, part: &PartText) -> Arc<str> {
        let entry = part.refers.parse().ok().and_then(|number: u16| {
            rule.dictionary = number;
            self.dictionary.element(number)
        });
        let Some(entry) = entry else {
            return Arc::default();
        };
        if let Some(state) = entry.state(self.version) {
            rule.kind = state.kind;
            rule.min = state.min;
            rule.max = state.max.unwrap_or(u32::MAX);
        }
        if !entry.codes.is_empty() {
            let codes: Vec<_> = entry
                .codes
                .iter()
                .map(|code| grammar::CodeText {
                    code: code.clone(),
                    grade: None,
                })
                .collect();
            rule.standard = self.list(&codes, Grade::A);
        }
        Arc::clone(&entry.name)
    }

    /// Lays the guide's rule over the dictionary's.
    fn apply(
        &mut self,
        rule: &mut ElementRule,
        text: &ElementText,
        written: &Written,
        mandatory: bool,
        grade: Grade,
    ) -> Result<(), GuideError> {
        if mandatory && text.usage == Usage::NotUsed {
            return Err(written.fault(0, GuideFault::RequiredByStandard));
        }
        // What the standard requires is required, whatever the evidence for the guide is.
        if !mandatory {
            rule.usage = text.usage;
            rule.weak.usage = text.usage_grade.unwrap_or(grade) == Grade::C;
        }
        if let Some(length) = text.length {
            let min = if length.min == 0 { rule.min } else { length.min };
            let max = length.max.unwrap_or(rule.max);
            let wider = min < rule.min || max > rule.max || min > max;
            if length.grade == Some(Grade::C) {
                // Lengths of weak evidence: whatever either side permits is noted at most.
                rule.tolerated = (min.min(rule.min), max.max(rule.max));
                (rule.min, rule.max) = (min.max(rule.min), max.min(rule.max));
            } else if wider {
                return Err(written.fault(length.column, GuideFault::Range));
            } else {
                (rule.min, rule.max) = (min, max);
            }
        }
        if let Some((min, max)) = text.repeat {
            (rule.min_repeat, rule.max_repeat) = (min, max);
        }
        let codes = match &text.list {
            Some((name, column)) => self
                .named(name)
                .ok_or_else(|| written.fault(*column, GuideFault::NoSuchList(name.clone())))?,
            None => text.codes.clone(),
        };
        if !codes.is_empty() {
            let own = text.codes_grade.unwrap_or(grade);
            rule.told = text.told;
            rule.codes = self.list(&codes, own);
            rule.weak.codes = own == Grade::C;
        }
        if let Some(form) = &text.form {
            self.form(rule, form, grade);
        }
        Ok(())
    }

    fn form(&mut self, rule: &mut ElementRule, text: &FormText, grade: Grade) {
        rule.form = text.form;
        rule.weak.form = text.grade.unwrap_or(grade) == Grade::C;
        rule.form_if = text.condition.as_ref().map(|(number, codes)| Test {
            number: *number,
            list: self.list(codes, Grade::C),
        });
    }
}

/// Takes the place of a row that could not be compiled.
fn nothing() -> Use {
    Use {
        id: u32::from(NONE),
        segment: SegmentId::of(b""),
        name: Arc::default(),
        expected: Arc::default(),
        tests: Run::default(),
        elements: Run::default(),
        required: 0,
        unused: 0,
        notes: Run::default(),
        conditions: Run::default(),
        rules: Run::default(),
    }
}
