//! Turns a guide as written into tables, or says what is wrong with it.

mod rows;
mod rules;
mod tree;

use crate::guide::dictionary::Dictionary;
use crate::guide::grammar;
use crate::guide::grammar::CodeText;
use crate::guide::grammar::Grade;
use crate::guide::grammar::UseText;
use crate::guide::spec::GuideSpec;
use crate::guide::spec::LoopSpec;
use crate::guide::spec::SegmentSpec;
use crate::guide::table::List;
use crate::guide::table::NONE;
use crate::guide::table::Run;
use crate::guide::table::Tables;
use crate::guide::table::Test;
use crate::guide::table::id_word;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;
use std::collections::BTreeMap;

/// The work on one guide.
pub(crate) struct Compiler<'c> {
    pub(crate) spec: &'c GuideSpec,
    pub(crate) dictionary: &'c Dictionary,
    pub(crate) version: u32,
    pub(crate) grade: Grade,
    pub(crate) complete: Grade,
    pub(crate) tables: Tables,
    pub(crate) wrong: Vec<GuideError>,
    /// Codes that have a list already.
    lists: BTreeMap<Vec<(String, bool)>, u16>,
    /// The lists that the guide gives a name.
    named: BTreeMap<String, Vec<CodeText>>,
    /// Index of the first use of each loop as written; the transaction itself comes first.
    pub(crate) first_use: Vec<usize>,
}

/// A compiled guide: its tables, and how the second segment picks it.
pub(crate) struct Compiled {
    pub(crate) tables: Tables,
    pub(crate) pick: Option<(u32, Run)>,
}

/// Compiles a guide.
pub(crate) fn compile(spec: &GuideSpec, dictionary: &Dictionary) -> Result<Compiled, Vec<GuideError>> {
    let mut compiler = Compiler {
        spec,
        dictionary,
        version: 0,
        grade: Grade::A,
        complete: Grade::A,
        tables: Tables::default(),
        wrong: Vec::new(),
        lists: BTreeMap::new(),
        named: BTreeMap::new(),
        first_use: Vec::new(),
    };
    compiler.head();
    compiler.rows();
    let facts = compiler.facts();
    compiler.check_room();
    compiler.grow(&facts);
    compiler.vocabulary();
    let pick = spec.pick.as_ref().and_then(|pick| compiler.pick(pick));
    if compiler.wrong.is_empty() {
        Ok(Compiled {
            tables: compiler.tables,
            pick,
        })
    } else {
        Err(compiler.wrong)
    }
}

impl<'c> Compiler<'c> {
    /// Keeps a fault and goes on with the default.
    pub(crate) fn or_note<T>(
        &mut self,
        found: Result<T, GuideError>,
        context: impl FnOnce() -> String,
    ) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(error) => {
                self.wrong.push(error.within(context));
                None
            }
        }
    }

    /// A grade as written, or the one that holds without it.
    pub(crate) fn graded(&mut self, written: Option<&Written>, otherwise: Grade) -> Grade {
        written
            .and_then(|written| self.or_note(grammar::grade(written), String::new))
            .unwrap_or(otherwise)
    }

    fn head(&mut self) {
        let spec = self.spec;
        let version = grammar::version(&spec.version);
        self.version = self.or_note(version, || "version".to_owned()).unwrap_or_default();
        self.grade = self.graded(spec.grade.as_ref(), Grade::A);
        self.complete = self.graded(spec.complete.as_ref(), self.grade);
        for list in &spec.codes {
            let context = || format!("codes {}", list.name.text);
            let Some(codes) = self.or_note(grammar::codes(&list.codes), context) else {
                continue;
            };
            if self.named.insert(list.name.text.clone(), codes).is_some() {
                let fault = GuideFault::Twice(list.name.text.clone());
                self.wrong.push(list.name.fault(0, fault));
            }
        }
        self.check_envelope();
    }

    /// Tables refer to each other by small numbers.
    fn check_room(&mut self) {
        let spec = self.spec;
        let most = usize::from(NONE);
        for (count, what) in [
            (self.tables.uses.len(), "segments"),
            (self.tables.lists.len(), "lists of codes"),
        ] {
            if count >= most {
                self.wrong.push(spec.id.fault(0, GuideFault::TooMany(what)));
            }
        }
    }

    /// A transaction begins with `ST` and ends with `SE`; what stands outside one does neither.
    fn check_envelope(&mut self) {
        let spec = self.spec;
        let is = |row: Option<&SegmentSpec>, id: &str| {
            row.is_some_and(|row| row.used.text == id || row.used.text.starts_with(&format!("{id}*")))
        };
        let first = spec.segments.iter().min_by_key(|row| row.at);
        let last = spec.segments.iter().max_by_key(|row| row.at);
        let behind = spec
            .loops
            .iter()
            .filter(|row| row.within.is_none())
            .any(|row| last.is_some_and(|last| row.at >= last.at));
        if spec.segments.is_empty()
            || (spec.set.text != "TA1" && (!is(first, "ST") || !is(last, "SE") || behind))
        {
            self.wrong.push(spec.set.fault(0, GuideFault::Envelope));
        }
    }

    /// The loops as written, the transaction itself being the first: its rows and its loop, if it is one.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = (Option<&'c LoopSpec>, &'c [SegmentSpec])> + use<'c> {
        let spec = self.spec;
        let loops = spec.loops.iter().map(|row| (Some(row), row.segments.as_slice()));
        std::iter::once((None, spec.segments.as_slice())).chain(loops)
    }

    /// The codes of a named list.
    pub(crate) fn named(&self, name: &str) -> Option<Vec<CodeText>> {
        self.named.get(name).cloned()
    }

    /// The number of a list with these codes; a code without a grade has that of the row.
    pub(crate) fn list(&mut self, codes: &[CodeText], row: Grade) -> u16 {
        // In a list that is of weak evidence as a whole, no code is weaker than the others.
        let weak = |code: &CodeText| row != Grade::C && code.grade == Some(Grade::C);
        let key: Vec<(String, bool)> = codes.iter().map(|code| (code.code.clone(), weak(code))).collect();
        if let Some(known) = self.lists.get(&key) {
            return *known;
        }
        let number = u16::try_from(self.tables.lists.len()).unwrap_or(NONE);
        let list = List::new(key.iter().map(|(code, weak)| (code.as_str(), *weak)));
        self.tables.lists.push(list);
        self.lists.insert(key, number);
        number
    }

    /// Adds the tests of a use.
    pub(crate) fn tests(&mut self, used: &UseText) -> Run {
        let tests: Vec<Test> = used
            .tests
            .iter()
            .map(|test| Test {
                number: test.number,
                list: self.list(&test.codes, Grade::A),
            })
            .collect();
        Run::append(&mut self.tables.tests, tests)
    }

    fn pick(&mut self, pick: &Written) -> Option<(u32, Run)> {
        let used = self.or_note(grammar::used(pick), || "pick".to_owned())?;
        Some((id_word(used.id.as_bytes()), self.tests(&used)))
    }

    /// The segment ids that the guide and the dictionary know.
    fn vocabulary(&mut self) {
        let mut own: Vec<u32> = self.tables.uses.iter().map(|used| used.id).collect();
        let mut known: Vec<u32> = self.dictionary.ids().map(|id| id_word(id.as_bytes())).collect();
        for ids in [&mut own, &mut known] {
            ids.sort_unstable();
            ids.dedup();
        }
        self.tables.own = own;
        self.tables.known = known;
    }
}
