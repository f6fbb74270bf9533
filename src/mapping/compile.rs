//! Checks the rows of a mapping and puts its program together.

use std::sync::Arc;

use super::CodeTable;
use super::Digest;
use super::compiler::Compiler;
use super::compiler::Here;
use super::compiler::ScopeState;
use super::compiler::Shape;
use super::compiler::append;
use super::compiler::count;
use super::elements::Elements;
use super::elements::LeafKind;
use super::fields;
use super::fields::Fields;
use super::fields::Located;
use super::function::Function;
use super::problem::Problem;
use super::problem::Problems;
use super::program::ExtensionNames;
use super::program::Operation;
use super::program::Program;
use super::program::Row;
use super::program::Rule;
use super::program::RuleId;
use super::program::Run;
use super::program::Scope;
use super::program::Side;
use super::program::Target;
use super::program::TargetStep;
use super::program::Words;
use super::row::RowText;
use super::slice::SliceFile;
use crate::x12::Frame;
use crate::x12::LoopName;

/// What every mapping is checked against.
pub(super) struct Surroundings<'a> {
    pub(super) elements: &'a Elements,
    pub(super) slices: &'a SliceFile,
    pub(super) tables: &'a [Arc<CodeTable>],
    /// The digest of the tables above; that of the mapping's own text joins it.
    pub(super) shared: Digest,
}

/// Checks one file; gives its program, or all that is wrong with it.
pub(super) fn compile(file: &str, text: &str, around: &Surroundings<'_>) -> Result<Program, Vec<Problem>> {
    let mut problems = Problems::new(file, text);
    let Some(table) = fields::parse(text, &mut problems) else {
        return Err(problems.into_sorted());
    };
    let mut fields = Fields::new(table.get_ref(), 0);
    let (id, from, to) = header(&mut fields, &mut problems);
    let rows = fields.tables("row", &mut problems);
    let rows: Vec<RowText> = rows
        .into_iter()
        .map(|row| RowText::read(row, &mut problems))
        .collect();
    fields.finish(&mut problems);
    let (Some(from), Some(to)) = (from, to) else {
        return Err(problems.into_sorted());
    };
    let digest = Digest::of_texts([text, &around.shared.to_string()]);
    let program = empty(&id.text, file, from, to, digest, around.tables);
    let mut compiler = Compiler::new(around.elements, around.slices, around.tables, problems, program);
    compiler.row_rules = rows.len();
    compiler.rules(file, &rows);
    compiler.all(&rows);
    let rules = std::mem::take(&mut compiler.slice_rules);
    compiler.program.rules.extend(rules);
    compiler.program.words = Words::of(&compiler.program.texts);
    let texts = compiler.program.texts.iter();
    compiler.program.quoted = texts
        .map(|text| serde_json::Value::from(&**text).to_string().into())
        .collect();
    let quoted = compiler.program.quoted.iter();
    compiler.program.members = quoted.map(|text| format!(",{text}:").into()).collect();
    if compiler.problems.is_empty() {
        Ok(compiler.program)
    } else {
        Err(compiler.problems.into_sorted())
    }
}

fn header(fields: &mut Fields<'_>, problems: &mut Problems<'_>) -> (Located, Option<Side>, Option<Side>) {
    let Some(mut header) = fields.table("mapping", problems) else {
        problems.at(0, "the table [mapping] is missing");
        return (Located::default(), None, None);
    };
    let id = header.required("id", problems);
    let mut side = |key| {
        let written = header.required(key, problems);
        let found = match written.text.split_once(':') {
            Some(("x12", frame)) => Frame::named(frame).map(Side::X12),
            Some(("fhir", kind)) => Some(Side::Fhir(kind.into())),
            _ => None,
        };
        if found.is_none() {
            problems.at(
                written.at,
                "a side is x12:275, x12:277, x12:278 or fhir: and a type",
            );
        }
        found
    };
    let (from, to) = (side("from"), side("to"));
    header.text("note", problems);
    header.finish(problems);
    (id, from, to)
}

