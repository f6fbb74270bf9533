//! Checks what rows say of places: where values are, what must hold, where they go.

use super::compiler::Compiler;
use super::compiler::Here;
use super::compiler::Shape;
use super::compiler::append_once;
use super::compiler::count;
use super::condition;
use super::condition::ConditionText;
use super::elements::LeafKind;
use super::fields::Located;
use super::program::Condition;
use super::program::Fallback;
use super::program::Run;
use super::program::Side;
use super::program::Source;
use super::program::TargetStep;
use super::program::Why;
use super::variable::Variable;

impl Compiler<'_> {
    /// What a row writes if it finds nothing.
    pub(super) fn fallback(&mut self, written: &Located) -> Option<Fallback> {
        if written.text.starts_with('$') {
            return Some(Fallback::Variable(self.variable(written)?));
        }
        let text = self.resolved(written);
        Some(Fallback::Text(self.intern(&text)))
    }

    pub(super) fn variable(&mut self, written: &Located) -> Option<Variable> {
        let name = written.text.strip_prefix('$').unwrap_or_default();
        let found = Variable::named(name);
        if found.is_none() {
            let known: Vec<&str> = Variable::all().map(|(name, _)| name).collect();
            let message = format!("there is no ${name}; there are {}", known.join(", "));
            self.complain(written.at, message);
        }
        found
    }

    pub(super) fn places_of(&mut self, places: &[u32]) -> Run {
        // The places of one row are not side by side where others had them before.
        let copies: Vec<Source> = places
            .iter()
            .filter_map(|place| self.program.places.get(*place as usize).copied())
            .collect();
        append_once(&mut self.program.places, copies)
    }

    /// Checks a place of the source; gives its number and what is there.
    pub(super) fn place(&mut self, written: &Located, scope: usize) -> Option<(u32, Shape)> {
        let (place, shape) = if written.text.starts_with('$') {
            let variable = self.variable(written)?;
            (Source::Variable(variable), Shape::Leaf(LeafKind::Text))
        } else if self.source_frame().is_some() {
            let here = self.scopes.get(scope)?.source.clone();
            let (place, shape) = self.x12_place(written, &here)?;
            (Source::X12(place), shape)
        } else {
            let (place, shape) = self.fhir_place(written, scope)?;
            (Source::Fhir(place), shape)
        };
        let places = &mut self.program.places;
        let number = places.iter().position(|known| *known == place);
        let number = number.unwrap_or_else(|| {
            places.push(place);
            places.len() - 1
        });
        Some((count(number), shape))
    }

    /// As [`Self::place`], for places that must hold one value.
    pub(super) fn leaf(&mut self, written: &Located, scope: usize) -> Option<(u32, LeafKind)> {
        let (place, shape) = self.place(written, scope)?;
        match shape {
            Shape::Leaf(kind) => Some((place, kind)),
            Shape::X12(..) | Shape::Thing(_) => {
                self.complain(written.at, "this is not one value but a whole");
                None
            }
        }
    }

    pub(super) fn conditions(&mut self, when: &[Located], scope: usize) -> Run {
        let mut found = Vec::new();
        for (number, alternative) in when.iter().enumerate() {
            if number > 0 {
                found.push(Condition::Or);
            }
            let together = condition::read(alternative).into_iter();
            let mut together: Vec<Condition> =
                together.filter_map(|text| self.condition(text, scope)).collect();
            // What the gateway knows is cheaper to ask for than what the message says.
            together.sort_by_key(|condition| !self.is_known_beside(condition));
            found.append(&mut together);
        }
        append_once(&mut self.program.conditions, found)
    }

    /// Whether a condition is about what the gateway knows and not about the message.
    fn is_known_beside(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Present { place, .. } | Condition::Equals { place, .. } => {
                let place = self.program.places.get(*place as usize);
                matches!(place, Some(Source::Variable(_)))
            }
            Condition::Or | Condition::Same { .. } => false,
        }
    }

    pub(super) fn condition(&mut self, text: ConditionText, scope: usize) -> Option<Condition> {
        Some(match text {
            ConditionText::Present { place, negated } => Condition::Present {
                place: self.place(&place, scope)?.0,
                negated,
            },
            ConditionText::Equals {
                place,
                negated,
                any_of,
            } => Condition::Equals {
                place: self.leaf(&place, scope)?.0,
                negated,
                any_of: self.accepted(place.at, &any_of),
            },
            ConditionText::Same { left, right, negated } => Condition::Same {
                left: self.leaf(&left, scope)?.0,
                right: self.leaf(&right, scope)?.0,
                negated,
            },
        })
    }

    /// The word for why something is lost.
    pub(super) fn why(&mut self, written: &Located) -> Option<Why> {
        let found = [Why::NoTarget, Why::Version]
            .into_iter()
            .find(|why| why.as_str() == written.text);
        if found.is_none() {
            self.complain(written.at, "loss is no-target or version");
        }
        found
    }

    /// The target of a row and what may stand there.
    pub(super) fn leaf_target(
        &mut self,
        written: &Located,
        scope: usize,
    ) -> Option<(Vec<TargetStep>, Shape)> {
        let target = self.scopes.get(scope)?.target.clone();
        let (steps, shape) = match (&self.program.to, &target) {
            (Side::X12(_), here) => self.x12_target(written, &here.clone())?,
            (Side::Fhir(_), Here::Fhir(kind)) => self.fhir_target(written, &kind.clone())?,
            (Side::Fhir(_), Here::Outside | Here::X12(..)) => {
                self.complain(written.at, "no scope around this row makes a resource");
                return None;
            }
        };
        Some((steps, shape))
    }
}
