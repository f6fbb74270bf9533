//! Checks places in FHIR against the table of elements and the slices.

use super::compiler::Compiler;
use super::compiler::Here;
use super::compiler::Shape;
use super::compiler::append_once;
use super::elements::LeafKind;
use super::fields::Located;
use super::path;
use super::path::StepText;
use super::program::APPEND;
use super::program::FhirPlace;
use super::program::FhirStep;
use super::program::Side;
use super::program::SliceId;
use super::program::Start;
use super::program::TargetStep;

impl Compiler<'_> {
    /// Checks a place of a FHIR source, looked at from the scope of this number.
    pub(super) fn fhir_place(&mut self, written: &Located, scope: usize) -> Option<(FhirPlace, Shape)> {
        let (named, written) = match written.text.split_once('/') {
            Some((named, rest)) => {
                let at = written.at + named.len() + 1;
                let text = rest.to_owned();
                (Some(named), Located { text, at })
            }
            None => (None, written.clone()),
        };
        let text = self.read_fhir(&written)?;
        let first = text.first()?.name.clone();
        let documents = matches!(&self.program.from, Side::Fhir(kind) if **kind == first);
        let (from, mut kind, rest) = if documents {
            let id = self.intern(&first);
            (Start::Documents(id), first, text.get(1..).unwrap_or_default())
        } else {
            let (up, kind) = self.scope_with(scope, &first, named).or_else(|| {
                let message = format!("nothing around this row has a member {first}");
                self.complain(written.at, message);
                None
            })?;
            (Start::Scope(up), kind, text.as_slice())
        };
        let mut steps = Vec::new();
        for step in rest {
            let member = self.member(&kind, step)?;
            let name = self.intern(&step.name);
            steps.push(FhirStep::Member(name));
            steps.extend(member.slice.map(FhirStep::Slice));
            if step.index == Some(APPEND) {
                self.complain(step.at, "only a target can have a new item");
            }
            steps.extend(step.index.map(FhirStep::Index));
            kind = member.kind;
        }
        let shape = LeafKind::of(&kind).map_or(Shape::Thing(kind), Shape::Leaf);
        let steps = append_once(&mut self.program.steps, steps);
        Some((FhirPlace { from, steps }, shape))
    }

    /// How far out a scope stands that has a member of this name, and the type that has it; the nearest one, unless the
    /// path names its scope.
    fn scope_with(&self, scope: usize, member: &str, named: Option<&str>) -> Option<(u8, String)> {
        let mut next = Some(scope);
        let mut up = 0;
        while let Some(state) = next.and_then(|at| self.scopes.get(at)) {
            if let Here::Fhir(kind) = &state.source
                && named.is_none_or(|named| named == state.name)
                && self.elements.member(kind, member).is_some()
            {
                return Some((up, kind.clone()));
            }
            next = state.outer;
            up += 1;
        }
        None
    }

    /// Checks a place of a FHIR target, written from something of type `kind`.
    pub(super) fn fhir_target(&mut self, written: &Located, kind: &str) -> Option<(Vec<TargetStep>, Shape)> {
        let text = self.read_fhir(written)?;
        let mut kind = kind.to_owned();
        let mut steps = Vec::new();
        for step in &text {
            let member = self.member(&kind, step)?;
            let name = self.intern(&step.name);
            if member.many {
                steps.push(TargetStep::List(name));
                steps.push(match member.slice {
                    Some(slice) => TargetStep::Slice(slice, step.index.unwrap_or(0)),
                    None => TargetStep::Item(step.index.unwrap_or(0)),
                });
            } else {
                steps.push(TargetStep::Member(name));
                steps.extend(member.slice.map(TargetStep::Shape));
            }
            kind = member.kind;
        }
        let shape = LeafKind::of(&kind).map_or(Shape::Thing(kind), Shape::Leaf);
        Some((steps, shape))
    }

    fn read_fhir(&mut self, written: &Located) -> Option<Vec<StepText>> {
        match path::fhir(written) {
            Ok(text) => Some(text.steps),
            Err((at, message)) => {
                self.complain(at, message);
                None
            }
        }
    }

    fn member(&mut self, holder: &str, step: &StepText) -> Option<Member> {
        let Some(element) = self.elements.member(holder, &step.name).cloned() else {
            let message = if self.elements.is_type(holder) {
                let known: Vec<&str> = self.elements.members_of(holder).collect();
                let name = &step.name;
                format!(
                    "{holder} has no member {name} in elements.csv; it has {}",
                    known.join(", ")
                )
            } else {
                format!("nothing is inside of {holder}")
            };
            self.complain(step.at, message);
            return None;
        };
        if step.index.is_some() && !element.many {
            self.complain(step.at, format!("{} is no list", step.name));
            return None;
        }
        let mut member = Member {
            kind: element.kind,
            many: element.many,
            slice: None,
        };
        if let Some(slice) = &step.slice {
            let list = format!("{holder}.{}", step.name);
            let (id, kind) = self.slice(&list, slice, &member.kind, step.at)?;
            member.slice = Some(id);
            member.kind = kind;
        }
        Some(member)
    }
}

/// A member of a type, with its slice if one is named.
struct Member {
    kind: String,
    many: bool,
    slice: Option<SliceId>,
}
