//! Values of the source and of the context, and the conditions that rest on them.

use std::borrow::Cow;

use super::draft::Origin;
use super::engine::Engine;
use super::tree::Found;
use super::tree::Kind;
use super::tree::Tree;
use crate::mapping::Variable;
use crate::mapping::program::Condition;
use crate::mapping::program::Row;
use crate::mapping::program::Run;
use crate::mapping::program::Source;

/// A value on its way, with where it came from.
#[derive(Clone, Copy)]
pub(super) enum Given<'r> {
    /// From the source, found at this place.
    Found(&'r Source, Found<'r>),
    /// From what the gateway knows.
    Known(&'r str, Variable),
}

impl<'r, T: Tree> Engine<'r, T> {
    /// Whether a place holds a text that is as it should be.
    pub(super) fn holds_text(&self, place: u32, agrees: impl FnOnce(&[u8]) -> bool) -> bool {
        let program = self.program;
        let place = program.places.get(place as usize);
        place
            .and_then(|place| self.value(place))
            .is_some_and(|value| agrees(value.text()))
    }

    /// Whether all conditions of a row hold.
    #[inline]
    pub(super) fn holds(&self, when: Run) -> bool {
        let conditions = when.of(&self.program.conditions);
        conditions.is_empty()
            || conditions
                .split(|condition| matches!(condition, Condition::Or))
                .any(|together| together.iter().all(|condition| self.condition(condition)))
    }

    /// Whether all conditions of a row can hold, as far as what the gateway knows decides it.
    pub(super) fn can_hold(&self, when: Run) -> bool {
        let conditions = when.of(&self.program.conditions);
        conditions.is_empty()
            || conditions
                .split(|condition| matches!(condition, Condition::Or))
                .any(|together| {
                    together
                        .iter()
                        .all(|condition| !self.is_settled(condition) || self.condition(condition))
                })
    }

    /// Whether a condition asks only for what the gateway knows before it looks at the message.
    fn is_settled(&self, condition: &Condition) -> bool {
        let (Condition::Present { place, .. } | Condition::Equals { place, .. }) = condition else {
            return false;
        };
        match self.program.places.get(*place as usize) {
            Some(Source::Variable(variable)) => !variable.is_of_thing_at_hand(),
            Some(Source::X12(_) | Source::Fhir(_)) | None => false,
        }
    }

    fn condition(&self, condition: &Condition) -> bool {
        match *condition {
            // Alternatives were parted before.
            Condition::Or => true,
            Condition::Present { place, negated } => self.is_present(place) != negated,
            Condition::Equals {
                place,
                negated,
                any_of,
            } => {
                let agrees = self
                    .text_at(place)
                    .is_some_and(|text| self.accepts(any_of, &text));
                agrees != negated
            }
            Condition::Same { left, right, negated } => {
                (self.text_at(left) == self.text_at(right)) != negated
            }
        }
    }

    /// The text at a place, whatever kind of place it is.
    #[inline]
    fn text_at(&self, place: u32) -> Option<Cow<'_, [u8]>> {
        let place = self.program.places.get(place as usize)?;
        if let Source::Variable(variable) = place {
            return self.known(*variable).map(|text| match text {
                Cow::Borrowed(text) => text.as_bytes().into(),
                Cow::Owned(text) => text.into_bytes().into(),
            });
        }
        let found = self.tree.read(self.program, place, &self.stack)?;
        Some(found.text.into())
    }

    fn is_present(&self, place: u32) -> bool {
        let Some(place) = self.program.places.get(place as usize) else {
            return false;
        };
        if let Source::Variable(variable) = place {
            return self.known(*variable).is_some();
        }
        if !is_whole(place) {
            return self.tree.read(self.program, place, &self.stack).is_some();
        }
        self.tree.holds(self.program, place, &self.stack)
    }

    /// Notes the values that made a row's conditions hold.
    pub(super) fn consult_conditions(&mut self, row: &Row) {
        if !self.books.counts() || !self.tells(row.when) {
            return;
        }
        for condition in row.when.of(&self.program.conditions) {
            if let Condition::Equals {
                place,
                negated: false,
                ..
            } = condition
                && let Some(place) = self.program.places.get(*place as usize)
                && let Some(found) = self.tree.read(self.program, place, &self.stack)
            {
                self.books.consult(found.cell, row.rule);
            }
        }
    }

    #[inline]
    pub(super) fn accepts(&self, texts: Run, value: &[u8]) -> bool {
        let mut texts = texts.of(&self.program.accepted).iter();
        texts.any(|text| self.program.text(*text).as_bytes() == value)
    }

    /// The first of some places that holds something.
    pub(super) fn first(&self, places: Run) -> Option<Given<'r>> {
        let program = self.program;
        let mut places = places.of(&program.places).iter();
        places.find_map(|place| self.value(place))
    }

    #[inline]
    pub(super) fn value(&self, place: &'r Source) -> Option<Given<'r>> {
        match place {
            Source::Variable(variable) => {
                let context = self.context;
                context.value(*variable).map(|text| Given::Known(text, *variable))
            }
            Source::X12(_) | Source::Fhir(_) => {
                let tree = self.tree;
                tree.read(self.program, place, &self.stack)
                    .map(|found| Given::Found(place, found))
            }
        }
    }

    /// What is known of a variable, the place of the thing at hand included.
    pub(super) fn known(&self, variable: Variable) -> Option<Cow<'_, str>> {
        let at_hand = self.positions.last();
        match variable {
            Variable::POSITION => at_hand.map(|(position, _)| position.to_string().into()),
            Variable::OUTER_POSITION => {
                let outer = self.positions.iter().rev().nth(1);
                outer.map(|(position, _)| position.to_string().into())
            }
            Variable::FIRST => at_hand.filter(|(_, first)| *first).map(|_| "true".into()),
            _ => self.context.value(variable).map(Cow::Borrowed),
        }
    }
}

/// Whether a place means a whole and not one value.
fn is_whole(place: &Source) -> bool {
    match place {
        Source::X12(place) => place.element == 0,
        Source::Fhir(_) => true,
        Source::Variable(_) => false,
    }
}

impl Given<'_> {
    /// The text of the value; of an attachment there is none.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Self::Found(_, found) => found.text,
            Self::Known(text, _) => text.as_bytes(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Found(_, found) => found.kind,
            Self::Known(..) => Kind::Text,
        }
    }

    pub(super) fn origin(&self) -> Origin {
        match self {
            Self::Found(_, found) => Origin::Source(found.cell),
            Self::Known(_, variable) => Origin::Variable(*variable),
        }
    }
}