fn empty(id: &str, file: &str, from: Side, to: Side, hash: Digest, tables: &[Arc<CodeTable>]) -> Program {
    Program {
        id: id.into(),
        file: file.into(),
        from,
        to,
        hash,
        operations: Vec::new(),
        rules: Vec::new(),
        texts: Vec::new(),
        quoted: Vec::new(),
        members: Vec::new(),
        words: Words::default(),
        places: Vec::new(),
        loops: Vec::new(),
        tests: Vec::new(),
        steps: Vec::new(),
        targets: Vec::new(),
        ways: Vec::new(),
        leaves: Vec::new(),
        templates: Vec::new(),
        moulds: Vec::new(),
        constants: Vec::new(),
        conditions: Vec::new(),
        accepted: Vec::new(),
        needed: Vec::new(),
        fixed: Vec::new(),
        slices: Vec::new(),
        tables: tables.to_vec(),
        extension: None,
    }
}

impl Compiler<'_> {
    /// Names all rules first, so that their numbers are those of the rows.
    fn rules(&mut self, file: &str, rows: &[RowText]) {
        for (number, row) in rows.iter().enumerate() {
            let name = &row.rule.text;
            let plain = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
            if !plain {
                self.complain(
                    row.rule.at,
                    "a rule is named in small letters, digits, dots and hyphens",
                );
            }
            if rows.iter().take(number).any(|other| other.rule.text == *name) {
                self.complain(row.rule.at, format!("there is a rule {name} already"));
            }
            let function = row.function.as_ref().map_or("copy", |name| name.text.as_str());
            let function = super::function::FUNCTIONS
                .iter()
                .find(|known| **known == function);
            let (line, _) = self.problems.position(row.at);
            self.program.rules.push(Rule {
                name: name.as_str().into(),
                function: match (row.scope.is_some(), row.value.is_some() && row.function.is_none()) {
                    (true, _) => "scope",
                    (_, true) => "constant",
                    _ => function.unwrap_or(&"copy"),
                },
                file: file.into(),
                line,
                source: row.source.as_str().into(),
                note: row.note.as_str().into(),
                repaired: row.repaired.as_deref().map(Into::into),
                refusal: row.refuse.as_ref().map(|why| why.text.as_str().into()),
            });
        }
    }

    /// All operations, scope by scope.
    fn all(&mut self, rows: &[RowText]) {
        let source = match self.source_frame() {
            Some(_) => Here::X12(LoopName::ROOT, None),
            None => Here::Outside,
        };
        self.scopes.push(ScopeState {
            name: String::new(),
            outer: None,
            source,
            target: Here::Outside,
        });
        for row in rows {
            for inside in &row.inside {
                let opens =
                    |other: &RowText| other.scope.as_ref().is_some_and(|name| name.text == inside.text);
                if !rows.iter().any(opens) {
                    self.complain(inside.at, format!("no row opens a scope {}", inside.text));
                }
            }
        }
        self.inside(rows, 0);
    }

    /// The operations of one scope.
    fn inside(&mut self, rows: &[RowText], scope: usize) {
        let name = self
            .scopes
            .get(scope)
            .map(|state| state.name.clone())
            .unwrap_or_default();
        for (number, row) in rows.iter().enumerate() {
            let belongs = match row.inside.as_slice() {
                [] => name.is_empty(),
                inside => inside.iter().any(|inside| inside.text == name),
            };
            if !belongs {
                continue;
            }
            let rule = RuleId(u16::try_from(number).unwrap_or(u16::MAX));
            if row.scope.is_some() {
                self.scope(rows, row, rule, scope);
            } else {
                self.row(row, rule, scope);
            }
        }
    }

    fn scope(&mut self, rows: &[RowText], row: &RowText, rule: RuleId, outer: usize) {
        let Some(name) = self.scope_name(row) else { return };
        let when = self.conditions(&row.when, outer);
        let outer_state = self.scopes.get(outer).cloned();
        let Some(outer_state) = outer_state else { return };
        let (mut source, mut target) = (outer_state.source.clone(), outer_state.target.clone());
        let mut each = None;
        if let Some(written) = &row.each {
            let Some((place, shape)) = self.place(written, outer) else {
                return;
            };
            each = Some(place);
            source = match shape {
                Shape::X12(at, segment) => Here::X12(at, segment),
                Shape::Thing(kind) => Here::Fhir(kind),
                Shape::Leaf(_) => self
                    .element_holder(place, &source)
                    .unwrap_or(Here::Fhir(String::new())),
            };
        }
        let mut to = None;
        if let Some(written) = &row.to {
            let Some((steps, made)) = self.made(written, &target) else {
                return;
            };
            to = self.scope_target(outer, &steps);
            target = made;
        }
        self.scopes.push(ScopeState {
            name,
            outer: Some(outer),
            source,
            target,
        });
        let inner = self.scopes.len() - 1;
        let mut per = Vec::new();
        for written in &row.per {
            per.extend(self.leaf(written, inner).map(|(place, _)| place));
        }
        let per = self.places_of(&per);
        let filter = self.conditions(&row.filter, inner);
        let needs = self.needs(rows, row);
        let at = self.program.operations.len();
        let mut scope = Scope {
            rule,
            when,
            each,
            filter,
            to,
            per,
            needs,
            fresh: row.each.is_some() || row.to.as_ref().is_some_and(|to| to.text.ends_with("[+]")),
            length: 0,
        };
        self.program.operations.push(Operation::Scope(scope));
        self.inside(rows, inner);
        scope.length = count(self.program.operations.len() - at - 1);
        if let Some(operation) = self.program.operations.get_mut(at) {
            *operation = Operation::Scope(scope);
        }
    }

    /// The name of the scope that a row opens, if it may.
    fn scope_name(&mut self, row: &RowText) -> Option<String> {
        let name = row.scope.as_ref()?;
        if let [_, second, ..] = row.inside.as_slice() {
            // A scope that stood in several others would be several scopes of one name.
            self.complain(second.at, "a row that opens a scope belongs to one scope");
            return None;
        }
        if self.scopes.iter().any(|state| state.name == name.text) {
            self.complain(name.at, format!("there is a scope {} already", name.text));
            return None;
        }
        Some(name.text.clone())
    }

    /// The rules of the scopes that a scope needs.
    fn needs(&mut self, rows: &[RowText], row: &RowText) -> Run {
        let mut found = Vec::new();
        for needed in &row.needs {
            let opens = |other: &RowText| other.scope.as_ref().is_some_and(|name| name.text == needed.text);
            match rows.iter().position(opens).and_then(|at| u16::try_from(at).ok()) {
                Some(number) => found.push(RuleId(number)),
                None => self.complain(needed.at, format!("no row opens a scope {}", needed.text)),
            }
        }
        append(&mut self.program.needed, found)
    }

    /// What a scope makes: a whole message, an item of a list, a loop or a segment.
    fn made(&mut self, written: &Located, target: &Here) -> Option<(Vec<TargetStep>, Here)> {
        let side = self.program.to.clone();
        match (&side, target) {
            (Side::Fhir(kind), Here::Outside) if **kind == *written.text => {
                let id = self.intern(&written.text);
                Some((vec![TargetStep::Document(id)], Here::Fhir(written.text.clone())))
            }
            (Side::X12(frame), Here::Outside) if frame.name == written.text => {
                let id = self.intern(&written.text);
                Some((vec![TargetStep::Document(id)], Here::X12(LoopName::ROOT, None)))
            }
            (Side::Fhir(_), Here::Fhir(kind)) => {
                let (steps, shape) = self.fhir_target(written, kind)?;
                match shape {
                    Shape::Thing(kind) => Some((steps, Here::Fhir(kind))),
                    Shape::Leaf(LeafKind::Resource | _) | Shape::X12(..) => {
                        self.complain(written.at, "a scope makes something that has members");
                        None
                    }
                }
            }
            (Side::X12(_), here) => {
                let (steps, shape) = self.x12_target(written, here)?;
                match shape {
                    Shape::X12(at, segment) => Some((steps, Here::X12(at, segment))),
                    Shape::Leaf(_) | Shape::Thing(_) => {
                        self.complain(written.at, "a scope makes a loop or a segment");
                        None
                    }
                }
            }
            (Side::Fhir(kind), _) => {
                let message = format!("the first scope with a target makes a {kind}");
                self.complain(written.at, message);
                None
            }
        }
    }

    /// The places that a row takes its value from, and what may stand there.
    fn taken(&mut self, row: &RowText, scope: usize) -> (Vec<u32>, Vec<(usize, LeafKind)>) {
        let mut places = Vec::new();
        let mut kinds = Vec::new();
        for written in &row.from {
            let Some((place, shape)) = self.place(written, scope) else {
                continue;
            };
            places.push(place);
            match shape {
                Shape::Leaf(kind) => kinds.push((written.at, kind)),
                Shape::X12(..) | Shape::Thing(_) if row.loss.is_some() || accounts(row) => {}
                Shape::X12(..) | Shape::Thing(_) => {
                    self.complain(written.at, "a row takes one value, not a whole");
                }
            }
        }
        (places, kinds)
    }

    fn row(&mut self, row: &RowText, rule: RuleId, scope: usize) {
        for (written, key) in [
            (&row.each, "each"),
            (&row.filter.first().cloned(), "where"),
            (&row.per.first().cloned(), "per"),
            (&row.needs.first().cloned(), "needs"),
        ] {
            if let Some(written) = written {
                self.complain(written.at, format!("{key} belongs to a row that opens a scope"));
            }
        }
        let when = self.conditions(&row.when, scope);
        if row.refuse.is_some() {
            self.refusal(row, rule, when);
            return;
        }
        let (places, kinds) = self.taken(row, scope);
        let Some(function) = self.function(row, scope) else {
            return;
        };
        if matches!(function, Function::Carry | Function::Restore) {
            self.program.extension = Some(ExtensionNames {
                url: self.intern("url"),
                extension: self.intern("extension"),
                value: self.intern("valueString"),
            });
        }
        for (at, kind) in kinds {
            if !function.takes(kind) {
                let message = format!("{} does not take {}", function.name(), kind.as_str());
                self.complain(at, message);
            }
        }
        let Some(to) = self.target(row, function, scope) else {
            return;
        };
        let from = self.places_of(&places);
        let default = row.default.as_ref().and_then(|default| self.fallback(default));
        self.program.operations.push(Operation::Row(Row {
            rule,
            when,
            from,
            function,
            to,
            default,
            required: row.required,
            stands_in: row.stands_in,
            yields: row.yields,
        }));
    }

    /// A row that refuses the translation if its conditions hold.
    fn refusal(&mut self, row: &RowText, rule: RuleId, when: Run) {
        if row.when.is_empty() || row.to.is_some() || !row.from.is_empty() {
            self.complain(row.at, "a row that refuses has conditions and nothing else");
        }
        self.program.operations.push(Operation::Row(Row {
            rule,
            when,
            from: Run::default(),
            function: Function::Structure,
            to: Target::Refused,
            default: None,
            required: false,
            stands_in: false,
            yields: false,
        }));
    }

    /// What becomes of the value of a row.
    fn target(&mut self, row: &RowText, function: Function, scope: usize) -> Option<Target> {
        match (&row.to, &row.loss) {
            (Some(to), None) => self.written(row, function, to, scope),
            (None, Some(loss)) => self.why(loss).map(Target::Lost),
            (None, None)
                if matches!(
                    function,
                    Function::Implied(_) | Function::Structure | Function::Restore
                ) =>
            {
                Some(Target::Nothing)
            }
            (None, None) => {
                self.complain(row.at, "the row goes nowhere: to, or loss, is missing");
                None
            }
            (Some(to), Some(_)) => {
                self.complain(to.at, "a row has a target or is a loss, not both");
                None
            }
        }
    }
}

/// Whether a row only says that something is accounted for, or moves wholes.
fn accounts(row: &RowText) -> bool {
    let name = row.function.as_ref().map_or("", |name| name.text.as_str());
    matches!(name, "structure" | "carry" | "restore")
}
